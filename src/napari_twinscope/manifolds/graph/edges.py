"""Edges of a graph: checked, and counted for each point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population.labelled import NUMBERS

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import ArrayLike, NDArray


def checked_edges(edges: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """Return edges between `count` points as (i, j) with i < j, each once, in ascending order.

    Raises
    ------
    InvalidInput
        If they are not pairs of different points that exist.
    """
    pairs = np.asarray(edges)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not np.issubdtype(pairs.dtype, np.integer):
        raise InvalidInput("Edges are pairs of points.", given=f"shape {pairs.shape}, {pairs.dtype}")
    if (pairs < 0).any() or (pairs >= count).any() or (pairs[:, 0] == pairs[:, 1]).any():
        raise InvalidInput("An edge must join two different points.", needed=f"indices from 0 to {count - 1}")
    ordered: NDArray[np.int64] = np.unique(np.sort(pairs.astype(np.int64), axis=1), axis=0)
    return ordered


def degrees(edges: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return the number of neighbours of each of `count` points.

    Examples
    --------
    >>> degrees([[0, 1], [1, 2]], 4).tolist()
    [1, 2, 1, 0]
    """
    return np.bincount(checked_edges(edges, count).ravel(), minlength=count)


def same_map_degrees(edges: ArrayLike, feature_map: ArrayLike) -> NDArray[np.int64]:
    """Return the number of each unit's neighbours that lie in its own feature map.

    Parameters
    ----------
    edges
        The neighbourhood graph, shape (edge, 2).
    feature_map
        Feature map of each unit.

    Examples
    --------
    >>> same_map_degrees([[0, 1], [1, 2]], [7, 7, 3]).tolist()
    [1, 1, 0]
    """
    maps = np.asarray(feature_map)
    pairs = checked_edges(edges, len(maps))
    same = maps[pairs[:, 0]] == maps[pairs[:, 1]]
    return np.bincount(pairs[same].ravel(), minlength=len(maps))


def weighted_degrees(kernel: scipy.sparse.sparray | ArrayLike) -> NDArray[np.float64]:
    """Return the sum of each point's kernel weights to the other points; shape (point, point) to (point,).

    Raises
    ------
    InvalidInput
        If the kernel is no square matrix of finite numbers.
    """
    matrix: Any = kernel if hasattr(kernel, "tocsr") else np.asarray(kernel)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.dtype.kind in NUMBERS
    sums = np.asarray(matrix.sum(axis=1)).ravel() if square else np.full(1, np.nan)
    if not np.isfinite(sums).all():
        raise InvalidInput(
            "This is no kernel.",
            given=f"{matrix.dtype} {matrix.shape}",
            needed="a square matrix (point, point) of finite numbers",
        )
    weights: NDArray[np.float64] = sums - matrix.diagonal()
    return weights
