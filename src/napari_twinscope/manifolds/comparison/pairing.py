"""Two recordings brought to the same stimuli, directions and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.conditions import DIMS, conditions, recorded_frames
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.stimuli import paper_stimuli

if TYPE_CHECKING:
    import xarray as xr

_LABELS = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}


def paired(
    one: xr.DataArray, other: xr.DataArray, preset: str, stimuli: str | None, *, rectify: bool
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return two recordings, condition by condition and frame by frame.

    Parameters
    ----------
    one, other
        Dims unit, stimulus, direction, time in any order; the stimuli under the same names, or one of them
        under the papers' class names (``LF-grating`` ...); time in seconds from the onset, unless both
        have the same number of frames.
    preset, stimuli, rectify
        As of `AlignmentOptions`.

    Returns
    -------
    float64 (unit, stimulus, direction, time), both with the same stimuli, directions and frames. In the
    corrected preset only the time that both recorded is kept, and the other is interpolated linearly at
    the frames of the one.

    Raises
    ------
    InvalidInput
        If they were not shown the same, or a response is missing.
    """
    sides = [_taken(side, preset, stimuli, rectify) for side in (one, other)]
    for side in sides:
        recorded_frames(side, every=True)
    x, y = sides
    if preset == "corrected":
        y = _by_name(x, y)
    same = x.sizes["stimulus"] == y.sizes["stimulus"]
    if not same or not np.array_equal(x["direction"].values, y["direction"].values):
        raise InvalidInput(
            "The two populations were not shown the same.",
            given=f"{_shown(x)}; {_shown(y)}",
            needed="the same stimuli in the same directions",
        )
    return _at_the_same_times(x, y, preset)


def _taken(responses: xr.DataArray, preset: str, stimuli: str | None, rectify: bool) -> xr.DataArray:
    if preset == "corrected":
        return conditions(responses, preset, stimuli, rectify=rectify)
    check_labelled(responses, DIMS)
    names = [str(name) for name in responses["stimulus"].values] if "stimulus" in responses.coords else []
    chosen = stimuli if stimuli is not None and set(names) >= set(_LABELS) else None
    chosen = chosen or ("first-six" if set(names) == set(_LABELS) else "all")
    frames = conditions(responses, preset, chosen, rectify=rectify)
    return frames.sel(stimulus=names) if chosen == "all" else frames


def _by_name(x: xr.DataArray, y: xr.DataArray) -> xr.DataArray:
    """Return `y` in the order of the stimuli of `x`, or refuse it."""
    names, others = ([str(name) for name in side["stimulus"].values] for side in (x, y))
    if set(names) != set(others):  # one of them may go by class names
        names = [_LABELS.get(name, name) for name in names]
        others = [_LABELS.get(name, name) for name in others]
    if sorted(names) != sorted(others) or len(set(names)) != len(names):
        raise InvalidInput(
            "The two populations were not shown the same stimuli.",
            given=f"{', '.join(names)}; {', '.join(others)}",
            needed="the same names",
            remedy="choose the stimuli that both were shown, by name",
        )
    return y.isel(stimulus=[others.index(name) for name in names])


def _at_the_same_times(x: xr.DataArray, y: xr.DataArray, preset: str) -> tuple[xr.DataArray, xr.DataArray]:
    if preset != "corrected":
        return x, _squeezed(y, x.sizes["time"])
    timed = "time" in x.coords and "time" in y.coords
    if x.sizes["time"] == y.sizes["time"] and not (
        timed and np.abs(x["time"].values - y["time"].values).max() > 1e-6
    ):
        return x, y
    if not timed:
        raise InvalidInput(
            "The two recordings differ in length, and do not say when their frames were.",
            given=f"{x.sizes['time']} and {y.sizes['time']} frames",
            needed="a coordinate time in seconds from the onset of the stimulus",
        )
    times = x["time"].values
    both = (times >= y["time"].values[0] - 1e-9) & (times <= y["time"].values[-1] + 1e-9)
    if not both.any():
        raise InvalidInput("The two recordings share no time.", needed="seconds from the onset in both")
    kept = x.isel(time=np.flatnonzero(both))
    wanted = np.clip(kept["time"].values, y["time"].values[0], y["time"].values[-1])
    at = np.interp(wanted, y["time"].values, np.arange(y.sizes["time"]))
    before = np.minimum(at.astype(np.int64), max(0, y.sizes["time"] - 2))
    after = np.minimum(before + 1, y.sizes["time"] - 1)
    share = at - before
    values = y.values[..., before] * (1 - share) + y.values[..., after] * share
    return kept, y.isel(time=before).copy(data=values).assign_coords(time=kept["time"].values)


def _squeezed(y: xr.DataArray, frames: int) -> xr.DataArray:
    """Return so many frames by the Fourier method, which takes the trial for one period of many."""
    if y.sizes["time"] == frames:
        return y
    from scipy.signal import resample

    bare = y.drop_vars("time", errors="ignore")
    empty = bare.isel(time=np.zeros(frames, dtype=np.int64))
    return empty.copy(data=resample(bare.values, frames, axis=-1, window="hamming"))


def _shown(side: xr.DataArray) -> str:
    angles = ", ".join(f"{angle:g}" for angle in side["direction"].values)
    return f"{side.sizes['stimulus']} stimuli at {angles} degrees"
