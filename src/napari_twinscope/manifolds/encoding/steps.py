"""The steps from responses to an encoding manifold, each from results to a result that can be kept.

A result is a dataset of numbers: names and single values are its attributes. Units are those of the
tensor, in the order of their place in the network, so that no result depends on the order in which they
were recorded; ``place`` tells where each was.
"""

from __future__ import annotations

from napari_twinscope.manifolds.encoding import graph_steps as graph
from napari_twinscope.manifolds.encoding import response_steps as responses
from napari_twinscope.manifolds.encoding.step import Step

TENSOR = Step("tensor", "Preparing the responses", ("responses",), ("tensor",), responses.make_tensor)
RANK = Step(
    "rank", "Trying ranks", ("tensor",), ("ranks", "rank_restarts", "seed"), responses.try_ranks, reports=True
)
_GRAPH = (
    "objective",
    "n_stds",
    "max_prune",
    "stdev_method",
    "kernel_statistic",
    "nearest",
    "farthest",
    "closest",
)
AFTER_RANK = (
    Step(
        "factorization",
        "Factorising the responses",
        ("tensor",),
        ("rank", "restarts", "seed"),
        responses.factorize,
        reports=True,
    ),
    Step(
        "neural_matrix",
        "Fitting each unit by the components",
        ("tensor", "factorization"),
        ("variance",),
        responses.fit_units,
    ),
    Step("neighborhoods", "Pruning the graph", ("neural_matrix",), _GRAPH, graph.make_graph, reports=True),
    Step(
        "map",
        "Mapping the units",
        ("neural_matrix", "neighborhoods"),
        ("n_components", "alpha"),
        graph.map_units,
    ),
    Step(
        "dimension",
        "Measuring the local dimension",
        ("neural_matrix", "neighborhoods"),
        ("dimension_order",),
        graph.measure_dimension,
    ),
    Step(
        "clusters",
        "Clustering the units",
        ("neural_matrix", "neighborhoods", "map"),
        ("cluster_components", "cluster_size"),
        graph.cluster_units,
    ),
    Step(
        "graph_statistics",
        "Comparing clusters and feature maps",
        ("tensor", "neural_matrix", "neighborhoods", "clusters"),
        (),
        graph.compare_maps,
    ),
    Step("units", "Measuring the units", ("tensor",), (), responses.measure_units),
)
