"""Natural movies: a gaze that wanders over photographs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.film import grey_film
from napari_twinscope.stimuli.stimulus import Stimulus, grey_levels, random_generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen

_PHOTOGRAPHS = ("china", "flower")
_PHOTOGRAPH_SIZE = (427, 640)


@dataclass(frozen=True)
class NaturalMovie(Stimulus):
    """A photograph seen by a gaze that drifts and makes saccades; the same for every direction.

    The photographs are the two that scikit-learn ships (427 x 640 pixels, made grey by `grey_film`). One
    pixel of a photograph covers one pixel of the screen. The gaze starts near the photograph's middle.
    Fixations last exponentially long, saccades take no time and have a Gaussian amplitude, the drift is
    Brownian; at the photograph's border the gaze is reflected. The path depends on the stimulus's name,
    the instance and the seed.

    Parameters
    ----------
    name, label
        As of every stimulus.
    photograph
        ``"china"`` (a temple and trees) or ``"flower"``.
    saccade_rate
        Mean number per second.
    saccade_amplitude
        Standard deviation along each axis, degrees at the screen's centre.
    drift
        Standard deviation along each axis after one second, degrees at the screen's centre.
    """

    photograph: str = "china"
    saccade_rate: float = 2.0
    saccade_amplitude: float = 25.0
    drift: float = 4.0

    directional: ClassVar[bool] = False
    varies: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.photograph in _PHOTOGRAPHS,
            "There is no such photograph.",
            given=self.photograph,
            needed=" or ".join(_PHOTOGRAPHS),
        )
        for name in ("saccade_rate", "saccade_amplitude", "drift"):
            value = getattr(self, name)
            require(value >= 0, f"The {name} is negative.", given=value, needed="0 or more")

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        self.check((0.0,), frames, screen)
        photograph = _photograph(self.photograph)
        movie = np.empty((frames, screen.height, screen.width), np.uint8)
        for frame, (row, column) in enumerate(self.gaze(instance, frames, screen, seed)):
            movie[frame] = grey_levels(_window(photograph, row, column, screen))
        return movie

    def gaze(self, instance: int, frames: int, screen: Screen, seed: int) -> NDArray[np.float64]:
        """Return the row and column of the photograph at the screen's upper left corner, [frame, 2]."""
        random = random_generator(seed, "gaze", self.name, int(instance))
        room = np.array(_PHOTOGRAPH_SIZE) - [screen.height + 1, screen.width + 1]
        start = random.uniform(0.25, 0.75, 2) * room
        saccades = random.random(frames) < 1 - np.exp(-self.saccade_rate / screen.frame_rate)
        jumps = random.normal(0, screen.pixels(self.saccade_amplitude), (frames, 2)) * saccades[:, None]
        creep = random.normal(0, screen.pixels(self.drift) / np.sqrt(screen.frame_rate), (frames, 2))
        steps = jumps + creep
        steps[0] = 0
        wandered = np.mod(start + np.cumsum(steps, axis=0), 2 * room)
        corners: NDArray[np.float64] = np.minimum(wandered, 2 * room - wandered)
        return corners

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse a screen for which the photograph is too small."""
        rows, columns = _PHOTOGRAPH_SIZE
        require(
            screen.height <= rows - 10 and screen.width <= columns - 10,
            "The photograph is too small for the screen.",
            given=f"{screen.height} x {screen.width} pixels",
            needed=f"at most {rows - 10} x {columns - 10}",
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        return (
            f"gaze over the photograph {self.photograph!r}, {self.saccade_rate:.3g} saccades/s of "
            f"{self.saccade_amplitude:.3g} deg, drift {self.drift:.3g} deg/√s"
        )


@lru_cache(maxsize=2)
def _photograph(name: str) -> NDArray[np.uint8]:
    from sklearn.datasets import load_sample_image

    picture = np.asarray(load_sample_image(f"{name}.jpg"))
    grey: NDArray[np.uint8] = grey_film(np.stack([picture, picture]))[0]
    return grey


def _window(photograph: NDArray[np.uint8], row: float, column: float, screen: Screen) -> NDArray[np.floating]:
    top, left = int(row), int(column)
    down, right = row - top, column - left
    part = photograph[top : top + screen.height + 1, left : left + screen.width + 1].astype(np.float32)
    rows = part[:-1] * (1 - down) + part[1:] * down
    window: NDArray[np.floating] = rows[:, :-1] * (1 - right) + rows[:, 1:] * right
    return window
