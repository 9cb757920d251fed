"""The eleven stimulus classes of the papers, drawn from measurements of their pictures.

The pictures were made for arXiv:2601.21508 and arXiv:2512.07869 after the ensemble shown to mice by Dyballa
et al. 2024 (doi:10.1073/pnas.2317773121). Grey levels, bar widths, dot diameters, lattices and jitter are
those measured on the pictures (800 x 600); the patterns themselves are new draws from the same rules.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from napari_twinscope.stimuli.checks import require
from napari_twinscope.stimuli.dots import DotField, disc_coverage
from napari_twinscope.stimuli.picture import (
    PICTURE_HEIGHT,
    PICTURE_WIDTH,
    check_seam,
    picture_movie,
    shift_per_frame,
)
from napari_twinscope.stimuli.stimulus import Stimulus, random_generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_twinscope.stimuli.screen import Screen

_DARK, _LIGHT, _GREY = 68, 188, 128
_DOT_STEP = 120

# Width of a bar along the picture's rows, upright and diagonal, in pixels.
_BARS = {"W12": (129, 182), "W1": (10, 14), "W2": (21, 30)}

_FIELDS = {
    (1, "D1"): DotField(1, 10.0, 0.0, 20.0, 2.7, 3.7, 0.0),
    (1, "D2"): DotField(1, 21.0, 0.0, 42.0, 4.7, 6.7, 0.0),
    (3, "D1"): DotField(3, 6.1, 6.0, 20.0, 2.7, 3.7, 7.4),
    (3, "D2"): DotField(3, 12.1, 12.0, 42.0, 4.7, 6.7, 5.7),
}


@dataclass(frozen=True)
class _PaperStimulus(Stimulus):
    """A still picture, moved by one pixel per frame after a reduction by `scale`."""

    scale: float = 0.7

    @abstractmethod
    def picture(self, direction: float, instance: int, seed: int) -> NDArray[np.uint8]:
        """Draw the still picture, uint8 [600, 800]."""

    def render(
        self, direction: float, instance: int, frames: int, screen: Screen, seed: int
    ) -> NDArray[np.uint8]:
        """Draw one movie; see `Stimulus.render`."""
        self.check((direction,), frames, screen)
        picture = self.picture(direction % 360, instance, seed)
        return picture_movie(picture, direction, frames, self.scale, screen.height, screen.width)

    def check(self, directions: Sequence[float], frames: int, screen: Screen) -> None:
        """Refuse directions off the 45 degree grid and movies that the picture's seam would enter."""
        for direction in directions:
            shift_per_frame(direction)
        check_seam(self.scale, frames, screen.height, screen.width)


@dataclass(frozen=True)
class PaperGrating(_PaperStimulus):
    """A square-wave grating of the papers, grey levels 68 and 188; its instances are identical.

    Bars are perpendicular to the motion. At 0 and 180 (90 and 270) degrees they begin with a light bar at
    the left (lower) border. The phase of the diagonals is not published; here they begin with a light
    bar at the corner that the motion comes from.

    Parameters
    ----------
    name, label
        As of every stimulus.
    scale
        Factor by which the picture is reduced.
    bars
        ``"W12"``, ``"W2"`` or ``"W1"``: bars 129, 21 or 10 pixels wide in the unreduced picture
        (12.5, 2 and 1 degrees in the animals' version).
    """

    bars: str = "W12"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.bars in _BARS, "There is no such grating.", given=self.bars, needed=", ".join(_BARS))

    def picture(self, direction: float, instance: int, seed: int) -> NDArray[np.uint8]:
        """Draw the still picture, uint8 [600, 800]."""
        x = np.arange(PICTURE_WIDTH)[None, :]
        up = np.arange(PICTURE_HEIGHT)[::-1, None]
        upright, diagonal = _BARS[self.bars]
        if direction % 180 == 0:
            return np.broadcast_to(_bars(x, upright), (PICTURE_HEIGHT, PICTURE_WIDTH)).copy()
        if direction % 180 == 90:
            return np.broadcast_to(_bars(up, upright), (PICTURE_HEIGHT, PICTURE_WIDTH)).copy()
        sx, sy = shift_per_frame(direction)
        path = (x if sx > 0 else PICTURE_WIDTH - 1 - x) + (up if sy < 0 else PICTURE_HEIGHT - 1 - up)
        picture = _bars(path, diagonal)
        # A 45 degree edge halves the pixels on it.
        picture[(path + 1) % diagonal == 0] = _GREY
        return picture

    @property
    def summary(self) -> str:
        """One line for people."""
        pixels = _BARS[self.bars][0] * self.scale
        return f"square grating, bars {pixels:.3g} px wide, 1 px/frame (diagonals √2 faster)"


@dataclass(frozen=True)
class PaperDotFlow(_PaperStimulus):
    """A rigid flow of dots of the papers, by 120 grey levels lighter or darker than 128.

    The lattice's phase is fixed per direction; the jitter is drawn anew for every direction and instance.
    Light and dark flows of the same dots share their positions: grey levels are 256 minus one another.

    Parameters
    ----------
    name, label
        As of every stimulus.
    scale
        Factor by which the picture is reduced.
    dots
        1 for single dots, 3 for triplets of touching dots in a line across the motion.
    size
        ``"D1"`` or ``"D2"``: dots 10 or 21 pixels wide (triplets of 6.1 or 12.1) in the unreduced picture.
    light
        Whether the dots are lighter than the background.
    """

    dots: int = 1
    size: str = "D1"
    light: bool = False

    varies: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            (self.dots, self.size) in _FIELDS,
            "There is no such dot flow.",
            given=f"{self.dots} dots of size {self.size}",
            needed="1 or 3 dots of size D1 or D2",
        )

    def picture(self, direction: float, instance: int, seed: int) -> NDArray[np.uint8]:
        """Draw the still picture, uint8 [600, 800]."""
        field = _FIELDS[self.dots, self.size]
        centres = self.centres(direction, instance, seed)
        covered = disc_coverage(centres, field.diameter, (PICTURE_HEIGHT, PICTURE_WIDTH))
        step = np.rint(_DOT_STEP * covered).astype(np.uint8)
        return _GREY + step if self.light else _GREY - step

    def centres(self, direction: float, instance: int, seed: int) -> NDArray[np.float64]:
        """Draw the dots' centres in the unreduced picture, [dot, 2] as column and row."""
        pattern = (f"paper dots {self.dots} {self.size}", float(direction % 360))
        return _FIELDS[self.dots, self.size].centres(
            direction,
            (0, 0, PICTURE_WIDTH, PICTURE_HEIGHT),
            random_generator(seed, *pattern, "lattice"),
            random_generator(seed, *pattern, "jitter", int(instance)),
        )

    @property
    def summary(self) -> str:
        """One line for people."""
        pixels = _FIELDS[self.dots, self.size].diameter * self.scale
        kind = "single dots" if self.dots == 1 else "triplets of dots"
        tone = "light" if self.light else "dark"
        return f"{tone} {kind}, {pixels:.3g} px wide, 1 px/frame (diagonals √2 faster)"


def _flow(dots: int, size: str, light: bool, scale: float) -> PaperDotFlow:
    name = f"{'pos' if light else 'neg'}{dots}dotflow_{size}"
    label = f"{'+' if light else '−'}{dots}dot"
    return PaperDotFlow(name, label, scale, dots, size, light)


def paper_stimuli(scale: float = 0.7) -> tuple[Stimulus, ...]:
    """Return the eleven classes in the order in which the papers store them.

    The names are the papers' file classes (``grat_W12`` ...), the labels their class names
    (``LF-grating`` ...).
    """
    return (
        PaperGrating("grat_W12", "LF-grating", scale, "W12"),
        PaperGrating("grat_W1", "HF-grating", scale, "W1"),
        PaperGrating("grat_W2", "HF-grating", scale, "W2"),
        *(_flow(dots, size, False, scale) for size in ("D1", "D2") for dots in (1, 3)),
        *(_flow(dots, size, True, scale) for size in ("D1", "D2") for dots in (1, 3)),
    )


# Two sets of six, each in the order LF-grating, HF-grating, -1dot, -3dot, +1dot, +3dot; chosen by name, since
# positions differ between the eleven classes and the six.
PAPER_SETS: dict[str, tuple[str, ...]] = {
    "medium": (
        "grat_W12",
        "grat_W2",
        "neg1dotflow_D2",
        "neg3dotflow_D2",
        "pos1dotflow_D2",
        "pos3dotflow_D2",
    ),
    "high": (
        "grat_W12",
        "grat_W1",
        "neg1dotflow_D1",
        "neg3dotflow_D1",
        "pos1dotflow_D1",
        "pos3dotflow_D1",
    ),
}


def _bars(position: NDArray[np.integer], width: int) -> NDArray[np.uint8]:
    return np.where((position // width) % 2 == 0, _LIGHT, _DARK).astype(np.uint8)
