"""Measures of one's own: columns of a table, which units can be coloured, filtered and selected by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.json_fields import Fields, is_number, unfit
from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.unit_csv import IDENTITY, named_units, read_table, unit_frame

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.rig.session import Session

    Own = dict[str, dict[str, Measure]]

OF_TABLES = "Of your tables"
"""The section in which they are listed."""
CATEGORIES = 20
"""Whole numbers of at most so many values are categories, as in the explorer of arXiv 2601.21508."""
MOST_NAMES = 100
_KNOWN = ("y", "x", "elevation", "azimuth", "groups", "selected")
_COORDINATE = re.compile(r"(PC|MDS|axis) \d+")


@dataclass(frozen=True, eq=False)
class FoundMeasures:
    """What a table says of units.

    Parameters
    ----------
    measures
        By stage and name.
    units, unknown
        How many of its units the recording has, and how many more the table names.
    left_out
        Columns of text with more than `MOST_NAMES` different values.
    source
        The file's name.
    """

    measures: Mapping[str, Mapping[str, Measure]]
    units: int
    unknown: int
    left_out: tuple[str, ...]
    source: str

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        names = dict.fromkeys(name for found in self.measures.values() for name in found)
        said = f"{', '.join(names)} of {self.units} units of {self.source}"
        said += f"; {self.unknown} units are not in this recording" if self.unknown else ""
        return said + (f"; left out: {', '.join(self.left_out)}" if self.left_out else "")


def read_measures(path: Path, session: Session) -> FoundMeasures:
    """Read the columns of a CSV table that are not known of the units yet.

    Units are named as in `unit_csv.read_units`. A column of text is a category, and so is one of whole
    numbers with at most `CATEGORIES` different ones; all others are numbers. Units that the table does not
    name have no value.

    Raises
    ------
    StoreError
        If the file cannot be read.
    InvalidInput
        If it is no such table, names a unit twice, has no column that is not known, or the recording has
        none of its units.
    """
    recording, frame = session.require_recording(), read_table(path)
    known = {*IDENTITY, *_KNOWN, *unit_frame(session).columns, *session.colorings()}
    known -= {name for look in session.looks.values() for name in look.own}
    new = [name for name in frame.columns if name not in known and not _COORDINATE.fullmatch(str(name))]
    left_out = [name for name in new if not _is_short(frame[name])]
    new = [name for name in new if name not in left_out]
    if not new:
        raise InvalidInput(
            "The table holds no measure that is not known yet.",
            given=f"{path.name} with the columns " + ", ".join(map(str, frame.columns[:12])),
            needed="a column of numbers or names, beside those that say which units they are of",
        )
    rows, stages, ids = named_units(frame, path)
    found: Own = {}
    units = unknown = 0
    for stage in dict.fromkeys(stages.tolist()):
        names, values = ids[stages == stage], rows[stages == stage]
        if len(np.unique(names)) < len(names):
            raise InvalidInput("The table names a unit twice.", given=f"{path.name}, stage {stage}")
        there = np.array([], np.str_)
        if stage in recording.stages:
            there = recording.units(stage)["unit_id"].to_numpy().astype(np.str_)
        inside = np.isin(names, there)
        unknown += int(np.count_nonzero(~inside))
        if inside.any():
            units += int(np.count_nonzero(inside))
            order = np.argsort(there)
            places = order[np.searchsorted(there[order], names[inside])]
            found[stage] = {
                str(name): _measure(str(name), values[name][inside], places, len(there), path.name)
                for name in new
            }
    if not found:
        raise InvalidInput(
            "The recording has none of the units of this table.",
            given=f"{path.name} with {unknown} units",
            needed=f"units of {', '.join(recording.stages)}",
        )
    return FoundMeasures(found, units, unknown, tuple(map(str, left_out)), path.name)


def own_measures_to_dict(looks: Mapping[str, Look]) -> dict[str, Any]:
    """Return the own measures of all stages as plain JSON values, in the order of the recorded units."""
    return {
        stage: {
            name: {
                "values": [float(value) if np.isfinite(value) else None for value in one.values],
                "labels": list(one.labels),
                "description": one.description,
            }
            for name, one in look.own.items()
        }
        for stage, look in looks.items()
        if look.own
    }


def own_measures_from_dict(fields: Fields, units: Mapping[str, int]) -> Own:
    """Read what `own_measures_to_dict` returned.

    Parameters
    ----------
    fields
        By stage and name.
    units
        How many units each stage of the recording has.

    Raises
    ------
    InvalidInput
        If a field does not fit.
    """
    found: Own = {}
    for stage in fields:
        for name in fields.part(stage):
            part = fields.part(stage).part(name)
            values, labels = part.plain("values"), part.texts("labels", ())
            count = units.get(stage)
            fits = isinstance(values, list) and all(value is None or is_number(value) for value in values)
            if not fits or len(values) != count:
                raise unfit(part.path("values"), f"{values!r:.60}", f"{count} numbers or null")
            numbers = np.array([np.nan if value is None else value for value in values], np.float64)
            known = numbers[np.isfinite(numbers)]
            if labels and not np.isin(known, np.arange(len(labels))).all():
                raise unfit(part.path("values"), "numbers without a label", f"0 to {len(labels) - 1} or null")
            said = part.text("description", "")
            found.setdefault(stage, {})[name] = own_measure(name, numbers, labels, said)
    return found


def own_measure(
    name: str, values: np.ndarray[Any, Any], labels: tuple[str, ...] = (), description: str = ""
) -> Measure:
    """Return a measure of one's own, for `Session.add_own_measures`.

    Parameters
    ----------
    name
        What it is called.
    values
        float [units of the stage], NaN where there is none; with labels the index into them.
    labels
        The names of categories.
    description
        One sentence that says what it is.
    """
    return Measure(name, np.asarray(values, np.float64), labels, description, section=OF_TABLES)


def _is_short(column: pd.Series[Any]) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column)) or column.nunique() <= MOST_NAMES


def _measure(
    name: str, column: pd.Series[Any], places: np.ndarray[Any, Any], count: int, source: str
) -> Measure:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    values = np.full(count, np.nan)
    said = f"The column of this name in {source}."
    present = column.notna().to_numpy()
    cells = column[present]
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        numbers = cells.to_numpy(np.float64)
        finite = numbers[np.isfinite(numbers)]
        different = np.unique(finite)
        if len(different) > CATEGORIES or not np.array_equal(finite, np.rint(finite)):
            values[places[present]] = np.where(np.isfinite(numbers), numbers, np.nan)
            return own_measure(name, values, (), said)
        kept = np.isfinite(numbers)
        values[places[present][kept]] = np.searchsorted(different, finite)
        return own_measure(name, values, tuple(f"{value:.0f}" for value in different), said)
    texts = cells.astype(str).to_numpy().astype(np.str_)
    labels, which = np.unique(texts, return_inverse=True)
    values[places[present]] = which
    return own_measure(name, values, tuple(map(str, labels)), said)
