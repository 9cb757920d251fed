"""Gratings, drifting and still, and their sums."""

from __future__ import annotations

import math
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
class DriftingGrating(Stimulus):
    """A full-field grating that drifts in the direction, its bars perpendicular to it.

    The grey level is ``mean * (1 + contrast * wave)``. The sine wave is
    ``sin(2 pi (spatial_frequency * s - temporal_frequency * t) + phase)``, where s is the way from the
    screen's centre along the motion; the square wave has its sign. Contrast is Michelson contrast of grey
    levels; a monitor that is not linear (the demo twin's raises the grey level to the power 1.7) gives
    another contrast of luminance.

    Parameters
    ----------
    name, label
        As of every stimulus.
    spatial_frequency
        Cycles per degree at the screen's centre.
    temporal_frequency
        Hz. The speed is ``temporal_frequency / spatial_frequency``.
    contrast
        0 to 1.
    mean
        Grey level, 0 to 255.
    phase
        Degrees of the cycle at the screen's centre in the first frame.
    wave
        ``"sine"`` or ``"square"``; edges of the square wave are smoothed over one pixel.
    """

    spatial_frequency: float = 0.04
    temporal_frequency: float = 2.0
    contrast: float = 0.9
    mean: float = 127.5
    phase: float = 0.0
    wave: str = "sine"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        _check_grating(self.spatial_frequency, self.temporal_frequency)
        require(self.wave in _WAVES, "There is no such wave.", given=self.wave, needed="sine or square")

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
        movie = np.empty((frames, screen.height, screen.width), np.uint8)
        for frame in range(frames):
            wave = _wave(self, direction, frame / screen.frame_rate, screen)
            movie[frame] = grey_levels(self.mean * (1 + self.contrast * wave))
        return movie

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse frequencies that the screen's pixels or frame rate cannot show."""
        _check_sampling(self.spatial_frequency, self.temporal_frequency, screen)

    @property
    def summary(self) -> str:
        """One line for people."""
        return (
            f"{self.wave} grating, {self.spatial_frequency:.3g} cycles/deg, "
            f"{self.temporal_frequency:.3g} Hz, contrast {self.contrast:.3g}"
        )


@dataclass(frozen=True)
class StaticGrating(Stimulus):
    """A grating that stands still; its bars are perpendicular to the direction.

    Parameters
    ----------
    name, label
        As of every stimulus.
    spatial_frequency
        Cycles per degree at the screen's centre.
    contrast
        Michelson contrast of grey levels, 0 to 1.
    mean
        Grey level, 0 to 255.
    phase
        Degrees of the cycle at the screen's centre.
    wave
        ``"sine"`` or ``"square"``.
    """

    spatial_frequency: float = 0.04
    contrast: float = 0.9
    mean: float = 127.5
    phase: float = 0.0
    wave: str = "sine"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._drifting()

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        still = self._drifting().render(direction, instance, 1, screen, seed)
        return np.repeat(still, frames, axis=0)

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse frequencies that the screen's pixels cannot show."""
        self._drifting().check(directions, frames, screen)

    def _drifting(self) -> DriftingGrating:
        return DriftingGrating(
            self.name,
            self.label,
            self.spatial_frequency,
            0.0,
            self.contrast,
            self.mean,
            self.phase,
            self.wave,
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        return (
            f"static {self.wave} grating, {self.spatial_frequency:.3g} cycles/deg, phase {self.phase:g} deg, "
            f"contrast {self.contrast:.3g}"
        )


@dataclass(frozen=True)
class Plaid(Stimulus):
    """The sum of two sine gratings that drift at equal angles to either side of the direction.

    Each grating has half the contrast. The pattern moves in the direction, at
    ``temporal_frequency / spatial_frequency / cos(angle / 2)`` degrees per second.

    Parameters
    ----------
    name, label
        As of every stimulus.
    spatial_frequency
        Of each grating, cycles per degree at the screen's centre.
    temporal_frequency
        Of each grating, Hz.
    angle
        Between the two gratings' directions, degrees, above 0 and below 180.
    contrast
        Of the sum, 0 to 1.
    mean
        Grey level, 0 to 255.
    """

    spatial_frequency: float = 0.04
    temporal_frequency: float = 2.0
    angle: float = 120.0
    contrast: float = 0.9
    mean: float = 127.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_levels(self.mean, self.contrast)
        _check_grating(self.spatial_frequency, self.temporal_frequency)
        require(
            0 < self.angle < 180,
            "The plaid's angle is out of range.",
            given=self.angle,
            needed="above 0 and below 180 degrees",
        )

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
        part = DriftingGrating(self.name, self.label, self.spatial_frequency, self.temporal_frequency)
        movie = np.empty((frames, screen.height, screen.width), np.uint8)
        for frame in range(frames):
            time = frame / screen.frame_rate
            left = _wave(part, direction + self.angle / 2, time, screen)
            right = _wave(part, direction - self.angle / 2, time, screen)
            movie[frame] = grey_levels(self.mean * (1 + self.contrast * (left + right) / 2))
        return movie

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse frequencies that the screen's pixels or frame rate cannot show."""
        _check_sampling(self.spatial_frequency, self.temporal_frequency, screen)

    @property
    def summary(self) -> str:
        """One line for people."""
        return (
            f"plaid of two gratings {self.angle:g} deg apart, {self.spatial_frequency:.3g} cycles/deg, "
            f"{self.temporal_frequency:.3g} Hz, contrast {self.contrast:.3g}"
        )


_WAVES = ("sine", "square")


def _wave(grating: DriftingGrating, direction: float, time: float, screen: Screen) -> NDArray[np.float64]:
    cycles = grating.spatial_frequency * path_degrees(direction, screen) - grating.temporal_frequency * time
    sine = np.sin(2 * np.pi * cycles + math.radians(grating.phase))
    if grating.wave == "sine":
        return sine
    # The distance from the nearest edge, in pixels, decides how much of a pixel is light.
    pixels = np.arcsin(sine) / (2 * np.pi * grating.spatial_frequency) / screen.degrees_per_pixel
    return np.clip(2 * pixels, -1, 1)


def _check_grating(spatial_frequency: float, temporal_frequency: float) -> None:
    require(
        spatial_frequency > 0,
        "The spatial frequency is not positive.",
        given=spatial_frequency,
        needed="more than 0 cycles per degree",
    )
    require(
        temporal_frequency >= 0,
        "The temporal frequency is negative.",
        given=temporal_frequency,
        needed="0 Hz or more",
        remedy="turn the direction by 180 degrees",
    )


def _check_sampling(spatial_frequency: float, temporal_frequency: float, screen: Screen) -> None:
    finest = 0.5 / screen.degrees_per_pixel
    require(
        spatial_frequency <= finest,
        "The screen's pixels are too coarse for the grating.",
        given=f"{spatial_frequency:g} cycles per degree",
        needed=f"at most {finest:.3g} (half a cycle per pixel)",
    )
    require(
        temporal_frequency <= screen.frame_rate / 2,
        "The screen's frame rate is too low for the grating.",
        given=f"{temporal_frequency:g} Hz",
        needed=f"at most {screen.frame_rate / 2:g} Hz (half a cycle per frame)",
    )
