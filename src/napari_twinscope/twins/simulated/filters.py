"""The linear filters of the simulated cells: Gabor functions in space, resonant kernels in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.twins.simulated.cells import SURROUND_SIZE, SURROUND_WEIGHT, UNORIENTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins.simulated.cells import Cells

MEMORY = 24
"""Length of the temporal kernels in frames."""

ORDER = 3
"""Order of the gamma function that is the envelope of the temporal kernels."""
CYCLES = 0.2
"""Time constant of the envelope in cycles of the preferred temporal frequency."""
LONGEST = 0.1
"""Largest time constant of the envelope in seconds."""
SUSTAINED = 60.0
"""Phase of the response to a lasting step, in degrees; 90 for none."""


def spatial_filters(cells: Cells, screen: Screen) -> NDArray[np.float32]:
    r"""Return the pair of spatial filters of each cell.

    The filters of an oriented cell are the two Gabor functions, even and odd, with carrier along its
    preferred direction,

    .. math:: G(x, y) \, (\cos 2\pi f s - m), \quad G(x, y) \, \sin 2\pi f s,

    where G is a round Gaussian, s the way from the centre along the preferred direction, and m makes the
    even filter blind to uniform light. An ON or OFF cell has a difference of two Gaussians and no odd
    filter; the sign of OFF cells is left to their phase. A grating of the preferred frequency and
    direction, of contrast c, gives the amplitude c (Gabor functions: nearly; the wider their bandwidth,
    the less).

    Parameters
    ----------
    cells
        The population.
    screen
        Size of the frames and of a pixel in degrees.

    Returns
    -------
    float32 array [units, 2, height, width]
        To be multiplied with the contrast of each pixel and summed.

    References
    ----------
    Marcelja (1980), doi 10.1364/JOSA.70.001297.
    """
    bank = np.zeros((len(cells), 2, screen.height, screen.width), np.float32)
    # Cell by cell: the pictures of all cells in float64 would need a gigabyte.
    for unit, kind in enumerate(cells.cell_type):
        bank[unit] = (
            _centre_surround(cells, unit, screen) if kind in UNORIENTED else _gabor(cells, unit, screen)
        )
    return bank


def temporal_kernels(cells: Cells, frame_rate: float) -> NDArray[np.float32]:
    r"""Return the quadrature pair of temporal kernels of each cell.

    Real and imaginary part of

    .. math:: h(t) = t^2 e^{-t/\tau} \, e^{i (2 \pi f t + \psi)},

    whose envelope has the sum 1. A signal ``exp(2 pi i f t)`` passes with amplitude 1. The phase psi makes
    the real part biphasic, with a weak lasting response of the sign of the first.

    Parameters
    ----------
    cells
        The population.
    frame_rate
        Frames per second.

    Returns
    -------
    float32 array [units, 2, `MEMORY`]
        The most recent frame last.
    """
    time = np.arange(MEMORY) / frame_rate
    tau = np.minimum(CYCLES / cells.temporal_frequency, LONGEST)[:, None]
    # A frame is on for its whole duration: the envelope in its middle.
    envelope = (time + 0.5 / frame_rate) ** (ORDER - 1) * np.exp(-time / tau)
    envelope /= envelope.sum(1, keepdims=True)
    kernel = envelope * np.exp(2j * np.pi * cells.temporal_frequency[:, None] * time)
    lasting = kernel.sum(1, keepdims=True)
    kernel *= np.exp(1j * (np.radians(SUSTAINED) - np.angle(lasting)))
    return np.stack((kernel.real, kernel.imag), axis=1)[..., ::-1].astype(np.float32)


def _gabor(cells: Cells, unit: int, screen: Screen) -> NDArray[np.float64]:
    down, right = _offsets(cells, unit, screen)
    angle, frequency = np.radians(cells.direction[unit]), cells.spatial_frequency[unit]
    along = right * np.cos(angle) - down * np.sin(angle)  # rows count downwards
    size = cells.size[unit]
    mean = np.exp(-2 * (np.pi * frequency * size) ** 2)
    carrier = np.stack((np.cos(2 * np.pi * frequency * along) - mean, np.sin(2 * np.pi * frequency * along)))
    pair: NDArray[np.float64] = 2 * _gaussian(down, right, size, screen) * carrier
    return pair


def _centre_surround(cells: Cells, unit: int, screen: Screen) -> NDArray[np.float64]:
    down, right = _offsets(cells, unit, screen)
    size = cells.size[unit]
    wide = SURROUND_SIZE * size
    field = _gaussian(down, right, size, screen) - SURROUND_WEIGHT * _gaussian(down, right, wide, screen)
    spectrum = -2 * (np.pi * cells.spatial_frequency[unit]) ** 2
    peak = np.exp(spectrum * size**2) - SURROUND_WEIGHT * np.exp(spectrum * wide**2)
    return np.stack((field / peak, np.zeros_like(field)))


def _offsets(cells: Cells, unit: int, screen: Screen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far below and to the right of the cell's centre each pixel lies, in degrees."""
    down = (np.arange(screen.height)[:, None] - cells.y[unit]) * screen.degrees_per_pixel
    right = (np.arange(screen.width)[None] - cells.x[unit]) * screen.degrees_per_pixel
    return down, right


def _gaussian(
    down: NDArray[np.float64], right: NDArray[np.float64], size: float, screen: Screen
) -> NDArray[np.float64]:
    """Return a round Gaussian whose sum over an endless screen is 1."""
    height = screen.degrees_per_pixel**2 / (2 * np.pi * size**2)
    picture: NDArray[np.float64] = (
        height * np.exp(-(down**2) / (2 * size**2)) * np.exp(-(right**2) / (2 * size**2))
    )
    return picture
