"""Jobs of the rig run in napari's worker threads, with progress and Cancel in the activity dock."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome

POLL_MILLISECONDS = 60


@dataclass(eq=False)
class _Run:
    """A running job. The worker's thread may be the last to hold it, so it must not own Qt objects."""

    job: Job
    done: Callable[[Outcome], None] | None
    bar: cancelable_progress | None


class Background(QObject):
    """Runs jobs and delivers their outcomes in the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._running: set[_Run] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @property
    def busy(self) -> bool:
        """Whether a job is running whose outcome is awaited."""
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
        run = _Run(job, done, cancelable_progress(total=0, desc=job.title) if show else None)
        self._running.add(run)
        self._timer.start()
        worker = create_worker(job.run, _start_thread=False)
        # napari asks its workers to quit when the application ends
        known = weakref.ref(worker)
        job.progress.also_canceled = lambda: (w := known()) is not None and w.abort_requested
        worker.returned.connect(partial(_deliver, weakref.ref(self), run))
        worker.start()

    def stop(self) -> None:
        """Cancel all jobs; their outcomes are not delivered."""
        for run in list(self._running):
            run.job.cancel()
            self._end(run)

    def _end(self, run: _Run) -> Callable[[Outcome], None] | None:
        self._running.discard(run)
        if not self._running and isalive(self._timer):
            self._timer.stop()
        if run.bar is not None:
            run.bar.close()
        done, run.done, run.bar = run.done, None, None
        return done

    def _poll(self) -> None:
        for run in list(self._running):
            bar, progress = run.bar, run.job.progress
            if bar is None:
                continue
            if bar.is_canceled:
                run.job.cancel()
            if progress.total and bar.total != progress.total:
                bar.reset(total=progress.total)
                bar.set_description(f"{run.job.title}: {progress.description}")
            bar.update(progress.done - bar.n)


def _deliver(background: weakref.ref[Background], run: _Run, outcome: Outcome) -> None:
    known = background()
    done = None if known is None else known._end(run)
    if done is not None:
        done(outcome)
