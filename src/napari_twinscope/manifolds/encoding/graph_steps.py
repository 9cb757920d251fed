"""The steps from the neural matrix to the manifold: graph, map, dimension, clusters, feature maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.manifolds.encoding.left_out import KEPT, left_out_points
from napari_twinscope.manifolds.encoding.response_steps import check_enough
from napari_twinscope.manifolds.graph.clusters import graph_clusters
from napari_twinscope.manifolds.graph.diffusion import diffusion_map
from napari_twinscope.manifolds.graph.dimension import local_dimension
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.edges import degrees, same_map_degrees, weighted_degrees
from napari_twinscope.manifolds.graph.neighborhoods import adaptive_neighborhoods
from napari_twinscope.manifolds.graph.pairs import AllPairs, NearestPairs, Pairs
from napari_twinscope.manifolds.graph.purity import map_purity

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.encoding.step import Results, Run


def make_graph(results: Results, run: Run) -> xr.Dataset:
    """Return the neighbourhood graph of the units that are neither outliers nor duplicates."""
    options = run.options
    points = results["neural_matrix"]["points"].values
    status, twin = left_out_points(points, farthest=options.farthest, closest=options.closest)
    used = np.flatnonzero(status == KEPT)
    check_enough(len(used))
    found = adaptive_neighborhoods(
        points[used],
        objective=options.objective,
        n_stds=options.n_stds,
        max_prune=options.max_prune,
        stdev_method=options.stdev_method,
        kernel_statistic=options.kernel_statistic,
        nearest=options.nearest,
        progress=run.progress,
    )
    scales = np.full(len(points), np.nan)
    scales[used] = found.scales
    history = {
        name: (("iteration",), np.array([getattr(one, name) for one in found.history], dtype=np.float64))
        for name in ("coverage", "median_ratio", "threshold", "scale_sum")
    }
    return xr.Dataset(
        {
            "status": (("unit",), status),
            "duplicate_of": (("unit",), twin),
            "edges": (("edge", "end"), used[found.edges]),
            "initial_edges": (("initial_edge", "end"), used[found.initial_edges]),
            "scales": (("unit",), scales),
            "isolated": (("isolated_unit",), used[found.isolated]),
            "removed": (("iteration",), np.array([len(one.removed) for one in found.history])),
            **history,
        },
        attrs={
            "converged": bool(found.converged),
            "kernel_coverage": float(found.coverage),
            "nearest": options.nearest,
        },
    )


def kernel_of(neural: xr.Dataset, neighborhoods: xr.Dataset) -> scipy.sparse.csr_array:
    """Return the kernel between the units of the graph, as `adaptive_neighborhoods` made it.

    It is nearly dense, and so it is not kept but made again from its scales.

    Parameters
    ----------
    neural, neighborhoods
        Results of the steps of these names.
    """
    used = neighborhoods["status"].values == KEPT
    points, nearest = neural["points"].values[used], neighborhoods.attrs["nearest"]
    pairs: Pairs = (
        AllPairs(squared_distances_of(points)) if nearest is None else NearestPairs(points, nearest)
    )
    return pairs.kernel(neighborhoods["scales"].values[used] / pairs.unit)


def map_units(results: Results, run: Run) -> xr.Dataset:
    """Return the diffusion coordinates of the units on the graph, as many as they allow."""
    from scipy.sparse.csgraph import connected_components

    neural, graph = results["neural_matrix"], results["neighborhoods"]
    kernel = kernel_of(neural, graph)
    used = np.flatnonzero(graph["status"].values == KEPT)
    largest = int(np.bincount(connected_components(kernel, directed=False)[1]).max())
    number = min(run.options.n_components, max(1, largest - 1))
    found = diffusion_map(kernel, number, run.options.alpha)
    coordinates = np.full((len(graph["status"]), number), np.nan)
    coordinates[used] = found.coordinates
    return xr.Dataset(
        {
            "coordinates": (("unit", "component"), coordinates),
            "eigenvalues": (("component",), found.eigenvalues),
        },
        attrs={"components": found.components},
    )


def measure_dimension(results: Results, run: Run) -> xr.Dataset:
    """Return the local dimension around each unit of the graph."""
    neural, graph = results["neural_matrix"], results["neighborhoods"]
    used = np.flatnonzero(graph["status"].values == KEPT)
    edges = np.searchsorted(used, graph["edges"].values)
    found = local_dimension(edges, neural["points"].values[used], order=run.options.dimension_order)
    return xr.Dataset(
        {
            name: (("unit",), _spread(values, used, len(graph["status"])))
            for name, values in (
                ("dimension", found.dimension),
                ("correlation_dimension", found.correlation),
                ("degree_dimension", found.degree),
            )
        }
    )


def cluster_units(results: Results, run: Run) -> xr.Dataset:
    """Return the cluster of each unit, -1 for none."""
    coordinates = results["map"]["coordinates"].values
    wanted = run.options.cluster_components or results["neural_matrix"].sizes["coordinate"]
    edges = results["neighborhoods"]["edges"].values
    labels = graph_clusters(coordinates[:, :wanted], edges, smallest=run.options.cluster_size)
    return xr.Dataset(
        {"cluster": (("unit",), labels)}, attrs={"coordinates": min(wanted, coordinates.shape[1])}
    )


def compare_maps(results: Results, run: Run) -> xr.Dataset:
    """Return degrees, and how far clusters and neighbours stay within a feature map."""
    graph, maps = results["neighborhoods"], results["tensor"]["channel"].values
    used = np.flatnonzero(graph["status"].values == KEPT)
    edges = np.searchsorted(used, graph["edges"].values)
    kernel = kernel_of(results["neural_matrix"], graph)
    # The public code takes every positive weight of the kernel for an edge, which joins nearly all units.
    counted = edges if run.options.preset == "corrected" else _links(kernel)
    purity = map_purity(results["clusters"]["cluster"].values[used], maps[used], edges)
    count = len(maps)
    single = {
        name: float(value)
        for name in ("weighted_purity", "pure_share", "mutual_information", "rand_index", "edge_share")
        if np.isfinite(value := getattr(purity, name))
    }
    return xr.Dataset(
        {
            "degree": (("unit",), _spread(degrees(counted, len(used)), used, count)),
            "same_map_edges": (("unit",), _spread(same_map_degrees(counted, maps[used]), used, count)),
            "weighted_degree": (("unit",), _spread(weighted_degrees(kernel), used, count)),
            "cluster_purity": (("cluster",), purity.cluster_purity),
            "cluster_size": (("cluster",), purity.cluster_size),
            "null_purity": (("permutation",), purity.null),
        },
        attrs=single | {"chance_share": float(purity.chance_share)},
    )


def _links(kernel: scipy.sparse.csr_array) -> NDArray[np.int64]:
    row, column = kernel.nonzero()
    links: NDArray[np.int64] = np.stack([row, column], axis=1)[row < column].astype(np.int64)
    return links


def _spread(values: NDArray[Any], used: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return values of the used units among all, not a number for the others."""
    spread = np.full(count, np.nan)
    spread[used] = values
    return spread
