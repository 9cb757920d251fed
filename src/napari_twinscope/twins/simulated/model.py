"""How the simulated cells respond: filters, energy, divisive normalisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from napari_twinscope.twins.simulated.cells import COMPLEX
from napari_twinscope.twins.simulated.filters import MEMORY, spatial_filters, temporal_kernels

if TYPE_CHECKING:
    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins.simulated.cells import Cells

GREY = 127.5
"""Grey level of contrast 0, to which the cells are adapted."""
POOL_SIZE = 15.0
"""Standard deviation of the normalisation pool in degrees."""
POOL_TIME = 0.15
"""Time constant of the normalisation pool in seconds."""
SEMISATURATION = 0.06
"""Contrast in the pool at which normalisation halves the response."""
SELF = 0.5
"""Share of a cell's own drive in its suppression, which bounds its rate."""
RATE = 4.5
"""Factor of all rates, which makes their mean about 1 for movies of moderate contrast."""


@dataclass(frozen=True)
class State:
    """What the cells remember of the frames before.

    Attributes
    ----------
    linear
        Outputs of the spatial filters to the last frames, [N, `MEMORY` - 1, units, 2].
    pool
        Energy in the normalisation pool of each cell, [N, units].
    """

    linear: Tensor
    pool: Tensor


@dataclass(frozen=True)
class Activity:
    """The values of some frames.

    Attributes
    ----------
    linear
        Outputs of the even and the odd spatial filter, [N, T, units, 2]; contrast.
    drive
        What a cell responds to before normalisation, [N, T, units]; contrast.
    rate
        The response, [N, T, units], not negative.
    """

    linear: Tensor
    drive: Tensor
    rate: Tensor


class CorticalModel(nn.Module):
    r"""The equations of the simulated cells.

    With C the contrast of the pixels, ``D = even + i odd`` the complex output of the spatial filters and h
    the complex temporal kernel, each cell has a mechanism for either direction of motion,

    .. math:: P = h * D, \quad M = \bar h * D.

    Its drive is, with direction selectivity s and spatial phase phi,

    .. math::
        L = 2 \, [\mathrm{Re} \, e^{-i \phi} (P + (1 - s) M)]_+ \quad \textrm{(simple, ON, OFF)}

        L = \sqrt{|P|^2 + (1 - s)^2 |M|^2} \quad \textrm{(complex)}

    and its rate, with gain g and the pool's energy N, a weighted mean of ``|P|^2 + |M|^2`` over the cells
    nearby, delayed by a low-pass filter,

    .. math:: R = R_0 + \rho \, g \, L / (\sigma + \sqrt{N} + \kappa L).

    The constants rho, sigma and kappa are `RATE`, `SEMISATURATION` and `SELF`.

    Parameters
    ----------
    cells
        The population.
    screen
        What it looks at.

    References
    ----------
    Adelson & Bergen (1985), doi 10.1364/JOSAA.2.000284, for the energy; Heeger (1992), doi
    10.1017/S0952523800009640, and Carandini & Heeger (2012), doi 10.1038/nrn3136, for the rest.
    """

    def __init__(self, cells: Cells, screen: Screen) -> None:
        super().__init__()
        phase = np.radians(np.nan_to_num(cells.phase))
        self._keep("space", spatial_filters(cells, screen).reshape(2 * len(cells), -1))
        self._keep("time", temporal_kernels(cells, screen.frame_rate))
        self._keep("pooling", _pool_weights(cells, screen))
        self._keep("opposite", 1 - cells.direction_selectivity)
        self._keep("cosine", np.cos(phase))
        self._keep("sine", np.sin(phase))
        self._keep("gain", RATE * cells.gain)
        self._keep("spontaneous", cells.spontaneous)
        self.register_buffer("complex", torch.from_numpy(cells.of_type(*COMPLEX)))
        self.retention = math.exp(-1 / (screen.frame_rate * POOL_TIME))
        self.units = len(cells)

    def rest(self, movies: int) -> State:
        """Return the state after a long look at grey."""
        empty = self.get_buffer("gain")
        return State(
            linear=empty.new_zeros(movies, MEMORY - 1, self.units, 2),
            pool=empty.new_zeros(movies, self.units),
        )

    def forward(self, frames: Tensor, state: State) -> tuple[Activity, State]:
        """Respond to frames.

        Parameters
        ----------
        frames
            Grey levels 0 to 255, [N, T, height, width].
        state
            From `rest`, or returned for the frames before.
        """
        buffer = self.get_buffer
        contrast = frames.flatten(2).float() / GREY - 1
        linear = (contrast @ buffer("space").T).view(*frames.shape[:2], self.units, 2)
        known = torch.cat((state.linear, linear), dim=1)
        # [N, T, units, even or odd, real or imaginary part of the kernel]
        filtered = torch.einsum("ntudk,uhk->ntudh", known.unfold(1, MEMORY, 1), buffer("time"))
        (even_real, even_imag), (odd_real, odd_imag) = (f.unbind(-1) for f in filtered.unbind(-2))
        preferred = torch.stack((even_real - odd_imag, even_imag + odd_real))
        opposite = torch.stack((even_real + odd_imag, odd_real - even_imag))
        along, against = preferred.square().sum(0), opposite.square().sum(0)

        weight = buffer("opposite")
        real, imag = preferred + weight * opposite
        simple = 2 * (buffer("cosine") * real + buffer("sine") * imag).clamp_min(0)
        drive = torch.where(buffer("complex"), (along + weight.square() * against).sqrt(), simple)

        pool, pools = state.pool, []
        for energy in ((along + against) @ buffer("pooling").T).unbind(1):
            pool = self.retention * pool + (1 - self.retention) * energy
            pools.append(pool)
        suppression = SEMISATURATION + torch.stack(pools, dim=1).sqrt() + SELF * drive
        rate = buffer("spontaneous") + buffer("gain") * drive / suppression
        return Activity(linear, drive, rate), State(known[:, known.shape[1] - MEMORY + 1 :], pool)

    def _keep(self, name: str, values: np.ndarray) -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values, np.float32)))


def _pool_weights(cells: Cells, screen: Screen) -> np.ndarray:
    """Return the weight of each cell (column) in the pool of each cell (row); rows sum to 1."""
    centres = np.stack((cells.y, cells.x), axis=1) * screen.degrees_per_pixel
    distance = np.square(centres[:, None] - centres[None]).sum(-1)
    weights = np.exp(-distance / (2 * POOL_SIZE**2))
    normalised: np.ndarray = weights / weights.sum(1, keepdims=True)
    return normalised
