"""Stimuli that appear and vanish in place: a flash of the whole screen, and sparse noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.stimulus import Stimulus, check_levels, grey_levels, random_generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen


@dataclass(frozen=True)
class FullFieldFlash(Stimulus):
    """A step of the whole screen to a lighter or darker grey and back; the same for every direction.

    Parameters
    ----------
    name, label
        As of every stimulus.
    onset, duration
        Seconds. Frames whose onset lies within are lit.
    light
        Whether the flash is lighter than the background.
    contrast
        Difference from the background as a fraction of it, 0 to 1.
    mean
        Grey level of the background, 0 to 255.
    """

    onset: float = 0.3
    duration: float = 0.5
    light: bool = True
    contrast: float = 0.9
    mean: float = 127.5

    directional: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        require(self.onset >= 0, "The onset is negative.", given=self.onset, needed="0 s or more")
        require(self.duration > 0, "The flash has no duration.", given=self.duration, needed="more than 0 s")

    def render(
        self,
        direction: float,
        instance: int,
        frames: int,
        screen: Screen,
        seed: int,
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        # Half a microsecond makes up for decimal fractions that are not exact in binary.
        time = np.arange(frames) / screen.frame_rate + 5e-7
        lit = (time >= self.onset) & (time < self.onset + self.duration)
        step = self.contrast * self.mean * (1 if self.light else -1)
        levels = grey_levels(self.mean + step * lit)
        return np.broadcast_to(levels[:, None, None], (frames, screen.height, screen.width)).copy()

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse a flash that begins after the movie's end."""
        length = frames / screen.frame_rate
        require(
            self.onset < length,
            "The flash begins after the end of the movie.",
            given=f"onset {self.onset:g} s, movie {length:.3g} s",
            needed="an onset within the movie",
            remedy="show more frames",
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        tone = "light" if self.light else "dark"
        return f"{tone} flash from {self.onset:.3g} s for {self.duration:.3g} s, contrast {self.contrast:.3g}"


@dataclass(frozen=True)
class SparseNoise(Stimulus):
    """Light and dark squares at random places of a grid, drawn anew several times a second.

    Every instance is another draw; the direction does not matter. With the responses it gives maps of
    receptive fields.

    Parameters
    ----------
    name, label
        As of every stimulus.
    size
        Side of a square, degrees at the screen's centre; rounded to whole pixels.
    rate
        Draws per second.
    density
        Probability that a place of the grid is light or dark, each with one half of it.
    contrast
        Difference from the background as a fraction of it, 0 to 1.
    mean
        Grey level of the background, 0 to 255.
    """

    size: float = 14.0
    rate: float = 10.0
    density: float = 0.06
    contrast: float = 0.9
    mean: float = 127.5

    directional: ClassVar[bool] = False
    varies: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        require(self.size > 0, "The squares have no size.", given=self.size, needed="more than 0 degrees")
        require(self.rate > 0, "The rate is not positive.", given=self.rate, needed="more than 0 Hz")
        require(0 < self.density <= 1, "The density is out of range.", given=self.density, needed="0 to 1")

    def render(
        self,
        direction: float,
        instance: int,
        frames: int,
        screen: Screen,
        seed: int,
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        self.check((0.0,), frames, screen)
        side = round(screen.pixels(self.size))
        rows, columns = math.ceil(screen.height / side), math.ceil(screen.width / side)
        draw = np.floor(np.arange(frames) / screen.frame_rate * self.rate + 1e-6).astype(int)
        random = random_generator(seed, "sparse noise", self.name, int(instance))
        chance = random.random((draw[-1] + 1, rows, columns))
        signs = np.where(chance < self.density / 2, 1, np.where(chance < self.density, -1, 0))
        levels = grey_levels(self.mean * (1 + self.contrast * signs))
        # The grid is centred: what juts out is cut off evenly on both sides.
        top, left = (rows * side - screen.height) // 2, (columns * side - screen.width) // 2
        pictures = levels.repeat(side, axis=1).repeat(side, axis=2)
        return pictures[draw, top : top + screen.height, left : left + screen.width]

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse squares narrower than a pixel and more draws than frames."""
        require(
            screen.pixels(self.size) >= 1,
            "The screen's pixels are too coarse for the squares.",
            given=f"{self.size:g} degrees",
            needed=f"at least {screen.degrees_per_pixel:.3g} degrees (one pixel)",
        )
        require(
            self.rate <= screen.frame_rate,
            "There are more draws than frames.",
            given=f"{self.rate:g} per second",
            needed=f"at most {screen.frame_rate:g}, the frame rate",
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        return (
            f"sparse noise, squares of {self.size:.3g} deg, {self.rate:.3g} draws/s, "
            f"density {self.density:.3g}, contrast {self.contrast:.3g}"
        )
