"""What a recording will take, on disk and in time, said before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QLabel

from napari_twinscope.errors import TwinscopeError
from napari_twinscope.rig import Generations, Job, resolve_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.recording import RecordingPlan
    from napari_twinscope.rig import Outcome, PlanDraft
    from napari_twinscope.views.background import Background

DELAY = 500  # milliseconds after the last change


class EstimateLabel(QLabel):
    """Says at once how many movies a draft has, and a little later what they take.

    Parameters
    ----------
    draft
        The recording in the making.
    background
        Measures the twin.
    busy
        Whether something is recorded, so that nothing can be measured.

    Attributes
    ----------
    possible
        Emitted with whether the draft can be recorded.
    """

    possible = Signal(bool)

    def __init__(self, draft: PlanDraft, background: Background, busy: Callable[[], bool]) -> None:
        super().__init__()
        self.setWordWrap(True)
        self._draft, self._background, self._busy = draft, background, busy
        self._generations = Generations()
        self._known: RecordingPlan | None = None
        self._delay = QTimer(self, singleShot=True, interval=DELAY)
        self._delay.timeout.connect(self._measure)
        draft.events.connect(self._draft_changed)

    def is_of(self, plan: RecordingPlan) -> bool:
        """Return whether the estimate that is shown is that of a plan."""
        return self._known == plan

    def show_size(self) -> None:
        """Say what is known without the twin."""
        try:
            plan = resolve_plan(self._draft)
        except TwinscopeError as error:
            self.setText(_in_one_line(error))
            self.possible.emit(False)
            return
        self.possible.emit(True)
        self.setText(f"{plan.sequences} movies of {plan.protocol.frames} frames.")

    def show_estimate(self, plan: RecordingPlan, outcome: Outcome) -> None:
        """Say what was measured for a plan with `measured`."""
        if outcome.error is not None:
            self.setText(_in_one_line(outcome.error))
            return
        self._known = plan
        text = str(outcome.value)
        self.setText(f"{text[0].upper()}{text[1:]}.")

    def forget(self) -> None:
        """Show no estimate that is not there yet."""
        self._generations.begin("estimate")
        self._delay.stop()

    def _draft_changed(self) -> None:
        self._known = None
        self.show_size()
        self._delay.start()

    def _measure(self) -> None:
        if self._busy():
            return
        try:
            plan = resolve_plan(self._draft)
        except TwinscopeError:
            return
        generation = self._generations.begin("estimate")

        def done(outcome: Outcome) -> None:
            if self._generations.is_current("estimate", generation):
                self.show_estimate(plan, outcome)

        self._background.start(Job("Estimate", lambda _: measured(plan)), done)


def measured(plan: RecordingPlan) -> object:
    """Load the twin and measure it on a few frames; for a worker."""
    from napari_twinscope.recording import estimate, resolve_device
    from napari_twinscope.twins import load_twin

    return estimate(plan, load_twin(plan.twin, resolve_device(plan.device)))


def _in_one_line(error: BaseException) -> str:
    if not isinstance(error, TwinscopeError):
        return str(error)
    return " ".join(part for part in (error.problem, error.remedy and f"To do: {error.remedy}.") if part)
