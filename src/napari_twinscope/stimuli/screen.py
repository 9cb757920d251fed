"""The screen that a twin looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass

from napari_twinscope.specification import Specification
from napari_twinscope.stimuli.checks import require, settle_numbers


@dataclass(frozen=True)
class Screen(Specification):
    """A flat screen, seen straight on by an eye in front of its centre.

    Stimuli are drawn on the flat screen without correction for its flatness: "degrees" means degrees at
    the centre of the screen. A pixel towards the border covers fewer of them.

    Parameters
    ----------
    height, width
        Size in pixels. Pixels are square.
    frame_rate
        Frames per second.
    distance
        Distance from the eye to the screen, in half screen widths. The default is the pose in which the
        demo twin's monitor stands (0.5, a screen 127 degrees wide).

    Raises
    ------
    InvalidInput
        If a value is not positive.

    Examples
    --------
    >>> round(Screen().degrees_per_pixel, 3)
    0.895
    """

    height: int = 144
    width: int = 256
    frame_rate: float = 30.0
    distance: float = 0.5

    def __post_init__(self) -> None:
        settle_numbers(self)
        for name in ("height", "width", "frame_rate", "distance"):
            value = getattr(self, name)
            require(value > 0, f"The screen's {name} is not positive.", given=value, needed="more than 0")

    @property
    def degrees_per_pixel(self) -> float:
        """Visual angle of one pixel at the screen's centre."""
        return math.degrees(math.atan(2.0 / self.width / self.distance))

    def pixels(self, degrees: float) -> float:
        """Return the length in pixels of a visual angle at the screen's centre."""
        return degrees / self.degrees_per_pixel
