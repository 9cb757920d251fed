"""The dock "Manifold": the recorded units of a stage in three dimensions, to be selected by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, QTimer
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
)

from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.colors import highlight
from napari_twinscope.rig.components import principal_components
from napari_twinscope.rig.layers import stimulus_labels
from napari_twinscope.rig.measures import EXPLANATIONS, MEASURE_NAMES, measure
from napari_twinscope.views import canvas
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.group_list import GroupList
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.pinned import dock_around, pin_dock
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.selection_tools import SelectionTools
from napari_twinscope.views.stage_choice import StageChoice

if TYPE_CHECKING:
    import napari
    import numpy as np

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.components import PrincipalComponents
    from napari_twinscope.rig.measures import Measure


class ManifoldDock(DockPage):
    """Units of a stage as points in the space of their first three principal components."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self._generations = Generations()
        self._components: PrincipalComponents | None = None
        self.cloud = PointCloud()
        self.tools = SelectionTools(
            self.session, self.cloud, self, points=self._points, measure=self._measure
        )
        self.box_tool = self.tools.tools["box"]
        self.groups = GroupList(self.session, host=self)
        self._build()
        self._connect()
        self._show_stage()

    def _build(self) -> None:
        self.box_button = self.tools.buttons["box"]
        self.grid_button = self.tools.movie_button
        self.clear_button = self.tools.clear_button
        self.reset_button = QPushButton("Reset view")
        self.reset_button.setToolTip("Show all units again")
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
        choices.addWidget(self.reset_button)
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.cloud.widget)
        self.legend = LegendView()
        self.variance = QLabel()
        self.variance.setToolTip("Part of the variance over units that each principal component explains")
        self.help = QLabel()
        self.help.setWordWrap(True)
        numbers = QHBoxLayout()
        numbers.addWidget(self.tools.count)
        numbers.addStretch(1)
        numbers.addWidget(self.variance)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(choices)
        layout.addWidget(self.tools)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        layout.addLayout(numbers)
        layout.addWidget(self.help)
        layout.addWidget(self.groups)
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
        self.links.connect(events.stage, self._show_stage)
        self.links.connect(events.measure, self._show_measure)
        self.links.connect(self.session.selection.changed, self._show_selection)
        self.links.connect(self.session.selection.picked, self._show_selection)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self.measure_choice.currentTextChanged.connect(self._choose_measure)
        self.tools.previewed.connect(self._show_selection)
        self.reset_button.clicked.connect(self.cloud.reset_view)
        self._follow_theme()

    # -- what the tools ask for

    def _points(self) -> np.ndarray | None:
        return None if self._components is None else self._components.scores

    def _measure(self) -> Measure | None:
        if self._components is None:
            return None
        labels = stimulus_labels(self.session.require_recording().protocol)
        return measure(self.session.measure, self.session.responses(), self.session.units(), labels)

    # -- what the user does

    def _choose_measure(self, name: str) -> None:
        self.session.measure = name

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
        self.tools.set_axis_labels(("PC 1", "PC 2", "PC 3"))
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
        self.variance.clear()
        self._show_tool()

    def _show_measure(self) -> None:
        self.measure_choice.setCurrentText(self.session.measure)
        if self._components is not None:
            self.legend.show_legend(self.session.colors()[1])
            self.tools.refresh()
            self._show_selection()

    def _show_selection(self) -> None:
        if self._components is None:
            return
        colors = highlight(self.session.colors()[0], self.tools.shown_mask())
        self.cloud.paint(colors, self._picked())

    def _picked(self) -> int | None:
        key = self.session.picked_unit()
        return None if key is None else self.session.selection.index(key)

    def _show_tool(self) -> None:
        self.tools.refresh()
        usable = self._components is not None
        self.reset_button.setEnabled(usable)
        self.help.setText(f"Note: {self._components.notes}." if usable and self._components.notes else "")

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
        self.tools.release()
        self.groups.links.release()
        self._generations.begin("components")
        self.cloud.close()


def _advice(error: BaseException) -> str:
    remedy = getattr(error, "remedy", None)
    return "" if remedy is None else f"{remedy[0].upper()}{remedy[1:]}."
