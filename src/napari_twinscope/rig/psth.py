"""The mean response of a set of units over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]
BLOCK = 64  # units at once, which stay in the processor's cache
DIMS = ("stimulus", "direction", "time")


class MeanLines(NamedTuple):
    """The mean response of some units, for a view that draws it anew with every selection.

    Parameters
    ----------
    mean, sem
        Float [stimulus, direction, time]; the standard error is over units, and zero for one unit.
    units, non_finite
        How many units were averaged, and how many were left out for a response that is not finite.
    """

    mean: Floats
    sem: Floats
    units: int
    non_finite: int


def mean_response(responses: xr.DataArray, units: npt.NDArray[np.intp]) -> xr.Dataset:
    """Average the responses of some units: a PSTH for each stimulus and direction.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time), signed activation in arbitrary units, time in seconds.
    units
        Positions of the units to average; units with a non-finite response are left out.

    Returns
    -------
    Dataset with ``mean`` and ``sem`` (standard error over units; zero for one unit), dims
    (stimulus, direction, time). ``attrs["units"]`` is the number of units averaged and
    ``attrs["non_finite"]`` the number left out.
    """
    import xarray as xr

    found = mean_lines(responses, units)
    coords = {name: responses.coords[name].values for name in DIMS if name in responses.coords}
    return xr.Dataset(
        {"mean": (DIMS, found.mean), "sem": (DIMS, found.sem)},
        coords=coords,
        attrs={"units": found.units, "non_finite": found.non_finite},
    )


def mean_lines(responses: xr.DataArray, units: npt.NDArray[np.intp]) -> MeanLines:
    """Average as `mean_response` does, without labels, which take longer than the mean of some units."""
    whole = ("unit", *DIMS)
    values = (responses if responses.dims == whole else responses.transpose(*whole)).values
    averaged = np.asarray(units, np.intp)
    mean, sem = _mean_and_error(values, averaged)
    if not (np.isfinite(mean).all() and np.isfinite(sem).all()):
        averaged = averaged[[bool(np.isfinite(values[unit]).all()) for unit in averaged]]
        mean, sem = _mean_and_error(values, averaged)
    return MeanLines(mean, sem, len(averaged), len(units) - len(averaged))


def _mean_and_error(values: npt.NDArray[Any], units: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return mean and standard error over some units of values [unit, ...].

    Sums are taken of the deviations from the mean of the first units, so that they lose no digits.
    """
    shape, count = values.shape[1:], len(units)
    if not count:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    table = values.reshape(len(values), -1)
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is seen in the result
        center = table[units[:BLOCK]].mean(axis=0)
        total, squares = np.zeros(table.shape[1]), np.zeros(table.shape[1])
        for first in range(0, count, BLOCK):
            deviations = table[units[first : first + BLOCK]]
            deviations -= center
            ones = np.ones(len(deviations), deviations.dtype)
            total += ones @ deviations
            np.square(deviations, out=deviations)
            squares += ones @ deviations
        mean = center + total / count
        variance = np.maximum(squares - total**2 / count, 0.0) / max(count - 1, 1)
        sem = np.sqrt(variance / count) if count > 1 else np.zeros_like(mean)
    return mean.reshape(shape), sem.reshape(shape)
