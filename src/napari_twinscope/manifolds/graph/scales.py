"""The scale of each point, just large enough that every edge of the graph is covered."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_twinscope.manifolds.graph.covering import Covering, Solution, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.graph.pruning import PrunedGraph

_GREEDY_MARGIN = 10 * float(np.finfo(np.float32).eps)
_REACH_MARGIN = 1e-8


class Scales(Protocol):
    """A rule that finds the scales of a graph."""

    def __call__(self, graph: PrunedGraph, coverage: float) -> NDArray[np.float64]:
        """Return a scale for each point; zero for points without neighbours."""


class LinearScales:
    """The smallest scales that cover every edge, by a linear programme.

    Two points cover the edge of length e between them if ``s_i * s_j >= (coverage * e)**2``. This
    hyperbola is replaced by its two chords through ``(w, w)``, ``w = coverage * e``, that end where a
    scale equals the point's reach (the distance to its farthest neighbour), which makes the
    problem linear: two rows for each edge. The sum of the scales is minimised.

    Pruning an edge changes the solution near that edge only, so each programme of the same coverage is
    solved from the one before where it differs.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566.
    """

    def __init__(self) -> None:
        self._coverage = np.nan
        self._solved: Solution | None = None  # rows: both orders of all edges, also those that are gone
        self._alive: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._reach: NDArray[np.float64] = np.zeros(0)
        self._unit = 1.0

    def __call__(self, graph: PrunedGraph, coverage: float) -> NDArray[np.float64]:
        """Return a scale for each point; zero for points without neighbours.

        Raises
        ------
        TwinscopeError
            If the solver fails.
        """
        changed = np.ones(len(graph.reach), dtype=bool)
        if self._solved is None:
            self._unit = float(graph.reach[graph.reach > 0].mean())
            both = 2 * len(graph.edges)
            solved = Solution(np.zeros(len(changed)), np.zeros(both), np.ones(both, dtype=bool))
        else:
            solved = self._solved
            if coverage == self._coverage:
                changed = graph.reach != self._reach
                changed[graph.edges[self._alive & ~graph.alive].ravel()] = True
        rows = np.flatnonzero(np.tile(graph.alive, 2))
        i, j = graph.edges.T
        p, q = np.concatenate([i, j])[rows], np.concatenate([j, i])[rows]
        reach = graph.reach / self._unit
        covered = coverage * np.tile(graph.lengths, 2)[rows] / self._unit
        slope = covered / reach[p]
        covering = Covering(p, q, slope, covered * (1 + slope), reach)
        tight = solved.tight[rows]
        if coverage == self._coverage:  # the rows that have changed may be tight from now on
            tight |= changed[p] | changed[q]
        found = solve(covering, Solution(solved.values, solved.prices[rows], tight), changed)
        solved.prices[:], solved.tight[:] = 0, False
        solved.prices[rows], solved.tight[rows] = found.prices, found.tight
        self._solved = Solution(found.values, solved.prices, solved.tight)
        self._coverage, self._alive, self._reach = coverage, graph.alive.copy(), graph.reach.copy()
        return found.values * self._unit


class GreedyScales:
    """Scales that cover each edge in turn, in one pass over the edges in ascending order.

    Edges visited earlier are not looked at again, so some may end up less than covered. A pass repeats
    the one before but for the edges that pruning has reached: those whose ends come to them otherwise.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566.
    """

    def __init__(self) -> None:
        self._pass: _Pass | None = None

    def __call__(self, graph: PrunedGraph, coverage: float) -> NDArray[np.float64]:
        """Return a scale for each point, proportional to `coverage`; zero without neighbours."""
        if self._pass is None:
            self._pass = _Pass(graph)
        else:
            self._pass.follow(graph)
        return coverage * np.array(self._pass.scales)


class _Pass:
    """What a pass over the edges did at each of them.

    An edge has two ends, 2 * edge and 2 * edge + 1, and the ends at a point are linked in the order in
    which the pass comes to them.
    """

    def __init__(self, graph: PrunedGraph) -> None:
        ends = graph.edges.ravel()
        self._points: list[int] = ends.tolist()
        self._lengths: list[float] = graph.lengths.tolist()
        order = np.argsort(ends, kind="stable")
        order = order[graph.alive[order // 2]]
        same = ends[order[1:]] == ends[order[:-1]]
        before, after = np.full(len(ends), -1), np.full(len(ends), -1)
        before[order[1:][same]] = order[:-1][same]
        after[order[:-1][same]] = order[1:][same]
        self._before: list[int] = before.tolist()
        self._after: list[int] = after.tolist()
        self._left = [0.0] * len(ends)  # the scale with which the pass leaves each end
        self._alive = graph.alive.copy()
        self._reach = graph.reach.copy()
        self.scales = [0.0] * len(graph.reach)
        self._revisit(set(np.flatnonzero(graph.alive).tolist()))

    def follow(self, graph: PrunedGraph) -> None:
        """Do the pass anew where edges are gone."""
        gone = np.flatnonzero(self._alive & ~graph.alive).tolist()
        if not gone:  # the pass does not depend on the coverage
            return
        reached = [self._unlink(end) for edge in gone for end in (2 * edge, 2 * edge + 1)]
        moved = graph.reach != self._reach
        self._alive, self._reach = graph.alive.copy(), graph.reach.copy()
        at_moved = np.flatnonzero(graph.alive & moved[graph.edges].any(axis=1)).tolist()
        self._revisit({end // 2 for end in reached if end >= 0 and graph.alive[end // 2]} | set(at_moved))

    def _unlink(self, end: int) -> int:
        """Take an end out, and return the one that now comes to its point next; -1 for none."""
        before, after = self._before[end], self._after[end]
        if before >= 0:
            self._after[before] = after
        if after >= 0:
            self._before[after] = before
        else:
            self.scales[self._points[end]] = self._left[before] if before >= 0 else 0.0
        return after

    def _revisit(self, edges: set[int]) -> None:
        before, after, left, points = self._before, self._after, self._left, self._points
        reach: list[float] = self._reach.tolist()
        waiting = sorted(edges)
        while waiting:
            edge = heappop(waiting)
            i, j = 2 * edge, 2 * edge + 1
            covered = _covered(
                left[before[i]] if before[i] >= 0 else 0.0,
                left[before[j]] if before[j] >= 0 else 0.0,
                self._lengths[edge],
                reach[points[i]],
                reach[points[j]],
            )
            edges.discard(edge)
            for end, scale in zip((i, j), covered, strict=True):
                if scale == left[end]:
                    continue
                left[end] = scale
                following = after[end]
                if following < 0:
                    self.scales[points[end]] = scale
                elif following // 2 not in edges:
                    edges.add(following // 2)
                    heappush(waiting, following // 2)


def _covered(
    scale_i: float, scale_j: float, length: float, reach_i: float, reach_j: float
) -> tuple[float, float]:
    """Return the scales of an edge's two ends, grown to cover it; zero is a scale not yet set."""
    if scale_i == 0 and scale_j == 0:
        return length, length
    if scale_i == 0:
        scale_i = length * length / scale_j
    elif scale_j == 0:
        scale_j = length * length / scale_i
    else:
        product = scale_i * scale_j
        if product < length * length - _GREEDY_MARGIN:
            growth = length / product**0.5
            scale_i *= growth
            scale_j *= growth
    if scale_i > reach_i + _REACH_MARGIN:
        return reach_i, scale_i * scale_j / reach_i
    if scale_j > reach_j + _REACH_MARGIN:
        return scale_i * scale_j / reach_j, reach_j
    return scale_i, scale_j
