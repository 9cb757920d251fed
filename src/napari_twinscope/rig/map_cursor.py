"""A cursor that keys move over feature maps: from cell to cell, from unit to unit, from map to map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_twinscope.rig.feature_maps import FeatureMap


@dataclass(frozen=True)
class MapCursor:
    """A cell of a feature map.

    Parameters
    ----------
    channel
        The map's number within the stage.
    row, column
        The cell.
    """

    channel: int
    row: int
    column: int

    def moved(self, down: int, across: int, grid: tuple[int, int]) -> MapCursor:
        """Return the cell so many rows below and columns to the right, the last one where the grid ends.

        Examples
        --------
        >>> MapCursor(5, 0, 2).moved(1, 4, (3, 4))
        MapCursor(channel=5, row=1, column=3)
        """
        row, column = self.row + down, self.column + across
        return replace(self, row=min(max(row, 0), grid[0] - 1), column=min(max(column, 0), grid[1] - 1))


def first_cursor(one: FeatureMap, grid: tuple[int, int], picked: int | None) -> MapCursor:
    """Return where to begin on a map.

    Parameters
    ----------
    one
        The map.
    grid
        Its rows and columns.
    picked
        The unit picked last, by its position within the stage.

    Returns
    -------
    MapCursor
        At the unit picked last if it is on this map, else at the selected unit closest to the middle, else
        at the recorded one closest to it, else in the middle.
    """
    units, cells = _marked(one)
    middle = MapCursor(one.channel, grid[0] // 2, grid[1] // 2)
    for here in (units == picked, np.isin(units, one.units), np.ones(len(units), bool)):
        if here.any():
            return _at(one, cells[here][_distances(cells[here], middle).argmin()])
    return middle


def unit_under(one: FeatureMap, cursor: MapCursor) -> int | None:
    """Return the recorded unit in the cell, by its position within the stage; ``None`` if there is none."""
    units, cells = _marked(one)
    here = np.flatnonzero((cells == (cursor.row, cursor.column)).all(axis=1))
    return int(units[here[0]]) if len(here) else None


def next_unit(one: FeatureMap, cursor: MapCursor, down: int, across: int) -> MapCursor:
    """Return the cell of the next recorded unit in a direction.

    Parameters
    ----------
    one
        The map.
    cursor
        Where to begin.
    down, across
        One of them 1 or -1, the other 0.

    Returns
    -------
    MapCursor
        Of the units that lie rather in this direction than beside it, the closest; of the others in this
        direction where there is none; the same cell where there is no unit.
    """
    _, cells = _marked(one)
    apart = cells - (cursor.row, cursor.column)
    ahead = apart @ (down, across)
    beside = np.abs(apart @ (across, down))
    for candidates in (np.flatnonzero((ahead > 0) & (beside <= ahead)), np.flatnonzero(ahead > 0)):
        if len(candidates):
            return _at(one, cells[candidates[_distances(cells[candidates], cursor).argmin()]])
    return cursor


def other_map(
    maps: Sequence[FeatureMap], cursor: MapCursor, step: int, before: Sequence[FeatureMap] = ()
) -> MapCursor:
    """Return the same cell some maps further on or back, where they end that of the first or the last one.

    Parameters
    ----------
    maps
        All maps that are shown, in their order; at least one.
    cursor
        Where to begin.
    step
        How many maps further.
    before
        The maps that were shown before these: the place of a map that is not shown any more is taken there.
    """
    numbers, lost = [one.channel for one in maps], [one.channel for one in before]
    where = numbers if cursor.channel in numbers else lost
    place = where.index(cursor.channel) if cursor.channel in where else 0
    return replace(cursor, channel=numbers[min(max(place + step, 0), len(numbers) - 1)])


def cursor_words(cursor: MapCursor, value: float | None, unit: int | None, selected: bool) -> str:
    """Say where the cursor is, and what is there.

    Parameters
    ----------
    cursor
        The cell.
    value
        What the map holds there, in arbitrary units; ``None`` while it is not known.
    unit
        The recorded unit there, if there is one.
    selected
        Whether it is selected.

    Examples
    --------
    >>> cursor_words(MapCursor(5, 3, 7), 0.5312, 12, True)
    'Map 5, row 3, column 7 (0.531 a.u.): a selected unit'
    >>> cursor_words(MapCursor(5, 3, 8), None, None, False)
    'Map 5, row 3, column 8: no recorded unit'
    """
    known = "" if value is None else f" ({value:.3g} a.u.)"
    there = "no recorded unit" if unit is None else "a selected unit" if selected else "a unit, not selected"
    return f"Map {cursor.channel}, row {cursor.row}, column {cursor.column}{known}: {there}"


def _marked(one: FeatureMap) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    return np.concatenate([one.units, one.others]), np.concatenate([one.cells, one.other_cells])


def _distances(cells: npt.NDArray[np.int64], cursor: MapCursor) -> npt.NDArray[np.float64]:
    distances: npt.NDArray[np.float64] = np.hypot(*(cells - (cursor.row, cursor.column)).T)
    return distances


def _at(one: FeatureMap, cell: npt.NDArray[np.int64]) -> MapCursor:
    return MapCursor(one.channel, int(cell[0]), int(cell[1]))
