"""How large and how opaque units are drawn: by a measure, or all alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from napari_twinscope.rig.measures import Measure

Floats = npt.NDArray[np.float64]

POINT_FRACTION = 0.018
"""Diameter of a point relative to the extent of the cloud."""
PICKED = 1.8
"""How much larger the unit picked last is."""
SIZES = (0.5, 2.2)
"""Diameters, relative to the usual one, at the two ends of a measure."""
OPACITIES = (0.2, 1.0)


@dataclass(frozen=True)
class ScaleLegend:
    """What the size or the opacity of units means.

    Parameters
    ----------
    title
        The measure with its unit.
    limits
        Its values at the smallest and the largest size or opacity; ``None`` if no unit has a value.
    beyond
        Whether there are values below the lower and above the upper limit, drawn as the limits are.
    missing
        How many units have no value; they are drawn as rings of the usual size.
    """

    title: str
    limits: tuple[float, float] | None
    beyond: tuple[bool, bool] = (False, False)
    missing: int = 0

    @property
    def ends(self) -> tuple[str, str]:
        """The two limits as text."""
        if self.limits is None:
            return "no value", "no value"
        low, high = (f"{value:.3g}" for value in self.limits)
        return f"≤ {low}" if self.beyond[0] else low, f"≥ {high}" if self.beyond[1] else high


@dataclass(frozen=True, eq=False)
class PointStyle:
    """Sizes and opacities of the units of a stage.

    Parameters
    ----------
    sizes, opacities
        float64 [units], relative to the usual size and opacity.
    hollow
        bool [units], units without a value, drawn as rings.
    size_legend, opacity_legend
        What they mean; ``None`` where all units are alike.
    """

    sizes: Floats
    opacities: Floats
    hollow: npt.NDArray[np.bool_]
    size_legend: ScaleLegend | None = None
    opacity_legend: ScaleLegend | None = None

    @property
    def plain(self) -> bool:
        """Whether all units are alike."""
        return self.size_legend is None and self.opacity_legend is None


def point_style(count: int, size_by: Measure | None = None, opacity_by: Measure | None = None) -> PointStyle:
    """Return how large and opaque units are drawn.

    Between the 1st and the 99th percentile of a measure the size and the opacity grow in proportion to it;
    beyond they stay. A unit without a value is a ring of the usual size, fully opaque, so that it is seen.

    Parameters
    ----------
    count
        How many units there are.
    size_by, opacity_by
        Measures that are numbers; ``None`` for the same size or opacity everywhere.
    """
    hollow = np.zeros(count, bool)
    sizes, opacities = np.ones(count), np.ones(count)
    size_legend = opacity_legend = None
    if size_by is not None:
        sizes, size_legend = _scaled(size_by, SIZES)
        hollow |= ~np.isfinite(size_by.values)
    if opacity_by is not None:
        opacities, opacity_legend = _scaled(opacity_by, OPACITIES)
        hollow |= ~np.isfinite(opacity_by.values)
    return PointStyle(sizes, opacities, hollow, size_legend, opacity_legend)


def can_scale(measure: Measure) -> bool:
    """Return whether size or opacity can show a measure: a number that has a smallest and a largest value."""
    return not measure.labels and measure.period is None


def diameter(points: Floats, scale: float = 1.0) -> float:
    """Return the usual diameter of a point, in the units of the coordinates (float [units, 3])."""
    known = points[np.isfinite(points).all(axis=1)]
    extent = float(np.max(np.ptp(known, axis=0))) if len(known) else 1.0
    return max(extent * POINT_FRACTION * scale, 1e-9)


def _scaled(measure: Measure, ends: tuple[float, float]) -> tuple[Floats, ScaleLegend]:
    values = measure.values
    known = np.isfinite(values)
    missing = int(np.count_nonzero(~known))
    scaled = np.ones(len(values))
    if not known.any():
        return scaled, ScaleLegend(measure.name, None, missing=missing)
    low, high = (float(end) for end in np.percentile(values[known], (1, 99)))
    beyond = (bool(values[known].min() < low), bool(values[known].max() > high))
    if high > low:
        fractions = np.clip((values[known] - low) / (high - low), 0.0, 1.0)
        scaled[known] = ends[0] + (ends[1] - ends[0]) * fractions
    return scaled, ScaleLegend(measure.name, (low, high), beyond, missing)
