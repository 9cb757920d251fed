"""What each unit reads from the core at its position, to begin with: a penalised Poisson regression."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from napari_twinscope.progress import Progress, raise_if_canceled
from napari_twinscope.twins.readout import bilinear_corners

if TYPE_CHECKING:
    from napari_twinscope.training.position_search import Sample

RIDGES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""Penalties that are tried, relative to the mean variance of the features."""

_STEPS = 12
_HALVINGS = 6
_HIGHEST = 50.0  # of a logit, before its exponential overflows
_NUMBERS_AT_ONCE = 2**23  # of features; the four corners and the design take 256 MB


class Start(NamedTuple):
    """Features and biases to begin with.

    Attributes
    ----------
    weights
        [units, channels].
    biases
        [units].
    """

    weights: Tensor
    biases: Tensor


def search_features(sample: Sample, channels: slice, positions: Tensor, progress: Progress) -> Start:
    """Fit the logit of each unit as a linear function of the core's features at its position.

    The penalty of each unit is the one with which one half of the sample predicts the other best.

    Parameters
    ----------
    sample
        Of `sample_core`.
    channels
        Which of its channels to use: those of one stream, or all.
    positions
        (x, y) in -1...1, [units, 2].
    progress
        Told of every unit.

    Raises
    ------
    Canceled
        If the user asked to stop.
    """
    maps = sample.maps[:, channels]
    rows, columns = maps.shape[2:]
    flat = maps.flatten(2)
    cells, shares = bilinear_corners(positions.to(sample.responses), (rows, columns))
    units = len(cells)
    at_once = max(1, _NUMBERS_AT_ONCE // (len(maps) * maps.shape[1]))
    parts = []
    progress.begin(units, "Searching features")
    for first in range(0, units, at_once):
        raise_if_canceled(progress)
        chosen = slice(first, first + at_once)
        corners = flat[:, :, cells[chosen]].float()  # [frames, channels, units, 4]
        features = (corners * shares[chosen]).sum(-1).permute(2, 0, 1)
        responses = sample.responses[:, chosen].T
        ridge = _best_ridge(features, responses, sample.half)
        parts.append(poisson_regression(features, responses, ridge))
        progress.advance(len(features))
    progress.end()
    return Start(torch.cat([part.weights for part in parts]), torch.cat([part.biases for part in parts]))


def _best_ridge(features: Tensor, responses: Tensor, half: Tensor) -> Tensor:
    """Return the penalty of each unit with which the first half predicts the second best."""
    known, held_out = half == 0, half == 1
    losses = []
    for ridge in RIDGES:
        each = responses.new_full((len(responses),), ridge)
        start = poisson_regression(features[:, known], responses[:, known], each)
        logit = torch.einsum("ufc,uc->uf", features[:, held_out], start.weights) + start.biases[:, None]
        loss = logit.clamp_max(_HIGHEST).exp() - logit * responses[:, held_out]
        losses.append(loss.mean(1))
    return responses.new_tensor(RIDGES)[torch.stack(losses).argmin(0)]


def poisson_regression(features: Tensor, responses: Tensor, ridge: Tensor) -> Start:
    """Fit log-linear rates by Newton's method with step halving, every unit on its own.

    The mean over frames of exp(l) - l y is minimised, l = w f + b, plus half the penalty times the
    squared norm of w.

    Parameters
    ----------
    features
        [units, frames, channels].
    responses
        [units, frames], not negative.
    ridge
        Penalties relative to the mean variance of the features, [units].
    """
    centre = features.mean(1, keepdim=True)
    features = features - centre
    units, frames, channels = features.shape
    design = torch.cat((features, torch.ones_like(features[..., :1])), dim=-1)
    power = features.square().mean((1, 2)).clamp_min(torch.finfo(features.dtype).tiny)
    penalty = (ridge * power)[:, None].expand(-1, channels + 1).clone()
    penalty[:, -1] = 0

    def loss(solution: Tensor) -> Tensor:
        logit = torch.einsum("ufc,uc->uf", design, solution).clamp_max(_HIGHEST)
        return (logit.exp() - logit * responses).mean(1) + (penalty * solution.square()).sum(1) / 2

    solution = design.new_zeros(units, channels + 1)
    solution[:, -1] = responses.mean(1).clamp_min(1e-6).log()
    best = loss(solution)
    for _ in range(_STEPS):
        rate = torch.einsum("ufc,uc->uf", design, solution).clamp_max(_HIGHEST).exp()
        gradient = torch.einsum("ufc,uf->uc", design, rate - responses) / frames + penalty * solution
        curvature = design.transpose(1, 2) @ (rate[..., None] * design) / frames
        # a little more than nothing on the diagonal, for features that never vary
        curvature.diagonal(dim1=1, dim2=2).add_(penalty + 1e-6 * power[:, None] + 1e-9)
        step = torch.linalg.solve(curvature, gradient)
        size = torch.ones_like(best)
        for _ in range(_HALVINGS):
            found = loss(solution - size[:, None] * step)
            size = torch.where(found <= best, size, size / 2)
        size = torch.where(loss(solution - size[:, None] * step) <= best, size, 0)
        solution = solution - size[:, None] * step
        gained, best = best - loss(solution), loss(solution)
        if math.isclose(float(gained.abs().max()), 0, abs_tol=1e-6):
            break
    weights = solution[:, :-1]
    return Start(weights, solution[:, -1] - (weights * centre[:, 0]).sum(1))
