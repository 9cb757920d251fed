"""Whether the more active units of a manifold lie along an arm, and what else changes along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

ACTIVITY = "activity"
_LEVEL = 0.95
_FEWEST = 4


def activity_arm(
    coordinates: ArrayLike,
    activity: ArrayLike,
    measures: Mapping[str, ArrayLike],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> xr.Dataset:
    """Find the coordinate that follows mean activity best, and correlate measures of the units with it.

    Some encoding manifolds have an arm of active, unselective units. Along it selectivity falls; where the
    arm is of units at the border of their feature map, the distance to the border falls too.

    Parameters
    ----------
    coordinates
        Of each unit on the manifold, (unit, component); units that are not a number are left out.
    activity
        Mean activity of each unit.
    measures
        Others by name, (unit,), such as orientation selectivity or the distance to the border of the map.
    draws, seed
        How often units are drawn again with replacement for the intervals, and the seed.

    Returns
    -------
    xarray.Dataset
        Over ``measure``, first ``activity`` itself: Spearman's ``correlation`` with the coordinate, turned so
        that activity grows along it, and the 95 % interval ``lower``, ``upper``. Not a number where a measure
        does not vary. The attribute ``component``, counted from 1, says which coordinate it is. That it is
        the best of several makes the correlation with activity too high, and says nothing of the others.

    Raises
    ------
    InvalidInput
        If lengths differ, or fewer than four units have coordinates and an activity.
    """
    places = np.asarray(coordinates, dtype=np.float64)
    names = [ACTIVITY, *measures]
    values = [np.asarray(one, dtype=np.float64) for one in (activity, *measures.values())]
    if places.ndim != 2 or any(one.shape != places.shape[:1] for one in values):
        raise InvalidInput(
            "Coordinates and measures are not of the same units.",
            given=", ".join(str(one.shape) for one in (places, *values)),
            needed="(unit, component) and (unit,)",
        )
    there = np.isfinite(places).all(1) & np.isfinite(values[0])
    if there.sum() < _FEWEST:
        raise InvalidInput("Too few units are on the manifold.", given=int(there.sum()), needed=_FEWEST)
    places, values = places[there], [one[there] for one in values]
    along = [_spearman(axis, values[0]) for axis in places.T]
    best = int(np.nanargmax(np.abs(along))) if np.isfinite(along).any() else 0
    axis = places[:, best] * (-1 if along[best] < 0 else 1)
    random = np.random.default_rng(seed)
    drawn = random.integers(len(axis), size=(draws, len(axis)))
    rows = []
    for one in values:
        again = np.array([_spearman(axis[units], one[units]) for units in drawn])
        known = again[np.isfinite(again)]
        bounds = np.quantile(known, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]) if len(known) else [np.nan] * 2
        rows.append((_spearman(axis, one), *bounds))
    table = np.array(rows)
    return xr.Dataset(
        {
            name: ("measure", table[:, column])
            for column, name in enumerate(("correlation", "lower", "upper"))
        },
        coords={"measure": names},
        attrs={"component": best + 1, "units": len(axis), "level": _LEVEL, "seed": seed},
    )


def _spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the rank correlation of what both know; not a number where either is constant."""
    from scipy.stats import rankdata

    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < _FEWEST or not (np.ptp(one[known]) and np.ptp(other[known])):
        return float("nan")
    return float(np.corrcoef(rankdata(one[known]), rankdata(other[known]))[0, 1])
