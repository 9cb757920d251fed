"""Collecting values from inside a running network."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STACKED = frozenset({"recurrent.attn", "readout.sampled", "readout.out"})
"""Values whose streams get an axis of their own; those of all others are joined on the channels."""


class Probe(Protocol):
    """What a network tells while it runs; values are [sequences, frames, channels, ...]."""

    def wants(self, name: str) -> bool:
        """Whether the value called `name` is to be recorded."""

    def put(self, name: str, value: Tensor) -> None:
        """Take the value of the next stream, for the frames that are being computed."""


class NoProbe:
    """Records nothing."""

    def wants(self, name: str) -> bool:  # noqa: ARG002
        """Return False."""
        return False

    def put(self, name: str, value: Tensor) -> None:
        """Do nothing."""


class ChunkProbe:
    """Joins the streams of each value and hands it on after every chunk of frames.

    Parameters
    ----------
    names
        Values to record.
    sink
        Called as ``sink(name, first_frame, value)`` with value [sequences, frames, channels, ...].
    """

    def __init__(self, names: Iterable[str], sink: Callable[[str, int, Tensor], None]) -> None:
        self.names = frozenset(names)
        self._sink = sink
        self._streams: dict[str, list[Tensor]] = defaultdict(list)

    def wants(self, name: str) -> bool:
        """Whether `name` is among the names."""
        return name in self.names

    def put(self, name: str, value: Tensor) -> None:
        """Keep the value of one stream until `flush`."""
        self._streams[name].append(value)

    def flush(self, first_frame: int) -> None:
        """Hand on what was put since the last call."""
        # pop each value before its sink runs: only one joined map is in memory at a time
        for name in list(self._streams):
            self._sink(name, first_frame, _join(name, self._streams.pop(name)))


def _join(name: str, streams: list[Tensor]) -> Tensor:
    if name in STACKED:
        return torch.stack(streams, dim=2)
    if len(streams) == 1:
        return streams[0]
    # join along the axis that lies contiguous in memory, where maps hold their channels
    return torch.cat([value.movedim(2, -1) for value in streams], dim=-1).movedim(-1, 2)
