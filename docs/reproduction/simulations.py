"""Tubularity of simulated tubes (arXiv 2512.07869, figure of the simulations). No network enters.

python docs/reproduction/simulations.py --out FOLDER
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from drawing import grid
from reproduce import Findings, Page, Subject
from statements import CODE, Statement, above, all_of, below, between, table

from napari_twinscope.manifolds import (
    TubularityOptions,
    crossing_tubes,
    curve_tubularity,
    inflating_tube,
    parallel_tubes,
    single_tube,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

RADII = (0.01, 0.02, 0.04, 0.08)
_HOW = TubularityOptions(bootstraps=0, samples=160, bins=30)


def describe(subject: Subject) -> Findings:
    """Draw tubes and measure them, each of several seeds."""
    seeds = range(min(20, max(4, subject.effort.draws // 5)))
    grown = np.array([[_tight(single_tube(radius=radius, seed=seed)) for radius in RADII] for seed in seeds])
    pairs = {
        "two parallel tubes": lambda seed: parallel_tubes(seed=seed),
        "two crossing tubes": lambda seed: crossing_tubes(seed=seed),
    }
    ratios = {name: np.array([_one_over_two(make(seed)) for seed in seeds]) for name, make in pairs.items()}
    widths = {
        preset: np.array([_widths(preset, seed) for seed in seeds])
        for preset in ("published-2026", "corrected")
    }
    steps = np.diff(grown, axis=1)
    told = [
        Statement(
            "S_tight grows with the radius of a tube: lower is tighter",
            CODE,
            all_of([above(*_range(step)) for step in steps.T]),
            "; ".join(f"radius {r:g}: {between(*_told(v), 3)}" for r, v in zip(RADII, grown.T, strict=True)),
        ),
        *(
            Statement(
                f"{name.capitalize()} bundled as one are looser than bundled as two",
                CODE,
                above(*_range(ratio), 1.0),
                f"{between(*_told(ratio), 1)} times as loose",
            )
            for name, ratio in ratios.items()
        ),
        Statement(
            "Both crossing tubes are equally wide",
            CODE,
            "does not hold" if below(*_range(widths["published-2026"]), 1.0) == "holds" else "holds",
            f"the second is {between(*_told(widths['published-2026']))} times as wide as the first; "
            f"corrected, {between(*_told(widths['corrected']))} times",
        ),
    ]
    rows = [
        (name, between(*_told(np.array([_tight(make(seed)) for seed in seeds])), 3))
        for name, make in {
            "single": lambda seed: single_tube(seed=seed),
            "inflating": lambda seed: inflating_tube(seed=seed),
            **{name.removeprefix("two "): make for name, make in pairs.items()},
        }.items()
    ]
    note = f"S_tight at the usual settings, corrected; median and 95 % over {len(seeds)} seeds:"
    return Findings(
        {"Simulated tubes, and S_tight against the radius of a single one": _drawn(grown)},
        told,
        {note: table(("tubes", "S_tight"), rows)},
    )


def _tight(tubes: object, labels: np.ndarray | None = None) -> float:
    made = curve_tubularity(tubes.curves, tubes.labels if labels is None else labels, _HOW)
    return float(made["score"].sel(measure="s_tight"))


def _one_over_two(tubes: object) -> float:
    return _tight(tubes, np.zeros(len(tubes.curves), dtype=np.int64)) / _tight(tubes)


def _widths(preset: str, seed: int) -> float:
    """Return how wide the second of two tubes at right angles is, over the width of the first."""
    curves, labels = crossing_tubes(count=60, preset=preset, seed=seed)
    across = [
        np.concatenate([c[:, axis] for c, label in zip(curves, labels, strict=True) if label == tube]).std()
        for tube, axis in ((0, 1), (1, 0))
    ]
    return across[1] / across[0]


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _told(values: np.ndarray) -> tuple[float, float, float]:
    return (float(np.median(values)), *_range(values))


def _drawn(grown: np.ndarray) -> Figure:
    figure, axes = grid(5, columns=5, size=2.2)
    shapes: dict[str, Callable[[], object]] = {
        "single": single_tube,
        "inflating": inflating_tube,
        "parallel": parallel_tubes,
        "crossing": crossing_tubes,
    }
    for axis, (title, make) in zip(axes, shapes.items(), strict=False):
        tubes = make()
        for curve, label in zip(tubes.curves, tubes.labels, strict=True):
            axis.plot(*curve.T, color=("#0072B2", "#D55E00")[label], linewidth=0.4, alpha=0.6)
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=7)
    axis = axes[-1]
    axis.errorbar(
        RADII,
        np.median(grown, axis=0),
        yerr=np.abs(np.quantile(grown, [0.025, 0.975], axis=0) - np.median(grown, axis=0)),
        marker="o",
        markersize=3,
        color="#0072B2",
    )
    axis.set_title("S_tight against radius", fontsize=9)
    axis.tick_params(labelsize=7)
    return figure


PAGE = Page("simulations", "Simulated tubes", describe)

if __name__ == "__main__":
    PAGE.main()
