"""A neighbourhood graph that loses, step by step, the edges that are too long."""

from __future__ import annotations

from bisect import insort
from math import floor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PrunedGraph:
    """A graph with the lengths of its edges, from which edges can be removed.

    Parameters
    ----------
    edges
        Shape (edge, 2) with i < j, in ascending order.
    lengths
        Length of each edge.
    count
        Number of points.

    Attributes
    ----------
    alive
        Which of `edges` are still there.
    degrees
        Number of neighbours of each point.
    reach
        Distance of each point to its farthest neighbour, 0 without neighbours.
    """

    def __init__(self, edges: NDArray[np.int64], lengths: NDArray[np.float64], count: int) -> None:
        self.edges = edges
        self.lengths = lengths
        self.alive = np.ones(len(edges), dtype=bool)
        self.degrees = np.bincount(edges.ravel(), minlength=count)
        # Neighbours of each point by distance, then index; the last is the one pruning would take.
        self._neighbors: list[list[tuple[float, int, int]]] = [[] for _ in range(count)]
        for edge, ((i, j), length) in enumerate(zip(edges.tolist(), lengths.tolist(), strict=True)):
            insort(self._neighbors[i], (length, j, edge))
            insort(self._neighbors[j], (length, i, edge))
        self.reach = np.array([near[-1][0] if near else 0.0 for near in self._neighbors])

    @property
    def remaining(self) -> NDArray[np.int64]:
        """The edges that are left, shape (edge, 2)."""
        return self.edges[self.alive]

    def initial_coverage(self) -> float:
        """Return the coverage at which the search for scales starts, from 0.55 to 0.95.

        It is the median over points of the middle neighbour's distance relative to the farthest's.
        """
        ratios = []
        for near in self._neighbors:
            if near:
                middle = min(len(near) - 1, max(1, (len(near) + 1) // 2 - 1))
                ratios.append(near[middle][0] / near[-1][0])
        return float(min(max(0.55, np.median(ratios)), 0.95))

    def farthest(self, point: int) -> int:
        """Return the farthest neighbour, the one of the largest index among equals."""
        return self._neighbors[point][-1][1]

    def remove_longest(self, point: int) -> int:
        """Remove the longest edge of `point` and return the neighbour that it loses."""
        length, other, edge = self._neighbors[point].pop()
        self._neighbors[other].remove((length, point, edge))
        self.alive[edge] = False
        for end in (point, other):
            near = self._neighbors[end]
            self.degrees[end] = len(near)
            self.reach[end] = near[-1][0] if near else 0.0
        return other


def flagged_points(
    ratios: NDArray[np.float64], threshold: float, median: float, tolerance: float
) -> NDArray[np.int64]:
    """Return the points whose neighbourhoods are too full, the fullest first.

    Parameters
    ----------
    ratios
        Volume ratio of each point, 0 for points without neighbours.
    threshold
        Ratio that must be exceeded.
    median, tolerance
        Centre of the ratios. If it lies above ``1 + tolerance`` though the scales are as small as can
        be, as many points are flagged as must change to bring it down.
    """
    order = np.argsort(-ratios, kind="stable")
    flagged = order[ratios[order] > threshold]
    if median - 1 > tolerance:
        positive = ratios[ratios > 0]
        too_many = len(positive) - 2 * int(np.sum(positive < 1 + tolerance))
        if too_many > len(flagged):
            flagged = order[:too_many]
    return flagged


def served(flagged: NDArray[np.int64], max_prune: float | None) -> NDArray[np.int64]:
    """Return the first of the flagged points: a fraction below 1, a whole number, or all for ``None``."""
    if max_prune is None:
        return flagged
    if isinstance(max_prune, int):
        return flagged[:max_prune]
    return flagged[: max(1, floor(max_prune * len(flagged)))]


def prune(graph: PrunedGraph, points: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Remove the longest edge of each point in turn, at most one edge of any point.

    Returns
    -------
    list
        The edges removed, in that order, each as (i, j) with i < j.
    """
    touched: set[int] = set()
    removed = []
    for point in points.tolist():
        if point in touched or graph.farthest(point) in touched:
            continue
        other = graph.remove_longest(point)
        touched.update((point, other))
        removed.append((min(point, other), max(point, other)))
    return removed
