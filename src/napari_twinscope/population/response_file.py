"""Responses of neurons that were recorded elsewhere, read from a file as a response tensor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.tensor import DIMS

if TYPE_CHECKING:
    from collections.abc import Hashable

SUFFIXES = (".npz", ".nc")


def open_responses(path: str | Path) -> xr.DataArray:
    """Read the responses of a population from a file.

    Parameters
    ----------
    path
        ``NAME.npz`` with the arrays

        ``responses``
            numbers (unit, stimulus, direction, time), such as spikes per second: mean over trials;
        ``stimulus``
            a name for each, text; those of the papers' classes (``LF-grating`` ...) or of the recording
            that they are compared with;
        ``direction``
            degrees, 0 rightwards and 90 upwards;
        ``time``
            seconds from the onset of the stimulus;
        ``unit_id``
            a name for each unit, text; may be left out.

        Or ``NAME.nc``, a netCDF file that xarray can open here, with the variable ``responses`` over the
        dims unit, stimulus, direction, time in any order, and these coordinates.

    Returns
    -------
    xarray.DataArray
        (unit, stimulus, direction, time), as stored, in memory. The attribute ``source`` is the file's
        name.

    Raises
    ------
    InvalidInput
        If there is no such file, or it does not hold these arrays.
    """
    path = Path(path)
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        raise InvalidInput(
            "There are no responses to read.",
            given=path,
            needed="a file that exists, " + " or ".join(f"NAME{suffix}" for suffix in SUFFIXES),
        )
    try:
        made = _from_npz(path) if path.suffix.lower() == ".npz" else _from_netcdf(path)
    except (KeyError, ValueError, OSError, EOFError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(
            "The responses cannot be read from this file.",
            given=f"{path}: {error}",
            needed="responses (unit, stimulus, direction, time), with stimulus, direction and time",
        ) from error
    lacking = [name for name in DIMS[1:] if name not in made.coords]
    if set(made.dims) != set(DIMS) or lacking or made.dtype.kind not in "fiu":
        raise InvalidInput(
            "This file does not hold the responses of a population.",
            given=f"{made.dtype} over {', '.join(map(str, made.dims))}"
            + (f", without {', '.join(lacking)}" if lacking else ""),
            needed=f"numbers over {', '.join(DIMS)}, with a coordinate for each of the last three",
        )
    return made.transpose(*DIMS).assign_attrs(source=path.name)


def _from_npz(path: Path) -> xr.DataArray:
    with np.load(path, allow_pickle=False) as arrays:
        coords: dict[Hashable, object] = {name: arrays[name] for name in DIMS[1:]}
        coords["stimulus"] = [str(name) for name in arrays["stimulus"]]
        if "unit_id" in arrays:
            coords["unit_id"] = ("unit", [str(name) for name in arrays["unit_id"]])
        return xr.DataArray(arrays["responses"], dims=DIMS, coords=coords)


def _from_netcdf(path: Path) -> xr.DataArray:
    with xr.open_dataset(path, decode_times=False) as dataset:
        made = dataset["responses"].load()
    if "stimulus" in made.coords:
        names = [name.decode() if isinstance(name, bytes) else str(name) for name in made["stimulus"].values]
        made = made.assign_coords(stimulus=names)
    return made
