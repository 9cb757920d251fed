"""The threads in which jobs run, and who is told in the main thread when one has ended."""

from __future__ import annotations

import atexit
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QRunnable, QThreadPool, Signal
from qtpy.QtWidgets import QApplication

from napari_twinscope.views import collector
from napari_twinscope.views.first_imports import import_in_turn

if TYPE_CHECKING:
    from napari_twinscope.rig import Job

ROOM = 8
"""Jobs that may run at once on any machine: a recording and a fit must not hold up the small pictures."""


class _Run(QRunnable):
    """A job in the hands of a thread, which frees nothing of it."""

    def __init__(self, job: Job, threads: Threads) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._job, self._threads = job, threads

    def run(self) -> None:
        import_in_turn()
        self._job.run()
        self._threads.ended.emit(self._job)


class Threads(QObject):
    """Runs jobs, each in a thread of a pool of its own; made once, by `threads`.

    Superqt's workers, and so napari's, start a moment later wherever Qt's loop is running. These start at
    once, so that the main thread may wait for them.

    Attributes
    ----------
    ended
        Emitted in the main thread with each job that has ended.
    """

    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._pool = (
            QThreadPool()
        )  # of the common one napari waits for all that runs, and asks no job to stop
        self._pool.setMaxThreadCount(max(ROOM, os.cpu_count() or 1))
        self._running: dict[Job, _Run] = {}
        self.ended.connect(self._forget)

    def start(self, job: Job) -> None:
        """Run a job; called in the main thread."""
        self._running[job] = _Run(job, self)
        collector.pause()
        self._pool.start(self._running[job])

    def stop(self) -> None:
        """Ask all jobs to stop, and wait until they have."""
        for job in list(self._running):
            job.cancel()
        self._pool.waitForDone()
        for job in list(self._running):  # of which nobody may tell once the loop of events has ended
            self._forget(job)

    def _forget(self, job: Job) -> None:
        if self._running.pop(job, None) is not None:
            collector.resume()


@lru_cache(maxsize=1)
def threads() -> Threads:
    """Return the threads of this process; they stop when Qt's application or Python ends."""
    made = Threads()
    # Qt's objects are deleted when Python ends, and a thread still at work would report to one of them
    atexit.register(made.stop)
    application = QApplication.instance()
    if application is not None:
        application.aboutToQuit.connect(made.stop)
    return made
