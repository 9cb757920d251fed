"""Gaussian neighbourhoods of individual scales: their kernel, and how full each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import NDArray

_SMALLEST_WEIGHT = 1e-8
_DISCONNECTED = 1e-8  # scales this close to zero, in units of the smallest distance
_SAME_SCALE = 1e-12  # relative change that is rounding
_BLOCK = 500_000  # numbers handled at a time


def multiscale_kernel(squared: NDArray[np.float64], scales: NDArray[np.float64]) -> scipy.sparse.csr_array:
    """Return the kernel ``exp(-d2[i, j] / (scales[i] * scales[j]))`` between all pairs of points.

    Parameters
    ----------
    squared
        Squared distances, shape (point, point), in units in which the smallest is 1.
    scales
        Scale of each point, not negative, in the same units. A point of scale zero has no neighbour;
        it gets the smallest distance of the data for a scale, as in the published code, so that its
        row stays finite.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (point, point), symmetric, 1 on the diagonal, weights below 1e-8 left out.

    References
    ----------
    Dyballa & Zucker (2023), Neural Computation 35, 453, doi:10.1162/neco_a_01566.
    """
    import scipy.sparse

    scales = np.where(scales > _DISCONNECTED, scales, 1.0)
    count = len(squared)
    rows, columns, values = [], [], []
    step = max(1, _BLOCK // count)
    for start in range(0, count, step):
        block = slice(start, min(start + step, count))
        exponents = squared[block] / (scales[block, None] * scales)
        row, column = np.nonzero(exponents <= -np.log(_SMALLEST_WEIGHT))
        rows.append(row + start)
        columns.append(column)
        values.append(np.exp(-exponents[row, column]))
    return scipy.sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count)
    )


def kernel_of_pairs(squared: scipy.sparse.csr_array, scales: NDArray[np.float64]) -> scipy.sparse.csr_array:
    """Return the kernel of `multiscale_kernel` for the pairs whose squared distances are stored."""
    import scipy.sparse

    scales = np.where(scales > _DISCONNECTED, scales, 1.0)
    rows, columns = _places(squared)
    exponents = squared.data / (scales[rows] * scales[columns])
    kept = exponents <= -np.log(_SMALLEST_WEIGHT)
    every = np.arange(len(scales))
    return scipy.sparse.csr_array(
        (
            np.concatenate([np.exp(-exponents[kept]), np.ones(len(scales))]),
            (np.concatenate([rows[kept], every]), np.concatenate([columns[kept], every])),
        ),
        shape=squared.shape,
    )


def masses_of_pairs(squared: scipy.sparse.csr_array, scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of `KernelMasses` over the pairs whose squared distances are stored.

    Each point itself counts, as it does among all pairs; the published code leaves it out here.
    """
    rows, _ = _places(squared)
    there = scales[rows] > 0
    rows = rows[there]
    terms = np.exp(-squared.data[there] / scales[rows] ** 2)
    others = np.bincount(rows, terms, len(scales)).astype(np.float64)
    return others + (scales > 0)


def _places(squared: scipy.sparse.csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of each stored entry."""
    return np.repeat(np.arange(squared.shape[0]), np.diff(squared.indptr)), squared.indices


class KernelMasses:
    """Each point's sum of ``exp(-d2[i, j] / scales[i]**2)`` over all j, i itself included.

    Pruning an edge changes few scales, so only their sums are computed anew.

    Parameters
    ----------
    squared
        Squared distances, shape (point, point).
    """

    def __init__(self, squared: NDArray[np.float64]) -> None:
        self._squared = squared
        self._scales = np.zeros(len(squared))
        self._masses = np.zeros(len(squared))

    def __call__(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums for the scale of each point; a point of scale zero has mass zero."""
        changed = np.abs(scales - self._scales) > _SAME_SCALE * scales
        self._scales[changed] = scales[changed]
        self._masses[scales == 0] = 0
        rows = np.flatnonzero(changed & (scales > 0))
        step = max(1, _BLOCK // len(self._squared))
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            terms = self._squared[block]
            terms /= -(scales[block, None] ** 2)
            self._masses[block] = np.exp(terms, out=terms).sum(axis=1)
        return self._masses.copy()


def volume_ratios(masses: NDArray[np.float64], degrees: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how full each point's Gaussian neighbourhood is, relative to its cell of the graph.

    With log2 of the degree for the local dimension, ``(sqrt(pi) / 2) ** dimension`` is the volume of
    the Gaussian over that of the cell. The ratio is about 1 for a point whose scale suits its
    neighbours, larger if some neighbour lies too far away, and 0 for a point without neighbours.

    Parameters
    ----------
    masses
        Sum of each point's kernel row, itself included.
    degrees
        Number of neighbours of each point.
    """
    size = np.maximum(degrees, 2)
    ratios: NDArray[np.float64] = masses / size / (np.sqrt(np.pi) / 2) ** np.log2(size)
    return np.where(degrees > 0, ratios, 0.0)
