"""The dock "Compare stages": every measure of every stage in one table, with figures and a report."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, QSize, Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
)

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig import Job
from napari_twinscope.rig.comparison_view import (
    TABLE,
    ImportedPopulation,
    figure_pixels,
    read_population,
    table_rows,
    views_of,
)
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.comparison_form import ComparisonForm, draft_from_fields
from napari_twinscope.views.comparison_table import ComparisonTable
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.encoding_panel import in_lines
from napari_twinscope.views.figure_view import FigureView
from napari_twinscope.views.fold import Fold
from napari_twinscope.views.hints import Hint
from napari_twinscope.views.job_bar import JobBar
from napari_twinscope.views.latest import Latest
from napari_twinscope.views.theme import link, theme_colors

if TYPE_CHECKING:
    from collections.abc import Mapping

    import napari

    from napari_twinscope.manifolds import StageComparison
    from napari_twinscope.rig import Outcome

SHOWN_NOTICES = 2
STOPPED = "Stopped. What was finished is kept in the recording: Compare goes on from there."
WAITING = ("Nothing is compared yet", "Choose stages and parts above, then press Compare.")


class ComparisonDock(DockPage):
    """Compares the stages of the recording that is looked at, in the background."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.comparison: StageComparison | None = None
        self._suited: object = None
        self._shown = TABLE
        self._said: tuple[str, ...] = ()
        self.latest = Latest(self.bench.background, "Figure of the comparison")
        self._build()
        self._connect()
        self._suit()

    def _build(self) -> None:
        self.form = ComparisonForm()
        self.fold = Fold("What is compared", self.form, "comparison_options")
        self.compute_button = QPushButton("Compare")
        self.compute_button.setStyleSheet("font-weight: 600;")
        self.compute_button.setToolTip("Measure the stages; what was measured before is found again")
        self.progress = JobBar(self.bench.background)
        self.step, self.cancel_button = self.progress.step, self.progress.cancel_button
        self.notices = QLabel()
        self.notices.setWordWrap(True)
        self.notices.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.notices.setOpenExternalLinks(True)
        self.view_choice = Combo()
        self.view_choice.setAccessibleName("What is shown of the comparison")
        self.csv_button = QPushButton("Save table …")
        self.csv_button.setToolTip("Save all measures with intervals and chance levels as a CSV file")
        self.report_button = QPushButton("Report …")
        self.report_button.setToolTip(
            "Write a folder with a page, all figures, tables, options and provenance"
        )
        self.table, self.figure = ComparisonTable(), FigureView()
        self.hint = Hint(
            "No stages to compare yet", "Record the twin in the Rig dock,\nor open a recording there."
        )
        self.pages = QStackedWidget()
        for page in (self.hint, self.table, self.figure):
            self.pages.addWidget(page)
        self.pages.setMinimumHeight(120)
        show = QHBoxLayout()
        show.addWidget(self.compute_button)
        show.addWidget(self.view_choice, 1)
        show.addWidget(self.csv_button)
        show.addWidget(self.report_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.fold)
        layout.addLayout(show)
        layout.addWidget(self.progress)
        layout.addWidget(self.notices)
        layout.addWidget(self.pages, 1)
        self.notices.hide()
        self.setMinimumWidth(380)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        self.links.connect(self.session.events.stage, self._suit)
        self.links.connect(self.bench.viewer.events.theme, self._draw_figure)
        self.compute_button.clicked.connect(self.compute)
        self.progress.changed.connect(self._show_buttons)
        self.view_choice.activated.connect(self._choose_view)
        self.form.populations.asked.connect(self._choose_population)
        self.csv_button.clicked.connect(self._choose_csv)
        self.report_button.clicked.connect(self._choose_report)
        self.table.chosen.connect(self._look_at)
        self.figure.resized.connect(self._draw_figure)

    # -- what the user does

    def compute(self) -> None:
        """Compare what the form says."""
        recording = self.session.recording
        if self.job is not None or recording is None:
            return
        draft = self.form.draft
        try:
            options = draft.options()
            if not draft.stages:
                raise InvalidInput("No stage is chosen.", needed="one stage or more")
        except InvalidInput as error:
            self._say(in_lines(error))
            self.fold.set_open(True)
            return
        recordings = [recording]
        if draft.others:
            recordings += [other for other in self.session.recordings if other is not recording]

        def work(progress: object) -> StageComparison:
            from napari_twinscope.manifolds import stage_comparison

            return stage_comparison(
                recordings,
                stages=draft.stages,
                populations={one.name: one.path for one in draft.populations},
                options=options,
                progress=progress,
            )

        self._begin(Job("Comparison of stages", work), self._take, "Comparing the stages")

    def add_population(self, path: str | Path) -> None:
        """Read and check the file of a population in the background, and put it beside the stages."""
        recording = self.session.recording
        if self.job is not None or recording is None:
            return
        work = partial(read_population, path, recording, self.form.populations.names)
        self._begin(Job("Reading the population", lambda _: work()), self._add, "Adding the population")

    def _add(self, population: ImportedPopulation) -> None:
        self.form.populations.add(population)
        self._say(f"Added {population.name}: {population.said}")

    @property
    def job(self) -> Job | None:
        """What is running."""
        return self.progress.job

    def save_table(self, path: str | Path) -> None:
        """Save the table as a CSV file."""
        if self.comparison is None:
            return
        try:
            self.comparison.table.to_csv(path, index=False)
        except OSError as error:
            show_error("Saving the table", error, self)
            return
        self._say(f"Saved {path}")

    def write_report(self, folder: str | Path) -> None:
        """Write the report to a folder, in the background."""
        comparison = self.comparison
        if comparison is None or self.job is not None:
            return

        def work(_: object) -> Path:
            from napari_twinscope.manifolds import write_report

            return write_report(comparison, folder)

        def done(page: Path) -> None:
            self._say(f"Report written: {link(page.resolve().as_uri(), str(page))}")

        self._begin(Job("Report", work), done, "Writing the report")

    def _choose_population(self) -> None:
        folder = str(Path(self.session.require_recording().path).parent)
        title, kinds = "Add a population recorded elsewhere", "Responses (*.npz *.nc)"
        name, _ = QFileDialog.getOpenFileName(self, title, folder, kinds)
        if name:
            self.add_population(name)

    def _choose_csv(self) -> None:
        proposal = str(Path(self.session.require_recording().path).with_name("stages.csv"))
        name, _ = QFileDialog.getSaveFileName(self, "Save the table as", proposal, "Tables (*.csv)")
        if name:
            self.save_table(name)

    def _choose_report(self) -> None:
        title = "Choose an empty folder for the report, or that of an earlier one"
        folder = str(Path(self.session.require_recording().path).parent)
        name = QFileDialog.getExistingDirectory(self, title, folder)
        if name:
            self.write_report(name)

    def _choose_view(self) -> None:
        self._shown = self.view_choice.currentData() or TABLE
        self._show_view()

    def _look_at(self, name: str) -> None:
        """Look at the stage whose name was clicked, if it is of this recording."""
        found = self.comparison
        recording = self.session.recording
        if found is None or recording is None:
            return
        one = next(one for one in found.populations if one.name == name)
        if one.source is recording:
            self.session.show_stage(one.stage)

    # -- work in the background

    def _begin(self, job: Job, take: Any, doing: str) -> None:
        def done(outcome: Outcome) -> None:
            if outcome.canceled:
                self._say(STOPPED)
            elif outcome.error is not None:
                self._say(f"{doing} did not work. {in_lines(outcome.error)}")
                if not isinstance(outcome.error, TwinscopeError):
                    show_error(doing, outcome.error, self)
            else:
                take(outcome.value)

        self._say()
        self.progress.start(job, done, lambda step: step or job.title)

    def _take(self, comparison: StageComparison) -> None:
        self.comparison = comparison
        self.table.show_rows(table_rows(comparison), comparison.names)
        self._say(*comparison.notices)
        self._offer_views()
        self._show_stage()
        self._show_view()

    # -- what is shown

    def _suit(self) -> None:
        """Offer the stages of the recording that is looked at."""
        recording = self.session.recording
        if recording is not self._suited:
            self._suited = recording
            self.progress.drop()
            self.comparison = None
            self._say()
            self.form.suit(recording, len(self.session.recordings) > 1)
            self.table.show_rows((), ())
            self._offer_views()
            self._show_view()
        self._show_stage()
        self._show_buttons()

    def _show_stage(self) -> None:
        found = self.comparison
        current = self.session.stage
        of_it = "" if found is None else next((o.name for o in found.populations if o.stage == current), "")
        self.table.rows.emphasise(of_it)

    def _show_buttons(self) -> None:
        idle, made = self.job is None, self.comparison is not None
        self.compute_button.setEnabled(idle and self.session.recording is not None)
        self.form.populations.setEnabled(idle)
        self.csv_button.setEnabled(made)
        self.report_button.setEnabled(made and idle)
        self.view_choice.setEnabled(made)

    def _offer_views(self) -> None:
        offered = {TABLE: "Table"} if self.comparison is None else views_of(self.comparison)
        with QSignalBlocker(self.view_choice):
            self.view_choice.clear()
            for name, title in offered.items():
                self.view_choice.addItem(title, name)
            self.view_choice.setCurrentIndex(max(0, self.view_choice.findData(self._shown)))
        self._show_buttons()

    def _show_view(self) -> None:
        if self.comparison is None:
            there = self.session.recording is not None
            self.hint.show_text(*(WAITING if there else self.hint.first))
            self.pages.setCurrentWidget(self.hint)
            return
        if self.view_choice.currentData() == TABLE:
            self.pages.setCurrentWidget(self.table)
            return
        self.pages.setCurrentWidget(self.figure)
        self._draw_figure()

    def _draw_figure(self) -> None:
        name = self.view_choice.currentData()
        if self.comparison is None or name in (None, TABLE) or not self.figure.isVisible():
            return
        text, back = theme_colors(self.bench.viewer)
        size = (self.figure.room, self.figure.devicePixelRatioF())
        work = partial(figure_pixels, self.comparison, name, *size, text, back)
        self.latest.ask(lambda _: work(), partial(self._show_figure, self.view_choice.currentText()))

    def _show_figure(self, title: str, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.figure.clear()
            show_error("Drawing the figure", outcome.error, self)
        else:
            self.figure.show_pixels(outcome.value, title)

    def _say(self, *lines: str) -> None:
        self._said = lines
        shown = [line if line.startswith(("Saved", "Report", "Added")) else f"⚠ {line}" for line in lines]
        more = len(shown) - SHOWN_NOTICES
        text = "<br>".join(shown[:SHOWN_NOTICES]) + (
            f"<br>… and {more} more (see the tooltip)" if more > 0 else ""
        )
        self.notices.setText(text)
        self.notices.setToolTip("<br>".join(shown) if more > 0 else "")
        self.notices.setVisible(bool(lines))

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return what is chosen and what of the outcome is looked at; the outcome is in the recording."""
        return {**asdict(self.form.draft), "shown": self._shown, "open": self.fold.is_open}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Choose it again."""
        fields = Fields(state, "docks.Compare stages")
        draft = draft_from_fields(fields)
        self._shown = fields.text("shown", TABLE)
        self.form.show_draft(draft)
        self.form.suit(self.session.recording, len(self.session.recordings) > 1, draft.stages)
        self.fold.set_open(fields.boolean("open", True))

    # -- coming and going

    def sizeHint(self) -> QSize:
        """Ask for a table of some height."""
        return QSize(480, 700)

    def showEvent(self, event: object) -> None:
        """Draw the figure that could not be drawn while the dock was hidden."""
        super().showEvent(event)
        self._draw_figure()

    def leave(self) -> None:
        """Stop what runs, and let go of everything outside this widget."""
        super().leave()
        self.latest.forget()
        self.progress.drop()
