"""How many components a population needs: the variance of its loadings against the rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.factorization.fit import permuted_factorization
from napari_twinscope.manifolds.factorization.misfit import checked_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from napari_twinscope.progress import Progress

_SMOOTHING = 1.5  # standard deviation in ranks, as published
_ABOVE_PLATEAU = 0.25


@dataclass(frozen=True)
class RankChoice:
    """How the variance of the loadings grows with the rank, and the rank that this suggests.

    The published choice is made by eye, where the curve bends and its slope has come down to a plateau.
    The proposal puts this as a rule: the plateau is the median slope over the last third of the ranks, and
    the rank proposed is the first from which on the slope stays within a quarter of the way from the
    plateau to the steepest slope.

    Attributes
    ----------
    ranks
        Consecutive, ascending.
    variance, deviation
        Mean and standard deviation of `loading_variance` over the restarts of each rank.
    slope
        Differences of the mean from each rank to the next, smoothed by a Gaussian of 1.5 ranks; one fewer
        than ranks.
    error_percent
        The lowest error at each rank; it falls without a bend.
    rank
        The proposal.
    """

    ranks: NDArray[np.int64]
    variance: NDArray[np.float64]
    deviation: NDArray[np.float64]
    slope: NDArray[np.float64]
    error_percent: NDArray[np.float64]
    rank: int


def choose_rank(
    tensor: xr.DataArray | ArrayLike,
    ranks: Sequence[int] = range(2, 31),
    *,
    restarts: int = 10,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
) -> RankChoice:
    """Factorise a response tensor at several ranks and propose one.

    Parameters
    ----------
    tensor
        As for `permuted_factorization`.
    ranks
        At least three consecutive ranks from 2 on; beyond the rank sought, so that a plateau shows.
    restarts
        Of each rank; the published curves are means over 30 to 50.
    seed, device, progress
        As for `permuted_factorization`.

    Raises
    ------
    InvalidInput
        If the ranks are not consecutive, or as `permuted_factorization` does.
    Canceled
        If the user stops the job.

    References
    ----------
    Dyballa et al. (2024), PNAS 121, e2317773121, doi:10.1073/pnas.2317773121.
    """
    wanted = _checked_ranks(ranks)
    responses = checked_tensor(tensor)
    variances, errors = [], []
    for rank in wanted.tolist():
        found = permuted_factorization(
            responses, rank, restarts=restarts, seed=seed, device=device, progress=progress
        )
        variances.append(found.restarts["variance"].to_numpy())
        errors.append(found.error_percent)
    return rank_choice(wanted, variances, errors)


def rank_choice(
    ranks: Sequence[int] | NDArray[np.int64], variances: Sequence[ArrayLike], error_percent: ArrayLike
) -> RankChoice:
    """Propose a rank from factorisations at hand.

    Parameters
    ----------
    ranks
        At least three consecutive ranks from 2 on.
    variances
        For each rank the `loading_variance` of each restart.
    error_percent
        For each rank the lowest error.
    """
    from scipy.ndimage import gaussian_filter1d

    wanted = _checked_ranks(ranks)
    runs = [np.asarray(each, dtype=np.float64) for each in variances]
    mean = np.array([each.mean() for each in runs])
    slope = gaussian_filter1d(np.diff(mean), _SMOOTHING, mode="reflect")
    plateau = float(np.median(slope[-max(1, len(slope) // 3) :]))
    steep = np.flatnonzero(slope > plateau + _ABOVE_PLATEAU * (slope.max() - plateau))
    return RankChoice(
        ranks=wanted,
        variance=mean,
        deviation=np.array([each.std() for each in runs]),
        slope=slope,
        error_percent=np.asarray(error_percent, dtype=np.float64),
        rank=int(wanted[steep[-1] + 1] if len(steep) else wanted[0]),
    )


def plot_rank_choice(choice: RankChoice, axes: Axes | None = None) -> Axes:
    """Draw the variance against the rank with its deviation, its slope, and the rank proposed.

    Parameters
    ----------
    choice
        What to draw.
    axes
        Where; by default in a new figure, ``axes.figure``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the variance; the slope has its own at the right.
    """
    from matplotlib.figure import Figure

    axes = axes or Figure(layout="constrained").subplots()
    low, high = choice.variance - choice.deviation, choice.variance + choice.deviation
    axes.fill_between(choice.ranks, low, high, alpha=0.25, linewidth=0)
    axes.plot(choice.ranks, choice.variance, label="variance")
    axes.axvline(choice.rank, color="0.5", linestyle=":", label=f"rank {choice.rank}")
    axes.set(xlabel="rank", ylabel="variance of the loadings")
    right = axes.twinx()
    right.plot(choice.ranks[:-1] + 0.5, choice.slope, color="C1", label="smoothed slope")
    right.set_ylabel("smoothed slope")
    handles = [handle for each in (axes, right) for handle in each.get_legend_handles_labels()[0]]
    axes.legend(handles=handles, frameon=False)
    return axes


def _checked_ranks(ranks: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    wanted = np.asarray(ranks)
    whole = wanted.ndim == 1 and np.issubdtype(wanted.dtype, np.integer)
    if not whole or len(wanted) < 3 or wanted[0] < 2 or (np.diff(wanted) != 1).any():
        raise InvalidInput(
            "The ranks do not make a curve.",
            given=str(ranks),
            needed="three or more consecutive ranks from 2 on, as range(2, 31)",
        )
    return wanted.astype(np.int64)
