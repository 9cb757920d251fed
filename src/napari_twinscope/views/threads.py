"""The threads in which jobs run, and who is told in the main thread when one has ended."""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakMethod

from qtpy.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_twinscope.views import collector
from napari_twinscope.views.first_imports import import_in_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtCore import SignalInstance

    from napari_twinscope.rig import Job

LOOK_MILLISECONDS = 60
ROOM = 8
"""Jobs that may run at once on any machine: a recording and a fit must not hold up the small pictures."""


class _Run(QRunnable):
    """A job in the hands of a thread, which frees nothing of it."""

    def __init__(self, job: Job, ended: SignalInstance) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._job, self._ended = job, ended

    def run(self) -> None:
        import_in_turn()
        self._job.run()
        self._ended.emit(self._job)


@dataclass(frozen=True)
class _Running:
    """A job at work, and whom it concerns."""

    run: _Run
    ended: WeakMethod
    look: WeakMethod


class Threads(QObject):
    """Runs jobs, each in a thread of a pool of its own; made once, by `threads`.

    Superqt's workers, and so napari's, start a moment later wherever Qt's loop is running. These start at
    once, so that the main thread may wait for them.

    Qt posts to this object alone, which lasts as long as the process: whoever waits for a job may be garbage
    by the time that it ends, and Python may collect it at any moment, also while Qt hands an event to it,
    which ends the process. Methods that are called later are held weakly.
    """

    _ended = Signal(object)
    _posted = Signal()

    def __init__(self) -> None:
        super().__init__()
        # its own: of the common one napari waits for all that runs, and asks no job to stop
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(max(ROOM, os.cpu_count() or 1))
        self._running: dict[Job, _Running] = {}
        self._paused: set[Job] = set()  # for which the collector is paused
        self._soon: list[WeakMethod] = []
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._ended.connect(self._tell)
        # what is posted comes before painting, which Qt puts off until nothing else is to do
        self._posted.connect(self._do_soon, Qt.ConnectionType.QueuedConnection)

    def do_soon(self, do: Callable[[], None]) -> None:
        """Call a method once whatever goes on now is done, before anything is painted."""
        self._soon.append(WeakMethod(do))
        self._posted.emit()

    def start(self, job: Job, ended: Callable[[Job], None], look: Callable[[], None]) -> None:
        """Run a job; called in the main thread.

        Parameters
        ----------
        job
            The job.
        ended
            A method that is called with it in the main thread when it has ended.
        look
            A method that is called in the main thread again and again while it is running.
        """
        self._running[job] = _Running(_Run(job, self._ended), WeakMethod(ended), WeakMethod(look))
        self._timer.start()
        self._paused.add(job)
        collector.pause()
        self._pool.start(self._running[job].run)

    def stop(self) -> None:
        """Ask all jobs to stop, and wait until they have."""
        for job in list(self._running):
            job.cancel()
        self._pool.waitForDone()
        for job in list(self._paused):  # of which no event may tell once the loop of events has ended
            self._resume(job)

    def _do_soon(self) -> None:
        # one for each that was posted: whatever fails in one of them, the others come
        if self._soon and (do := self._soon.pop(0)()) is not None:
            do()

    def _look(self) -> None:
        collector.collect()
        alive = [look for running in self._running.values() if (look := running.look()) is not None]
        for look in dict.fromkeys(alive):  # once for all the jobs of each
            look()

    def _tell(self, job: Job) -> None:
        running = self._running.pop(job)
        self._resume(job)
        if not self._running:
            self._timer.stop()
        if (ended := running.ended()) is not None:
            ended(job)

    def _resume(self, job: Job) -> None:
        if job in self._paused:
            self._paused.discard(job)
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
