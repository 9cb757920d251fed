"""Principal components, exact and with one choice of signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RANK = 1e-12  # relative variance below which a component is rounding alone


@dataclass(frozen=True)
class PrincipalComponents:
    """The directions of largest variance.

    Attributes
    ----------
    coordinates
        Rows along the components, shape (row, component). Components beyond the rank are zero.
    components
        Unit vectors, shape (component, column), the entry of largest magnitude positive.
    variances
        Variance of the coordinates with rows - 1 in the denominator, shape (component,).
    ratios
        Shares of the variance of all columns, shape (component,).
    """

    coordinates: NDArray[np.float64]
    components: NDArray[np.float64]
    variances: NDArray[np.float64]
    ratios: NDArray[np.float64]


def principal_components(
    rows: NDArray[np.float64], count: int, automatic: np.random.Generator | None = None
) -> PrincipalComponents:
    """Return the leading principal components of `rows`, shape (row, column).

    Parameters
    ----------
    rows
        Finite; centred here.
    count
        Number of components. Those beyond the rank are zero.
    automatic
        Draws for scikit-learn's automatic choice of a solver, as in the public code of the papers: an
        approximate one for large matrices. By default the components are exact.
    """
    centered = rows - rows.mean(axis=0)
    total = float(np.einsum("ij,ij->", centered, centered))
    found = min(count, *centered.shape)
    vectors = (
        _automatic(centered, found, automatic) if automatic is not None else _exact(centered, found, total)
    )
    coordinates, components = np.zeros((len(rows), count)), np.zeros((count, rows.shape[1]))
    largest = np.abs(vectors).argmax(axis=1)
    signs = np.where(vectors[np.arange(len(vectors)), largest] < 0, -1.0, 1.0)
    components[: len(vectors)] = vectors * signs[:, None]
    coordinates[:] = centered @ components.T
    energy = np.einsum("ij,ij->j", coordinates, coordinates)
    return PrincipalComponents(
        coordinates,
        components,
        energy / max(1, len(rows) - 1),
        energy / total if total > 0 else np.zeros(count),
    )


def _exact(centered: NDArray[np.float64], count: int, total: float) -> NDArray[np.float64]:
    """Return the leading right singular vectors (component, column), by the smaller of both Gram matrices."""
    from scipy.linalg import eigh

    tall = centered.shape[0] >= centered.shape[1]
    gram = centered.T @ centered if tall else centered @ centered.T
    size = len(gram)
    values, vectors = eigh(gram, subset_by_index=[size - count, size - 1], driver="evr")
    leading = values[::-1] > _RANK * total
    vectors = vectors[:, ::-1][:, leading]
    if not tall:
        vectors = centered.T @ (vectors / np.sqrt(values[::-1][leading]))
    right: NDArray[np.float64] = vectors.T
    return right


def _automatic(centered: NDArray[np.float64], count: int, random: np.random.Generator) -> NDArray[np.float64]:
    from sklearn.decomposition import PCA

    method = PCA(count, svd_solver="auto", random_state=int(random.integers(2**31)))
    right: NDArray[np.float64] = method.fit(centered).components_
    return right
