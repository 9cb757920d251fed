"""The dock "Second manifold": another stage beside the first, with the selection followed into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QSize
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.companion import Companion
from napari_twinscope.rig.encoding import first_look
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.measures import measures_of_responses
from napari_twinscope.rig.places import have_places, select_same_places, units_at_same_places
from napari_twinscope.rig.session_picture import unit_colors
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.measure_choice import MeasureChoice
from napari_twinscope.views.pinned import pin_dock
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.selection_tools import SelectionTools
from napari_twinscope.views.stage_choice import StageChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.encoding_cloud import Cloud


class SecondManifoldDock(DockPage):
    """Units of a stage of its own; what is selected there and in the first manifold is one selection."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.first = self.session
        self.companion = Companion(self.first)
        self.session = self.companion.session
        self._generations = Generations()
        self._drawn: Cloud | None = None
        self.cloud = PointCloud()
        self.tools = SelectionTools(
            self.session,
            self.cloud,
            self,
            points=lambda: None if self._shown() is None else self._shown().points,
            measure=lambda: None if self._shown() is None else self.session.measured(),
            categories=lambda: None if self._shown() is None else self.session.categories(),
            coordinates=lambda: None if self._shown() is None else self._shown().coordinates,
        )
        self.tools.movie_button.hide()  # the units on the movie are those of the first manifold
        self._build()
        self._connect()
        self._show_stage()

    def _build(self) -> None:
        self.stage_choice = StageChoice(self.session)
        self.measure_choice = MeasureChoice(self.session)
        self.follow = QCheckBox("Follow the selected places")
        self.follow.setToolTip(
            "Highlight the units with the row and column of those selected in the first manifold;\n"
            "grids of different size are compared on the coarser one"
        )
        self.select_button = QPushButton("Select them")
        self.select_button.setToolTip("Select the units at the places selected in the first manifold")
        self.reset_button = QPushButton("Reset view")
        self.reset_button.setToolTip("Show all units again")
        self.followed = QLabel()
        self.followed.setWordWrap(True)
        self.hint = Hint(
            "No units to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.cloud.widget)
        self.pages.setMinimumHeight(120)
        self.legend = LegendView()
        self.numbers = QLabel()
        self.numbers.setWordWrap(True)
        stage_row, look_row, following = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        stage_row.addWidget(Caption("Stage"))
        stage_row.addWidget(self.stage_choice, 1)
        look_row.addWidget(Caption("Colour by"))
        look_row.addWidget(self.measure_choice, 1)
        look_row.addWidget(self.reset_button)
        following.addWidget(self.follow, 1)
        following.addWidget(self.select_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(stage_row)
        layout.addLayout(look_row)
        layout.addWidget(self.numbers)
        layout.addWidget(self.tools)
        layout.addLayout(following)
        layout.addWidget(self.followed)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        layout.addWidget(self.tools.count)
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        events = self.session.events
        self.links.connect(events.stage, self._show_stage)
        self.links.connect(events.looks, self._show_cloud)
        self.links.connect(events.measure, self._show_measure)
        self.links.connect(self.session.selection.changed, self._show_selection)
        self.links.connect(self.session.selection.picked, self._show_selection)
        self.links.connect(self.first.events.stage, self._show_selection)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self.tools.previewed.connect(self._show_selection)
        self.follow.toggled.connect(self._show_selection)
        self.select_button.clicked.connect(self.select_same_places)
        self.reset_button.clicked.connect(self.cloud.reset_view)
        self._follow_theme()

    # -- what the user does

    def select_same_places(self) -> None:
        """Select the units at the places selected in the first manifold; one step that can be undone."""
        try:
            self.first.require_recording()
            select_same_places(self.first, self.first.stage, self.session.stage)
        except InvalidInput as error:
            show_error("Following the units", error, self)

    # -- what is shown

    def _shown(self) -> Cloud | None:
        return self.session.cloud() if self.session.recording is not None and self.session.stage else None

    def _show_stage(self) -> None:
        """Show the stage; what of it is not known yet is made in the background."""
        session = self.session
        if session.recording is not None and session.stage and self.isVisible():
            recording, stage = session.recording, session.stage
            known = session.look
            if not known.is_ready or not known.recorded:
                generation, responses = self._generations.begin("look"), session.responses()

                def make(_: object) -> tuple:
                    look = known if known.is_ready else first_look(recording, stage, responses)
                    return look, known.recorded or measures_of_responses(responses)

                def done(outcome: Outcome) -> None:
                    current = self._generations.is_current("look", generation)
                    if not current or session.recording is not recording:
                        return
                    if outcome.error is not None:
                        show_error("Opening the manifold", outcome.error)
                    else:
                        self.companion.look(stage, *outcome.value)

                self.bench.background.start(Job("Manifold", make), done)
        self._show_cloud()

    def _show_cloud(self) -> None:
        cloud, look = self._shown(), self.session.look
        if cloud is self._drawn and cloud is not None:
            return
        self._drawn = cloud
        if cloud is None:
            if self.session.recording is None or not self.session.stage:
                self.hint.show_text(*self.hint.first)
            elif look.problem is not None:
                self.hint.show_text("This stage has no manifold", look.problem.args[0])
            else:
                self.hint.show_text("Looking at the units …", "")
            self.pages.setCurrentWidget(self.hint)
            self.cloud.hide()
            self.follow.setEnabled(False)
            self.select_button.setEnabled(False)
            self.legend.show_legend(None)
            self.numbers.clear()
            self.tools.refresh()
            return
        self.cloud.show_points(cloud.points, cloud.labels)
        self.tools.set_axis_labels(cloud.labels)
        self.numbers.setText(" ".join(t for t in (f"{cloud.numbers}.", cloud.warning, cloud.left_out) if t))
        self.pages.setCurrentWidget(self.cloud.widget)
        self._show_measure()

    def _show_measure(self) -> None:
        if self._shown() is not None:
            self.legend.show_legend(self.session.colors()[1])
            self.tools.refresh()
            self._show_selection()

    def _show_selection(self) -> None:
        if self._shown() is None or not self.isVisible():
            return
        mask = self.tools.shown_mask()
        mask[self._followed()] = True
        key = self.session.picked_unit()
        picked = None if key is None else self.session.selection.index(key)
        self.cloud.paint(unit_colors(self.session, mask), picked, self.session.point_style())

    def _followed(self) -> np.ndarray:
        """Return the units at the places selected in the first manifold, and say how many."""
        first, nothing = self.first, np.zeros(0, np.intp)
        other = bool(first.stage) and first.stage != self.session.stage
        can = other and have_places(first, first.stage, self.session.stage)
        self.follow.setEnabled(can)
        self.select_button.setEnabled(can and first.selection.count(first.stage) > 0)
        if not can or not self.follow.isChecked():
            on_grid = can or not other
            self.followed.setText("" if on_grid else "Read-out units lie on no grid and cannot be followed.")
            self.followed.setVisible(not on_grid)
            return nothing
        units = units_at_same_places(first, first.stage, self.session.stage)
        self.followed.setText(
            f"{len(units)} units at the places of the {first.selection.count(first.stage)} "
            f"selected in {first.stage}."
        )
        self.followed.show()
        return units

    def _follow_theme(self) -> None:
        self.cloud.model.theme = self.bench.viewer.theme

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return the stage, its colouring, the camera, and whether places are followed."""
        return {
            "stage": self.session.stage,
            "measure": self.session.measure,
            "follow": self.follow.isChecked(),
            "camera": self.cloud.fit.state(),
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields = Fields(state, "docks.Second manifold")
        stage = fields.text("stage", self.session.stage)
        recording = self.session.recording
        if recording is not None and stage in recording.stages:
            self.session.show_stage(stage)
        self.session.measure = fields.text("measure", self.session.measure)
        self.follow.setChecked(fields.boolean("follow", False))
        self.cloud.fit.restore(fields.part("camera"))

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the first one."""
        return QSize(480, 600)

    def showEvent(self, event: object) -> None:
        """Pin the dock, and catch up with what happened while it was hidden."""
        super().showEvent(event)
        pin_dock(self)
        self._show_stage()
        self._show_selection()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self._generations.begin("look")
        self.companion.release()
        self.stage_choice.links.release()
        self.measure_choice.links.release()
        self.tools.release()
        self.cloud.close()
