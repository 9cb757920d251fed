"""What went wrong, what was expected and what to do next."""

from __future__ import annotations


class TwinscopeError(Exception):
    """An error that a user can act on.

    Parameters
    ----------
    problem
        One sentence: what cannot be done.
    given, needed, remedy
        What was given, what is needed instead, and what to do next. Each is optional and becomes one
        line of the message.
    """

    def __init__(
        self,
        problem: str,
        *,
        given: object = None,
        needed: object = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.given = given
        self.needed = needed
        self.remedy = remedy
        lines = [problem]
        if given is not None:
            lines.append(f"  given:  {given}")
        if needed is not None:
            lines.append(f"  needed: {needed}")
        if remedy is not None:
            lines.append(f"  do:     {remedy}")
        super().__init__("\n".join(lines))


class InvalidInput(TwinscopeError, ValueError):
    """A value, array or specification that does not fit."""


class WeightsError(TwinscopeError):
    """A weight file that is corrupt, incomplete, hostile or of another network."""


class StoreError(TwinscopeError):
    """A recording on disk that cannot be read, resumed or written."""


class DeviceError(TwinscopeError):
    """A computing device that is absent or too small."""


class Canceled(TwinscopeError):
    """The user stopped a running job; what was finished is kept."""
