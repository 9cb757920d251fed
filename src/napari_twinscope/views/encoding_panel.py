"""The part of the Manifold dock that opens, computes and chooses what is shown of a stage."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import InvalidInput, TwinscopeError
from napari_twinscope.rig import Generations, Job
from napari_twinscope.rig.encoding import (
    chosen_look,
    computed_look,
    first_look,
)
from napari_twinscope.rig.encoding_draft import EncodingDraft, problems, resolve_options
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.encoding_form import EncodingForm
from napari_twinscope.views.job_bar import JobBar
from napari_twinscope.views.links import Links
from napari_twinscope.views.look_choice import LookChoice
from napari_twinscope.views.report_dialog import ReportDialog
from napari_twinscope.views.settings import change_setting, setting
from napari_twinscope.views.theme import link

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Outcome
    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.views.bench import Bench

STOPPED = "Stopped. The steps that were finished are kept: Compute goes on from there."


class EncodingPanel(QWidget):
    """Chooses among the manifolds of a stage, computes new ones, and says what is wrong.

    It changes the session's looks and nothing else; the dock draws them.

    Attributes
    ----------
    report_button
        Opens the report of the manifold shown; to be put where results are taken out of the window.
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench, self.session = bench, bench.session
        self._generations = Generations()
        self._suited: object = None
        self._said = ""
        self.report: ReportDialog | None = None
        self.form = EncodingForm(EncodingDraft())
        self._build()
        self.links = Links()
        self.links.connect(self.session.events.stage, self.show_stage)
        self.links.connect(self.session.events.looks, self._show_look)
        self.show_stage()

    def _build(self) -> None:
        self.choice = LookChoice(self.session)
        self.choice.activated.connect(self.choose)
        self.compute_button = QPushButton("Compute")
        self.compute_button.setToolTip("Compute the encoding manifold of this stage")
        self.compute_button.setStyleSheet("font-weight: 600;")
        self.compute_button.clicked.connect(self.compute)
        self.options_button = QToolButton()
        self.options_button.setText("Options")
        self.options_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.options_button.setArrowType(Qt.ArrowType.RightArrow)
        self.options_button.setCheckable(True)
        self.options_button.setToolTip("How the manifold is computed")
        self.options_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.options_button.toggled.connect(self._show_form)
        self.options_button.clicked.connect(lambda on: change_setting("sections", "encoding_options", on))
        self.report_button = QPushButton("Report")
        self.report_button.setToolTip("What was done to which units, with which outcome")
        self.report_button.clicked.connect(self.open_report)
        self.progress = JobBar(self.bench.background)
        self.progress.changed.connect(self._show_buttons)
        self.step, self.cancel_button = self.progress.step, self.progress.cancel_button
        self.message, self.left_out = QLabel(), QLabel()
        for label in (self.message, self.left_out):
            label.setWordWrap(True)
        self.left_out.linkActivated.connect(self.open_report)
        self.left_out.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        top = QHBoxLayout()
        top.addWidget(Caption("Shown"))
        top.addWidget(self.choice, 1)
        for widget in (self.compute_button, self.options_button):
            top.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        for widget in (self.form, self.progress, self.message, self.left_out):
            layout.addWidget(widget)
            widget.hide()
        self.options_button.setChecked(bool(setting("sections", "encoding_options")))

    # -- what the user does

    def compute(self) -> None:
        """Compute the manifold of the stage that is looked at, as the form says."""
        if self.job is not None or not self.session.stage:
            return
        recording, stage = self.session.require_recording(), self.session.stage
        names, units = recording.protocol.names, len(self.session.units())
        if problems(self.form.draft, names, units):
            self.options_button.setChecked(True)
            self._say("Some options do not fit; see beside them.")
            return
        try:
            options = resolve_options(self.form.draft, names, units)
        except InvalidInput as error:
            self._say(in_lines(error))
            return
        job = Job("Encoding manifold", lambda progress: computed_look(recording, stage, options, progress))
        generation = self._generations.begin(stage)

        def words(step: str) -> str:
            return (step or "Beginning") + ("" if stage == self.session.stage else f" ({stage})")

        self._say("")
        self.progress.start(job, lambda outcome: self._computed(stage, generation, outcome), words)

    @property
    def job(self) -> Job | None:
        """The computation that is running."""
        return self.progress.job

    def choose(self, index: int) -> None:
        """Show another manifold of the stage, or its principal components."""
        recording, stage = self.session.require_recording(), self.session.stage
        look, responses, options = self.session.look, self.session.responses(), self.choice.options(index)
        self._ask(stage, lambda: chosen_look(recording, stage, responses, look, options))

    def open_report(self, *_: object) -> None:
        """Open the report of the manifold shown, with the units that are left out."""
        manifold = self.session.look.manifold
        if manifold is not None:
            self.report = ReportDialog(manifold, self)
            self.report.show()

    # -- work in the background

    def show_stage(self) -> None:
        """Look at the stage of the session; open its manifold if there is one."""
        recording, stage = self.session.recording, self.session.stage
        self._said = ""
        if recording is not self._suited:
            self.progress.drop()
        if recording is None or not stage:
            self._show_look()
            return
        anew = recording is not self._suited
        self._suited = recording
        self.form.suit(recording.protocol.names, len(self.session.units()), anew)
        if not self.session.look.is_ready:
            responses = self.session.responses()
            self._ask(stage, lambda: first_look(recording, stage, responses), "look")
        else:
            self.bench.measure_units()
        self._show_look()

    def _ask(self, stage: str, make: Callable[[], Look], topic: str = "") -> None:
        """Make a look in the background and show it, unless another was asked for meanwhile."""
        recording = self.session.recording
        explicit = topic or stage
        if not topic:
            self._generations.begin("look")
        generation = self._generations.begin(explicit)

        def done(outcome: Outcome[Look]) -> None:
            current = self._generations.is_current(explicit, generation)
            if not current or self.session.recording is not recording:
                return
            if outcome.error is not None:
                self._fail("Opening the manifold", outcome.error)
            else:
                self._take(stage, outcome.value)

        self.bench.background.start(Job("Manifold", lambda _: make()), done)

    def _take(self, stage: str, look: Look) -> None:
        shown = self.session.looks.get(stage)
        if look.problem is not None and look.manifold is None and shown is not None and shown.is_ready:
            self._say(in_lines(look.problem))  # what was shown stays
            self.choice.refresh()
            return
        self.session.show_look(stage, look)
        if stage == self.session.stage:
            self.bench.measure_units()

    def _computed(self, stage: str, generation: int, outcome: Outcome[Look]) -> None:
        if outcome.canceled:
            self._say(STOPPED)
        elif outcome.error is not None:
            self._fail("Computing the manifold", outcome.error)
        elif self._generations.is_current(stage, generation):
            if stage == self.session.stage:
                self._generations.begin("look")
            self._say("")
            self._take(stage, outcome.value)
        elif stage in self.session.looks:  # another was chosen meanwhile; this one joins the choices
            now = self.session.looks[stage]
            joined = outcome.value.after(now)
            self.session.show_look(stage, replace(now, stored=joined.stored, unstored=joined.unstored))
            self._say("The manifold was computed; it can be chosen above.")

    def _show_buttons(self) -> None:
        there = self.session.recording is not None and bool(self.session.stage)
        self.compute_button.setEnabled(there and self.job is None)

    # -- what is shown

    def _show_form(self, on: bool) -> None:
        self.form.setVisible(on)
        self.options_button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def _show_look(self) -> None:
        look = self.session.look
        there = self.session.recording is not None and bool(self.session.stage)
        self.choice.setEnabled(there)
        self._show_buttons()
        self.report_button.setEnabled(look.manifold is not None)
        self.choice.refresh()
        cloud = self.session.cloud() if there else None
        which = f" {link('report', 'Which units?')}" if look.manifold is not None else ""
        text = "" if cloud is None or not cloud.left_out else escape(cloud.left_out)
        counted, _, why = text.partition(". ")
        self.left_out.setText(f"{counted}.{which}" if text else "")
        self.left_out.setToolTip(why)
        self.left_out.setVisible(bool(text))
        self._show_message()

    def _say(self, text: str) -> None:
        self._said = text
        self._show_message()

    def _show_message(self) -> None:
        look = self.session.look
        cloud = self.session.cloud() if self.session.stage else None
        lines = [cloud.warning] if cloud is not None and cloud.warning else []
        lines += [] if look.problem is None or cloud is None else [in_lines(look.problem)]
        lines += [] if look.manifold is None else look.manifold.notices
        lines += [self._said] if self._said else []
        self.message.setText("\n".join(f"⚠ {line}" for line in lines))
        self.message.setVisible(bool(lines))

    def _fail(self, doing: str, error: BaseException) -> None:
        self._say(f"{doing} did not work. {in_lines(error)}")
        if not isinstance(error, TwinscopeError):
            show_error(doing, error, self)

    def release(self) -> None:
        """Stop what runs and let go of everything outside this widget."""
        self.links.release()
        self.form.release()
        self.progress.drop()
        for topic in ("look", *self.session.looks):
            self._generations.begin(topic)


def in_lines(error: BaseException) -> str:
    """Return an error as readable text: what is wrong, what was given and needed, and what to do."""
    if not isinstance(error, TwinscopeError):
        return f"{type(error).__name__}: {error}"
    facts = (("Given", error.given), ("Needed", error.needed), ("To do", error.remedy))
    return " ".join([error.problem, *(f"{name}: {fact}." for name, fact in facts if fact is not None)])
