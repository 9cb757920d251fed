"""The papers' way to make a movie: a still picture, reduced, shifted pixel by pixel and cropped.

Source: the public code of arXiv:2601.21508 and arXiv:2512.07869, re-implemented from a description.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli.checks import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURE_HEIGHT, PICTURE_WIDTH = 600, 800

# (columns, rows) per frame. Diagonals move by one pixel along both axes, thus the square root of 2 faster.
_SHIFTS = {
    0: (1, 0),
    45: (1, -1),
    90: (0, -1),
    135: (-1, -1),
    180: (-1, 0),
    225: (-1, 1),
    270: (0, 1),
    315: (1, 1),
}


def shift_per_frame(direction: float) -> tuple[int, int]:
    """Return how many (columns, rows) a picture moves from one frame to the next.

    Raises
    ------
    InvalidInput
        If the direction is not a multiple of 45 degrees.

    Examples
    --------
    >>> shift_per_frame(90)
    (0, -1)
    """
    shift = _SHIFTS.get(int(direction % 360)) if direction == int(direction) else None
    if shift is None:
        raise InvalidInput(
            "A picture cannot be shifted by whole pixels in this direction.",
            given=f"{direction:g} degrees",
            needed="a multiple of 45 degrees",
            remedy="use DriftingGrating or DotFlow, which move in any direction",
        )
    return shift


def scaled_size(scale: float) -> tuple[int, int]:
    """Return the (height, width) of the reduced picture: floor(600 c) and floor(800 c)."""
    return math.floor(PICTURE_HEIGHT * scale), math.floor(PICTURE_WIDTH * scale)


def check_seam(scale: float, frames: int, height: int, width: int) -> None:
    """Refuse a scale or length for which the seam of the circular shift would enter the crop.

    The crop needs a margin of ``frames - 1`` pixels on every side of the reduced picture.

    Raises
    ------
    InvalidInput
        If the scale is not within 0 to 1 or the margin is too narrow.
    """
    require(
        0 < scale <= 1, "The picture's scale is out of range.", given=scale, needed="more than 0, at most 1"
    )
    rows, columns = scaled_size(scale)
    top, left = _crop_origin((rows, columns), height, width)
    margin = min(top, left, rows - top - height, columns - left - width)
    least = max((height + 2 * (frames - 1)) / PICTURE_HEIGHT, (width + 2 * (frames - 1)) / PICTURE_WIDTH)
    remedy = f"show at most {max(margin + 1, 0)} frames"
    if least <= 1:
        remedy += f" or take a scale of at least {math.ceil(least * 100) / 100:g}"
    require(
        margin >= frames - 1,
        "The seam of the shifted picture would enter the movie.",
        given=f"scale {scale:g}, {frames} frames, {height} x {width} pixels: a margin of {margin} pixels",
        needed=f"a margin of {frames - 1} pixels, one per shift",
        remedy=remedy,
    )


def picture_movie(
    picture: NDArray[np.uint8],
    direction: float,
    frames: int,
    scale: float = 0.7,
    height: int = 144,
    width: int = 256,
) -> NDArray[np.uint8]:
    """Move a still picture in a direction.

    The picture is reduced with Pillow's Lanczos filter on 8-bit data, shifted circularly by a whole
    pixel per frame, and its central part is cut out.

    Parameters
    ----------
    picture
        uint8 [600, 800].
    direction
        Degrees, a multiple of 45.
    frames
        Length of the movie.
    scale
        Factor by which the picture is reduced; 0.7 in the published results, 1 leaves it as it is.
    height, width
        Size of the movie.

    Returns
    -------
    uint8 array [frames, height, width]

    Raises
    ------
    InvalidInput
        If the picture has another size or type, if the direction is no multiple of 45 degrees, or if the
        seam would enter the movie.
    """
    require(
        picture.shape == (PICTURE_HEIGHT, PICTURE_WIDTH) and picture.dtype == np.uint8,
        "The picture does not fit.",
        given=f"{picture.dtype} {list(picture.shape)}",
        needed=f"uint8 [{PICTURE_HEIGHT}, {PICTURE_WIDTH}]",
    )
    check_seam(scale, frames, height, width)
    sx, sy = shift_per_frame(direction)
    reduced = _reduce(picture, scale)
    top, left = _crop_origin((reduced.shape[0], reduced.shape[1]), height, width)
    movie = np.empty((frames, height, width), np.uint8)
    for frame in range(frames):
        # The seam stays outside, so the circular shift is a cut at the opposite offset.
        row, column = top - frame * sy, left - frame * sx
        movie[frame] = reduced[row : row + height, column : column + width]
    return movie


def _crop_origin(size: tuple[int, int], height: int, width: int) -> tuple[int, int]:
    return size[0] // 2 - height // 2, size[1] // 2 - width // 2


def _reduce(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1:
        return picture
    from PIL import Image

    rows, columns = scaled_size(scale)
    reduced = Image.fromarray(picture).resize((columns, rows), Image.Resampling.LANCZOS)
    return np.asarray(reduced)
