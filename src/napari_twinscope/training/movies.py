"""Procedural movies to train on: patchworks of textures, gratings, dots, photographs and noise in motion.

Nothing is downloaded: every movie follows from a seed and its number. Plaids, moving bars and sparse
noise are left out on purpose, so that they can be used to test.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import Screen
from napari_twinscope.stimuli.stimulus import grey_levels
from napari_twinscope.training.textures import TEXTURES, Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Movie = NDArray[np.float32]

# What a piece of a movie shows, and how often.
_KINDS = {"grating": 0.24, **TEXTURES, "noise": 0.03, "flicker": 0.03}

_WHOLE = 0.6
"""Share of movies that show one thing all over the screen."""
_CUT = 0.35
"""Share of movies in which everything changes once."""
_MOST_PIECES = 7
_EARLIEST_CUT = 8  # frames

_SPATIAL_FREQUENCIES = 0.008, 0.4  # cycles/deg
_TEMPORAL_FREQUENCIES = 0.5, 8.0  # Hz
_SPEEDS = 3.0, 100.0  # deg/s
_DOT_SPEEDS = 8.0, 80.0  # deg/s: small dots that move fast draw streaks, to which oriented cells respond
_JITTER = 0.5, 8.0  # deg after one second
_CONTRASTS = 0.15, 1.0
_SQUARE = 0.5  # share of gratings that are nearly square waves, as in experiments
_STILL = 0.08  # share of pieces that do not drift
_TURNS = 0.3  # share of pieces whose motion changes on the way

HELD_OUT = 1_000_000
"""Number of the first movie that no training uses."""


def training_movie(seed: int, index: int, frames: int, screen: Screen | None = None) -> NDArray[np.uint8]:
    """Draw one movie.

    Three in five movies show one thing all over the screen, the others a patchwork of up to seven. A
    piece is a drifting or counterphasing grating, or a texture that drifts and trembles (1/f noise,
    oriented band-passed noise, dead leaves, dots, a photograph), or noise, or flicker. Contrasts, speeds
    and directions differ from piece to piece. In a third of the movies everything changes once.

    Parameters
    ----------
    seed, index
        The same pair gives the same movie.
    frames
        Length.
    screen
        Size, rate and geometry; the default screen if left out.

    Returns
    -------
    uint8 array [frames, height, width]

    Raises
    ------
    InvalidInput
        If a number is negative, or there are no frames.

    References
    ----------
    Lee, Mumford & Huang (2001), Occlusion models for natural images, doi 10.1023/A:1011109015675, for the
    dead leaves.
    """
    if seed < 0 or index < 0 or frames < 1:
        raise InvalidInput(
            "There is no such training movie.",
            given=f"seed {seed}, number {index}, {frames} frames",
            needed="a seed and a number of 0 or more, at least one frame",
        )
    screen = screen or Screen()
    rng = np.random.Generator(np.random.PCG64([seed, index]))
    cuts = [0, frames]
    if frames > 2 * _EARLIEST_CUT and rng.random() < _CUT:
        cuts.insert(1, int(rng.integers(_EARLIEST_CUT, frames - _EARLIEST_CUT)))
    contrast = np.concatenate([_patchwork(rng, last - first, screen) for first, last in pairwise(cuts)])
    return grey_levels(127.5 * (1 + contrast))


def held_out_movie(index: int, frames: int, screen: Screen | None = None) -> NDArray[np.uint8]:
    """Draw a natural-like movie that is not among those of any training.

    Dead leaves and 1/f noise all over the screen, in motion.

    Parameters
    ----------
    index
        Which one, from 0.
    frames, screen
        As of `training_movie`.
    """
    screen = screen or Screen()
    rng = np.random.Generator(np.random.PCG64([HELD_OUT, index]))
    contrast = _texture(rng, ("leaves", "pink")[index % 2], frames, screen)
    return grey_levels(127.5 * (1 + contrast))


def _patchwork(rng: np.random.Generator, frames: int, screen: Screen) -> Movie:
    """Draw contrasts [frames, height, width] of one piece or of several side by side."""
    pieces = 1 if rng.random() < _WHOLE else int(rng.integers(2, _MOST_PIECES + 1))
    owner = _neighbourhoods(rng, pieces, screen)
    movie = np.zeros((frames, screen.height, screen.width), np.float32)
    names = list(_KINDS)
    weights = np.array(list(_KINDS.values()))
    for piece in range(pieces):
        rows, columns = np.nonzero(owner == piece)
        if not len(rows):
            continue
        kind = names[rng.choice(len(names), p=weights / weights.sum())]
        box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        drawn = _piece(rng, kind, frames, screen)[:, *box]
        np.copyto(movie[:, *box], drawn, where=owner[box] == piece)
    return movie


def _neighbourhoods(rng: np.random.Generator, pieces: int, screen: Screen) -> NDArray[np.intp]:
    """Say for each pixel which of some random points is nearest, [height, width]."""
    y = rng.uniform(0, screen.height, pieces)[:, None, None]
    x = rng.uniform(0, screen.width, pieces)[:, None, None]
    rows, columns = np.arange(screen.height)[None, :, None], np.arange(screen.width)[None, None]
    nearest: NDArray[np.intp] = ((rows - y) ** 2 + (columns - x) ** 2).argmin(0)
    return nearest


def _piece(rng: np.random.Generator, kind: str, frames: int, screen: Screen) -> Movie:
    if kind == "grating":
        return _grating(rng, frames, screen)
    if kind == "noise":
        return _noise(rng, frames, screen)
    if kind == "flicker":
        return _flicker(rng, frames, screen)
    return _texture(rng, kind, frames, screen)


def _texture(rng: np.random.Generator, kind: str, frames: int, screen: Screen) -> Movie:
    """Move a texture."""
    canvas = Canvas.draw(kind, rng, screen)
    path = _path(rng, frames, screen, _DOT_SPEEDS if kind == "dots" else _SPEEDS)
    return np.stack([canvas.window(row, column) for row, column in path])


def _path(
    rng: np.random.Generator, frames: int, screen: Screen, speeds: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the row and column of the window's corner in each frame, [frames, 2]: drift and jitter."""
    steps = np.zeros((frames, 2))
    for part in _halves(rng, frames):
        speed = 0.0 if rng.random() < _STILL else _between(rng, *speeds)
        angle = rng.uniform(0, 2 * np.pi)
        steps[part] = speed * np.array([-np.sin(angle), np.cos(angle)])
    per_frame = steps / screen.frame_rate
    if rng.random() < 0.5:
        per_frame += rng.normal(0, _between(rng, *_JITTER) / np.sqrt(screen.frame_rate), (frames, 2))
    path: NDArray[np.float64] = np.cumsum(per_frame, axis=0) / screen.degrees_per_pixel
    return path


def _halves(rng: np.random.Generator, frames: int) -> list[slice]:
    """Cut a piece's time in two, sometimes."""
    if frames < 2 or rng.random() >= _TURNS:
        return [slice(0, frames)]
    turn = int(rng.integers(1, frames))
    return [slice(0, turn), slice(turn, frames)]


def _grating(rng: np.random.Generator, frames: int, screen: Screen) -> Movie:
    """Draw a drifting grating, sometimes counterphasing, sometimes square, sometimes turning back."""
    angle = rng.uniform(0, 2 * np.pi)
    frequency = _between(rng, *_SPATIAL_FREQUENCIES)
    y = np.arange(screen.height)[:, None] * screen.degrees_per_pixel
    x = np.arange(screen.width)[None] * screen.degrees_per_pixel
    phase = 2 * np.pi * (frequency * (np.cos(angle) * x - np.sin(angle) * y) + rng.random())
    cycles = np.zeros(frames)
    speed = 0.0 if rng.random() < _STILL else _between(rng, *_TEMPORAL_FREQUENCIES)
    for part in _halves(rng, frames):
        cycles[part] = speed
        speed = -speed if rng.random() < 0.6 else _between(rng, *_TEMPORAL_FREQUENCIES)
    turned = 2 * np.pi * np.cumsum(cycles) / screen.frame_rate
    cosine, sine = np.cos(phase, dtype=np.float32), np.sin(phase, dtype=np.float32)
    across, along = np.cos(turned, dtype=np.float32), np.sin(turned, dtype=np.float32)
    movie = cosine * across[:, None, None]
    if rng.random() > 0.1:  # else it counterphases
        movie += sine * along[:, None, None]
    contrast = np.float32(rng.uniform(*_CONTRASTS))
    if rng.random() < _SQUARE:
        movie = np.clip(movie * 4, -1, 1)
    result: Movie = contrast * movie
    return result


def _noise(rng: np.random.Generator, frames: int, screen: Screen) -> Movie:
    """Draw checks of random grey that are renewed every few frames."""
    size, lasting = int(rng.integers(3, 24)), int(rng.integers(1, 8))
    shape = (-(-frames // lasting), -(-screen.height // size), -(-screen.width // size))
    checks = rng.uniform(-1, 1, shape).astype(np.float32) * np.float32(rng.uniform(*_CONTRASTS))
    large = checks.repeat(lasting, 0).repeat(size, 1).repeat(size, 2)
    return large[:frames, : screen.height, : screen.width]


def _flicker(rng: np.random.Generator, frames: int, screen: Screen) -> Movie:
    """Draw uniform light: a step from grey, or a sine."""
    time = np.arange(frames) / screen.frame_rate
    light = np.full(frames, rng.choice([-1.0, 1.0]))
    if rng.random() < 0.5:
        light = np.sin(2 * np.pi * (_between(rng, *_TEMPORAL_FREQUENCIES) * time + rng.random()))
    light[: int(rng.integers(0, frames))] *= rng.random() < 0.5
    level = (light * rng.uniform(*_CONTRASTS)).astype(np.float32)
    return np.broadcast_to(level[:, None, None], (frames, screen.height, screen.width)).copy()


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number that is uniform on a logarithmic scale."""
    return float(low * (high / low) ** rng.random())
