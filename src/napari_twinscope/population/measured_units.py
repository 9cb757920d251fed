"""Every measure of single units in one table, each with a sentence that says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.components import UnitComponents, unit_components
from napari_twinscope.population.dynamics import classifiability, unit_dynamics
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.population.paper_tuning import PRESETS, paper_selectivity
from napari_twinscope.population.tensor import DIMS
from napari_twinscope.population.tuning import direction_tuning, preferred, preferred_class, selectivity

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PAPERS = "arXiv 2601.21508 and its public code"
AFTER_PAPERS = "after arXiv 2601.21508 and its public code, whose errors are mended"
VECTOR = "Ringach et al. 2002, doi 10.1523/JNEUROSCI.22-13-05639.2002"
ANGLES = "Mazurek et al. 2014, doi 10.3389/fncir.2014.00092"

_FLOOR_2026 = 1e-12  # added to the variance before the logarithm in the later public code
_FLOOR_VECTOR = 1e-8  # added to the sum of responses in the public code


@dataclass(frozen=True)
class MeasureText:
    """What the table says of a measure.

    Attributes
    ----------
    long_name
        As on the axis of a figure.
    description
        One sentence, as in a tooltip.
    source
        Where the definition is from.
    units
        Empty for the unit of the responses.
    """

    long_name: str
    description: str
    source: str
    units: str = ""


_TEXTS = {
    "osi": MeasureText(
        "orientation selectivity",
        "One minus the circular variance over orientations, in the preferred class: 0 for none, 1 for a "
        "response to one orientation only.",
        VECTOR,
        "1",
    ),
    "dsi": MeasureText(
        "direction selectivity",
        "One minus the circular variance over directions, in the preferred class: 0 for none, 1 for a "
        "response to one direction only.",
        VECTOR,
        "1",
    ),
    "preferred_direction": MeasureText(
        "preferred direction",
        "Direction of the mean response vector in the preferred class, 0 rightwards and 90 upwards.",
        ANGLES,
        "degrees",
    ),
    "preferred_orientation": MeasureText(
        "preferred orientation",
        "Orientation of the bars that move along the preferred axis, in the preferred class, 0 horizontal.",
        ANGLES,
        "degrees",
    ),
    "preferred_class": MeasureText(
        "preferred class",
        "The stimulus class with the largest mean response in its best direction; empty if two tie.",
        "this package; arXiv 2601.21508 averages over directions too",
    ),
    "osi_two_point": MeasureText(
        "orientation selectivity, two-point",
        "Best direction against the two orthogonal ones, (a - b) / (a + b), the largest over classes.",
        PAPERS,
        "1",
    ),
    "dsi_two_point": MeasureText(
        "direction selectivity, two-point",
        "Best direction against the opposite one, (a - b) / (a + b), the largest over classes.",
        PAPERS,
        "1",
    ),
    "mean_activity": MeasureText(
        "mean activity", "Response averaged over all stimuli, directions and times.", PAPERS
    ),
    "temporal_variance": MeasureText(
        "temporal variance (log)",
        "Natural logarithm of the variance in time, averaged over stimuli and directions.",
        AFTER_PAPERS,
        "log of squared response",
    ),
    "speed": MeasureText(
        "speed",
        "Mean absolute change per frame in the first third of the trial.",
        AFTER_PAPERS,
    ),
    "stability": MeasureText(
        "stability (high is restless)",
        "Mean absolute change per frame in the last third of the trial: high means restless.",
        AFTER_PAPERS,
    ),
    "curvature": MeasureText(
        "curvature",
        "Root mean square distance of the smoothed response from a straight line in time.",
        PAPERS,
    ),
    "classifiability": MeasureText(
        "classifiability",
        "Variance over stimuli of the mean response in the last ten frames.",
        PAPERS,
        "squared response",
    ),
    "contribution": MeasureText(
        "contribution to component 1",
        "Magnitude of the unit's loading on the first principal component of all frames of the population.",
        PAPERS,
        "1",
    ),
    **{
        f"loading_{number}": MeasureText(
            f"loading on component {number}",
            f"The unit's loading on principal component {number} of all frames of the population, signed.",
            AFTER_PAPERS,
            "1",
        )
        for number in (1, 2, 3)
    },
}

_PUBLISHED_TEXTS = {
    "osi": "Length of the mean response vector over orientations, averaged over classes (the public code "
    "calls the average a maximum).",
    "dsi": "Length of the mean response vector over directions, averaged over classes (the public code "
    "calls the average a maximum).",
    "preferred_class": "The stimulus class with the largest response averaged over directions and times.",
    "osi_two_point": "The public code's index, in which time and direction are confused: no selectivity.",
    "dsi_two_point": "The public code's index, in which time and direction are confused: no selectivity.",
    "temporal_variance": "Natural logarithm of the variance over directions and times together, averaged "
    "over stimuli.",
    "speed": "Mean absolute change per frame in the first 40 frames, which is the whole of a short trial.",
    "stability": "Mean absolute change per frame in the last 40 frames: the same as speed for a short trial.",
}


def unit_measures(responses: xr.DataArray, *, preset: str = "corrected", rectify: bool = True) -> xr.Dataset:
    """Measure every unit: selectivity, preferences, activity, dynamics and share in the population.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order, raw or, as the papers do for some figures, the
        normalised ones of `response_tensor`; the values differ.
    preset
        ``"corrected"``, or ``"published-2025"`` or ``"published-2026"`` for what the public code computes:
        two-point selectivity with time and direction confused, selectivity vectors averaged over
        classes, variance over directions and times together, speed and stability of the whole trial, and
        loadings with a row of zeros added to the responses.
    rectify
        Whether negative responses are set to zero first, as in the papers.

    Returns
    -------
    xarray.Dataset
        Over units: ``osi``, ``dsi``, ``preferred_direction``, ``preferred_orientation``,
        ``preferred_class`` (str), ``osi_two_point``, ``dsi_two_point``, ``mean_activity``,
        ``temporal_variance``, ``speed``, ``stability``, ``curvature``, ``classifiability``,
        ``contribution``, ``loading_1`` to ``loading_3``. Each has the attributes ``long_name``,
        ``description`` (one sentence), ``source`` and ``units``.

        A unit with a response that is not finite is not a number throughout, and does not count for the
        components; a measure that a unit does not define, as the preferred direction of a silent one,
        is not a number. Measures that the recording does not allow are absent, and the attribute
        ``left_out`` says why, one line each; with a single stimulus there is no ``classifiability``.

    Raises
    ------
    InvalidInput
        If the preset is unknown or the dims do not fit.

    References
    ----------
    arXiv 2601.21508 and its public code; Ringach et al. (2002), doi 10.1523/JNEUROSCI.22-13-05639.2002
    """
    if preset not in PRESETS:
        raise InvalidInput("There is no such preset.", given=preset, needed=", ".join(PRESETS))
    check_labelled(responses, DIMS)
    if set(responses.dims) != set(DIMS) or 0 in responses.shape:
        raise InvalidInput(
            "The units cannot be measured from these responses.",
            given=", ".join(f"{dim} {size}" for dim, size in responses.sizes.items()),
            needed=", ".join(DIMS) + ", none of them empty",
        )
    frames = responses.transpose(*DIMS).astype(np.float64)
    known = abs(frames).max(DIMS[1:], skipna=False) < np.inf
    frames = frames.where(known)
    if rectify:
        frames = frames.clip(min=0)
    table: dict[str, xr.DataArray] = {}
    left_out: list[str] = []
    for measured in (_selectivity, _two_point, _activity, _dynamics, _components):
        _collect(table, left_out, measured, frames, preset)
    coords = {name: c for name, c in frames.coords.items() if c.dims == ("unit",)}
    made = xr.Dataset({name: ("unit", table[name].values) for name in _TEXTS if name in table}, coords)
    for name in made.data_vars:
        made[name].attrs = _attributes(str(name), preset, str(responses.attrs.get("units", "")))
    attrs = {key: value for key, value in responses.attrs.items() if key != "units"}
    return made.assign_attrs(attrs, preset=preset, rectified=int(rectify), left_out=left_out)


def _collect(
    table: dict[str, xr.DataArray],
    left_out: list[str],
    measured: Callable[[xr.DataArray, str], dict[str, xr.DataArray]],
    frames: xr.DataArray,
    preset: str,
) -> None:
    try:
        table.update(measured(frames, preset))
    except InvalidInput as error:
        what = measured.__name__.strip("_").replace("_", " ")
        left_out.append(f"{what}: {error.problem}")


def _selectivity(frames: xr.DataArray, preset: str) -> dict[str, xr.DataArray]:
    tuning = direction_tuning(frames)
    if preset == "corrected":
        classes = preferred_class(tuning)
        chosen = preferred(selectivity(tuning), classes)
        indices = {"osi": chosen["osi"], "dsi": chosen["dsi"]}
    else:
        classes = preferred_class(tuning, by="mean")
        chosen = preferred(selectivity(tuning), classes)
        indices = {"osi": _mean_vector(tuning, 2), "dsi": _mean_vector(tuning, 1)}
    angles = {name: chosen[name] for name in ("preferred_direction", "preferred_orientation")}
    return {**indices, **angles, "preferred_class": classes}


def _mean_vector(tuning: xr.DataArray, turns: int) -> xr.DataArray:
    phase = np.exp(1j * turns * np.radians(tuning["direction"]))
    total = tuning.sum("direction", skipna=False)
    length = abs((tuning * phase).sum("direction", skipna=False)) / (total + _FLOOR_VECTOR)
    return length.mean("stimulus", skipna=False)


def _two_point(frames: xr.DataArray, preset: str) -> dict[str, xr.DataArray]:
    found = paper_selectivity(frames, preset=preset)
    return {f"{name}_two_point": found[str(name)] for name in found.data_vars}


def _activity(frames: xr.DataArray, preset: str) -> dict[str, xr.DataArray]:
    over = ("time",) if preset == "corrected" else ("direction", "time")
    variance = frames.var(over, skipna=False)
    variance = variance.mean([dim for dim in variance.dims if dim != "unit"], skipna=False)
    if preset == "published-2026":
        variance = variance + _FLOOR_2026
    logarithm = variance.copy(data=_log(variance.values))
    return {"mean_activity": frames.mean(DIMS[1:], skipna=False), "temporal_variance": logarithm}


def _log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms; of zero, as for a unit that never changes, not a number."""
    positive = values > 0
    return np.log(values, out=np.full(values.shape, np.nan), where=positive)


def _dynamics(frames: xr.DataArray, preset: str) -> dict[str, xr.DataArray]:
    moved = unit_dynamics(frames, preset=preset)
    found = {name: moved[name].mean("stimulus", skipna=False) for name in ("speed", "stability", "curvature")}
    if frames.sizes["stimulus"] > 1:
        found["classifiability"] = classifiability(moved)
    return found


def _components(frames: xr.DataArray, preset: str) -> dict[str, xr.DataArray]:
    rows = frames.transpose("time", "stimulus", "direction", "unit").values.reshape(-1, frames.sizes["unit"])
    known = np.isfinite(rows).all(axis=0)
    whole = unit_components(rows[:, known])
    signed = whole if preset == "corrected" else unit_components(_with_zero_frame(rows[:, known], frames))

    def of_units(found: UnitComponents, number: int) -> xr.DataArray:
        values = np.full(len(known), np.nan)
        values[known] = found.loadings[number]
        return xr.DataArray(values, dims=("unit",))

    loadings = {f"loading_{number + 1}": of_units(signed, number) for number in range(3)}
    return {"contribution": abs(of_units(whole, 0)), **loadings}


def _with_zero_frame(rows: NDArray[np.float64], frames: xr.DataArray) -> NDArray[np.float64]:
    """Put a frame of zeros before each sequence, as in the public code."""
    sequences = frames.sizes["stimulus"] * frames.sizes["direction"]
    return np.concatenate([np.zeros((sequences, rows.shape[1])), rows])


def _attributes(name: str, preset: str, units: str) -> dict[str, str]:
    text = _TEXTS[name]
    published = preset != "corrected" and name in _PUBLISHED_TEXTS
    return {
        "long_name": text.long_name,
        "description": _PUBLISHED_TEXTS[name] if published else text.description,
        "source": PAPERS if published else text.source,
        "units": text.units or units,
    }
