"""From the responses of a population to its manifold: neighbourhoods, kernel, map and dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.manifolds.classification import classification_over_time
    from napari_twinscope.manifolds.classification_options import ClassificationOptions
    from napari_twinscope.manifolds.clusters import graph_clusters
    from napari_twinscope.manifolds.decoding import decoding_manifold
    from napari_twinscope.manifolds.diffusion import DiffusionMap, diffusion_map
    from napari_twinscope.manifolds.dimension import LocalDimension, local_dimension
    from napari_twinscope.manifolds.edges import degrees, same_map_degrees, weighted_degrees
    from napari_twinscope.manifolds.encoding import (
        encoding_manifold,
        open_encoding_manifold,
        stored_encoding_manifolds,
    )
    from napari_twinscope.manifolds.encoding_options import EncodingOptions
    from napari_twinscope.manifolds.encoding_result import EncodingManifold
    from napari_twinscope.manifolds.gabriel import gabriel_graph
    from napari_twinscope.manifolds.kernel import multiscale_kernel
    from napari_twinscope.manifolds.neighborhoods import Iteration, Neighborhoods, adaptive_neighborhoods
    from napari_twinscope.manifolds.neural_fit import NeuralMatrix, leading_components, neural_matrix
    from napari_twinscope.manifolds.permuted_fit import PermutedFactorization, permuted_factorization
    from napari_twinscope.manifolds.permuted_misfit import Factors, permuted_objective
    from napari_twinscope.manifolds.purity import MapPurity, map_purity
    from napari_twinscope.manifolds.rank import RankChoice, choose_rank, plot_rank_choice
    from napari_twinscope.manifolds.simulated_tubes import (
        SimulatedTubes,
        crossing_tubes,
        inflating_tube,
        parallel_tubes,
        single_tube,
    )
    from napari_twinscope.manifolds.trajectories import decoding_trajectories
    from napari_twinscope.manifolds.tubularity_bootstrap import compare_tubularity
    from napari_twinscope.manifolds.tubularity_measures import curve_tubularity, tubularity
    from napari_twinscope.manifolds.tubularity_options import TubularityOptions
    from napari_twinscope.manifolds.tubularity_published import published_tubularity
    from napari_twinscope.manifolds.tubularity_sweep import tubularity_sensitivity

__getattr__ = lazy_names(
    __name__,
    {
        "ClassificationOptions": "classification_options",
        "DiffusionMap": "diffusion",
        "EncodingManifold": "encoding_result",
        "EncodingOptions": "encoding_options",
        "Factors": "permuted_misfit",
        "Iteration": "neighborhoods",
        "LocalDimension": "dimension",
        "MapPurity": "purity",
        "Neighborhoods": "neighborhoods",
        "NeuralMatrix": "neural_fit",
        "PermutedFactorization": "permuted_fit",
        "RankChoice": "rank",
        "SimulatedTubes": "simulated_tubes",
        "TubularityOptions": "tubularity_options",
        "adaptive_neighborhoods": "neighborhoods",
        "choose_rank": "rank",
        "classification_over_time": "classification",
        "compare_tubularity": "tubularity_bootstrap",
        "crossing_tubes": "simulated_tubes",
        "curve_tubularity": "tubularity_measures",
        "decoding_manifold": "decoding",
        "decoding_trajectories": "trajectories",
        "degrees": "edges",
        "diffusion_map": "diffusion",
        "encoding_manifold": "encoding",
        "gabriel_graph": "gabriel",
        "graph_clusters": "clusters",
        "inflating_tube": "simulated_tubes",
        "leading_components": "neural_fit",
        "local_dimension": "dimension",
        "map_purity": "purity",
        "multiscale_kernel": "kernel",
        "neural_matrix": "neural_fit",
        "open_encoding_manifold": "encoding",
        "parallel_tubes": "simulated_tubes",
        "permuted_factorization": "permuted_fit",
        "permuted_objective": "permuted_misfit",
        "plot_rank_choice": "rank",
        "published_tubularity": "tubularity_published",
        "same_map_degrees": "edges",
        "single_tube": "simulated_tubes",
        "stored_encoding_manifolds": "encoding",
        "tubularity": "tubularity_measures",
        "tubularity_sensitivity": "tubularity_sweep",
        "weighted_degrees": "edges",
    },
)

__all__ = [
    "ClassificationOptions",
    "DiffusionMap",
    "EncodingManifold",
    "EncodingOptions",
    "Factors",
    "Iteration",
    "LocalDimension",
    "MapPurity",
    "Neighborhoods",
    "NeuralMatrix",
    "PermutedFactorization",
    "RankChoice",
    "SimulatedTubes",
    "TubularityOptions",
    "adaptive_neighborhoods",
    "choose_rank",
    "classification_over_time",
    "compare_tubularity",
    "crossing_tubes",
    "curve_tubularity",
    "decoding_manifold",
    "decoding_trajectories",
    "degrees",
    "diffusion_map",
    "encoding_manifold",
    "gabriel_graph",
    "graph_clusters",
    "inflating_tube",
    "leading_components",
    "local_dimension",
    "map_purity",
    "multiscale_kernel",
    "neural_matrix",
    "open_encoding_manifold",
    "parallel_tubes",
    "permuted_factorization",
    "permuted_objective",
    "plot_rank_choice",
    "published_tubularity",
    "same_map_degrees",
    "single_tube",
    "stored_encoding_manifolds",
    "tubularity",
    "tubularity_sensitivity",
    "weighted_degrees",
]
