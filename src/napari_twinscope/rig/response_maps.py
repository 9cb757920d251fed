"""Responses as maps of direction against time, turned so that the preferred direction has its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.rig.maps import map_style
from napari_twinscope.rig.psth import mean_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from napari_twinscope.rig.maps import MapStyle
    from napari_twinscope.rig.unit_set import Ids, Indices

Floats = npt.NDArray[np.float64]

SINGLE = 5
"""So many units are shown one by one, as in the explorer of arXiv 2601.21508; of more the mean."""


@dataclass(frozen=True, eq=False)
class ResponseMap:
    """The responses of one unit, or of the mean, to one stimulus.

    Parameters
    ----------
    values
        float64 [direction, time].
    angles
        Degrees of each row, ascending; relative to the preferred direction where `preferred` is given.
    preferred
        The direction in the middle of the roll, degrees; ``None`` if the rows are directions as shown.
    row
        The row of the preferred direction.
    """

    values: Floats
    angles: tuple[float, ...]
    preferred: float | None = None
    row: int | None = None


@dataclass(frozen=True, eq=False)
class ResponseMaps:
    """Maps of direction against time, for the units (or their mean) and every stimulus.

    Parameters
    ----------
    names
        Of the rows of panels: identifiers of units, or empty for the mean.
    panels
        ``panels[row][stimulus]``.
    style
        One range of colours for all panels.
    units, non_finite
        How many units are averaged in the mean, or shown, and how many were left out of the mean.
    """

    names: tuple[str, ...]
    panels: tuple[tuple[ResponseMap, ...], ...]
    style: MapStyle
    units: int
    non_finite: int

    @property
    def is_mean(self) -> bool:
        """Whether the mean is shown."""
        return not self.names


def preferred_row(directions: int) -> int:
    """Return the row, counted from 0, in which the preferred direction is put: 2 of 8.

    A quarter of a turn lies before it, as in arXiv 2601.21508.
    """
    return directions // 4


def rolled(values: Floats, angles: Sequence[float]) -> ResponseMap:
    """Roll directions so that the one with the largest mean over time lies in `preferred_row`.

    Parameters
    ----------
    values
        float [direction, time], directions ascending.
    angles
        Degrees of the rows, evenly spread over the circle.

    Returns
    -------
    ResponseMap
        Row r shows the direction ``preferred + angles[r]``; of several largest means the first is taken.
        Not rolled where a response is missing.

    Examples
    --------
    >>> shown = rolled(np.eye(8)[:, 5:6], range(0, 360, 45))  # answers to 225 degrees only
    >>> shown.row, shown.values[:, 0].tolist(), shown.angles[:4]
    (2, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], (-90.0, -45.0, 0.0, 45.0))
    """
    strength = values.mean(axis=1)
    if not np.isfinite(strength).all():
        return ResponseMap(values, tuple(map(float, angles)))
    best, row = int(np.argmax(strength)), preferred_row(len(angles))
    step = 360.0 / len(angles)
    relative = tuple((place - row) * step for place in range(len(angles)))
    return ResponseMap(np.roll(values, row - best, axis=0), relative, float(angles[best]), row)


def response_maps(
    responses: xr.DataArray,
    units: Indices,
    ids: Ids,
    directional: Sequence[bool],
    roll: bool = True,
) -> ResponseMaps:
    """Lay out the responses of some units: each of up to `SINGLE`, or else their mean.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time), direction in degrees.
    units
        Positions of the units.
    ids
        Identifiers of all units, str [unit].
    directional
        Whether each stimulus has a direction; the maps of others are not rolled.
    roll
        Whether to roll to the preferred direction, each panel to its own. Directions that are not evenly
        spread over the circle stay as they are.
    """
    units = np.asarray(units, np.intp)
    angles = np.asarray(responses["direction"].values, np.float64) % 360
    order = np.argsort(angles, kind="stable")
    angles = angles[order]
    if 0 < len(units) <= SINGLE:
        chosen = responses.isel(unit=units).transpose("unit", "stimulus", "direction", "time")
        shown, names = np.asarray(chosen.values, np.float64), tuple(str(ids[unit]) for unit in units)
        count, left_out = len(units), 0
    else:
        averaged = mean_response(responses, units)
        shown, names = averaged["mean"].values[None], ()
        count, left_out = int(averaged.attrs["units"]), int(averaged.attrs["non_finite"])
    shown = shown[:, :, order]
    turning = roll and evenly_spread(angles)
    panels = tuple(
        tuple(
            rolled(values, angles.tolist())
            if turning and has
            else ResponseMap(values, tuple(angles.tolist()))
            for values, has in zip(of_unit, directional, strict=True)
        )
        for of_unit in shown
    )
    rule = "largest absolute value of all panels"
    return ResponseMaps(names, panels, map_style(shown, rule), count, left_out)


def evenly_spread(angles: Floats) -> bool:
    """Return whether ascending directions divide the circle into equal parts."""
    steps = np.diff(angles, append=angles[:1] + 360)
    return len(angles) > 2 and float(np.ptp(steps)) < 1e-3
