"""A bar that sweeps over the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.stimulus import Stimulus, check_levels, grey_levels, path_degrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen


@dataclass(frozen=True)
class MovingBar(Stimulus):
    """A bar as long as the screen, perpendicular to its motion, that enters in the first frame.

    Its leading edge touches the screen's border at time 0. Whether it leaves again depends on its speed
    and the length of the movie.

    Parameters
    ----------
    name, label
        As of every stimulus.
    width
        Degrees at the screen's centre.
    speed
        Degrees per second.
    light
        Whether the bar is lighter than the background.
    contrast
        Difference from the background as a fraction of it, 0 to 1.
    mean
        Grey level of the background, 0 to 255.
    """

    width: float = 10.0
    speed: float = 150.0
    light: bool = True
    contrast: float = 0.9
    mean: float = 127.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        for name in ("width", "speed"):
            value = getattr(self, name)
            require(value > 0, f"The bar's {name} is not positive.", given=value, needed="more than 0")

    def render(
        self,
        direction: float,
        instance: int,
        frames: int,
        screen: Screen,
        seed: int,
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        self.check((direction,), frames, screen)
        pixel = screen.degrees_per_pixel
        path = path_degrees(direction, screen)
        start = path.min() - pixel / 2 - self.width / 2
        step = self.contrast * self.mean * (1 if self.light else -1)
        movie = np.empty((frames, screen.height, screen.width), np.uint8)
        for frame in range(frames):
            centre = start + self.speed * frame / screen.frame_rate
            covered = np.clip((self.width / 2 - np.abs(path - centre)) / pixel + 0.5, 0, 1)
            movie[frame] = grey_levels(self.mean + step * covered)
        return movie

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse a bar that is narrower than a pixel."""
        require(
            self.width >= screen.degrees_per_pixel,
            "The screen's pixels are too coarse for the bar.",
            given=f"{self.width:g} degrees",
            needed=f"at least {screen.degrees_per_pixel:.3g} degrees (one pixel)",
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        tone = "light" if self.light else "dark"
        return f"{tone} bar, {self.width:.3g} deg wide, {self.speed:.3g} deg/s, contrast {self.contrast:.3g}"
