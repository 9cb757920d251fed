"""The dock "Stimuli in activity space": how stimuli lie and move in the space of the selected units."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, QTimer
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout

from napari_twinscope.errors import TwinscopeError
from napari_twinscope.rig.activity_space import StimulusSpace, steady_space
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.space_style import (
    axis_labels,
    drawn_paths,
    movie_colors,
    movie_name,
    numbers_text,
    units_text,
)
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.drag_tool import DragTool
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.latest import PATIENCE, Latest
from napari_twinscope.views.legend import LegendView
from napari_twinscope.views.pinned import pin_dock
from napari_twinscope.views.space_exports import SpaceExports
from napari_twinscope.views.space_form import SpaceForm
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.steady_line import SteadyLine
from napari_twinscope.views.stimulus_canvas import StimulusCanvas
from napari_twinscope.views.theme import theme_colors

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.gestures import Gesture

WHERE = "docks.Stimuli in activity space"  # in the file of a session
SMALL = 2_000_000  # responses of the units of a picture that is there by then
CANVAS = 120  # pixels that the canvas is high at least
LONG = 300  # milliseconds after which it is said that another picture is on its way


class ActivitySpaceDock(DockPage):
    """Decoding manifold and decoding trajectories of the selected units, linked to the movie."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.space: StimulusSpace | None = None
        self._asked_for: tuple[Any, ...] | None = None
        self._whole: tuple[tuple[Any, ...], StimulusSpace] | None = None
        self._seen: tuple[Any, ...] | None = None
        self._spanning = 0  # units selected for the picture shown; 0 if it is of all
        self._camera: Mapping[str, Any] | None = None
        self.latest = Latest(self.bench.background, "Stimuli in activity space")
        self.canvas = StimulusCanvas()
        self._build()
        self._late = QTimer(self, singleShot=True, interval=LONG)
        self._late.timeout.connect(self._say_late)
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.stage_choice = StageChoice(self.session)
        self.form = SpaceForm()
        self.reset_button = QPushButton("Reset view")
        self.reset_button.setToolTip("Show all stimuli again")
        self.reset_button.clicked.connect(self.canvas.reset_view)
        self.exports = SpaceExports(self.bench.viewer, self)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Take the figure, its coordinates or layers out of the window")
        self.export_button.setMenu(self.exports.menu(self))
        self.hint = Hint(
            "No stimuli to show yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.canvas.widget)
        self.pages.setMinimumHeight(CANVAS)
        self.legend = LegendView()
        self.status, self.numbers, self.now = SteadyLine(), SteadyLine(wrapped=True), SteadyLine()
        self.status.setToolTip("The units that span the space")
        self.numbers.setToolTip(
            "How much of the variance over the movies, or over their frames, lies along the axes shown"
        )
        self.now.setToolTip("The movie on the main canvas, marked here; click another one to show it")
        self.tool = DragTool(
            self.canvas.model,
            self.canvas.native,
            self.canvas.positions,
            self._pointed_at,
            lambda _: None,
        )
        stage = QHBoxLayout()
        stage.addWidget(Caption("Stage"))
        stage.addWidget(self.stage_choice, 1)
        stage.addWidget(self.reset_button)
        stage.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(stage)
        layout.addWidget(self.form)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.legend)
        for label in (self.now, self.status, self.numbers):
            layout.addWidget(label)
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        events = self.session.events
        self.links.connect(events.stage, self.refresh)
        self.links.connect(self.session.selection.changed, self._selection_changed)
        for signal in (events.condition, events.frame):
            self.links.connect(signal, self._show_current)
        self.links.connect(self.bench.viewer.events.theme, self._follow_theme)
        self.form.asked.connect(self.refresh)
        self.form.restyled.connect(self._draw)
        self._follow_theme()

    # -- what is computed

    def refresh(self) -> None:
        """Compute what the form asks for, of the units that are selected now; later if not visible."""
        if self.session.recording is None or not self.session.stage:
            self._forget(*self.hint.first)
            return
        if not self.isVisible():
            return
        options, problem = self.form.options()
        if problem is not None:
            self._forget("These options do not fit", in_lines(problem))
            return
        session, responses = self.session, self.session.responses()
        selected = session.selection.indices(session.stage)
        units = selected if self.form.follows and len(selected) else None
        question = (responses, options, None if units is None else units.tobytes(), self.form.turns)
        if _same(question, self._asked_for):
            self._draw()
            return
        self._asked_for = question
        kept = self._whole
        whole = kept[1] if kept is not None and _same(kept[0], (responses, options)) else None
        work = partial(steady_space, responses, options, units, turn=self.form.turns, whole=whole)
        count = responses.sizes["unit"] if units is None else len(units)
        quick = whole is not None and options.picture == "manifold"
        quick = quick and count * (responses.size // responses.sizes["unit"]) <= SMALL
        take = partial(self._take, question, 0 if units is None else len(units))
        if not self._late.isActive():
            self._late.start()
        self.latest.ask(lambda _: work(), take, PATIENCE if quick else 0.0)

    def _take(self, question: tuple[Any, ...], spanning: int, outcome: Outcome) -> None:
        if not _same(question, self._asked_for):
            return
        if outcome.error is not None:
            self._forget("These units span no space", in_lines(outcome.error), question)
            if not isinstance(outcome.error, TwinscopeError):
                show_error("Computing the decoding manifold", outcome.error, self)
            return
        whole, self.space = outcome.value
        self._spanning = spanning
        self._late.stop()
        self._whole = (question[:2], whole)
        self._draw()
        self.pages.setCurrentWidget(self.canvas.widget)

    def _forget(self, title: str, text: str, question: tuple[Any, ...] | None = None) -> None:
        """Show words in place of the picture."""
        self.latest.forget()
        self._late.stop()
        self._asked_for, self.space, self._seen = question, None, None
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        self.canvas.hide()
        self.legend.show_legend(None)
        for button in (self.reset_button, self.export_button):
            button.setEnabled(False)
        for label in (self.status, self.numbers, self.now):
            label.clear()

    def _selection_changed(self, stage: str = "") -> None:
        if stage in ("", self.session.stage) and self.form.follows:
            self.refresh()

    # -- what is shown

    def _draw(self) -> None:
        space = self.space
        if space is None or self.session.recording is None:
            return
        protocol = self.session.recording.protocol
        colors, legend = movie_colors(space, protocol, self.form.coloured_by)
        halves = self.form.halves and not space.is_still
        seen = (self.session.recording, self.session.stage, space.options)
        paths = drawn_paths(space, halves) / (space.spread or 1.0)
        self.canvas.show_paths(paths, colors, axis_labels(space, halves))
        if not _same(seen, self._seen):
            camera, self._camera = self._camera, None
            self._look_anew(camera)
        self._seen = seen
        self.legend.show_legend(legend)
        for button in (self.reset_button, self.export_button):
            button.setEnabled(True)
        total, stage = len(self.session.units()), self.session.stage
        self.status.setText(units_text(space, self._spanning, total, stage, self.form.follows))
        self.numbers.setText(numbers_text(space))
        self._show_current()

    def _say_late(self) -> None:
        """Say that the picture is not yet that of what is selected."""
        if self.latest.busy and self.space is not None:
            self.status.setText(f"{self.status.text()} · computing another one …")

    def _look_anew(self, camera: Mapping[str, Any] | None) -> None:
        if camera is not None:
            self.canvas.fit.restore(Fields(camera, WHERE))
        elif self.space is not None:
            self.canvas.reset_view()

    def _show_current(self) -> None:
        space = self.space
        if space is None or self.session.recording is None or not self.isVisible():
            return
        place = space.place_of(self.session.condition)
        self.canvas.show_current(place, self.session.frame)
        protocol = self.session.recording.protocol
        if place is None:
            self.now.setText("The movie on the screen is not among the stimuli taken here.")
            return
        seconds = self.session.frame / protocol.screen.frame_rate
        self.now.setText(f"On the screen: {movie_name(space, place, protocol)}, {seconds:.2f} s")

    def _follow_theme(self) -> None:
        self.canvas.model.theme = self.bench.viewer.theme
        self.canvas.show_text_color(theme_colors(self.bench.viewer)[0])

    # -- what the user does

    def _pointed_at(self, gesture: Gesture) -> None:
        """Show the movie of the point or path that was clicked, of a path at that frame."""
        if self.space is None or gesture.picked is None:
            return
        movie, frame = self.canvas.movie_at(gesture.picked)
        stimulus, direction = (int(value) for value in self.space.movies[movie])
        self.bench.show_frame((stimulus, direction), self.session.frame if frame is None else frame)

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return what is computed and how it is looked at."""
        return {**self.form.state(), "camera": self.canvas.fit.state()}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields = Fields(state, WHERE)
        self.form.restore(fields)
        camera = fields.part("camera")
        self._camera = camera.to_dict() if "zoom" in camera else None
        self.refresh()
        if self._camera is not None and self.space is not None and not self.latest.busy:
            self._look_anew(self._camera)
            self._camera = None

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a canvas about as large as the main one."""
        return QSize(480, 700)

    def showEvent(self, event: object) -> None:
        """Pin the dock, and catch up with what happened while it was hidden."""
        super().showEvent(event)
        pin_dock(self)
        self.refresh()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        self.latest.forget()
        self.stage_choice.links.release()
        self.tool.detach()
        self.canvas.close()


def _same(one: tuple[Any, ...], other: tuple[Any, ...] | None) -> bool:
    """Return whether two questions are the same; responses are compared by identity."""
    return (
        other is not None
        and len(one) == len(other)
        and one[0] is other[0]
        and all(a == b for a, b in zip(one[1:], other[1:], strict=True))
    )
