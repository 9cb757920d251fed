"""The dock "Rig": choose a twin and stimuli, record, and look at what was recorded."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QFileDialog,
    QGroupBox,
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
from napari_twinscope.rig.own_movie import frames_as_shown, protocol_of_file, protocol_of_frames
from napari_twinscope.views.arrangement import open_views
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_page import DockPage
from napari_twinscope.views.look_form import LookForm
from napari_twinscope.views.plan_form import PlanForm
from napari_twinscope.views.preview import render_preview
from napari_twinscope.views.roles import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    import napari

    from napari_twinscope.recording import RecordingPlan
    from napari_twinscope.rig import Outcome
    from napari_twinscope.stimuli import StimulusProtocol

SAMPLE = "sample.twinscope.zarr.zip"
ESTIMATE_DELAY = 500  # milliseconds after the last change
WELCOME = (
    "<b>1</b> Choose a twin and stimuli, and press Record.<br>"
    "<b>2</b> Drag a box in the Manifold dock to select units.<br>"
    "<b>3</b> See where they look and how they respond."
)


def sample_path() -> Path:
    """Return where the small recording lies that comes with the package."""
    return Path(str(files("napari_twinscope") / "data" / SAMPLE))


class RigDock(DockPage):
    """Edits a recording plan, records it in the background and opens the result."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__(viewer)
        self.draft = PlanDraft()
        self.job: Job | None = None
        self.dialog: QWidget | None = None
        self._generations = Generations()
        self._estimated: RecordingPlan | None = None
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._show_progress)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(ESTIMATE_DELAY)
        self._delay.timeout.connect(self._estimate)
        self.draft.events.connect(self._draft_changed)
        self._show_size()

    def _build(self) -> None:
        welcome = QLabel(WELCOME)
        welcome.setWordWrap(True)
        self.open_button = QPushButton("Open recording …")
        self.open_button.clicked.connect(self._choose_recording)
        self.sample_button = QPushButton("Open sample")
        self.sample_button.setToolTip("A small finished recording that comes with the package")
        self.sample_button.clicked.connect(self.open_sample)
        self.form = PlanForm(self.draft)
        self.form.movie.clicked.connect(self._offer_movies)
        self.look = LookForm(self.bench.session)
        self.preview_button = QPushButton("Preview stimuli")
        self.preview_button.setToolTip("Draw the chosen stimuli (first instance) as an Image layer")
        self.preview_button.clicked.connect(self.preview)
        self.estimate_label = QLabel()
        self.estimate_label.setWordWrap(True)
        self.record_button = QPushButton("● Record")
        self.record_button.setStyleSheet("font-weight: 600;")
        self.record_button.clicked.connect(self.record)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(self.cancel)
        self.progress = QProgressBar()
        self.progress.setVisible(False)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setVisible(False)

        record_box, look_box = QGroupBox("Record"), QGroupBox("On the canvas")
        QVBoxLayout(record_box).addWidget(self.form)
        QVBoxLayout(look_box).addWidget(self.look)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(2, 2, 8, 2)
        inside.addWidget(welcome)
        inside.addLayout(_beside(self.open_button, self.sample_button))
        inside.addWidget(look_box)
        inside.addWidget(record_box)
        inside.addStretch(1)
        area = QScrollArea()
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
        layout.addLayout(_beside(self.preview_button, self.record_button, self.cancel_button))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def showEvent(self, event: object) -> None:
        """Be as wide as the form needs, with its scroll bar."""
        super().showEvent(event)
        bar = self._area.verticalScrollBar().sizeHint().width()
        self._area.setMinimumWidth(self._content.minimumSizeHint().width() + bar + 4)

    # -- the estimate

    def _draft_changed(self) -> None:
        self._estimated = None
        self._show_size()
        self._delay.start()

    def _show_size(self) -> None:
        """Say what is known without the twin."""
        try:
            plan = resolve_plan(self.draft)
        except TwinscopeError as error:
            self.estimate_label.setText(_in_one_line(error))
            self.record_button.setEnabled(False)
            return
        self.record_button.setEnabled(self.job is None)
        self.estimate_label.setText(f"{plan.sequences} movies of {plan.protocol.frames} frames.")

    def _estimate(self) -> None:
        if self.job is not None:
            return
        try:
            plan = resolve_plan(self.draft)
        except TwinscopeError:
            return
        generation = self._generations.begin("estimate")

        def done(outcome: Outcome) -> None:
            if self._generations.is_current("estimate", generation):
                self._show_estimate(plan, outcome)

        self.bench.background.start(Job("Estimate", lambda _: _estimate(plan)), done)

    def _show_estimate(self, plan: RecordingPlan, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.estimate_label.setText(_in_one_line(outcome.error))
            return
        self._estimated = plan
        text = str(outcome.value)
        self.estimate_label.setText(f"{text[0].upper()}{text[1:]}.")

    # -- recording

    def record(self) -> None:
        """Record what the form says; the estimate is shown first if it was not yet."""
        try:
            plan, path = resolve_plan(self.draft), resolve_path(self.draft)
        except TwinscopeError as error:
            self._fail("Recording", error)
            return
        self._generations.begin("estimate")
        if self._estimated == plan:
            self._start_recording(plan, path)
            return

        def done(outcome: Outcome) -> None:
            self._show_estimate(plan, outcome)
            stopped = self.job is None or self.job.progress.canceled
            self._idle()
            if outcome.error is not None:
                self._fail("Recording", outcome.error)
            elif stopped:
                self._say("Stopped before the recording began.")
            else:
                self._start_recording(plan, path)

        self._run(Job("Estimate", lambda _: _estimate(plan)), done, "Loading the twin …")

    def _start_recording(self, plan: RecordingPlan, path: Path) -> None:
        from napari_twinscope.recording import record

        job = Job("Recording", lambda progress: record(plan, path, progress=progress))
        self._run(job, self._recorded, f"Recording to {path.name}", show=True)

    def _run(self, job: Job, done: object, text: str, show: bool = False) -> None:
        self.job = job
        self.record_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.progress.setRange(0, 0)
        self.progress.setVisible(True)
        self._say(text)
        self._timer.start()
        self.bench.background.start(job, done, show=show)

    def _recorded(self, outcome: Outcome) -> None:
        self._idle()
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
        self.record_button.setEnabled(True)
        self.cancel_button.setEnabled(False)

    def _show_progress(self) -> None:
        if self.job is not None and self.job.progress.total:
            progress = self.job.progress
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
            self.progress.setFormat(f"{progress.description}: %v of %m")

    # -- opening and preview

    def _choose_recording(self) -> None:
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
        return True

    def _offer_movies(self) -> None:
        """Ask for a movie file or one of the Image layers."""
        menu = QMenu(self)
        menu.addAction("From a file …", self._choose_movie_file)
        for layer in self.bench.viewer.layers:
            if isinstance(layer, Image) and layer.metadata.get(KEY) is None:
                menu.addAction(f"Image layer: {layer.name}", partial(self.use_layer, layer))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.form.movie.mapToGlobal(self.form.movie.rect().bottomLeft()))

    def _choose_movie_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "A movie to show", "", "Movies (*.npy *.npz *.tif *.tiff *.gif *.mp4 *.avi *.mov)"
        )
        if name:
            self.use_file(Path(name))

    def use_file(self, path: Path) -> None:
        """Show the whole of a movie file to the twin."""
        self._use_movie(lambda _: protocol_of_file(path))

    def use_layer(self, layer: Image) -> None:
        """Show an Image layer's frames to the twin, as they are shown here."""
        data, limits, rgb = layer.data, tuple(layer.contrast_limits), bool(layer.rgb)
        name, folder = layer.name, Path(self.draft.path).expanduser().parent / "twinscope-movies"
        self._use_movie(lambda _: protocol_of_frames(frames_as_shown(data, limits, rgb), folder, name))

    def _use_movie(self, make: Callable[[object], StimulusProtocol]) -> None:
        def done(outcome: Outcome) -> None:
            if outcome.error is not None:
                self._fail("Using this movie", outcome.error)
            else:
                self.form.use_protocol(outcome.value)

        self.bench.background.start(Job("Reading the movie", make), done)

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
            if outcome.error is not None:
                self._fail("Drawing the stimuli", outcome.error)
            else:
                self.bench.preview(protocol, outcome.value)

        job = Job("Drawing the stimuli", lambda progress: render_preview(protocol, progress))
        self.bench.background.start(job, done, show=True)

    # -- messages

    def _say(self, text: str) -> None:
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def _fail(self, doing: str, error: BaseException) -> None:
        self._say(f"{doing} did not work.")
        self.dialog = show_error(doing, error, self)

    def leave(self) -> None:
        """Stop what runs and let go of everything outside this widget."""
        super().leave()
        if self.job is not None:
            self.job.cancel()
        for topic in ("estimate", "preview"):
            self._generations.begin(topic)
        self._timer.stop()
        self._delay.stop()
        self.look.release()


def _estimate(plan: RecordingPlan) -> object:
    """Load the twin and measure it on a few frames; for a worker."""
    from napari_twinscope.recording import estimate, resolve_device
    from napari_twinscope.twins import load_twin

    return estimate(plan, load_twin(plan.twin, resolve_device(plan.device)))


def _in_one_line(error: BaseException) -> str:
    if not isinstance(error, TwinscopeError):
        return str(error)
    return " ".join(part for part in (error.problem, error.remedy and f"To do: {error.remedy}.") if part)


def _beside(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    return layout
