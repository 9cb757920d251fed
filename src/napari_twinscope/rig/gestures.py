"""What a hand does to select units: the shapes it draws, and which units they catch. No window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_twinscope.rig.projection import inside_box, windings

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_twinscope.rig.groups import Parameters
    from napari_twinscope.rig.projection import Floats, Point, View
    from napari_twinscope.rig.unit_set import Indices, Manner

REACH = 8.0  # pixels from a click to a unit
SPACING = 3.0  # pixels between two corners of a lasso


@dataclass(frozen=True, eq=False)
class Gesture:
    """Units that the user pointed at.

    Parameters
    ----------
    units
        Their positions within the stage.
    manner
        How they change the selection.
    picked
        The unit closest to what was pointed at, if any.
    tool, parameters
        How they were found.
    """

    units: Indices
    manner: Manner
    picked: int | None
    tool: str
    parameters: Parameters = ()


class Shape(Protocol):
    """A shape that is drawn with the mouse, in logical canvas pixels."""

    tool: str

    def move(self, point: Point) -> None:
        """Draw on to a point."""

    @property
    def outline(self) -> Floats:
        """The corners of what is to be seen, float [corners, 2]."""

    @property
    def focus(self) -> Point:
        """The middle of what is pointed at."""

    @property
    def parameters(self) -> Parameters:
        """What decides which units are caught, beside the camera."""

    def units(self) -> Indices:
        """Return the positions of the units caught so far."""


def manner_of(modifiers: Collection[str], chosen: Manner = "replace") -> Manner:
    """Return what held keys make of a gesture: Shift adds, Alt or Control subtracts, both intersect.

    Examples
    --------
    >>> manner_of({"Shift"}), manner_of({"Alt"}), manner_of({"Shift", "Alt"}), manner_of((), "add")
    ('add', 'subtract', 'intersect', 'add')
    """
    adds, subtracts = "Shift" in modifiers, not {"Alt", "Control"}.isdisjoint(modifiers)
    if adds and subtracts:
        return "intersect"
    return "add" if adds else "subtract" if subtracts else chosen


class Box:
    """A box between two corners, at any depth.

    Parameters
    ----------
    positions
        Where the units are on the canvas, float [units, 2]; NaN where hidden.
    start
        The corner where the drag began.
    """

    tool = "box"

    def __init__(self, positions: Floats, start: Point) -> None:
        self._positions, self._start, self._end = positions, start, start

    def move(self, point: Point) -> None:
        """Put the opposite corner at a point."""
        self._end = point

    @property
    def outline(self) -> Floats:
        """The four corners, float [4, 2]."""
        (x0, y0), (x1, y1) = self._start, self._end
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)

    @property
    def focus(self) -> Point:
        """The middle of the box."""
        (x0, y0), (x1, y1) = self._start, self._end
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def parameters(self) -> Parameters:
        """Two opposite corners."""
        return (("corners", (*self._start, *self._end)),)

    def units(self) -> Indices:
        """Return the units whose centres lie in the box."""
        return inside_box(self._positions, self._start, self._end)


class Lasso:
    """A freehand line, closed from its end to its start, at any depth.

    The winding numbers of the finished part of the line are kept, so that one more corner costs one pass
    over the units, however long the line is.

    Parameters
    ----------
    positions
        Where the units are on the canvas, float [units, 2]; NaN where hidden.
    start
        Where the drag began.
    """

    tool = "lasso"

    def __init__(self, positions: Floats, start: Point) -> None:
        self._positions = positions
        self._corners = [start]
        self._wound = np.zeros(len(positions), np.int32)

    def move(self, point: Point) -> None:
        """Draw the line on to a point, unless it is too close to its end to matter."""
        last = self._corners[-1]
        if np.hypot(point[0] - last[0], point[1] - last[1]) >= SPACING:
            self._wound += windings(self._positions, last, point)
            self._corners.append(point)

    @property
    def outline(self) -> Floats:
        """The line, float [corners, 2]."""
        return np.array(self._corners, float)

    @property
    def focus(self) -> Point:
        """The mean of the corners."""
        x, y = self.outline.mean(axis=0)
        return float(x), float(y)

    @property
    def parameters(self) -> Parameters:
        """All corners, x and y in turn."""
        return (("corners", tuple(float(value) for corner in self._corners for value in corner)),)

    def units(self) -> Indices:
        """Return the units around which the line winds."""
        closing = windings(self._positions, self._corners[-1], self._corners[0])
        return np.flatnonzero(self._wound + closing)


def camera_parameters(view: View) -> Parameters:
    """Return the camera as parameters of a gesture, so that shapes on a canvas can be understood later."""
    return (
        ("camera centre", tuple(map(float, view.center))),
        ("camera direction", tuple(map(float, view.view_direction))),
        ("camera up", tuple(map(float, view.up_direction))),
        ("camera zoom and perspective", (float(view.zoom), float(view.perspective))),
        ("canvas size", tuple(map(float, view.size))),
    )
