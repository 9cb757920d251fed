"""The dock "Units": the table of the units of a stage, to be sorted, filtered, copied and selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.theme import get_theme
from qtpy.QtCore import QSignalBlocker, QSize, Qt, QTimer
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import (
    QApplication,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.selection import combine
from napari_twinscope.rig.unit_filter import matching
from napari_twinscope.rig.unit_table import unit_table
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.histogram_exports import HistogramExports
from napari_twinscope.views.histogram_panel import HistogramPanel
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.unit_bar import UnitBar
from napari_twinscope.views.unit_model import UnitModel
from napari_twinscope.views.unit_rows import UnitRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.rig.gestures import Gesture
    from napari_twinscope.rig.unit_table import UnitTable

WIDE = 700  # pixels; in a narrower dock the count has a line of its own
NARROW, LOW = 560, 400  # pixels; in a narrow dock the histogram lies below the table, if there is room
TYPED = 200  # ms after the last key until a filter is applied


class UnitsDock(DockPage):
    """All that is known of the units of a stage, and a hand on the selection."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.table: UnitTable | None = None
        self._made_from: tuple[object, ...] = ()
        self._stale = True
        self._acting = False
        self._applied = ""
        self.model = UnitModel()
        self.rows = UnitRows(self.model)
        self.histogram = HistogramPanel()
        self._build()
        self._connect()
        self._show_all()

    def _build(self) -> None:
        self.stage_choice = StageChoice(self.session)
        self.bar = UnitBar(self.stage_choice)
        self.filter, self.find, self.only = self.bar.filter, self.bar.find, self.bar.only
        self.take, self.copy_button = self.bar.take, self.bar.copy
        self.count, self.message = self.bar.count, self.bar.message
        self.exports = HistogramExports(self.bench.viewer, self)
        self.histogram.export_button.setMenu(self.exports.menu(self))
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock, or open a recording there."
        )
        self.parts = QSplitter(Qt.Orientation.Horizontal)
        self.parts.addWidget(self.rows)
        self.parts.addWidget(self.histogram)
        self.parts.setStretchFactor(0, 3)
        self.parts.setStretchFactor(1, 1)
        self.parts.setChildrenCollapsible(False)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.parts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.bar)
        layout.addWidget(self.pages, 1)
        self.setMinimumHeight(230)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        session = self.session
        for signal in (session.events.stage, session.events.measure, session.selection.groups.changed):
            self.links.connect(signal, self._show_all)
        self.links.connect(session.selection.changed, self._show_selection)
        self.links.connect(session.selection.picked, self._show_picked)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self._typed = QTimer(self, singleShot=True, interval=TYPED)
        self._typed.timeout.connect(self.apply_filter)
        self.filter.textChanged.connect(self._typed.start)
        self.filter.returnPressed.connect(self.apply_filter)
        self.find.returnPressed.connect(self.find_next)
        self.only.toggled.connect(self._show_passing)
        self.take.clicked.connect(self._take_shown)
        self.copy_button.clicked.connect(self.copy)
        self.rows.selected.connect(self._select)
        self.rows.copied.connect(self.copy)
        self.histogram.selected.connect(self._select_range)
        self.histogram.previewed.connect(self._preview)
        self.model.reordered.connect(self._show_count)
        self._follow_theme()
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.find.setFocus)
        self.rows.undone.connect(lambda: session.selection.undo())
        self.rows.redone.connect(lambda: session.selection.redo())

    # -- what the user does

    def apply_filter(self) -> None:
        """Show the units that pass the filter; while it cannot be understood the last one stays."""
        self._typed.stop()
        if self.table is None:
            return
        try:
            matching(self.filter.text(), self.table)
        except InvalidInput as error:
            self.bar.say(f"The filter is not applied. {in_lines(error)}")
            return
        self.bar.say("")
        self._applied = self.filter.text()
        self._show_passing()

    def find_next(self) -> None:
        """Go to the next row that holds what is looked for; with Shift, to the one before."""
        if self.table is None or not self.find.text().strip():
            return
        try:
            found = matching(self.find.text(), self.table)[self.model.rows]
        except InvalidInput as error:
            self.bar.say(in_lines(error))
            return
        places = np.flatnonzero(found)
        if not len(places):
            self.bar.say(f"No row shown holds “{self.find.text()}”.")
            return
        back = bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
        now = self.rows.currentIndex().row()
        beyond = places[places < now] if back else places[places > now]
        ends = (beyond[-1] if back else beyond[0]) if len(beyond) else (places[-1] if back else places[0])
        place = int(np.searchsorted(places, ends)) + 1
        self.bar.say(f"Found in {len(places)} rows; this is number {place}.")
        self.rows.go_to(int(self.model.rows[ends]))

    def copy(self) -> None:
        """Copy the selected units with all columns, in the order of the table, to the clipboard."""
        units = self.session.selection.indices(self.session.stage)
        if self.table is None or not len(units):
            self.bar.say("Nothing was copied: no unit is selected.")
            return
        QApplication.clipboard().setText(self.table.to_tsv(self.model.in_order(units)))
        hidden = len(units) - int(np.isin(units, self.model.rows).sum())
        also = f", {hidden} of them not shown" if hidden else ""
        self.bar.say(f"Copied {_units(len(units))} with {len(self.table.columns)} columns{also}.")

    def _take_shown(self) -> None:
        parameters = (("filter", self._applied),) if self._applied.strip() else ()
        self.session.selection.apply(self.session.stage, self.model.rows, tool="table", parameters=parameters)

    def _select(self, gesture: Gesture) -> None:
        # where all rows are selected ones, pointing at one must not throw the others away
        picks = self.only.isChecked() and gesture.manner == "replace" and len(gesture.units) == 1
        manner = "add" if picks else gesture.manner
        self._acting = True  # the current row stays where the hand is
        try:
            self.session.selection.apply(
                self.session.stage, gesture.units, manner, gesture.picked, tool=gesture.tool
            )
        finally:
            self._acting = False

    def _select_range(self, gesture: Gesture) -> None:
        self.session.selection.apply(
            self.session.stage,
            gesture.units,
            gesture.manner,
            tool=gesture.tool,
            parameters=gesture.parameters,
        )

    def _preview(self, gesture: Gesture | None) -> None:
        """Show what would be selected if the drag ended now."""
        mask = self.session.selection.mask(self.session.stage)
        if gesture is None:
            self.rows.show_mask(mask)
            self._show_count()
        else:
            then = combine(mask, gesture.units, gesture.manner)
            self.rows.show_mask(then)
            total = _units(len(then))
            self.count.setText(f"{len(gesture.units)} in the range → {np.count_nonzero(then)} of {total}")

    # -- what is shown

    def _show_all(self) -> None:
        """Show another stage, more measures or other groups."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        session = self.session
        if session.recording is None or not session.stage:
            self._forget()
            return
        self.bench.measure_units()
        measures, groups = session.measures(), tuple(session.selection.groups)
        units, known = session.units(), session.selection.known(session.stage)
        made_from = (session.stage, units, known, *measures, *measures.values(), *groups)
        if len(made_from) == len(self._made_from) and all(map(_same, made_from, self._made_from)):
            self.histogram.show_measures(measures, session.measured())
            return
        kind = session.stage_kind(session.stage)
        before = () if self.table is None else [column.name for column in self.table.columns]
        self._made_from = made_from
        self.table = unit_table(session.stage, units, measures, groups, known, kind)
        self.model.show_table(self.table, self._passing())
        self._mark_order()
        if [column.name for column in self.table.columns] != before:
            self.rows.fit_columns()
        self.pages.setCurrentWidget(self.parts)
        self._show_mask()
        self.histogram.show_measures(measures, session.measured())
        self._show_count()

    def _mark_order(self) -> None:
        """Show the order in the heading of its column, which may have another place now."""
        name, descending = self.model.sorted_by
        names = [column.name for column in self.table.columns]
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        head = self.rows.horizontalHeader()
        with QSignalBlocker(head):
            head.setSortIndicator(names.index(name) if name in names else -1, order)

    def _forget(self) -> None:
        self.table, self._made_from = None, ()
        self.model.show_table(None, None)
        self.pages.setCurrentWidget(self.hint)
        self._show_count()

    def _show_selection(self) -> None:
        if not self.isVisible() or self.table is None:
            self._stale = True
            return
        if len(self.session.selection.mask(self.session.stage)) != self.table.count:
            return  # the units of the last recording are gone, and the table follows with the stage
        self._show_mask()
        if self.only.isChecked():
            self._show_passing()
        self._show_count()

    def _show_mask(self) -> None:
        mask = self.session.selection.mask(self.session.stage)
        self.rows.show_mask(mask)
        self.histogram.show_selection(mask)

    def _show_picked(self) -> None:
        key = self.session.picked_unit()
        if self.isVisible() and key is not None and not self._acting:
            self.rows.go_to(self.session.selection.index(key))

    def _passing(self) -> np.ndarray:
        try:
            passing = matching(self._applied, self.table)
        except InvalidInput:  # a column that another stage does not have
            self._applied = ""
            self.bar.say("The filter was taken off: it does not fit this stage.")
            passing = np.ones(self.table.count, bool)
        if self.only.isChecked():
            passing &= self.session.selection.mask(self.session.stage)
        return passing

    def _show_passing(self) -> None:
        if self.table is not None:
            self.model.show_passing(self._passing())

    def _show_count(self) -> None:
        there = self.table is not None
        self.bar.allow(there)
        if not there:
            self.count.clear()
            return
        total, shown = self.table.count, len(self.model.rows)
        selected = self.session.selection.count(self.session.stage)
        rest = "" if shown == total else f" · {shown} shown"
        self.count.setText(f"{selected} of {_units(total)} selected{rest}")

    def _follow_theme(self) -> None:
        theme = get_theme(self.bench.viewer.theme)
        self.histogram.follow_theme(theme.text.as_rgb_tuple()[:3], theme.background.as_rgb_tuple()[:3])
        self.rows.setStyleSheet(
            f"QTableView::item:selected {{ background-color: {theme.current.as_hex()}; "
            f"color: {theme.text.as_hex()}; }}"
        )

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return order, filter, and whether only selected units are shown."""
        name, descending = self.model.sorted_by
        return {
            "sorted_by": name,
            "descending": descending,
            "filter": self._applied,
            "selected_only": self.only.isChecked(),
            "histogram": self.histogram.chosen,
            "density": self.histogram.density.isChecked(),
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields = Fields(state, "docks.Units")
        self.filter.setText(fields.text("filter", ""))
        self.apply_filter()
        self.only.setChecked(fields.boolean("selected_only", False))
        self.histogram.choose(fields.text("histogram", ""))
        self.histogram.density.setChecked(fields.boolean("density", True))
        name, descending = fields.text("sorted_by", ""), fields.boolean("descending", False)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        names = [] if self.table is None else [column.name for column in self.table.columns]
        if name in names:
            self.rows.sortByColumn(names.index(name), order)

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for room for a few rows."""
        return QSize(900, 290)

    def resizeEvent(self, event: object) -> None:
        """Put the histogram where there is room for it."""
        super().resizeEvent(event)
        beside = self.width() >= WIDE or (self.width() >= NARROW and self.height() < LOW)
        self.parts.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        self.bar.arrange(self.width() >= WIDE)

    def showEvent(self, event: object) -> None:
        """Catch up with what happened while the dock was hidden."""
        super().showEvent(event)
        if self._stale:
            self._show_all()
            self._show_selection()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.stage_choice.links.release()
        self._typed.stop()
        self.histogram.release()


def _same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, str) and one == other)


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
