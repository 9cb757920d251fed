"""A flow of dots in degrees and degrees per second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.dots import DotField, disc_coverage
from napari_twinscope.stimuli.stimulus import (
    Stimulus,
    check_levels,
    grey_levels,
    random_generator,
    unit_vector,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen


@dataclass(frozen=True)
class DotFlow(Stimulus):
    """A rigid flow of dots on a jittered lattice, equally fast in every direction.

    The lattice's pitch is twice the diameter. A triplet's dots cover the area of one single dot and lie in
    a line across the motion. Light and dark flows of the same dots share their positions. Proportions
    are those measured for `PaperDotFlow`, after Dyballa et al. 2024 (doi:10.1073/pnas.2317773121).

    Parameters
    ----------
    name, label
        As of every stimulus.
    dots
        1 for single dots, 3 for triplets.
    diameter
        Of a single dot, degrees at the screen's centre. A triplet's dots are narrower by the square root
        of 3.
    speed
        Degrees per second.
    light
        Whether the dots are lighter than the background.
    contrast
        Difference from the background as a fraction of it, 0 to 1.
    mean
        Grey level of the background, 0 to 255.
    """

    dots: int = 1
    diameter: float = 6.0
    speed: float = 25.0
    light: bool = False
    contrast: float = 0.9
    mean: float = 127.5

    varies: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        require(self.dots in (1, 3), "There is no such dot flow.", given=self.dots, needed="1 or 3 dots")
        require(
            self.diameter > 0, "The dots have no size.", given=self.diameter, needed="more than 0 degrees"
        )
        require(
            self.speed >= 0,
            "The speed is negative.",
            given=self.speed,
            needed="0 degrees per second or more",
            remedy="turn the direction by 180 degrees",
        )

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        self.check((direction,), frames, screen)
        field = self._field(screen)
        step = screen.pixels(self.speed) / screen.frame_rate * np.array(unit_vector(direction))
        # Dots that will have come in by the last frame start outside, upstream.
        upstream = -step * (frames - 1)
        size = np.array([screen.width, screen.height])
        left_top, right_bottom = np.minimum(upstream, 0), size + np.maximum(upstream, 0)
        pattern = (f"dots {self.dots} {self.diameter}", float(direction % 360))
        centres = field.centres(
            direction,
            (*left_top, *right_bottom),
            random_generator(seed, *pattern, "lattice"),
            random_generator(seed, *pattern, "jitter", int(instance)),
        )
        change = self.contrast * self.mean * (1 if self.light else -1)
        movie = np.empty((frames, screen.height, screen.width), np.uint8)
        for frame in range(frames):
            covered = disc_coverage(centres + frame * step, field.diameter, (screen.height, screen.width))
            movie[frame] = grey_levels(self.mean + change * covered)
        return movie

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse dots that are narrower than a pixel."""
        pixels = self._field(screen).diameter
        require(
            pixels >= 1,
            "The screen's pixels are too coarse for the dots.",
            given=f"dots {pixels:.3g} pixels wide",
            needed="at least one pixel",
            remedy=f"take a diameter of at least {self.diameter / pixels:.3g} degrees",
        )

    def _field(self, screen: Screen) -> DotField:
        whole = screen.pixels(self.diameter)
        dot = whole if self.dots == 1 else whole / math.sqrt(3)
        return DotField(self.dots, dot, dot, 2 * whole, 0.24 * whole, 0.33 * whole, 6.5)

    @property
    def summary(self) -> str:
        """One line for people."""
        tone = "light" if self.light else "dark"
        kind = "dots" if self.dots == 1 else "triplets of dots, each with the area of a dot"
        return (
            f"{tone} {kind}, {self.diameter:.3g} deg wide, {self.speed:.3g} deg/s, "
            f"contrast {self.contrast:.3g}"
        )
