"""Digital twins: the network modules, the stages one can record from, and the catalogue of twins."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_twinscope.twins.config import NetworkConfig
    from napari_twinscope.twins.network import VisualNetwork

# PyTorch takes seconds to import, so a name is imported when it is first asked for.
_HOMES = {
    "NetworkConfig": "config",
    "VisualNetwork": "network",
}

__all__ = ["NetworkConfig", "VisualNetwork"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
