"""The Gabriel graph: two points are neighbours if no third lies in the ball between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.manifolds.graph.distances import smallest_distance

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import NDArray

# Rounding must not decide right angles, as in lattices, which make no edge: a relative margin for any
# data, and an absolute one in units of the smallest squared distance.
_RELATIVE, _ABSOLUTE = 1e-12, 1e-6
_WITNESSES = 32  # nearest points tried on every pair before the full test
_FIRST_WITNESSES = 8  # of these, those that part most pairs: tried on whole rows at once
_BLOCK = 250_000  # numbers handled at a time


def gabriel_graph(squared: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the edges of the Gabriel graph.

    Points i and j are joined unless some third point lies in the closed ball with the segment ij as
    its diameter: ``d2[i, k] + d2[j, k] > d2[i, j]`` for every k.

    Parameters
    ----------
    squared
        Squared distances, shape (point, point).

    Returns
    -------
    numpy.ndarray
        Shape (edge, 2) with i < j, in ascending order.

    Raises
    ------
    InvalidInput
        If two points coincide.

    References
    ----------
    Gabriel & Sokal (1969), Systematic Zoology 18, 259, doi:10.2307/2412323.
    """
    margin = _ABSOLUTE * smallest_distance(squared) ** 2
    count = len(squared)
    nearest = _nearest(squared, min(_WITNESSES, count - 1))
    found = []
    step = max(1, _BLOCK // count)
    for start in range(0, count, step):
        rows = np.arange(start, min(start + step, count))
        i, j = _candidates(squared, nearest[:, :_FIRST_WITNESSES], margin, rows)
        i, j = _without_near_witness(squared, nearest, margin, i, j)
        found.append(_without_any_witness(squared, margin, i, j))
    return np.concatenate(found)


def gabriel_graph_of_nearest(squared: scipy.sparse.csr_array) -> NDArray[np.int64]:
    """Return the edges of the Gabriel graph as far as the nearest points of each tell.

    Parameters
    ----------
    squared
        Squared distances of the pairs that are looked at, symmetric, sorted indices, none stored for
        other pairs or on the diagonal.

    Returns
    -------
    numpy.ndarray
        Shape (edge, 2) with i < j, in ascending order: the pairs for which no point that is near to both
        lies in the ball between them. Some edges may be too many.
    """
    margin = _ABSOLUTE * float(squared.data.min())
    starts, columns, values = squared.indptr, squared.indices, squared.data
    to_i = np.full(squared.shape[0], np.inf)
    found = []
    for i in range(squared.shape[0]):
        near = slice(starts[i], starts[i + 1])
        to_i[columns[near]] = values[near]
        later = columns[near][columns[near] > i]
        sizes = starts[later + 1] - starts[later]
        if len(later):
            ends = np.cumsum(sizes)
            entries = np.arange(ends[-1]) + np.repeat(starts[later] - (ends - sizes), sizes)
            sums = to_i[columns[entries]] + values[entries]
            nearest = np.minimum.reduceat(sums, ends - sizes)
            found.append((i, later[nearest > to_i[later] * (1 + _RELATIVE) + margin]))
        to_i[columns[near]] = np.inf
    return np.concatenate(
        [np.stack([np.full(len(others), i), others], axis=1) for i, others in found]
    ).astype(np.int64)


def _limit(
    squared: NDArray[np.float64], margin: float, i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.float64]:
    return squared[i, j] * (1 + _RELATIVE) + margin


def _nearest(squared: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Return the `size` nearest other points of each point, nearest first."""
    nearest = np.empty((len(squared), size), dtype=np.int64)
    for index, row in enumerate(squared):
        others = row.copy()
        others[index] = np.inf
        closest = np.argpartition(others, size - 1)[:size]
        nearest[index] = closest[np.argsort(others[closest])]
    return nearest


def _candidates(
    squared: NDArray[np.float64], nearest: NDArray[np.int64], margin: float, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs (i, j), i in `rows` and j > i, that no point nearest to i parts."""
    block, local = squared[rows], np.arange(len(rows))
    limit = block * (1 + _RELATIVE) + margin
    open_ = np.arange(len(squared)) > rows[:, None]
    for k in nearest[rows].T:
        parted = block[local, k][:, None] + squared[k] <= limit
        parted[local, k] = False
        open_ &= ~parted
    found, j = np.nonzero(open_)
    return rows[found], j


def _without_near_witness(
    squared: NDArray[np.float64],
    nearest: NDArray[np.int64],
    margin: float,
    i: NDArray[np.int64],
    j: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Drop the pairs that a point near either end already parts: most of them, at little cost."""
    for rank in range(nearest.shape[1]):
        for near_i in (True, False):
            k = nearest[i if near_i else j, rank]
            is_end = (k == i) | (k == j)
            kept = is_end | (squared[i, k] + squared[j, k] > _limit(squared, margin, i, j))
            i, j = i[kept], j[kept]
    return i, j


def _without_any_witness(
    squared: NDArray[np.float64], margin: float, i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return those pairs that no point at all parts, as an array (pair, 2)."""
    kept = np.empty(len(i), dtype=bool)
    step = max(1, _BLOCK // len(squared))
    for start in range(0, len(i), step):
        ends_i, ends_j = i[start : start + step], j[start : start + step]
        sums = squared[ends_i] + squared[ends_j]
        pair = np.arange(len(ends_i))
        sums[pair, ends_i] = np.inf
        sums[pair, ends_j] = np.inf
        kept[start : start + step] = sums.min(axis=1) > _limit(squared, margin, ends_i, ends_j)
    return np.stack([i[kept], j[kept]], axis=1)
