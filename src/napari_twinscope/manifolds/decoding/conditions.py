"""Which stimuli an analysis takes, and their responses in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.presets import CUTS, check_preset
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.population.tuning import by_angle
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMS = ("unit", "stimulus", "direction", "time")

_STORED = tuple(stimulus.name for stimulus in paper_stimuli())
_LABELS = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}


def conditions(
    responses: xr.DataArray, preset: str, stimuli: str | None, *, rectify: bool, fewest_frames: int = 1
) -> xr.DataArray:
    """Return the responses that an analysis takes, the same whatever the order in which they are stored.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; stimulus by name, direction in degrees.
    preset
        One of `presets.PRESETS`.
    stimuli
        ``"all"`` that were recorded, or six of the papers' eleven: the ``"medium"`` or ``"high"`` set by
        name; ``"first-six"`` or ``"first-and-last-five"``, as the public code cuts them. ``None`` takes
        what the preset takes: ``"corrected"`` the medium set of the papers' eleven and all of any other
        stimuli, the published ones ``"first-and-last-five"``.
    rectify
        Set negative responses to zero, as the papers do before all else.
    fewest_frames
        Frames that the analysis needs.

    Returns
    -------
    xarray.DataArray
        float64 (unit, stimulus, direction, time), C-contiguous; stimuli in the order of their set, of
        ``"all"`` by name; directions ascending from 0 to 360; time ascending. Where stimuli were cut by
        position, the coordinate ``shown_as`` (stimulus) has the classes that the papers' figures name
        instead.

    Raises
    ------
    InvalidInput
        If the dims do not fit, stimuli are not named, named twice or missing, directions are not usable,
        frames are too few, a response is infinite, or no unit varies.
    """
    check_preset(preset, stimuli)
    check_labelled(responses, DIMS)
    if set(responses.dims) != set(DIMS) or 0 in responses.shape:
        raise InvalidInput(
            "These are not the responses of units to stimuli over time.",
            given=", ".join(f"{dim} {size}" for dim, size in responses.sizes.items()),
            needed=", ".join(DIMS) + ", none of them empty",
        )
    if responses.sizes["time"] < fewest_frames:
        raise InvalidInput(
            "Too few frames for a path through activity space.",
            given=f"{responses.sizes['time']} frames",
            needed=f"at least {fewest_frames} frames",
            remedy="record longer movies, or take the decoding manifold, which has one point for each",
        )
    names = _wanted(responses, preset, stimuli)
    order = [str(name) for name in responses["stimulus"].values]
    frames = by_angle(responses.isel(stimulus=[order.index(name) for name in names]))
    if "time" in frames.coords:
        frames = frames.sortby("time")
    values = np.ascontiguousarray(frames.transpose(*DIMS).values)
    if np.isinf(values).any():
        raise InvalidInput(
            "Responses are infinite.",
            given=f"{int(np.isinf(values).any(axis=(1, 2, 3)).sum())} of {len(values)} units",
            needed="finite responses",
            remedy="leave these units out",
        )
    if rectify:
        values = np.maximum(values, 0.0)
    if not varying(values.reshape(len(values), -1)).any():
        raise InvalidInput(
            "No unit responds differently to any of these stimuli at any time.",
            given=f"{len(values)} constant {'rectified ' * rectify}units",
            needed="at least one unit that varies",
            remedy="choose other units, or keep signed responses: rectify=False" if rectify else None,
        )
    chosen = xr.DataArray(values, coords=frames.transpose(*DIMS).coords, dims=DIMS)
    chosen = chosen.assign_coords(stimulus=names)
    cut = stimuli if stimuli is not None or preset == "corrected" else "first-and-last-five"
    if cut in CUTS:
        chosen = chosen.assign_coords(shown_as=("stimulus", [_LABELS[name] for name in PAPER_SETS["medium"]]))
    return chosen


def order_to_show(names: list[str], responses: xr.DataArray) -> list[int]:
    """Return the places of the stimuli in the order of the recording if all were taken, else of their set."""
    recorded = [str(name) for name in responses["stimulus"].values]
    if set(recorded) == set(names):
        return [names.index(name) for name in recorded]
    return list(range(len(names)))


def varying(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows have two different values; missing ones do not count."""
    low, high = np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)
    different: NDArray[np.bool_] = high > low
    return different


def recorded_frames(frames: xr.DataArray, *, every: bool) -> NDArray[np.bool_]:
    """Return which frames of each movie were recorded, bool (stimulus, direction, time).

    Trials may differ in length: a frame that is not a number in every unit was not recorded.

    Raises
    ------
    InvalidInput
        If a frame is missing in some units and not in others, in all frames of a movie, or, where `every`
        frame is needed, at all.
    """
    missing = np.isnan(frames.values)
    nowhere = missing.all(axis=0)
    partly = missing.any(axis=0) & (True if every else ~nowhere)
    if partly.any() or nowhere.all(axis=-1).any():
        units = int(missing.any(axis=(1, 2, 3)).sum())
        raise InvalidInput(
            "Responses are missing.",
            given=f"{int(missing.sum())} values that are not numbers, in {units} of {len(missing)} units",
            needed="a number for each unit" + ("" if every else ", or frames missing in all units alike"),
            remedy="leave these units out, or cut the movies to the frames that all units have",
        )
    recorded: NDArray[np.bool_] = ~nowhere
    return recorded


def _wanted(responses: xr.DataArray, preset: str, stimuli: str | None) -> list[str]:
    if "stimulus" not in responses.coords:
        raise InvalidInput("The stimuli are not named.", needed="names along the dim stimulus")
    names = [str(name) for name in responses["stimulus"].values]
    if len(set(names)) != len(names):
        raise InvalidInput("A stimulus is named twice.", given=", ".join(names))
    if stimuli is None:
        paper = "medium" if set(names) == set(_STORED) else "all"
        stimuli = paper if preset == "corrected" else "first-and-last-five"
    if stimuli == "all":
        return sorted(names)
    cut = CUTS.get(stimuli)
    wanted = list(PAPER_SETS[stimuli]) if cut is None else [_STORED[place] for place in cut]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InvalidInput(
            "Stimuli of the papers are missing.",
            given=", ".join(names),
            needed=", ".join(missing),
            remedy="take what was recorded: stimuli='all'",
        )
    return wanted
