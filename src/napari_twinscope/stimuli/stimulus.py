"""What every stimulus can do."""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.specification import Specification
from napari_twinscope.stimuli.checks import require, settle_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen


@dataclass(frozen=True)
class Stimulus(Specification, ABC):
    """One class of movies that a twin is shown.

    Direction 0 is rightwards and 90 upwards, counter-clockwise.

    Parameters
    ----------
    name
        Unique in a protocol.
    label
        What a figure calls the class; two stimuli may share it. The name if left empty.

    Attributes
    ----------
    directional
        Whether the movie depends on the direction. If not, every direction shows the same movie.
    varies
        Whether another instance is another movie. If not, all instances are identical.
    """

    name: str
    label: str = ""

    directional: ClassVar[bool] = True
    varies: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str) and bool(self.name.strip()),
            "A stimulus has no name.",
            given=repr(self.name),
            needed="a text that is not empty",
        )
        if not self.label:
            object.__setattr__(self, "label", self.name)
        settle_numbers(self)

    @abstractmethod
    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie.

        Parameters
        ----------
        direction
            Degrees, 0 = rightwards, 90 = upwards.
        instance
            Number of the instance, from 0.
        frames
            Length of the movie.
        screen
            Size and rate of the movie and its geometry in degrees.
        seed
            The same seed gives the same movie.

        Returns
        -------
        uint8 array [frames, height, width]
            Grey levels 0 to 255.

        Raises
        ------
        InvalidInput
            If the movie cannot be drawn as asked.
        """

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse, before anything is drawn, what `render` could not draw. Reads no file.

        Raises
        ------
        InvalidInput
            If a direction, the length or the screen does not suit this stimulus.
        """

    def check_source(self, frames: int, screen: Screen) -> None:
        """Refuse a source on disk that is absent, unreadable or too short.

        Raises
        ------
        InvalidInput
            If `render` would fail because of the source.
        """

    @property
    def summary(self) -> str:
        """One line for people: what is shown, with units."""
        return type(self).__name__


def random_generator(seed: int, *keys: object) -> np.random.Generator:
    """Return random numbers that depend on the seed and the keys alone, on every machine.

    Examples
    --------
    >>> random_generator(1, "noise", 0).integers(100) == random_generator(1, "noise", 0).integers(100)
    np.True_
    """
    digest = hashlib.sha256(repr((int(seed), *keys)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype="<u4").tolist())


def unit_vector(direction: float) -> tuple[float, float]:
    """Return the (columns, rows) of one step in a direction; rows count downwards: 90 degrees is (0, -1)."""
    angle = math.radians(direction)
    return round(math.cos(angle), 12), round(-math.sin(angle), 12)


def path_degrees(direction: float, screen: Screen) -> NDArray[np.float64]:
    """Return how far along a direction every pixel lies from the screen's centre.

    Returns
    -------
    float64 array [height, width]
        Degrees at the screen's centre.
    """
    along_x, along_y = unit_vector(direction)
    x = np.arange(screen.width) - (screen.width - 1) / 2
    y = np.arange(screen.height) - (screen.height - 1) / 2
    return (along_x * x[None, :] + along_y * y[:, None]) * screen.degrees_per_pixel


def grey_levels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Round to the nearest grey level and clip to 0 to 255."""
    levels: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def check_levels(mean: float, contrast: float) -> None:
    """Refuse grey levels ``mean * (1 ± contrast)`` outside 0 to 255, which would be clipped.

    Raises
    ------
    InvalidInput
        If the levels do not fit, or the contrast is not within 0 to 1.
    """
    require(0 <= contrast <= 1, "The contrast is out of range.", given=contrast, needed="0 to 1 (Michelson)")
    darkest, lightest = mean * (1 - contrast), mean * (1 + contrast)
    require(
        darkest >= 0 and lightest <= 255,
        "The grey levels would be clipped.",
        given=f"mean {mean:g}, contrast {contrast:g}: {darkest:g} to {lightest:g}",
        needed="levels within 0 to 255",
        remedy="lower the contrast or move the mean towards 127.5",
    )
