"""How evenly a population uses the components of its factorisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def loading_variance(unit: NDArray[np.float64]) -> float:
    """Return the variance of the units' loadings in multiples of that along their first direction.

    The loadings, columns of unit norm, less each unit's mean: the sum of their squared singular values
    over the largest. It grows with the rank as long as components add directions of their own.

    Parameters
    ----------
    unit
        Unit factors, shape (unit, component).

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121.
    """
    norms = np.linalg.norm(unit, axis=0)
    loadings = unit / np.where(norms > 0, norms, 1.0)
    loadings = loadings - loadings.mean(axis=1, keepdims=True)
    squared = np.linalg.eigvalsh(loadings.T @ loadings)
    return float(squared.sum() / squared[-1]) if squared[-1] > 0 else 0.0
