"""Where a cloud of points is looked at from, without a canvas: the camera as napari has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.projection import View, project

if TYPE_CHECKING:
    from napari_twinscope.rig.projection import Floats

FIRST_ANGLES = (10.0, -32.0, 18.0)
"""In degrees; all three axes can be told apart."""
FILL = 0.85
"""How much of the canvas a cloud takes that is shown as a whole."""
FIRST_SIZE = (720.0, 540.0)
"""Of a canvas that is on no screen."""
_PASSES = 3  # in perspective, what fits depends on how far the eye is


def viewpoint(
    world: Floats,
    angles: tuple[float, float, float] = FIRST_ANGLES,
    perspective: float = 0.0,
    size: tuple[float, float] = FIRST_SIZE,
) -> View:
    """Look at a whole cloud from some direction.

    Parameters
    ----------
    world
        float [points, 3] in the order of napari's displayed axes, which for a manifold is the third, the
        second and the first coordinate; points that are not finite do not count.
    angles
        Euler angles of napari's camera about these axes, in degrees.
    perspective
        Field of view in degrees; 0 is orthographic.
    size
        Width and height of the canvas in pixels.
    """
    forward, up = directions(angles)
    known = np.asarray(world, np.float64)
    known = known[np.isfinite(known).all(axis=1)]
    if not len(known):
        return View((0.0, 0.0, 0.0), forward, up, 1.0, perspective, size)
    low, high = known.min(axis=0), known.max(axis=0)
    extent = float(np.linalg.norm(high - low)) or 1.0
    view = View(_three((low + high) / 2), forward, up, min(size) / extent, perspective, size)
    for _ in range(_PASSES):
        view = _fitted(known, view)
    return view


def _fitted(world: Floats, view: View) -> View:
    """Return a view moved and zoomed so that all points that it shows fit into the canvas.

    Exact without perspective; with it, each call comes closer.
    """
    places = project(world, view)
    if not np.isfinite(places).any():
        return view
    size = np.array(view.size)
    low, high = np.nanmin(places, axis=0), np.nanmax(places, axis=0)
    shift = ((low + high) / 2 - size / 2) / view.zoom
    right, up, _ = view.axes
    zoom = view.zoom * FILL * float(np.min(size / np.maximum(high - low, 1.0)))
    return replace(view, center=_three(np.asarray(view.center) + right * shift[0] - up * shift[1]), zoom=zoom)


def directions(
    angles: tuple[float, float, float],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return where napari's camera looks and which direction is up, for its angles in degrees.

    Examples
    --------
    >>> directions((0.0, 0.0, 0.0))
    ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0))
    """
    a, b, c = -np.radians(np.asarray(angles, np.float64))
    about = [
        np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]),
        np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]),
        np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]),
    ]
    turned = about[0] @ about[1] @ about[2]
    return _three(turned @ (-1.0, 0.0, 0.0) + 0.0), _three(turned @ (0.0, -1.0, 0.0) + 0.0)


def _three(values: Floats) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
