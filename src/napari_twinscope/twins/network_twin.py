"""A network as a twin: with a name, its stages, and where each of them looks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.twins.geometry import Geometry, Points, grid_cells
from napari_twinscope.twins.module_twin import ModuleTwin, check_frame_shape, time_first
from napari_twinscope.twins.stages import Stage, network_stages, traced_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor
    from torch.nn import Module

    from napari_twinscope.twins.network import VisualNetwork
    from napari_twinscope.twins.twin import Sink

FRAME_SHAPE = (144, 256)
FRAME_RATE = 30.0


class NetworkTwin(ModuleTwin):
    """A twin made of a `VisualNetwork`.

    Parameters
    ----------
    network
        The network; it belongs to the twin from now on.
    id, title, description
        For catalogues.
    trained
        Whether the weights were fitted to responses; None if that is not known.
    status
        As of `Twin`; if left out, "untrained" where that is so, and else nothing.
    frame_shape
        Rows and columns of the movies it is shown.
    """

    def __init__(
        self,
        network: VisualNetwork,
        *,
        id: str,  # noqa: A002
        title: str,
        description: str,
        trained: bool | None,
        status: str | None = None,
        frame_shape: tuple[int, int] = FRAME_SHAPE,
    ) -> None:
        self.network = network.eval()
        self.id = id
        self.title = title
        self.description = description
        self.trained = trained
        self.status = ("untrained" if trained is False else "") if status is None else status
        self.frame_shape = frame_shape
        self.frame_rate = FRAME_RATE
        self.allow_tf32 = False
        self.checksum = checksum(network)
        self._stages = network_stages(network.config, network.units)

    def __repr__(self) -> str:
        return f"<NetworkTwin {self.id!r}, {self.units} units, {self.device}>"

    @property
    def units(self) -> int:
        """Number of units that are read out."""
        return self.network.units

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Where one can record, in the order of computation."""
        return self._stages

    @property
    def module(self) -> Module:
        """The network."""
        return self.network

    def record(
        self,
        frames: NDArray[np.uint8],
        stages: Sequence[str],
        sink: Sink,
        perspectives: Any = None,
        modulations: Any = None,
    ) -> None:
        """Show movies from rest and hand on the values of some stages.

        Parameters
        ----------
        frames
            uint8 [N, T, H, W], with H and W of `frame_shape`.
        stages
            Names of stages. Later ones are not computed.
        sink
            Called as ``sink(stage, first_frame, values)`` for consecutive chunks of frames, with
            float32 values [N, frames, channels, rows, columns] on the twin's device, which may be a
            view that is not contiguous.
        perspectives, modulations
            Behaviour [N, T, 2] in standard deviations from its mean; the mean if None.

        Raises
        ------
        InvalidInput
            If a stage is unknown or an input does not fit.
        """
        values = {traced_value(self.stage(name).name): self.stage(name) for name in stages}
        check_frame_shape(frames, self.frame_shape, self.id)

        self.network.allow_tf32 = self.allow_tf32

        def hand_on(name: str, first: int, value: Tensor) -> None:
            stage = values[name]
            if stage.name == "output":
                value = value[:, :, None, :, None]
            sink(stage.name, first, value.float())

        self.network.stream_values(
            np.moveaxis(np.asarray(frames), 0, 1)[..., None],
            list(values),
            hand_on,
            perspectives=time_first("perspectives", perspectives),
            modulations=time_first("modulations", modulations),
        )

    @property
    def geometry(self) -> Geometry:
        """Eye and monitor, at the mean position of the eye."""
        return Geometry.of(self.network, self.frame_shape)

    def stimulus_positions(self, stage: str) -> Points:
        """Return the stimulus pixel that each position of a stage looks at.

        Parameters
        ----------
        stage
            Name of a stage.

        Returns
        -------
        ndarray
            (y, x), float64 [rows, columns, 2], or [units, 1, 2] for a stage of units. Beyond the
            frame where a position looks past the monitor's edge, NaN where past its plane.
        """
        geometry = self.geometry
        return geometry.to_stimulus(self._retina_positions(geometry, stage))

    def visual_angles(self, stage: str) -> Points:
        """Return the direction that each position of a stage looks in.

        Returns
        -------
        ndarray
            (elevation, azimuth) in degrees from straight ahead, upwards and rightwards positive,
            float64 [rows, columns, 2], or [units, 1, 2] for a stage of units.
        """
        geometry = self.geometry
        return geometry.visual_angles(self._retina_positions(geometry, stage))

    def grid_coordinates(self, stage: str) -> Points:
        """Return which cell of a stage's map looks at each stimulus pixel.

        Returns
        -------
        ndarray
            (row, column), float64 [H, W, 2]; NaN outside the map. For a stage of units the cell of
            the core feature map, on which the units are placed.
        """
        shape = self._grid(stage)
        geometry = self.geometry
        cells = geometry.retina_to_cells(geometry.to_retina(grid_cells(self.frame_shape)), shape)
        inside = ((cells >= -0.5) & (cells <= np.array(shape) - 0.5)).all(-1, keepdims=True)
        return np.where(inside, cells, np.nan)

    @property
    def readout_positions(self) -> Points:
        """Where each unit reads the core feature map: (row, column), float64 [units, 2]."""
        mu = self.network.readout.position.mu.detach().cpu().double().numpy()
        shape = np.array(self._grid("output"))
        cells = ((np.tanh(mu)[:, ::-1] + 1) * shape - 1) / 2
        clamped: Points = np.clip(cells, 0, shape - 1)
        return clamped

    def readout_map(self, core: NDArray[Any], unit: int) -> NDArray[Any]:
        """Place one unit's readout at every position of the core feature map.

        Parameters
        ----------
        core
            Values of the stage ``recurrent_out``, [..., channels, rows, columns].
        unit
            Which unit.

        Returns
        -------
        ndarray
            [..., rows, columns]: the logarithm of the response that the unit would have there.

        Raises
        ------
        InvalidInput
            If there is no such unit or the number of channels differs.
        """
        readout = self.network.readout
        if not 0 <= unit < self.units:
            raise InvalidInput("There is no such unit.", given=unit, needed=f"0 to {self.units - 1}")
        weights = np.concatenate([w.detach()[unit, 0].cpu().numpy() for w in readout.feature.weights])
        if np.ndim(core) < 3 or np.shape(core)[-3] != len(weights):
            raise InvalidInput(
                "The values are not those of the stage recurrent_out.",
                given=f"shape {np.shape(core)}",
                needed=f"[..., {len(weights)}, rows, columns]",
            )
        streams = self.network.config.streams
        bias = np.mean([float(b.detach()[unit, 0]) for b in readout.biases])
        logits: NDArray[Any] = np.einsum("...crk,c->...rk", core, weights / streams) + bias.astype(
            weights.dtype
        )
        return logits

    def _grid(self, stage: str) -> tuple[int, int]:
        """Return rows and columns of the map that a stage's positions lie on."""
        found = self.stage(stage)
        if found.kind == "units":
            return self.network.config.core_shape
        return found.rows, found.columns

    def _retina_positions(self, geometry: Geometry, stage: str) -> Points:
        shape = self._grid(stage)
        units = self.stage(stage).kind == "units"
        cells = self.readout_positions[:, None] if units else grid_cells(shape)
        return geometry.cells_to_retina(cells, shape)


def checksum(network: VisualNetwork) -> str:
    """Return sixteen hexadecimal digits that identify configuration and weights.

    The rays of the retina are left out: they follow from the configuration, and their last bit depends
    on the machine's mathematical library.
    """
    digest = hashlib.sha256(network.config.to_json().encode())
    for name, value in sorted(network.state_dict().items()):
        if name != "perspective.retina.grid":
            digest.update(f"{name}{tuple(value.shape)}".encode())
            digest.update(value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
