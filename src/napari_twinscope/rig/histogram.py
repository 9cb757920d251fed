"""How a measure is distributed over the selected units and over all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.unit_set import Indices, Mask

Floats = npt.NDArray[np.float64]

FEWEST, MOST = 8, 60
"""Bins of a continuous measure."""
WHOLE = 40
"""Whole numbers over at most so wide a range have a bin each."""
GAP = 0.1
"""Beside the bar of a category."""


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of a measure, and the bin of each unit; made once for each measure.

    Parameters
    ----------
    measure
        What is counted.
    edges
        float64 [bins + 1], ascending; of categories halves between whole numbers. The last edge belongs to
        the last bin, all others to the bin above them.
    of_unit
        int [units], the bin of each unit; the number of bins where it has no value.
    """

    measure: Measure
    edges: Floats
    of_unit: npt.NDArray[np.intp]

    @property
    def count(self) -> int:
        """How many bins there are."""
        return len(self.edges) - 1

    def members(self, first: int, last: int) -> Indices:
        """Return the units of the bins from one to another, both included."""
        return np.flatnonzero((self.of_unit >= first) & (self.of_unit <= last) & (self.of_unit < self.count))

    def at(self, value: float) -> int:
        """Return the bin at a value, the first or last one beyond the ends."""
        return int(np.clip(np.searchsorted(self.edges, value, side="right") - 1, 0, self.count - 1))

    def from_to(self, low: float, high: float) -> Indices:
        """Return the units of the range from `low` to `high`, both included; of categories those touched."""
        if self.measure.labels:
            return self.members(self.at(low), self.at(high))
        return np.flatnonzero((self.measure.values >= low) & (self.measure.values <= high))


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many units inside and outside the selection lie in each bin.

    Parameters
    ----------
    bins
        The bins.
    inside, outside
        int [bins], units of the selection and others.
    missing
        Units without a value, inside and outside.
    """

    bins: Bins
    inside: npt.NDArray[np.intp]
    outside: npt.NDArray[np.intp]
    missing: tuple[int, int]

    def heights(self, density: bool) -> tuple[Floats, Floats]:
        """Return the heights inside and outside, float64 [bins].

        Parameters
        ----------
        density
            Whether each sums to one over the bins times their width (of categories: over the bars), so that
            few units can be compared to many; else they are counts. An empty one is zero throughout.
        """
        inside, outside = self.inside.astype(np.float64), self.outside.astype(np.float64)
        if not density:
            return inside, outside
        widths = np.ones(self.bins.count) if self.bins.measure.labels else np.diff(self.bins.edges)
        return _density(inside, widths), _density(outside, widths)


def bins_of(measure: Measure) -> Bins:
    """Divide the range of a measure.

    Categories have a bin each, and so have whole numbers over a short range. Directions and orientations
    run over their whole circle. Others have bins of equal width over all values, as wide as Freedman and
    Diaconis advise (1981, doi 10.1007/BF01025868): twice the interquartile range over the cube root of the
    number of values, but not fewer than `FEWEST` or more than `MOST`.
    """
    values = measure.values
    known = np.isfinite(values)
    edges = _edges(measure, values[known])
    of_unit = np.full(len(values), len(edges) - 1, np.intp)
    place = np.searchsorted(edges, values[known], side="right") - 1
    of_unit[known] = np.clip(place, 0, len(edges) - 2)
    return Bins(measure, edges, of_unit)


def histogram(bins: Bins, selected: Mask) -> Histogram:
    """Count the units inside and outside the selection (bool [units])."""
    total = np.bincount(bins.of_unit, minlength=bins.count + 1)
    inside = np.bincount(bins.of_unit[selected], minlength=bins.count + 1)
    outside = total - inside
    return Histogram(bins, inside[:-1], outside[:-1], (int(inside[-1]), int(outside[-1])))


def gapped(edges: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Return the edges and heights of bars with a gap beside each, which has no height.

    Examples
    --------
    >>> [values.tolist() for values in gapped(np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0]))]
    [[0.1, 0.9, 1.1, 1.9], [3.0, 0.0, 4.0]]
    """
    ends = np.stack([edges[:-1] + GAP, edges[1:] - GAP], axis=1).ravel()
    apart = np.zeros(2 * len(heights) - 1)
    apart[::2] = heights
    return ends, apart


def _density(counts: Floats, widths: Floats) -> Floats:
    total = float(counts.sum())
    if not total:
        return counts
    density: Floats = counts / (total * widths)
    return density


def _edges(measure: Measure, known: Floats) -> Floats:
    if measure.labels:
        return np.arange(len(measure.labels) + 1, dtype=np.float64) - 0.5
    if measure.period is not None:
        return np.linspace(0.0, measure.period, 25)
    if not len(known):
        return np.array([0.0, 1.0])
    low, high = float(known.min()), float(known.max())
    if high - low <= WHOLE and bool((known == np.rint(known)).all()):
        return np.arange(low, high + 2, dtype=np.float64) - 0.5
    lower, upper = np.percentile(known, (25, 75))
    width = 2 * (upper - lower) / len(known) ** (1 / 3)
    wanted = (high - low) / width if width > 0 else MOST
    edges = np.linspace(low, high, int(np.clip(np.ceil(wanted), FEWEST, MOST)) + 1)
    if not (np.diff(edges) > 0).all():  # the values differ by rounding only
        return np.array([low - 0.5, high + 0.5])
    return edges
