"""A job that a dock waits for: its step, how far it is, and Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome
    from napari_twinscope.views.background import Background

POLL = 100  # milliseconds


class JobBar(QWidget):
    """Runs one job at a time, and is hidden while there is none.

    Parameters
    ----------
    background
        Runs the jobs.

    Attributes
    ----------
    job
        The one that is running; ``None`` if none is.
    changed
        Emitted when a job begins or ends.
    """

    changed = Signal()

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self.job: Job | None = None
        self._words: Callable[[str], str] = str
        self.step, self.bar = QLabel(), QProgressBar()
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel)
        self._timer = QTimer(self, interval=POLL)
        self._timer.timeout.connect(self._show_progress)
        going = QHBoxLayout()
        going.setContentsMargins(0, 0, 0, 0)
        going.addWidget(self.bar, 1)
        going.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.step)
        layout.addLayout(going)
        self.hide()

    def start(self, job: Job, done: Callable[[Outcome], None], words: Callable[[str], str] = str) -> None:
        """Run a job and wait for it.

        Parameters
        ----------
        job
            The job.
        done
            Called with its outcome, unless it was dropped.
        words
            Makes of the description of a step, empty before the first, what is said of it.
        """

        def ended(outcome: Outcome) -> None:
            if self.job is job:
                self._end()
                done(outcome)

        self.job, self._words = job, words
        self.cancel_button.setEnabled(True)
        self.show()
        self._show_progress()
        self._timer.start()
        self.changed.emit()
        self._background.start(job, ended)

    def cancel(self) -> None:
        """Ask the job to stop at its next step."""
        if self.job is not None:
            self.job.cancel()
            self.cancel_button.setEnabled(False)
            self.step.setText("Stopping at the next step …")

    def drop(self) -> None:
        """Stop the job, and do not wait for its outcome."""
        if self.job is not None:
            self.job.cancel()
            self._end()

    def _end(self) -> None:
        self.job = None
        self._timer.stop()
        self.hide()
        self.changed.emit()

    def _show_progress(self) -> None:
        if self.job is None or self.job.progress.canceled:
            return
        progress = self.job.progress
        self.bar.setRange(0, progress.total if progress.total > 1 else 0)
        self.bar.setValue(int(progress.done))
        self.step.setText(f"{self._words(progress.description)} …")
