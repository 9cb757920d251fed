"""Diffusion maps: coordinates in which a kernel's random walk is simple."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import ArrayLike, NDArray

_DENSE_UP_TO = 3000  # points; beyond, the leading eigenvectors are found iteratively
_EQUAL = 1e-9  # relative difference of magnitudes that symmetry makes equal


@dataclass(frozen=True)
class DiffusionMap:
    """Coordinates of points on their manifold.

    Attributes
    ----------
    coordinates
        Shape (point, component); NaN for points outside the kernel's largest component. The entry of
        largest magnitude of each coordinate is positive.
    eigenvalues
        Shape (component,), descending, the trivial eigenvalue 1 left out.
    rows
        The points of the largest component, ascending.
    components
        Number of connected components of the kernel.
    """

    coordinates: NDArray[np.float64]
    eigenvalues: NDArray[np.float64]
    rows: NDArray[np.int64]
    components: int


def diffusion_map(
    kernel: scipy.sparse.sparray | ArrayLike,
    n_components: int = 3,
    alpha: float = 1.0,
    time: int = 1,
) -> DiffusionMap:
    """Return the leading non-trivial diffusion coordinates of a kernel.

    The kernel is divided by the densities ``q**alpha`` of both points, made a random walk, and its
    right eigenvectors psi (``sum(d * psi**2) == 1`` with the row sums d) are multiplied by their
    eigenvalues to the power `time`.

    Parameters
    ----------
    kernel
        Sparse or dense, shape (point, point), symmetric, not negative, positive on the diagonal.
        Where it falls into several components, the largest is mapped (the first among equals).
    n_components
        Number of coordinates.
    alpha
        How far the density of points is divided out: 0 not at all, 0.5 Fokker-Planck, 1
        Laplace-Beltrami (geometry alone).
    time
        Number of steps of the random walk, 0 or more.

    Raises
    ------
    InvalidInput
        If the kernel or an option does not fit, or the largest component has too few points.

    References
    ----------
    Coifman & Lafon (2006), Applied and Computational Harmonic Analysis 21, 5,
    doi:10.1016/j.acha.2006.04.006.

    Examples
    --------
    >>> found = diffusion_map([[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]], n_components=1)
    >>> found.coordinates.shape, found.eigenvalues.round(3).tolist()
    ((3, 1), [0.727])
    """
    from scipy.sparse.csgraph import connected_components

    if not isinstance(n_components, int) or n_components < 1:
        raise InvalidInput(
            "A map needs a whole number of components.", given=n_components, needed="1 or more"
        )
    if not np.isfinite(alpha):
        raise InvalidInput("alpha must be a finite number.", given=alpha)
    if not isinstance(time, int) or time < 0:
        raise InvalidInput("The time of a walk is a whole number of steps.", given=time, needed="0 or more")
    whole = _checked(kernel)
    count, labels = connected_components(whole, directed=False)
    rows = np.flatnonzero(labels == np.argmax(np.bincount(labels)))
    if len(rows) <= n_components:
        raise InvalidInput(
            "Too few connected points for so many coordinates.",
            given=f"{n_components} coordinates, {len(rows)} points in the largest of {count} components",
            needed=f"at least {n_components + 1} connected points",
        )
    weights = whole[rows][:, rows]
    weights = _scaled(weights, np.asarray(weights.sum(axis=1)).ravel() ** -alpha)
    root = np.sqrt(np.asarray(weights.sum(axis=1)).ravel())
    values, vectors = _leading(_scaled(weights, 1 / root), n_components + 1)
    eigenvalues = values[1:]
    mapped = vectors[:, 1:] / root[:, None] * eigenvalues**time
    coordinates = np.full((whole.shape[0], n_components), np.nan)
    coordinates[rows] = mapped * _signs(mapped)
    return DiffusionMap(coordinates, eigenvalues, rows, int(count))


def _signs(mapped: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the signs that make each column's largest entry positive, the first among equals."""
    size = np.abs(mapped)
    largest = np.argmax(size >= (1 - _EQUAL) * size.max(axis=0), axis=0)
    return np.where(mapped[largest, np.arange(mapped.shape[1])] < 0, -1.0, 1.0)


def _scaled(matrix: Any, factor: NDArray[np.float64]) -> Any:
    """Multiply both the rows and the columns of a sparse matrix by `factor`."""
    from scipy.sparse import diags_array

    diagonal = diags_array(factor)
    return (diagonal @ matrix @ diagonal).tocsr()


def _leading(matrix: Any, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the `size` largest eigenvalues, by sign and not by magnitude, and their vectors."""
    from scipy.linalg import eigh
    from scipy.sparse.linalg import eigsh

    count = matrix.shape[0]
    if count <= max(_DENSE_UP_TO, 2 * size):
        values, vectors = eigh(matrix.toarray(), subset_by_index=[count - size, count - 1])
    else:  # started from a fixed vector, so that a map can be made again
        values, vectors = eigsh(matrix, k=size, which="LA", v0=np.sqrt(np.arange(1.0, count + 1)))
    order = np.argsort(-values, kind="stable")
    return values[order], vectors[:, order]


def _checked(kernel: Any) -> Any:
    from scipy.sparse import csr_array

    try:
        matrix = csr_array(kernel, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput("A kernel is a matrix of numbers.", given=type(kernel).__name__) from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise InvalidInput("A kernel must be a square matrix.", given=f"shape {matrix.shape}")
    matrix.eliminate_zeros()
    if not np.isfinite(matrix.data).all():
        raise InvalidInput("The kernel contains values that are not finite.")
    if (matrix.data < 0).any() or not (matrix.diagonal() > 0).all():
        raise InvalidInput("A kernel must not be negative, and positive on its diagonal.")
    if abs(matrix - matrix.T).max() > 1e-9 * matrix.max():
        raise InvalidInput("A kernel must be symmetric.", remedy="pass (kernel + kernel.T) / 2")
    return matrix
