"""Principal components of a population: one point in three dimensions for each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class PrincipalComponents:
    """The units of a population as points.

    Parameters
    ----------
    scores
        float64 [units, 3], in the units of the responses; NaN for units with non-finite responses.
    explained
        float64 [3], fraction of the variance over units that each component explains.
    non_finite, constant
        Positions of the units left out because a response is NaN or infinite, and of those whose
        response never changes (they are kept).
    """

    scores: npt.NDArray[np.float64]
    explained: npt.NDArray[np.float64]
    non_finite: npt.NDArray[np.intp]
    constant: npt.NDArray[np.intp]

    @property
    def notes(self) -> str:
        """What the user must know about particular units; empty if nothing."""
        parts = []
        if len(self.non_finite):
            parts.append(f"{len(self.non_finite)} units with non-finite responses are left out")
        if len(self.constant):
            parts.append(f"{len(self.constant)} units never change their response")
        return "; ".join(parts)


def principal_components(responses: xr.DataArray) -> PrincipalComponents:
    """Place each unit by the first three principal components of the responses.

    A unit is one sample and its responses over stimulus, direction and time are the features, each
    centred over units. The decomposition is exact and uses every unit: the eigenvectors of the smaller
    Gram matrix, in double precision. The sign of a component is such that the entry of largest
    magnitude of its feature vector is positive.

    Parameters
    ----------
    responses
        Dims (unit, stimulus, direction, time).

    Raises
    ------
    InvalidInput
        If fewer than two units have finite responses, or none of them differs from another.
    """
    matrix = np.asarray(responses.transpose("unit", ...).values, np.float64)
    matrix = matrix.reshape(len(matrix), -1)
    finite = np.isfinite(matrix).all(axis=1)
    constant = np.flatnonzero(finite & (np.nanmin(matrix, axis=1) == np.nanmax(matrix, axis=1)))
    used = matrix[finite]
    if len(used) < 2:
        raise InvalidInput(
            "There are too few units for a manifold.",
            given=f"{len(used)} units with finite responses",
            needed="at least 2",
            remedy="record more units of this stage",
        )
    used = used - used.mean(axis=0)
    total = float(np.sum(used**2))
    if total <= 0:
        raise InvalidInput(
            "No unit of this stage is active: all responses are the same.",
            given=f"{len(used)} units without any difference",
            needed="units whose responses differ",
            remedy="choose another stage, other stimuli or other units",
        )
    scores, variances = _leading(used, 3)
    points = np.full((len(matrix), 3), np.nan)
    points[finite] = scores
    return PrincipalComponents(points, variances / total, np.flatnonzero(~finite), constant)


def _leading(
    matrix: npt.NDArray[np.float64], count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return scores [samples, count] and squared singular values [count], zero beyond the rank."""
    from scipy.linalg import eigh

    samples, features = matrix.shape
    size = min(samples, features)
    kept = min(count, size)
    gram = matrix @ matrix.T if samples <= features else matrix.T @ matrix
    values, vectors = eigh(gram, subset_by_index=(size - kept, size - 1))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    values[values < values[0] * size * np.finfo(float).eps] = 0
    if samples <= features:
        scores = vectors * np.sqrt(values)
        loadings = matrix.T @ vectors
    else:
        scores = matrix @ vectors
        loadings = vectors
    rows = np.argmax(np.abs(loadings), axis=0)
    signs = np.where(loadings[rows, np.arange(kept)] < 0, -1.0, 1.0)
    scores = np.where(values > 0, scores * signs, 0.0)
    missing = count - kept
    return np.pad(scores, ((0, 0), (0, missing))), np.pad(values, (0, missing))
