"""Clusters of units on a manifold, by density along the neighbourhood graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.edges import checked_edges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NOISE = -1


def graph_clusters(coordinates: ArrayLike, edges: ArrayLike, *, smallest: int = 10) -> NDArray[np.int64]:
    """Cluster units by HDBSCAN, with the neighbourhood graph in place of nearest neighbours.

    The core distance of a unit is that to the farthest of its graph neighbours; two units are as
    far apart as the largest of their core distances and their Euclidean distance. Clusters are those
    of largest excess of mass.

    Parameters
    ----------
    coordinates
        Coordinates on the manifold, shape (unit, coordinate), such as `DiffusionMap.coordinates`.
    edges
        The neighbourhood graph, shape (edge, 2).
    smallest
        Fewest units of a cluster, 2 or more.

    Returns
    -------
    numpy.ndarray
        Cluster of each unit from 0; -1 for noise, units without neighbours and units whose
        coordinates are NaN (outside the mapped component).

    Raises
    ------
    InvalidInput
        If the edges do not fit the coordinates, or `smallest` is below 2.

    References
    ----------
    Campello, Moulavi & Sander (2013), doi:10.1007/978-3-642-37456-2_14; on the graph, Bertram et al.
    (2026), arXiv 2601.21508.
    """
    from scipy.spatial.distance import cdist

    places = np.asarray(coordinates, dtype=np.float64)
    if places.ndim != 2:
        raise InvalidInput("Coordinates must be a matrix (unit, coordinate).", given=f"shape {places.shape}")
    if not isinstance(smallest, int) or smallest < 2:
        raise InvalidInput("A cluster has at least two units.", given=smallest)
    pairs = checked_edges(edges, len(places))
    unmapped = np.flatnonzero(~np.isfinite(places).all(axis=1))
    pairs = pairs[~np.isin(pairs, unmapped).any(axis=1)]
    lengths = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    core = np.full(len(places), NOISE, dtype=np.float64)
    for end in pairs.T:
        np.maximum.at(core, end, lengths)
    labels = np.full(len(places), NOISE)
    rows = np.flatnonzero(core >= 0)
    if len(rows) < smallest:
        return labels
    reach = np.maximum(np.maximum(core[rows, None], core[rows]), cdist(places[rows], places[rows]))
    np.fill_diagonal(reach, 0)
    labels[rows] = _hdbscan(reach, smallest)
    return labels


def _hdbscan(distances: NDArray[np.float64], smallest: int) -> NDArray[np.int64]:
    from sklearn.cluster import HDBSCAN

    # With one sample scikit-learn's own core distance is that of a point to itself: zero.
    method = HDBSCAN(min_cluster_size=smallest, min_samples=1, metric="precomputed", copy=True)
    labels: NDArray[np.int64] = method.fit(distances).labels_
    return labels
