"""Still pictures that training movies move: noise, dead leaves, dots, photographs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from numpy.typing import NDArray

    from napari_twinscope.stimuli import Screen

    Picture = NDArray[np.float32]
    Picture64 = NDArray[np.floating]

TEXTURES = {"pink": 0.20, "band": 0.08, "leaves": 0.20, "dots": 0.22, "photograph": 0.06}
"""The kinds of texture, and how often each is shown."""

_MARGIN = 1.25  # a canvas is larger than the screen by this factor and continues at its other side
_SHARPEST = 0.45  # cycles/deg
_BAND = 0.02, 0.35  # cycles/deg
_DOT_RADII = 0.7, 9.0  # deg


@dataclass(frozen=True)
class Canvas:
    """A picture that continues endlessly, seen through a window.

    Attributes
    ----------
    picture
        Contrast, float32 [rows, columns], followed by the beginning of the next repetition.
    period
        Rows and columns after which it repeats.
    shape
        Rows and columns of the window.
    """

    picture: Picture
    period: tuple[int, int]
    shape: tuple[int, int]

    @classmethod
    def draw(cls, kind: str, rng: np.random.Generator, screen: Screen) -> Self:
        """Draw a texture of one of the kinds in `TEXTURES`, of random contrast."""
        period = (int(screen.height * _MARGIN), int(screen.width * _MARGIN))
        picture = _DRAW[kind](rng, period, screen)
        shape = (screen.height, screen.width)
        endless = np.pad(picture, ((0, shape[0] + 1), (0, shape[1] + 1)), mode="wrap")
        return cls(endless, period, shape)

    def window(self, row: float, column: float) -> Picture:
        """Return what the window shows when its corner is at (row, column), between pixels by lines."""
        row, column = row % self.period[0], column % self.period[1]
        top, left = int(row) % self.period[0], int(column) % self.period[1]
        down, right = np.float32(row - int(row)), np.float32(column - int(column))
        part = self.picture[top : top + self.shape[0] + 1, left : left + self.shape[1] + 1]
        rows = part[:-1] + down * (part[1:] - part[:-1])
        seen: Picture = rows[:, :-1] + right * (rows[:, 1:] - rows[:, :-1])
        return seen


def _frequencies(period: tuple[int, int], screen: Screen) -> tuple[Picture64, Picture64]:
    """Return vertical and horizontal frequency of each component of a real Fourier transform, cycles/deg."""
    rows = np.fft.fftfreq(period[0], screen.degrees_per_pixel)[:, None]
    return rows, np.fft.rfftfreq(period[1], screen.degrees_per_pixel)[None]


def _filtered(
    rng: np.random.Generator, amplitude: NDArray[np.float64], period: tuple[int, int]
) -> NDArray[np.float64]:
    """Return noise with an amplitude spectrum, standard deviation 1."""
    spectrum = amplitude * np.exp(2j * np.pi * rng.random(amplitude.shape))
    spectrum[0, 0] = 0
    picture = np.fft.irfft2(spectrum, period)
    unit: NDArray[np.float64] = picture / picture.std()
    return unit


def _pink(rng: np.random.Generator, period: tuple[int, int], screen: Screen) -> Picture:
    """Draw noise whose amplitude falls with a power of the frequency, 0 to 1.5."""
    rows, columns = _frequencies(period, screen)
    frequency = np.hypot(rows, columns)
    fall = np.maximum(frequency, 1 / (screen.width * screen.degrees_per_pixel)) ** -rng.uniform(0, 1.5)
    picture = _filtered(rng, fall * np.exp(-((frequency / _SHARPEST) ** 4)), period)
    return _with_contrast(rng, picture)


def _band(rng: np.random.Generator, period: tuple[int, int], screen: Screen) -> Picture:
    """Draw noise around one frequency, often around one orientation too."""
    rows, columns = _frequencies(period, screen)
    frequency = np.maximum(np.hypot(rows, columns), 1e-6)
    centre = _BAND[0] * (_BAND[1] / _BAND[0]) ** rng.random()
    amplitude = np.exp(-(np.log2(frequency / centre) ** 2) / (2 * rng.uniform(0.2, 0.6) ** 2))
    if rng.random() < 0.7:
        turn = np.arctan2(rows, columns) - rng.uniform(0, np.pi)
        amplitude = amplitude * np.exp((np.cos(2 * turn) - 1) * rng.uniform(1, 6))
    return _with_contrast(rng, _filtered(rng, amplitude / frequency**0.5, period))


def _with_contrast(rng: np.random.Generator, picture: NDArray[np.float64]) -> Picture:
    """Scale a picture of standard deviation 1, now and then into a black and white one."""
    if rng.random() < 0.15:
        return (np.tanh(4 * picture) * rng.uniform(0.2, 1)).astype(np.float32)
    return np.clip(picture * rng.uniform(0.08, 0.45), -1, 1).astype(np.float32)


def _leaves(rng: np.random.Generator, period: tuple[int, int], screen: Screen) -> Picture:
    """Drop discs on one another; their radii follow a power law (Lee, Mumford & Huang 2001)."""
    picture = np.zeros(period, np.float32)
    smallest = screen.pixels(rng.uniform(0.8, 2.5))
    contrast = rng.uniform(0.3, 1)
    for _ in range(450):
        # a density of radius^-3 has this quantile function
        radius = min(smallest / np.sqrt(rng.uniform(0.0015, 1)), period[0] / 2 - 1)
        grey = rng.uniform(-1, 1) * contrast
        _stamp(picture, rng.uniform(0, period), radius, grey)
    return picture


def _dots(rng: np.random.Generator, period: tuple[int, int], screen: Screen) -> Picture:
    """Scatter dots or short rows of three dots, light, dark or both, on grey."""
    smallest, largest = _DOT_RADII
    radius = screen.pixels(smallest * (largest / smallest) ** rng.random())
    share = rng.uniform(0.05, 0.3)
    triplets = rng.random() < 0.4
    count = max(3, int(share * period[0] * period[1] / (np.pi * radius**2 * (3 if triplets else 1))))
    sign = rng.choice([-1.0, 1.0, 0.0])
    contrast = rng.uniform(0.3, 1)
    angle = rng.uniform(0, np.pi)
    along = 2 * radius * np.array([np.sin(angle), np.cos(angle)])
    picture = np.zeros(period, np.float32)
    for centre in rng.uniform(0, period, (min(count, 1500), 2)):
        grey = contrast * (sign or rng.choice([-1.0, 1.0]))
        for place in (-1, 0, 1) if triplets else (0,):
            _stamp(picture, centre + place * along, radius, grey)
    return picture


def _photograph(rng: np.random.Generator, period: tuple[int, int], screen: Screen) -> Picture:
    """Cut a piece from a photograph, mirrored at its edges so that it continues."""
    del screen
    picture = _photographs()[int(rng.integers(2))]
    zoom = int(rng.integers(1, 3))
    rows, columns = -(-period[0] // 2), -(-period[1] // 2)
    top = int(rng.integers(picture.shape[0] - rows * zoom + 1))
    left = int(rng.integers(picture.shape[1] - columns * zoom + 1))
    part = picture[top : top + rows * zoom, left : left + columns * zoom]
    part = part.reshape(rows, zoom, columns, zoom).mean((1, 3))
    part = np.concatenate([part, part[::-1]])[: period[0]]
    part = np.concatenate([part, part[:, ::-1]], axis=1)[:, : period[1]]
    part = part - part.mean()
    scaled: Picture = np.clip(part * (rng.uniform(0.2, 0.6) / max(part.std(), 0.05)), -1, 1)
    return scaled


@lru_cache(maxsize=1)
def _photographs() -> tuple[Picture, Picture]:
    """Return the two photographs that scikit-learn ships, as contrasts."""
    from sklearn.datasets import load_sample_image

    weights = np.array([0.299, 0.587, 0.114], np.float32)
    china, flower = (
        (np.asarray(load_sample_image(name), np.float32) @ weights) / 127.5 - 1
        for name in ("china.jpg", "flower.jpg")
    )
    return china, flower


def _stamp(picture: Picture, centre: NDArray[np.float64], radius: float, grey: float) -> None:
    """Paint a disc with a soft edge of one pixel on a picture that continues at its other side."""
    height, width = picture.shape
    reach = int(np.ceil(radius)) + 1
    top, left = (round(float(c)) for c in centre)
    rows = np.arange(top - reach, top + reach + 1)
    columns = np.arange(left - reach, left + reach + 1)
    distance = np.hypot(rows[:, None] - centre[0], columns[None] - centre[1])
    cover = np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)
    where = np.ix_(rows % height, columns % width)
    patch = picture[where]
    picture[where] = patch + cover * (np.float32(grey) - patch)


_DRAW: dict[str, Callable[[np.random.Generator, tuple[int, int], Screen], Picture]] = {
    "pink": _pink,
    "band": _band,
    "leaves": _leaves,
    "dots": _dots,
    "photograph": _photograph,
}
