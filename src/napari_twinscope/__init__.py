"""An electrode rig for digital twins of visual cortex, inside napari.

The rooms, in the order in which data flow: `stimuli`, `twins`, `recording`, `rig` and `views`. Each is
imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__version__ = "0.1.0"

_ROOMS = ("stimuli", "twins", "recording", "rig", "views")
__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
