"""The tuning curves of the selected units for each stimulus, with what they prefer and how selectively."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.response_maps import SINGLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from napari_twinscope.rig.unit_set import Indices

Floats = npt.NDArray[np.float64]

AT_ONCE = 512  # units of which the frames are held in double precision


@dataclass(frozen=True, eq=False)
class TuningCurve:
    """The mean response over time to each direction of one stimulus.

    Parameters
    ----------
    angles
        float64 [direction], degrees, ascending from 0 to 360.
    mean, sem
        float64 [direction], over the units; the error is zero for one unit.
    units
        float64 [unit, direction], each of up to `SINGLE` units; of more units none.
    osi, dsi
        Of the mean curve, one minus the circular variance; NaN where `note` says why.
    preferred_direction, preferred_orientation
        Of the mean curve, degrees: the angle of the mean response vector, and of the bars that move along
        the preferred axis; NaN where there is none.
    units_osi, units_dsi
        Medians over the units for which they are defined; NaN if there are none.
    note
        Why the mean curve has no preference, empty if it has one.
    """

    angles: Floats
    mean: Floats
    sem: Floats
    units: Floats
    osi: float
    dsi: float
    preferred_direction: float
    preferred_orientation: float
    units_osi: float
    units_dsi: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class TuningCurves:
    """The tuning curves for every stimulus.

    Parameters
    ----------
    curves
        One for each stimulus.
    units, non_finite
        How many units were averaged, and how many left out because a response is not finite.
    rectified
        Whether any response was negative, and hence counted as zero.
    """

    curves: tuple[TuningCurve, ...]
    units: int
    non_finite: int
    rectified: bool

    @property
    def highest(self) -> float:
        """The largest value of all curves; 0 if none is positive."""
        values = [curve.units if len(curve.units) else curve.mean for curve in self.curves]
        return max(
            (float(np.max(part, initial=0.0, where=np.isfinite(part))) for part in values), default=0.0
        )


def tuning_curves(responses: xr.DataArray, units: Indices, directional: Sequence[bool]) -> TuningCurves:
    """Average the responses of some units over time, negative ones counted as zero.

    A radius cannot be negative, and selectivity is defined for responses that are not; the table of
    units counts negative responses as zero likewise, so that of one unit the numbers agree with it.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time), direction in degrees: 0 rightwards, 90 upwards.
    units
        Positions of the units.
    directional
        Whether each stimulus has a direction.

    References
    ----------
    Ringach, Shapley & Hawken (2002), doi 10.1523/JNEUROSCI.22-13-05639.2002
    """
    import xarray as xr

    units = np.asarray(units, np.intp)
    ordered = responses.transpose("unit", "stimulus", "direction", "time")
    angles = np.asarray(ordered["direction"].values, np.float64) % 360
    order = np.argsort(angles, kind="stable")
    angles = angles[order]
    rectified, parts = False, []
    for start in range(0, len(units), AT_ONCE):
        frames = ordered.isel(unit=units[start : start + AT_ONCE]).values.astype(np.float64)
        frames[~np.isfinite(frames).all(axis=(1, 2, 3))] = np.nan
        rectified |= bool((frames < 0).any())
        parts.append(np.maximum(frames, 0, out=frames).mean(axis=3))
    means = np.concatenate(parts) if parts else np.zeros((0, *ordered.shape[1:3]))
    known = np.isfinite(means).all(axis=(1, 2))
    means = means[known][:, :, order]
    count = len(means)
    average = means.mean(axis=0) if count else np.full(means.shape[1:], np.nan)
    error = means.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.zeros_like(average)
    every = xr.DataArray(
        np.concatenate([average[None], means]),
        dims=("unit", "stimulus", "direction"),
        coords={"direction": angles},
    )
    numbers, problem = _selectivity(every)
    curves = []
    for place, has in enumerate(directional):
        of_mean = {name: float(values[0, place]) for name, values in numbers.items()}
        of_units = {name: _median(values[1:, place]) for name, values in numbers.items()}
        if not has:
            of_mean = of_units = dict.fromkeys(numbers, np.nan)
        note = problem if has else "no direction: the same movie for all"
        if not note and not np.isfinite(of_mean["osi"]):
            note = "no positive response" if count else "no unit with finite responses"
        curves.append(
            TuningCurve(
                angles,
                average[place],
                error[place],
                means[:, place] if count <= SINGLE else means[:0, place],
                of_mean["osi"],
                of_mean["dsi"],
                of_mean["preferred_direction"],
                of_mean["preferred_orientation"],
                of_units["osi"],
                of_units["dsi"],
                note,
            )
        )
    return TuningCurves(tuple(curves), count, len(units) - count, rectified)


def _selectivity(tuning: xr.DataArray) -> tuple[dict[str, Floats], str]:
    """Return measures, float64 [unit, stimulus], and why there are none."""
    from napari_twinscope.population.tuning import selectivity

    names = ("osi", "dsi", "preferred_direction", "preferred_orientation")
    try:
        found = selectivity(tuning)
    except InvalidInput as error:
        return {name: np.full(tuning.shape[:2], np.nan) for name in names}, error.problem.rstrip(".")
    return {name: found[name].transpose("unit", "stimulus").values for name in names}, ""


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan
