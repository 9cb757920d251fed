"""The small recording that comes with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

SAMPLE = "sample.twinscope.zarr.zip"


def sample_path() -> Path:
    """Return where the small recording lies that comes with the package."""
    return Path(str(files("napari_twinscope") / "data" / SAMPLE))
