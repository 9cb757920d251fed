"""What the dock "Compare stages" shows: the draft of its options, the cells of its table, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.figure_pixels import PER_INCH, themed_pixels

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from napari_twinscope.manifolds import ComparisonOptions, StageComparison
    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.figure_pixels import Color

PART_NAMES = {
    "units": ("units and tuning", "Selectivity, preferences and dynamics of units"),
    "trajectories": ("variance and dimension", "How much variance components explain, and how many count"),
    "classification": ("decoding over time", "How well stimuli are told apart, by windows of time"),
    "tubularity": ("tubularity", "How tight the tubes are that trajectories of one stimulus form"),
    "encoding": ("encoding manifold", "Of stages whose encoding manifold was computed"),
    "alignment": ("alignment", "How alike any two stages are"),
}
TABLE = "table"
NARROWEST = 8.2  # inches that a figure needs for its titles
NONE = "–"


@dataclass(frozen=True)
class ImportedPopulation:
    """A population that was recorded elsewhere, such as neurons, in a file.

    Parameters
    ----------
    name
        What it is called beside the stages.
    path
        The file, as of `open_responses`.
    said
        What it holds, in a few words; empty until it was read.
    """

    name: str
    path: str
    said: str = ""


@dataclass
class ComparisonDraft:
    """What the user chose so far.

    Parameters
    ----------
    stages
        Names; empty for all.
    parts
        Some of `PART_NAMES`.
    preset
        As of `ComparisonOptions`.
    quick
        Whether a first look with few draws is enough.
    others
        Whether the other open recordings take part.
    populations
        Recorded elsewhere, compared beside the stages.
    """

    stages: tuple[str, ...] = ()
    parts: tuple[str, ...] = tuple(PART_NAMES)
    preset: str = "corrected"
    quick: bool = True
    others: bool = False
    populations: tuple[ImportedPopulation, ...] = ()

    def options(self) -> ComparisonOptions:
        """Return the options it amounts to.

        Raises
        ------
        InvalidInput
            If nothing is to be measured.
        """
        from napari_twinscope.manifolds import ComparisonOptions

        if not self.parts:
            raise InvalidInput(
                "Nothing is to be measured.", given="no part", needed="one or more of the parts above"
            )
        make = ComparisonOptions.quick if self.quick else ComparisonOptions
        return make(self.preset, parts=self.parts)


def read_population(path: str | Path, recording: Recording, taken: Collection[str]) -> ImportedPopulation:
    """Read and check the file of a population, so that what is wrong with it is told at once.

    Parameters
    ----------
    path
        ``NAME.npz`` or ``NAME.nc``, as of `open_responses`.
    recording
        With whose stages it is to be compared.
    taken
        Names that others have; the file's own gets a number where it is among them.

    Raises
    ------
    InvalidInput
        If there is no such file, it does not hold responses, a response is missing or infinite, no unit
        varies, or the recording shows none of its stimuli.
    """
    from napari_twinscope.manifolds.stages.populations import Population, classes
    from napari_twinscope.population.response_file import open_responses

    place = Path(path).absolute()
    one = Population(unused_name(place.stem, taken), "", place.stem, open_responses(place))
    shown = set(classes(one.responses))
    stage = next(iter(recording.stages))
    known = set(classes(recording.responses(stage)))
    both = shown & known
    if not both:
        raise InvalidInput(
            "The recording shows none of the stimuli of this population.",
            given=f"{place.name}: {', '.join(sorted(shown))}",
            needed=", ".join(sorted(known)),
            remedy="give the stimuli in the file the names of the recording, or the papers' class names",
        )
    sizes = one.responses.sizes
    said = f"{sizes['unit']} units, {sizes['stimulus']} stimuli, {sizes['direction']} directions, "
    said += f"{sizes['time']} frames"
    if shown != known:
        said += f"; {len(both)} of its stimuli are among the {len(known)} of the recording"
    return ImportedPopulation(one.name, str(place), said)


def unused_name(name: str, taken: Collection[str]) -> str:
    """Return a name, with a number behind it where it is taken.

    Examples
    --------
    >>> unused_name("V1", ["V1", "V1 (2)"])
    'V1 (3)'
    """
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name} ({number})"
    return made


@dataclass(frozen=True)
class Cell:
    """One value of the table.

    Parameters
    ----------
    text
        The value, short; a dash where there is none.
    tip
        The value with its interval and chance level.
    range, chance
        The interval and the chance level, short; empty where there is none.
    """

    text: str = NONE
    tip: str = ""
    range: str = ""
    chance: str = ""

    @property
    def lines(self) -> str:
        """All of it, one below the other."""
        return "\n".join(line for line in (self.text, self.range, self.chance) if line)


@dataclass(frozen=True)
class Row:
    """A measure of all populations; of a heading the cells are empty.

    Parameters
    ----------
    title, tip
        What is measured, and how, with its source and what interval and chance mean.
    cells
        One for each population.
    """

    title: str
    tip: str = ""
    cells: tuple[Cell, ...] = ()


def table_rows(comparison: StageComparison) -> tuple[Row, ...]:
    """Return the table, a row for each measure and a column for each population, under headings."""
    from napari_twinscope.manifolds.stages.measures import MEASURES

    rows, part = [], ""
    by_measure = dict(list(comparison.table.groupby("measure", sort=False)))
    for name in comparison.measures:
        known = MEASURES[name]
        if known.part != part:
            part = known.part
            rows.append(Row(PART_NAMES[part][0]))
        found = by_measure[name].set_index("population")
        cells = tuple(
            cell_of(*found.loc[one, ["value", "lower", "upper", "chance"]].to_numpy(dtype=float))
            if one in found.index
            else Cell(tip="not measured")
            for one in comparison.names
        )
        unit = "" if known.units == "1" else f" ({known.units or 'a.u.'})"
        said = [known.description, f"Interval: {known.interval}." if known.interval else ""]
        said += [f"Chance: {known.chance}." if known.chance else "", f"Source: {known.source}."]
        rows.append(Row(known.long_name + unit, " ".join(text for text in said if text), cells))
    return tuple(rows)


def cell_of(value: float, lower: float, upper: float, chance: float) -> Cell:
    """Return a value as it is written, with its interval and chance level where there are any.

    Examples
    --------
    >>> cell_of(0.4182, 0.39, 0.441, 0.125).lines.splitlines()
    ['0.418', '0.390 – 0.441', '(0.125)']
    >>> cell_of(float("nan"), float("nan"), float("nan"), float("nan")).text
    '–'
    """
    if not np.isfinite(value):
        return Cell(tip="not a number here")
    tip, between, level = f"{value:.6g}", "", ""
    if np.isfinite(lower) and np.isfinite(upper):
        between = f"{_digits(lower)} – {_digits(upper)}"
        tip += f", interval {lower:.3g} to {upper:.3g}"
    if np.isfinite(chance):
        tip, level = f"{tip}, chance {chance:.3g}", f"({_digits(chance)})"
    return Cell(_digits(value), tip, between, level)


def _digits(value: float) -> str:
    """Return a value with three digits that count, zeros at its end among them; whole numbers as they are."""
    whole = abs(value) >= 100 or value == round(value)
    return f"{value:.0f}" if whole else f"{value:#.3g}"


def views_of(comparison: StageComparison) -> dict[str, str]:
    """Return what can be shown of a comparison, with titles: the table, and its figures."""
    from napari_twinscope.manifolds import available_figures
    from napari_twinscope.manifolds.stages.figures import TITLES

    return {TABLE: "Table"} | {name: TITLES[name] for name in available_figures(comparison)}


def figure_pixels(
    comparison: StageComparison, name: str, width: int, ratio: float, text: Color, background: Color
) -> npt.NDArray[np.uint8]:
    """Draw a figure of a comparison in the colours of a theme, uint8 [height, width, RGBA].

    Parameters
    ----------
    comparison
        From `stage_comparison`.
    name
        One of `available_figures`.
    width
        In logical pixels; letters keep their size. What is narrower than the figures can be, they exceed.
    ratio
        Device pixels for each.
    text, background
        Red, green and blue, 0 to 1.
    """
    from napari_twinscope.manifolds import plot_comparison

    figure = plot_comparison(comparison, name, width=max(width / PER_INCH, NARROWEST))
    return themed_pixels(figure, ratio, text, background)
