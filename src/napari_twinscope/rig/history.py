"""Undo and redo without limit: the states that the parts of a session have been in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recorded(Protocol):
    """A part of the session whose changes can be undone."""

    def state(self) -> Any:
        """Return all that can change, as an immutable value that shares what it can."""

    def restore(self, state: Any) -> None:
        """Become what `state` returned earlier, and announce what differs."""


@dataclass(frozen=True)
class _Step:
    label: str
    states: tuple[Any, ...]


class History:
    """One line of steps through which the user can go back and forth.

    Every step keeps the states of all watched parts after one action of the user. A new action cuts off
    what could have been redone.

    Attributes
    ----------
    changed
        Emitted after a step was recorded, undone or redone, and after `forget`.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._parts: list[Recorded] = []
        self._steps = [_Step("", ())]
        self._at = 0
        self._depth = 0

    def watch(self, part: Recorded) -> None:
        """Record the states of another part; what was recorded before is forgotten."""
        self._parts.append(part)
        self.forget()

    def record(self, label: str) -> None:
        """Remember the present state as what an action of the user has led to."""
        if self._depth:
            return
        states = self._states()
        if states == self._steps[self._at].states:
            return
        del self._steps[self._at + 1 :]
        self._steps.append(_Step(label, states))
        self._at += 1
        self.changed.emit()

    @contextmanager
    def one_step(self, label: str) -> Iterator[None]:
        """Let everything that is changed inside become one step."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self.record(label)

    def undo(self) -> str | None:
        """Go one step back; return its label, ``None`` if there is none."""
        if not self._at:
            return None
        label = self._steps[self._at].label
        self._go(self._at - 1)
        return label

    def redo(self) -> str | None:
        """Go one step forward again; return its label, ``None`` if there is none."""
        if self._at + 1 == len(self._steps):
            return None
        self._go(self._at + 1)
        return self._steps[self._at].label

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back."""
        return self._steps[self._at].label if self._at else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again."""
        return self._steps[self._at + 1].label if self._at + 1 < len(self._steps) else None

    def forget(self) -> None:
        """Begin anew with the present state."""
        self._steps, self._at = [_Step("", self._states())], 0
        self.changed.emit()

    def _states(self) -> tuple[Any, ...]:
        return tuple(part.state() for part in self._parts)

    def _go(self, at: int) -> None:
        self._at = at
        for part, state in zip(self._parts, self._steps[at].states, strict=True):
            part.restore(state)
        self.changed.emit()
