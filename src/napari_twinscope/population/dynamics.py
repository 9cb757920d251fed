"""How the response of each unit moves in time: fast or slow, settled or restless, straight or bent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.population.paper_tuning import PRESETS
from napari_twinscope.population.smoothing import smooth
from napari_twinscope.population.tensor import DIMS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_WINDOW = 40
"""Frames over which the papers measure speed and stability."""

STEADY = 10
"""Frames at the end of a trial that count as the steady response."""

FEWEST_FRAMES = 3
"""With fewer, the beginning of a trial is also its end."""

_CURVE_SMOOTHING = 2.0


def unit_dynamics(responses: xr.DataArray, *, preset: str = "corrected") -> xr.Dataset:
    """Measure how the response of each unit to each stimulus moves in time.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order, at least three frames at even steps. The papers
        take the raw responses in one place and the normalised ones in another; the values differ.
    preset
        ``"corrected"``
            Speed and stability are measured in the first and the last third of the trial, at most
            40 frames each.
        ``"published-2025"``, ``"published-2026"``
            In the first and the last 40 frames, as in the public code: with 37 frames, as recorded from
            the network, both are the whole trial, so that speed and stability are the same.

    Returns
    -------
    xarray.Dataset
        float64 (unit, stimulus), in the unit of the responses; not a number where a frame is not, or is
        infinite:

        ``speed``, ``stability``
            Mean absolute change from one frame to the next, averaged over directions, in the window at
            the beginning and at the end. A high ``stability`` is a restless unit; the name is the
            papers'.
        ``curvature``
            Root mean square distance of the response, averaged over directions and smoothed by
            2 frames, from its least-squares line in time, over the first 40 frames.
        ``steady``
            Mean over directions and the last 10 frames.

        The attribute ``window`` is the number of changes in each window.

    Raises
    ------
    InvalidInput
        If the preset is unknown, the dims do not fit, or there are fewer than three frames.

    References
    ----------
    arXiv 2601.21508, public code.

    Examples
    --------
    >>> ramp = xr.DataArray(np.arange(12.0)[None, None, None], dims=("unit", "stimulus", "direction", "time"))
    >>> moved = unit_dynamics(ramp)
    >>> float(moved.speed[0, 0]), float(moved.stability[0, 0]), float(moved.steady[0, 0])
    (1.0, 1.0, 6.5)
    """
    if preset not in PRESETS:
        raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
    check_labelled(responses, DIMS)
    if set(responses.dims) != set(DIMS) or 0 in responses.shape or responses.sizes["time"] < FEWEST_FRAMES:
        raise InvalidInput(
            "The responses do not move in time.",
            given=", ".join(f"{dim} {size}" for dim, size in responses.sizes.items()),
            needed=f"{', '.join(DIMS)}, with {FEWEST_FRAMES} frames or more",
        )
    ordered = responses.sortby("time") if "time" in responses.coords else responses
    frames = ordered.transpose(*DIMS).astype(np.float64)
    count = frames.sizes["time"]
    longest = count if preset != "corrected" else max(1, count // 3)
    window = min(LONGEST_WINDOW, longest)
    values = frames.where(abs(frames) < np.inf).values
    change = np.abs(np.diff(values, axis=-1)).mean(2)
    course = values[..., :LONGEST_WINDOW].mean(2)
    measured = {
        "speed": change[..., :window].mean(-1),
        "stability": change[..., -window:].mean(-1),
        "curvature": _curvature(course),
        "steady": values[..., -STEADY:].mean((2, 3)),
    }
    coords = {name: c for name, c in frames.coords.items() if set(c.dims) <= {"unit", "stimulus"}}
    made = xr.Dataset({name: (("unit", "stimulus"), value) for name, value in measured.items()}, coords)
    return made.assign_attrs({**responses.attrs, "preset": preset, "window": min(window, count - 1)})


def classifiability(dynamics: xr.Dataset, stimulus: str | int | None = None) -> xr.DataArray:
    """Say how far the steady response of each unit tells the stimuli apart.

    Parameters
    ----------
    dynamics
        From `unit_dynamics`.
    stimulus
        One of the stimuli, for how far its steady response lies from the mean over all; by default
        the population variance of the steady responses over the stimuli.

    Returns
    -------
    xarray.DataArray
        float64 (unit).

    Raises
    ------
    InvalidInput
        If there are no steady responses, only one stimulus, or none of this name.

    References
    ----------
    arXiv 2601.21508, public code.
    """
    if "steady" not in dynamics:
        raise InvalidInput("There are no steady responses.", needed="what unit_dynamics returns")
    steady = dynamics["steady"]
    if steady.sizes["stimulus"] < 2:
        raise InvalidInput("One stimulus cannot be told from others.", needed="two stimuli or more")
    if stimulus is None:
        return steady.var("stimulus", skipna=False).rename("classifiability")
    if "stimulus" not in steady.coords or stimulus not in steady["stimulus"].values:
        known = steady["stimulus"].values if "stimulus" in steady.coords else ["no names"]
        raise InvalidInput("There is no such stimulus.", given=stimulus, needed=", ".join(map(str, known)))
    apart = abs(steady.sel(stimulus=stimulus, drop=True) - steady.mean("stimulus", skipna=False))
    return apart.rename("classifiability")


def _curvature(course: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of smoothed courses, (unit, stimulus, time), from their lines in time."""
    known: NDArray[np.bool_] = np.asarray(np.isfinite(course).all(-1))
    array = xr.DataArray(np.where(known[..., None], course, 0.0), dims=("unit", "stimulus", "time"))
    smoothed = smooth(array, _CURVE_SMOOTHING).values
    time = np.arange(course.shape[-1]) - (course.shape[-1] - 1) / 2
    centred = smoothed - smoothed.mean(-1, keepdims=True)
    slope = (centred @ time) / (time @ time)
    away = np.sqrt(np.square(centred - slope[..., None] * time).mean(-1))
    curvature: NDArray[np.float64] = np.where(known, away, np.nan)
    return curvature
