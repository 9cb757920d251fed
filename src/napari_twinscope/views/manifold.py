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
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.views import canvas
from napari_twinscope.views.another_button import AnotherButton
from napari_twinscope.views.axis_choice import AxisChoice
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import EncodingPanel
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.group_list import GroupList
from napari_twinscope.views.measure_choice import MeasureChoice
from napari_twinscope.views.pinned import dock_around, pin_dock
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.style_choice import StyleChoice
from napari_twinscope.views.unit_space import UnitSpace

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari


class ManifoldDock(DockPage):
    """Units of a stage as points on their encoding manifold, or of their first principal components."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.space = UnitSpace(self, self.session)
        self.cloud, self.tools = self.space.cloud, self.space.tools
        self.pages, self.hint, self.legend = self.space.pages, self.space.hint, self.space.legend
        self.reset_button = self.space.reset_button
        self.box_tool = self.tools.tools["box"]
        self.groups = GroupList(self.session, host=self)
        self._build()
        self.space.drawn.connect(self._show_numbers)
        self.space.show_units()

    def _build(self) -> None:
        self.box_button = self.tools.buttons["box"]
        self.grid_button = self.tools.movie_button
        self.clear_button = self.tools.clear_button
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
        self.another_button = AnotherButton(self.bench)
        stage_row, look_row = QHBoxLayout(), QHBoxLayout()
        for row in (stage_row, look_row):
            row.addStrut(26)  # lists that are filled before they are seen are a little lower
        stage_row.addWidget(Caption("Stage"))
        stage_row.addWidget(self.stage_choice, 1)
        stage_row.addWidget(self.encoding.report_button)
        stage_row.addWidget(self.export_button)
        stage_row.addWidget(self.another_button)
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
        self.variance = QLabel()
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
        layout.addWidget(self.tools.counted.which)
        layout.addWidget(self.groups)
        self._show_style(False)

    def _find_main_canvas(self) -> None:
        """Let boxes be dragged on the movie too, once this dock has found its window."""
        dock = dock_around(self)
        window = None if dock is None else dock.parent()
        if self.tools.movie_tool is not None or not isinstance(window, QMainWindow):
            return
        viewer = self.bench.viewer
        native = window.centralWidget().findChildren(QOpenGLWidget)[0]
        self.tools.use_movie(viewer, native, lambda: canvas.unit_positions(viewer))

    def _show_numbers(self) -> None:
        cloud = self.space.shown()
        self.variance.setText("" if cloud is None else cloud.numbers)

    def _show_style(self, on: bool) -> None:
        self.style_page.setVisible(on)
        self.style_button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return camera, tool, options of the next manifold, and what is folded away."""
        return {
            **self.space.state(),
            "options": asdict(self.encoding.form.draft),
            "options_open": self.encoding.options_button.isChecked(),
            "groups_open": self.groups.fold.is_open,
            "style_open": self.style_button.isChecked(),
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields, draft = Fields(state, "docks.Manifold"), self.encoding.form.draft
        for name, value in asdict(draft).items():
            setattr(draft, name, fields.part("options").like(name, value))
        self.encoding.options_button.setChecked(fields.boolean("options_open", False))
        self.groups.fold.set_open(fields.boolean("groups_open", True))
        self.style_button.setChecked(fields.boolean("style_open", False))
        self.space.restore(fields)

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the main one."""
        return QSize(560, 700)

    def showEvent(self, event: object) -> None:
        """Pin the dock, and catch up with what was selected while it was hidden."""
        super().showEvent(event)
        pin_dock(self)
        self._find_main_canvas()
        self.space.catch_up()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.stage_choice.links.release()
        self.space.release()
        self.groups.links.release()
        self.measure_choice.links.release()
        self.axis_choice.links.release()
        self.style_choice.links.release()
        self.encoding.release()
