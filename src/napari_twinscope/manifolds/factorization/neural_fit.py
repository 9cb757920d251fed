"""The neural matrix: how much of each component every unit needs, once all have been fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.manifolds.factorization.misfit import checked_factors, checked_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

_NO_WEIGHT = 1e-8  # components up to this weight are none
_TIE = 1e-12  # costs that differ by less, relative to the responses, differ by rounding
_DEPENDENT = 1e-12  # directions of the design with a smaller singular value, relative to the largest


@dataclass(frozen=True)
class NeuralMatrix:
    """What each unit contributes to each component.

    Attributes
    ----------
    values
        Shape (unit, component), not negative: the root of the unit's coefficient. Between these rows
        the encoding manifold measures distance.
    components
        The components of the factorisation that the columns stand for: those with a weight.
    shifts
        Shape (unit, stimulus): by how many directions each response was turned (`numpy.roll`) to fit.
    """

    values: NDArray[np.float64]
    components: NDArray[np.int64]
    shifts: NDArray[np.int64]


def neural_matrix(
    responses: xr.DataArray | ArrayLike,
    factors: Sequence[ArrayLike],
    weights: ArrayLike | None = None,
    *,
    significant: xr.DataArray | ArrayLike | None = None,
    relative_strength: xr.DataArray | ArrayLike | None = None,
) -> NeuralMatrix:
    """Fit each unit's responses anew by the stimulus and response factors of a factorisation.

    The significant responses are turned as the factorisation has them. Those that were zeroed for it
    come back, and all of a unit's are turned together by the shift that fits best. The responses are
    scaled by their relative strengths, and the coefficients of each unit are the non-negative least
    squares fit, exactly. Their root makes the norm of the coefficients of one class independent of how
    many components share the class.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time; a plain array in this order. All classes, also those that
        are not significant: `normalized` of `population.response_tensor`.
    factors
        Unit (unit, component), stimulus (stimulus, component) and response (direction, time, component),
        as in `PermutedFactorization`.
    weights
        Weight of each component; 1 by default.
    significant
        bool (unit, stimulus), the classes that entered the factorisation; by default all.
    relative_strength
        Strength of each response over that of the unit's strongest class, (unit, stimulus); by default 1,
        as for responses that are scaled by it already.

    Returns
    -------
    NeuralMatrix
        A unit without response has a row of zeros.

    Raises
    ------
    InvalidInput
        If shapes do not fit, values are missing, infinite or negative, or no component has a weight.
    TwinscopeError
        If a fit fails.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121. Their code stops the fit
    early, which leaves up to 5e-4 in entries that are zero.

    Examples
    --------
    >>> factors = [[1.0], [1.0]], [[1.0]], [[[1.0]], [[0.0]]]
    >>> found = neural_matrix([[[[4.0], [0.0]]], [[[0.0], [9.0]]]], factors)
    >>> found.values.tolist(), found.shifts.tolist()
    ([[2.0], [3.0]], [[0], [1]])
    """
    maps = checked_tensor(responses)
    units, stimuli, directions, _ = maps.shape
    scale = _table(relative_strength, (units, stimuli), "relative strengths")
    counts = np.ones((units, stimuli), dtype=bool)
    if significant is not None:
        counts = _table(significant, (units, stimuli), "significance").astype(bool)
    unit, stimulus, response = checked_factors(factors, maps.shape)
    if min(unit.min(), stimulus.min(), response.min()) < 0:
        raise InvalidInput("A factor is negative.", needed="the factors of a non-negative factorisation")
    weight = _numbers(np.ones(unit.shape[1]) if weights is None else weights, "weights")
    if weight.shape != unit.shape[1:]:
        raise InvalidInput("The weights do not fit.", given=weight.shape, needed=unit.shape[1:])
    components = np.flatnonzero((weight > _NO_WEIGHT) & stimulus.any(axis=0) & response.any(axis=(0, 1)))
    if not len(components):
        raise InvalidInput("No component has a weight.", given=weight.tolist())
    unit, stimulus, response = unit[:, components], stimulus[:, components], response[..., components]

    # (unit, stimulus, shift, component): each map, turned, in the direction of each response factor.
    turned = np.stack([np.roll(response, -shift, axis=0) for shift in range(directions)])
    shares = np.einsum("usdt,kdtr->uskr", maps, turned, optimize=True)
    model = (unit * weight[components])[:, None] * stimulus
    shifts = np.argmax(np.einsum("uskr,usr->usk", shares, model), axis=2)
    shifts[~counts] = 0

    profile = stimulus / stimulus.max(axis=0)
    shares *= scale[:, :, None, None] * profile[:, None]
    settled = np.take_along_axis(shares, shifts[:, :, None, None], axis=2)[:, :, 0]
    settled = np.where(counts[:, :, None], settled, 0.0).sum(axis=1)
    open_ = np.where(counts[:, :, None, None], 0.0, shares).sum(axis=1)
    energy = ((maps**2).sum(axis=(2, 3)) * scale**2).sum(axis=1)

    fit = _Fit(np.einsum("sr,dtr->sdtr", profile, response).reshape(-1, len(components)))
    values = np.empty((units, len(components)))
    for index in range(units):
        candidates = [0] if counts[index].all() else range(directions)
        fits = [fit(settled[index] + open_[index, shift]) for shift in candidates]
        explained = np.array([gain for _, gain in fits])
        best = int(np.argmax(explained >= explained.max() - _TIE * energy[index]))
        values[index] = fits[best][0]
        shifts[index, ~counts[index]] = best
    return NeuralMatrix(np.sqrt(values), components, shifts)


class _Fit:
    """Non-negative least squares for one design and many data, given by their products with the design."""

    def __init__(self, design: NDArray[np.float64]) -> None:
        _, singular, right = np.linalg.svd(design, full_matrices=False)
        kept = singular > _DEPENDENT * singular[0]
        # In the column space of the design, the same problem with as few rows as components.
        self._matrix = singular[kept, None] * right[kept]
        self._to_space = right[kept] / singular[kept, None]

    def __call__(self, products: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Return the coefficients, and by how much they lower the sum of squares."""
        from scipy.optimize import nnls

        try:
            coefficients, _ = nnls(self._matrix, self._to_space @ products, maxiter=100 * len(products))
        except RuntimeError as error:
            raise TwinscopeError("A unit could not be fitted by the components.", given=error) from error
        return coefficients, float(((self._matrix @ coefficients) ** 2).sum())


def leading_components(values: ArrayLike, variance: float = 0.8) -> NDArray[np.float64]:
    """Return the leading principal components of a neural matrix, for components that are redundant.

    Parameters
    ----------
    values
        Shape (unit, component).
    variance
        As many principal components are kept as are needed to explain more than this share.

    Returns
    -------
    numpy.ndarray
        Shape (unit, kept), in descending order of variance, centred, not whitened; of each, the
        coefficient of largest magnitude is positive.

    Raises
    ------
    InvalidInput
        If a value is not finite, the share does not lie between 0 and 1, or all units are the same.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121, with a share of 0.8.

    Examples
    --------
    >>> leading_components([[0.0, 0.0], [2.0, 0.1], [4.0, 0.0]]).round(2).tolist()
    [[-2.0], [0.0], [2.0]]
    """
    matrix = _numbers(values, "values")
    if matrix.ndim != 2 or not matrix.size:
        raise InvalidInput("A neural matrix has units and components.", given=f"shape {matrix.shape}")
    if not 0 < variance < 1:
        raise InvalidInput("The share of variance lies between 0 and 1.", given=variance)
    left, singular, right = np.linalg.svd(matrix - matrix.mean(axis=0), full_matrices=False)
    if singular[0] <= len(matrix) * np.finfo(float).eps * np.abs(matrix).max():
        raise InvalidInput("All units are the same.", needed="units that differ")
    share = np.cumsum(singular**2)
    kept = min(int(np.sum(share / share[-1] <= variance)) + 1, len(singular))
    largest = np.argmax(np.abs(right), axis=1)
    sign = np.sign(right[np.arange(len(right)), largest])
    scores: NDArray[np.float64] = (left * singular * sign)[:, :kept]
    return scores


def _table(values: Any, shape: tuple[int, int], name: str) -> NDArray[np.float64]:
    """Return a table (unit, stimulus), of ones by default."""
    if values is None:
        return np.ones(shape)
    if hasattr(values, "dims"):
        values = values.transpose("unit", "stimulus")
    table = _numbers(values, name)
    if table.shape != shape or table.min() < 0:
        raise InvalidInput(
            f"The {name} do not fit the responses.",
            given=f"shape {table.shape}",
            needed=f"shape {shape}, not negative",
        )
    return table


def _numbers(values: Any, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The {name} are not numbers.", given=type(values).__name__) from error
    if not np.isfinite(array).all():
        raise InvalidInput(
            f"The {name} are missing or infinite.",
            given=f"{int((~np.isfinite(array)).sum())} of {array.size} values",
            needed="finite values",
        )
    return array
