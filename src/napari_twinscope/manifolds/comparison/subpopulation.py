"""How well some units stand for the whole population: five scores, and their course with the share taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.classifiers import neighbor_predictions
from napari_twinscope.manifolds.comparison.representation import linear_cka
from napari_twinscope.manifolds.decoding.conditions import DIMS, conditions, recorded_frames
from napari_twinscope.manifolds.decoding.principal import principal_components
from napari_twinscope.population.labelled import NUMBERS, check_labelled
from napari_twinscope.progress import SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from napari_twinscope.progress import Progress

SCORES = ("accuracy", "procrustes_r2", "variance_reproduced", "rdm_correlation", "linear_cka")
FRACTIONS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of the units in the authors' explorer."""

NEIGHBORS = 5

_COMPONENTS = 3


class _Reference:
    """The whole population in the decoding space, with which subsets are compared."""

    def __init__(self, responses: xr.DataArray, preset: str, stimuli: str | None, rectify: bool) -> None:
        from scipy.spatial.distance import pdist

        frames = conditions(responses, preset, stimuli, rectify=rectify)
        recorded = recorded_frames(frames, every=False)
        means = np.where(recorded, frames.values, 0.0).sum(-1) / recorded.sum(-1)
        self.points = means.reshape(len(means), -1).T
        self.labels = np.repeat(np.arange(frames.sizes["stimulus"]), frames.sizes["direction"])
        self.nearest_wins = preset == "corrected"
        self.found = principal_components(self.points, _COMPONENTS)
        self.unlike = pdist(self.points)

    def scores(self, units: NDArray[np.int64]) -> list[float]:
        from scipy.spatial.distance import pdist
        from scipy.stats import spearmanr

        points = self.points[:, units]
        found = principal_components(points, _COMPONENTS)
        varies = bool(np.ptp(points, axis=0).any())
        kept = min(_COMPONENTS, len(units))
        accuracy = np.nan
        if len(points) > NEIGHBORS:
            named = neighbor_predictions(
                found.coordinates[:, :kept],
                self.labels,
                np.arange(len(points)),
                NEIGHBORS,
                nearest_wins=self.nearest_wins,
            )
            accuracy = float((named == self.labels).mean())
        variance = self.found.variances[:kept].sum()
        if not varies or not variance:
            return [accuracy, np.nan, 0.0 if variance else np.nan, np.nan, np.nan]
        unlike = [self.unlike, pdist(points)]
        constant = any(np.ptp(side) == 0 for side in unlike)
        return [
            accuracy,
            _procrustes_r2(self.found.coordinates, found.coordinates),
            float(found.variances[:kept].sum() / variance),
            np.nan if constant else float(spearmanr(*unlike).statistic),
            float(linear_cka(self.points, points)),
        ]


def subpopulation_scores(
    responses: xr.DataArray,
    units: ArrayLike,
    *,
    draws: int = 0,
    seed: int = 0,
    preset: str = "corrected",
    stimuli: str | None = None,
    rectify: bool = True,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Compare the decoding manifold of some units with that of the whole population.

    Parameters
    ----------
    responses
        Of the whole population, as of `decoding_manifold`.
    units
        Places of the units, or for each unit whether it is taken, bool (unit,).
    draws, seed
        How many random sets of as many units are scored beside them, drawn from the whole population
        without replacement, and the seed that draws them.
    preset, stimuli, rectify
        As of `decoding_manifold`; the components are exact in all presets. Of neighbours with equal votes
        the class of the nearest wins, in the published presets the class that comes first.
    progress
        Told of each draw; may cancel.

    Returns
    -------
    xarray.Dataset
        ``accuracy``
            Share of movies whose stimulus the 5 nearest other movies name, in the first three components of
            these units. Not a number for five movies or fewer.
        ``procrustes_r2``
            What the best rotation, reflection and scale make these units' three components explain of
            those of the whole.
        ``variance_reproduced``
            Variance of these units' components over that of the whole's; it grows with their number.
        ``rdm_correlation``
            Spearman correlation of the Euclidean distances between movies.
        ``linear_cka``
            As of `linear_cka`.

        All are 1 for the whole population but the accuracy. Not a number where these units do not vary.
        ``reference_accuracy`` is that of the whole population. The attribute ``units`` is their number.
        With `draws`, each score of the random sets as ``random_SCORE`` (draw,).

    Raises
    ------
    InvalidInput
        If the responses, the number of draws or the seed do not fit, or the units are none, not there, or
        given twice.
    Canceled
        If the user stops the job.

    References
    ----------
    arXiv 2601.21508, public code.
    """
    chosen = _chosen(units, responses)
    _check_draws(draws, 0, seed)
    progress = progress or SilentProgress()
    reference = _Reference(responses, preset, stimuli, rectify)
    count = responses.sizes["unit"]
    values = {name: ((), value) for name, value in zip(SCORES, reference.scores(chosen), strict=True)}
    whole = reference.scores(np.arange(count))[0]
    random, drawn = np.random.default_rng(seed), np.full((len(SCORES), draws), np.nan)
    progress.begin(draws, "random units")
    for draw in range(draws):
        raise_if_canceled(progress)
        drawn[:, draw] = reference.scores(random.choice(count, size=len(chosen), replace=False))
        progress.advance()
    progress.end()
    beside = {f"random_{name}": ("draw", row) for name, row in zip(SCORES, drawn, strict=True)}
    return xr.Dataset(
        {**values, "reference_accuracy": ((), whole), **(beside if draws else {})},
        attrs={**responses.attrs, "preset": preset, "units": len(chosen), "seed": seed},
    )


def selection_sweep(
    responses: xr.DataArray,
    rankings: dict[str, ArrayLike],
    *,
    fractions: Sequence[float] = FRACTIONS,
    draws: int = 5,
    seed: int = 0,
    preset: str = "corrected",
    stimuli: str | None = None,
    rectify: bool = True,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Score growing shares of the units, taken at random, or by the highest or lowest of a measure.

    Parameters
    ----------
    responses
        As of `subpopulation_scores`.
    rankings
        Measures of all units by name, (unit,), such as from `unit_measures`.
    fractions
        Shares of the units, above 0 up to 1; at least one unit is taken.
    draws, seed
        Number of random selections of each share, and the seed that draws them.
    preset, stimuli, rectify, progress
        As of `subpopulation_scores`.

    Returns
    -------
    xarray.Dataset
        The scores of `subpopulation_scores` over ``strategy`` (``random``, then ``NAME high`` and
        ``NAME low``), ``fraction`` and ``draw``; strategies without chance have a first draw only.
        ``random_units`` (fraction, draw, place) are the units drawn, -1 beyond their number; ``units``
        (strategy, fraction) says how many were taken.

    Raises
    ------
    InvalidInput
        If the responses, a fraction, a ranking, the number of draws or the seed do not fit.
    Canceled
        If the user stops the job.
    """
    progress = progress or SilentProgress()
    check_labelled(responses, DIMS)
    count = responses.sizes.get("unit", 0)
    numbers = [_number(fraction, count) for fraction in fractions]
    _check_draws(draws, 1, seed)
    if not numbers or len(set(fractions)) != len(numbers):
        raise InvalidInput(
            "Each share of the units is given once.", given=list(fractions), needed="at least one share"
        )
    for name, ranking in rankings.items():
        if np.shape(ranking) != (count,):
            raise InvalidInput(
                "A ranking is not of these units.",
                given=f"{name}: shape {np.shape(ranking)}",
                needed=f"{count} values",
            )
    reference = _Reference(responses, preset, stimuli, rectify)
    random = np.random.default_rng(seed)
    drawn = np.full((len(numbers), draws, count), -1)
    strategies = ["random", *(f"{name} {end}" for name in rankings for end in ("high", "low"))]
    values = np.full((len(SCORES), len(strategies), len(numbers), draws), np.nan)
    taken = np.tile(np.array(numbers), (len(strategies), 1))
    progress.begin(len(numbers) * (draws + 2 * len(rankings)), "shares of the units")
    for place, number in enumerate(numbers):
        for draw in range(draws):
            raise_if_canceled(progress)
            drawn[place, draw, :number] = random.choice(count, size=number, replace=False)
            values[:, 0, place, draw] = reference.scores(drawn[place, draw, :number])
            progress.advance()
        for row, ranking in enumerate(rankings.values()):
            for end in (0, 1):
                units = extreme_units(ranking, fractions[place], highest=end == 0)
                values[:, 1 + 2 * row + end, place, 0] = reference.scores(units)
                taken[1 + 2 * row + end, place] = len(units)
                progress.advance()
    progress.end()
    dims = ("strategy", "fraction", "draw")
    return xr.Dataset(
        {name: (dims, values[place]) for place, name in enumerate(SCORES)}
        | {"random_units": (("fraction", "draw", "place"), drawn), "units": (dims[:2], taken)},
        coords={"strategy": strategies, "fraction": list(fractions)},
        attrs={**responses.attrs, "preset": preset, "seed": seed},
    )


def extreme_units(values: ArrayLike, fraction: float, *, highest: bool = True) -> NDArray[np.int64]:
    """Return the units with the highest or lowest values, at least one.

    Parameters
    ----------
    values
        One for each unit, (unit,); units that are not a number are never taken.
    fraction
        Share of all units, above 0 up to 1; half a unit is rounded to the even number.
    highest
        Whether those with the highest values are taken, or the lowest.

    Returns
    -------
    numpy.ndarray
        Places of the units, by ascending value; of equal values in the order of the units.

    Raises
    ------
    InvalidInput
        If the fraction does not fit, or no value is a number.

    Examples
    --------
    >>> extreme_units([0.3, 0.1, 0.2, 0.4], 0.5).tolist()
    [0, 3]
    """
    given = np.asarray(values)
    if given.ndim != 1 or given.dtype.kind not in NUMBERS or not np.isfinite(given).any():
        raise InvalidInput(
            "There is nothing to rank.", given=f"{given.dtype} {given.shape}", needed="numbers (unit,)"
        )
    measured = given.astype(np.float64)
    order = np.argsort(measured, kind="stable")
    order = order[np.isfinite(measured[order])]
    number = min(_number(fraction, len(measured)), len(order))
    taken: NDArray[np.int64] = order[-number:] if highest else order[:number]
    return taken


def _check_draws(draws: int, least: int, seed: int) -> None:
    for name, number, lowest in (("draws", draws, least), ("seed", seed, 0)):
        if isinstance(number, bool) or not isinstance(number, int) or number < lowest:
            raise InvalidInput(
                f"The number of {name} does not fit.", given=number, needed=f"{lowest} or more"
            )


def _number(fraction: float, count: int) -> int:
    if not 0 < fraction <= 1:
        raise InvalidInput("There is no such share of the units.", given=fraction, needed="above 0, up to 1")
    return max(1, round(fraction * count))


def _chosen(units: ArrayLike, responses: xr.DataArray) -> NDArray[np.int64]:
    check_labelled(responses, DIMS)
    count = responses.sizes.get("unit", 0)
    given = np.asarray(units)
    if given.dtype == bool and given.shape == (count,):
        given = np.flatnonzero(given)
    whole = given.ndim == 1 and len(given) > 0 and given.dtype.kind in "iu"
    if not whole or given.min() < 0 or given.max() >= count or len(np.unique(given)) != len(given):
        raise InvalidInput(
            "These are no units of this population.",
            given=f"{given.dtype} {given.shape}",
            needed=f"different places from 0 to {count - 1}, or bool ({count},), one unit or more",
        )
    return given.astype(np.int64)


def _procrustes_r2(whole: NDArray[np.float64], part: NDArray[np.float64]) -> float:
    a, b = (side - side.mean(0) for side in (whole, part))
    singular = np.linalg.svd(a.T @ b, compute_uv=False)
    return float(min(1.0, (singular.sum() / (np.linalg.norm(a) * np.linalg.norm(b))) ** 2))
