"""From the video on a monitor to the image on the retina."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_twinscope.twins.layers import EPSILON, Perceptron

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.twins.config import PerspectiveConfig
    from napari_twinscope.twins.probe import Probe

PADDING = {"dark": "zeros", "extend": "border"}
GRAZING = 1e-5
"""Least cosine between a ray and the monitor's normal."""


def retina_rays(height: int, width: int, degrees: float) -> NDArray[np.float64]:
    """Return the unit ray of each retina pixel, [height, width, 3] as (x right, y down, z ahead)."""
    shrink = (width - 1) / width
    x = np.linspace(-1, 1, width) * shrink
    y = np.linspace(-1, 1, height)[:, None] * (height / width) * shrink
    eccentricity = np.minimum(np.radians(degrees) * np.hypot(x, y), np.pi / 2)
    direction = np.arctan2(y, x)
    rays = (
        np.sin(eccentricity) * np.cos(direction),
        np.sin(eccentricity) * np.sin(direction),
        np.cos(eccentricity),
    )
    return np.stack(rays, axis=-1)


def rotation(angles: Tensor) -> Tensor:
    """Return the matrices Rz Ry Rx [..., 3, 3] of angles (about x, y, z) [..., 3] in radians.

    Sines and cosines are taken in double precision, since the first float32 sine of a process can be
    wrong in some builds of PyTorch. They are rounded before the matrices are multiplied, as published.
    """
    precise = angles.double() if angles.device.type != "mps" else angles.cpu().double()
    cosines, sines = precise.cos().to(angles).unbind(-1), precise.sin().to(angles).unbind(-1)
    one, zero = torch.ones_like(cosines[0]), torch.zeros_like(cosines[0])

    def matrix(*entries: Tensor) -> Tensor:
        return torch.unflatten(torch.stack(entries, dim=-1), -1, (3, 3))

    (cx, cy, cz), (sx, sy, sz) = cosines, sines
    about_x = matrix(one, zero, zero, zero, cx, -sx, zero, sx, cx)
    about_y = matrix(cy, zero, sy, zero, one, zero, -sy, zero, cy)
    about_z = matrix(cz, -sz, zero, sz, cz, zero, zero, zero, one)
    return about_z @ about_y @ about_x


class Noise(NamedTuple):
    """Standard normal draws of one training pass, held for all its frames.

    Attributes
    ----------
    center, angle
        Jitter of the monitor, [sequences, 3].
    position
        Jitter of the readout positions, [sequences, units, 2].
    """

    center: Tensor
    angle: Tensor
    position: Tensor


class Monitor(nn.Module):
    """Where the monitor stands: its centre and its rotation in the eye's coordinates."""

    def __init__(self) -> None:
        super().__init__()
        self.center = nn.Parameter(torch.tensor([0.0, 0.0, 0.5]))
        self.angle = nn.Parameter(torch.zeros(3))
        self.center_std = nn.Parameter(torch.full((3,), 0.05))
        self.angle_std = nn.Parameter(torch.full((3,), 0.05))

    def forward(self, noise: Noise | None) -> tuple[Tensor, Tensor]:
        """Return centres [1 or sequences, 3] and rotations [1 or sequences, 3, 3]."""
        center, angle = self.center[None], self.angle[None]
        if noise is not None:
            center = center + noise.center * self.center_std
            angle = angle + noise.angle * self.angle_std
        return center, rotation(angle)


class MonitorPixel(nn.Module):
    """Luminance of a grey level: x ** power * scale + offset."""

    power: Tensor
    scale: Tensor
    offset: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("power", torch.tensor(1.7))
        self.register_buffer("scale", torch.tensor(1.0))
        self.register_buffer("offset", torch.tensor(0.0))

    def forward(self, frames: Tensor) -> Tensor:
        """Map uint8 frames to luminance of the buffers' dtype."""
        grey = (torch.arange(256, dtype=torch.float64) / 255).to(self.power)
        levels = grey**self.power * self.scale + self.offset
        return levels[frames.int()]


class Retina(nn.Module):
    """The rays that the retina pixels look along."""

    grid: Tensor

    def __init__(self, config: PerspectiveConfig) -> None:
        super().__init__()
        rays = retina_rays(config.height, config.width, config.degrees)
        self.register_buffer("grid", torch.from_numpy(rays.astype(np.float32)))


class RetinaPixel(nn.Module):
    """Response of the retina: a power below one, scaled and shifted."""

    def __init__(self) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(1))
        self.scale = nn.Parameter(torch.ones(1))
        self.offset = nn.Parameter(torch.zeros(1))

    def forward(self, luminance: Tensor) -> Tensor:
        """Map luminance to the retina's response, element by element."""
        return (luminance + EPSILON) ** self.logit.sigmoid() * self.scale + self.offset


class Perspective(nn.Module):
    """The eye: rotates with the pupil, looks at the monitor, samples the frame.

    Parameters
    ----------
    config
        Sizes.
    features
        Behavioural numbers per frame that turn the eye.
    """

    def __init__(self, config: PerspectiveConfig, features: int) -> None:
        super().__init__()
        widths = (features, *(config.mlp_features,) * config.mlp_layers, 3)
        self.features = features
        self.mlp = Perceptron(1, widths, linear_output=True)
        self.monitor = Monitor()
        self.monitor_pixel = MonitorPixel()
        self.retina = Retina(config)
        self.retina_pixel = RetinaPixel()

    def sample_grid(
        self, angles: Tensor, frame_shape: tuple[int, int], noise: Noise | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return where on the frame each retina pixel looks.

        Parameters
        ----------
        angles
            Rotation of the eye, [sequences, frames, 3].
        frame_shape
            Rows and columns of the frames.
        noise
            Jitter of the monitor.

        Returns
        -------
        eye
            Rotations of the eye, [sequences, frames, 3, 3].
        grid
            Normalised coordinates (x, y), [sequences, frames, height, width, 2]; -1 and 1 are the
            frame's edges.
        """
        rays = self.retina.grid
        height, width = rays.shape[:2]
        rows, columns = frame_shape
        # Products are taken in the published order, since the retina's power at black amplifies the last
        # digit of a sampling position a hundredfold.
        center, axes = self.monitor(noise)
        eye = rotation(angles)
        center, axes = center[:, None, None], axes[:, None]
        turned = rays.reshape(-1, 3) @ eye.transpose(-1, -2)
        normal = axes[..., 2:]
        distance = (center @ normal) / (turned @ normal).clamp_min(GRAZING)
        x, y = ((distance * turned - center) @ axes[..., :2]).unbind(-1)
        stretch = columns / (columns - 1)
        grid = torch.stack(
            (
                x * stretch * ((width - 1) / width),
                y * (columns / rows) * stretch * ((height - 1) / height),
            ),
            dim=-1,
        )
        return eye, torch.unflatten(grid, 2, (height, width))

    def forward(
        self,
        frames: Tensor,
        positions: Tensor | None,
        *,
        sequences: int,
        noise: Noise | None,
        periphery: str,
        probe: Probe,
    ) -> Tensor:
        """Return the retina images [sequences, frames, height, width].

        Parameters
        ----------
        frames
            Video, uint8 [1 or sequences, frames, rows, columns].
        positions
            Pupil positions [sequences, frames, features], or None for the mean position.
        sequences
            Number of sequences.
        noise, periphery, probe
            Jitter of the monitor, what lies beyond its edge ("dark" or "extend"), and what to record.
        """
        rays = self.retina.grid
        if positions is None:
            positions = rays.new_zeros(1, 1, self.features)
        elif (positions == positions[:1, :1]).all():
            positions = positions[:1, :1]
        times = frames.shape[1]
        angles = self.mlp(positions, 0)
        eye, grid = self.sample_grid(angles, (frames.shape[2], frames.shape[3]), noise)
        light = self.monitor_pixel(frames)
        mode = PADDING[periphery]
        if grid.shape[:2] == (1, 1):
            # one gaze for all frames: they are the channels of a single image
            stack = light.flatten(0, 1)[None]
            sampled = functional.grid_sample(stack, grid[0], padding_mode=mode, align_corners=False)
            sampled = torch.unflatten(sampled[0], 0, light.shape[:2]).expand(sequences, -1, -1, -1)
        else:
            grid = grid.expand(sequences, times, -1, -1, -1)
            images = light.expand(sequences, -1, -1, -1).flatten(0, 1)[:, None]
            sampled = functional.grid_sample(
                images, grid.flatten(0, 1), padding_mode=mode, align_corners=False
            )
            sampled = torch.unflatten(sampled[:, 0], 0, (sequences, times))
        image: Tensor = self.retina_pixel(sampled)
        for name, value in (("angles", angles), ("rmat", eye), ("sample_grid", grid)):
            if probe.wants(f"perspective.{name}"):
                shape = (sequences, times, *value.shape[2:])
                probe.put(f"perspective.{name}", value.expand(shape))
        for name, value in (("sampled", sampled), ("out", image)):
            if probe.wants(f"perspective.{name}"):
                probe.put(f"perspective.{name}", value[:, :, None])
        return image
