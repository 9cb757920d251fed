"""From the responses of a population to its manifold: neighbourhoods, kernel, map and dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.manifolds.alignment_options import AlignmentOptions
    from napari_twinscope.manifolds.classification import classification_over_time
    from napari_twinscope.manifolds.classification_options import ClassificationOptions
    from napari_twinscope.manifolds.clusters import graph_clusters
    from napari_twinscope.manifolds.decoding import decoding_manifold
    from napari_twinscope.manifolds.diffusion import DiffusionMap, diffusion_map
    from napari_twinscope.manifolds.dimension import LocalDimension, local_dimension
    from napari_twinscope.manifolds.dynamical_similarity import dynamical_distance, one_step_operator
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
    from napari_twinscope.manifolds.population_alignment import alignment
    from napari_twinscope.manifolds.purity import MapPurity, map_purity
    from napari_twinscope.manifolds.rank import RankChoice, choose_rank, plot_rank_choice
    from napari_twinscope.manifolds.representation import cca, linear_cka, procrustes, rsa
    from napari_twinscope.manifolds.simulated_tubes import (
        SimulatedTubes,
        crossing_tubes,
        inflating_tube,
        parallel_tubes,
        single_tube,
    )
    from napari_twinscope.manifolds.subpopulation import extreme_units, selection_sweep, subpopulation_scores
    from napari_twinscope.manifolds.trajectories import decoding_trajectories
    from napari_twinscope.manifolds.transport import (
        Transport,
        gromov_wasserstein,
        laplacian_spectrum,
        path_distances,
        spectral_distance,
    )
    from napari_twinscope.manifolds.tubularity_bootstrap import compare_tubularity
    from napari_twinscope.manifolds.tubularity_measures import curve_tubularity, tubularity
    from napari_twinscope.manifolds.tubularity_options import TubularityOptions
    from napari_twinscope.manifolds.tubularity_published import published_tubularity
    from napari_twinscope.manifolds.tubularity_sweep import tubularity_sensitivity

__getattr__ = lazy_names(
    __name__,
    {
        "AlignmentOptions": "alignment_options",
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
        "Transport": "transport",
        "TubularityOptions": "tubularity_options",
        "adaptive_neighborhoods": "neighborhoods",
        "alignment": "population_alignment",
        "cca": "representation",
        "choose_rank": "rank",
        "classification_over_time": "classification",
        "compare_tubularity": "tubularity_bootstrap",
        "crossing_tubes": "simulated_tubes",
        "curve_tubularity": "tubularity_measures",
        "decoding_manifold": "decoding",
        "decoding_trajectories": "trajectories",
        "degrees": "edges",
        "diffusion_map": "diffusion",
        "dynamical_distance": "dynamical_similarity",
        "encoding_manifold": "encoding",
        "extreme_units": "subpopulation",
        "gabriel_graph": "gabriel",
        "graph_clusters": "clusters",
        "gromov_wasserstein": "transport",
        "inflating_tube": "simulated_tubes",
        "laplacian_spectrum": "transport",
        "leading_components": "neural_fit",
        "linear_cka": "representation",
        "local_dimension": "dimension",
        "map_purity": "purity",
        "multiscale_kernel": "kernel",
        "neural_matrix": "neural_fit",
        "one_step_operator": "dynamical_similarity",
        "open_encoding_manifold": "encoding",
        "parallel_tubes": "simulated_tubes",
        "path_distances": "transport",
        "permuted_factorization": "permuted_fit",
        "permuted_objective": "permuted_misfit",
        "plot_rank_choice": "rank",
        "procrustes": "representation",
        "published_tubularity": "tubularity_published",
        "rsa": "representation",
        "same_map_degrees": "edges",
        "selection_sweep": "subpopulation",
        "single_tube": "simulated_tubes",
        "spectral_distance": "transport",
        "stored_encoding_manifolds": "encoding",
        "subpopulation_scores": "subpopulation",
        "tubularity": "tubularity_measures",
        "tubularity_sensitivity": "tubularity_sweep",
        "weighted_degrees": "edges",
    },
)

__all__ = [
    "AlignmentOptions",
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
    "Transport",
    "TubularityOptions",
    "adaptive_neighborhoods",
    "alignment",
    "cca",
    "choose_rank",
    "classification_over_time",
    "compare_tubularity",
    "crossing_tubes",
    "curve_tubularity",
    "decoding_manifold",
    "decoding_trajectories",
    "degrees",
    "diffusion_map",
    "dynamical_distance",
    "encoding_manifold",
    "extreme_units",
    "gabriel_graph",
    "graph_clusters",
    "gromov_wasserstein",
    "inflating_tube",
    "laplacian_spectrum",
    "leading_components",
    "linear_cka",
    "local_dimension",
    "map_purity",
    "multiscale_kernel",
    "neural_matrix",
    "one_step_operator",
    "open_encoding_manifold",
    "parallel_tubes",
    "path_distances",
    "permuted_factorization",
    "permuted_objective",
    "plot_rank_choice",
    "procrustes",
    "published_tubularity",
    "rsa",
    "same_map_degrees",
    "selection_sweep",
    "single_tube",
    "spectral_distance",
    "stored_encoding_manifolds",
    "subpopulation_scores",
    "tubularity",
    "tubularity_sensitivity",
    "weighted_degrees",
]
