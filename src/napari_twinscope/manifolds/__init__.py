"""From the responses of populations to their manifolds, and the comparison of populations.

`factorization` and `graph` make what `encoding` chains into the manifold of units; `decoding` shows
stimuli and their trajectories in activity space, `tubes` how tightly those run together, and
`comparison` how populations differ. `stages` puts all measures of several into one table and a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.manifolds.comparison.alignment_options import AlignmentOptions
    from napari_twinscope.manifolds.comparison.classification import classification_over_time
    from napari_twinscope.manifolds.comparison.classification_difference import compare_accuracy
    from napari_twinscope.manifolds.comparison.classification_options import ClassificationOptions
    from napari_twinscope.manifolds.comparison.dynamical_similarity import (
        dynamical_distance,
        one_step_operator,
    )
    from napari_twinscope.manifolds.comparison.population_alignment import alignment
    from napari_twinscope.manifolds.comparison.representation import cca, linear_cka, procrustes, rsa
    from napari_twinscope.manifolds.comparison.subpopulation import (
        extreme_units,
        selection_sweep,
        subpopulation_scores,
    )
    from napari_twinscope.manifolds.comparison.transport import (
        Transport,
        gromov_wasserstein,
        laplacian_spectrum,
        path_distances,
        spectral_distance,
    )
    from napari_twinscope.manifolds.decoding.dimensionality import activity_dimension
    from napari_twinscope.manifolds.decoding.manifold import decoding_manifold
    from napari_twinscope.manifolds.decoding.trajectories import decoding_trajectories
    from napari_twinscope.manifolds.encoding.manifold import (
        encoding_manifold,
        open_encoding_manifold,
        stored_encoding_manifolds,
    )
    from napari_twinscope.manifolds.encoding.options import EncodingOptions
    from napari_twinscope.manifolds.encoding.result import EncodingManifold
    from napari_twinscope.manifolds.factorization.fit import PermutedFactorization, permuted_factorization
    from napari_twinscope.manifolds.factorization.misfit import Factors, permuted_objective
    from napari_twinscope.manifolds.factorization.neural_fit import (
        NeuralMatrix,
        leading_components,
        neural_matrix,
    )
    from napari_twinscope.manifolds.factorization.rank import (
        RankChoice,
        choose_rank,
        plot_rank_choice,
        rank_choice,
    )
    from napari_twinscope.manifolds.graph.activity_arm import activity_arm
    from napari_twinscope.manifolds.graph.clusters import graph_clusters
    from napari_twinscope.manifolds.graph.diffusion import DiffusionMap, diffusion_map
    from napari_twinscope.manifolds.graph.dimension import LocalDimension, local_dimension
    from napari_twinscope.manifolds.graph.edges import degrees, same_map_degrees, weighted_degrees
    from napari_twinscope.manifolds.graph.gabriel import gabriel_graph
    from napari_twinscope.manifolds.graph.kernel import multiscale_kernel
    from napari_twinscope.manifolds.graph.neighborhoods import (
        Iteration,
        Neighborhoods,
        adaptive_neighborhoods,
    )
    from napari_twinscope.manifolds.graph.purity import MapPurity, map_purity
    from napari_twinscope.manifolds.stages.comparison import stage_comparison
    from napari_twinscope.manifolds.stages.figures import available_figures, plot_comparison
    from napari_twinscope.manifolds.stages.options import ComparisonOptions
    from napari_twinscope.manifolds.stages.report import write_report
    from napari_twinscope.manifolds.stages.result import StageComparison
    from napari_twinscope.manifolds.tubes.bootstrap import compare_tubularity
    from napari_twinscope.manifolds.tubes.measures import curve_tubularity, tubularity
    from napari_twinscope.manifolds.tubes.options import TubularityOptions
    from napari_twinscope.manifolds.tubes.published import published_tubularity
    from napari_twinscope.manifolds.tubes.simulated_tubes import (
        SimulatedTubes,
        crossing_tubes,
        inflating_tube,
        parallel_tubes,
        single_tube,
    )
    from napari_twinscope.manifolds.tubes.sweep import tubularity_sensitivity

__getattr__ = lazy_names(
    __name__,
    {
        "AlignmentOptions": "comparison.alignment_options",
        "ClassificationOptions": "comparison.classification_options",
        "ComparisonOptions": "stages.options",
        "DiffusionMap": "graph.diffusion",
        "EncodingManifold": "encoding.result",
        "EncodingOptions": "encoding.options",
        "Factors": "factorization.misfit",
        "Iteration": "graph.neighborhoods",
        "LocalDimension": "graph.dimension",
        "MapPurity": "graph.purity",
        "Neighborhoods": "graph.neighborhoods",
        "NeuralMatrix": "factorization.neural_fit",
        "PermutedFactorization": "factorization.fit",
        "RankChoice": "factorization.rank",
        "SimulatedTubes": "tubes.simulated_tubes",
        "StageComparison": "stages.result",
        "Transport": "comparison.transport",
        "TubularityOptions": "tubes.options",
        "activity_arm": "graph.activity_arm",
        "activity_dimension": "decoding.dimensionality",
        "adaptive_neighborhoods": "graph.neighborhoods",
        "alignment": "comparison.population_alignment",
        "available_figures": "stages.figures",
        "cca": "comparison.representation",
        "choose_rank": "factorization.rank",
        "classification_over_time": "comparison.classification",
        "compare_accuracy": "comparison.classification_difference",
        "compare_tubularity": "tubes.bootstrap",
        "crossing_tubes": "tubes.simulated_tubes",
        "curve_tubularity": "tubes.measures",
        "decoding_manifold": "decoding.manifold",
        "decoding_trajectories": "decoding.trajectories",
        "degrees": "graph.edges",
        "diffusion_map": "graph.diffusion",
        "dynamical_distance": "comparison.dynamical_similarity",
        "encoding_manifold": "encoding.manifold",
        "extreme_units": "comparison.subpopulation",
        "gabriel_graph": "graph.gabriel",
        "graph_clusters": "graph.clusters",
        "gromov_wasserstein": "comparison.transport",
        "inflating_tube": "tubes.simulated_tubes",
        "laplacian_spectrum": "comparison.transport",
        "leading_components": "factorization.neural_fit",
        "linear_cka": "comparison.representation",
        "local_dimension": "graph.dimension",
        "map_purity": "graph.purity",
        "multiscale_kernel": "graph.kernel",
        "neural_matrix": "factorization.neural_fit",
        "one_step_operator": "comparison.dynamical_similarity",
        "open_encoding_manifold": "encoding.manifold",
        "parallel_tubes": "tubes.simulated_tubes",
        "path_distances": "comparison.transport",
        "permuted_factorization": "factorization.fit",
        "permuted_objective": "factorization.misfit",
        "plot_comparison": "stages.figures",
        "plot_rank_choice": "factorization.rank",
        "procrustes": "comparison.representation",
        "published_tubularity": "tubes.published",
        "rank_choice": "factorization.rank",
        "rsa": "comparison.representation",
        "same_map_degrees": "graph.edges",
        "selection_sweep": "comparison.subpopulation",
        "single_tube": "tubes.simulated_tubes",
        "spectral_distance": "comparison.transport",
        "stage_comparison": "stages.comparison",
        "stored_encoding_manifolds": "encoding.manifold",
        "subpopulation_scores": "comparison.subpopulation",
        "tubularity": "tubes.measures",
        "tubularity_sensitivity": "tubes.sweep",
        "weighted_degrees": "graph.edges",
        "write_report": "stages.report",
    },
)

__all__ = [
    "AlignmentOptions",
    "ClassificationOptions",
    "ComparisonOptions",
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
    "StageComparison",
    "Transport",
    "TubularityOptions",
    "activity_arm",
    "activity_dimension",
    "adaptive_neighborhoods",
    "alignment",
    "available_figures",
    "cca",
    "choose_rank",
    "classification_over_time",
    "compare_accuracy",
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
    "plot_comparison",
    "plot_rank_choice",
    "procrustes",
    "published_tubularity",
    "rank_choice",
    "rsa",
    "same_map_degrees",
    "selection_sweep",
    "single_tube",
    "spectral_distance",
    "stage_comparison",
    "stored_encoding_manifolds",
    "subpopulation_scores",
    "tubularity",
    "tubularity_sensitivity",
    "weighted_degrees",
    "write_report",
]
