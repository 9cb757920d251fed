"""The dock "Manifold": the recorded units of a stage in three dimensions, to be selected by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSize, Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.colors import highlight
from napari_twinscope.rig.components import principal_components
from napari_twinscope.rig.measures import EXPLANATIONS, MEASURE_NAMES
from napari_twinscope.views import canvas
from napari_twinscope.views.box_tool import BoxTool
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.pinned import dock_around, pin_dock
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.stage_choice import StageChoice

if TYPE_CHECKING:
    import napari
    import numpy as np

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.components import PrincipalComponents
    from napari_twinscope.rig.selection import Manner

FREE = "Drag turns the view. Click picks a unit; Shift adds, Alt or Ctrl takes away. B: drag a box."
BOX = "Drag selects the units in the box, at any depth. Shift adds, Alt or Ctrl takes away, Esc cancels."
GRID = "Drag on the movie selects the units in the box. Shift adds, Alt or Ctrl takes away, Esc cancels."


class ManifoldDock(DockPage):
    """Units of a stage as points in the space of their first three principal components."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self._generations = Generations()
        self._components: PrincipalComponents | None = None
        self._preview: int | None = None
        self.cloud = PointCloud()
        self._build()
        self.box_tool = BoxTool(
            self.cloud.model, self.cloud.native, self.cloud.positions, self._select, self._show_preview
        )
        self.grid_tool: BoxTool | None = None
        self._connect()
        self._show_stage()

    def _build(self) -> None:
        self.box_button = _button("▭ Box", "B", "Select units by dragging a box in the manifold (B)", True)
        self.grid_button = _button(
            "▭ Box on movie", "G", "Select units by dragging a box on the movie (G)", True
        )
        self.clear_button = _button("Clear", None, "Select no unit", False)
        self.reset_button = _button("Reset view", None, "Show all units again", False)
        tools = QHBoxLayout()
        for button in (self.box_button, self.grid_button, self.clear_button, self.reset_button):
            tools.addWidget(button)
        tools.addStretch(1)
        self.stage_choice = StageChoice(self.session)
        self.measure_choice = QComboBox()
        self.measure_choice.setAccessibleName("Colour by")
        for name in MEASURE_NAMES:
            self.measure_choice.addItem(name)
            index = self.measure_choice.count() - 1
            self.measure_choice.setItemData(index, EXPLANATIONS[name], Qt.ItemDataRole.ToolTipRole)
        choices = QHBoxLayout()
        choices.addWidget(QLabel("Stage"))
        choices.addWidget(self.stage_choice, 1)
        choices.addSpacing(8)
        choices.addWidget(QLabel("Colour by"))
        choices.addWidget(self.measure_choice, 1)
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.cloud.widget)
        self.legend = LegendView()
        self.count = QLabel()
        self.count.setStyleSheet("font-weight: 600;")
        self.variance = QLabel()
        self.variance.setToolTip("Part of the variance over units that each principal component explains")
        self.help = QLabel()
        self.help.setWordWrap(True)
        numbers = QHBoxLayout()
        numbers.addWidget(self.count)
        numbers.addStretch(1)
        numbers.addWidget(self.variance)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(choices)
        layout.addLayout(tools)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        layout.addLayout(numbers)
        layout.addWidget(self.help)
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _find_main_canvas(self) -> None:
        """Make the tool for boxes on the movie, once this dock has found its window."""
        dock = dock_around(self)
        window = None if dock is None else dock.parent()
        if self.grid_tool is not None or not isinstance(window, QMainWindow):
            return
        viewer = self.bench.viewer
        self.grid_tool = BoxTool(
            viewer,
            window.centralWidget().findChildren(QOpenGLWidget)[0],
            lambda: canvas.unit_positions(viewer),
            self._select,
            self._show_preview,
        )
        self.grid_tool.band.parentWidget().installEventFilter(self)
        self._show_tool()

    def _connect(self) -> None:
        events = self.session.events
        self.links.connect(events.stage, self._show_stage)
        self.links.connect(events.measure, self._show_measure)
        self.links.connect(self.session.selection.changed, self._show_selection)
        self.links.connect(self.session.selection.picked, self._show_selection)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self.measure_choice.currentTextChanged.connect(self._choose_measure)
        self.box_button.toggled.connect(self._show_tool)
        self.grid_button.toggled.connect(self._show_tool)
        self.clear_button.clicked.connect(self._clear)
        self.reset_button.clicked.connect(self.cloud.reset_view)
        self.cloud.native.installEventFilter(self)
        self._follow_theme()

    def _canvases(self) -> list[QWidget]:
        return [tool.band.parentWidget() for tool in (self.box_tool, self.grid_tool) if tool is not None]

    # -- what the user does

    def _select(self, units: np.ndarray, manner: Manner, picked: int | None) -> None:
        self.session.selection.apply(self.session.stage, units, manner, picked)

    def _clear(self) -> None:
        if self.session.stage:
            self.session.selection.clear(self.session.stage)

    def _choose_measure(self, name: str) -> None:
        self.session.measure = name

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Let Escape give up the box being drawn."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            tools = [tool for tool in (self.box_tool, self.grid_tool) if tool is not None]
            if any(tool.cancel() for tool in tools):
                return True
        return super().eventFilter(watched, event)

    # -- what the session shows

    def _show_stage(self) -> None:
        self._components = None
        generation = self._generations.begin("components")
        if self.session.recording is None or not self.session.stage:
            self._show_message(*self.hint.first)
            return
        responses = self.session.responses()
        job = Job("Principal components", lambda _: principal_components(responses))

        def done(outcome: Outcome[PrincipalComponents]) -> None:
            if self._generations.is_current("components", generation):
                self._show_components(outcome)

        self.help.setText("Computing principal components …")
        self.bench.background.start(job, done)

    def _show_components(self, outcome: Outcome[PrincipalComponents]) -> None:
        if outcome.error is not None:
            problem = getattr(outcome.error, "problem", str(outcome.error))
            self._show_message("This stage has no manifold", f"{problem}\n{_advice(outcome.error)}")
            return
        self._components = outcome.value
        percent = [f"{100 * part:.0f}" for part in outcome.value.explained]
        self.cloud.show_points(outcome.value.scores, ("PC 1", "PC 2", "PC 3"))
        self.variance.setText(f"Variance of PC 1 to 3: {', '.join(percent)} %")
        self.pages.setCurrentWidget(self.cloud.widget)
        QTimer.singleShot(0, self.cloud.reset_view)  # once the canvas has its size
        self._show_measure()
        self._show_tool()

    def _show_message(self, title: str, text: str) -> None:
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        self.cloud.hide()
        self.legend.show_legend(None)
        self.count.clear()
        self.variance.clear()
        self._show_tool()

    def _show_measure(self) -> None:
        self.measure_choice.setCurrentText(self.session.measure)
        if self._components is not None:
            self.legend.show_legend(self.session.colors()[1])
            self._show_selection()

    def _show_selection(self) -> None:
        if self._components is None:
            return
        mask = self.session.selection.mask(self.session.stage)
        colors = highlight(self.session.colors()[0], mask)
        self.cloud.paint(colors, self._picked())
        self._show_count()

    def _picked(self) -> int | None:
        key = self.session.picked_unit()
        return None if key is None else self.session.selection.index(key)

    def _show_count(self) -> None:
        if self._components is None:
            return
        total = len(self._components.scores)
        text = f"{self.session.selection.count(self.session.stage)} of {total} units selected"
        if self._preview is not None:
            text += f" · {self._preview} in the box"
        self.count.setText(text)

    def _show_preview(self, inside: int | None) -> None:
        self._preview = inside
        self._show_count()

    def _show_tool(self) -> None:
        self.box_tool.active = self.box_button.isChecked()
        if self.grid_tool is not None:
            self.grid_tool.active = self.grid_button.isChecked()
        usable = self._components is not None
        for button in (self.box_button, self.grid_button, self.clear_button, self.reset_button):
            button.setEnabled(usable)
        lines = []
        if usable:
            lines.append(BOX if self.box_button.isChecked() else FREE)
            if self.grid_button.isChecked():
                lines.append(GRID)
            if self._components.notes:
                lines.append(f"Note: {self._components.notes}.")
        self.help.setText("\n".join(lines))

    def _follow_theme(self) -> None:
        self.cloud.model.theme = self.bench.viewer.theme

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the main one."""
        return QSize(560, 700)

    def showEvent(self, event: object) -> None:
        """Pin the dock."""
        super().showEvent(event)
        pin_dock(self)
        self._find_main_canvas()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.stage_choice.links.release()
        for widget in self._canvases():
            widget.removeEventFilter(self)
        for tool in (self.box_tool, self.grid_tool):
            if tool is not None:
                tool.detach()
        self._generations.begin("components")
        self.cloud.close()


def _button(text: str, shortcut: str | None, tip: str, checkable: bool) -> QPushButton:
    button = QPushButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    if shortcut is not None:
        button.setShortcut(QKeySequence(shortcut))
    return button


def _advice(error: BaseException) -> str:
    remedy = getattr(error, "remedy", None)
    return "" if remedy is None else f"{remedy[0].upper()}{remedy[1:]}."
