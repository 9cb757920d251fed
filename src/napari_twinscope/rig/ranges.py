"""Which units have values in a range, the highest or lowest ones, or the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.unit_set import Indices


def in_range(values: npt.NDArray[np.float64], low: float, high: float) -> Indices:
    """Return which values (float [units]) lie from `low` to `high`, both included; NaN lies nowhere."""
    return np.flatnonzero((values >= low) & (values <= high))


def extreme(values: npt.NDArray[np.float64], percent: float, top: bool) -> Indices:
    """Return the units with the highest or lowest values, at least one and as many as percent say.

    The count is ``max(1, round(percent / 100 * finite values))``; of equal values the first are taken.

    Examples
    --------
    >>> extreme(np.array([3.0, np.nan, 1.0, 2.0]), 50, top=True).tolist()
    [0, 3]
    """
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return known
    count = max(1, round(percent / 100 * len(known)))
    order = np.argsort(-values[known] if top else values[known], kind="stable")
    return np.sort(known[order[:count]])


def same_value(values: npt.NDArray[np.float64], unit: int) -> Indices:
    """Return the units with the same value (float [units]) as one of them; none where it has no value."""
    return np.flatnonzero(values == values[unit])
