"""Results kept beside the responses they were made from: ``/analysis/<kind>/<key>`` of a recording.

Each result is one Zarr group of arrays, with its options, versions and checksum as attributes. It is
written beside the recording and then renamed into place, so that it is there as a whole or not at all;
nothing that was recorded is touched.
"""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
from datetime import UTC, datetime
from glob import escape
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import xarray as xr

FOLDER = "analysis"
_UNFINISHED = "unfinished-analysis"
_STALE = 3600.0  # seconds; writing a result takes a few
_PACKAGES = ("napari-twinscope", "torch", "numpy", "scipy", "scikit-learn")


def analysis_key(kind: str, options: str, inputs: tuple[str, ...]) -> str:
    """Return sixteen hexadecimal digits that identify a result by all that it depends on.

    Parameters
    ----------
    kind
        What it is, such as ``"factorization"``.
    options
        Canonical text of its options.
    inputs
        Keys of the results, or of the responses, from which it is made.
    """
    return hashlib.sha256("\n".join((kind, options, *inputs)).encode()).hexdigest()[:16]


def write_analysis(path: Path, kind: str, key: str, result: xr.Dataset) -> None:
    """Keep a result in a recording; one that is there already under this key is replaced.

    Parameters
    ----------
    path
        The recording's folder.
    kind, key
        Where to keep it: ``/analysis/<kind>/<key>``.
    result
        Arrays of numbers and truth values with at least one dimension. Single numbers and names are
        its attributes, which go into JSON.

    Raises
    ------
    OSError
        If the folder cannot be written. Nothing of the result is left then.
    """
    import zarr

    _remove_unfinished(path)
    draft = path.with_name(f".{path.name}.{_UNFINISHED}-{uuid.uuid4().hex}")
    try:
        group = zarr.open_group(draft / kind / key, mode="w", zarr_format=3)
        for name, values in result.variables.items():
            array = group.create_array(
                str(name),
                data=np.ascontiguousarray(values.values),
                dimension_names=[str(dim) for dim in values.dims],
            )
            array.attrs.update({str(label): value for label, value in values.attrs.items()})
        group.attrs.update(
            {str(label): value for label, value in result.attrs.items()}
            | {
                "arrays": [str(name) for name in result.variables],
                "checksum": _checksum(result),
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "versions": {name: version(name) for name in _PACKAGES},
            }
        )
        # The groups above are made with the result where they do not exist, so that no folder is
        # ever without its metadata.
        for folder in (draft, draft / kind):
            zarr.open_group(folder, mode="a", zarr_format=3)
        _move_in(draft, path / FOLDER, kind, key)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read_analysis(path: Path, kind: str, key: str) -> xr.Dataset:
    """Return a result as it was kept, in memory.

    Raises
    ------
    StoreError
        If it is not there, or not as it was written.
    """
    import xarray as xr
    import zarr

    place = path / FOLDER / kind / key
    if not has_analysis(path, kind, key):
        raise StoreError(f"The recording holds no such {kind}.", given=place)
    try:
        attributes: dict[str, Any] = dict(zarr.open_group(place, mode="r").attrs)
        arrays: dict[str, Any] = {
            name: zarr.open_array(place / name, mode="r") for name in attributes["arrays"]
        }
        result = xr.Dataset(
            {
                name: (array.metadata.dimension_names, np.asarray(array[:]), dict(array.attrs))
                for name, array in arrays.items()
            },
            attrs=attributes,
        )
    except (KeyError, TypeError, ValueError, OSError, RuntimeError) as error:
        raise _damaged(place, f"{type(error).__name__}: {error}") from error
    if result.attrs.get("checksum") != _checksum(result):
        raise _damaged(place, "values other than those that were written")
    return result


def has_analysis(path: Path, kind: str, key: str) -> bool:
    """Return whether a recording holds a result."""
    return (path / FOLDER / kind / key / "zarr.json").exists()


def stored_analyses(path: Path, kind: str | None = None) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of the results in a recording, by kind, the latest last.

    Parameters
    ----------
    path
        The recording's folder.
    kind
        Only this kind.
    """
    folders = [folder for folder in sorted((path / FOLDER).glob(kind or "*")) if folder.is_dir()]
    return {
        folder.name: tuple(place.parent.name for place in sorted(folder.glob("*/zarr.json"), key=_age))
        for folder in folders
    }


def analysis_attributes(path: Path, kind: str, key: str) -> dict[str, Any]:
    """Return a result's options, versions and date without reading its numbers.

    Raises
    ------
    StoreError
        If it is not there or cannot be read.
    """
    import zarr

    place = path / FOLDER / kind / key
    try:
        return dict(zarr.open_group(place, mode="r").attrs)
    except (KeyError, ValueError, OSError) as error:
        raise StoreError(f"The recording holds no such {kind}.", given=place) from error


def _age(place: Path) -> tuple[int, str]:
    return place.stat().st_mtime_ns, place.parent.name


def _move_in(draft: Path, home: Path, kind: str, key: str) -> None:
    """Rename the draft into place, together with the groups above it that do not exist yet."""
    for source, target in ((draft, home), (draft / kind, home / kind)):
        if not target.exists():
            try:
                source.rename(target)
            except FileExistsError:  # another process was faster
                continue
            except OSError:
                if not target.exists():
                    raise
                continue
            return
    target = home / kind / key
    if target.exists():
        target.rename(draft / f"replaced-{key}")
    try:
        (draft / kind / key).rename(target)
    except OSError:
        if not target.exists():  # else another process has just kept the same result
            raise


def _remove_unfinished(path: Path) -> None:
    """Remove what runs that were killed long ago left beside the recording."""
    for draft in path.parent.glob(f".{escape(path.name)}.{_UNFINISHED}-*"):
        try:
            stale = time.time() - draft.stat().st_mtime > _STALE
        except FileNotFoundError:
            continue
        if stale:
            shutil.rmtree(draft, ignore_errors=True)


def _checksum(result: xr.Dataset) -> str:
    digest = hashlib.sha256()
    for name in sorted(map(str, result.variables)):
        values = np.ascontiguousarray(result.variables[name].values)
        digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _damaged(place: Path, found: str) -> StoreError:
    return StoreError(
        f"The analysis {place} is damaged.", given=found, remedy="delete this folder and compute it again"
    )
