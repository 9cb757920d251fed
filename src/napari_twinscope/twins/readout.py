"""The readout: each unit looks at one position of the core feature map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from napari_twinscope.twins.perspective import Noise
    from napari_twinscope.twins.probe import Probe


class Position(nn.Module):
    """Where each unit looks: (x, y) before the tanh, and the spread of its noise in training."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.mu = nn.Parameter(torch.zeros(units, 2))
        self.sigma = nn.Parameter(0.4 * torch.eye(2).repeat(units, 1, 1))

    def forward(self, noise: Noise | None) -> Tensor:
        """Return the positions (x, y) in -1...1, [1 or sequences, units, 2]."""
        mean = self.mu[None]
        if noise is not None:
            mean = mean + torch.einsum("uij,nuj->nui", self.sigma, noise.position)
        return mean.tanh()


class Feature(nn.Module):
    """What each unit reads from the core's channels, per stream."""

    def __init__(self, units: int, streams: int, channels: int) -> None:
        super().__init__()
        self.weights = nn.ParameterList(nn.Parameter(torch.zeros(units, 1, channels)) for _ in range(streams))


def bilinear_corners(positions: Tensor, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the four grid cells around each position and their weights.

    Cells are centred at odd multiples of half a cell (not corner aligned); positions beyond the
    outer cells' centres are clamped to them.

    Parameters
    ----------
    positions
        (x, y) in -1...1, [..., 2].
    shape
        Rows and columns of the grid.

    Returns
    -------
    cells
        Row-major indices, int64 [..., 4].
    weights
        [..., 4], summing to one; differentiable.
    """
    rows, columns = shape
    column = (((positions[..., 0] + 1) * columns - 1) / 2).clamp(0, columns - 1)
    row = (((positions[..., 1] + 1) * rows - 1) / 2).clamp(0, rows - 1)
    left = column.detach().floor().clamp_max(max(columns - 2, 0)).long()
    top = row.detach().floor().clamp_max(max(rows - 2, 0)).long()
    right, bottom = (left + 1).clamp_max(columns - 1), (top + 1).clamp_max(rows - 1)
    to_right, to_bottom = column - left, row - top
    cells = (top * columns + left, top * columns + right, bottom * columns + left, bottom * columns + right)
    weights = (
        (1 - to_bottom) * (1 - to_right),
        (1 - to_bottom) * to_right,
        to_bottom * (1 - to_right),
        to_bottom * to_right,
    )
    return torch.stack(cells, dim=-1), torch.stack(weights, dim=-1)


class Readout(nn.Module):
    """Linear readout of every unit from each stream.

    Parameters
    ----------
    units, streams, channels
        Number of units, of streams, and of core channels per stream.
    """

    def __init__(self, units: int, streams: int, channels: int) -> None:
        super().__init__()
        self.position = Position(units)
        self.feature = Feature(units, streams, channels)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(units, 1)) for _ in range(streams))

    def forward(self, core: Tensor, positions: Tensor, stream: int, probe: Probe) -> Tensor:
        """Return the logits of one stream, [sequences, frames, units].

        Parameters
        ----------
        core
            Core feature map [sequences, frames, rows, columns, channels].
        positions
            (x, y) in -1...1, [1 or sequences, units, 2].
        stream, probe
            Parameter set, and what to record.
        """
        sequences, frames, rows, columns, channels = core.shape
        cells, weights = bilinear_corners(positions, (rows, columns))
        cells = cells.expand(sequences, -1, -1)[:, None]
        images = torch.arange(sequences * frames, device=core.device).view(sequences, frames, 1, 1)
        cells = cells + images * (rows * columns)
        weights = weights[:, None].expand_as(cells)
        # a weighted bag of four cells is the bilinear sample
        sampled = functional.embedding_bag(
            cells.flatten(0, 2),
            core.reshape(-1, channels),
            per_sample_weights=weights.reshape(-1, 4),
            mode="sum",
        ).view(sequences, frames, -1, channels)
        if probe.wants("readout.sampled"):
            probe.put("readout.sampled", sampled)
        if probe.wants("readout.features"):
            probe.put("readout.features", sampled.transpose(2, 3)[..., None])
        weight: Tensor = self.feature.weights[stream]
        bias: Tensor = self.biases[stream]
        logits = torch.einsum("ntuc,uc->ntu", sampled, weight[:, 0]) + bias[:, 0]
        if probe.wants("readout.out"):
            probe.put("readout.out", logits)
        return logits
