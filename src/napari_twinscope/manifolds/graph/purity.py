"""Whether clusters of units, and neighbours on the graph, come from the same feature map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.clusters import NOISE
from napari_twinscope.manifolds.graph.edges import checked_edges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_PURE = 0.95


@dataclass(frozen=True)
class MapPurity:
    """How well clusters and feature maps agree; units of noise are left out of all but the edges.

    Attributes
    ----------
    cluster_purity, cluster_size
        For each cluster the share of its most frequent map, and its number of units.
    weighted_purity
        Mean purity weighted by size; NaN without clusters.
    pure_share
        Share of clusters with a purity of at least 0.95; NaN without clusters.
    mutual_information
        Normalised mutual information of cluster and map; NaN without clusters.
    rand_index
        Adjusted Rand index of cluster and map; NaN without clusters.
    edge_share, chance_share
        Share of graph edges, and of all pairs of units, that lie within one map.
    null
        Weighted purity with the maps permuted among all units, one value for each permutation.
    """

    cluster_purity: NDArray[np.float64]
    cluster_size: NDArray[np.int64]
    weighted_purity: float
    pure_share: float
    mutual_information: float
    rand_index: float
    edge_share: float
    chance_share: float
    null: NDArray[np.float64]


def map_purity(
    clusters: ArrayLike,
    feature_map: ArrayLike,
    edges: ArrayLike,
    *,
    permutations: int = 200,
    seed: int = 0,
) -> MapPurity:
    """Measure how far clusters and graph neighbours stay within one feature map.

    Parameters
    ----------
    clusters
        Cluster of each unit, -1 for noise, such as `graph_clusters` returns.
    feature_map
        Feature map of each unit.
    edges
        The neighbourhood graph, shape (edge, 2).
    permutations, seed
        Number of permutations for the null distribution, and the seed that draws them.

    Raises
    ------
    InvalidInput
        If clusters, maps and edges do not belong to the same units, two or more.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    labels, maps = np.asarray(clusters), np.asarray(feature_map)
    if labels.ndim != 1 or labels.shape != maps.shape or len(labels) < 2:
        raise InvalidInput(
            "Clusters and feature maps must belong to the same units.",
            given=f"shapes {labels.shape} and {maps.shape}",
            needed="one cluster and one map for each of two or more units",
        )
    pairs = checked_edges(edges, len(labels))
    kept = labels != NOISE
    maps = np.unique(maps, return_inverse=True)[1]
    counts = _table(labels[kept], maps, kept)
    size = counts.sum(axis=1)
    purity = counts.max(axis=1, initial=0) / size
    random = np.random.default_rng(seed)
    null = [_weighted(_table(labels[kept], random.permutation(maps), kept)) for _ in range(permutations)]
    some = len(size) > 0
    in_map = np.bincount(maps)
    return MapPurity(
        cluster_purity=purity,
        cluster_size=size,
        weighted_purity=_weighted(counts),
        pure_share=float(np.mean(purity >= _PURE)) if some else np.nan,
        mutual_information=float(normalized_mutual_info_score(labels[kept], maps[kept])) if some else np.nan,
        rand_index=float(adjusted_rand_score(labels[kept], maps[kept])) if some else np.nan,
        edge_share=float(np.mean(maps[pairs[:, 0]] == maps[pairs[:, 1]])) if len(pairs) else np.nan,
        chance_share=float((in_map * (in_map - 1)).sum() / (len(maps) * (len(maps) - 1))),
        null=np.array(null, dtype=np.float64),
    )


def _table(labels: NDArray[np.int64], maps: NDArray[np.int64], kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the units of each cluster in each map, shape (cluster, map)."""
    names, cluster = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), int(maps.max()) + 1), dtype=np.int64)
    np.add.at(counts, (cluster, maps[kept]), 1)
    return counts


def _weighted(counts: NDArray[np.int64]) -> float:
    """Return the mean purity weighted by size: the share of units in their cluster's commonest map."""
    total = int(counts.sum())
    return float(counts.max(axis=1).sum() / total) if total else np.nan
