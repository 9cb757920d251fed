"""A ball that is put among the points of a 3D scene with the mouse. No window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.gestures import REACH, SPACING
from napari_twinscope.rig.projection import depths, nearest, project, unproject, within_ball

if TYPE_CHECKING:
    from napari_twinscope.rig.groups import Parameters
    from napari_twinscope.rig.projection import Floats, Point, View
    from napari_twinscope.rig.unit_set import Indices

STEPS = 16  # places at which the ball is put between two events of the mouse
CIRCLE = np.exp(2j * np.pi * np.arange(48) / 48)


@dataclass(frozen=True, eq=False)
class Scene:
    """The points of a 3D scene and the camera that looks at them.

    Parameters
    ----------
    world
        float [units, 3], in the order of the displayed axes; NaN where hidden.
    view
        The camera.
    coordinates
        float [units, axes] in which distances are measured; those of the world if not given.
    """

    world: Floats
    view: View
    coordinates: Floats | None = None


class Ball:
    """A ball in data coordinates that is put down, or dragged through the cloud.

    It is centred on the unit under the pointer (the foremost of several), and where there is none on the
    view ray through the pointer, as deep as the unit that appears closest to it. With coordinates beyond
    the three that are shown it is only ever centred on units.

    Parameters
    ----------
    scene
        What is looked at.
    radius
        In data units.
    start
        The canvas point where it is put down first.
    """

    tool = "ball"

    def __init__(self, scene: Scene, radius: float, start: Point) -> None:
        self._scene, self._radius = scene, radius
        self._positions = project(scene.world, scene.view)
        self._depths = depths(scene.world, scene.view)
        self._caught = np.zeros(len(scene.world), bool)
        self._point = start
        self._put(start)

    def move(self, point: Point) -> None:
        """Drag the ball to a point; it catches everything on its way."""
        (x0, y0), (x1, y1) = self._point, point
        stride = max(self._pixels() / 2, SPACING)
        count = int(np.clip(np.ceil(np.hypot(x1 - x0, y1 - y0) / stride), 1, STEPS))
        for part in np.arange(1, count + 1) / count:
            self._put((x0 + part * (x1 - x0), y0 + part * (y1 - y0)))

    @property
    def outline(self) -> Floats:
        """A circle as large as the ball looks, float [corners, 2]."""
        radius = self._pixels()
        return np.stack(
            [self._point[0] + radius * CIRCLE.real, self._point[1] + radius * CIRCLE.imag], axis=1
        )

    @property
    def focus(self) -> Point:
        """Where the ball is."""
        return self._point

    @property
    def parameters(self) -> Parameters:
        """Radius, axes and last centre."""
        every = self._scene.coordinates is not None
        known: Parameters = (
            ("radius", float(self._radius)),
            ("distance in", "all axes" if every else "shown axes"),
        )
        if self._center is None:
            return known
        return (*known, ("centre", tuple(float(value) for value in self._center)))

    def units(self) -> Indices:
        """Return the units that have been within the ball."""
        return np.flatnonzero(self._caught)

    def _put(self, point: Point) -> None:
        self._point = point
        unit = self._under(point)
        self._depth = self._nearest_depth(point) if unit is None else float(self._depths[unit])
        points = self._scene.world if self._scene.coordinates is None else self._scene.coordinates
        if unit is not None:
            self._center: Floats | None = points[unit]
        elif self._scene.coordinates is None and np.isfinite(self._depth):
            self._center = unproject(point, self._depth, self._scene.view)
        else:
            self._center = None
            return
        self._caught[within_ball(points, self._center, self._radius)] = True
        self._caught &= np.isfinite(self._positions).all(axis=1)

    def _under(self, point: Point) -> int | None:
        near = np.flatnonzero(np.hypot(*(self._positions - np.asarray(point)).T) <= REACH)
        return int(near[np.argmin(self._depths[near])]) if len(near) else None

    def _nearest_depth(self, point: Point) -> float:
        unit = nearest(self._positions, point, np.inf)
        return np.nan if unit is None else float(self._depths[unit])

    def _pixels(self) -> float:
        """Return the radius on the canvas at the depth of the ball."""
        depth = self._depth if np.isfinite(self._depth) else 0.0
        return float(self._radius * self._scene.view.scale(depth))
