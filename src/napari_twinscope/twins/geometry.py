"""Where on the monitor, and in which direction, each position of a network looks.

All coordinates are float64 and continuous: pixel or cell (r, c) has its centre at (r, c). The eye is at
its mean position. The equations are those of the network's perspective, and their exact inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_twinscope.twins.perspective import GRAZING, rotation

if TYPE_CHECKING:
    from napari_twinscope.twins.network import VisualNetwork

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Geometry:
    """The fixed geometry of eye and monitor.

    Attributes
    ----------
    frame_shape, retina_shape
        Rows and columns of the stimulus and of the retina.
    degrees
        Eccentricity at the horizontal edge of the retina.
    eye, monitor
        Rotation matrices of the eye and of the monitor, [3, 3].
    center
        Centre of the monitor in half monitor widths: x right, y down, z ahead.
    """

    frame_shape: tuple[int, int]
    retina_shape: tuple[int, int]
    degrees: float
    eye: Points
    monitor: Points
    center: Points

    @classmethod
    def of(cls, network: VisualNetwork, frame_shape: tuple[int, int]) -> Geometry:
        """Read the geometry of a network that is shown frames of `frame_shape`."""
        import torch

        perspective, sizes = network.perspective, network.config.perspective
        with torch.no_grad():
            mean = perspective.retina.grid.new_zeros(1, network.config.perspective_features)
            eye = rotation(perspective.mlp(mean, 0).cpu().double())[0].numpy()
            monitor = rotation(perspective.monitor.angle.cpu().double()).numpy()
            center = perspective.monitor.center.cpu().double().numpy()
        return cls(frame_shape, (sizes.height, sizes.width), sizes.degrees, eye, monitor, center)

    def rays(self, retina: Points) -> Points:
        """Return the unit vectors (x right, y down, z ahead) that retina pixels look along.

        Parameters
        ----------
        retina
            (row, column), [..., 2].
        """
        height, width = self.retina_shape
        x = (2 * retina[..., 1] / (width - 1) - 1) * (width - 1) / width
        y = (2 * retina[..., 0] / (height - 1) - 1) * (height / width) * (width - 1) / width
        eccentricity = np.minimum(np.radians(self.degrees) * np.hypot(x, y), np.pi / 2)
        direction = np.arctan2(y, x)
        sine = np.sin(eccentricity)
        rays = np.stack((sine * np.cos(direction), sine * np.sin(direction), np.cos(eccentricity)), axis=-1)
        return rays @ self.eye.T

    def to_stimulus(self, retina: Points) -> Points:
        """Return the stimulus pixel (y, x) that retina pixels (row, column) look at, [..., 2].

        Pixels beyond the frame lie off the monitor; NaN where the ray never meets the monitor's plane.
        """
        rays = self.rays(retina) @ self.monitor
        center = self.center @ self.monitor
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = np.moveaxis(rays[..., :2] * (center[2] / rays[..., 2:]) - center[:2], -1, 0)
        rows, columns = self.frame_shape
        factor_x, factor_y = self._factors
        pixels = ((y * factor_y + 1) * rows - 1) / 2, ((x * factor_x + 1) * columns - 1) / 2
        return np.where(rays[..., 2:] > GRAZING, np.stack(pixels, axis=-1), np.nan)

    def to_retina(self, stimulus: Points) -> Points:
        """Return the retina pixel (row, column) that looks at stimulus pixels (y, x), [..., 2].

        Pixels beyond the retina's shape are outside the visual field; NaN where no direction of gaze
        meets the pixel.
        """
        rows, columns = self.frame_shape
        height, width = self.retina_shape
        factor_x, factor_y = self._factors
        x = ((2 * stimulus[..., 1] + 1) / columns - 1) / factor_x
        y = ((2 * stimulus[..., 0] + 1) / rows - 1) / factor_y
        center = self.center @ self.monitor
        points = np.stack((x + center[0], y + center[1], np.full_like(x, center[2])), axis=-1)
        rays = points @ self.monitor.T @ self.eye
        radius = np.hypot(rays[..., 0], rays[..., 1])
        eccentricity = np.arctan2(radius, rays[..., 2])
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(radius > 0, eccentricity / np.radians(self.degrees) / radius, 0.0)
        u = rays[..., 0] * scale * width / (width - 1)
        v = rays[..., 1] * scale * (width / height) * width / (width - 1)
        retina = np.stack(((v + 1) * (height - 1) / 2, (u + 1) * (width - 1) / 2), axis=-1)
        seen = (center[2] > 0) & (eccentricity < np.pi / 2)
        return np.where(seen[..., None], retina, np.nan)

    def visual_angles(self, retina: Points) -> Points:
        """Return (elevation, azimuth) in degrees, upwards and rightwards positive, [..., 2].

        Zero is straight ahead in the head's coordinates, in which the monitor stands still.
        """
        x, y, z = np.moveaxis(self.rays(retina), -1, 0)
        angles: Points = np.degrees(np.stack((np.arcsin(np.clip(-y, -1, 1)), np.arctan2(x, z)), axis=-1))
        return angles

    def cells_to_retina(self, cells: Points, shape: tuple[int, int]) -> Points:
        """Return the retina pixel at the centre of cells (row, column) of a grid of `shape`."""
        return (cells + 0.5) * np.divide(self.retina_shape, shape) - 0.5

    def retina_to_cells(self, retina: Points, shape: tuple[int, int]) -> Points:
        """Return the cell (row, column) of a grid of `shape` at each retina pixel."""
        return (retina + 0.5) * np.divide(shape, self.retina_shape) - 0.5

    @property
    def _factors(self) -> tuple[float, float]:
        """From monitor coordinates to normalised (x, y); the retina's size enters by definition."""
        rows, columns = self.frame_shape
        height, width = self.retina_shape
        stretch = columns / (columns - 1)
        return stretch * (width - 1) / width, columns / rows * stretch * (height - 1) / height


def grid_cells(shape: tuple[int, int]) -> Points:
    """Return the (row, column) of every cell of a grid, [rows, columns, 2]."""
    return np.stack(np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij"), axis=-1).astype(
        float
    )
