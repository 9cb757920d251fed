"""The core of the network: encoder and recurrent part, and what a stream of them computes with and keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor, nn

from napari_twinscope.twins.feedforward import Feedforward, FeedforwardWeights
from napari_twinscope.twins.recurrent import Recurrent, RecurrentState, RecurrentWeights

if TYPE_CHECKING:
    from napari_twinscope.twins.config import NetworkConfig


class StreamWeights(NamedTuple):
    """Effective weights of one stream of the core."""

    feedforward: FeedforwardWeights
    recurrent: RecurrentWeights | None


@dataclass
class StreamState:
    """What one stream of the core keeps between chunks of frames."""

    feedforward: list[Tensor]
    recurrent: RecurrentState


class Core(nn.Module):
    """The part that is shared by all scans."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.feedforward = Feedforward(config.feedforward, config.streams)
        self.recurrent = Recurrent(config)
