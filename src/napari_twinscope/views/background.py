"""Jobs of the rig run in threads, with progress and Cancel in napari's activity dock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari.utils import cancelable_progress

from napari_twinscope.views.threads import threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Job, Outcome


@dataclass(frozen=True)
class _Awaited:
    """Who waits for a job: never in the hands of its thread, which would keep their windows alive."""

    done: Callable[[Outcome], None]
    bar: cancelable_progress | None


class Background:
    """Runs jobs and delivers their outcomes in the main thread."""

    def __init__(self) -> None:
        self._running: dict[Job, _Awaited] = {}
        self._soon: list[tuple[Job, float]] = []  # and until when painting may wait for it

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
        if not self._soon:
            threads().do_soon(self._begin_all)
        self._soon.append((job, time.monotonic() + patience if patience else 0.0))

    def _begin_all(self) -> None:
        soon, self._soon = [(job, until) for job, until in self._soon if job in self._running], []
        for job, _ in soon:
            threads().start(job, self._deliver, self._look)
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
        if awaited is None:
            return None
        if awaited.bar is not None:
            awaited.bar.close()
        return awaited.done

    def _deliver(self, job: Job) -> None:
        done = self._end(job)  # there is nothing to do the second time, or once all was stopped
        if done is not None:
            done(job.outcome)

    def _look(self) -> None:
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
