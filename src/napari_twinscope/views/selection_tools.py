"""The tools of the manifold: what the mouse does there, said before and shown while it is done."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from napari_twinscope.rig.ball import Scene
from napari_twinscope.rig.gestures import manner_of
from napari_twinscope.rig.selection import combine
from napari_twinscope.rig.unit_words import unit_words
from napari_twinscope.views.box_tool import BoxTool
from napari_twinscope.views.brush_tool import BallOptions, BallTool
from napari_twinscope.views.cluster_tool import ClusterTool
from napari_twinscope.views.drag_tool import DragTool
from napari_twinscope.views.lasso_tool import LassoTool
from napari_twinscope.views.links import Links
from napari_twinscope.views.selection_count import SelectionCount
from napari_twinscope.views.tool_buttons import add_shortcut, tool_button, wrapped_row
from napari_twinscope.views.tool_words import KEYS, MANNERS, NO_CLUSTERS, TOOLS, held_keys, what_happens
from napari_twinscope.views.undo_buttons import UndoButtons
from napari_twinscope.views.value_tools import ValueTools
from napari_twinscope.views.zoom_box import ZoomBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QHelpEvent

    from napari_twinscope.rig import Session
    from napari_twinscope.rig.gestures import Gesture
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.selection import Manner
    from napari_twinscope.views.point_cloud import PointCloud

PREVIEW_INTERVAL = 30  # ms between two previews


class SelectionTools(QWidget):
    """Buttons, options and a status line for selecting units in a cloud of points, and undo.

    Parameters
    ----------
    session
        Its selection is edited, for the stage that is looked at.
    cloud
        The canvas.
    host
        The widget within which the shortcuts work; it must contain this one and the canvas.
    points
        Returns the coordinates shown, float [units, 3], NaN where hidden; ``None`` while there are none.
    measure
        Returns what the units are coloured by.
    categories
        Returns the clusters, a `Measure` with labels, ``None`` while there are none. The measure shown if
        it has categories, where not given.
    coordinates
        Returns all coordinates of the units, float [units, axes], if there are more than those shown.

    Attributes
    ----------
    previewed
        Emitted while something is drawn, and at its end: `shown_mask` changed, the selection did not.
    """

    previewed = Signal()

    def __init__(
        self,
        session: Session,
        cloud: PointCloud,
        host: QWidget,
        points: Callable[[], np.ndarray | None],
        measure: Callable[[], Measure | None],
        categories: Callable[[], Measure | None] | None = None,
        coordinates: Callable[[], np.ndarray | None] = lambda: None,
    ) -> None:
        super().__init__()
        self.session = session
        self._cloud, self._host, self._points = cloud, host, points
        self._measure, self._coordinates = measure, coordinates
        self._categories = self._measured_categories if categories is None else categories
        self._labels = ("axis 1", "axis 2", "axis 3")
        self._fitted: np.ndarray | None = None
        self._preview: Gesture | None = None
        self._held: set[str] = set()
        self._name, self._manner = "pick", "replace"
        self._timer = QTimer(self, singleShot=True, interval=PREVIEW_INTERVAL)
        self._timer.timeout.connect(self._show_preview)
        # a single shot that its widget does not outlive would keep it in memory
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._follow_keys)
        self.links = Links()
        self.movie_tool: BoxTool | None = None
        self._zoom_box: ZoomBox | None = None
        self.ball_options = BallOptions()
        self.values = ValueTools(lambda: self._manner, cloud.frame)
        self.counted = SelectionCount(session)
        self._make_tools()
        self._build()
        self._connect()
        self.refresh()

    def _make_tools(self) -> None:
        common = (
            self._cloud.model,
            self._cloud.native,
            self._positions,
            self.select,
            self._preview_soon,
        )
        options = {"manner": lambda: self._manner, "view": self._cloud.view}
        self.tools: dict[str, DragTool] = {
            "pick": DragTool(*common, **options),
            "box": BoxTool(*common, **options),
            "lasso": LassoTool(*common, **options),
            "ball": BallTool(*common, scene=self._scene, options=self.ball_options, **options),
            "cluster": ClusterTool(*common, categories=lambda: self._categories(), **options),
        }

    def _build(self) -> None:
        self.buttons = {name: tool_button(text, tip, key) for name, (text, key, tip) in TOOLS.items()}
        self.range_button, self.range_panel = self.values.buttons["range"], self.values.range_panel
        self.movie_button = tool_button("On movie", "Select units by dragging a box on the movie", "G")
        self.manners = {manner: tool_button(text, tip) for manner, (text, tip) in MANNERS.items()}
        self.deeds = UndoButtons(self.session)
        self.clear_button = self.deeds.clear
        self.count = self.counted.line
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setAccessibleName("What the mouse does")
        self.status.setToolTip(KEYS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        by_value = self.values.buttons.values()
        layout.addWidget(wrapped_row([*self.buttons.values(), *by_value, self.movie_button]))
        layout.addWidget(wrapped_row([*self.manners.values(), *self.deeds.all]))
        layout.addWidget(self.ball_options)
        for panel in self.values.panels.values():
            layout.addWidget(panel)
        layout.addWidget(self.status)

    def _connect(self) -> None:
        for name, button in self.buttons.items():
            button.clicked.connect(lambda checked, name=name: self.choose(name if checked else "pick"))
            add_shortcut(TOOLS[name][1], self._host, button.click)
        for manner, button in self.manners.items():
            button.clicked.connect(lambda _, manner=manner: self.choose_manner(manner))
        for button in self.values.buttons.values():
            button.toggled.connect(self._show_tool)
        self.movie_button.toggled.connect(self._show_tool)
        self.movie_button.setShortcut(QKeySequence("G"))  # the movie is outside the host
        for key, button in (
            ("R", self.range_button),
            ("X", self.values.buttons["3D box"]),
            (QKeySequence.StandardKey.Copy, self.counted.copy_button),
            ("I", self.deeds.invert),
            (QKeySequence.StandardKey.Undo, self.deeds.undo),
            ("Ctrl+Shift+Z", self.deeds.redo),
        ):
            add_shortcut(key, self._host, button.click)
        for panel in self.values.panels.values():
            panel.previewed.connect(self._preview_soon)
            panel.selected.connect(self.select)
        self.links.connect(self.session.selection.changed, self._show_count)
        self._cloud.native.installEventFilter(self)

    # -- what the dock calls

    def set_axis_labels(self, labels: tuple[str, str, str]) -> None:
        """Name the three axes shown."""
        self._labels = labels
        self.refresh()

    def refresh(self) -> None:
        """Follow other points, another measure or other clusters."""
        points = self._points()
        if points is None:
            for tool in self.tools.values():
                tool.cancel()
        elif self._fitted is not points:
            known = points[np.isfinite(points).all(axis=1)]
            extent = float(np.max(np.ptp(known, axis=0))) if len(known) else 1.0
            coordinates = self._coordinates()
            self.ball_options.fit(extent or 1.0, coordinates is not None and coordinates.shape[1] > 3)
            self._fitted = points
        self._show_tool()
        self._show_count()

    def use_movie(self, viewer: object, canvas: QWidget, positions: Callable[[], np.ndarray | None]) -> None:
        """Let boxes be dragged and undone on another canvas too, where the units are shown as well."""
        self.movie_tool = BoxTool(
            viewer, canvas, positions, self.select, self._preview_soon, manner=lambda: self._manner
        )
        self._zoom_box = ZoomBox(viewer)
        canvas.installEventFilter(self)
        selection = self.session.selection
        # layers with an undo of their own, such as labels, come before the viewer's keys
        viewer.bind_key("Control-Z", lambda _: selection.undo(), overwrite=True)
        viewer.bind_key("Control-Shift-Z", lambda _: selection.redo(), overwrite=True)
        self._show_tool()

    def shown_mask(self) -> np.ndarray:
        """Return which units to show as selected: as they would be if the drag ended now, bool [units]."""
        mask = self.session.selection.mask(self.session.stage)
        if self._preview is None or not len(mask):
            return mask
        return combine(mask, self._preview.units, self._preview.manner)

    def release(self) -> None:
        """Let go of everything outside this widget."""
        self.links.release()
        self.deeds.links.release()
        self._timer.stop()
        if self._zoom_box is not None:
            self._zoom_box.allow(True)
        for tool in self._all_tools():
            tool.detach()
            with suppress(RuntimeError):  # the canvas may be gone already
                tool.band.parentWidget().removeEventFilter(self)

    # -- what the user does

    def choose(self, name: str) -> None:
        """Take a tool into the hand."""
        for tool in self.tools.values():
            tool.cancel()
        self._name = name
        self._show_tool()

    @property
    def chosen(self) -> tuple[str, Manner]:
        """The tool in the hand, and what it does to the selection while no key is held."""
        return self._name, self._manner

    def choose_manner(self, manner: Manner) -> None:
        """Choose what a gesture does to the selection while no key is held."""
        self._manner = manner
        self._show_tool()

    def select(self, gesture: Gesture) -> None:
        """Change the selection by what was pointed at."""
        self._timer.stop()
        self._preview = None
        selection, stage = self.session.selection, self.session.stage
        before = selection.mask(stage)
        selection.apply(
            stage,
            gesture.units,
            gesture.manner,
            gesture.picked,
            tool=gesture.tool,
            parameters=gesture.parameters,
        )
        if np.array_equal(before, selection.mask(stage)):  # else all was told by the selection
            self.previewed.emit()
            self._show_count()

    def cancel(self) -> bool:
        """Give up what is being drawn; return whether there was anything."""
        drawn = [tool.cancel() for tool in self._all_tools()]
        return any([*drawn, self.values.cancel()])

    def leave_tool(self) -> bool:
        """Give up what is being drawn, or else put the tool away; return whether there was anything."""
        if self.cancel():
            return True
        if self._name != "pick":
            self.choose("pick")
            return True
        was_open = bool(self.values.open)
        self.values.choose("")
        return was_open

    def keyPressEvent(self, event: object) -> None:
        """Let Escape put a tool away from within its panel too."""
        if event.key() != Qt.Key.Key_Escape or not self.leave_tool():
            super().keyPressEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Let Escape give up what is drawn or the tool, and say at once what held keys change."""
        kind = event.type()
        if kind == QEvent.Type.ToolTip:
            return self._tell_unit(watched, event)
        if kind == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            if self.leave_tool():
                return True
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.Enter):
            self._soon.start()
        elif kind == QEvent.Type.Leave and not self.tools["ball"].drawing:
            self.tools["ball"].band.clear()
        return super().eventFilter(watched, event)

    def _tell_unit(self, canvas: QWidget, event: QHelpEvent) -> bool:
        """Say which unit is under the pointer, if one is."""
        tool = self.tools["pick"] if canvas is self._cloud.native else self.movie_tool
        point = (float(event.pos().x()), float(event.pos().y()))
        unit = None if tool is None else tool.unit_at(point)
        if unit is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPos(), unit_words(self.session, unit), canvas)
        return unit is not None

    # -- what is shown

    def _all_tools(self) -> list[DragTool]:
        return [*self.tools.values(), *([] if self.movie_tool is None else [self.movie_tool])]

    def _measured_categories(self) -> Measure | None:
        measure = self._measure()
        return measure if measure is not None and measure.labels else None

    def _positions(self) -> np.ndarray | None:
        # between two stages the canvas still has the points of the last one
        return None if self._points() is None else self._cloud.positions()

    def _scene(self) -> Scene:
        coordinates = self._coordinates() if self.ball_options.in_all_axes else None
        return Scene(self._points()[:, ::-1], self._cloud.view(), coordinates)

    def _preview_soon(self, gesture: Gesture | None) -> None:
        self._preview = gesture
        if gesture is None:
            self._timer.stop()
            self._show_preview()
        elif not self._timer.isActive():
            self._timer.start()

    def _show_preview(self) -> None:
        self._show_count()
        self.previewed.emit()

    def _show_count(self) -> None:
        points = self._points()
        then = None if points is None or self._preview is None else self.shown_mask()
        self.counted.show(None if points is None else len(points), self._preview, then)

    def _follow_keys(self) -> None:
        held = held_keys()
        if held != self._held:
            self._held = held
            self._say()

    def _show_tool(self) -> None:
        usable = self._points() is not None
        clustered = usable and self._categories() is not None
        if self._name == "cluster" and not clustered:
            self._name = "pick"
        for name, tool in self.tools.items():
            tool.active = tool.clicks = name == self._name
            if not tool.active:
                tool.band.clear()
        if self.movie_tool is not None:
            self.movie_tool.active = self.movie_button.isChecked()
            self._zoom_box.allow(not self.movie_tool.active)
        for name, button in self.buttons.items():
            button.setChecked(name == self._name)
        for manner, button in self.manners.items():
            button.setChecked(manner == self._manner)
        for button in (
            *self.buttons.values(),
            *self.manners.values(),
            self.movie_button,
            self.deeds.invert,
            self.deeds.clear,
        ):
            button.setEnabled(usable)
        cluster = self.buttons["cluster"]
        cluster.setEnabled(clustered)
        cluster.setToolTip(f"{TOOLS['cluster'][2]} (C)" if clustered or not usable else NO_CLUSTERS)
        self.ball_options.setVisible(usable and self._name == "ball")
        self.values.show(self._points(), self._labels, self._measure() if usable else None)
        self._say()

    def _say(self) -> None:
        if self._points() is None:
            self.status.clear()
            return
        manner = manner_of(self._held, self._manner)
        categories = self._categories() if self._name == "cluster" else None
        category = "cluster" if categories is None else categories.name
        by_value, on_movie = self.values.open, self.movie_button.isChecked()
        self.status.setText(what_happens(self._name, manner, category, on_movie, by_value))
