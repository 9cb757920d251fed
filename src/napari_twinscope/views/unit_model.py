"""Units as rows of a Qt table; a cell is made when it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal

if TYPE_CHECKING:
    from napari_twinscope.rig.unit_set import Indices, Mask
    from napari_twinscope.rig.unit_table import UnitTable

_ROLE = Qt.ItemDataRole
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NAME = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class UnitModel(QAbstractTableModel):
    """The rows of a unit table that pass a filter, in the order of one of its columns.

    Attributes
    ----------
    rows
        Which unit each row shows, int [rows].
    sorted_by
        Name of the column and whether it descends.
    reordered
        Emitted after other rows, or the same in another order, are shown.
    """

    reordered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._table: UnitTable | None = None
        self._passing: Mask | None = None
        self.rows: Indices = np.zeros(0, np.intp)
        self.sorted_by: tuple[str, bool] = ("", False)

    def show_table(self, table: UnitTable | None, passing: Mask | None) -> None:
        """Show other units or columns; the order stays where there is still such a column."""
        self.beginResetModel()
        self._table, self._passing = table, passing
        self.rows = self._ordered()
        self.endResetModel()
        self.reordered.emit()

    def show_passing(self, passing: Mask | None) -> None:
        """Show the units that pass a filter, bool [units]; all of them for ``None``."""
        self._passing = passing
        rows = self._ordered()
        if np.array_equal(rows, self.rows):
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        self.reordered.emit()

    def in_order(self, units: Indices) -> Indices:
        """Return units in the order of the rows; those that no row shows are among them."""
        if self._table is None:
            return units
        wanted = np.zeros(self._table.count, bool)
        wanted[units] = True
        order = self._order()
        return order[wanted[order]]

    def row_of(self, unit: int | None) -> int | None:
        """Return the row that shows a unit, ``None`` if none does."""
        found = np.flatnonzero(self.rows == (-1 if unit is None else unit))
        return int(found[0]) if len(found) else None

    # -- what Qt asks

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many units are shown."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many columns there are."""
        inside = parent is not None and parent.isValid()
        return 0 if inside or self._table is None else len(self._table.columns)

    def data(self, index: QModelIndex, role: int = _ROLE.DisplayRole) -> object:
        """Return what one cell shows."""
        if not index.isValid() or self._table is None:
            return None
        column, unit = self._table.columns[index.column()], int(self.rows[index.row()])
        if role == _ROLE.DisplayRole:
            return column.text(unit)
        if role == _ROLE.TextAlignmentRole:
            return _NAME if column.has_names else _NUMBER
        if role == _ROLE.ToolTipRole:
            return None if np.isfinite(column.values[unit]) else f"No value. {column.description}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:
        """Return what stands above a column."""
        if orientation != Qt.Orientation.Horizontal or self._table is None:
            return None
        if section >= len(self._table.columns):
            return None
        column = self._table.columns[section]
        if role == _ROLE.DisplayRole:
            return column.heading
        if role == _ROLE.ToolTipRole:
            return f"<p>{column.description}</p><p>Click to sort. In filters: {column.name}</p>"
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show the units in the order of a column; those without a value come last."""
        known = self._table is not None and 0 <= column < len(self._table.columns)
        name = self._table.columns[column].name if known else ""
        self.sorted_by = (name, order == Qt.SortOrder.DescendingOrder)
        self.layoutAboutToBeChanged.emit()
        self.rows = self._ordered()
        self.layoutChanged.emit()
        self.reordered.emit()

    # -- details

    def _order(self) -> Indices:
        name, descending = self.sorted_by
        for column in self._table.columns:
            if column.name == name:
                return column.order(descending)
        return np.arange(self._table.count)

    def _ordered(self) -> Indices:
        if self._table is None:
            return np.zeros(0, np.intp)
        order = self._order()
        return order if self._passing is None else order[self._passing[order]]
