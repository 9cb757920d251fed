"""The pairs of points that are looked at: all of them, or each point and those nearest to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.distances import checked_points, smallest_distance
from napari_twinscope.manifolds.graph.gabriel import gabriel_graph, gabriel_graph_of_nearest
from napari_twinscope.manifolds.graph.kernel import (
    KernelMasses,
    kernel_of_pairs,
    masses_of_pairs,
    multiscale_kernel,
)

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import ArrayLike, NDArray


class Pairs(Protocol):
    """Pairs of points with their distances, in units of the smallest one.

    Attributes
    ----------
    count
        Number of points.
    unit
        The smallest distance, in the caller's units.
    """

    count: int
    unit: float

    def gabriel_graph(self) -> NDArray[np.int64]:
        """Return the edges (i, j), i < j, of the Gabriel graph."""

    def lengths(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the distance between the ends of each edge."""

    def masses(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each point's sum of ``exp(-d2[i, j] / scales[i]**2)``, itself included."""

    def kernel(self, scales: NDArray[np.float64]) -> scipy.sparse.csr_array:
        """Return the kernel ``exp(-d2[i, j] / (scales[i] * scales[j]))``."""


class AllPairs:
    """All pairs of points, given their squared distances (point, point), which are not changed."""

    def __init__(self, squared: NDArray[np.float64]) -> None:
        self.count = len(squared)
        self.unit = smallest_distance(squared)
        self._squared = squared / self.unit**2
        self.masses = KernelMasses(self._squared)

    def gabriel_graph(self) -> NDArray[np.int64]:
        """Return the edges (i, j), i < j, of the Gabriel graph."""
        return gabriel_graph(self._squared)

    def lengths(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the distance between the ends of each edge."""
        lengths: NDArray[np.float64] = np.sqrt(self._squared[tuple(edges.T)])
        return lengths

    def kernel(self, scales: NDArray[np.float64]) -> scipy.sparse.csr_array:
        """Return the kernel ``exp(-d2[i, j] / (scales[i] * scales[j]))``."""
        return multiscale_kernel(self._squared, scales)


class NearestPairs:
    """Each point and its nearest ones; a pair is looked at if either is among the nearest of the other.

    Parameters
    ----------
    points
        Coordinates, shape (point, coordinate).
    nearest
        How many nearest points of each.

    Raises
    ------
    InvalidInput
        If points coincide, are fewer than three or not finite, or `nearest` is not a whole number from 2.
    """

    def __init__(self, points: ArrayLike, nearest: int) -> None:
        from scipy.sparse import csr_array
        from scipy.spatial import KDTree

        places = checked_points(points)
        if not isinstance(nearest, int) or nearest < 2:
            raise InvalidInput("nearest must be a whole number, at least 2.", given=nearest)
        self.count = len(places)
        size = min(nearest, self.count - 1)
        distances, others = KDTree(places).query(places, k=size + 1)
        self.unit = float(distances[:, 1].min())
        if self.unit <= 1e-8 * min(1.0, float(distances.max())):
            raise InvalidInput(
                "Two points coincide.",
                given=f"point {int(distances[:, 1].argmin())} and another, {self.unit:.3g} apart",
                needed="distinct points",
                remedy="remove duplicate units (and units that never respond) first",
            )
        rows, columns = np.repeat(np.arange(self.count), size), others[:, 1:].ravel()
        one_way = csr_array(
            ((distances[:, 1:].ravel() / self.unit) ** 2, (rows, columns)), shape=(self.count, self.count)
        )
        self._squared = one_way.maximum(one_way.T).tocsr()
        self._squared.sort_indices()
        self._mutual = one_way.minimum(one_way.T)

    def gabriel_graph(self) -> NDArray[np.int64]:
        """Return the edges (i, j), i < j, that no point near to both ends parts."""
        return gabriel_graph_of_nearest(self._squared)

    def mutual_edges(self) -> NDArray[np.int64]:
        """Return the edges (i, j), i < j, of a start that is sparser than the Gabriel graph can be.

        They join points that are among the nearest of each other; the edges of the minimum spanning tree
        of all pairs that are looked at keep the graph as connected as those pairs are.
        """
        from scipy.sparse.csgraph import minimum_spanning_tree

        tree = minimum_spanning_tree(self._squared)
        joined = (self._mutual + tree + tree.T).tocoo()
        rows, columns = joined.coords
        upper = rows < columns
        edges: NDArray[np.int64] = np.unique(
            np.stack((rows[upper], columns[upper]), axis=1).astype(np.int64), axis=0
        )
        return edges

    def lengths(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the distance between the ends of each edge."""
        squared = np.asarray(self._squared[edges[:, 0], edges[:, 1]]).ravel()
        if not squared.all():
            raise InvalidInput(
                "An edge joins points that are not among each other's nearest.",
                given=f"edge {edges[int(np.argmin(squared))].tolist()}",
                remedy="raise nearest",
            )
        lengths: NDArray[np.float64] = np.sqrt(squared)
        return lengths

    def masses(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each point's sum of ``exp(-d2[i, j] / scales[i]**2)``, itself included."""
        return masses_of_pairs(self._squared, scales)

    def kernel(self, scales: NDArray[np.float64]) -> scipy.sparse.csr_array:
        """Return the kernel ``exp(-d2[i, j] / (scales[i] * scales[j]))`` of these pairs."""
        return kernel_of_pairs(self._squared, scales)
