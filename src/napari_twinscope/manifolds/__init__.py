"""From the responses of a population to its manifold: neighbourhoods, kernel, map and dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.manifolds.diffusion import DiffusionMap, diffusion_map
    from napari_twinscope.manifolds.dimension import LocalDimension, local_dimension
    from napari_twinscope.manifolds.gabriel import gabriel_graph
    from napari_twinscope.manifolds.kernel import multiscale_kernel
    from napari_twinscope.manifolds.neighborhoods import Iteration, Neighborhoods, adaptive_neighborhoods

__getattr__ = lazy_names(
    __name__,
    {
        "DiffusionMap": "diffusion",
        "Iteration": "neighborhoods",
        "LocalDimension": "dimension",
        "Neighborhoods": "neighborhoods",
        "adaptive_neighborhoods": "neighborhoods",
        "diffusion_map": "diffusion",
        "gabriel_graph": "gabriel",
        "local_dimension": "dimension",
        "multiscale_kernel": "kernel",
    },
)

__all__ = [
    "DiffusionMap",
    "Iteration",
    "LocalDimension",
    "Neighborhoods",
    "adaptive_neighborhoods",
    "diffusion_map",
    "gabriel_graph",
    "local_dimension",
    "multiscale_kernel",
]
