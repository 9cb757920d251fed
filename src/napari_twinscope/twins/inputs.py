"""Checking what a network is shown before it runs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from napari_twinscope.errors import InvalidInput


class Video(NamedTuple):
    """Checked inputs; an axis of one sequence stands for all `sequences`.

    Attributes
    ----------
    frames
        uint8 [1 or sequences, frames, rows, columns].
    perspectives, modulations
        [1 or sequences, frames, features] or None.
    sequences
        Number of sequences.
    batched
        Whether any input had an axis of sequences.
    """

    frames: Tensor
    perspectives: Tensor | None
    modulations: Tensor | None
    sequences: int
    batched: bool

    @property
    def length(self) -> int:
        """Number of frames."""
        return self.frames.shape[1]

    def part(self, sequences: slice) -> Video:
        """Return some of the sequences; inputs that all sequences share stay shared."""
        inputs = (self.frames, self.perspectives, self.modulations)
        frames, perspectives, modulations = (
            value if value is None or len(value) == 1 else value[sequences] for value in inputs
        )
        assert frames is not None
        count = len(range(*sequences.indices(self.sequences)))
        return Video(frames, perspectives, modulations, count, self.batched)


def check_video(
    frames: Any,
    perspectives: Any,
    modulations: Any,
    *,
    features: tuple[int, int],
    like: Tensor,
) -> Video:
    """Check and convert a video with its behaviour.

    Parameters
    ----------
    frames
        uint8 [T, H, W], [T, H, W, 1] or [T, N, H, W, 1]; an array or an iterable of frames.
    perspectives, modulations
        Numbers [T, features] or [T, N, features], or None. The video ends with the shortest input.
    features
        Numbers per frame of perspectives and of modulations.
    like
        A tensor of the dtype and device to convert to.

    Raises
    ------
    InvalidInput
        If a shape or dtype does not fit, a number is not finite, or no frame is left.
    """
    movie, movie_batched = _frames(frames)
    pupil, pupil_batched = _behaviour("perspectives", perspectives, features[0], len(movie))
    state, state_batched = _behaviour("modulations", modulations, features[1], len(movie))
    given = [value for value in (movie, pupil, state) if value is not None]
    length = min(len(value) for value in given)
    if length == 0:
        raise InvalidInput("There is no frame to show.", given="0 frames", needed="at least 1")
    counts = {value.shape[1] for value in given} - {1}
    if len(counts) > 1:
        raise InvalidInput(
            "The inputs hold different numbers of sequences.",
            given=", ".join(str(count) for count in sorted(counts)),
            needed="the same number, or a single sequence",
        )

    def tensor(values: np.ndarray | None, dtype: torch.dtype) -> Tensor | None:
        if values is None:
            return None
        array = np.ascontiguousarray(values[:length].swapaxes(0, 1))
        if not array.flags.writeable:  # PyTorch warns about read-only memory
            array = array.copy()
        return torch.from_numpy(array).to(device=like.device, dtype=dtype)

    shown = tensor(movie, torch.uint8)
    assert shown is not None
    return Video(
        shown,
        tensor(pupil, like.dtype),
        tensor(state, like.dtype),
        max(counts, default=1),
        movie_batched or pupil_batched or state_batched,
    )


def _array(values: Any, limit: int | None = None) -> np.ndarray:
    if isinstance(values, Tensor):
        return values.detach().cpu().numpy()
    if hasattr(values, "__array__"):
        return np.asarray(values)
    if not isinstance(values, Iterable):
        raise InvalidInput("An input is no array.", given=type(values).__name__, needed="an array")
    try:
        return np.asarray(
            [_array(item) if isinstance(item, Tensor) else item for item in islice(values, limit)]
        )
    except ValueError as error:
        raise InvalidInput("The frames of an input differ in shape.", given=str(error)) from error


def _frames(values: Any) -> tuple[np.ndarray, bool]:
    """Return the frames [T, N, H, W] and whether they had an axis of sequences."""
    frames = _array(values)
    shape = frames.shape
    if frames.size == 0 or len(frames) == 0:
        raise InvalidInput("The movie is empty.", given=f"shape {shape}", needed="at least one frame")
    if frames.dtype != np.uint8:
        raise InvalidInput(
            "The frames are not grey levels.",
            given=f"dtype {frames.dtype}",
            needed="uint8, 0 (black) to 255 (white)",
            remedy="scale the movie to 0...255 and convert it with .astype('uint8')",
        )
    if frames.ndim == 3:
        frames = frames[:, None]
    elif frames.ndim == 4 and shape[-1] == 1:
        frames = frames[:, None, ..., 0]
    elif frames.ndim == 5 and shape[-1] == 1:
        frames = frames[..., 0]
    else:
        raise InvalidInput(
            "The movie has the wrong shape.",
            given=shape,
            needed="[T, H, W], [T, H, W, 1] or [T, N, H, W, 1]",
        )
    if min(frames.shape[2:]) < 2:
        raise InvalidInput("The frames are too small.", given=shape, needed="at least 2 x 2 pixels")
    return frames, len(shape) == 5


def _behaviour(name: str, values: Any, features: int, limit: int) -> tuple[np.ndarray | None, bool]:
    """Return behaviour [T, N, features] and whether it had an axis of sequences."""
    if values is None:
        return None, False
    array = _array(values, limit)
    if array.dtype.kind not in "fiu":
        raise InvalidInput(f"The {name} are not numbers.", given=f"dtype {array.dtype}", needed="floats")
    if array.ndim not in (2, 3) or array.shape[-1] != features:
        raise InvalidInput(
            f"The {name} have the wrong shape.",
            given=array.shape,
            needed=f"[T, {features}] or [T, N, {features}]",
        )
    if not np.isfinite(array).all():
        raise InvalidInput(
            f"The {name} hold numbers that are not finite.",
            given=f"{int((~np.isfinite(array)).sum())} of {array.size}",
            needed="finite numbers: one NaN would spread to all later frames",
            remedy="interpolate missing behaviour, or leave it out",
        )
    return (array[:, None] if array.ndim == 2 else array), array.ndim == 3
