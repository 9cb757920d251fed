"""Jobs of the rig run in napari's worker threads, with progress and Cancel in the activity dock."""

from __future__ import annotations

import atexit
import time
import weakref
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer
from superqt.utils import WorkerBase

from napari_twinscope.views import collector

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome

POLL_MILLISECONDS = 60

# Qt's objects are deleted when Python ends, and a worker that is still at work would report to one of them.
# Qt waits for its threads in any case, but only afterwards.
atexit.register(WorkerBase.await_workers)


@dataclass(frozen=True)
class _Awaited:
    """Who waits for a job: never in the hands of its thread, which would keep their windows alive."""

    done: Callable[[Outcome], None]
    bar: cancelable_progress | None


class Background(QObject):
    """Runs jobs and delivers their outcomes in the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[Job, _Awaited] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @property
    def busy(self) -> bool:
        """Whether a job is running whose outcome is awaited."""
        return bool(self._running)

    def start(
        self, job: Job, done: Callable[[Outcome], None], show: bool = False, patience: float = 0.0
    ) -> None:
        """Run a job.

        Parameters
        ----------
        job
            The job; its progress is watched.
        done
            Called in the main thread with the outcome, unless `stop` was called meanwhile.
        show
            Whether the activity dock shows progress and a Cancel button.
        patience
            Seconds from now that the window may wait for the outcome before it paints itself. It does so once
            whatever goes on now is done, so that nothing else waits, and what comes in time is painted with
            all the rest rather than after it.
        """
        self._running[job] = _Awaited(done, cancelable_progress(total=0, desc=job.title) if show else None)
        self._timer.start()
        worker = create_worker(job.run, _start_thread=False)
        # napari asks its workers to quit when the application ends
        known = weakref.ref(worker)
        job.progress.also_canceled = lambda: (w := known()) is not None and w.abort_requested
        worker.returned.connect(partial(_deliver, weakref.ref(self), job))
        worker.finished.connect(collector.resume)
        collector.pause()
        worker.start()
        if patience:  # what is posted comes before painting, which Qt puts off until nothing else is to do
            QTimer.singleShot(0, self, partial(self._await, job, time.monotonic() + patience))

    def stop(self) -> None:
        """Cancel all jobs; their outcomes are not delivered."""
        for job in list(self._running):
            job.cancel()
            self._end(job)

    def _end(self, job: Job) -> Callable[[Outcome], None] | None:
        awaited = self._running.pop(job, None)
        if not self._running and isalive(self._timer):
            self._timer.stop()
        if awaited is None:
            return None
        if awaited.bar is not None:
            awaited.bar.close()
        return awaited.done

    def _await(self, job: Job, until: float) -> None:
        if job in self._running and (outcome := job.wait(max(until - time.monotonic(), 0.0))) is not None:
            _deliver(weakref.ref(self), job, outcome)

    def _poll(self) -> None:
        collector.collect()
        for job, awaited in list(self._running.items()):
            bar, progress = awaited.bar, job.progress
            if bar is None:
                continue
            if bar.is_canceled:
                job.cancel()
            if progress.total and bar.total != progress.total:
                bar.reset(total=progress.total)
                bar.set_description(f"{job.title}: {progress.description}")
            bar.update(progress.done - bar.n)


def _deliver(background: weakref.ref[Background], job: Job, outcome: Outcome) -> None:
    known = background()
    done = None if known is None else known._end(job)
    if done is not None:
        done(outcome)
