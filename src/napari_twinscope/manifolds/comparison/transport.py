"""How far two manifolds are apart when nothing says which point of one is which of the other."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import ArrayLike, NDArray

SMALLEST_WEIGHT = 1e-8
"""Kernel entries up to this are no edges."""

_TOLERANCE, _STEPS = 1e-4, 10_000
_ENTROPIC_TOLERANCE, _ENTROPIC_STEPS = 1e-5, 200


@dataclass(frozen=True)
class Transport:
    """The best coupling found of two spaces.

    Attributes
    ----------
    cost
        Mean squared difference of distances under the coupling; 0 for isometric spaces. With features,
        the weighted mean of this and of the mean feature cost.
    distance
        Root of the cost.
    independent
        Cost of coupling every point with every other alike: that of knowing nothing.
    plan
        Share of each pair of points, shape (point of one, point of the other), sum 1.
    """

    cost: float
    distance: float
    independent: float
    plan: NDArray[np.float64]


def gromov_wasserstein(
    one: ArrayLike,
    other: ArrayLike,
    *,
    features: ArrayLike | None = None,
    alpha: float = 0.5,
    entropy: float = 0.0,
) -> Transport:
    r"""Couple the points of two spaces so that distances are kept as well as possible.

    .. math::
        \min_T \sum_{ijkl} (C_{ik} - D_{jl})^2 \, T_{ij} T_{kl}

    over couplings T with uniform weights. The solver finds local optima: the cost may come out
    some percent too large, and two near ties may be told apart wrongly.

    Parameters
    ----------
    one, other
        Distances between the points of each space, shapes (n, n) and (m, m), symmetric, not negative, zero
        on the diagonal. They are divided by their maximum, so that scale does not count.
    features
        Cost of coupling a point with a point, shape (n, m), for fused transport; divided by its maximum.
    alpha
        Weight of the distances against the features, from 0 to 1.
    entropy
        Above 0, for entropic proximal steps of this size in place of conditional gradients.

    Raises
    ------
    InvalidInput
        If a matrix is no matrix of distances, all points of a space coincide, the features do not fit, or
        entropy and features are both asked for.

    References
    ----------
    Mémoli (2011), doi 10.1007/s10208-011-9093-5; Vayer et al. (2020), doi 10.3390/a13090212; solved by
    POT, Flamary et al. (2021), JMLR 22(78); settings of the public code of arXiv 2601.21508.

    Examples
    --------
    >>> square = np.abs(np.subtract.outer([0.0, 1.0, 3.0], [0.0, 1.0, 3.0]))
    >>> gromov_wasserstein(square, 2 * square[::-1, ::-1]).distance < 1e-6
    True
    """
    import ot  # type: ignore[import-untyped]

    c, d = checked_distances(one), checked_distances(other)
    costs = None if features is None else _checked_features(features, len(c), len(d))
    if not (np.isfinite(alpha) and 0 <= alpha <= 1 and np.isfinite(entropy) and entropy >= 0):
        raise InvalidInput(
            "There is no such transport.",
            given=f"alpha {alpha}, entropy {entropy}",
            needed="alpha from 0 to 1, entropy 0 or more",
        )
    if costs is not None and entropy:
        raise InvalidInput("Fused transport is solved without entropy.", given=f"entropy {entropy}")
    p, q = np.full(len(c), 1 / len(c)), np.full(len(d), 1 / len(d))
    exact = {"tol_rel": _TOLERANCE, "tol_abs": _TOLERANCE, "max_iter": _STEPS}
    with warnings.catch_warnings():
        # Inner steps may stop early, and weights vanish; the cost tells.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        if costs is not None:
            plan = ot.gromov.fused_gromov_wasserstein(costs, c, d, p, q, "square_loss", alpha=alpha, **exact)
        elif entropy:
            plan = ot.gromov.entropic_gromov_wasserstein(
                *(c, d, p, q, "square_loss"),
                epsilon=entropy,
                solver="PPA",
                max_iter=_ENTROPIC_STEPS,
                tol=_ENTROPIC_TOLERANCE,
            )
        else:
            plan = ot.gromov.gromov_wasserstein(c, d, p, q, "square_loss", **exact)
    weight = 1.0 if costs is None else alpha

    def cost(coupling: NDArray[np.float64]) -> float:
        structure = max(0.0, _structure(c, d, coupling))
        return weight * structure + (1 - weight) * (0.0 if costs is None else float((costs * coupling).sum()))

    found = cost(plan)
    return Transport(found, float(np.sqrt(found)), cost(np.outer(p, q)), plan)


def path_distances(kernel: scipy.sparse.sparray | ArrayLike) -> NDArray[np.float64]:
    """Return the lengths of the shortest paths on the graph of a kernel.

    An edge is as long as minus the logarithm of its weight. Points without a path between them are twice
    as far apart as any others.

    Parameters
    ----------
    kernel
        Weights from 0 to 1, shape (point, point), as from `multiscale_kernel`.

    Raises
    ------
    InvalidInput
        If the kernel is not symmetric, or a weight is negative, above 1 or not finite.

    References
    ----------
    Public code of arXiv 2601.21508.
    """
    import scipy.sparse
    from scipy.sparse.csgraph import shortest_path

    weights = _checked_kernel(kernel)
    if (weights > 1 + 1e-12).any():
        raise InvalidInput("The weights of this kernel have no lengths.", needed="weights from 0 to 1")
    edge = (weights > SMALLEST_WEIGHT) & ~np.eye(len(weights), dtype=bool)
    rows, columns = np.nonzero(edge)
    # A length of exactly zero would be no edge.
    lengths = np.maximum(-np.log(np.minimum(weights[edge], 1.0)), np.finfo(np.float64).tiny)
    graph = scipy.sparse.csr_array((lengths, (rows, columns)), shape=weights.shape)
    apart: NDArray[np.float64] = shortest_path(graph, directed=False)
    reached = np.isfinite(apart)
    return np.where(reached, apart, 2 * apart[reached].max())


def spectral_distance(
    one: scipy.sparse.sparray | ArrayLike, other: scipy.sparse.sparray | ArrayLike, count: int = 50
) -> float:
    """Return how far the spectra of two kernels are apart, without any transport.

    Parameters
    ----------
    one, other
        Kernels, shapes (n, n) and (m, m).
    count
        Number of eigenvalues of the normalised Laplacians that are compared, from the second smallest;
        fewer if a kernel is smaller.

    Returns
    -------
    float
        Euclidean distance of the eigenvalues.
    """
    spectra = [laplacian_spectrum(kernel, count) for kernel in (one, other)]
    common = min(map(len, spectra))
    return float(np.linalg.norm(spectra[0][:common] - spectra[1][:common]))


def laplacian_spectrum(kernel: scipy.sparse.sparray | ArrayLike, count: int = 50) -> NDArray[np.float64]:
    """Return the smallest eigenvalues of a kernel's normalised Laplacian after the first, ascending.

    Raises
    ------
    InvalidInput
        If the kernel is not symmetric, a weight is negative or not finite, a point has no weight at all,
        or there are no eigenvalues to return.
    """
    _check_count(count)
    from scipy.linalg import eigvalsh

    weights = _checked_kernel(kernel)
    sums = weights.sum(axis=1)
    if (sums <= 0).any():
        raise InvalidInput("A point has no weight, not even with itself.", given=int((sums <= 0).sum()))
    laplacian = np.eye(len(weights)) - weights / np.sqrt(np.outer(sums, sums))
    last = min(count, len(weights) - 1)
    values: NDArray[np.float64] = eigvalsh(laplacian, subset_by_index=(0, last))
    return values[1:]


def checked_distances(distances: ArrayLike) -> NDArray[np.float64]:
    """Return distances divided by their maximum, or refuse them."""
    matrix = np.asarray(distances, dtype=np.float64)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and len(matrix) > 1
    if not square or not np.isfinite(matrix).all() or (matrix < 0).any():
        raise InvalidInput(
            "These are no distances between points.",
            given=f"shape {matrix.shape}" + (", not all finite and positive" if square else ""),
            needed="shape (point, point), two points or more, finite, not negative",
        )
    largest = float(matrix.max())
    if largest == 0:
        raise InvalidInput("All points of a space coincide.", needed="two different points")
    if np.abs(matrix - matrix.T).max() > 1e-9 * largest or np.diag(matrix).any():
        raise InvalidInput("Distances are symmetric, and zero from a point to itself.")
    return matrix / largest


def _checked_features(features: ArrayLike, rows: int, columns: int) -> NDArray[np.float64]:
    costs = np.asarray(features, dtype=np.float64)
    if costs.shape != (rows, columns) or not np.isfinite(costs).all() or (costs < 0).any():
        raise InvalidInput(
            "The feature costs do not fit the spaces.",
            given=f"shape {costs.shape}",
            needed=f"shape ({rows}, {columns}), finite, not negative",
        )
    return costs / (float(costs.max()) or 1.0)


def _check_count(count: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InvalidInput("There is no such number of eigenvalues.", given=count, needed="1 or more")


def _checked_kernel(kernel: scipy.sparse.sparray | ArrayLike) -> NDArray[np.float64]:
    dense = kernel.toarray() if hasattr(kernel, "toarray") else kernel
    weights = np.asarray(dense, dtype=np.float64)
    square = weights.ndim == 2 and weights.shape[0] == weights.shape[1] and len(weights) > 1
    if not square or not np.isfinite(weights).all() or (weights < 0).any():
        raise InvalidInput(
            "This is no kernel.",
            given=f"shape {weights.shape}",
            needed="shape (point, point), finite, not negative",
        )
    if np.abs(weights - weights.T).max() > 1e-9 * max(1.0, float(weights.max())):
        raise InvalidInput(
            "A kernel is symmetric.",
            given=f"weights that differ by up to {np.abs(weights - weights.T).max():.3g}",
            needed="the same weight from a point to another and back",
        )
    return weights


def _structure(c: NDArray[np.float64], d: NDArray[np.float64], plan: NDArray[np.float64]) -> float:
    """Return the mean squared difference of distances under a coupling."""
    p, q = plan.sum(1), plan.sum(0)
    return float(p @ c**2 @ p + q @ d**2 @ q - 2 * np.einsum("ij,ij->", c @ plan @ d, plan))
