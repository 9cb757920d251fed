"""How far the encoding manifolds of the stages are from one another (arXiv 2512.07869, Gromov-Wasserstein).

python docs/reproduction/distances.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from drawing import grid, matrix
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, HOLDS, UNKNOWN, Statement, table

from napari_twinscope.manifolds import gromov_wasserstein, path_distances, spectral_distance

if TYPE_CHECKING:
    from napari_twinscope.manifolds import EncodingManifold

MOST = 300
"""Units of a stage that are compared; of more, so many are drawn."""

TITLES = {
    "graph": "along the kernel",
    "embedding": "in the coordinates",
    "spectrum": "spectra, no transport",
}


def describe(subject: Subject) -> Findings:
    """Measure the distances between all pairs of stages."""
    stages = list(subject.stages)
    sides = {stage: _sides(subject.manifold(stage)) for stage in stages}
    found = {name: np.zeros((len(stages), len(stages))) for name in TITLES}
    for i, j in combinations(range(len(stages)), 2):
        one, other = sides[stages[i]], sides[stages[j]]
        for name in ("graph", "embedding"):
            found[name][i, j] = found[name][j, i] = gromov_wasserstein(one[name], other[name]).distance
        kernels = [subject.manifold(stages[place]) for place in (i, j)]
        found["spectrum"][i, j] = found["spectrum"][j, i] = spectral_distance(
            *(one.kernel.tocsr()[one.on_map][:, one.on_map] for one in kernels)
        )
    names = [STAGES[stage] for stage in stages]
    figure, axes = grid(len(found), columns=3, size=3.3)
    for axis, (name, values) in zip(axes, found.items(), strict=True):
        matrix(axis, values, names, TITLES[name], alike_high=False)
    rows = []
    for place, stage in enumerate(stages):
        others = [k for k in range(len(stages)) if k != place]
        nearest = {name: others[int(np.argmin(values[place, others]))] for name, values in found.items()}
        rows.append(
            (STAGES[stage], *(f"{names[k]} ({found[name][place, k]:.3f})" for name, k in nearest.items()))
        )
    turned = sides[stages[0]]["embedding"]
    order = np.random.default_rng(0).permutation(len(turned))
    copy = gromov_wasserstein(turned, turned[np.ix_(order, order)]).distance
    told = [
        Statement(
            "A copy of a manifold with its units in another order is at no distance",
            CODE,
            HOLDS if copy < 1e-3 else "does not hold",
            f"{STAGES[stages[0]]} {copy:.1g}",
        ),
        Statement(
            "Distances between the manifolds of stages, retina and V1",
            "figure, *no value known*",
            UNKNOWN,
            "the values, and the features of the fused transport, are not known to us",
        ),
    ]
    note = "The nearest other stage, and its distance (distances of each manifold over their largest):"
    return Findings(
        {"Distances between encoding manifolds (dark is alike): two of transport, one of spectra": figure},
        told,
        {note: table(("stage", *TITLES.values()), rows)},
    )


def _sides(one: EncodingManifold) -> dict[str, np.ndarray]:
    """Return the distances between units in both senses, over their largest."""
    from scipy.spatial.distance import pdist, squareform

    there = np.flatnonzero(one.on_map)
    if len(there) > MOST:
        there = np.sort(np.random.default_rng(0).choice(there, MOST, replace=False))
    graph = path_distances(one.kernel.tocsr()[one.on_map][:, one.on_map])
    inside = np.searchsorted(np.flatnonzero(one.on_map), there)
    shown = one.rotated.values[there]
    made = {
        "graph": graph[np.ix_(inside, inside)],
        "embedding": squareform(pdist(shown[:, np.isfinite(shown).all(0)])),
    }
    return {name: values / values.max() for name, values in made.items()}


PAGE = Page("distances", "Distances between encoding manifolds", describe)

if __name__ == "__main__":
    PAGE.main()
