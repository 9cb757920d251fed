"""Weight-standardised layers that hold one set of parameters per stream."""

from __future__ import annotations

import itertools
from math import prod, sqrt
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

GAMMA = 1.7015043497085571
"""Factor after each GELU that keeps the variance of its input."""

EPSILON = 1e-5
"""Added to the summed squares in weight standardisation."""


def activate(x: Tensor) -> Tensor:
    """Exact GELU times `GAMMA`, the nonlinearity of the whole network."""
    return GAMMA * functional.gelu(x)


def standardise(weight: Tensor, axes: Sequence[int]) -> Tensor:
    """Subtract the mean over `axes` and divide by the root of the summed squares plus 1e-5."""
    centred = weight - weight.mean(dim=tuple(axes), keepdim=True)
    return centred * (centred.square().sum(dim=tuple(axes), keepdim=True) + EPSILON).rsqrt()


class Convolution(nn.Module):
    """Parameters of one convolution or linear layer, for every stream.

    Parameters
    ----------
    streams, inputs, outputs
        Number of parameter sets, and channels per set.
    groups
        Groups that inputs and outputs are cut into.
    bias_groups
        Rows that gains and biases are stored in; bookkeeping only.
    kernel
        Taps in time, rows, columns.
    gain
        Initial gain, or None for a layer without gains.
    bias
        Initial bias, or None for a layer without biases.
    standardised
        Whether `effective` standardises the weights.
    zero
        Whether the weights start at zero.
    """

    def __init__(
        self,
        streams: int,
        inputs: int,
        outputs: int,
        *,
        groups: int = 1,
        bias_groups: int | None = None,
        kernel: tuple[int, int, int] = (1, 1, 1),
        gain: float | None = 1.0,
        bias: float | None = 0.0,
        standardised: bool = True,
        zero: bool = False,
    ) -> None:
        super().__init__()
        self.groups = groups
        self.standardised = standardised
        shape = (outputs, inputs // groups, *kernel)
        fan = prod(shape[1:])
        bound = 0.0 if zero else sqrt(1 / fan) if standardised else sqrt(3 / fan)
        rows = bias_groups or groups
        self.weights = nn.ParameterList(
            nn.Parameter(torch.empty(shape).uniform_(-bound, bound)) for _ in range(streams)
        )
        self.gains = _constants(streams, (rows, outputs // rows), gain if standardised else None)
        self.biases = _constants(streams, (rows, outputs // rows), bias)

    def weight(self, stream: int) -> Tensor:
        """Return the effective weight [outputs, inputs / groups, time, rows, columns]."""
        weight: Tensor = self.weights[stream]
        if self.standardised:
            weight = standardise(weight, (1, 2, 3, 4))
        if self.gains is not None:
            weight = weight * self.gains[stream].reshape(-1, 1, 1, 1, 1)
        return weight

    def matrix(self, stream: int) -> Tensor:
        """Return the effective weight of a 1x1 layer as [groups, inputs / groups, outputs / groups]."""
        weight = self.weight(stream)
        return weight.reshape(self.groups, -1, weight.shape[1]).transpose(1, 2)

    def bias(self, stream: int) -> Tensor:
        """Return the bias [outputs]; zeros for a layer without biases."""
        if self.biases is None:
            weight: Tensor = self.weights[stream]
            return weight.new_zeros(weight.shape[0])
        bias: Tensor = self.biases[stream]
        return bias.flatten()


class InterGroup(nn.Module):
    """A 1x1 layer in which each group reads all groups but itself.

    Parameters
    ----------
    streams, inputs, outputs, groups
        Parameter sets, channels per set, and groups (at least 2).
    gain
        Initial gain.
    """

    def __init__(self, streams: int, inputs: int, outputs: int, *, groups: int, gain: float) -> None:
        super().__init__()
        self.groups = groups
        rows, columns = outputs // groups, inputs // groups
        bound = ((groups - 1) * columns) ** -0.5
        self.weights = nn.ParameterList(
            nn.Parameter(torch.empty(groups, groups - 1, rows, columns).uniform_(-bound, bound))
            for _ in range(streams)
        )
        self.gains = _constants(streams, (groups, rows), gain)
        self.mask: Tensor
        self.register_buffer("mask", ~torch.eye(groups, dtype=torch.bool)[:, :, None, None])
        # Read by nobody here; the published state dict holds it and strict loading asks for it.
        self.register_buffer("zero", torch.zeros(groups, groups, rows, columns))

    def matrix(self, stream: int) -> Tensor:
        """Return the effective dense matrix [inputs, outputs], zero within groups."""
        assert self.gains is not None
        weight = standardise(self.weights[stream], (1, 3)) * self.gains[stream][:, None, :, None]
        groups, _, rows, columns = weight.shape
        others = self.mask.expand(groups, groups, rows, columns)
        dense = weight.new_zeros(groups, groups, rows, columns).masked_scatter(others, weight)
        matrix: Tensor = dense.permute(1, 3, 0, 2).reshape(groups * columns, groups * rows)
        return matrix


class Perceptron(nn.Module):
    """Fully connected layers; the first has raw weights that start at zero.

    Parameters
    ----------
    streams
        Parameter sets.
    widths
        Numbers of features, input first.
    linear_output
        Whether the last layer has no nonlinearity.
    """

    def __init__(self, streams: int, widths: Sequence[int], *, linear_output: bool) -> None:
        super().__init__()
        self.linear_output = linear_output
        self.linears = nn.ModuleList(
            Convolution(streams, inputs, outputs, standardised=layer > 0, zero=layer == 0)
            for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths))
        )

    def forward(self, x: Tensor, stream: int) -> Tensor:
        """Map features [..., inputs] to [..., outputs]."""
        last = len(self.linears) - 1
        for index, layer in enumerate(self.linears):
            assert isinstance(layer, Convolution)
            x = functional.linear(x, layer.weight(stream).flatten(1), layer.bias(stream))
            if index < last or not self.linear_output:
                x = activate(x)
        return x


def _constants(streams: int, shape: tuple[int, int], value: float | None) -> nn.ParameterList | None:
    if value is None:
        return None
    return nn.ParameterList(nn.Parameter(torch.full(shape, value)) for _ in range(streams))
