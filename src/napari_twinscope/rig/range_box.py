"""A box of three ranges, along the axes that are shown and no others. No window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_twinscope.rig.groups import Parameters
    from napari_twinscope.rig.projection import Floats
    from napari_twinscope.rig.unit_set import Indices

Range = tuple[float, float]
_CORNERS = tuple(product((0, 1), repeat=3))
_EDGES = tuple(
    (one, other)
    for place, one in enumerate(_CORNERS)
    for other in _CORNERS[place + 1 :]
    if sum(a != b for a, b in zip(one, other, strict=True)) == 1
)


@dataclass(frozen=True)
class RangeBox:
    """A range along each of three axes.

    Parameters
    ----------
    labels
        What the axes are.
    limits
        Lowest and highest value of the units shown along each; an axis along which all are equal has no
        extent.
    ranges
        Lowest and highest value within the box along each.
    """

    labels: tuple[str, str, str]
    limits: tuple[Range, Range, Range]
    ranges: tuple[Range, Range, Range]

    @property
    def edges(self) -> Floats:
        """The twelve edges, float [24, 3]: each pair of rows is the two ends of one."""
        return np.array(
            [[self.ranges[axis][end[axis]] for axis in range(3)] for edge in _EDGES for end in edge], float
        )

    @property
    def parameters(self) -> Parameters:
        """Both ends along each axis that has an extent, by the name of the axis."""
        return tuple(
            (f"{label} {word}", float(value))
            for label, limits, ends in zip(self.labels, self.limits, self.ranges, strict=True)
            if limits[1] > limits[0]
            for word, value in zip(("from", "to"), ends, strict=True)
        )

    def units(self, points: Floats) -> Indices:
        """Return the units within all three ranges, their ends included.

        Parameters
        ----------
        points
            float [units, 3], along the axes of the box; a unit that is not shown, which is NaN, lies nowhere.
        """
        ends = np.asarray(self.ranges, np.float64)
        points = np.asarray(points, np.float64)
        return np.flatnonzero(((points >= ends[:, 0]) & (points <= ends[:, 1])).all(axis=1))


def whole_box(points: Floats, labels: tuple[str, str, str]) -> RangeBox | None:
    """Return the box around all units that are shown; ``None`` where there are none.

    Parameters
    ----------
    points
        float [units, 3], NaN for units that are not shown.
    labels
        What the three axes are.
    """
    known = points[np.isfinite(points).all(axis=1)]
    if not len(known):
        return None
    low, high = known.min(axis=0), known.max(axis=0)
    first, second, third = ((float(a), float(b)) for a, b in zip(low, high, strict=True))
    return RangeBox(labels, (first, second, third), (first, second, third))


def words_of_box(inside: int, shown: int) -> str:
    """Return how many of the units shown are within the box.

    Examples
    --------
    >>> words_of_box(1, 290)
    '1 of the 290 units shown is within all three ranges'
    """
    return f"{inside} of the {shown} units shown {'is' if inside == 1 else 'are'} within all three ranges"
