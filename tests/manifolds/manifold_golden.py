"""The golden neighbourhood graphs: those of invented points here, those of real units beside the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from napari_twinscope.manifolds import Neighborhoods, adaptive_neighborhoods

INVENTED = Path(__file__).parents[1] / "golden" / "manifold"
REAL = Path(__file__).parents[3] / "shared" / "design" / "manifold-golden"
CASES = [
    f"{points}_{objective}"
    for points in (
        *("spiral200", "bentplane260", "square250", "grid96"),
        *("v1_pca641", "retina_pca400", "v1_raw200", "v1_pca200_opts"),
    )
    for objective in ("l1", "greedy")
]
OPTIONS = {"v1_pca200_opts": {"n_stds": 3, "max_prune": 3, "stdev_method": "IQR"}}


@cache
def golden(case: str) -> dict[str, np.ndarray]:
    """Return the arrays of a golden case; skip the test where the case is of real units and absent."""
    folder = REAL if case.startswith(("v1_", "retina_")) else INVENTED
    if folder == REAL and not REAL.exists():
        pytest.skip("golden graphs of real units are not part of the project")
    with np.load(folder / f"{case}.npz") as file:
        return dict(file)


@cache
def found(case: str) -> Neighborhoods:
    points, objective = case.rsplit("_", 1)
    return adaptive_neighborhoods(golden(case)["X"], objective=objective, **OPTIONS.get(points, {}))


def golden_kernel(case: str) -> csr_array:
    arrays = golden(case)
    count = len(arrays["X"])
    i, j, weights = arrays["wG_i"], arrays["wG_j"], arrays["wG_v"]
    every = np.arange(count)
    rows, columns = np.concatenate([i, j, every]), np.concatenate([j, i, every])
    values = np.concatenate([weights, weights, np.ones(count)])
    return csr_array((values, (rows, columns)), shape=(count, count))
