"""The smallest values that cover pairs of points, by a linear programme that is solved where it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import TwinscopeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOLERANCE = 1e-9  # of the solver, with values of the order of 1
_OPTIONS = {
    "primal_feasibility_tolerance": _TOLERANCE,
    "dual_feasibility_tolerance": _TOLERANCE,
    # Programmes as small as these cost more to simplify than to solve.
    "presolve": False,
    "simplex_dual_edge_weight_strategy": "dantzig",
}
_ROUNDING = 10 * _TOLERANCE
_NEARLY_TIGHT = 0.1  # relative slack of rows that are likely to hold the next solution


@dataclass(frozen=True)
class Covering:
    """Minimise the sum of s where ``s[q] + slope * s[p] >= bound`` and ``0 <= s <= upper``.

    Attributes
    ----------
    p, q
        The two points of each row.
    slope, bound
        Positive, one for each row.
    upper
        Largest value of each point; these values satisfy every row.
    """

    p: NDArray[np.int64]
    q: NDArray[np.int64]
    slope: NDArray[np.float64]
    bound: NDArray[np.float64]
    upper: NDArray[np.float64]

    def slack(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by which fraction of its bound each row is exceeded."""
        slack: NDArray[np.float64] = (values[self.q] + self.slope * values[self.p]) / self.bound - 1
        return slack

    def misplaced(self, values: NDArray[np.float64], prices: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the points whose value should move, at the prices that the rows are worth."""
        count = len(values)
        cost = 1 - np.bincount(self.p, prices * self.slope, count) - np.bincount(self.q, prices, count)
        misplaced: NDArray[np.bool_] = ((cost > _ROUNDING) & (values > 0)) | (
            (cost < -_ROUNDING) & (values < self.upper)
        )
        return misplaced


@dataclass
class Solution:
    """An optimum and what proves it.

    Attributes
    ----------
    values
        Value of each point.
    prices
        Dual value of each row; zero where it does not hold the solution in place.
    tight
        Rows that hold, or nearly hold, the solution in place.
    """

    values: NDArray[np.float64]
    prices: NDArray[np.float64]
    tight: NDArray[np.bool_]


def solve(covering: Covering, start: Solution, free: NDArray[np.bool_]) -> Solution:
    """Return an optimum, given that of a programme that differs only in the rows of some points.

    Those points are freed, with all that are held in place along with them, and all others are fixed.
    The small programme that is left is solved, with few of its rows at first and others as they turn out
    to be violated. Its dual values and those of the rest tell which fixed points ought to move; they are
    freed too, until none is left. Then values and prices fulfil the conditions of an optimum of the
    whole programme.

    Parameters
    ----------
    covering
        The programme.
    start
        The earlier optimum; used up.
    free
        The points whose rows or bounds have changed; all, where nothing is known. Used up.

    Raises
    ------
    TwinscopeError
        If the solver fails.

    References
    ----------
    HiGHS: Huangfu & Hall (2018), Mathematical Programming Computation 10, 119,
    doi:10.1007/s12532-017-0130-5.
    """
    p, q = covering.p, covering.q
    values, prices, working = start.values, start.prices, start.tight
    while free.any():
        _free_along(free, p, q, prices > 0)
        floor, source, blocking = _floor(covering, values, free)
        if len(blocking):
            free[blocking] = True
            continue
        inside = np.flatnonzero(free[p] & free[q] & working)
        points = np.flatnonzero(free)
        place = np.cumsum(free) - 1
        values[points], row_prices, floor_prices = _minimal(
            Covering(
                place[p[inside]],
                place[q[inside]],
                covering.slope[inside],
                covering.bound[inside],
                covering.upper[points],
            ),
            floor[points],
        )
        prices[free[p] | free[q]] = 0
        prices[inside] = row_prices
        held = (source[points] >= 0) & (floor_prices > 0)
        rows = source[points[held]]
        prices[rows] = floor_prices[held] / np.where(free[q[rows]], 1.0, covering.slope[rows])
        slack = covering.slack(values)
        missing = (slack < -_ROUNDING) & ~working
        misplaced = covering.misplaced(values, prices) & ~free
        if not (missing.any() or misplaced.any()):
            break
        working |= missing
        free |= misplaced
    return Solution(values, prices, covering.slack(values) < _NEARLY_TIGHT)


def _free_along(
    free: NDArray[np.bool_], p: NDArray[np.int64], q: NDArray[np.int64], holding: NDArray[np.bool_]
) -> None:
    """Free, in place, all points that are joined to free ones by rows that hold them."""
    p, q = p[holding], q[holding]
    while True:
        joined = free[p] != free[q]
        if not joined.any():
            return
        free[p[joined]] = True
        free[q[joined]] = True


def _floor(
    covering: Covering, values: NDArray[np.float64], free: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the least value that the fixed points leave to each free one.

    With it the row that demands it (-1 for none), and those fixed points that demand more than a free
    one can give.
    """
    p, q, slope, bound = covering.p, covering.q, covering.slope, covering.bound
    at_q = np.flatnonzero(free[q] & ~free[p])
    at_p = np.flatnonzero(free[p] & ~free[q])
    rows = np.concatenate([at_q, at_p])
    point, other = np.concatenate([q[at_q], p[at_p]]), np.concatenate([p[at_q], q[at_p]])
    need = np.concatenate(
        [bound[at_q] - slope[at_q] * values[p[at_q]], (bound[at_p] - values[q[at_p]]) / slope[at_p]]
    )
    blocking = other[need > covering.upper[point] * (1 + _TOLERANCE)]
    order = np.argsort(need)  # of several rows at one point the most demanding is written last
    order = order[need[order] > 0]
    floor, source = np.zeros(len(free)), np.full(len(free), -1)
    floor[point[order]] = np.minimum(need[order], covering.upper[point[order]])
    source[point[order]] = rows[order]
    return floor, source, blocking


def _minimal(
    covering: Covering, floor: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the optimum above a floor, the dual values of the rows and those of the floor."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    count, points = len(covering.p), len(covering.upper)
    row = np.arange(count)
    matrix = csr_array(
        (
            np.concatenate([-covering.slope, np.full(count, -1.0)]),
            (np.tile(row, 2), np.concatenate([covering.p, covering.q])),
        ),
        shape=(count, points),
    )
    answer = linprog(
        np.ones(points),
        A_ub=matrix,
        b_ub=-covering.bound,
        bounds=np.stack([floor, covering.upper], axis=1),
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
    values: NDArray[np.float64] = np.clip(answer.x, floor, covering.upper)
    prices = [
        np.where(dual > _TOLERANCE, dual, 0.0) for dual in (-answer.ineqlin.marginals, answer.lower.marginals)
    ]
    return values, prices[0], prices[1]
