"""Where points of a 3D scene appear on a canvas, and which of them a gesture hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
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

    @property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors to the right and up on the canvas and away from the viewer, float [3] each."""
        forward, up = np.asarray(self.view_direction, float), np.asarray(self.up_direction, float)
        return np.cross(forward, up), up, forward

    @property
    def eye_distance(self) -> float:
        """How far the eye is from the centre in world units; infinite without perspective."""
        if self.perspective <= 0:
            return np.inf
        return float(min(self.size) / self.zoom / (2 * np.tan(np.deg2rad(self.perspective) / 2)))

    def scale(self, depths: Floats | float) -> Floats:
        """Return the canvas pixels per world unit at some depths behind the centre, NaN behind the eye."""
        depths = np.asarray(depths, np.float64)
        if self.perspective <= 0:
            return np.full(depths.shape, self.zoom)
        before_eye = self.eye_distance + depths
        return np.where(
            before_eye > 0, self.zoom * self.eye_distance / np.where(before_eye, before_eye, 1), np.nan
        )


def depths(world: Floats, view: View) -> Floats:
    """Return how far points (float [points, 3]) lie behind the camera's centre, along its direction."""
    return np.asarray((np.asarray(world, np.float64) - np.asarray(view.center)) @ view.axes[2])


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
    float [points, 2]: x and y in logical canvas pixels from the upper left corner; NaN for points behind
    the eye, which no canvas shows.
    """
    right, up, _ = view.axes
    offset = np.asarray(world, np.float64) - np.asarray(view.center)
    scale = view.scale(depths(world, view))
    width, height = view.size
    return np.stack([width / 2 + scale * (offset @ right), height / 2 - scale * (offset @ up)], axis=1)


def unproject(point: Point, depth: float, view: View) -> Floats:
    """Return the world point (float [3]) at a depth that appears at a canvas point: it lies on the view ray.

    Examples
    --------
    >>> view = View((0, 0, 0), (-1, 0, 0), (0, -1, 0), 10.0, 40.0, (400, 300))
    >>> project(unproject((120, 90), 2.5, view)[None], view).round(9).tolist()
    [[120.0, 90.0]]
    """
    right, up, forward = view.axes
    width, height = view.size
    x, y = (point[0] - width / 2, height / 2 - point[1]) / view.scale(depth)
    place: Floats = np.asarray(view.center) + right * x + up * y + forward * depth
    return place


def inside_box(positions: Floats, corner: Point, opposite: Point) -> npt.NDArray[np.intp]:
    """Return which positions (float [points, 2]) lie within a box given by two opposite corners.

    Positions that are not finite lie in no box.

    Examples
    --------
    >>> inside_box(np.array([[1.0, 1.0], [5.0, 1.0]]), (2, 2), (0, 0)).tolist()
    [0]
    """
    low, high = np.minimum(corner, opposite), np.maximum(corner, opposite)
    return np.flatnonzero(((positions >= low) & (positions <= high)).all(axis=1))


def nearest(positions: Floats, point: Point, reach: float) -> int | None:
    """Return which position is closest to a point and within `reach` of it, if any."""
    distances = np.hypot(*(positions - np.asarray(point)).T)
    distances = np.where(np.isfinite(distances), distances, np.inf)
    if not len(distances):
        return None
    closest = int(np.argmin(distances))
    return closest if distances[closest] <= reach else None


def windings(positions: Floats, start: Point, end: Point) -> npt.NDArray[np.int32]:
    """Return how often the edge from `start` to `end` of a polygon winds around positions, [points].

    The sum over all edges of a closed polygon is its winding number: not zero inside. An edge that ends at
    the height of a position is counted by one of the two edges that meet there. Positions that are not
    finite are wound around by nothing.
    """
    (x0, y0), (x1, y1) = start, end
    x, y = positions[:, 0], positions[:, 1]
    if y0 == y1:
        return np.zeros(len(positions), np.int32)
    crossed = (y >= min(y0, y1)) & (y < max(y0, y1))
    rightwards = crossed & (x < x0 + (y - y0) * ((x1 - x0) / (y1 - y0)))
    return rightwards.astype(np.int32) * (1 if y1 > y0 else -1)


def inside_polygon(positions: Floats, corners: Floats) -> npt.NDArray[np.intp]:
    """Return which positions (float [points, 2]) a closed polygon (float [corners, 2]) winds around.

    Where a freehand line crosses itself, all that it encloses is inside.

    Examples
    --------
    >>> triangle = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    >>> inside_polygon(np.array([[1.0, 1.0], [3.0, 3.0]]), triangle).tolist()
    [0]
    """
    corners = np.asarray(corners, np.float64)
    total = np.zeros(len(positions), np.int32)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        total += windings(positions, start, end)
    return np.flatnonzero(total)


def within_ball(points: Floats, center: Floats, radius: float) -> npt.NDArray[np.intp]:
    """Return which points lie within a Euclidean distance of a centre, the surface included.

    Parameters
    ----------
    points
        float [points, axes], any number of axes; points that are not finite lie nowhere.
    center
        float [axes].
    radius
        In the units of the points.
    """
    difference = np.asarray(points, np.float64) - np.asarray(center)
    squared = np.einsum("ij,ij->i", difference, difference)
    return np.flatnonzero(squared <= radius**2)
