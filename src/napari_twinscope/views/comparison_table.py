"""The table of a comparison: values by measure and stage; below each its interval, and (chance)."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

    from napari_twinscope.rig.comparison_view import Row

ROLE = Qt.ItemDataRole
LETTERS = 24  # of a line of a measure's name


class ComparisonModel(QAbstractTableModel):
    """Rows of `comparison_view.table_rows`; the names of measures are the headers of rows."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()
        self.names: tuple[str, ...] = ()
        self.emphasised = ""

    def show_rows(self, rows: tuple[Row, ...], names: tuple[str, ...]) -> None:
        """Show another table."""
        self.beginResetModel()
        self.rows, self.names = rows, names
        self.endResetModel()

    def emphasise(self, name: str) -> None:
        """Write the name of one population bold."""
        self.emphasised = name
        if self.names:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.names) - 1)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many rows there are, headings included."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many populations there are."""
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def data(self, index: QModelIndex, role: int = ROLE.DisplayRole) -> object:
        """Return what a cell says."""
        row = self.rows[index.row()]
        if not row.cells:
            return None
        cell = row.cells[index.column()]
        if role == ROLE.DisplayRole:
            return cell.lines
        if role == ROLE.ToolTipRole:
            return cell.tip or None
        if role == ROLE.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> object:
        """Return the name of a population or of a measure."""
        if orientation == Qt.Orientation.Vertical:
            row = self.rows[section]
            text, tip, bold = row.title, f"<p>{row.tip}</p>" if row.tip else None, not row.cells
        else:
            text = self.names[section]
            tip, bold = f"{text}: click to look at its units, if it is a stage", text == self.emphasised
        if role == ROLE.DisplayRole:
            return "\n".join(wrap(text, LETTERS)) if orientation == Qt.Orientation.Vertical else text
        if role == ROLE.ToolTipRole:
            return tip
        if role == ROLE.FontRole and bold:
            font = QFont()
            font.setBold(True)
            return font
        if role == ROLE.TextAlignmentRole and orientation == Qt.Orientation.Vertical:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class ComparisonTable(QTableView):
    """Shows a `ComparisonModel`.

    Attributes
    ----------
    chosen
        Emitted with the name of the population whose header was clicked.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = ComparisonModel()
        self.setModel(self.rows)
        self.setAccessibleName("Measures of stages")
        self.setTabKeyNavigation(False)
        self.setToolTip("Click the name of a stage, or press Return in its column, to look at it")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(True)
        self.setAlternatingRowColors(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().sectionClicked.connect(self._choose)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def show_rows(self, rows: tuple[Row, ...], names: tuple[str, ...]) -> None:
        """Show another table."""
        self.rows.show_rows(rows, names)
        self.clearSpans()
        for place, row in enumerate(rows):
            if not row.cells and len(names) > 1:
                self.setSpan(place, 0, 1, len(names))
        self.resizeColumnsToContents()
        self.resizeRowsToContents()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return do in a column what a click on its header does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex().column())
        else:
            super().keyPressEvent(event)

    def _choose(self, section: int) -> None:
        self.chosen.emit(self.rows.names[section])
