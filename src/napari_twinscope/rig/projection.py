"""Where points of a 3D scene appear on a canvas, and which of them a gesture hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A camera and its canvas.

    Parameters
    ----------
    center, view_direction, up_direction
        In the order of the displayed axes, world units.
    zoom
        Canvas pixels per world unit at the centre.
    perspective
        Field of view in degrees; 0 is orthographic.
    size
        Width and height of the canvas in logical pixels.
    """

    center: tuple[float, float, float]
    view_direction: tuple[float, float, float]
    up_direction: tuple[float, float, float]
    zoom: float
    perspective: float
    size: tuple[float, float]


def project(world: Floats, view: View) -> Floats:
    """Project points onto the canvas.

    Parameters
    ----------
    world
        float [points, 3], in the order of the displayed axes.
    view
        The camera.

    Returns
    -------
    float [points, 2]: x and y in logical canvas pixels from the upper left corner.
    """
    forward, up = np.asarray(view.view_direction), np.asarray(view.up_direction)
    right = np.cross(forward, up)
    offset = np.asarray(world, np.float64) - np.asarray(view.center)
    magnification = np.ones(len(offset))
    if view.perspective > 0:
        eye = min(view.size) / view.zoom / (2 * np.tan(np.deg2rad(view.perspective) / 2))
        magnification = eye / np.maximum(eye + offset @ forward, 1e-9)
    width, height = view.size
    x = width / 2 + view.zoom * magnification * (offset @ right)
    y = height / 2 - view.zoom * magnification * (offset @ up)
    return np.stack([x, y], axis=1)


def inside_box(
    positions: Floats, corner: tuple[float, float], opposite: tuple[float, float]
) -> npt.NDArray[np.intp]:
    """Return which positions (float [points, 2]) lie within a box given by two opposite corners.

    Positions that are not finite lie in no box.

    Examples
    --------
    >>> inside_box(np.array([[1.0, 1.0], [5.0, 1.0]]), (2, 2), (0, 0)).tolist()
    [0]
    """
    low, high = np.minimum(corner, opposite), np.maximum(corner, opposite)
    return np.flatnonzero(((positions >= low) & (positions <= high)).all(axis=1))


def nearest(positions: Floats, point: tuple[float, float], reach: float) -> int | None:
    """Return which position is closest to a point and within `reach` of it, if any."""
    distances = np.hypot(*(positions - np.asarray(point)).T)
    distances = np.where(np.isfinite(distances), distances, np.inf)
    if not len(distances):
        return None
    closest = int(np.argmin(distances))
    return closest if distances[closest] <= reach else None
