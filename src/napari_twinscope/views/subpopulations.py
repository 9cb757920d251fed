"""The dock "Sub-populations": how well the selected units stand for the whole stage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.figure_pixels import PER_INCH, themed_pixels
from napari_twinscope.rig.gestures import manner_of
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.subpopulation_figure import subpopulation_figure
from napari_twinscope.rig.subpopulation_table import score_rows, subpopulation_frame, units_line
from napari_twinscope.rig.subpopulations import extreme_part, part_scores, rankings_of, share_sweep
from napari_twinscope.rig.unit_csv import write_units
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.figure_view import FigureView
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.latest import Latest
from napari_twinscope.views.outlet import FIGURE_FILTER, TABLE_FILTER, Outlet
from napari_twinscope.views.score_table import ScoreTable
from napari_twinscope.views.stage_choice import StageChoice
from napari_twinscope.views.subpopulation_form import SubpopulationForm
from napari_twinscope.views.theme import theme_colors
from napari_twinscope.views.tool_words import MODIFIERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import napari
    import numpy as np

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.figure_pixels import Color
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.subpopulations import PartScores, ShareSweep, SubpopulationOptions

TOOL = "sub-population"  # in the provenance of a selection
SELECTION, SHARES = "the selection", "shares"  # what may be awaited


class SubpopulationsDock(DockPage):
    """Scores of the selected units, beside random ones, and by the share of units taken."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.part: PartScores | None = None
        self.sweep: ShareSweep | None = None
        self.problem = ""
        self._awaited: set[str] = set()
        self._part_question: tuple[Any, ...] = ()
        self._sweep_question: tuple[Any, ...] = ()
        self._pictured: tuple[Any, ...] = ()
        self._drawn: tuple[Any, ...] = ()  # the scores in the figure that is shown
        background = self.bench.background
        self.part_latest = Latest(background, "Scores of the selected units")
        self.sweep_latest = Latest(background, "Scores by share of the units")
        self.picture_latest = Latest(background, "Figure of sub-populations")
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.stage_choice, self.form = StageChoice(self.session), SubpopulationForm()
        self.table, self.figure = ScoreTable(), FigureView()
        self.figure.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.figure.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.units, self.state = QLabel(), QLabel()
        self.units.setToolTip("Of which units the scores are")
        for label in (self.units, self.state):
            label.setWordWrap(True)
        self.figure_button, self.csv_button = QPushButton("Save figure …"), QPushButton("Save table …")
        self.figure_button.setToolTip("Save the figure as SVG, PDF or PNG")
        self.csv_button.setToolTip("Save all scores with their intervals and options as a CSV file")
        self.hint = Hint(
            "No units to score yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        stage, below, inside = QHBoxLayout(), QHBoxLayout(), QWidget()
        stage.addWidget(QLabel("Stage"))
        stage.addWidget(self.stage_choice, 1)
        shown = QVBoxLayout(inside)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(4)
        shown.addWidget(self.table)
        shown.addWidget(self.figure, 1)
        self.scroll = QScrollArea()
        self.scroll.setAccessibleName("Scores and their figure")
        self.scroll.setWidget(inside)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages = QStackedWidget()
        for page in (self.hint, self.scroll):
            self.pages.addWidget(page)
        self.pages.setMinimumHeight(120)
        below.addWidget(self.state, 1)
        below.addWidget(self.figure_button)
        below.addWidget(self.csv_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(stage)
        layout.addWidget(self.form)
        layout.addWidget(self.units)
        layout.addWidget(self.pages, 1)
        layout.addLayout(below)
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        events = self.session.events
        for signal in (events.stage, events.measure):
            self.links.connect(signal, self.refresh)
        self.links.connect(self.session.selection.changed, self._selection_changed)
        self.links.connect(self.bench.viewer.events.theme, self._draw)
        self.form.asked.connect(self.refresh)
        self.form.ranked.connect(self.refresh)
        self.form.taken.connect(self._take_extreme)
        self.figure.resized.connect(self._draw)
        self.figure_button.clicked.connect(self._choose_figure)
        self.csv_button.clicked.connect(self._choose_table)

    # -- what is computed

    def refresh(self) -> None:
        """Score the units that are selected now, and shares by the measure chosen; later if not visible."""
        session = self.session
        if session.recording is None or not session.stage:
            self._forget(*self.hint.first)
            return
        if not self.isVisible():
            return
        self.bench.measure_units()
        measures = rankings_of(session.measures())
        self.form.show_measures(measures)
        options, problem = self.form.options()
        if options is None:
            self._forget("These options do not fit", in_lines(problem))
            return
        self._ask_part(session.responses(), options)
        self._ask_sweep(session.responses(), self.form.chosen, measures.get(self.form.chosen), options)
        self._show()

    def _ask_part(self, responses: object, options: SubpopulationOptions) -> None:
        units = self.session.selection.indices(self.session.stage)
        question = (responses, options, units.tobytes())
        if _same(question, self._part_question):
            return
        self._part_question, self.part = question, None
        self._awaited.discard(SELECTION)
        if not len(units):
            self.part_latest.forget()
            return
        self._awaited.add(SELECTION)
        work = partial(part_scores, responses, units, options)
        self.part_latest.ask(work, partial(self._take_part, question))

    def _ask_sweep(
        self, responses: object, name: str, measure: Measure | None, options: SubpopulationOptions
    ) -> None:
        question = (responses, options, name, None if measure is None else measure.values.tobytes())
        if _same(question, self._sweep_question):
            return
        self._sweep_question, self.sweep = question, None
        self._awaited.discard(SHARES)
        if measure is None:
            self.sweep_latest.forget()
            return
        self._awaited.add(SHARES)
        work = partial(share_sweep, responses, name, measure, options)
        self.sweep_latest.ask(work, partial(self._take_sweep, question))

    def _take_part(self, question: tuple[Any, ...], outcome: Outcome) -> None:
        if _same(question, self._part_question):
            self._awaited.discard(SELECTION)
            self.part = self._value_of(outcome, "Scoring the selected units")
            self._show()

    def _take_sweep(self, question: tuple[Any, ...], outcome: Outcome) -> None:
        if _same(question, self._sweep_question):
            self._awaited.discard(SHARES)
            self.sweep = self._value_of(outcome, "Scoring shares of the units")
            self._show()

    def _value_of(self, outcome: Outcome, doing: str) -> Any:
        self.problem = "" if outcome.error is None else in_lines(outcome.error)
        if outcome.error is not None and not isinstance(outcome.error, TwinscopeError):
            show_error(doing, outcome.error, self)
        return outcome.value

    def _forget(self, title: str, text: str) -> None:
        """Show words in place of scores."""
        for latest in (self.part_latest, self.sweep_latest):
            latest.forget()
        self.part, self.sweep, self.problem = None, None, ""
        self._part_question, self._sweep_question = (), ()
        self._awaited.clear()
        self.hint.show_text(title, text)
        self.pages.setCurrentWidget(self.hint)
        self._clear_figure()
        for label in (self.units, self.state):
            label.clear()
        if self.session.recording is None:
            self.form.show_measures({})
        self._show_buttons()

    def _selection_changed(self, stage: str = "") -> None:
        if stage in ("", self.session.stage):
            self.refresh()

    # -- what is shown

    def _show(self) -> None:
        """Show what is known by now, and say what is still computed."""
        self.units.setText(units_line(self.part, self.sweep))
        self.table.setVisible(self.part is not None or SELECTION in self._awaited)
        self.table.show_rows(() if self.part is None else score_rows(self.part))
        busy = " and ".join(what for what in (SELECTION, SHARES) if what in self._awaited)
        self.state.setText(f"Scoring {busy} …" if busy else self.problem)
        self._dim()
        self.pages.setCurrentWidget(self.scroll)
        self._show_buttons()
        self._draw()

    def _show_buttons(self) -> None:
        made = self.part is not None or self.sweep is not None
        for button in (self.figure_button, self.csv_button):
            button.setEnabled(made)

    def _draw(self) -> None:
        """Draw the figure in a thread; what is still computed keeps the last one for as long."""
        if self.part is None and self.sweep is None:
            if not self._awaited:
                self._clear_figure()
            return
        if not self.isVisible() or self._awaited:
            return
        how = (self.figure.room, self.figure.devicePixelRatioF(), *theme_colors(self.bench.viewer))
        pictured = (self.part, self.sweep, self.title, *how)
        if pictured == self._pictured:
            return
        self._pictured = pictured
        work = partial(_pixels, *pictured)
        self.picture_latest.ask(lambda _: work(), partial(self._show_figure, (self.part, self.sweep)))

    def _clear_figure(self) -> None:
        self.picture_latest.forget()
        self._pictured, self._drawn = (), ()
        self.figure.clear()

    def _dim(self) -> None:
        """Show in grey a figure of other scores than those of what is chosen now."""
        self.figure.picture.setEnabled(not self._awaited and self._drawn in ((), (self.part, self.sweep)))

    def _show_figure(self, drawn: tuple[Any, ...], outcome: Outcome) -> None:
        if outcome.error is not None:
            self._clear_figure()
            show_error("Drawing the figure", outcome.error, self)
            return
        self._drawn = drawn
        self.figure.show_pixels(outcome.value, self.title)
        self._dim()
        self.figure.setMinimumHeight(round(outcome.value.shape[0] / self.figure.devicePixelRatioF()))

    @property
    def title(self) -> str:
        """The first line of the figure."""
        recording = self.session.recording
        return "" if recording is None else f"Sub-populations of {self.session.stage}, {recording.name}"

    # -- what the user does

    def _take_extreme(self, highest: bool) -> None:
        """Select the highest or lowest units by the measure; one step that can be undone."""
        session, name, percent = self.session, self.form.chosen, self.form.percent.value()
        measure = session.measures().get(name)
        if measure is None or not session.stage:
            return
        pressed = QApplication.keyboardModifiers()
        manner = manner_of({word for modifier, word in MODIFIERS.items() if pressed & modifier})
        try:
            units = extreme_part(session.responses(), measure, percent, highest)
        except InvalidInput as error:
            show_error("Selecting units", error, self)
            return
        part = f"{'highest' if highest else 'lowest'} {percent} %"
        parameters = (("of", name), ("part", part))
        session.selection.apply(session.stage, units, manner, tool=TOOL, parameters=parameters)

    def save_figure(self, path: Path, overwrite: bool = False) -> None:
        """Save the figure, on white, as SVG, PDF or PNG."""
        figure = subpopulation_figure(self.part, self.sweep, self.title)
        self._said(save_figure(figure, path, overwrite, title=self.title))

    def save_table(self, path: Path, overwrite: bool = False) -> None:
        """Save all scores as a CSV file."""
        self._said(write_units(subpopulation_frame(self.part, self.sweep), path, overwrite))

    def _choose_figure(self) -> None:
        outlet = Outlet(self.bench.viewer, self)
        outlet.ask_and_do("Save the figure", "subpopulations.svg", FIGURE_FILTER, self.save_figure)

    def _choose_table(self) -> None:
        outlet = Outlet(self.bench.viewer, self)
        outlet.ask_and_do("Save the table", "subpopulations.csv", TABLE_FILTER, self.save_table)

    def _said(self, path: Path) -> None:
        self.state.setText(f"Saved {path}")

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return what is chosen; the scores are computed again."""
        return self.form.state()

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Choose it again."""
        self.form.restore(Fields(state, "docks.Sub-populations"))
        self.refresh()

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for room for the table and some of the figure."""
        return QSize(480, 700)

    def showEvent(self, event: object) -> None:
        """Catch up with what happened while the dock was hidden."""
        super().showEvent(event)
        self.refresh()

    def leave(self) -> None:
        """Let go of everything outside this widget."""
        super().leave()
        for latest in (self.part_latest, self.sweep_latest, self.picture_latest):
            latest.forget()
        self.stage_choice.links.release()


def _pixels(
    part: PartScores | None,
    sweep: ShareSweep | None,
    title: str,
    width: int,
    ratio: float,
    text: Color,
    background: Color,
) -> np.ndarray:
    """Draw the figure as wide as the dock, in the colours of the theme."""
    dark = sum(background) < sum(text)
    figure = subpopulation_figure(part, sweep, title, width / PER_INCH, dark)
    return themed_pixels(figure, ratio, text, background)


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Return whether two questions are the same; responses are compared by identity."""
    return len(one) == len(other) and one[0] is other[0] and one[1:] == other[1:]
