"""The points on movies in activity space: one for each, or start, end and present place on each path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.colors import RGBA

    Floats = npt.NDArray[np.float64]

# where the root mean square distance from the centre is 1
POINT = 0.1
"""Diameter of the point of a movie that has one."""
START, END, MARKER = 0.04, 0.055, 0.085
"""Diameters on a path."""
CURRENT = 1.8
"""How much larger the point of the movie on the screen is."""
RING, CURRENT_RING = 0.12, 0.18
"""Widths around markers, relative to their diameter."""
TUBE, CURRENT_TUBE = 0.007, 0.018
"""Radii of paths."""


@dataclass(frozen=True, eq=False)
class Marks:
    """Discs in space.

    Parameters
    ----------
    places
        float64 [marks, 3]; NaN where there is none.
    colors
        float32 [marks, 4].
    diameters
        float64 [marks], in the unit of the places.
    rings
        float64 [marks], the width of the ring around each, relative to its diameter.
    """

    places: Floats
    colors: RGBA
    diameters: Floats
    rings: Floats


def movie_marks(paths: Floats, colors: RGBA, ink: RGBA, frame: int | None) -> Marks:
    """Return each movie's point, or the start, the end and the present place on each path, in this order.

    Parameters
    ----------
    paths
        float64 [movies, frames, 3], NaN where nothing was recorded; those of one frame are points.
    colors
        float32 [movies, 4].
    ink
        float32 [4], the colour of starts.
    frame
        Where paths are now; ``None`` leaves that out.
    """
    movies = len(paths)
    if paths.shape[1] == 1:
        return Marks(paths[:, 0], colors, np.full(movies, POINT), np.zeros(movies))
    places = [*_ends(paths)]
    shades = [np.tile(np.asarray(ink, np.float32), (movies, 1)), colors]
    sizes, rings = [START, END], [0.0, 0.0]
    if frame is not None:
        places.append(place_now(paths, frame))
        shades.append(colors)
        sizes.append(MARKER)
        rings.append(RING)
    return Marks(
        np.concatenate(places), np.concatenate(shades), np.repeat(sizes, movies), np.repeat(rings, movies)
    )


def current_mark(paths: Floats, colors: RGBA, movie: int, frame: int | None) -> Marks:
    """Return the point of the movie on the screen; none on a path if no frame is on the screen."""
    still = paths.shape[1] == 1
    one = slice(movie, movie + 1) if still or frame is not None else slice(0, 0)
    size = CURRENT * (POINT if still else MARKER)
    places = place_now(paths, frame or 0)[one]
    return Marks(places, colors[one], np.full(len(places), size), np.full(len(places), CURRENT_RING))


def place_now(paths: Floats, frame: int) -> Floats:
    """Return where movies are at a frame, float64 [movies, 3]; after the last they stay there."""
    return paths[:, min(frame, paths.shape[1] - 1)]


def _ends(paths: Floats) -> tuple[Floats, Floats]:
    """Return the first and the last recorded point of each path."""
    there = np.asarray(np.isfinite(paths).all(axis=-1))
    first = there.argmax(axis=1)
    last = paths.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    every = np.arange(len(paths))
    return paths[every, first], paths[every, last]
