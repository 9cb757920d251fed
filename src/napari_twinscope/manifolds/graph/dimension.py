"""The local dimension of a manifold, from how distances fill up around each point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.edges import checked_edges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_STEP = 0.01  # of the grid of scales, in decades
_COARSE_STEP = 0.25  # of the search for the ends of the grid
_FLAT = 1e-4  # a curve this close to its limit has nothing left to show


@dataclass(frozen=True)
class LocalDimension:
    """Local dimension of each point; NaN for points without neighbours.

    Attributes
    ----------
    dimension
        The larger of `degree` and `correlation`.
    correlation, degree
        Correlation dimension of each neighbourhood, and log2 of the degree rounded down, both
        averaged over the graph neighbours of the point (itself not included).
    correlation_raw, degree_raw
        The same before averaging and rounding; the degree dimension is at least 1.
    """

    dimension: NDArray[np.float64]
    correlation: NDArray[np.float64]
    degree: NDArray[np.float64]
    correlation_raw: NDArray[np.float64]
    degree_raw: NDArray[np.float64]


def local_dimension(
    edges: ArrayLike,
    points: ArrayLike | None = None,
    *,
    squared_distances: ArrayLike | None = None,
    order: int = 2,
) -> LocalDimension:
    """Estimate the dimension of the manifold around each point.

    Around the centre of a neighbourhood, the number of points within a Gaussian ball of radius s grows
    as s to the power of the dimension. The neighbourhood correlation dimension (NCD) is the steepest
    growth on a log-log scale, past the first bend of the curve.

    Parameters
    ----------
    edges
        The neighbourhood graph, shape (edge, 2), such as `Neighborhoods.edges`.
    points
        Coordinates, shape (point, coordinate).
    squared_distances
        Squared distances instead, shape (point, point).
    order
        Neighbourhoods hold the points within so many steps on the graph: 2, or 3 for surfaces in
        sparse data.

    Raises
    ------
    InvalidInput
        If the edges do not fit the points, `order` is not positive, or points are not finite.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566; Grassberger &
    Procaccia (1983), Physica D 9, 189, doi:10.1016/0167-2789(83)90298-1.
    """
    squared = squared_distances_of(points, squared_distances)
    neighbors = _neighbors(edges, len(squared))
    if not isinstance(order, int) or order < 1:
        raise InvalidInput("The order of a neighbourhood must be a positive whole number.", given=order)
    members = [index for index, near in enumerate(neighbors) if near]
    around = {index: _within(neighbors, index, order) for index in members}
    centered = {index: _centered(squared, around, index) for index in members}
    raw = np.full(len(squared), np.nan)
    if members:
        scales = _scales(list(centered.values()))
        for index, distances in centered.items():
            raw[index] = _steepest_growth(distances, scales)
    degree = np.array([max(1.0, np.log2(len(near))) if near else np.nan for near in neighbors])
    correlation = _mean_of_neighbors(raw, neighbors)
    smooth_degree = _mean_of_neighbors(np.floor(degree), neighbors)
    return LocalDimension(
        dimension=np.maximum(correlation, smooth_degree),
        correlation=correlation,
        degree=smooth_degree,
        correlation_raw=raw,
        degree_raw=degree,
    )


def _neighbors(edges: ArrayLike, count: int) -> list[list[int]]:
    neighbors: list[list[int]] = [[] for _ in range(count)]
    for i, j in checked_edges(edges, count).tolist():
        neighbors[i].append(j)
        neighbors[j].append(i)
    return [sorted(near) for near in neighbors]


def _within(neighbors: list[list[int]], start: int, steps: int) -> NDArray[np.int64]:
    """Return the points at most `steps` edges away from `start`, itself included, ascending."""
    found = {start}
    border = {start}
    for _ in range(steps):
        border = {near for point in border for near in neighbors[point]} - found
        found |= border
    return np.array(sorted(found))


def _centered(
    squared: NDArray[np.float64], around: dict[int, NDArray[np.int64]], index: int
) -> NDArray[np.float64]:
    """Return the squared distances of a neighbourhood's points to its most central one.

    That is the member with the smallest median squared distance, the first among equals. Points
    around it join the neighbourhood.
    """
    inside = around[index]
    medians = np.median(squared[np.ix_(inside, inside)], axis=1)
    center = int(inside[np.argmin(medians)])
    distances: NDArray[np.float64] = squared[center, np.union1d(inside, around[center])]
    return distances


def _scales(neighborhoods: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the common grid of scales, from where no pair of points counts to where all do."""
    smallest = min(float(distances[distances > 0].min()) for distances in neighborhoods)
    largest = max(float(distances.max()) for distances in neighborhoods)
    low = high = 0.0
    while True:
        low -= _COARSE_STEP
        if np.log10(1 + np.exp(-smallest / (2 * 10 ** (2 * low)))) <= _FLAT:
            break
    while True:
        high += _COARSE_STEP
        if np.log10(2) - np.log10(1 + np.exp(-largest / (2 * 10 ** (2 * high)))) <= _FLAT:
            break
    scales: NDArray[np.float64] = 10 ** np.arange(low, high + _STEP, _STEP)
    return scales


def _steepest_growth(distances: NDArray[np.float64], scales: NDArray[np.float64]) -> float:
    """Return the largest local maximum of d ln E / d ln s, E being the points in a ball of size s.

    Maxima before the first one of the second derivative belong to single points and do not count.
    """
    square = scales**2
    weights = np.exp(-distances[:, None] / (2 * square))
    total = weights.sum(axis=0)
    growth = distances @ weights / (square * total)
    bend = np.log(10) * (distances**2 @ weights / (square**2 * total) - growth**2 - 2 * growth)
    start = 1 + int(np.argmax((bend[1:-1] > bend[:-2]) & (bend[1:-1] > bend[2:])))
    crossings = start + np.flatnonzero((bend[start:-1] > 0) & (bend[start + 1 :] < 0))
    return float(growth[crossings].max())


def _mean_of_neighbors(values: NDArray[np.float64], neighbors: list[list[int]]) -> NDArray[np.float64]:
    return np.array([values[near].mean() if near else np.nan for near in neighbors])
