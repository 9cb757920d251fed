"""The dock "Feature maps": activation maps with their units side by side, at the frame on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig.feature_maps import BY_NUMBER, ORDERS, activations, feature_maps, moment_text
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.map_cursor import cursor_words
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.map_bar import MapBar
from napari_twinscope.views.map_grid import MapGrid, Marks
from napari_twinscope.views.map_keys import BACK, IN_SHORT, MAP_KEYS, NO_UNIT, PICK, UNIT_KEYS
from napari_twinscope.views.steady_line import SteadyLine
from napari_twinscope.views.time_bar import TimeBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.rig.feature_maps import FeatureMaps


class FeatureMapsDock(DockPage):
    """Shows the feature maps of the selected units in pages, and lets maps and units be chosen from them."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.shown: FeatureMaps | None = None
        self.first = 0  # position of the first map of the page
        self._whole = True  # whether more than the frame changed
        self._build()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._catch_up)
        events = self.session.events
        for signal in (events.stage, self.session.selection.changed):
            self.links.connect(signal, self._change)
        for signal in (events.condition, events.frame, self.bench.maps_changed):
            self.links.connect(signal, self._catch_up)
        for signal in (events.measure, events.channel, events.show_map, self.session.selection.picked):
            self.links.connect(signal, self._show_marks)
        self._change()

    def _build(self) -> None:
        self.title = SteadyLine(wrapped=True)
        self.title.setStyleSheet("font-weight: 600;")
        self.order = Combo()
        self.order.setAccessibleName("Order of the feature maps")
        for place, (name, (text, tip)) in enumerate(ORDERS.items()):
            self.order.addItem(text, name)
            self.order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.order.currentIndexChanged.connect(self._reorder)
        self.every = QCheckBox("All maps")
        self.every.setToolTip("Show the recorded maps without a selected unit too, to select units there")
        self.every.toggled.connect(self._reorder)
        self.back, self.forth = QToolButton(), QToolButton()
        for button, text, tip, step in (
            (self.back, "◀", "Maps before these (Page Up, or the wheel)", -1),
            (self.forth, "▶", "Maps after these (Page Down, or the wheel)", 1),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip.split(" (")[0])
            button.clicked.connect(lambda _=False, step=step: self.turn(step))
        self.page_label = SteadyLine()
        self.page_label.setFixedWidth(self.fontMetrics().horizontalAdvance("100 to 118 of 128") + 12)
        self.moment = SteadyLine()
        self.hint = Hint("No feature maps yet", "Record the twin in the Rig dock, or open a recording there.")
        self.grid, self.bar = MapGrid(), MapBar()
        self.grid.map_clicked.connect(self._show_channel)
        self.grid.unit_clicked.connect(self._pick)
        self.grid.turned.connect(self.turn)
        self.grid.cursor_moved.connect(self._follow_cursor)
        self.grid.resized.connect(self._resize)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.grid)
        self.where = SteadyLine()
        for key, deed in ((QKeySequence.StandardKey.Undo, "undo"), ("Ctrl+Shift+Z", "redo")):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(getattr(self.session.selection, deed))
        self.time_bar = TimeBar(self.bench.playback, self.session, (self.pages,))
        self.exports = Exports(self.bench.viewer, self)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Take figures, tables and layers out of the window")
        self.export_button.setMenu(self.exports.menu(self))
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.order)
        above.addWidget(self.every)
        above.addStretch(1)
        for widget in (self.back, self.page_label, self.forth):
            above.addWidget(widget)
        below.addWidget(self.bar, 1)
        below.addStretch(0)
        below.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addLayout(above)
        layout.addWidget(self.moment)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.where)
        layout.addWidget(self.time_bar)
        layout.addLayout(below)
        self.setMinimumHeight(260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Ask for room for a few maps."""
        return QSize(480, 600)

    # -- what the user does

    def turn(self, pages: int) -> None:
        """Turn pages forth, or back."""
        if self.shown is not None:
            self.grid.keys.put_away()
            places = self.grid.layout_of_page.places
            first = self.first + pages * places
            if 0 <= first < len(self.shown.maps) or (pages < 0 < self.first):
                self.first = max(first, 0)
                self._change()

    def _reorder(self, *_: object) -> None:
        self.order.setToolTip(ORDERS[self.order.currentData()][1])
        self.first = 0
        self._change()

    def _show_channel(self, channel: int) -> None:
        """Show a map over the movie."""
        self.session.channel = channel
        self.session.show_map = True

    def _pick(self, unit: int, manner: str) -> None:
        self.session.selection.apply(self.session.stage, [unit], manner, picked=unit, tool="pick")

    def _follow_cursor(self) -> None:
        """Turn to the page of the map with the cursor, and say what is there."""
        place = self._place_of_cursor()
        if place is not None and self.grid.pointed is None:
            self.first = place
            self._change()
        else:
            self._say()

    # -- what is shown

    @property
    def chosen(self) -> tuple[str, bool]:
        """The order of the maps, and whether those without a selected unit are shown too."""
        return self.order.currentData(), self.every.isChecked()

    def _change(self, *_: object) -> None:
        self._whole = True
        self._catch_up()  # at once, so that the window is drawn once with all views

    def _resize(self) -> None:
        self._whole = True
        self._later.start()  # not in the midst of a layout

    def _catch_up(self) -> None:
        """Draw what changed, if anybody sees it."""
        if not self.isVisible():
            self._whole = True
            return
        if self._whole or self.shown is None:
            self._whole = False
            self._show_maps()
        if self.shown is not None:
            self._show_frame()

    def _show_maps(self) -> None:
        session = self.session
        if session.recording is None or not session.stage:
            self._empty(*self.hint.first)
            return
        try:
            (order, every), before = self.chosen, self.shown
            self.shown = feature_maps(session, self.bench.source, order, every=every)
        except InvalidInput as error:
            self._empty(error.problem, "Choose a stage with feature maps in the Rig or the Manifold dock.")
            return
        self.bench.ask_for_maps(self, session.stage)
        self.pages.setCurrentWidget(self.grid)
        layout = self.grid.fit(self.shown)
        count = len(self.shown.maps)
        self.grid.keys.follow(self.shown, before)
        place = self._place_of_cursor()
        self.first = self.first if place is None else place
        self.first = max(0, min(self.first, count - 1)) // layout.places * layout.places
        self.grid.show_page(self.shown, self.first, layout)
        self.title.setText(self.shown.title)
        rows, columns = self.shown.grid
        self.title.setToolTip(
            f"Each map on its own grid of {rows} × {columns} cells; rings are selected units in the colours "
            "of the manifold, the large one was picked last; dots are the other recorded units"
        )
        self.page_label.setText(self.shown.page_text(self.first, layout.places))
        self.back.setEnabled(self.first > 0)
        self.forth.setEnabled(self.first + layout.places < count)
        self.bar.show_style(self.shown.style)

    def _show_frame(self) -> None:
        session, shown = self.session, self.shown
        why = self.bench.why_no_maps(shown.stage)
        values = activations(self.bench.source, shown.stage, self.grid.page, session.condition, session.frame)
        if values is None and why is not None:
            known = isinstance(why, TwinscopeError)
            self._empty("The maps cannot be recomputed", why.problem if known else str(why))
            return
        self.pages.setCurrentWidget(self.grid)
        self._show_marks()
        self.grid.show_values(values)
        waiting = "   computing the maps …" if values is None else ""
        self.moment.setText(moment_text(session, shown) + waiting)
        self._say()

    def _place_of_cursor(self) -> int | None:
        """Return the place of the map with the cursor among all that are shown; ``None`` if there is none."""
        cursor, maps = self.grid.keys.cursor, () if self.shown is None else self.shown.maps
        if cursor is None:
            return None
        return next((place for place, one in enumerate(maps) if one.channel == cursor.channel), None)

    def _say(self) -> None:
        """Say what the cursor is on, or what mouse and keys do."""
        cursor, shown, text = self.grid.keys.cursor, self.shown, IN_SHORT
        if shown is None:
            text = ""
        elif cursor is not None:
            unit, value = self.grid.under_cursor
            selected = unit in self.session.selection.indices(shown.stage)
            hint = NO_UNIT if unit is None else BACK if selected else PICK
            text = f"{cursor_words(cursor, value, unit, selected)} · {hint}"
        self.where.setText(text)
        self.where.setToolTip("" if shown is None else MAP_KEYS if cursor is None else UNIT_KEYS)
        self.grid.setAccessibleDescription(text)

    def _show_marks(self) -> None:
        session, shown = self.session, self.shown
        if shown is None or self._whole or not self.isVisible():
            return
        picked = session.picked_unit()
        index = None if picked is None else session.selection.index(picked)
        marks = Marks(session.colors()[0], index, session.selection.known(shown.stage))
        self.grid.show_marks(marks, session.channel if session.show_map else None)

    def _empty(self, title: str, text: str) -> None:
        self.shown = None
        self.grid.keys.put_away()
        self.bench.ask_for_maps(self, None)
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        for label in (self.title, self.page_label, self.moment, self.where):
            label.clear()
        self.back.setEnabled(False)
        self.forth.setEnabled(False)
        self.bar.show_style(None)

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return the order of the maps, whether all are shown, and which begins the page."""
        order, every = self.chosen
        return {"order": order, "every": every, "first": self.first}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show them so again."""
        fields = Fields(state, "docks.Feature maps")
        order, first = fields.text("order", BY_NUMBER, among=tuple(ORDERS)), fields.integer("first", 0)
        every = fields.boolean("every", False)
        self.order.setCurrentIndex(self.order.findData(order))
        self.every.setChecked(every)
        self.first = first
        self._change()

    # -- coming and going

    def showEvent(self, event: object) -> None:
        """Catch up with what happened while the dock was hidden."""
        super().showEvent(event)
        self._change()

    def hideEvent(self, event: object) -> None:
        """Need no maps any more."""
        super().hideEvent(event)
        self.bench.ask_for_maps(self, None)

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.time_bar.release()
        self._later.stop()
