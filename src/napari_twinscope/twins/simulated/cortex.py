"""The simulated cortex as a twin that can be recorded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import Screen
from napari_twinscope.twins.arithmetic import tf32
from napari_twinscope.twins.geometry import Points, grid_cells
from napari_twinscope.twins.inputs import check_video
from napari_twinscope.twins.module_twin import ModuleTwin, check_frame_shape, time_first
from napari_twinscope.twins.simulated import filters, model
from napari_twinscope.twins.simulated.cell_stages import simulated_stages
from napari_twinscope.twins.simulated.cells import SURROUND_SIZE, SURROUND_WEIGHT, draw_cells, visual_angles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from napari_twinscope.twins.simulated.cells import Cells
    from napari_twinscope.twins.simulated.model import CorticalModel
    from napari_twinscope.twins.stages import Stage
    from napari_twinscope.twins.twin import Sink

_FRAMES_AT_ONCE = 128  # over all movies: 19 MB of contrast


class SimulatedCortex(ModuleTwin):
    """A population of simulated cells with known parameters, which honours `Twin`.

    It is neither a network nor fitted to any recording: a ground truth for the analysis. The equations
    are those of `CorticalModel`, the parameters those of `Cells`.

    Parameters
    ----------
    units
        Number of cells.
    seed
        Of the cells' parameters.
    poisson_seed
        Replace the rates of ``output`` by spike counts, drawn independently for each frame with this
        seed; a movie shown again gives other counts. None for rates.
    cells
        A population of your own, instead of one drawn by number and seed.

    Attributes
    ----------
    cells
        Their parameters.
    allow_tf32
        Whether CUDA may round products to TF32: faster, and wrong by about 1e-3.

    Raises
    ------
    InvalidInput
        If a number is not usable.

    Examples
    --------
    >>> cortex = SimulatedCortex(units=20, seed=1)
    >>> cortex.unit_table().loc[0, "cell_type"]
    'simple'
    """

    id = "simulated"
    title = "Simulated cortex"
    description = (
        "Simulated cells with known parameters: simple, complex, direction-selective, ON and OFF. "
        "They are not mouse data: a ground truth for the analysis."
    )
    trained = False
    status = "simulated"

    def __init__(
        self,
        units: int = 400,
        seed: int = 0,
        poisson_seed: int | None = None,
        *,
        cells: Cells | None = None,
    ) -> None:
        self.screen = Screen()
        self.cells = draw_cells(units, seed, self.screen) if cells is None else cells
        self.model = model.CorticalModel(self.cells, self.screen).eval()
        self.frame_shape = (self.screen.height, self.screen.width)
        self.frame_rate = self.screen.frame_rate
        self.allow_tf32 = False
        self.checksum = _checksum(self.cells.checksum, poisson_seed)
        self._spikes = None if poisson_seed is None else torch.Generator().manual_seed(poisson_seed)

    def __repr__(self) -> str:
        return f"<SimulatedCortex, {self.units} cells, {self.device}>"

    @property
    def units(self) -> int:
        """Number of cells."""
        return len(self.cells)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Where one can record; see `simulated_stages`."""
        return simulated_stages(self.units)

    @property
    def module(self) -> CorticalModel:
        """The equations."""
        return self.model

    def record(
        self,
        frames: NDArray[np.uint8],
        stages: Sequence[str],
        sink: Sink,
        perspectives: Any = None,
        modulations: Any = None,
    ) -> None:
        """Show movies to cells that are adapted to grey, and hand on the values of some stages.

        Parameters
        ----------
        frames
            uint8 [N, T, H, W], with H and W of `frame_shape`.
        stages
            Names of stages.
        sink
            Called as ``sink(stage, first_frame, values)`` for consecutive chunks of frames, with
            float32 values [N, frames, channels, units, 1] on the twin's device.
        perspectives, modulations
            Behaviour [N, T, 2]. It is checked; these cells do not depend on it.

        Raises
        ------
        InvalidInput
            If a stage is unknown or an input does not fit.
        """
        names = [self.stage(name).name for name in stages]
        check_frame_shape(frames, self.frame_shape, self.id)
        shown = check_video(
            np.moveaxis(np.asarray(frames), 0, 1)[..., None],
            time_first("perspectives", perspectives),
            time_first("modulations", modulations),
            features=(2, 2),
            like=self.model.get_buffer("gain"),
        ).frames
        state = self.model.rest(len(shown))
        step = max(1, _FRAMES_AT_ONCE // len(shown))
        for first in range(0, shown.shape[1], step):
            with torch.no_grad(), tf32(self.allow_tf32):
                activity, state = self.model(shown[:, first : first + step], state)
            for name in names:
                sink(name, first, self._values(name, activity)[..., None])

    def unit_table(self) -> pd.DataFrame:
        """Return who the cells are: the columns of `Cells`, and where they look.

        Returns
        -------
        pandas.DataFrame
            One row a cell; ``elevation`` and ``azimuth`` are the centre of the receptive field in
            degrees from straight ahead, upwards and rightwards positive.
        """
        table = self.cells.table()
        elevation, azimuth = self.visual_angles("output")[:, 0].T
        return table.assign(elevation=elevation, azimuth=azimuth)

    def stimulus_positions(self, stage: str) -> Points:
        """Return the centre (y, x) of each receptive field in stimulus pixels, float64 [units, 1, 2]."""
        self.stage(stage)
        return self.readout_positions[:, None]

    def visual_angles(self, stage: str) -> Points:
        """Return the (elevation, azimuth) of each receptive field in degrees, float64 [units, 1, 2].

        As seen from in front of the middle of the flat screen, upwards and rightwards positive.
        """
        return visual_angles(self.stimulus_positions(stage), self.screen)

    def grid_coordinates(self, stage: str) -> Points:
        """Return the (row, column) of each stimulus pixel, float64 [H, W, 2].

        There is no map: the grid on which the cells are placed is the stimulus itself.
        """
        self.stage(stage)
        return grid_cells(self.frame_shape)

    @property
    def readout_positions(self) -> Points:
        """Where each cell looks on that grid: (row, column), float64 [units, 2]."""
        return np.stack((self.cells.y, self.cells.x), axis=-1)

    def readout_map(self, core: NDArray[Any], unit: int) -> NDArray[Any]:  # noqa: ARG002
        """Refuse: simulated cells are not read out from feature maps.

        Raises
        ------
        InvalidInput
            Always.
        """
        raise InvalidInput(
            "Simulated cells have no readout map: no network computes them.",
            given=f"twin {self.id}",
            needed="a twin with a core feature map, such as demo",
        )

    def _values(self, stage: str, activity: model.Activity) -> torch.Tensor:
        """Return the values of a stage, [N, frames, channels, units]."""
        if stage == "linear":
            return activity.linear.movedim(-1, 2)
        if stage == "drive":
            return activity.drive[:, :, None]
        rate = activity.rate[:, :, None]
        if self._spikes is None:
            return rate
        return torch.poisson(rate.cpu(), generator=self._spikes).to(rate.device)


def _checksum(cells: str, poisson_seed: int | None) -> str:
    """Return sixteen hexadecimal digits that identify the cells, the constants and the noise."""
    constants = (
        (filters.MEMORY, filters.ORDER, filters.CYCLES, filters.LONGEST, filters.SUSTAINED),
        (model.POOL_SIZE, model.POOL_TIME, model.SEMISATURATION, model.SELF, model.RATE, model.GREY),
        (SURROUND_SIZE, SURROUND_WEIGHT),
    )
    return hashlib.sha256(repr((cells, constants, poisson_seed)).encode()).hexdigest()[:16]
