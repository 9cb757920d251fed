"""The activity of units at the frame on the screen, as something they can be coloured by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.measures import Measure

if TYPE_CHECKING:
    import xarray as xr

    Limits = tuple[float, float]

ONE_SCALE, OWN_SCALE = "activity at this frame", "activity at this frame, own scale"
FRAME_MEASURES = (ONE_SCALE, OWN_SCALE)
FRAME = "At the frame on the screen"
"""The section in which they are listed."""

_SAID = {
    ONE_SCALE: "The unit's response at the frame on the screen (signed, a.u.); one scale for all movies and "
    "frames, so that overall changes are seen.",
    OWN_SCALE: "The unit's response at the frame on the screen (signed, a.u.); each frame has a scale of its "
    "own, which hides overall changes.",
}


_SOURCE = {
    ONE_SCALE: "after the explorer of arXiv 2601.21508, which shows the logarithm; here from the 1st to the "
    "99th percentile",
    OWN_SCALE: "after the explorer of arXiv 2601.21508; here from the 1st to the 99th percentile",
}


def activity_limits(responses: xr.DataArray) -> Limits | None:
    """Return the 1st and 99th percentile of all finite responses, ``None`` where there is no difference."""
    values = responses.values[np.isfinite(responses.values)]
    if not values.size:
        return None
    low, high = np.percentile(values, (1, 99))
    return (float(low), float(high)) if high > low else None


def frame_activity(
    name: str, responses: xr.DataArray, condition: tuple[int, int], frame: int, limits: Limits | None
) -> Measure:
    """Return the response of each unit at one frame of one movie.

    Parameters
    ----------
    name
        One of `FRAME_MEASURES`.
    responses
        Dims (unit, stimulus, direction, time).
    condition, frame
        Stimulus, direction and time as positions.
    limits
        The scale that all frames share; see `activity_limits`.
    """
    stimulus, direction = condition
    shown = responses.isel(stimulus=stimulus, direction=direction, time=frame)
    values = np.asarray(shown.values, np.float64)
    return Measure(
        f"{name} (a.u.)",
        np.where(np.isfinite(values), values, np.nan),
        description=_SAID[name],
        section=FRAME,
        limits=limits if name == ONE_SCALE else None,
        source=_SOURCE[name],
    )
