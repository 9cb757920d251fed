"""The response tensor: what the encoding manifold knows of each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import check_labelled
from napari_twinscope.population.smoothing import smooth
from napari_twinscope.population.tensor_options import TensorOptions
from napari_twinscope.population.tuning import by_angle
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMS = ("unit", "stimulus", "direction", "time")

_PUBLISHED_NULL = 1e-8  # norms up to this count as zero in the public code
_CORRECTED = TensorOptions()


def response_tensor(
    responses: xr.DataArray,
    options: TensorOptions = _CORRECTED,
    *,
    significant: xr.DataArray | None = None,
) -> xr.Dataset:
    """Smooth responses, choose the stimuli of each unit, and bring all units to one scale.

    Negative responses, as of signed stages, are set to zero first.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; stimulus by name, direction in degrees. A
        coordinate time is in seconds at even steps; without one, the frames are taken as they come.
    options
        How to do it; by default the corrected preset.
    significant
        bool (unit, stimulus), the classes that count, as from `responsive_classes`; by default all do.
        Stimuli by the names of the tensor, in any order; units in the order of the responses.

    Returns
    -------
    xarray.Dataset
        With the units' coordinates, and directions ascending from 0 to 360 degrees. No value depends on
        how the responses lie in memory or in which order they come:

        ``tensor``
            float64 (unit, stimulus, direction, time), not negative: what is factorised. Zero for classes
            that do not count.
        ``normalized``
            The same with all classes.
        ``strength``
            float64 (unit, stimulus), after smoothing, in the unit of the responses.
        ``relative_strength``
            The same over that of the unit's strongest class, 0 to 1.
        ``significant``
            bool (unit, stimulus).

        With stimuli chosen for each unit, ``stimulus`` holds the six class names, and the coordinate
        ``spatial_frequency`` (unit) tells medium from high. The attributes are those of the responses
        with ``preset`` and ``options`` (JSON), and the units left out: ``silent_units``, without any
        response, and ``insignificant_units``, without a class that counts; by ``unit_id``, else by the
        coordinate ``unit``, else by place.

        A constant unit is kept: its maps are constant. A class without response is zero. A single class
        has relative strength 1.

    Raises
    ------
    InvalidInput
        If the dims do not fit, stimuli are not named, named twice or missing, directions are not usable, a
        response is infinite or, but for ``"published-2026"``, missing, the significance does not fit, or
        no unit is left.

    References
    ----------
    arXiv 2601.21508 and arXiv 2512.07869 with their public code; for neurons Dyballa et al. (2024), doi
    10.1073/pnas.2317773121

    Examples
    --------
    >>> responses = xr.DataArray(
    ...     [[[[0.0, 1.0, 2.0]], [[0.0, 0.5, 1.0]]]],
    ...     dims=("unit", "stimulus", "direction", "time"),
    ...     coords={"stimulus": ["grating", "dots"], "direction": [0.0]},
    ... )
    >>> made = response_tensor(responses, TensorOptions(stimuli="all"))
    >>> made.relative_strength.values
    array([[1. , 0.5]])
    >>> np.linalg.norm(made.tensor.values, axis=(2, 3)).round(6)
    array([[1. , 0.5]])
    """
    frames = _ordered(_wanted_stimuli(responses, options.stimuli))
    recorded = _recorded(frames, options.preset)
    frames = frames.clip(min=0)
    if options.preset != "corrected":
        frames = frames - frames.min()
    frames = smooth(frames.fillna(0.0), options.smoothing).where(recorded, 0.0)
    strength = _strength(frames, recorded, options.strength)
    if options.stimuli == "per-unit":
        frames, strength = _by_frequency(frames, strength)
    counts = _counting(significant, strength)
    silent = (strength.max("stimulus") == 0) & (options.preset == "corrected")
    insignificant = ~counts.any("stimulus") & ~silent
    kept = ~(silent | insignificant)
    if not kept.any():
        raise InvalidInput(
            "No unit is left for the tensor.",
            given=f"{int(silent.sum())} silent, {int(insignificant.sum())} without a significant class",
            needed="at least one unit that responds",
        )
    left_out = {
        "silent_units": _names(strength, silent),
        "insignificant_units": _names(strength, insignificant),
    }
    index = np.flatnonzero(kept.values)
    frames, strength, counts = frames.isel(unit=index), strength.isel(unit=index), counts.isel(unit=index)
    relative = _over(strength, strength.max("stimulus"))
    normalized = _scaled(frames, relative, options)
    made = xr.Dataset(
        {
            "tensor": normalized.where(counts, 0.0),
            "normalized": normalized,
            "strength": strength.assign_attrs(units=responses.attrs.get("units", "")),
            "relative_strength": relative.assign_attrs(units="1"),
            "significant": counts,
        }
    )
    attrs = {key: value for key, value in responses.attrs.items() if key != "units"}
    return made.assign_attrs(attrs, preset=options.preset, options=options.to_json(), **left_out)


def _wanted_stimuli(responses: xr.DataArray, stimuli: str) -> xr.DataArray:
    check_labelled(responses, DIMS)
    if set(responses.dims) != set(DIMS) or 0 in responses.shape:
        raise InvalidInput(
            "The responses do not have the dims of a response tensor.",
            given=", ".join(f"{dim} {size}" for dim, size in responses.sizes.items()),
            needed=", ".join(DIMS) + ", none of them empty",
        )
    if "stimulus" not in responses.coords:
        raise InvalidInput("The stimuli are not named.", needed="names along the dim stimulus")
    names = [str(name) for name in responses["stimulus"].values]
    if len(set(names)) != len(names):
        raise InvalidInput("A stimulus is named twice.", given=", ".join(names))
    if stimuli == "all":
        return responses
    sets = PAPER_SETS.values() if stimuli == "per-unit" else [PAPER_SETS[stimuli]]
    wanted = list(dict.fromkeys(name for one in sets for name in one))
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InvalidInput(
            "Stimuli of the papers are missing.",
            given=", ".join(names),
            needed=", ".join(missing),
            remedy="take what was recorded: TensorOptions(stimuli='all')",
        )
    return responses.isel(stimulus=[names.index(name) for name in wanted])


def _ordered(responses: xr.DataArray) -> xr.DataArray:
    """Return float64 (unit, stimulus, direction, time) in one order, in memory too: sums round alike."""
    frames = by_angle(responses)
    if "time" in frames.coords:
        frames = frames.sortby("time")
    frames = frames.transpose(*DIMS)
    return xr.DataArray(np.ascontiguousarray(frames.values), coords=frames.coords, dims=DIMS)


def _recorded(frames: xr.DataArray, preset: str) -> xr.DataArray:
    """Return which frames are numbers, or refuse those that are not."""
    recorded = abs(frames) < np.inf  # false for what is not a number
    bad = abs(frames) == np.inf if preset == "published-2026" else ~recorded
    if bad.any():
        raise InvalidInput(
            "Responses are missing or infinite.",
            given=f"{int(bad.sum())} of {bad.size}, in {int(bad.any(DIMS[1:]).sum())} units",
            needed="finite responses",
            remedy="leave these units or frames out; the preset 'published-2026' takes missing ones as zero",
        )
    return recorded


def _strength(frames: xr.DataArray, recorded: xr.DataArray, rule: str) -> xr.DataArray:
    """Return the strength of each map; a direction without a frame has none."""
    if rule == "peak":
        return frames.max(("direction", "time"))
    number = recorded.sum("time")
    mean = frames.mean("time") if bool(recorded.all()) else frames.sum("time") / number.clip(min=1)
    return mean.max("direction")


def _by_frequency(frames: xr.DataArray, strength: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the six classes of each unit, of the spatial frequencies that it answers to."""
    names = [str(name) for name in frames["stimulus"].values]
    medium, high = ([names.index(name) for name in PAPER_SETS[which]] for which in ("medium", "high"))
    values = strength.values
    more = (values[:, medium] > values[:, high]).sum(1) > (values[:, high] > values[:, medium]).sum(1)
    places = xr.DataArray(np.where(more[:, None], medium, high), dims=("unit", "stimulus"))
    labels = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}
    coords = {
        "stimulus": [labels[name] for name in PAPER_SETS["medium"]],
        "spatial_frequency": ("unit", np.where(more, "medium", "high")),
    }
    along = [name for name, coord in frames.coords.items() if "stimulus" in coord.dims]
    units = xr.DataArray(np.arange(len(values)), dims=("unit",))

    def chosen(array: xr.DataArray) -> xr.DataArray:
        return (
            array.drop_vars(along)
            .isel(unit=units, stimulus=places)
            .transpose(*array.dims)
            .assign_coords(coords)
        )

    return chosen(frames), chosen(strength)


def _counting(significant: xr.DataArray | None, strength: xr.DataArray) -> xr.DataArray:
    """Return which classes count, (unit, stimulus), in the order of the strengths."""
    if significant is None:
        return xr.ones_like(strength, dtype=bool)
    names = [str(name) for name in strength["stimulus"].values]
    given = [str(name) for name in significant["stimulus"].values] if "stimulus" in significant.coords else []
    fits = set(significant.dims) == {"unit", "stimulus"} and significant.dtype == bool
    if not fits or sorted(given) != sorted(names) or significant.sizes["unit"] != strength.sizes["unit"]:
        raise InvalidInput(
            "The significance does not fit the responses.",
            given=f"{significant.dtype} {dict(significant.sizes)}, {', '.join(given) or 'stimuli not named'}",
            needed=f"bool, {strength.sizes['unit']} units, {', '.join(names)}",
        )
    values = significant.transpose("unit", "stimulus").values[:, [given.index(name) for name in names]]
    return strength.copy(data=values)


def _scaled(frames: xr.DataArray, relative: xr.DataArray, options: TensorOptions) -> xr.DataArray:
    maps = ("direction", "time")
    if options.scale == "maximum":
        return _over(frames, frames.max(DIMS[1:]))
    if options.scale == "mean":
        return _over(frames, frames.mean(DIMS[1:]))
    largest = frames.max(maps)
    unit = frames / largest.where(largest > 0, 1.0)  # squares neither overflow nor vanish
    norm = (unit**2).sum(maps) ** 0.5
    null = norm * largest <= (0.0 if options.preset == "corrected" else _PUBLISHED_NULL)
    scaled = (unit / norm.where(~null, 1.0)).where(~null, 0.0)
    return scaled * relative if options.scale == "strength" else scaled


def _over(values: xr.DataArray, largest: xr.DataArray) -> xr.DataArray:
    """Divide; zero over zero, as for silent units in the published presets, is not a number."""
    return values / largest.where(largest > 0)


def _names(strength: xr.DataArray, which: xr.DataArray) -> list[str | int]:
    places: NDArray[np.intp] = np.flatnonzero(which.values)
    for coordinate in ("unit_id", "unit"):
        if coordinate in strength.coords:
            values = strength[coordinate].values[places]
            return list(values.tolist())
    return [int(place) for place in places]
