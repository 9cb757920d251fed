"""How well some units of a stage stand for all: scores of these, of random units, and of growing shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.activity_space import complete_units
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import xarray as xr

    from napari_twinscope.progress import Progress
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.unit_set import Indices

    Floats = npt.NDArray[np.float64]

FRACTIONS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
LEAST, MOST = 2, 10_000  # random sets


@dataclass(frozen=True)
class SubpopulationOptions(Specification):
    """How parts of a population are scored.

    Parameters
    ----------
    preset, stimuli, rectify
        As of `decoding_manifold`.
    fractions
        Shares of the units whose scores are followed.
    draws, seed
        Number of random sets of units, of each share and of the size of the selection, and the seed that
        draws them.

    Raises
    ------
    InvalidInput
        If a value does not fit.
    """

    preset: str = "corrected"
    stimuli: str | None = None
    rectify: bool = True
    fractions: tuple[float, ...] = FRACTIONS
    draws: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        from napari_twinscope.manifolds.decoding.presets import check_preset

        check_preset(self.preset, self.stimuli)
        if not self.fractions or not all(0 < fraction <= 1 for fraction in self.fractions):
            raise InvalidInput(
                "These shares of the units do not fit.",
                given=", ".join(map(str, self.fractions)) or "none",
                needed="numbers above 0, up to 1",
            )
        if not LEAST <= self.draws <= MOST:
            raise InvalidInput(
                "The number of random sets does not fit.", given=self.draws, needed=f"{LEAST} to {MOST}"
            )

    @property
    def of_population(self) -> dict[str, Any]:
        """What the functions of `manifolds` are told."""
        return {"preset": self.preset, "stimuli": self.stimuli, "rectify": self.rectify}


@dataclass(frozen=True, eq=False)
class PartScores:
    """Some units against the whole population, and against random units.

    Parameters
    ----------
    options
        How they were scored.
    scores
        From `subpopulation_scores`, with its random sets.
    units, total
        How many units were scored, and of how many.
    left_out
        How many of the units given are left out, because a response is missing or infinite.
    """

    options: SubpopulationOptions
    scores: xr.Dataset
    units: int
    total: int
    left_out: int


@dataclass(frozen=True, eq=False)
class ShareSweep:
    """The scores of growing shares of the units.

    Parameters
    ----------
    options
        How they were scored.
    measure
        By what units were ranked.
    scores
        From `selection_sweep`, with the strategies ``random``, ``measure high`` and ``measure low``.
    total, unranked
        How many units the population has, and how many of them have no value of the measure: these are
        never among the highest or lowest.
    """

    options: SubpopulationOptions
    measure: str
    scores: xr.Dataset
    total: int
    unranked: int


def rankings_of(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Return the measures by which units can be ranked: no categories, and nothing cyclic as a direction."""
    return {
        name: found
        for name, found in measures.items()
        if not found.labels and found.period is None and np.isfinite(found.values).any()
    }


def part_scores(
    responses: xr.DataArray,
    units: Indices,
    options: SubpopulationOptions,
    progress: Progress | None = None,
) -> PartScores:
    """Score some units against the whole population, and as many random ones beside them.

    Parameters
    ----------
    responses
        Of a stage, dims (unit, stimulus, direction, time).
    units
        Positions of the units.
    options
        How.
    progress
        Told of each random set; may cancel.

    Raises
    ------
    InvalidInput
        If no unit has finite responses, or as of `subpopulation_scores`.
    Canceled
        If the user stops the job.
    """
    from napari_twinscope.manifolds import subpopulation_scores

    population, complete = _population(responses)
    taken = np.zeros(len(complete), np.bool_)
    taken[units] = True
    if not (taken & complete).any():
        raise InvalidInput(
            "No selected unit has responses that are all finite.",
            given=f"{len(units)} selected units",
            remedy="select other units",
        )
    found = subpopulation_scores(
        population,
        taken[complete],
        draws=options.draws,
        seed=options.seed,
        progress=progress,
        **options.of_population,
    )
    scored = int((taken & complete).sum())
    return PartScores(options, found, scored, int(complete.sum()), len(units) - scored)


def share_sweep(
    responses: xr.DataArray,
    name: str,
    measure: Measure,
    options: SubpopulationOptions,
    progress: Progress | None = None,
) -> ShareSweep:
    """Score growing shares of the units: random ones, and those with the highest or lowest values.

    Parameters
    ----------
    responses
        As of `part_scores`.
    name, measure
        By what units are ranked, and its values.
    options, progress
        As of `part_scores`.

    Raises
    ------
    InvalidInput, Canceled
        As of `selection_sweep`.
    """
    from napari_twinscope.manifolds import selection_sweep

    population, complete = _population(responses)
    values = measure.values[complete]
    found = selection_sweep(
        population,
        {"measure": values},
        fractions=options.fractions,
        draws=options.draws,
        seed=options.seed,
        progress=progress,
        **options.of_population,
    )
    return ShareSweep(options, name, found, len(values), int((~np.isfinite(values)).sum()))


def extreme_part(responses: xr.DataArray, measure: Measure, percent: float, highest: bool) -> Indices:
    """Return the units with the highest or lowest values, as `share_sweep` takes them.

    Parameters
    ----------
    responses
        Of the stage; units with missing or infinite responses do not count.
    measure
        By what units are ranked.
    percent
        Of all units that count, above 0 up to 100; at least one unit is taken.
    highest
        Whether those with the highest values are taken, or the lowest.

    Returns
    -------
    numpy.ndarray
        Positions, ascending.

    Raises
    ------
    InvalidInput
        If no unit has a value, or the percentage does not fit.
    """
    from napari_twinscope.manifolds import extreme_units

    complete = np.flatnonzero(complete_units(responses))
    taken = extreme_units(measure.values[complete], percent / 100, highest=highest)
    return np.sort(complete[taken])


def _population(responses: xr.DataArray) -> tuple[xr.DataArray, npt.NDArray[np.bool_]]:
    complete = complete_units(responses)
    if not complete.any():
        raise InvalidInput(
            "No unit has responses that are all finite.",
            given=f"{len(complete)} units",
            needed="one or more without missing or infinite responses",
        )
    if complete.all():
        return responses, complete
    return responses.isel(unit=np.flatnonzero(complete)), complete
