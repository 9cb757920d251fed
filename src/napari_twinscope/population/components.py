"""Principal components of a population whose units are the variables: how much each unit carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray


_DENSE_UP_TO = 400  # rows or units; beyond, the leading components are found by iteration
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class UnitComponents:
    """The leading principal components of rows of responses.

    Attributes
    ----------
    loadings
        float64 (component, unit), each of length 1, its entry of largest magnitude positive; zero beyond
        the rank.
    explained
        float64 (component,), the share of the variance that each explains.
    """

    loadings: NDArray[np.float64]
    explained: NDArray[np.float64]


def unit_components(rows: NDArray[np.float64], count: int = 3) -> UnitComponents:
    """Return the leading principal components of rows of responses, exactly.

    Every unit is centred over the rows and none is scaled. Large matrices are decomposed by iteration to
    machine precision from a fixed start, so that the same rows always give the same components.

    Parameters
    ----------
    rows
        float64 (row, unit), finite: one row for each stimulus, direction and frame.
    count
        How many components.

    Raises
    ------
    InvalidInput
        If there are fewer than two rows, or no unit ever changes.
    """
    if rows.ndim != 2 or len(rows) < 2 or not rows.shape[1]:
        raise InvalidInput(
            "There is nothing to find components of.",
            given=f"shape {rows.shape}",
            needed="two or more rows of responses of one or more units",
        )
    centred = rows - rows.mean(axis=0)
    total = float(np.square(centred).sum())
    if total <= np.finfo(np.float64).eps * float(np.square(rows).sum()):
        raise InvalidInput("No unit ever changes its response, so that there are no components.")
    wide = rows.shape[0] <= rows.shape[1]
    values, vectors = _leading(centred if wide else centred.T, count)
    kept = len(values)
    loadings = np.zeros((count, rows.shape[1]))
    loadings[:kept] = (centred.T @ vectors if wide else vectors).T
    loadings[:kept] /= np.maximum(np.linalg.norm(loadings[:kept], axis=1, keepdims=True), _TINY)
    largest = np.take_along_axis(loadings, np.abs(loadings).argmax(axis=1)[:, None], 1)
    explained = np.zeros(count)
    explained[:kept] = values / total
    loadings[explained == 0] = 0
    loadings[:, ~centred.any(axis=0)] = 0  # exactly, where the decomposition leaves a rounding error
    return UnitComponents(loadings * np.where(largest < 0, -1.0, 1.0), explained)


def _leading(matrix: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest eigenvalues of ``matrix @ matrix.T``, descending, and its eigenvectors."""
    from scipy.linalg import eigh
    from scipy.sparse.linalg import LinearOperator, eigsh

    size = len(matrix)
    if size > _DENSE_UP_TO:
        product = LinearOperator((size, size), matvec=lambda v: matrix @ (v @ matrix), dtype=np.float64)
        start = np.random.default_rng(0).normal(size=size)
        values, vectors = eigsh(product, k=count, v0=start)
    else:
        kept = min(count, size)
        values, vectors = eigh(matrix @ matrix.T, subset_by_index=(size - kept, size - 1))
    order = np.argsort(values)[::-1]
    values, vectors = np.maximum(values[order], 0), vectors[:, order]
    values[values < values[0] * size * np.finfo(np.float64).eps] = 0
    return values, vectors
