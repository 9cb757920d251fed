"""Digital twins: the network modules, the stages one can record from, and the catalogue of twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.twins.catalogue import TwinEntry, list_twins, load_twin, stages_on_offer
    from napari_twinscope.twins.config import NetworkConfig
    from napari_twinscope.twins.network import VisualNetwork
    from napari_twinscope.twins.network_twin import NetworkTwin
    from napari_twinscope.twins.simulated import SimulatedCortex
    from napari_twinscope.twins.stages import Stage
    from napari_twinscope.twins.status import caution
    from napari_twinscope.twins.twin import Twin

__getattr__ = lazy_names(
    __name__,
    {
        "NetworkConfig": "config",
        "NetworkTwin": "network_twin",
        "SimulatedCortex": "simulated",
        "Stage": "stages",
        "Twin": "twin",
        "TwinEntry": "catalogue",
        "VisualNetwork": "network",
        "caution": "status",
        "list_twins": "catalogue",
        "load_twin": "catalogue",
        "stages_on_offer": "catalogue",
    },
)

__all__ = [
    "NetworkConfig",
    "NetworkTwin",
    "SimulatedCortex",
    "Stage",
    "Twin",
    "TwinEntry",
    "VisualNetwork",
    "caution",
    "list_twins",
    "load_twin",
    "stages_on_offer",
]
