"""From the responses of a population to its manifold: neighbourhoods, kernel, map and dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.manifolds.clusters import graph_clusters
    from napari_twinscope.manifolds.diffusion import DiffusionMap, diffusion_map
    from napari_twinscope.manifolds.dimension import LocalDimension, local_dimension
    from napari_twinscope.manifolds.edges import degrees, same_map_degrees, weighted_degrees
    from napari_twinscope.manifolds.gabriel import gabriel_graph
    from napari_twinscope.manifolds.kernel import multiscale_kernel
    from napari_twinscope.manifolds.neighborhoods import Iteration, Neighborhoods, adaptive_neighborhoods
    from napari_twinscope.manifolds.neural_fit import NeuralMatrix, leading_components, neural_matrix
    from napari_twinscope.manifolds.permuted_fit import PermutedFactorization, permuted_factorization
    from napari_twinscope.manifolds.permuted_misfit import Factors, permuted_objective
    from napari_twinscope.manifolds.purity import MapPurity, map_purity

__getattr__ = lazy_names(
    __name__,
    {
        "DiffusionMap": "diffusion",
        "Factors": "permuted_misfit",
        "Iteration": "neighborhoods",
        "LocalDimension": "dimension",
        "MapPurity": "purity",
        "Neighborhoods": "neighborhoods",
        "NeuralMatrix": "neural_fit",
        "PermutedFactorization": "permuted_fit",
        "adaptive_neighborhoods": "neighborhoods",
        "degrees": "edges",
        "diffusion_map": "diffusion",
        "gabriel_graph": "gabriel",
        "graph_clusters": "clusters",
        "leading_components": "neural_fit",
        "local_dimension": "dimension",
        "map_purity": "purity",
        "multiscale_kernel": "kernel",
        "neural_matrix": "neural_fit",
        "permuted_factorization": "permuted_fit",
        "permuted_objective": "permuted_misfit",
        "same_map_degrees": "edges",
        "weighted_degrees": "edges",
    },
)

__all__ = [
    "DiffusionMap",
    "Factors",
    "Iteration",
    "LocalDimension",
    "MapPurity",
    "Neighborhoods",
    "NeuralMatrix",
    "PermutedFactorization",
    "adaptive_neighborhoods",
    "degrees",
    "diffusion_map",
    "gabriel_graph",
    "graph_clusters",
    "leading_components",
    "local_dimension",
    "map_purity",
    "multiscale_kernel",
    "neural_matrix",
    "permuted_factorization",
    "permuted_objective",
    "same_map_degrees",
    "weighted_degrees",
]
