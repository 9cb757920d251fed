"""Tuning curves, selectivity for direction and orientation, and what a unit prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import NUMBERS, check_labelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

Measures = TypeVar("Measures", xr.Dataset, xr.DataArray)

FEWEST_DIRECTIONS = 5
"""With fewer directions around the circle, orientation and direction cannot be told apart."""

ROUNDING = 1e-6
"""Relative differences that float32 responses show by rounding alone."""

_REFERENCES = (
    "Ringach et al. 2002, 10.1523/JNEUROSCI.22-13-05639.2002; Mazurek et al. 2014, 10.3389/fncir.2014.00092"
)


def direction_tuning(responses: xr.DataArray, *, skip: float = 0.0) -> xr.DataArray:
    """Average responses over time.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; direction in degrees, time in seconds.
    skip
        Seconds left out at the beginning, such as the transient after the onset.

    Returns
    -------
    xarray.DataArray
        Tuning curves, float64 (unit, stimulus, direction), in the unit of the responses. Not a number
        where a frame is not.

    Raises
    ------
    InvalidInput
        If the dims do not fit, the directions are not usable, or no frame is left.
    """
    _check_dims(responses, ("unit", "stimulus", "direction", "time"), alone=True)
    if not responses.sizes["time"]:
        raise InvalidInput("Responses without a frame have no mean.", needed="one frame or more")
    _check_directions(responses)
    frames = responses.transpose("unit", "stimulus", "direction", "time")
    if skip:
        times = np.asarray(frames["time"].values, np.float64) if "time" in frames.coords else None
        if times is None:
            raise InvalidInput("The responses do not say when they were, so that none can be skipped.")
        late = times >= times.min() + skip - 1e-9
        if skip < 0 or not late.any():
            raise InvalidInput(
                "No such time can be skipped.",
                given=f"{skip:g} s",
                needed=f"0 s or more, less than {times.max() - times.min():g} s",
            )
        frames = frames.isel(time=np.flatnonzero(late))
    tuning = frames.astype(np.float64).mean("time", skipna=False)
    tuning.attrs = {**responses.attrs, "skip": float(skip)}
    return tuning.rename("tuning")


def selectivity(tuning: xr.DataArray, *, rectify: bool = False) -> xr.Dataset:
    r"""Measure how selective each unit is for direction and orientation, in each class of stimuli.

    With r the response to direction theta, summed over the directions,

    .. math::
        \mathrm{OSI} = \frac{|\sum r \, e^{2 i \theta}|}{\sum r}, \qquad
        \mathrm{DSI} = \frac{|\sum r \, e^{i \theta}|}{\sum r}

    are one minus the circular variance in orientation and in direction. They are defined for responses
    that are not negative: where a tuning curve has a negative or missing value, or is zero throughout,
    all measures are not numbers.

    Parameters
    ----------
    tuning
        Dims unit, stimulus, direction in any order, from `direction_tuning`. The directions, in degrees,
        must be evenly spread over the circle, and at least five; their order does not matter.
    rectify
        Set negative means to zero first, for signed stages. To rectify every frame before averaging, as
        the papers do, clip the responses instead.

    Returns
    -------
    xarray.Dataset
        float64 (unit, stimulus):

        ``osi``, ``dsi``
            Lengths of the mean resultant vectors as above, 0 to 1.
        ``preferred_direction``
            Angle of the direction vector, degrees from 0 to 360: 0 rightwards, 90 upwards. Not a number
            if there is none, as for a unit that answers equally to opposite directions.
        ``preferred_orientation``
            Orientation of the bars that move in the preferred axis, perpendicular to it: degrees from 0 to
            180, 0 horizontal and 90 vertical bars. Dots have no bars; take their axis of motion, this
            minus 90.
        ``peak_direction``
            The direction shown with the largest response (the lowest of several), degrees; not a number
            for a constant curve.
        ``osi_two_point``, ``dsi_two_point``
            (peak - other) / (peak + other), where other is the mean response to both orthogonal
            directions, and the response to the opposite direction; -1 to 1 only if these were shown.

    Raises
    ------
    InvalidInput
        If the dims do not fit, or the directions are not evenly spread over the circle.

    References
    ----------
    Ringach, Shapley & Hawken (2002), doi 10.1523/JNEUROSCI.22-13-05639.2002; Mazurek, Kager & Van Hooser
    (2014), doi 10.3389/fncir.2014.00092

    Examples
    --------
    >>> angles = np.arange(0, 360, 45)
    >>> curve = 1 + np.cos(np.radians(angles - 90))
    >>> tuning = xr.DataArray([[curve]], dims=("unit", "stimulus", "direction"), coords={"direction": angles})
    >>> measured = selectivity(tuning)
    >>> round(float(measured.dsi[0, 0]), 3), round(float(measured.preferred_direction[0, 0]), 3)
    (0.5, 90.0)
    """
    _check_dims(tuning, ("unit", "stimulus", "direction"), alone=True)
    curves = by_angle(tuning)
    _check_even(curves)
    if rectify:
        curves = curves.clip(min=0)
    total = curves.sum("direction", skipna=False)
    defined = (curves >= 0).all("direction") & (total > 0) & np.isfinite(total)
    curves, total = curves.where(defined), total.where(defined)
    theta = np.radians(curves["direction"])
    along = (curves * np.exp(1j * theta)).sum("direction", skipna=False) / total
    axis = (curves * np.exp(2j * theta)).sum("direction", skipna=False) / total
    dsi, osi = abs(along).clip(max=1), abs(axis).clip(max=1)
    angle = _degrees(along, 360.0).where(dsi > ROUNDING)
    bars = _within(_degrees(axis, 360.0) / 2 + 90, 180.0).where(osi > ROUNDING)
    measures = xr.Dataset(
        {
            "osi": osi.assign_attrs(long_name="orientation selectivity index"),
            "dsi": dsi.assign_attrs(long_name="direction selectivity index"),
            "preferred_direction": angle.assign_attrs(units="degrees", long_name="preferred direction"),
            "preferred_orientation": bars.assign_attrs(units="degrees", long_name="orientation of the bars"),
            **_two_point(curves),
        }
    )
    return measures.assign_attrs(
        {**tuning.attrs, "rectified": int(rectify), "units": "1", "references": _REFERENCES}
    )


def preferred_class(tuning: xr.DataArray, *, by: Literal["peak", "mean"] = "peak") -> xr.DataArray:
    """Return the class of stimuli that each unit prefers.

    Parameters
    ----------
    tuning
        Dims unit, stimulus, direction in any order; signed values are fine.
    by
        ``"peak"`` compares the responses to each class's best direction; ``"mean"`` the means over all
        directions, as in the papers (arXiv 2601.21508).

    Returns
    -------
    xarray.DataArray
        Names of stimuli, str (unit); empty where classes tie for the best, or a value is missing.

    Raises
    ------
    InvalidInput
        If the dims do not fit or the rule is unknown.
    """
    if by not in ("peak", "mean"):
        raise InvalidInput("There is no such rule of preference.", given=by, needed="peak or mean")
    _check_dims(tuning, ("unit", "stimulus", "direction"), alone=True)
    curves = by_angle(tuning)
    strength = (
        curves.max("direction", skipna=False) if by == "peak" else curves.mean("direction", skipna=False)
    )
    best = strength == strength.max("stimulus", skipna=False)
    names = np.asarray(strength["stimulus"].values, dtype=str)
    chosen = np.where(best.sum("stimulus") == 1, names[best.argmax("stimulus")], "")
    coords = {name: c for name, c in strength.coords.items() if c.dims == ("unit",)}
    return xr.DataArray(chosen, dims=("unit",), coords=coords, name="preferred_class", attrs={"by": by})


def preferred(measures: Measures, classes: xr.DataArray) -> Measures:
    """Return the measures of each unit in the class that it prefers.

    Parameters
    ----------
    measures
        With dims unit and stimulus, such as from `selectivity`, or tuning curves.
    classes
        Name of a stimulus for each unit, str (unit), from `preferred_class`; empty for none.

    Returns
    -------
    The same without the dim stimulus; not a number for units that prefer none. The coordinate
    ``preferred_class`` (unit) names the classes.

    Raises
    ------
    InvalidInput
        If these are no labelled arrays, a class is not among the stimuli, or the numbers of units differ.
    """
    for array, dims in ((measures, ("unit", "stimulus")), (classes, ("unit",))):
        lacking = [dim for dim in dims if dim not in getattr(array, "dims", ())]
        if lacking or ("stimulus" in dims and "stimulus" not in array.coords):
            raise InvalidInput(
                "The measures and the classes of units are labelled arrays.",
                given=f"{type(array).__name__}" + (f" without {', '.join(lacking)}" if lacking else ""),
                needed="measures over unit and stimulus, by name; classes over unit",
            )
    names: list[str] = list(map(str, measures["stimulus"].values))
    wanted = np.asarray(classes.values, dtype=str)
    foreign = sorted(set(wanted) - {*names, ""})
    if foreign or wanted.shape != (measures.sizes["unit"],):
        raise InvalidInput(
            "The preferred classes are not those of these units.",
            given=f"{wanted.shape[0]} units" + (f", {', '.join(foreign)}" if foreign else ""),
            needed=f"{measures.sizes['unit']} units, of {', '.join(names)}",
        )
    place = {name: index for index, name in enumerate(names)}
    index = xr.DataArray([place.get(name, 0) for name in wanted], dims=("unit",))
    known = xr.DataArray(wanted != "", dims=("unit",))
    chosen = measures.isel(stimulus=index).where(known)
    along_stimuli = [label for label, c in measures.coords.items() if "stimulus" in c.dims]
    return chosen.drop_vars(along_stimuli).assign_coords(preferred_class=("unit", wanted))


def circular_difference(a: Any, b: Any, period: float = 360.0) -> Any:
    """Return a - b on a circle, from -period/2 up to period/2.

    Parameters
    ----------
    a, b
        Angles in degrees: numbers, NumPy arrays or `xarray.DataArray`, which broadcast.
    period
        360 for directions, 180 for orientations.

    Examples
    --------
    >>> circular_difference(350.0, 10.0), circular_difference(175.0, 5.0, period=180)
    (-20.0, -10.0)

    Raises
    ------
    InvalidInput
        If the period is not positive and finite.
    """
    if not (np.isfinite(period) and period > 0):
        raise InvalidInput("There is no such period.", given=period, needed="360 or 180 degrees")
    return (a - b + period / 2) % period - period / 2


def by_angle(tuning: xr.DataArray) -> xr.DataArray:
    """Return tuning curves as float64 (unit, stimulus, direction), directions ascending from 0 to 360.

    Raises
    ------
    InvalidInput
        If a dimension is missing, or directions are missing, not finite or repeated.
    """
    _check_dims(tuning, ("unit", "stimulus", "direction"))
    angles = _check_directions(tuning)
    curves = tuning.astype(np.float64).assign_coords(direction=angles)
    return curves.sortby("direction").transpose("unit", "stimulus", "direction", ...)


def _two_point(curves: xr.DataArray) -> dict[str, xr.DataArray]:
    """Compare the largest response with those to the opposite and the orthogonal directions."""
    values, count = curves.values, curves.sizes["direction"]
    peak = values.argmax(-1)

    def response(turn: int) -> NDArray[np.float64]:
        taken: NDArray[np.float64] = np.take_along_axis(values, (peak[..., None] + turn) % count, -1)[..., 0]
        return taken

    def index(other: NDArray[np.float64]) -> NDArray[np.float64]:
        contrast: NDArray[np.float64] = (response(0) - other) / (response(0) + other)
        return contrast

    missing = np.full(peak.shape, np.nan)
    quarter, half = count // 4, count // 2
    orthogonal = (response(quarter) + response(-quarter)) / 2
    osi = missing if count % 4 else index(orthogonal)
    dsi = missing if count % 2 else index(response(half))
    flat = values.max(-1) - values.min(-1) <= ROUNDING * np.abs(values).max(-1)
    unknown = flat | np.isnan(values).any(-1)
    direction = np.where(unknown, np.nan, curves["direction"].values[peak])
    frame = curves.isel(direction=0, drop=True)
    return {
        "peak_direction": frame.copy(data=direction).assign_attrs(units="degrees"),
        "osi_two_point": frame.copy(data=osi).assign_attrs(
            long_name="(peak - orthogonal) / (peak + orthogonal)"
        ),
        "dsi_two_point": frame.copy(data=dsi).assign_attrs(long_name="(peak - opposite) / (peak + opposite)"),
    }


def _degrees(vector: xr.DataArray, period: float) -> xr.DataArray:
    angle = xr.zeros_like(vector, dtype=np.float64) + np.degrees(np.angle(vector.values))
    return _within(angle, period)


def _within(angle: xr.DataArray, period: float) -> xr.DataArray:
    """Return angles from 0 to less than the period; the remainder of -1e-20 would be the period itself."""
    wrapped = angle % period
    return wrapped.where(wrapped != period, 0.0)


def _check_dims(array: xr.DataArray, needed: tuple[str, ...], *, alone: bool = False) -> None:
    """Refuse an array that lacks a dim, or, where the dims are to be `alone`, has another."""
    check_labelled(array, needed)
    missing = [dim for dim in needed if dim not in array.dims]
    others = [str(dim) for dim in array.dims if dim not in needed] if alone else []
    if missing or others:
        raise InvalidInput(
            "The array lacks a dimension." if missing else "The array has a dimension too many.",
            given=", ".join(map(str, array.dims)),
            needed=", ".join(needed),
            remedy="average over time first: direction_tuning(responses)" if others == ["time"] else None,
        )


def _check_directions(array: xr.DataArray) -> NDArray[np.float64]:
    """Return the directions modulo 360 degrees, or refuse them."""
    if "direction" not in array.coords:
        raise InvalidInput(
            "The directions are not known.",
            given="no coordinate named direction",
            needed="degrees along the dimension direction, 0 rightwards, 90 upwards",
        )
    if array["direction"].dtype.kind not in NUMBERS:
        raise InvalidInput(
            "The directions are no numbers.", given=array["direction"].dtype, needed="angles in degrees"
        )
    angles = np.asarray(array["direction"].values, np.float64) % 360
    if not np.isfinite(angles).all() or len(np.unique(angles)) != len(angles):
        raise InvalidInput(
            "The directions are not usable.",
            given=", ".join(f"{angle:g}" for angle in angles),
            needed="different finite angles in degrees (taken modulo 360)",
        )
    return angles


def _check_even(curves: xr.DataArray) -> None:
    angles = curves["direction"].values
    steps = np.diff(angles, append=angles[0] + 360)
    few = len(angles) < FEWEST_DIRECTIONS
    if few or np.ptp(steps) > 1e-3:
        raise InvalidInput(
            "Too few directions are evenly spread over the circle."
            if few
            else "The directions are not evenly spread over the circle.",
            given=", ".join(f"{angle:g}" for angle in angles) + " degrees",
            needed=f"at least {FEWEST_DIRECTIONS} directions in equal steps over 360 degrees",
            remedy="record a protocol with directions such as 0, 45, ..., 315",
        )
