"""Where on the core feature map each unit is best read out: a search over the cells of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from napari_twinscope.progress import Progress, raise_if_canceled
from napari_twinscope.training.trials import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.twins import VisualNetwork

STRIDE = 3
"""Every how many frames one is used: neighbours in time say nearly the same."""
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Penalties that are tried, relative to the mean variance of the features."""

_TOGETHER = 4  # windows that the core sees side by side


class Sample(NamedTuple):
    """What the core shows in some frames, and the responses to them.

    Attributes
    ----------
    maps
        Core feature maps of all streams, float16 [frames, channels, rows, columns].
    responses
        [frames, units].
    half
        0 or 1: which frames predict which others, [frames].
    """

    maps: Tensor
    responses: Tensor
    half: Tensor


class Found(NamedTuple):
    """What the search found for each unit.

    Attributes
    ----------
    positions
        (x, y) in -1...1 as the readout samples, [units, 2].
    score
        Correlation of held-out responses with their prediction at the best cell, [units].
    """

    positions: Tensor
    score: Tensor


def sample_core(
    network: VisualNetwork, windows: Sequence[Window], burnin_frames: int, progress: Progress
) -> Sample:
    """Run the core over windows and keep every third frame.

    Parameters
    ----------
    network
        Whose perspective, modulation and core are used; its readout is not.
    windows
        Frames with responses, at least two; even ones are one half, odd ones the other.
    burnin_frames
        Frames at the beginning of each window that are left out.
    progress
        Told of every window.

    Raises
    ------
    Canceled
        If the user asked to stop.
    """
    progress.begin(len(windows), "Looking at the core")
    kept = slice(burnin_frames, None, STRIDE)
    maps: list[Tensor] = []
    for first in range(0, len(windows), _TOGETHER):
        raise_if_canceled(progress)
        together = windows[first : first + _TOGETHER]
        maps.extend(_core_maps(network, together)[:, kept])
        progress.advance(len(together))
    progress.end()
    responses = torch.from_numpy(np.concatenate([window.units[kept] for window in windows]))
    halves = torch.arange(len(windows)).remainder(2).repeat_interleave(len(maps[0]))
    sampled = torch.cat(maps)
    return Sample(sampled, responses.to(sampled.device), halves.to(sampled.device))


def _core_maps(network: VisualNetwork, windows: Sequence[Window]) -> Tensor:
    """Return the core feature maps of all streams, float16 [windows, frames, channels, rows, columns]."""
    chunks: list[Tensor] = []

    def keep(_name: str, _first: int, value: Tensor) -> None:
        chunks.append(value.half())  # values are of order 1: half the precision for half the memory

    side_by_side = Window(*(np.stack(values, axis=1) for values in zip(*windows, strict=True)))
    network.stream_values(
        side_by_side.stimuli,
        ["core.out"],
        keep,
        perspectives=side_by_side.perspectives,
        modulations=side_by_side.modulations,
    )
    return torch.cat(chunks, dim=1)


def search_positions(sample: Sample, allowed: NDArray[np.bool_], progress: Progress) -> Found:
    """Find the cell of the core feature map whose features predict each unit best.

    At every cell the responses are regressed on the features of all streams by ridge regression, on
    either half of the sample, and predicted for the other half. The best of all cells and penalties is
    taken, and the position moved to the top of the parabola through the scores of the neighbouring cells.

    Parameters
    ----------
    sample
        Of `sample_core`.
    allowed
        Cells where units may lie, such as those that look at the screen, [rows, columns]; at least one.
    progress
        Told of every row of the map.

    Raises
    ------
    Canceled
        If the user asked to stop.
    """
    rows, columns = sample.maps.shape[2:]
    progress.begin(rows, "Searching receptive fields")
    targets = [sample.responses[sample.half == half] for half in range(2)]
    targets = [values - values.mean(0) for values in targets]
    scores = targets[0].new_empty(len(RIDGES), rows, columns, targets[0].shape[1])
    for row in range(rows):
        raise_if_canceled(progress)
        for column in range(columns):
            cell = sample.maps[:, :, row, column].float()
            features = [cell[sample.half == half] for half in range(2)]
            scores[:, row, column] = _held_out_scores(features, targets)
        progress.advance()
    progress.end()
    return _best(scores, torch.from_numpy(allowed))


def _held_out_scores(features: list[Tensor], targets: list[Tensor]) -> Tensor:
    """Return the mean correlation of either half with its prediction from the other, [ridges, units].

    All follows from the second moments of the halves: the predictions themselves are not needed.
    """
    features = [values - values.mean(0) for values in features]
    moments = [(x.T @ x / len(x), x.T @ y / len(x)) for x, y in zip(features, targets, strict=True)]
    power = [y.square().mean(0) for y in targets]
    floor = torch.finfo(power[0].dtype).tiny
    scores = []
    for known, held_out in ((0, 1), (1, 0)):
        values, vectors = torch.linalg.eigh(moments[known][0])
        values = values.clamp_min(0)
        rotated = vectors.T @ moments[known][1]
        gram, cross = moments[held_out]
        for ridge in RIDGES:
            weights = vectors @ (rotated / (values + ridge * values.mean() + floor)[:, None])
            variance = ((gram @ weights) * weights).sum(0)
            scores.append((weights * cross).sum(0) / (variance * power[held_out]).clamp_min(floor).sqrt())
    return torch.stack(scores).view(2, len(RIDGES), -1).mean(0)


def _best(scores: Tensor, allowed: Tensor) -> Found:
    """Return the best allowed position from the scores of every cell, [ridges, rows, columns, units]."""
    scores = scores.cpu()
    ridges, rows, columns, units = scores.shape
    best, flat = scores.where(allowed[:, :, None], -torch.inf).reshape(-1, units).max(0)
    ridge, row, column = (
        torch.from_numpy(part) for part in np.unravel_index(flat.numpy(), (ridges, rows, columns))
    )

    def at(down: int, right: int) -> Tensor:
        rows_of, columns_of = (row + down).clamp(0, rows - 1), (column + right).clamp(0, columns - 1)
        return scores[ridge, rows_of, columns_of, torch.arange(units)]

    def coordinate(cell: Tensor, count: int, before: Tensor, after: Tensor) -> Tensor:
        bend = 2 * best - before - after
        top = ((after - before) / (2 * bend.clamp_min(1e-12))).clamp(-0.5, 0.5)
        inside = (cell > 0) & (cell < count - 1)
        return 2 * (cell + torch.where(inside, top, 0) + 0.5) / count - 1

    x = coordinate(column, columns, at(0, -1), at(0, 1))
    y = coordinate(row, rows, at(-1, 0), at(1, 0))
    return Found(torch.stack((x, y), dim=-1), best)
