"""A table in which hands and keys select units as they do on the other canvases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QTableView

from napari_twinscope.rig.gestures import Gesture
from napari_twinscope.rig.selection import combine

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent, QMouseEvent
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.rig.unit_set import Indices, Mask
    from napari_twinscope.views.unit_model import UnitModel

SCROLL = 40  # ms between two rows while a drag is beyond the edge
WIDEST, NARROWEST = 190, 56  # pixels of a column
SAMPLE = 200  # rows whose text decides how wide columns are
WORDS = (
    "Click a row: the unit is selected. Drag: all rows passed. Shift adds, Ctrl toggles, Alt subtracts, "
    "Ctrl+Shift adds all rows from the last one; Esc cancels. Keys: arrows, Space, Ctrl+A, Ctrl+C; "
    "S sorts by the column in which the keyboard is, and again the other way."
)
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class UnitRows(QTableView):
    """Shows which units are selected and lets rows be selected.

    The selection is not Qt's own, which would keep one range for each row: a boolean mask says which
    units stand out, so that a hundred thousand rows stay quick.

    Parameters
    ----------
    model
        The rows.

    Attributes
    ----------
    selected
        Emitted with the `Gesture`.
    copied, undone, redone
        Emitted when the user asks for a copy, or to take back or do again the last step.
    """

    selected = Signal(object)
    copied = Signal()
    undone = Signal()
    redone = Signal()

    def __init__(self, model: UnitModel) -> None:
        super().__init__()
        self._model, self._mask = model, np.zeros(0, bool)
        self._drag: tuple[int, int, Manner] | None = None
        self._anchor: int | None = None
        self._timer = QTimer(self, interval=SCROLL)
        self._timer.timeout.connect(self._scroll_on)
        self.setModel(model)
        self.setAccessibleName("Units")
        self.setToolTip(WORDS)
        self.setItemDelegate(_Marked(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head, side = self.horizontalHeader(), self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(side.ResizeMode.Fixed)
        side.setDefaultSectionSize(self.fontMetrics().height() + 6)
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    @property
    def mask(self) -> Mask:
        """Which units stand out: as they would be selected if the drag ended now, bool [units]."""
        if self._drag is None:
            return self._mask
        first, last, manner = self._drag
        return combine(self._mask, self._between(first, last), manner)

    def show_mask(self, mask: Mask) -> None:
        """Let the selected units (bool [units]) stand out."""
        self._mask = mask
        self._drag = None
        self._repaint()

    def go_to(self, unit: int | None) -> None:
        """Make the row of a unit the current one, and scroll to it; a unit that is not shown is ignored."""
        row = self._model.row_of(unit)
        if row is not None and row != self.currentIndex().row():
            self.setCurrentIndex(self._model.index(row, max(0, self.currentIndex().column())))

    def fit_columns(self) -> None:
        """Make columns as wide as their headings and the first rows need, within bounds."""
        head, metrics = self.horizontalHeader(), self.fontMetrics()
        rows = range(min(SAMPLE, self._model.rowCount()))
        for column in range(self._model.columnCount()):
            texts = {str(self._model.data(self._model.index(row, column))) for row in rows}
            wide = max((metrics.horizontalAdvance(text) for text in texts), default=0) + 18
            wide = min(max(wide, NARROWEST), WIDEST)
            heading = str(self._model.headerData(column, Qt.Orientation.Horizontal))
            head.resizeSection(column, max(wide, min(metrics.horizontalAdvance(heading) + 36, WIDEST)))

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select rows."""
        row = self.rowAt(round(event.position().y()))
        if event.button() != Qt.MouseButton.LeftButton or row < 0:
            return
        held = event.modifiers()
        first, manner = row, _manner(held)
        if held & _SHIFT and held & _CONTROL and self._anchor is not None:
            first, manner = min(self._anchor, self._model.rowCount() - 1), "add"
        column = self.columnAt(round(event.position().x()))
        self._drag = (first, row, manner)
        self.setCurrentIndex(self._model.index(row, max(0, column)))
        self._repaint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select all rows that the drag passes."""
        if self._drag is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        y = round(event.position().y())
        outside = y < 0 or y >= self.viewport().height()
        if outside and not self._timer.isActive():
            self._timer.start()
        elif not outside:
            self._timer.stop()
            row = self.rowAt(y)
            self._reach(self._model.rowCount() - 1 if row < 0 else row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select."""
        self._timer.stop()
        if self._drag is not None and event.button() == Qt.MouseButton.LeftButton:
            first, last, manner = self._drag
            self._anchor = last
            self._select(self._between(first, last), manner, int(self._model.rows[last]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second press of a double click as another press."""
        self.mousePressEvent(event)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and select as in a list; Control moves without selecting."""
        key, held = event.key(), event.modifiers()
        control = bool(held & _CONTROL)
        if key == Qt.Key.Key_Escape and self._drag is not None:
            self._timer.stop()
            self._drag = None
            self._repaint()
        elif control and key == Qt.Key.Key_C:
            self.copied.emit()
        elif control and key == Qt.Key.Key_Z:
            (self.redone if held & _SHIFT else self.undone).emit()
        elif control and key == Qt.Key.Key_A:
            self._select(self._model.rows, "add" if held & _SHIFT else "replace", None)
        elif key == Qt.Key.Key_S and not held:
            self._sort()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._select_current(_manner(held))
        elif key in _MOVES:
            self._move(key)
            if not control:
                self._select_current("add" if held & _SHIFT else "replace")
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Keep what keys do in the table from the application's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride:
            control = bool(event.modifiers() & _CONTROL)
            escapes = event.key() == Qt.Key.Key_Escape and self._drag is not None
            ours = control and event.key() in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_Z)
            if escapes or ours or event.key() in (*_MOVES, Qt.Key.Key_Space):
                event.accept()
                return True
        return super().event(event)

    # -- details

    def _sort(self) -> None:
        """Sort by the current column, the other way round if the rows are sorted by it."""
        column, head = self.currentIndex().column(), self.horizontalHeader()
        if column >= 0:
            up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
            again = head.sortIndicatorSection() == column and head.sortIndicatorOrder() == up
            self.sortByColumn(column, down if again else up)

    def _move(self, key: Qt.Key) -> None:
        last = self._model.rowCount() - 1
        if last < 0:
            return
        now, page = self.currentIndex().row(), max(1, self.viewport().height() // self.rowHeight(0) - 1)
        row = {
            Qt.Key.Key_Up: now - 1,
            Qt.Key.Key_Down: now + 1,
            Qt.Key.Key_PageUp: now - page,
            Qt.Key.Key_PageDown: now + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }[key]
        row = min(max(row, 0), last)
        self._anchor = row
        self.setCurrentIndex(self._model.index(row, max(0, self.currentIndex().column())))

    def _select_current(self, manner: Manner) -> None:
        row = self.currentIndex().row()
        if 0 <= row < self._model.rowCount():
            self._anchor = row
            self._select(self._between(row, row), manner, int(self._model.rows[row]))

    def _select(self, units: Indices, manner: Manner, picked: int | None) -> None:
        self._drag = None
        if len(units):
            self.selected.emit(Gesture(np.sort(units), manner, picked, "table"))
        self._repaint()

    def _between(self, first: int, last: int) -> Indices:
        return self._model.rows[min(first, last) : max(first, last) + 1]

    def _reach(self, row: int) -> None:
        if self._drag is not None and row != self._drag[1]:
            self._drag = (self._drag[0], row, self._drag[2])
            self.setCurrentIndex(self._model.index(row, max(0, self.currentIndex().column())))
            self._repaint()

    def _scroll_on(self) -> None:
        if self._drag is None:
            self._timer.stop()
            return
        y = self.viewport().mapFromGlobal(self.cursor().pos()).y()
        step = -1 if y < 0 else 1
        self._reach(min(max(self._drag[1] + step, 0), self._model.rowCount() - 1))

    def _repaint(self) -> None:
        self._marked = self.mask
        self.viewport().update()

    def stands_out(self, row: int) -> bool:
        """Return whether the unit of a row is drawn as selected."""
        unit = int(self._model.rows[row])
        return unit < len(self._marked) and bool(self._marked[unit])

    _marked: Mask = np.zeros(0, bool)


class _Marked(QStyledItemDelegate):
    """Draws the cells of selected units as selected."""

    def __init__(self, rows: UnitRows) -> None:
        super().__init__(rows)
        self._rows = rows

    def initStyleOption(self, option: QStyleOptionViewItem, index: object) -> None:
        super().initStyleOption(option, index)
        if self._rows.stands_out(index.row()):
            option.state |= QStyle.StateFlag.State_Selected
        else:
            option.state &= ~QStyle.StateFlag.State_Selected


def _manner(held: Qt.KeyboardModifier) -> Manner:
    if held & _SHIFT:
        return "add"
    if held & _CONTROL:
        return "toggle"
    return "subtract" if held & _ALT else "replace"
