"""From behaviour to the signal that modulates the recurrent network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from napari_twinscope.twins.layers import Convolution, Perceptron

if TYPE_CHECKING:
    from napari_twinscope.twins.config import ModulationConfig


class LongShortTermMemory(nn.Module):
    """The gates of an LSTM cell."""

    def __init__(self, streams: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.proj_i = Convolution(streams, inputs + outputs, outputs, bias=-1.0)
        self.proj_f = Convolution(streams, inputs + outputs, outputs, bias=1.0)
        self.proj_g = Convolution(streams, inputs + outputs, outputs)
        self.proj_o = Convolution(streams, inputs + outputs, outputs)

    def gates(self, stream: int) -> tuple[Tensor, Tensor]:
        """Return one matrix [inputs + outputs, 4 outputs] and bias for the gates i, f, o, g."""
        gates = (self.proj_i, self.proj_f, self.proj_o, self.proj_g)
        matrix = torch.cat([gate.matrix(stream)[0] for gate in gates], dim=1)
        return matrix, torch.cat([gate.bias(stream) for gate in gates])


class Modulation(nn.Module):
    """A perceptron and an LSTM over pupil radius and running speed, per stream.

    Parameters
    ----------
    config
        Sizes.
    streams
        Parameter sets.
    features
        Behavioural numbers per frame.
    """

    def __init__(self, config: ModulationConfig, streams: int, features: int) -> None:
        super().__init__()
        widths = (features, *(config.mlp_features,) * config.mlp_layers)
        self.features = features
        self.mlp = Perceptron(streams, widths, linear_output=False)
        self.lstm = LongShortTermMemory(streams, config.mlp_features, config.lstm_features)

    def forward(self, behaviour: Tensor, stream: int) -> dict[str, Tensor]:
        """Run one stream over a whole video.

        Parameters
        ----------
        behaviour
            Numbers per frame, [sequences, frames, features].
        stream
            Parameter set.

        Returns
        -------
        dict
            The perceptron's output ``mlp``, and the hidden and cell state ``h`` and ``c`` after each
            frame, [sequences, frames, outputs]. The hidden state is what the core receives.
        """
        features = self.mlp(behaviour, stream)
        matrix, bias = self.lstm.gates(stream)
        driven = features @ matrix[: features.shape[-1]] + bias
        fed_back = matrix[features.shape[-1] :]
        width = fed_back.shape[1] // 4
        hidden = cell = driven.new_zeros(len(driven), width)
        hiddens, cells = [], []
        for drive in driven.unbind(1):
            gates = drive + hidden @ fed_back
            i, f, o = gates[:, : 3 * width].sigmoid().chunk(3, dim=1)
            cell = f * cell + i * gates[:, 3 * width :].tanh()
            hidden = o * cell.tanh()
            hiddens.append(hidden)
            cells.append(cell)
        return {"mlp": features, "h": torch.stack(hiddens, dim=1), "c": torch.stack(cells, dim=1)}
