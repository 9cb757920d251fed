"""The dock "Rig": choose a twin and stimuli, record, and look at what was recorded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import TwinscopeError
from napari_twinscope.rig import Generations, Job, PlanDraft, resolve_path, resolve_plan, resolve_protocol
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.rig.plan import draft_from_dict, draft_to_dict, quick_draft
from napari_twinscope.rig.sample import sample_path
from napari_twinscope.views.arrangement import is_open, open_all, open_views
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.estimate_label import EstimateLabel, measured
from napari_twinscope.views.fold import Fold
from napari_twinscope.views.look_form import LookForm
from napari_twinscope.views.own_movies import OwnMovies
from napari_twinscope.views.plan_form import PlanForm, unused
from napari_twinscope.views.preview import render_preview
from napari_twinscope.views.settings import recordings_folder
from napari_twinscope.views.theme import link
from napari_twinscope.views.welcome import Welcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import napari

    from napari_twinscope.recording import RecordingPlan
    from napari_twinscope.rig import Outcome


class RigDock(DockPage):
    """Edits a recording plan, records it in the background and opens the result."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.draft = PlanDraft()
        self.job: Job | None = None
        self._possible = True
        self.dialog: QWidget | None = None
        self._generations = Generations()
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._show_progress)
        self.links.connect(self.session.selection.groups.changed, self._show_unsaved)
        self.links.connect(self.bench.file.said, self._say)
        self.links.connect(self.session.events.stage, self._show_docks)
        self._show_unsaved()
        self._show_docks()
        self.estimate_label.show_size()

    def _build(self) -> None:
        self.open_button = _button("Open recording …", "Open a finished recording", "Ctrl+Alt+R")
        self.open_button.clicked.connect(self.choose_recording)
        self.sample_button = _button("Open sample", "A small finished recording that comes with the package")
        self.sample_button.clicked.connect(self.open_sample)
        self.session_button = _button("Session", "Save or open all that the window shows")
        self.session_button.setMenu(self._session_menu())
        self.welcome = Welcome(self.session)
        self.welcome.record_wanted.connect(self.record_demo)
        self.welcome.sample_wanted.connect(self.open_sample)
        self.welcome.docks_wanted.connect(self.open_docks)
        self.form = PlanForm(self.draft)
        self.movies = OwnMovies(self.bench, self, lambda: Path(self.draft.path).expanduser().parent)
        self.movies.chosen.connect(self.form.use_protocol)
        self.movies.failed.connect(partial(self._fail, "Using this movie"))
        self.form.movie.clicked.connect(lambda: self.movies.offer(self.form.movie))
        self.look = LookForm(self.bench.session)
        self.preview_button = _button(
            "Preview stimuli", "Draw the chosen stimuli (first instance) as an Image layer"
        )
        self.preview_button.clicked.connect(self.preview)
        self.estimate_label = EstimateLabel(
            self.draft, self.bench.background, busy=lambda: self.job is not None
        )
        self.estimate_label.possible.connect(self._show_possible)
        self.record_button = _button("● Record", "Show the stimuli and record the units", "Ctrl+Return")
        self.record_button.setStyleSheet("font-weight: 600;")
        self.record_button.clicked.connect(self.record)
        self.cancel_button = _button("Cancel", "Stop at the next step; what is recorded is kept")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(self.cancel)
        self.progress = QProgressBar()
        self.progress.setVisible(False)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setVisible(False)
        self.unsaved = QLabel()
        self.unsaved.setWordWrap(True)
        self.unsaved.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.unsaved.linkActivated.connect(lambda _: self.bench.file.choose_and_save(self))
        self.folds = {
            "on_the_canvas": Fold("On the canvas", self.look, "on_the_canvas"),
            "record": Fold("Record", self.form, "record"),
        }
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(2, 2, 8, 2)
        inside.addLayout(_beside(self.open_button, self.sample_button, self.session_button))
        inside.addWidget(self.welcome)
        for fold in self.folds.values():
            inside.addWidget(fold)
        inside.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("Rig")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content, self._area = content, area
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 8)
        layout.addWidget(area, 1)
        layout.addWidget(self.estimate_label)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addWidget(self.unsaved)
        layout.addLayout(_beside(self.preview_button, self.record_button, self.cancel_button))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _session_menu(self) -> QMenu:
        menu, file = QMenu(self), self.bench.file
        menu.addAction("Open session …", lambda: file.choose_and_open(self))
        save = menu.addAction("Save session …", lambda: file.choose_and_save(self))
        save.setShortcut(QKeySequence("Ctrl+Alt+E"))
        save.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(save)
        menu.addSeparator()
        menu.addAction("Open all docks", self.open_docks)
        menu.addAction("Show the first steps", lambda: self.welcome.fold.set_open(True))
        return menu

    def showEvent(self, event: object) -> None:
        """Be as wide as the form needs, with its scroll bar."""
        super().showEvent(event)
        bar = self._area.verticalScrollBar().sizeHint().width()
        self._area.setMinimumWidth(self._content.minimumSizeHint().width() + bar + 4)
        self._show_docks()

    def _show_docks(self) -> None:
        viewer = self.bench.viewer
        self.welcome.know_docks(all(is_open(viewer, name) for name in ("Manifold", "Responses")))

    # -- in the file of a session

    def view_state(self) -> dict[str, Any]:
        """Return the recording in the making, and what is folded away."""
        return {
            "draft": draft_to_dict(self.draft),
            "open": {name: fold.is_open for name, fold in self.folds.items()},
            "first_steps": self.welcome.fold.is_open,
        }

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show it again."""
        fields = Fields(state, "docks.Rig")
        self.form.show_draft(draft_from_dict(fields.part("draft")))
        for name, fold in self.folds.items():
            fold.set_open(fields.part("open").boolean(name, fold.is_open))
        self.welcome.fold.set_open(fields.boolean("first_steps", self.welcome.fold.is_open))

    # -- recording

    def record(self) -> None:
        """Record what the form says; the estimate is shown first if it was not yet."""
        if self.job is not None:
            return
        try:
            plan, path = resolve_plan(self.draft), resolve_path(self.draft)
        except TwinscopeError as error:
            self._fail("Recording", error)
            return
        self.estimate_label.forget()
        if self.estimate_label.is_of(plan):
            self._start_recording(plan, path)
            return

        job = Job("Estimate", lambda _: measured(plan))

        def done(outcome: Outcome) -> None:
            if not outcome.canceled:
                self.estimate_label.show_estimate(plan, outcome)
            if job.progress.canceled:
                self._say("Stopped before the recording began.")
            elif outcome.error is not None:
                self._fail("Recording", outcome.error)
            else:
                self._start_recording(plan, path)

        self._run(job, done, "Loading the twin …")

    def _show_possible(self, possible: bool) -> None:
        self._possible = possible
        self._show_buttons()

    def _show_buttons(self) -> None:
        idle = self.job is None
        self.record_button.setEnabled(self._possible and idle)
        self.welcome.record_button.setEnabled(idle)
        self.cancel_button.setEnabled(not idle)

    def _start_recording(self, plan: RecordingPlan, path: Path) -> None:
        from napari_twinscope.recording import record

        job = Job("Recording", lambda progress: record(plan, path, progress=progress))
        self._run(job, self._recorded, f"Recording to {path.name}", show=True)

    def _run(self, job: Job, done: Callable[[Outcome], None], text: str, show: bool = False) -> None:
        def ended(outcome: Outcome) -> None:
            if self.job is job:  # else this dock is closed
                self._idle()
                done(outcome)

        self.job = job
        self._show_buttons()
        self.progress.setRange(0, 0)
        self.progress.setVisible(True)
        self._say(text)
        self._timer.start()
        self.bench.background.start(job, ended, show=show)

    def _recorded(self, outcome: Outcome) -> None:
        if outcome.canceled:
            self._say("Stopped. Record again to the same place to go on where it stopped.")
        elif outcome.error is not None:
            self._fail("Recording", outcome.error)
        else:
            self._say(f"Recorded {outcome.value.path}")
            self._show_recording(outcome.value)

    def cancel(self) -> None:
        """Ask the running job to stop at its next step."""
        if self.job is not None:
            self.job.cancel()
            self.cancel_button.setEnabled(False)
            self._say("Stopping at the next step …")

    def _idle(self) -> None:
        self.job = None
        self._timer.stop()
        self.progress.setVisible(False)
        self._show_buttons()

    def _show_progress(self) -> None:
        if self.job is not None and self.job.progress.total:
            progress = self.job.progress
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
            self.progress.setFormat(f"{progress.description}: %v of %m")

    # -- opening and preview

    def record_demo(self) -> None:
        """Record the demonstration twin in a few seconds, to a new file."""
        if self.job is not None:
            return
        self.form.show_draft(quick_draft(unused(recordings_folder() / "first-steps.twinscope.zarr")))
        self.record()

    def open_docks(self) -> None:
        """Open all our docks."""
        open_all(self.bench.viewer)
        self._show_docks()

    def choose_recording(self) -> None:
        """Ask for a recording and open it."""
        name = QFileDialog.getExistingDirectory(self, "Open a recording (NAME.twinscope.zarr)")
        if name:
            self.open_path(name)

    def open_sample(self) -> None:
        """Open the recording that comes with the package."""
        self.open_path(sample_path(), "output")  # of which no map has to be computed

    def open_path(self, path: str | Path, stage: str | None = None) -> None:
        """Open a recording on disk, at one of its stages."""
        from napari_twinscope.recording import open_recording

        try:
            recording = open_recording(path)
        except Exception as error:  # whatever a damaged file raises, the user reads it
            self._fail("Opening the recording", error)
            return
        if self._show_recording(recording, stage):
            self._say(f"Opened {recording.path.name}")

    def _show_recording(self, recording: object, stage: str | None = None) -> bool:
        try:
            self.bench.open(recording, stage)
        except Exception as error:  # as above
            self._fail("Showing the recording", error)
            return False
        open_views(self.bench.viewer)
        self._show_docks()
        return True

    def preview(self) -> None:
        """Draw the chosen stimuli as an Image layer."""
        try:
            protocol = resolve_protocol(self.draft)
        except TwinscopeError as error:
            self._fail("Drawing the stimuli", error)
            return
        generation = self._generations.begin("preview")

        def done(outcome: Outcome) -> None:
            if not self._generations.is_current("preview", generation):
                return
            if outcome.canceled:
                self._say("Stopped. The stimuli are not shown.")
            elif outcome.error is not None:
                self._fail("Drawing the stimuli", outcome.error)
            else:
                self.bench.preview(protocol, outcome.value)

        job = Job("Drawing the stimuli", lambda progress: render_preview(protocol, progress))
        self.bench.background.start(job, done, show=True)

    # -- messages

    def _say(self, text: str) -> None:
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def _show_unsaved(self) -> None:
        """Say what would be lost if the window were closed."""
        count = len(self.session.selection.groups.unkept)
        groups = "1 group is" if count == 1 else f"{count} groups are"
        self.unsaved.setText(f"{groups} in no file yet. {link('save', 'Save session …')}")
        self.unsaved.setVisible(count > 0)

    def _fail(self, doing: str, error: BaseException) -> None:
        self._say(f"{doing} did not work.")
        self.dialog = show_error(doing, error, self)

    def leave(self) -> None:
        """Stop what runs and let go of everything outside this widget."""
        super().leave()
        if self.job is not None:
            self.job.cancel()
            self.job = None
        self._generations.begin("preview")
        self.estimate_label.forget()
        self._timer.stop()
        self.look.release()
        self.welcome.links.release()


def _button(text: str, tip: str, key: str | None = None) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip if key is None else f"{tip} ({key})")
    if key is not None:
        button.setShortcut(QKeySequence(key))
    return button


def _beside(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    return layout
