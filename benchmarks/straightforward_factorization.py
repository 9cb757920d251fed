"""The permuted factorisation as it is written down: SciPy's L-BFGS-B on the formulas, one restart at a time.

It shares nothing with the package but the layout of its arguments, tensors of dims unit, stimulus,
direction, time and factors of dims unit, stimulus and (direction, time), each by component.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# the settings of the published optimiser
SETTINGS = {"maxcor": 5, "ftol": 1e-5 * np.finfo(float).eps, "gtol": 1e-4, "maxiter": 1000, "maxfun": 5000}


class Ended(NamedTuple):
    """The end of one restart."""

    error_percent: float
    iterations: int
    evaluations: int
    gradient: float


def all_shifts(tensor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the responses at every shift, (shift, response, direction x time)."""
    units, stimuli, directions, times = tensor.shape
    rolled = [np.roll(tensor, k, axis=2) for k in range(directions)]
    return np.stack(rolled).reshape(directions, units * stimuli, directions * times)


def fit(tensor: NDArray[np.float64], start: Sequence[NDArray[np.float64]]) -> Ended:
    """Minimise the misfit from one start."""
    units, stimuli, directions, times = tensor.shape
    rank = start[0].shape[1]
    shapes = (units, rank), (stimuli, rank), (directions * times, rank)
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:2]
    rolled = all_shifts(tensor)
    every = np.arange(units * stimuli)
    half = 0.5 * (tensor**2).sum()

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parts = zip(np.split(x, cuts), shapes, strict=True)
        unit, stimulus, response = (part.reshape(shape) for part, shape in parts)
        loadings = (unit[:, None] * stimulus).reshape(-1, rank)
        model = loadings @ response.T
        scores = np.einsum("kxl,xl->kx", rolled, model)
        shifted = rolled[scores.argmax(axis=0), every]
        of_unit, of_stimulus, of_response = unit.T @ unit, stimulus.T @ stimulus, response.T @ response
        value = half - scores.max(axis=0).sum() + 0.5 * (of_unit * of_stimulus * of_response).sum()
        overlaps = (shifted @ response).reshape(units, stimuli, rank)
        gradients = (
            unit @ (of_stimulus * of_response) - np.einsum("usr,sr->ur", overlaps, stimulus),
            stimulus @ (of_unit * of_response) - np.einsum("usr,ur->sr", overlaps, unit),
            response @ (of_unit * of_stimulus) - shifted.T @ loadings,
        )
        return value, np.concatenate([gradient.ravel() for gradient in gradients])

    x = np.concatenate([np.ravel(factor) for factor in start])
    found = minimize(objective, x, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(x), options=SETTINGS)
    projected = np.where(found.x > 0, found.jac, np.minimum(found.jac, 0))
    return Ended(100 * found.fun / half, found.nit, found.nfev, float(abs(projected).max()))
