"""The dock "Second manifold", and as many more of its kind: other stages beside the first, one selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QSize
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.encoding import chosen_look, first_look
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.measures import measures_of_responses
from napari_twinscope.rig.places import have_places, select_same_places, units_at_same_places
from napari_twinscope.views.another_button import AnotherButton
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.look_choice import LookChoice
from napari_twinscope.views.measure_choice import MeasureChoice
from napari_twinscope.views.pinned import pin_dock
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.unit_space import UnitSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import napari

    from napari_twinscope.manifolds import EncodingOptions
    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.rig.measures import Measure


class SecondManifoldDock(DockPage):
    """Units of a stage of its own; what is selected in any manifold is one selection."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.first = self.session
        self.companion = self.bench.companion()
        self.session = self.companion.session
        self._generations = Generations()
        self.space = UnitSpace(self, self.session, also=self._followed)
        self.cloud, self.tools = self.space.cloud, self.space.tools
        self.pages, self.hint, self.legend = self.space.pages, self.space.hint, self.space.legend
        self.reset_button = self.space.reset_button
        self.tools.movie_button.hide()  # the units on the movie are those of the first manifold
        self._build()
        self._connect()
        self._show_stage()

    def _build(self) -> None:
        self.stage_choice = StageChoice(self.session)
        self.measure_choice = MeasureChoice(self.session)
        self.look_choice = LookChoice(self.session)
        self.look_choice.activated.connect(lambda index: self.choose_look(self.look_choice.options(index)))
        self.another_button = AnotherButton(self.bench)
        self.exports = Exports(self.bench.viewer, self, manifold=self)
        self.figure_button = QPushButton("Figure …")
        self.figure_button.setToolTip("Save what this canvas shows, as SVG, PDF or PNG")
        self.figure_button.clicked.connect(self.exports.manifold_figure)
        self.follow = QCheckBox("Follow the selected places")
        self.follow.setToolTip(
            "Highlight the units with the row and column of those selected in the first manifold;\n"
            "grids of different size are compared on the coarser one"
        )
        self.select_button = QPushButton("Select them")
        self.select_button.setToolTip("Select the units at the places selected in the first manifold")
        self.followed, self.numbers = QLabel(), QLabel()
        for label in (self.followed, self.numbers):
            label.setWordWrap(True)
        stage_row, look_row, following = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self.shown = QWidget()
        shown_row = QHBoxLayout(self.shown)
        shown_row.setContentsMargins(0, 0, 0, 0)
        shown_row.addWidget(Caption("Shown"))
        shown_row.addWidget(self.look_choice, 1)
        stage_row.addWidget(Caption("Stage"))
        stage_row.addWidget(self.stage_choice, 1)
        stage_row.addWidget(self.figure_button)
        stage_row.addWidget(self.another_button)
        look_row.addWidget(Caption("Colour by"))
        look_row.addWidget(self.measure_choice, 1)
        look_row.addWidget(self.reset_button)
        following.addWidget(self.follow, 1)
        following.addWidget(self.select_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(stage_row)
        layout.addWidget(self.shown)
        layout.addLayout(look_row)
        layout.addWidget(self.numbers)
        layout.addWidget(self.tools)
        layout.addLayout(following)
        layout.addWidget(self.followed)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        layout.addWidget(self.tools.count)
        layout.addWidget(self.tools.counted.which)

    def _connect(self) -> None:
        self.space.drawn.connect(self._show_numbers)
        self.links.connect(self.session.events.stage, self._show_stage)
        self.links.connect(self.session.events.looks, self._show_choice)
        self.links.connect(self.first.events.stage, self.space.paint)
        self.follow.toggled.connect(self.space.paint)
        self.select_button.clicked.connect(self.select_same_places)

    # -- what the user does

    def select_same_places(self) -> None:
        """Select the units at the places selected in the first manifold; one step that can be undone."""
        try:
            self.first.require_recording()
            select_same_places(self.first, self.first.stage, self.session.stage)
        except InvalidInput as error:
            show_error("Following the units", error, self)

    def choose_look(self, options: EncodingOptions | None) -> None:
        """Show a manifold of the stage, or its principal components, here alone."""
        session = self.session
        recording, stage, known = session.require_recording(), session.stage, session.look
        if known.is_ready and known.shown == options:
            return
        responses = session.responses()
        self._ask(lambda: chosen_look(recording, stage, responses, known, options), self.companion.choose)

    # -- what is shown

    def _show_stage(self) -> None:
        """Show the stage; what of it is not known yet is made in the background."""
        session = self.session
        if session.recording is not None and session.stage and self.isVisible():
            recording, stage, known = session.recording, session.stage, session.look
            if not known.is_ready:
                responses = session.responses()
                self._ask(lambda: first_look(recording, stage, responses), self.companion.look)
            elif not known.recorded:
                self._ask(lambda: known, self.companion.look)
        self._show_choice()
        self.space.show_units()

    def _ask(
        self, make: Callable[[], Look], take: Callable[[str, Look, Mapping[str, Measure]], None]
    ) -> None:
        """Make a look in the background, with measures of the responses; only the newest is taken."""
        session = self.session
        recording, stage = session.recording, session.stage
        known, responses = session.look, session.responses()
        generation = self._generations.begin("look")

        def work(_: object) -> tuple:
            return make(), known.recorded or measures_of_responses(responses)

        def done(outcome: Outcome) -> None:
            if not self._generations.is_current("look", generation) or session.recording is not recording:
                return
            if outcome.error is not None:
                show_error("Opening the manifold", outcome.error)
            else:
                take(stage, *outcome.value)

        self.bench.background.start(Job("Manifold", work), done)

    def _show_choice(self) -> None:
        self.look_choice.refresh()
        self.shown.setVisible(self.look_choice.count() > 1)

    def _show_numbers(self) -> None:
        cloud = self.space.shown()
        if cloud is None:
            self.follow.setEnabled(False)
            self.select_button.setEnabled(False)
            self.numbers.clear()
        else:
            problem = self.session.look.problem
            why = "" if problem is None else in_lines(problem)
            words = (f"{cloud.numbers}.", cloud.warning, cloud.left_out, why)
            self.numbers.setText(" ".join(text for text in words if text))

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

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return the stage, its colouring, camera and tool, and whether places are followed.

        The manifold is there if it is another than the first dock shows of that stage.
        """
        shown = self.session.look.shown
        own = {"shown": None if shown is None else shown.to_dict()} if self.companion.has_own_look else {}
        return {
            **own,
            "stage": self.session.stage,
            "measure": self.session.measure,
            "follow": self.follow.isChecked(),
            **self.space.state(),
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields = Fields(state, f"docks.{self.name}")
        stage = fields.text("stage", self.session.stage)
        recording = self.session.recording
        if recording is not None and stage in recording.stages:
            self.session.show_stage(stage)
            if "shown" in fields:
                self._restore_look(fields)
        self.session.measure = fields.text("measure", self.session.measure)
        self.follow.setChecked(fields.boolean("follow", False))
        self.space.restore(fields)

    def _restore_look(self, fields: Fields) -> None:
        from napari_twinscope.manifolds import EncodingOptions

        none = fields.plain("shown") is None
        self.choose_look(None if none else EncodingOptions.from_dict(fields.part("shown").to_dict()))

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the first one."""
        return QSize(480, 600)

    def showEvent(self, event: object) -> None:
        """Pin the dock, and catch up with what happened while it was hidden."""
        super().showEvent(event)
        pin_dock(self)
        self._show_stage()
        self.space.catch_up()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self._generations.begin("look")
        self.companion.release()
        self.stage_choice.links.release()
        self.measure_choice.links.release()
        self.space.release()
