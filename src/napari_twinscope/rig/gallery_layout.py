"""Where pictures of one shape lie side by side, each below its title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_WIDE, _TITLE, _LOW = 112, 84, 95  # pixels of a panel: for ticks, for the title; of a row
_MOST = 6  # panels side by side


@dataclass(frozen=True)
class GalleryLayout:
    """Rows and columns of pictures, in pixels from the upper left corner.

    Parameters
    ----------
    columns, rows
        How many are side by side, and above each other.
    width, height
        Of one picture.
    title
        Height of the title above it.
    gap
        Between pictures.
    """

    columns: int
    rows: int
    width: float
    height: float
    title: float
    gap: float

    @property
    def places(self) -> int:
        """How many pictures there is room for."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Return the upper left corner (x, y) of a picture, counted along the rows."""
        row, column = divmod(place, self.columns)
        return column * (self.width + self.gap), row * (self.title + self.height + self.gap) + self.title

    def cells(self, place: int, cells: npt.ArrayLike, grid: tuple[int, int]) -> npt.NDArray[np.float64]:
        """Return the middles, float64 [cells, 2] as (x, y), of (row, column) of the grid of a picture."""
        size = np.array([self.width, self.height]) / (grid[1], grid[0])
        places: npt.NDArray[np.float64] = (
            np.asarray(self.corner(place))
            + (np.reshape(np.asarray(cells, np.float64), (-1, 2))[:, ::-1] + 0.5) * size
        )
        return places

    def place_at(self, x: float, y: float) -> int | None:
        """Return the place whose picture or title is at a point, ``None`` where there is none.

        Examples
        --------
        >>> layout = GalleryLayout(2, 1, 100.0, 50.0, 15.0, 10.0)
        >>> layout.place_at(120, 5), layout.place_at(105, 30), layout.place_at(50, 70)
        (1, None, None)
        """
        column, across = divmod(x, self.width + self.gap)
        row, down = divmod(y, self.title + self.height + self.gap)
        inside = across < self.width and down < self.title + self.height
        if not inside or not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        return int(row) * self.columns + int(column)


def even_columns(count: int, most: int) -> int:
    """Return how many of some pictures to put side by side, so that the rows are few and as even as can be.

    Parameters
    ----------
    count
        How many there are.
    most
        For how many there is room.

    Examples
    --------
    >>> even_columns(6, 4), even_columns(6, 6), even_columns(11, 6), even_columns(0, 3)
    (3, 6, 6, 1)
    """
    rows = -(-count // max(most, 1))
    return -(-count // max(rows, 1)) or 1


def panel_columns(count: int, size: tuple[float, float]) -> int:
    """Return how many panels with axes and titles are side by side, so that they can be read.

    More than are wide enough for their ticks where rows would be low otherwise, if their titles fit.

    Parameters
    ----------
    count
        Number of panels.
    size
        Width and height for all of them in pixels.

    Examples
    --------
    >>> panel_columns(6, (900, 150)), panel_columns(6, (600, 150)), panel_columns(6, (430, 280))
    (6, 6, 3)
    """
    width, height = size
    rows = max(int(height // _LOW), 1)
    most = max(int(width // _WIDE), min(-(-count // rows), int(width // _TITLE)), 1)
    return even_columns(count, min(_MOST, most))


def gallery_layout(
    size: tuple[float, float],
    count: int,
    aspect: float,
    title: float,
    narrowest: float = 140.0,
    gap: float = 10.0,
) -> GalleryLayout:
    """Lay pictures out as large as they can be; where not all of them fit, in pages of narrow ones.

    Parameters
    ----------
    size
        Width and height of the area.
    count
        How many pictures there are.
    aspect
        Height of a picture over its width.
    title
        Height of a title.
    narrowest
        A page holds no picture that is narrower, unless the area is too small for a single one.
    gap
        Between pictures.

    Returns
    -------
    GalleryLayout
        With room for one picture at least.
    """
    width, height = size
    most = max(1, min(count, int((width + gap) // (narrowest + gap))))

    def fitting(columns: int, rows: int) -> float:
        beside = (width - (columns - 1) * gap) / columns
        below = (height - (rows - 1) * gap) / rows - title
        return min(beside, below / aspect)

    best = max(range(1, most + 1), key=lambda columns: fitting(columns, -(-max(count, 1) // columns)))
    rows = -(-max(count, 1) // best)
    wide = fitting(best, rows)
    if wide < narrowest:
        best, wide = most, (width - (most - 1) * gap) / most
        rows = max(1, int((height + gap) // (wide * aspect + title + gap)))
        wide = max(min(wide, fitting(best, rows)), 1.0)
    return GalleryLayout(best, rows, wide, wide * aspect, title, gap)
