"""Fields of dots: where they lie and how much of each pixel they cover."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.stimuli.stimulus import unit_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# No two single dots come closer than this fraction of the pitch.
_LEAST_DISTANCE = 0.64


@dataclass(frozen=True)
class DotField:
    """Measures of a field of dots, in pixels and degrees of angle.

    Dots lie on a square lattice, each displaced by its own Gaussian jitter. An element is one dot, or
    three touching dots in a line across the motion.

    Parameters
    ----------
    dots
        Dots per element, 1 or 3.
    diameter
        Diameter of one dot.
    spacing
        Distance between the centres of a triplet's dots.
    pitch
        Lattice constant.
    jitter_along, jitter_across
        Standard deviations of the displacement along the motion and across it.
    tilt
        Standard deviation of the angle between a triplet's line and the normal to the motion, degrees.
    """

    dots: int
    diameter: float
    spacing: float
    pitch: float
    jitter_along: float
    jitter_across: float
    tilt: float

    def centres(
        self,
        direction: float,
        corners: Sequence[float],
        lattice: np.random.Generator,
        jitter: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Draw the dots' centres.

        Parameters
        ----------
        direction
            Direction of motion, degrees.
        corners
            Region to fill: left, top, right, bottom, in pixels. A margin of two pitches is added.
        lattice
            Random numbers for the lattice's phase.
        jitter
            Random numbers for the displacements and tilts.

        Returns
        -------
        float64 array [dot, 2]
            Column and row.
        """
        sites = self._sites(corners, lattice)
        elements = self._displaced(sites, direction, jitter)
        if self.dots == 1:
            return elements
        tilts = np.radians(direction + 90 + jitter.normal(0, self.tilt, len(elements)))
        step = self.spacing * np.stack([np.cos(tilts), -np.sin(tilts)], axis=1)
        return np.concatenate([elements - step, elements, elements + step])

    def _sites(self, corners: Sequence[float], lattice: np.random.Generator) -> NDArray[np.float64]:
        left, top, right, bottom = corners
        phase = lattice.uniform(0, self.pitch, 2)
        columns = np.arange(left - 2 * self.pitch, right + 2 * self.pitch, self.pitch) + phase[0]
        rows = np.arange(top - 2 * self.pitch, bottom + 2 * self.pitch, self.pitch) + phase[1]
        grid = np.meshgrid(columns, rows)
        return np.stack([axis.ravel() for axis in grid], axis=1)

    def _displaced(
        self, sites: NDArray[np.float64], direction: float, jitter: np.random.Generator
    ) -> NDArray[np.float64]:
        along = np.array(unit_vector(direction))
        across = np.array([-along[1], along[0]])

        def displacement(count: int) -> NDArray[np.float64]:
            amounts = jitter.normal(0, 1, (count, 2)) * [self.jitter_along, self.jitter_across]
            return np.asarray(amounts @ np.stack([along, across]))

        elements = sites + displacement(len(sites))
        if self.dots != 1:
            return elements
        while len(crowded := _crowded(elements, _LEAST_DISTANCE * self.pitch)):
            elements[crowded] = sites[crowded] + displacement(len(crowded))
        return elements


def disc_coverage(
    centres: NDArray[np.float64], diameter: float, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the fraction of every pixel that discs cover, with soft edges one pixel wide.

    Parameters
    ----------
    centres
        [disc, 2], column and row; pixel (0, 0) reaches from 0 to 1.
    diameter
        Pixels.
    shape
        Rows and columns.

    Returns
    -------
    float32 array of that shape, 0 to 1
    """
    rows, columns = shape
    radius = diameter / 2
    reach = math.ceil(radius + 0.5)
    inside = np.all((centres > -reach) & (centres < [columns + reach, rows + reach]), axis=1)
    centres = centres[inside].astype(np.float32)
    corner = np.floor(centres).astype(np.intp)
    window = np.arange(-reach, reach + 1)
    dx = (corner[:, :1] + window + np.float32(0.5)) - centres[:, :1]
    dy = (corner[:, 1:] + window + np.float32(0.5)) - centres[:, 1:]
    distance = np.sqrt(dx[:, None, :] ** 2 + dy[:, :, None] ** 2)
    covered = np.clip(np.float32(radius + 0.5) - distance, 0, 1).astype(np.float32)
    # A border as wide as a disc takes what lies outside, so that no index needs a check.
    border = 2 * reach + 1
    wide = columns + 2 * border
    canvas = np.zeros((rows + 2 * border) * wide, np.float32)
    places = (corner[:, 1:] + window + border)[:, :, None] * wide
    places = places + (corner[:, :1] + window + border)[:, None, :]
    np.maximum.at(canvas, places.ravel(), covered.ravel())
    return canvas.reshape(-1, wide)[border : border + rows, border : border + columns]


def _crowded(points: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """Return one point of every pair that is too close."""
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(least, output_type="ndarray")
    return np.unique(pairs[:, 1])
