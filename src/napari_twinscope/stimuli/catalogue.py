"""The protocols that can be asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli.paper import PAPER_SETS, paper_stimuli
from napari_twinscope.stimuli.protocol import StimulusProtocol

if TYPE_CHECKING:
    from collections.abc import Callable


def _paper() -> StimulusProtocol:
    return StimulusProtocol("paper", paper_stimuli())


def _paper_set(which: str) -> StimulusProtocol:
    by_name = {stimulus.name: stimulus for stimulus in paper_stimuli()}
    return StimulusProtocol(f"paper-6-{which}", tuple(by_name[name] for name in PAPER_SETS[which]))


_PROTOCOLS: dict[str, Callable[[], StimulusProtocol]] = {
    "paper": _paper,
    "paper-6-medium": lambda: _paper_set("medium"),
    "paper-6-high": lambda: _paper_set("high"),
}
_ALIASES = {"paper-6": "paper-6-medium"}


def protocol_names() -> tuple[str, ...]:
    """Return the names that `protocol` knows, without aliases."""
    return tuple(_PROTOCOLS)


def protocol(name: str) -> StimulusProtocol:
    """Return a protocol by name; ``"paper-6"`` stands for ``"paper-6-medium"``.

    Raises
    ------
    InvalidInput
        If there is no such protocol.

    Examples
    --------
    >>> protocol("paper").shape
    (11, 8, 3)
    """
    build = _PROTOCOLS.get(_ALIASES.get(name, name))
    if build is None:
        raise InvalidInput(
            "There is no protocol of this name.",
            given=name,
            needed="one of " + ", ".join((*_PROTOCOLS, *_ALIASES)),
            remedy="choose one of these or build a StimulusProtocol",
        )
    return build()
