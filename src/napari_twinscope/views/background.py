"""Jobs of the rig run in threads, with progress and Cancel in napari's activity dock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari.utils import cancelable_progress
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_twinscope.views import collector
from napari_twinscope.views.threads import threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome

POLL_MILLISECONDS = 60


@dataclass(frozen=True)
class _Awaited:
    """Who waits for a job: never in the hands of its thread, which would keep their windows alive."""

    done: Callable[[Outcome], None]
    bar: cancelable_progress | None


class Background(QObject):
    """Runs jobs and delivers their outcomes in the main thread."""

    _asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[Job, _Awaited] = {}
        self._soon: list[tuple[Job, float]] = []  # and until when painting may wait for it
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)
        # what is posted comes before painting, which Qt puts off until nothing else is to do
        self._asked.connect(self._begin_all, Qt.ConnectionType.QueuedConnection)
        threads().ended.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """Whether a job is running whose outcome is awaited."""
        return bool(self._running)

    def start(
        self, job: Job, done: Callable[[Outcome], None], show: bool = False, patience: float = 0.0
    ) -> None:
        """Run a job, once whatever goes on now is done: its thread would only hold that up.

        Parameters
        ----------
        job
            The job; its progress is watched.
        done
            Called in the main thread with the outcome, unless `stop` was called meanwhile.
        show
            Whether the activity dock shows progress and a Cancel button.
        patience
            Seconds from now that the window may wait for the outcome before it paints itself, so that what
            comes in time is painted with all the rest rather than after it.
        """
        self._running[job] = _Awaited(done, cancelable_progress(total=0, desc=job.title) if show else None)
        self._timer.start()
        if not self._soon:
            self._asked.emit()
        self._soon.append((job, time.monotonic() + patience if patience else 0.0))

    def _begin_all(self) -> None:
        soon, self._soon = [(job, until) for job, until in self._soon if job in self._running], []
        for job, _ in soon:
            threads().start(job)
        for job, until in soon:
            if until and job.wait(max(until - time.monotonic(), 0.0)) is not None:
                self._deliver(job)

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

    def _deliver(self, job: Job) -> None:
        done = self._end(job)  # which is nothing to do for the jobs of others, and the second time
        if done is not None:
            done(job.outcome)

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
