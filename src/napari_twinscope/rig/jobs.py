"""Long work off the main thread: progress that can be watched, cancel, and no stale results."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from napari_twinscope.errors import Canceled
from napari_twinscope.progress import raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class WatchedProgress:
    """Progress that one thread reports and another reads; either may cancel.

    Only whole attributes are exchanged, so no lock is needed.
    """

    def __init__(self) -> None:
        self._canceled = False
        self.total = 0
        self.done = 0
        self.description = ""

    @property
    def canceled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._canceled

    def begin(self, total: int, description: str) -> None:
        """Start a phase of `total` steps."""
        self.total, self.done, self.description = total, 0, description

    def advance(self, steps: int = 1) -> None:
        """Count `steps` more steps as done."""
        self.done += steps

    def end(self) -> None:
        """Count the phase as done."""
        self.done = self.total

    def cancel(self) -> None:
        """Ask the job to stop at its next step."""
        self._canceled = True


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How a job ended: with a value or with the exception that stopped it."""

    value: T | None = None
    error: BaseException | None = None

    @property
    def canceled(self) -> bool:
        """Whether the job stopped because it was asked to."""
        return isinstance(self.error, Canceled)


@dataclass(eq=False)
class Job(Generic[T]):
    """A piece of work that reports progress and can be canceled.

    Parameters
    ----------
    title
        What the user reads beside the progress bar.
    work
        The work; it reports to the progress that it is given and looks at its ``canceled``.
    """

    title: str
    work: Callable[[WatchedProgress], T] = field(repr=False)  # which would print all that it works on
    progress: WatchedProgress = field(default_factory=WatchedProgress)
    _ended: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _outcome: Outcome[T] | None = field(default=None, init=False, repr=False)

    def run(self) -> Outcome[T]:
        """Do the work in the calling thread; an exception becomes the outcome's error.

        Of a job that was canceled before it began nothing is done.
        """
        try:
            raise_if_canceled(self.progress)
            self._outcome = Outcome(value=self.work(self.progress))
        except BaseException as error:  # the outcome carries it to the thread that shows it
            self._outcome = Outcome(error=error)
        self._ended.set()
        return self._outcome

    @property
    def outcome(self) -> Outcome[T] | None:
        """How the job ended; ``None`` while it has not."""
        return self._outcome

    def wait(self, seconds: float) -> Outcome[T] | None:
        """Return how the job ended in another thread; ``None`` if it has not within so many seconds."""
        return self._outcome if self._ended.wait(seconds) else None

    def cancel(self) -> None:
        """Ask the work to stop."""
        self.progress.cancel()


class Generations:
    """Numbers the requests of each topic, so that an answer to an older one can be dropped.

    Examples
    --------
    >>> generations = Generations()
    >>> first = generations.begin("manifold")
    >>> second = generations.begin("manifold")
    >>> generations.is_current("manifold", first), generations.is_current("manifold", second)
    (False, True)
    """

    def __init__(self) -> None:
        self._current: dict[str, int] = {}

    def begin(self, topic: str) -> int:
        """Start a request and make all earlier ones of this topic stale."""
        self._current[topic] = self._current.get(topic, 0) + 1
        return self._current[topic]

    def is_current(self, topic: str, generation: int) -> bool:
        """Return whether no later request of this topic was made."""
        return self._current.get(topic, 0) == generation
