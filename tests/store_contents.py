"""What a recording's folder holds, for comparing two of them bit by bit."""

from __future__ import annotations

from pathlib import Path


def contents(path: Path) -> dict[str, bytes]:
    """Return every file of a store but the root's attributes, which hold the time of making."""
    files = (file for file in sorted(path.rglob("*")) if file.is_file() and file != path / "zarr.json")
    return {str(file.relative_to(path)): file.read_bytes() for file in files}
