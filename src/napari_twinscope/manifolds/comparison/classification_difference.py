"""Whether the stimuli can be told apart better from one population than from another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.classification import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compare_accuracy(one: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    """Compare the accuracies of two populations, direction by direction.

    Parameters
    ----------
    one, other
        From `classification_over_time` with the same options, on the same stimuli, directions and frames.

    Returns
    -------
    xarray.Dataset
        Over (window, time), float64:

        ``difference``
            Accuracy of the one less that of the other.
        ``lower``, ``upper``
            Its 95 % interval over directions, by Student's t of the differences within each direction: both
            populations saw the same movies, so that what is hard in a direction is hard for both. With one
            direction it is not a number; without any spread it has no width.
        ``differs``
            Whether the interval leaves zero out.

    Raises
    ------
    InvalidInput
        If the two were measured otherwise than each other.

    References
    ----------
    Student (1908), doi 10.2307/2331554, the paired test
    """
    first, second = (_by_direction(found) for found in (one, other))
    alike = first.sizes == second.sizes and all(
        np.array_equal(first[name].values, second[name].values) for name in ("window", "time", "direction")
    )
    same = one.attrs["options"] == other.attrs["options"] and set(one["stimulus"].values) == set(
        other["stimulus"].values
    )
    if not (alike and same):
        raise InvalidInput(
            "The accuracies cannot be compared.",
            given=f"options {one.attrs['options']} and {other.attrs['options']}",
            needed="the same options, stimuli, directions and frames",
        )
    from scipy.stats import t

    apart = (first - second).transpose("window", "time", "direction")
    count = apart.sizes["direction"]
    difference = apart.mean("direction")
    bar: NDArray[np.float64] | float = np.nan
    if count > 1:
        error = apart.values.std(-1, ddof=1) / np.sqrt(count)
        bar = float(t.ppf((1 + LEVEL) / 2, count - 1)) * error
    lower, upper = difference - bar, difference + bar
    return xr.Dataset(
        {
            "difference": difference,
            "lower": lower,
            "upper": upper,
            "differs": (lower > 0) | (upper < 0),
        },
        attrs={"options": one.attrs["options"], "level": LEVEL},
    )


def _by_direction(found: xr.Dataset) -> xr.DataArray:
    return found["correct"].mean("stimulus").sortby("direction")
