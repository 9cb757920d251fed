"""Whether what was recorded allows what is to be measured, before any long work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.conditions import conditions
from napari_twinscope.manifolds.stages.populations import about, classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from napari_twinscope.manifolds.stages.options import ComparisonOptions
    from napari_twinscope.manifolds.stages.populations import Population

_FEWEST = {  # stimuli, directions, frames, movies
    "units": (1, 1, 1, 1),
    "trajectories": (1, 1, 3, 4),
    "classification": (2, 2, 1, 1),
    "tubularity": (1, 1, 3, 2),
    "alignment": (1, 1, 1, 3),
}


def check_populations(populations: Sequence[Population], options: ComparisonOptions) -> list[str]:
    """Refuse populations of which a part cannot be measured, or that were not shown the same.

    Returns
    -------
    What the user should know, one sentence each.

    Raises
    ------
    InvalidInput
        Which names the population, what it lacks, and which part to leave out.
    """
    shown: dict[str, tuple[str, ...]] = {}
    told_apart: set[int] = set()
    for population in populations:
        for part in options.parts:
            if part == "encoding":
                continue
            frames = taken(population, options, part)
            _check_size(population.name, part, frames, options)
            if part == "classification":
                told_apart.add(frames.sizes["stimulus"])
            else:
                shown[population.name] = classes(frames)
    if "alignment" in options.parts and len(populations) < 2 and len(options.parts) == 1:
        raise InvalidInput(
            "One population cannot be aligned with itself.",
            needed="two stages or more",
            remedy="choose another stage, or measure other parts",
        )
    notices = _same_for_all(populations, options, shown)
    if len(told_apart) > 1:
        counts = " and ".join(map(str, sorted(told_apart)))
        notices.append(
            f"Classification tells {counts} stimuli apart in different populations: the fewer, the easier. "
            "Compare each with its chance level, or choose stimuli that all were shown."
        )
    return notices


def taken(population: Population, options: ComparisonOptions, part: str) -> xr.DataArray:
    """Return the responses of a population that a part takes.

    Raises
    ------
    InvalidInput
        If they cannot be had.
    """
    stimuli = options.stimuli_for(
        part, population.stage, papers=population.shows_papers, imported=population.imported
    )
    try:
        return conditions(population.responses, options.preset, stimuli, rectify=options.rectify)
    except InvalidInput as error:
        raise about(population.name, error) from error


def _check_size(name: str, part: str, frames: xr.DataArray, options: ComparisonOptions) -> None:
    stimuli, directions, count, movies = _FEWEST[part]
    if part == "tubularity" and options.bundles == "stimulus":
        stimuli, directions = 2, 2
    if part == "classification" and options.preset != "corrected" and "logistic" in options.classifiers:
        directions = 5
    if part == "alignment" and "cca" in options.alignments and options.preset == "corrected":
        directions = 2
    if part == "alignment" and "dsa" in options.alignments:
        count = 2
    sizes = frames.sizes
    there = (sizes["stimulus"], sizes["direction"], sizes["time"], sizes["stimulus"] * sizes["direction"])
    if any(has < needs for has, needs in zip(there, (stimuli, directions, count, movies), strict=True)):
        raise InvalidInput(
            f"{name}: too little was shown to measure {part}.",
            given=f"{there[0]} stimuli in {there[1]} directions, {there[2]} frames",
            needed=f"{stimuli} stimuli or more in {directions} directions or more, {count} frames, "
            f"{movies} movies",
            remedy=f"leave out {part}, or choose other stimuli",
        )


def _same_for_all(
    populations: Sequence[Population], options: ComparisonOptions, shown: dict[str, tuple[str, ...]]
) -> list[str]:
    notices = []
    different = set(shown.values())
    if len(different) > 1 and options.preset == "corrected":
        first, other = list(dict.fromkeys(shown.values()))[:2]
        if "alignment" in options.parts:
            raise InvalidInput(
                "The populations were not shown the same stimuli.",
                given=f"{', '.join(first)}; {', '.join(other)}",
                needed="the same stimuli for all, by name or by the papers' class",
                remedy="choose stimuli that all were shown, or leave out alignment",
            )
        notices.append("The populations were measured on different stimuli: their values do not compare.")
    if len(different) > 1 and options.preset != "corrected":
        notices.append(
            "The published preset measures stages on different stimuli under one name, as the public "
            "code does."
        )
    angles = {tuple(one.responses["direction"].values.tolist()) for one in populations}
    if len(angles) > 1 and "alignment" in options.parts:
        raise InvalidInput(
            "The populations were not shown the same directions.",
            given="; ".join(", ".join(f"{angle:g}" for angle in each) for each in sorted(angles)),
            needed="the same directions for all",
            remedy="leave out alignment",
        )
    units = [one.responses.sizes["unit"] for one in populations]
    if max(units) > 1.5 * min(units):
        notices.append(
            f"The populations have {min(units)} to {max(units)} units: S_cross, the participation ratio and "
            "alignment depend on their number."
        )
    frames = {one.responses.sizes["time"] for one in populations}
    if len(frames) > 1:
        notices.append(
            "The populations were recorded for different numbers of frames: tubularity, speed and stability "
            "depend on it."
        )
    return notices
