"""How far the scales must cover the edges for neighbourhoods to be as full as their cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TOLERANCE = 0.1  # of the median volume ratio, about 1
_LOWEST, _HIGHEST = 0.5, 1.0
_TRIALS = 20
_STATISTICS: dict[str, Callable[[NDArray[np.float64]], np.floating]] = {"median": np.median, "mean": np.mean}
STATISTICS = tuple(_STATISTICS)


@dataclass(frozen=True)
class Tuned:
    """Scales at the coverage that was found.

    Attributes
    ----------
    coverage
        The factor by which every edge is covered.
    scales, ratios
        Scale and volume ratio of each point.
    center
        Median (or mean) of the positive ratios.
    """

    coverage: float
    scales: NDArray[np.float64]
    ratios: NDArray[np.float64]
    center: float


def tune_coverage(
    scales_at: Callable[[float], NDArray[np.float64]],
    ratios_of: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    start: float,
    *,
    statistic: str = "median",
    search: bool = True,
    move_first: bool = True,
) -> Tuned:
    """Search by bisection for the coverage at which the volume ratios centre on 1.

    Parameters
    ----------
    scales_at
        Returns the scales for a coverage.
    ratios_of
        Returns the volume ratios for scales; they grow with the coverage.
    start
        Coverage to begin with. The bracket is 0.5 to 1, widened to hold it.
    statistic
        ``median`` or ``mean`` of the positive ratios.
    search
        Whether to search at all; if not, `start` is taken.
    move_first
        Whether a trial that does not count against the twenty of the search is made at `start`.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566.
    """

    def tried(coverage: float) -> Tuned:
        scales = scales_at(coverage)
        ratios = ratios_of(scales)
        positive = ratios[ratios > 0]
        center = float(_STATISTICS[statistic](positive)) if len(positive) else 1.0
        return Tuned(coverage, scales, ratios, center)

    low, high = min(start, _LOWEST), max(start, _HIGHEST)
    trial = tried(start)
    trials_left = _TRIALS if move_first else _TRIALS - 1
    while search and trials_left and not _is_found(trial, low, high):
        if trial.center > 1:
            high = trial.coverage
        else:
            low = trial.coverage
        trial = tried((low + high) / 2)
        trials_left -= 1
    return trial


def _is_found(trial: Tuned, low: float, high: float) -> bool:
    excess = trial.center - 1
    return (
        abs(excess) <= TOLERANCE
        or (excess > TOLERANCE and bool(np.isclose(trial.coverage, low)))
        or (excess < -TOLERANCE and bool(np.isclose(trial.coverage, high)))
    )
