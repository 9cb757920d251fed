"""Subscriptions that end with the widget that made them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Links:
    """Remembers connections, so that a widget can cut all of them when it goes.

    A psygnal signal keeps calling a method of a Python object whose Qt half is already deleted; that is
    an error. `release` belongs in the widget's ``closeEvent`` and to its ``destroyed`` signal.
    """

    def __init__(self) -> None:
        self._made: list[tuple[Any, Callable[..., Any]]] = []

    def connect(self, signal: Any, slot: Callable[..., Any]) -> None:
        """Connect and remember."""
        signal.connect(slot)
        self._made.append((signal, slot))

    def release(self, *_: object) -> None:
        """Cut every connection; may be called twice."""
        while self._made:
            signal, slot = self._made.pop()
            with suppress(Exception):
                signal.disconnect(slot)
