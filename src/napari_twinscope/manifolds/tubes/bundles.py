"""Which curves run together: bundles found by density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NOISE = -1
_NEIGHBORS = 3  # of the core distance, the point itself not counted


def curve_bundles(distances: ArrayLike, *, smallest: int = 4) -> tuple[NDArray[np.int64], bool]:
    """Cluster curves by HDBSCAN, with excess of mass and the third neighbour as core distance.

    Parameters
    ----------
    distances
        Shape (curve, curve), from `curve_distances`.
    smallest
        Fewest curves of a bundle, 2 or more. The papers take 4, and 6 for simulated tubes.

    Returns
    -------
    labels : numpy.ndarray
        Bundle of each curve from 0, -1 for noise.
    fell_back : bool
        Whether all was noise, so that all curves were taken for one bundle, as the papers do.

    Raises
    ------
    InvalidInput
        If the distances are no square matrix of finite values, or `smallest` is below 2.

    References
    ----------
    Campello, Moulavi & Sander (2013), doi:10.1007/978-3-642-37456-2_14; public code of arXiv 2601.21508.
    """
    from sklearn.cluster import HDBSCAN

    matrix = np.asarray(distances, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise InvalidInput(
            "Distances between curves are a square matrix of finite values.", given=f"shape {matrix.shape}"
        )
    if isinstance(smallest, bool) or not isinstance(smallest, int) or smallest < 2:
        raise InvalidInput("A bundle has at least two curves.", given=smallest)
    everyone = np.zeros(len(matrix), dtype=np.int64)
    if len(matrix) < max(smallest, _NEIGHBORS + 1):
        return everyone, True
    # scikit-learn counts the point itself among its neighbours
    method = HDBSCAN(min_cluster_size=smallest, min_samples=_NEIGHBORS + 1, metric="precomputed", copy=True)
    labels: NDArray[np.int64] = method.fit(matrix).labels_.astype(np.int64)
    return (everyone, True) if (labels == NOISE).all() else (labels, False)
