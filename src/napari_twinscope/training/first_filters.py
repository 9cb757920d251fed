"""The filters with which the demonstration network's first layer begins: Gabor functions and blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FREQUENCIES = 0.055, 0.16  # cycles/pixel
_GOLDEN = 180 * (np.sqrt(5) - 1) / 2  # degrees: orientations that keep apart, however many there are
_CYCLES = 0.3  # in the standard deviation of a Gabor function's envelope
_NARROWEST = 1.6  # pixels: envelope of a Gabor function
_BLOB = 2.2  # pixels
_BLOB_NORM = 0.3
_WHITENING = 0.06  # cycles/pixel at which a Gabor function has norm `_GABOR_NORM`
_GABOR_NORM = 0.6


def first_filters(count: int, size: int) -> NDArray[np.float32]:
    """Return filters that pass luminance, and orientations at several frequencies in two phases.

    A layer that begins with noise learns coarse detail long before fine detail, of which movies hold
    less. A quarter of the filters are Gaussian blobs; the others are pairs of an even and an odd Gabor
    function that do not see uniform light, the finer the stronger, as in whitening.

    Parameters
    ----------
    count
        Number of filters.
    size
        Of each, in pixels.

    Returns
    -------
    float32 array [count, size, size]

    References
    ----------
    Marcelja (1980), doi 10.1364/JOSA.70.001297, for the functions; Olshausen & Field (1996), doi
    10.1038/381607a0, who find that such filters are what natural pictures teach.
    """
    pairs = (count - max(count // 4, 1)) // 2
    filters = [_blob(angle, size) for angle in np.arange(count - 2 * pairs) * _GOLDEN * 2]
    for pair, frequency in enumerate(np.geomspace(*_FREQUENCIES, pairs)):
        filters += [_gabor(frequency, pair * _GOLDEN, phase, size) for phase in (0.0, 90.0)]
    return np.array(filters, np.float32)


def _gabor(frequency: float, angle: float, phase: float, size: int) -> NDArray[np.float64]:
    y, x = _grid(size)
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    width = np.clip(_CYCLES / frequency, _NARROWEST, size / 2)
    envelope = np.exp(-(x**2 + y**2) / (2 * width**2))
    picture = envelope * np.cos(2 * np.pi * frequency * along - np.radians(phase))
    picture -= envelope * picture.sum() / envelope.sum()
    scaled: NDArray[np.float64] = picture * (_GABOR_NORM * np.sqrt(frequency / _WHITENING))
    return scaled / np.linalg.norm(picture)


def _blob(angle: float, size: int) -> NDArray[np.float64]:
    """Draw a Gaussian halfway between the middle and the border."""
    y, x = _grid(size)
    row, column = size / 4 * np.sin(np.radians(angle)), size / 4 * np.cos(np.radians(angle))
    picture = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * _BLOB**2))
    blob: NDArray[np.float64] = picture * _BLOB_NORM / np.linalg.norm(picture)
    return blob


def _grid(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    centred = np.arange(size, dtype=np.float64) - (size - 1) / 2
    return centred[:, None], centred[None]
