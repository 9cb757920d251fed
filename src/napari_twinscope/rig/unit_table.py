"""The table of the units of a stage: who they are, where they look, and every measure known of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_twinscope.rig.unit_index import INDEX, INDEX_SAID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from napari_twinscope.rig.groups import Group
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.unit_set import Ids, Indices, Mask

MISSING = "–"
"""What is shown where a unit has no value."""
UNIT, GROUPS = "unit", "groups"
BETWEEN = "; "  # names of groups
_AT_ONCE = 60  # groups whose membership fits into the bits of one whole number
_IN_TABLE = ("feature map",)  # measures that the table has as a column of its own
_IDENTITY = {
    "channel": "The feature map of the stage to which the unit belongs.",
    "row": "Row of the unit on the grid of its feature map, counted from the top.",
    "column": "Column of the unit on the grid of its feature map, counted from the left.",
}
_READOUT_ID = "readout id"
_READOUT = "The place of the neuron in the twin's output."
_PLACES = {
    "azimuth": "Where the centre of the unit's receptive field lies: visual angle, rightwards positive.",
    "elevation": "Where the centre of the unit's receptive field lies: visual angle, upwards positive.",
}
IDENTIFYING = frozenset((UNIT, INDEX, _READOUT_ID, *_IDENTITY, *_PLACES))
"""Columns that say which unit it is and where it looks; all others are groups or measured."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the table.

    Parameters
    ----------
    name
        What it is called in filters.
    values
        float64 [units], NaN where a unit has no value; of names the index into `labels`.
    title
        What stands above it, with its unit of measurement; the name if not given.
    labels
        The names, empty for numbers.
    description
        One sentence that says what it is.
    parts
        Of each label what it is made of, where units can have several names at once.
    """

    name: str
    values: npt.NDArray[np.float64]
    title: str = ""
    labels: Sequence[str] | Ids = ()
    description: str = ""
    parts: tuple[tuple[str, ...], ...] = ()

    @property
    def heading(self) -> str:
        """What stands above the column."""
        return self.title or self.name

    @property
    def has_names(self) -> bool:
        """Whether the column holds names and no numbers."""
        return len(self.labels) > 0

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole ones."""
        known = self.values[np.isfinite(self.values)]
        return bool((known == np.rint(known)).all())

    def text(self, unit: int) -> str:
        """Return what is shown for one unit."""
        value = self.values[unit]
        if not np.isfinite(value):
            return MISSING
        if self.has_names:
            return str(self.labels[int(value)])
        return f"{value:.0f}" if self.whole else f"{value:.4g}"

    def cells(self, units: Indices | slice = slice(None)) -> npt.NDArray[Any]:
        """Return names (object, ``None`` where there is none) or numbers of some units, or of all."""
        values = self.values[units]
        if not self.has_names:
            return values
        known = np.isfinite(values)
        names = np.full(len(values), None, dtype=object)
        names[known] = np.asarray(self.labels, object)[values[known].astype(np.intp)]
        return names

    def order(self, descending: bool = False) -> Indices:
        """Return the units in the order of their values; equal ones as recorded, those without last."""
        order = np.argsort(-self.values if descending else self.values, kind="stable")
        return order.astype(np.intp)

    def containing(self, text: str) -> Mask:
        """Return the units whose name holds a text, whatever its case: bool [units]; of numbers none."""
        if not self.has_names:
            return np.zeros(len(self.values), bool)
        hit = np.char.find(self._folded, text.casefold()) >= 0
        known = np.isfinite(self.values)
        found: Mask = np.zeros(len(self.values), bool)
        found[known] = hit[self.values[known].astype(np.intp)]
        return found

    @cached_property
    def _folded(self) -> Ids:
        return np.char.lower(np.asarray(self.labels, np.str_))


@dataclass(frozen=True, eq=False)
class UnitTable:
    """All that is known of the units of a stage; units keep the positions they have in the stage.

    Parameters
    ----------
    columns
        The columns, all of the same length.
    count
        How many units there are.
    """

    columns: tuple[Column, ...]
    count: int

    @cached_property
    def names(self) -> Mapping[str, int]:
        """The place of each column by its name, and by its title, in lower case."""
        by_title = {column.heading.casefold(): place for place, column in enumerate(self.columns)}
        return by_title | {column.name.casefold(): place for place, column in enumerate(self.columns)}

    def containing(self, text: str) -> Mask:
        """Return the units of whose names one holds a text, whatever its case: bool [units]."""
        found = np.zeros(self.count, bool)
        for column in self.columns:
            found |= column.containing(text)
        return found

    def to_frame(self, units: Indices) -> pd.DataFrame:
        """Return the rows of some units, in that order, with all digits; missing values are missing."""
        import pandas as pd

        def cells(column: Column) -> Any:
            found = column.cells(units)
            return pd.array(found).astype("Int64") if column.whole and not column.has_names else found

        return pd.DataFrame({column.heading: cells(column) for column in self.columns})

    def to_tsv(self, units: Indices) -> str:
        """Return the rows of some units as lines of text with tabs between cells, headings first."""
        return self.to_frame(units).to_csv(sep="\t", index=False, lineterminator="\n")


def unit_table(
    stage: str,
    units: pd.DataFrame,
    measures: Mapping[str, Measure],
    groups: Iterable[Group] = (),
    known: Ids | None = None,
    kind: str = "map",
) -> UnitTable:
    """Put together all that is known of the units of a stage.

    Parameters
    ----------
    stage
        Its name.
    units
        Of the recording: ``unit_id``, ``channel``, ``row``, ``column`` and, where they are known,
        ``azimuth`` and ``elevation`` in degrees.
    measures
        By name, each of all units.
    groups
        Those of the stage are shown; others are left out.
    known
        The identifiers as the selection knows them, str [units]; the same as ``unit_id``, which is
        compared faster by identity.
    kind
        ``units`` for read-out units, which have no place on a map but a number in the output.
    """
    ids = units["unit_id"].to_numpy().astype(np.str_) if known is None else known
    count = len(ids)
    columns = [
        Column(UNIT, np.arange(count, dtype=np.float64), labels=ids, description="Who the unit is, for good.")
    ]
    if kind == "units":
        columns.append(Column(_READOUT_ID, _numbers(units["row"]), description=_READOUT))
    else:
        columns += [Column(name, _numbers(units[name]), description=said) for name, said in _IDENTITY.items()]
    columns.append(Column(INDEX, np.arange(count, dtype=np.float64), description=INDEX_SAID))
    columns += [
        Column(name, _numbers(units[name]), f"{name} (°)", description=said)
        for name, said in _PLACES.items()
        if name in units.columns
    ]
    shown = [group for group in groups if group.stage == stage]
    if shown:
        columns.append(_membership(shown, ids))
    columns += [
        Column(name, found.values, found.name, found.labels, found.explained)
        for name, found in measures.items()
        if name not in _IN_TABLE
    ]
    return UnitTable(tuple(columns), count)


def _membership(groups: Sequence[Group], ids: Ids) -> Column:
    """Return the names of the groups to which each unit belongs, as one column."""
    code = np.zeros(len(ids), np.int64)
    members: list[tuple[str, ...]] = [()]
    for start in range(0, len(groups), _AT_ONCE):
        part = groups[start : start + _AT_ONCE]
        bits = np.zeros(len(ids), np.int64)
        for place, group in enumerate(part):
            bits |= group.units.mask_on(ids).astype(np.int64) << place
        found, of_unit = np.unique(bits, return_inverse=True)
        pairs, code = np.unique(code * len(found) + of_unit, return_inverse=True)
        members = [
            members[pair // len(found)]
            + tuple(group.name for place, group in enumerate(part) if found[pair % len(found)] >> place & 1)
            for pair in pairs.tolist()
        ]
    order = sorted((names, place) for place, names in enumerate(members) if names)
    rank = np.full(len(members), np.nan)
    for new, (_, place) in enumerate(order):
        rank[place] = new
    parts = tuple(names for names, _ in order)
    labels = tuple(BETWEEN.join(names) for names in parts)
    said = "The named groups to which the unit belongs."
    return Column(GROUPS, rank[code], labels=labels, description=said, parts=parts)


def _numbers(values: pd.Series[Any]) -> npt.NDArray[np.float64]:
    return values.to_numpy(np.float64)
