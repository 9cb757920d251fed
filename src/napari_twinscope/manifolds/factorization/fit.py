"""Non-negative factors of a response tensor in which each response may turn over directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import DeviceError, InvalidInput
from napari_twinscope.manifolds.factorization.loadings import loading_variance
from napari_twinscope.manifolds.factorization.misfit import (
    Factors,
    checked_factors,
    checked_tensor,
    permuted_objective,
)
from napari_twinscope.manifolds.factorization.start import random_start
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    from napari_twinscope.manifolds.factorization.descent import Ended
    from napari_twinscope.manifolds.factorization.sweep import Point

GRADIENT_TOLERANCE = 1e-4  # of the published optimiser, for responses whose largest norm is 1
MAX_ITERATIONS = 1000


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
        One row for each restart: ``error_percent``; ``iterations``; ``converged``, whether the largest
        entry of the projected gradient, ``gradient``, fell to the tolerance; ``variance``, the
        `loading_variance` of its unit factors.
    best
        The restart that these factors are from.
    rank, seed
        Number of components, and what the random starts were drawn from.
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
    """Factorise a response tensor into non-negative components, each response at its best shift.

    Minimises `permuted_objective`. Each restart begins with random factors, follows the gradient in
    small implicit (proximal) steps until components and shifts have found each other, and goes on by
    block coordinate descent with momentum. It has converged when no entry of the projected gradient
    exceeds 1e-4, the factors of each component having equal norms and the largest response norm 1; that is
    the criterion of the published optimiser, L-BFGS-B. It works in single precision as far as that goes,
    and ends in double precision.

    Parameters
    ----------
    tensor
        Not negative, dims unit, stimulus, direction, time; a plain array in that order. A unit without
        responses gets loadings of zero.
    rank
        Number of components, at most the number of units.
    restarts
        How many starts to try; the best is returned.
    seed
        Of the random starts. Restart 5 begins alike however many others there are.
    device
        ``auto`` (CUDA where there is one, else the CPU), ``cpu``, ``cuda`` or ``cuda:N``. On CUDA all
        restarts that fit into memory run together, on a CPU one on each core.
    initial
        Factors with which the first restart begins: unit (unit, component), stimulus (stimulus,
        component) and response (direction, time, component), not negative.
    progress
        Told of each restart that has ended.

    Raises
    ------
    InvalidInput
        If the tensor is not finite, negative or zero, or an option does not fit.
    DeviceError
        If the device is absent or lacks double precision.
    Canceled
        If the user stops the job.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121, for the model; Cichocki
    & Phan (2009), IEICE Transactions E92-A, 708, doi:10.1587/transfun.E92.A.708, for the coordinate
    descent; Mitchell, Ye & De Sterck (2020), Numerical Linear Algebra with Applications 27, e2297,
    doi:10.1002/nla.2297, for the momentum.

    Examples
    --------
    >>> tensor = np.zeros((3, 1, 4, 1))
    >>> tensor[[0, 1, 2], 0, [3, 0, 1]] = [[1.0], [2.0], [0.5]]
    >>> found = permuted_factorization(tensor, rank=1, restarts=2)
    >>> found.weights.round(3), found.factors.unit[:, 0].round(3)
    (array([2.291]), array([0.436, 0.873, 0.218]))
    """
    import pandas as pd

    responses = checked_tensor(tensor)
    _check_options(responses.shape, rank, restarts, seed)
    largest = float(np.sqrt((responses**2).sum(axis=(2, 3)).max()))
    if largest == 0:
        raise InvalidInput("The tensor has no response to factorise.", given="zeros only")
    responses = responses / largest
    starts = [random_start(responses.shape, rank, seed, number) for number in range(restarts)]
    if initial is not None:
        starts[0] = _checked_initial(initial, responses.shape, rank, largest)
    responding = responses.max(axis=(1, 2, 3))[:, None] > 0  # rounding would leave silent units tiny loadings
    starts = [start._replace(unit=start.unit * responding) for start in starts]
    half = 0.5 * float(np.vdot(responses, responses))
    rows: list[tuple[float, int, bool, float, float]] = []
    best, lowest = starts[0], np.inf
    progress = progress or SilentProgress()
    progress.begin(restarts, f"Factorising the responses into {rank} components")
    for ended in _descents(responses, starts, _place(device), progress):
        factors = _as_factors(ended.point, responses.shape)
        error, converged = 100 * ended.value / half, ended.gradient <= GRADIENT_TOLERANCE
        variance = loading_variance(factors.unit)
        rows.append((error, ended.iterations, converged, ended.gradient, variance))
        if error < lowest:
            best, lowest = factors, error
    progress.end()
    table = pd.DataFrame(rows, columns=["error_percent", "iterations", "converged", "gradient", "variance"])
    table.index.name = "restart"
    value, _, shifts = permuted_objective(responses, best)
    factors, weights = normalized(best)
    return PermutedFactorization(
        factors=factors,
        weights=weights * largest,
        shifts=shifts,
        error_percent=100 * value / half,
        restarts=table,
        best=int(table["error_percent"].argmin()),
        rank=rank,
        seed=seed,
    )


def normalized(factors: Factors) -> tuple[Factors, NDArray[np.float64]]:
    """Return factors with columns of unit norm, the heaviest component first, and their weights.

    A component that is zero keeps columns of zeros.
    """
    norms = np.array([np.linalg.norm(factor.reshape(-1, factor.shape[-1]), axis=0) for factor in factors])
    weights = norms.prod(axis=0)
    order = np.argsort(-weights, kind="stable")
    scale = np.divide(1.0, norms, out=np.zeros_like(norms), where=weights > 0)
    unit, stimulus, response = ((factor * by)[..., order] for factor, by in zip(factors, scale, strict=True))
    return Factors(unit, stimulus, response), weights[order]


def _descents(
    responses: NDArray[np.float64], starts: list[Factors], place: str, progress: Progress
) -> Iterator[Ended]:
    """Yield where each start led, in their order."""
    import torch

    from napari_twinscope.manifolds.factorization.descent import descend
    from napari_twinscope.manifolds.factorization.sweep import Point
    from napari_twinscope.manifolds.factorization.workers import on_each_core
    from napari_twinscope.twins.arithmetic import keep_memory, tf32

    keep_memory()
    moved = torch.as_tensor(responses, device=place)

    def follow(batch: list[Factors]) -> list[Ended]:
        raise_if_canceled(progress)
        rank = batch[0].unit.shape[1]
        stacked = (
            np.stack([factor.reshape(-1, rank).T for factor in factors])
            for factors in zip(*batch, strict=True)
        )
        with torch.inference_mode():
            return descend(
                moved,
                Point(*(torch.as_tensor(factor, device=place) for factor in stacked)),
                tolerance=GRADIENT_TOLERANCE,
                max_iterations=MAX_ITERATIONS,
                tick=lambda: raise_if_canceled(progress),
            )

    together = _how_many_fit(place, responses, starts[0].unit.shape[1])
    batches = [starts[first : first + together] for first in range(0, len(starts), together)]
    with tf32(False):
        for ended in on_each_core(follow, batches) if place == "cpu" else map(follow, batches):
            raise_if_canceled(progress)  # which those that had begun did not see
            progress.advance(len(ended))
            yield from ended


def _as_factors(point: Point, shape: tuple[int, ...]) -> Factors:
    unit, stimulus, profiles = (factor[0].T.cpu().numpy() for factor in point)
    return Factors(unit, stimulus, profiles.reshape(*shape[2:], -1))


def _how_many_fit(place: str, responses: NDArray[np.float64], rank: int) -> int:
    """Return how many models descend together: one on a CPU, whose caches hold no more."""
    import torch

    if not place.startswith("cuda"):
        return 1
    free, _ = torch.cuda.mem_get_info(place)
    units, stimuli, directions, times = responses.shape
    # the aligned responses and a copy of those that turn, the overlaps at all shifts and their products
    each = 8 * units * stimuli * 2 * directions * (times + rank)
    return int(max(1, (0.8 * free - 2 * responses.nbytes) // each))


def _place(device: str) -> str:
    from napari_twinscope.recording import resolve_device

    place = resolve_device(device)
    if place == "mps":
        if device != "auto":
            raise DeviceError(
                "This device lacks the double precision that a factorisation ends with.",
                given=device,
                needed="cpu or cuda",
                remedy="choose 'auto'",
            )
        return "cpu"
    return place


def _checked_initial(
    initial: Sequence[ArrayLike], shape: tuple[int, ...], rank: int, largest: float
) -> Factors:
    unit, stimulus, response = checked_factors(initial, shape)
    if unit.shape[1] != rank:
        raise InvalidInput("The initial factors are of another rank.", given=unit.shape[1], needed=rank)
    if min(unit.min(), stimulus.min(), response.min()) < 0:
        raise InvalidInput("An initial factor is negative.", needed="zero or more everywhere")
    return Factors(unit / largest, stimulus, response)


def _check_options(shape: tuple[int, ...], rank: int, restarts: int, seed: int) -> None:
    most = min(shape[0], int(np.prod(shape[1:])))
    if not 1 <= rank <= most:
        raise InvalidInput(
            "The rank does not fit the tensor.",
            given=rank,
            needed=f"1 to {most}, for {shape[0]} units with {int(np.prod(shape[1:]))} values each",
        )
    if restarts < 1:
        raise InvalidInput("A factorisation needs at least one start.", given=f"{restarts} restarts")
    if seed < 0:
        raise InvalidInput("The seed must not be negative.", given=seed)
