"""The mean response of a set of units over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xarray as xr


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

    chosen = responses.isel(unit=units).transpose("unit", "stimulus", "direction", "time")
    values = np.asarray(chosen.values, np.float64)
    finite = np.isfinite(values).all(axis=(1, 2, 3))
    values = values[finite]
    count = len(values)
    if count:
        mean = values.mean(axis=0)
        spread = values.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.zeros_like(mean)
    else:
        mean = spread = np.full(chosen.shape[1:], np.nan)
    dims = ("stimulus", "direction", "time")
    coords = {name: responses.coords[name].values for name in dims if name in responses.coords}
    return xr.Dataset(
        {"mean": (dims, mean), "sem": (dims, spread)},
        coords=coords,
        attrs={"units": count, "non_finite": int(np.count_nonzero(~finite))},
    )
