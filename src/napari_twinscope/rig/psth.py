"""The mean response of a set of units over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]
BLOCK = 128  # units at once, which stay in the processor's cache


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

    dims = ("stimulus", "direction", "time")
    ordered = responses.transpose("unit", *dims)
    values, averaged = ordered.values, np.asarray(units, np.intp)
    mean, sem = _mean_and_error(values, averaged)
    if not (np.isfinite(mean).all() and np.isfinite(sem).all()):
        averaged = averaged[[bool(np.isfinite(values[unit]).all()) for unit in averaged]]
        mean, sem = _mean_and_error(values, averaged)
    coords = {name: responses.coords[name].values for name in dims if name in responses.coords}
    return xr.Dataset(
        {"mean": (dims, mean), "sem": (dims, sem)},
        coords=coords,
        attrs={"units": len(averaged), "non_finite": len(units) - len(averaged)},
    )


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
