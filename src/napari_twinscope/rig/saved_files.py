"""Files that docks name in the file of a session, such as neurons or movies, so that a folder can be moved.

A mapping with a ``name`` and a ``path`` names a file that is read. In a session's file it also says the way
to it from there, as ``beside``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_twinscope.errors import StoreError

Docks = Mapping[str, Mapping[str, Any]]


def way_from(folder: Path, path: Path) -> str:
    """Return the way from a folder to a file, with ``/``; empty where there is none, as to another drive."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return ""


def name_of(path: str) -> str:
    """Return the name of a file, on whatever system its path was written."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def with_ways(docks: Docks, folder: Path) -> dict[str, dict[str, Any]]:
    """Return what docks show, with the way from a folder to each file that they name."""

    def add(file: dict[str, Any]) -> None:
        file["beside"] = way_from(folder, Path(file["path"]))

    return {name: _each_file(part, add) for name, part in docks.items()}


def with_found_files(docks: Docks, folder: Path) -> tuple[dict[str, dict[str, Any]], StoreError | None]:
    """Return what docks show, with each file where it is now.

    Parameters
    ----------
    docks
        As a session's file in the folder holds them.
    folder
        Files are looked for by the way from here, then where they were, then under their names in it.

    Returns
    -------
    docks
        Where a file is not found, with the path where it was.
    lost
        What names the files that are not found; ``None`` if there are none.
    """
    lost: list[str] = []

    def find(file: dict[str, Any]) -> None:
        path, beside = file["path"], file.pop("beside", "")
        places = [folder / beside] if isinstance(beside, str) and beside else []
        places += [Path(path), folder / name_of(path)]
        there = next((place for place in places if place.exists()), None)
        if there is None:
            lost.append(path)
        else:
            file["path"] = os.path.normpath(there.absolute())

    found = {name: _each_file(part, find) for name, part in docks.items()}
    if not lost:
        return found, None
    return found, StoreError(
        "A file of this session cannot be found."
        if len(lost) == 1
        else f"{len(lost)} files of this session cannot be found.",
        given=", ".join(lost),
        needed=f"them there, or in {folder}",
        remedy="put them there and open the session again, or add them anew; all else is as it was",
    )


def _each_file(value: Any, do: Any) -> Any:
    """Return a copy of JSON values in which something was done to every mapping that names a file."""
    if isinstance(value, Mapping):
        copy = {key: _each_file(part, do) for key, part in value.items()}
        if copy.get("path") and all(isinstance(copy.get(key), str) for key in ("name", "path")):
            do(copy)
        return copy
    return [_each_file(part, do) for part in value] if isinstance(value, (list, tuple)) else value
