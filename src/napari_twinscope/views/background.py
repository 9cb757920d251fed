"""Jobs of the rig run in napari's worker threads, with progress and Cancel in the activity dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome

POLL_MILLISECONDS = 60


class Background(QObject):
    """Runs jobs; forgets them all when its parent goes.

    Results are delivered in the main thread. After `stop` nothing is delivered any more.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: dict[Job, _Run] = {}
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return bool(self._running)

    def start(self, job: Job, done: Callable[[Outcome], None], show: bool = False) -> None:
        """Run a job.

        Parameters
        ----------
        job
            The job; its progress is watched.
        done
            Called in the main thread with the outcome, unless `stop` was called meanwhile.
        show
            Whether the activity dock shows progress and a Cancel button.
        """
        self._running[job] = _Run(self, job, done, show)

    def stop(self) -> None:
        """Cancel all jobs and deliver nothing any more."""
        self._stopped = True
        for run in list(self._running.values()):
            run.drop()

    def finish(self, run: _Run, outcome: Outcome) -> None:
        """Take note that a job ended and deliver its outcome."""
        self._running.pop(run.job, None)
        if not self._stopped:
            run.done(outcome)


class _Run:
    """One job in its worker, with its progress bar."""

    def __init__(self, owner: Background, job: Job, done: Callable[[Outcome], None], show: bool) -> None:
        self.job, self.done, self._owner = job, done, owner
        self._bar = cancelable_progress(total=0, desc=job.title) if show else None
        self._timer = QTimer(owner)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)
        if show:
            self._timer.start()
        self._worker = create_worker(job.run, _start_thread=False)
        self._worker.returned.connect(self._returned)
        self._worker.start()

    def drop(self) -> None:
        """Cancel the job and close its bar."""
        self.job.cancel()
        self._timer.stop()
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _poll(self) -> None:
        bar, progress = self._bar, self.job.progress
        if bar is None:
            return
        if bar.is_canceled:
            self.job.cancel()
        if progress.total and bar.total != progress.total:
            bar.reset(total=progress.total)
            bar.set_description(f"{self.job.title}: {progress.description}")
        bar.update(progress.done - bar.n)

    def _returned(self, outcome: Outcome) -> None:
        self.drop()
        self._owner.finish(self, outcome)
