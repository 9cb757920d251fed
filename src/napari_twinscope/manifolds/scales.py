"""The scale of each point, just large enough that every edge of the graph is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_twinscope.errors import TwinscopeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.pruning import PrunedGraph

_TOLERANCE = 1e-9  # of the solver, with distances in units of the mean reach
_OPTIONS = {
    "primal_feasibility_tolerance": _TOLERANCE,
    "dual_feasibility_tolerance": _TOLERANCE,
    # Programmes as small as these cost more to simplify than to solve.
    "presolve": False,
    "simplex_dual_edge_weight_strategy": "dantzig",
}
_NEARLY_TIGHT = 1e-2  # rows kept for the next programme: relative slack
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

    Few rows hold the solution in place, and pruning an edge changes it near that edge only, so each
    programme starts from the rows that were nearly tight in the one before and those of points whose
    reach has changed, and takes in others as they turn out to be violated. The optimum is that of
    all rows.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566; HiGHS: Huangfu &
    Hall (2018), Mathematical Programming Computation 10, 119, doi:10.1007/s12532-017-0130-5.
    """

    def __init__(self) -> None:
        self._working: NDArray[np.bool_] | None = None
        self._reach: NDArray[np.float64] = np.zeros(0)

    def __call__(self, graph: PrunedGraph, coverage: float) -> NDArray[np.float64]:
        """Return a scale for each point; zero for points without neighbours.

        Raises
        ------
        TwinscopeError
            If the solver fails.
        """
        there = np.tile(graph.alive, 2)
        rows = np.flatnonzero(there)
        i, j = graph.edges.T
        p, q = np.concatenate([i, j])[rows], np.concatenate([j, i])[rows]
        unit = float(graph.reach[graph.reach > 0].mean())
        reach = graph.reach / unit
        covered = coverage * np.tile(graph.lengths, 2)[rows] / unit
        slope = covered / reach[p]
        bound = covered * (1 + slope)
        if self._working is None:
            working = np.ones(len(rows), dtype=bool)
        else:
            moved = graph.reach != self._reach
            working = self._working[rows] | moved[p] | moved[q]
        while True:
            scales = _minimal(p[working], q[working], slope[working], bound[working], reach)
            slack = (scales[q] + slope * scales[p]) / bound - 1
            missing = (slack < -10 * _TOLERANCE) & ~working
            if not missing.any():
                break
            working |= missing
        self._reach = graph.reach.copy()
        self._working = np.zeros(len(there), dtype=bool)
        self._working[rows[slack < _NEARLY_TIGHT]] = True
        return scales * unit


def _minimal(
    p: NDArray[np.int64],
    q: NDArray[np.int64],
    slope: NDArray[np.float64],
    bound: NDArray[np.float64],
    reach: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Minimise the sum of s where ``s[q] + slope * s[p] >= bound`` and ``0 <= s <= reach``."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    row = np.arange(len(p))
    matrix = csr_array(
        (np.concatenate([-slope, -np.ones(len(p))]), (np.tile(row, 2), np.concatenate([p, q]))),
        shape=(len(p), len(reach)),
    )
    answer = linprog(
        np.ones(len(reach)),
        A_ub=matrix,
        b_ub=-bound,
        bounds=np.stack([np.zeros(len(reach)), reach], axis=1),
        method="highs-ds",
        options=_OPTIONS,
    )
    if answer.x is None:
        raise TwinscopeError(
            "The scales of the neighbourhoods could not be found.",
            given=answer.message,
            remedy='try objective="greedy"',
        )
    # The solver keeps bounds to its tolerance only: a scale of -1e-9 would make the kernel infinite.
    scales: NDArray[np.float64] = np.clip(answer.x, 0, reach)
    return scales


class GreedyScales:
    """Scales that cover each edge in turn, in one pass over the edges in ascending order.

    Edges visited earlier are not looked at again, so some may end up less than covered. Edges whose
    ends come to them as in the pass before keep their result.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566.
    """

    def __init__(self) -> None:
        self._alive: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._reach: NDArray[np.float64] = np.zeros(0)
        self._base: NDArray[np.float64] = np.zeros(0)
        self._edges: list[tuple[int, int, float]] = []
        self._left: list[tuple[float, float]] = []  # the scales with which each edge left its ends

    def __call__(self, graph: PrunedGraph, coverage: float) -> NDArray[np.float64]:
        """Return a scale for each point, proportional to `coverage`; zero without neighbours."""
        if not np.array_equal(graph.alive, self._alive):  # the pass does not depend on the coverage
            self._base = self._pass(graph)
            self._alive, self._reach = graph.alive.copy(), graph.reach.copy()
        return coverage * self._base

    def _pass(self, graph: PrunedGraph) -> NDArray[np.float64]:
        if self._edges:
            touched = graph.reach != self._reach
            touched[graph.edges[self._alive & ~graph.alive].ravel()] = True
        else:
            touched = np.ones(len(graph.reach), dtype=bool)
            pairs = graph.edges.tolist()
            self._edges = [
                (i, j, length) for (i, j), length in zip(pairs, graph.lengths.tolist(), strict=True)
            ]
            self._left = [(0.0, 0.0)] * len(pairs)
        edges, left = self._edges, self._left
        changed, reach = touched.tolist(), graph.reach.tolist()
        scales = [0.0] * len(reach)
        for edge in np.flatnonzero(graph.alive).tolist():
            i, j, length = edges[edge]
            if changed[i] or changed[j]:
                covered = _covered(scales[i], scales[j], length, reach[i], reach[j])
                if covered != left[edge]:
                    left[edge] = covered
                    changed[i] = changed[j] = True
            scales[i], scales[j] = left[edge]
        return np.array(scales)


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
