"""The dock "Manifold": the recorded units of a stage in three dimensions, to be selected by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.session_picture import unit_colors
from napari_twinscope.views import canvas
from napari_twinscope.views.axis_choice import AxisChoice
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import EncodingPanel, in_lines
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.group_list import GroupList
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.measure_choice import MeasureChoice
from napari_twinscope.views.pinned import dock_around, pin_dock
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.selection_tools import SelectionTools
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.style_choice import StyleChoice
from napari_twinscope.views.tool_words import MANNERS, TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari
    import numpy as np

    from napari_twinscope.rig.encoding_cloud import Cloud
    from napari_twinscope.rig.measures import Measure

CANVAS = 120  # pixels that the canvas is high at least


class ManifoldDock(DockPage):
    """Units of a stage as points on their encoding manifold, or of their first principal components."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self._drawn: Cloud | None = None
        self.cloud = PointCloud()
        self.tools = SelectionTools(
            self.session,
            self.cloud,
            self,
            points=self._points,
            measure=self._measure,
            categories=self._clusters,
            coordinates=self._coordinates,
        )
        self.box_tool = self.tools.tools["box"]
        self.groups = GroupList(self.session, host=self)
        self._build()
        self._connect()
        self._show_cloud()

    def _build(self) -> None:
        self.box_button = self.tools.buttons["box"]
        self.grid_button = self.tools.movie_button
        self.clear_button = self.tools.clear_button
        self.reset_button = QPushButton("Reset view")
        self.reset_button.setToolTip("Show all units again")
        self.stage_choice = StageChoice(self.session)
        self.measure_choice = MeasureChoice(self.session)
        self.encoding = EncodingPanel(self.bench)
        self.axis_choice = AxisChoice(self.session)
        self.style_choice = StyleChoice(self.session)
        self.style_button = QToolButton()
        self.style_button.setText("More")
        self.style_button.setToolTip("Size and opacity by measures, and which coordinates are shown")
        self.style_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.style_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.style_button.setCheckable(True)
        self.style_button.toggled.connect(self._show_style)
        self.exports = Exports(self.bench.viewer, self)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Take figures, tables and layers out of the window")
        self.export_button.setMenu(self.exports.menu(self))
        stage_row, look_row = QHBoxLayout(), QHBoxLayout()
        for row in (stage_row, look_row):
            row.addStrut(26)  # lists that are filled before they are seen are a little lower
        stage_row.addWidget(Caption("Stage"))
        stage_row.addWidget(self.stage_choice, 1)
        stage_row.addWidget(self.encoding.report_button)
        stage_row.addWidget(self.export_button)
        look_row.addWidget(Caption("Colour by"))
        look_row.addWidget(self.measure_choice, 1)
        look_row.addWidget(self.style_button)
        look_row.addWidget(self.reset_button)
        self.style_page = QWidget()
        style_rows = QVBoxLayout(self.style_page)
        style_rows.setContentsMargins(0, 0, 0, 0)
        style_rows.setSpacing(4)
        style_rows.addWidget(self.style_choice)
        style_rows.addWidget(self.axis_choice)
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.cloud.widget)
        self.legend = LegendView()
        self.variance = QLabel()
        self.pages.setMinimumHeight(CANVAS)
        numbers = QHBoxLayout()
        numbers.addWidget(self.tools.count, 1)
        numbers.addWidget(self.variance)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(stage_row)
        layout.addWidget(self.encoding)
        layout.addLayout(look_row)
        layout.addWidget(self.style_page)
        layout.addWidget(self.tools)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        layout.addWidget(self.style_choice.meaning)
        layout.addLayout(numbers)
        layout.addWidget(self.groups)
        self._show_style(False)
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _find_main_canvas(self) -> None:
        """Let boxes be dragged on the movie too, once this dock has found its window."""
        dock = dock_around(self)
        window = None if dock is None else dock.parent()
        if self.tools.movie_tool is not None or not isinstance(window, QMainWindow):
            return
        viewer = self.bench.viewer
        native = window.centralWidget().findChildren(QOpenGLWidget)[0]
        self.tools.use_movie(viewer, native, lambda: canvas.unit_positions(viewer))

    def _connect(self) -> None:
        events = self.session.events
        for signal in (events.stage, events.looks, events.axes, events.turned):
            self.links.connect(signal, self._show_cloud)
        self.links.connect(events.measure, self._show_measure)
        for signal in (events.size_by, events.opacity_by):
            self.links.connect(signal, self._show_selection)
        self.links.connect(self.session.selection.changed, self._show_selection)
        self.links.connect(self.session.selection.picked, self._show_selection)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self.tools.previewed.connect(self._show_selection)
        self.reset_button.clicked.connect(self.cloud.reset_view)
        self._follow_theme()

    # -- what the tools ask for

    def _shown(self) -> Cloud | None:
        return self.session.cloud() if self.session.recording is not None and self.session.stage else None

    def _points(self) -> np.ndarray | None:
        cloud = self._shown()
        return None if cloud is None else cloud.points

    def _measure(self) -> Measure | None:
        return None if self._shown() is None else self.session.measured()

    def _clusters(self) -> Measure | None:
        return None if self._shown() is None else self.session.categories()

    def _coordinates(self) -> np.ndarray | None:
        cloud = self._shown()
        return None if cloud is None else cloud.coordinates

    # -- what the session shows

    def _show_cloud(self) -> None:
        cloud, look = self._shown(), self.session.look
        if cloud is self._drawn and cloud is not None:
            return
        self._drawn = cloud
        if cloud is None:
            if self.session.recording is None or not self.session.stage:
                self._show_message(*self.hint.first)
            elif look.problem is not None:
                self._show_message("This stage has no manifold", in_lines(look.problem))
            else:
                self._show_message("Looking at the units …", "")
            return
        self.cloud.show_points(cloud.points, cloud.labels)
        self.tools.set_axis_labels(cloud.labels)
        self.variance.setText(cloud.numbers)
        self.pages.setCurrentWidget(self.cloud.widget)
        self._show_measure()
        self._show_tool()

    def _show_message(self, title: str, text: str) -> None:
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        self.cloud.hide()
        self.legend.show_legend(None)
        self.variance.clear()
        self._show_tool()

    def _show_measure(self) -> None:
        if self._shown() is not None:
            self.legend.show_legend(self.session.colors()[1])
            self.tools.refresh()
            self._show_selection()

    def _show_selection(self) -> None:
        if self._shown() is None or not self.isVisible():
            return
        colors = unit_colors(self.session, self.tools.shown_mask())
        self.cloud.paint(colors, self._picked(), self.session.point_style())

    def _picked(self) -> int | None:
        key = self.session.picked_unit()
        return None if key is None else self.session.selection.index(key)

    def _show_tool(self) -> None:
        self.tools.refresh()
        self.reset_button.setEnabled(self._shown() is not None)

    def _show_style(self, on: bool) -> None:
        self.style_page.setVisible(on)
        self.style_button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def _follow_theme(self) -> None:
        self.cloud.model.theme = self.bench.viewer.theme

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return camera, tool, options of the next manifold, and what is folded away."""
        tool, manner = self.tools.chosen
        return {
            "camera": self.cloud.fit.state(),
            "tool": tool,
            "manner": manner,
            "options": asdict(self.encoding.form.draft),
            "options_open": self.encoding.options_button.isChecked(),
            "groups_open": self.groups.fold.is_open,
            "style_open": self.style_button.isChecked(),
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields, draft = Fields(state, "docks.Manifold"), self.encoding.form.draft
        self.tools.choose(fields.text("tool", "pick", among=tuple(TOOLS)))
        self.tools.choose_manner(fields.text("manner", "replace", among=tuple(MANNERS)))
        for name, value in asdict(draft).items():
            setattr(draft, name, fields.part("options").like(name, value))
        self.encoding.options_button.setChecked(fields.boolean("options_open", False))
        self.groups.fold.set_open(fields.boolean("groups_open", True))
        self.style_button.setChecked(fields.boolean("style_open", False))
        self.cloud.fit.restore(fields.part("camera"))

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the main one."""
        return QSize(560, 700)

    def showEvent(self, event: object) -> None:
        """Pin the dock, and catch up with what was selected while it was hidden."""
        super().showEvent(event)
        pin_dock(self)
        self._find_main_canvas()
        self._show_selection()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.stage_choice.links.release()
        self.tools.release()
        self.groups.links.release()
        self.measure_choice.links.release()
        self.axis_choice.links.release()
        self.style_choice.links.release()
        self.encoding.release()
        self.cloud.close()
