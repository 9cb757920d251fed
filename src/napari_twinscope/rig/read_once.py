"""What is read of recordings: once for all who look at it, and let go with the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary, WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.recording import Recording

T = TypeVar("T")
_IN_USE: WeakKeyDictionary[Recording, WeakValueDictionary[tuple[str, str], Any]] = WeakKeyDictionary()


def read_once(recording: Recording, what: str, stage: str, read: Callable[[], T]) -> T:
    """Return what somebody else has in use of a stage of a recording, or else read it.

    Parameters
    ----------
    recording, stage
        Of which it is.
    what
        What it is called.
    read
        Reads it. What it returns is shared and must not be changed.
    """
    in_use = _IN_USE.setdefault(recording, WeakValueDictionary())
    found = in_use.get((what, stage))
    if found is None:
        in_use[what, stage] = found = read()
    return cast(T, found)
