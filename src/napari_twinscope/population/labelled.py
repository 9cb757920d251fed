"""Whether an array says what its axes and values are, before anything is computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = "biuf"
"""Kinds of data that count as numbers: truth values, whole numbers and real ones."""


def check_labelled(array: object, dims: Sequence[str]) -> None:
    """Refuse what is no labelled array of real numbers, or does not say when its frames were.

    Which dims there are, and how many, is for the caller to check.

    Parameters
    ----------
    array
        What was given.
    dims
        What an array should have, for the message.

    Raises
    ------
    InvalidInput
        If it is no `xarray.DataArray`, its values are no real numbers, or a coordinate time has times
        that are not finite or recur.
    """
    import xarray as xr

    wanted = ", ".join(dims)
    if not isinstance(array, xr.DataArray):
        raise InvalidInput(
            "This is no labelled array.",
            given=f"{type(array).__module__}.{type(array).__name__}",
            needed=f"xarray.DataArray with the dims {wanted}",
            remedy="name the axes: xarray.DataArray(values, dims=..., coords=...)",
        )
    if array.dtype.kind not in NUMBERS:
        raise InvalidInput("The values are no real numbers.", given=array.dtype, needed="such as float32")
    if "time" in array.coords and array["time"].ndim == 1:
        times = np.asarray(array["time"].values)
        numbers = times.dtype.kind in NUMBERS and bool(np.isfinite(times).all())
        if not numbers or len(np.unique(times)) != len(times):
            raise InvalidInput(
                "The times are not usable.",
                given=f"{times.dtype}, {len(times)} frames"
                + (f", {len(np.unique(times))} different" if numbers else ""),
                needed="a different finite time in seconds for each frame",
            )
