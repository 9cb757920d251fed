"""Non-negative factors of a response tensor in which each response may turn over directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.manifolds.permuted_misfit import (
    Factors,
    checked_factors,
    checked_tensor,
    permuted_objective,
)
from napari_twinscope.manifolds.permuted_start import random_start
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class PermutedFactorization:
    """The best of several restarts.

    Attributes
    ----------
    factors
        Unit (unit, component), stimulus (stimulus, component) and response (direction, time,
        component), not negative, each column of unit norm; a component that vanished is zero.
    weights
        Shape (component,), descending: with them the model is the sum over components of
        ``weights[r] * unit[u, r] * stimulus[s, r] * response[:, :, r]``.
    shifts
        Shape (unit, stimulus), 0 to directions - 1: how far each response is rolled along the direction
        to meet the model; 0 for a response of zeros.
    error_percent
        Squared misfit in percent of the tensor's squared norm.
    restarts
        One row for each restart, in the order of their numbers: ``error_percent``, ``iterations``,
        ``converged``, ``gradient`` (the largest entry of the projected gradient at the end).
    best
        The number of the restart that these factors are from.
    rank, seed
        Number of components, and what the random starts came from.
    """

    factors: Factors
    weights: NDArray[np.float64]
    shifts: NDArray[np.int64]
    error_percent: float
    restarts: pd.DataFrame
    best: int
    rank: int
    seed: int


def permuted_factorization(
    tensor: xr.DataArray | ArrayLike,
    rank: int,
    *,
    restarts: int = 30,
    seed: int = 0,
    device: str = "auto",
    initial: Sequence[ArrayLike] | None = None,
    progress: Progress | None = None,
) -> PermutedFactorization:
    """Factorise."""
    import pandas as pd
    from scipy.optimize import minimize

    responses = checked_tensor(tensor)
    progress = progress or SilentProgress()
    starts = [random_start(responses.shape, rank, seed, number) for number in range(restarts)]
    if initial is not None:
        starts[0] = checked_factors(initial, responses.shape)
    units, stimuli, directions, times = responses.shape
    cuts = np.cumsum([units * rank, stimuli * rank])

    def factors_of(x: NDArray[np.float64]) -> Factors:
        unit, stimulus, response = np.split(x, cuts)
        return Factors(
            unit.reshape(units, rank),
            stimulus.reshape(stimuli, rank),
            response.reshape(directions, times, rank),
        )

    def flat(factors: Factors) -> NDArray[np.float64]:
        return np.concatenate([factor.ravel() for factor in factors])

    def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        raise_if_canceled(progress)
        value, gradients, _ = permuted_objective(responses, factors_of(x))
        return value, flat(gradients)

    total = 0.5 * float(np.vdot(responses, responses))
    rows, found = [], []
    progress.begin(restarts, "Factorising the responses")
    for start in starts:
        options = {"maxcor": 5, "ftol": 2.2e-21, "gtol": 1e-4, "maxiter": 1000, "maxfun": 5000}
        ended = minimize(
            objective,
            flat(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * cuts[-1] + [(0, None)] * (directions * times * rank),
            options=options,
        )
        gradient = np.where(ended.x > 0, ended.jac, np.minimum(ended.jac, 0))
        rows.append((100 * ended.fun / total, ended.nit, ended.status == 0, abs(gradient).max()))
        found.append(factors_of(ended.x))
        progress.advance()
    progress.end()
    table = pd.DataFrame(rows, columns=["error_percent", "iterations", "converged", "gradient"])
    best = int(table["error_percent"].argmin())
    factors, weights = normalized(found[best])
    _, _, shifts = permuted_objective(responses, found[best])
    error = float(table["error_percent"][best])
    return PermutedFactorization(factors, weights, shifts, error, table, best, rank, seed)


def normalized(factors: Factors) -> tuple[Factors, NDArray[np.float64]]:
    """Return factors with columns of unit norm, the heaviest component first, and their weights.

    A component that is zero keeps columns of zeros.
    """
    flat = [factor.reshape(-1, factor.shape[-1]) for factor in factors]
    norms = np.array([np.linalg.norm(factor, axis=0) for factor in flat])
    weights = norms.prod(axis=0)
    order = np.argsort(-weights, kind="stable")
    scale = np.divide(1.0, norms, out=np.zeros_like(norms), where=weights > 0)
    unit, stimulus, response = ((factor * by)[..., order] for factor, by in zip(factors, scale, strict=True))
    return Factors(unit, stimulus, response), weights[order]
