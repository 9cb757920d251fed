"""One small interface by which long jobs report progress and notice that they should stop."""

from __future__ import annotations

from typing import Protocol

from napari_twinscope.errors import Canceled


class Progress(Protocol):
    """What a long job asks of its caller; implemented for the terminal and for napari."""

    @property
    def canceled(self) -> bool:
        """Whether the user asked to stop."""

    def begin(self, total: int, description: str) -> None:
        """Announce a phase of `total` steps."""

    def advance(self, steps: int = 1) -> None:
        """Report that `steps` more steps are done."""

    def end(self) -> None:
        """Close the phase that `begin` announced."""


class SilentProgress:
    """Reports nothing; stops when `cancel` is called."""

    def __init__(self) -> None:
        self.canceled = False

    def cancel(self) -> None:
        """Ask the job to stop at the next step."""
        self.canceled = True

    def begin(self, total: int, description: str) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


def raise_if_canceled(progress: Progress) -> None:
    """Raise `Canceled` where the user asked to stop."""
    if progress.canceled:
        raise Canceled("Stopped at the user's request.", remedy="start it again to go on where it stopped")
