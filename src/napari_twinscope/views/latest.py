"""Work that follows the user's hand: one job at a time, and only the newest answer is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_twinscope.rig import Generations, Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Outcome, WatchedProgress
    from napari_twinscope.views.background import Background

PATIENCE = 0.05
"""Seconds that painting may wait for an answer that comes soon, rather than be done twice."""


class Latest:
    """Asks one question after another in the background; an answer that came too late is dropped.

    While a question is worked on, only the newest of those that come is kept.

    Parameters
    ----------
    background
        Runs the jobs.
    title
        What they are called.
    """

    def __init__(self, background: Background, title: str) -> None:
        self._background, self._title = background, title
        self._generations = Generations()
        self._asked: tuple[Callable[[WatchedProgress], Any], Callable[[Outcome], None], float] | None = None
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None or self._asked is not None

    def ask(
        self,
        work: Callable[[WatchedProgress], Any],
        done: Callable[[Outcome], None],
        patience: float = 0.0,
    ) -> None:
        """Do some work in a thread, then call `done` in this one, unless something newer is asked.

        Parameters
        ----------
        work, done
            What is done, and what is called with its outcome.
        patience
            Seconds that painting may wait for the outcome, as of `Background.start`; none while an earlier
            question is still worked on.
        """
        self._generations.begin(self._title)
        self._asked = (work, done, patience if self._job is None else 0.0)
        if self._job is None:
            self._begin()
        else:
            self._job.cancel()

    def forget(self) -> None:
        """Let no answer come any more."""
        self._generations.begin(self._title)
        self._asked = None
        if self._job is not None:
            self._job.cancel()

    def _begin(self) -> None:
        work, done, patience = self._asked
        self._asked = None
        generation = self._generations.begin(self._title)
        job = Job(self._title, work)

        def answered(outcome: Outcome) -> None:
            self._job = None
            if self._generations.is_current(self._title, generation):
                done(outcome)
            elif self._asked is not None:
                self._begin()

        self._job = job
        self._background.start(job, answered, patience=patience)
