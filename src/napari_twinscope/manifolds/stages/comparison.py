"""Every measure of every stage: one after another, found where it was measured before."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.manifolds.comparison.population_alignment import alignment
from napari_twinscope.manifolds.stages.fits import check_populations, taken
from napari_twinscope.manifolds.stages.kept import Keeper, Share
from napari_twinscope.manifolds.stages.options import ComparisonOptions
from napari_twinscope.manifolds.stages.parts import measure_part
from napari_twinscope.manifolds.stages.populations import populations_of
from napari_twinscope.manifolds.stages.result import StageComparison
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_twinscope.manifolds.stages.populations import Population
    from napari_twinscope.recording import Recording

SCORES = ("score", "lower", "upper", "chance", "chance_lower", "chance_upper", "z")
"""What is kept of the alignment of a pair."""

_CORRECTED = ComparisonOptions()
# Steps of a bar; roughly tenths of a second for 2000 units.
_STEPS = {"units": 10, "trajectories": 25, "classification": 40, "tubularity": 95, "encoding": 2}
_PAIR = 8
# Which options each part depends on.
_READS = {
    "units": ("preset", "rectify", "unit_bootstraps", "seed"),
    "trajectories": ("preset", "rectify", "seed"),
    "classification": ("preset", "rectify", "classifiers", "windows", "step"),
    "tubularity": ("preset", "rectify", "bundles", "bootstraps", "seed"),
    "alignment": ("preset", "rectify", "alignments", "alignment_bootstraps", "shuffles", "seed"),
}


def stage_comparison(
    recordings: Recording | Sequence[Recording],
    *,
    stages: Sequence[str] | None = None,
    populations: Mapping[str, xr.DataArray | str | Path] | None = None,
    options: ComparisonOptions = _CORRECTED,
    progress: Progress | None = None,
) -> StageComparison:
    """Measure the stages of recordings, and other populations beside them, in one table.

    Each part of each stage is kept in its recording under ``/analysis/comparison_<part>`` and found there
    the next time, if the responses and the options that it depends on are the same. What was finished
    before a comparison was stopped is kept too.

    Parameters
    ----------
    recordings
        One or several, from `open_recording`. Nothing depends on the order in which they store stimuli and
        directions, but in the published presets.
    stages
        Names of stages, each taken from every recording that holds it; by default all.
    populations
        Other populations by name, such as of neurons: response tensors with dims unit, stimulus, direction,
        time, or files that `open_responses` reads. Their stimuli go by the names of the recording or by
        the papers' class names.
    options
        How; by default the corrected preset.
    progress
        Told of each stage; may cancel.

    Returns
    -------
    StageComparison
        With the ``table``, the courses of decoding, the ``alignment`` matrix and the provenance.

    Raises
    ------
    InvalidInput
        Before any long work, with the name of the population: if there is nothing to compare, a response is
        missing or infinite, too few stimuli, directions or frames were shown for a part, or stimuli differ
        between populations that are to be aligned.
    StoreError
        If a recording is damaged.
    Canceled
        If the user stops the job. What is finished is kept.

    References
    ----------
    Those of `unit_measures`, `decoding_manifold`, `decoding_trajectories`, `classification_over_time`,
    `tubularity`, `encoding_manifold` and `alignment`
    """
    progress = progress or SilentProgress()
    compared = populations_of(recordings, stages, populations)
    notices = check_populations(compared, options)
    keeper = Keeper()
    measured: dict[str, dict[str, xr.Dataset]] = {}
    parts = [part for part in options.parts if part != "alignment"]
    for number, population in enumerate(compared, start=1):
        progress.begin(sum(_STEPS[part] for part in parts), f"{number} of {len(compared)}: {population.name}")
        measured[population.name] = {}
        for part in parts:
            raise_if_canceled(progress)
            share = Share(progress, _STEPS[part])
            measured[population.name][part] = _measured(part, population, options, keeper, share)
            share.finish()
        progress.end()
    aligned = None
    if "alignment" in options.parts and len(compared) > 1:
        aligned = _aligned(compared, options, keeper, progress)
    return StageComparison(
        populations=compared,
        options=options,
        measured=measured,
        alignment=aligned,
        notices=(*notices, *_left_out(measured, options), *_undefined(aligned), *keeper.notices),
    )


def _left_out(measured: Mapping[str, Mapping[str, xr.Dataset]], options: ComparisonOptions) -> list[str]:
    """Return what was not measured, one sentence each; populations without a manifold in one."""
    bare = [
        name for name, found in measured.items() if "encoding" in found and found["encoding"].attrs["bare"]
    ]
    lines = [
        f"{name}: {line}."
        for name, found in measured.items()
        for part in found.values()
        for line in part.attrs["left_out"]
    ]
    if bare:
        lines.append(
            f"No encoding manifold ({options.preset}) is kept of {', '.join(bare)}: 'twinscope manifold' "
            "makes one."
        )
    return lines


def _undefined(aligned: xr.Dataset | None) -> list[str]:
    """Return for which populations a measure of alignment is not defined, one sentence each."""
    if aligned is None:
        return []
    lines = []
    for name in aligned["alignment"].values:
        blank = aligned["score"].sel(alignment=name).isnull().values
        if blank.any():
            alone = aligned["population"].values[np.diagonal(blank)]
            lines.append(
                f"The alignment {name} is not defined for {', '.join(alone) or 'some pairs'}: all units "
                "answer a movie, or at some time all movies, alike."
            )
    return lines


def _measured(
    part: str, population: Population, options: ComparisonOptions, keeper: Keeper, progress: Progress
) -> xr.Dataset:
    def make() -> xr.Dataset:
        return measure_part(part, population, options, progress)

    if part == "encoding":  # it is kept already, and another may have come since
        return keeper.take(None, part, "", (), make)
    text = _depends_on(part, population, options)
    return keeper.take(population.path, part, text, (population.key,), make)


def _depends_on(part: str, population: Population, options: ComparisonOptions) -> str:
    values = options.to_dict()
    stimuli = options.stimuli_for(
        part, population.stage, papers=population.shows_papers, imported=population.imported
    )
    chosen = {name: values[name] for name in _READS[part]} | {"stimuli": stimuli}
    return json.dumps(chosen, sort_keys=True)


def _aligned(
    populations: Sequence[Population], options: ComparisonOptions, keeper: Keeper, progress: Progress
) -> xr.Dataset:
    """Return the scores of all pairs, (alignment, population, other)."""
    names = [one.name for one in populations]
    pairs = [*combinations(range(len(names)), 2)]
    values = {name: np.full((len(options.alignments), len(names), len(names)), np.nan) for name in SCORES}
    frames = [_for_alignment(one, options) for one in populations]
    progress.begin(_PAIR * len(pairs) + len(names), f"alignment of {len(pairs)} pairs")

    def score(i: int, j: int, steps: int) -> None:
        raise_if_canceled(progress)
        share = Share(progress, steps)
        stimuli = "all" if options.preset == "corrected" else options.stimuli
        how = options.alignment(stimuli, draws=i != j)

        def make() -> xr.Dataset:
            found = alignment(frames[i], frames[j], how, progress=share)
            return xr.Dataset({"scores": (("score", "measure"), [found[name].values for name in SCORES])})

        text = _depends_on("alignment", populations[i], options) + f" draws {i != j}"
        path = populations[i].path or populations[j].path
        keys = (populations[i].key, populations[j].key)
        found = keeper.take(path if i != j else None, "alignment", text, keys, make)
        for name, scores in zip(SCORES, found["scores"].values, strict=True):
            values[name][:, i, j] = values[name][:, j, i] = scores
        share.finish()

    for place in range(len(names)):
        score(place, place, 1)
    for i, j in pairs:
        score(i, j, _PAIR)
    progress.end()
    dims = ("alignment", "population", "other")
    return xr.Dataset(
        {name: (dims, array) for name, array in values.items()},
        coords={"alignment": list(options.alignments), "population": names, "other": names},
        attrs={"preset": options.preset, "options": options.to_json()},
    )


def _for_alignment(population: Population, options: ComparisonOptions) -> xr.DataArray:
    """Return what is aligned: in the corrected preset cut already, so that it is done once for all pairs."""
    if options.preset == "corrected":
        return taken(population, options, "alignment")
    return population.in_stored_order()
