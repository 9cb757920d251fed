"""What the rest of the package asks of a model of visual cortex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_twinscope.twins.geometry import Points
    from napari_twinscope.twins.stages import Stage

    Sink = Callable[[str, int, Tensor], None]


@runtime_checkable
class Twin(Protocol):
    """What the rest of the package asks of a model of visual cortex.

    Attributes
    ----------
    id, title, description
        For catalogues: a short identifier, a name, and one or two sentences.
    trained
        Whether the weights were fitted to responses, recorded or simulated; None if that is not known.
    status
        Why its responses are not those of a mouse: "untrained", "simulated", or nothing to say.
    checksum
        Sixteen hexadecimal digits that identify the weights or parameters.
    frame_shape, frame_rate
        Rows and columns of the movie, and frames per second.
    allow_tf32
        Whether CUDA may round products to TF32: faster, and wrong by about 1e-3.
    """

    id: str
    title: str
    description: str
    status: str
    checksum: str
    frame_shape: tuple[int, int]
    frame_rate: float
    allow_tf32: bool

    @property
    def trained(self) -> bool | None:
        """Whether the weights were fitted to responses; None if that is not known."""

    @property
    def units(self) -> int:
        """Number of units that are read out."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Where one can record, in the order of computation."""

    @property
    def device(self) -> str:
        """Where it computes, e.g. ``cpu``."""

    def stage(self, name: str) -> Stage:
        """Return the stage of that name."""

    def to(self, device: str) -> Self:
        """Move to a device."""

    def record(
        self,
        frames: NDArray[np.uint8],
        stages: Sequence[str],
        sink: Sink,
        perspectives: Any = None,
        modulations: Any = None,
    ) -> None:
        """Show movies [N, T, H, W] and hand the values of `stages` to `sink`."""

    def stimulus_positions(self, stage: str) -> Points:
        """Return the stimulus pixel (y, x) that each position looks at, [rows, columns, 2]."""

    def visual_angles(self, stage: str) -> Points:
        """Return the (elevation, azimuth) of each position in degrees, [rows, columns, 2]."""

    def grid_coordinates(self, stage: str) -> Points:
        """Return the (row, column) of the stage's map at each stimulus pixel, [H, W, 2]."""

    @property
    def readout_positions(self) -> Points:
        """Where each unit reads the core feature map: (row, column), [units, 2]."""

    def readout_map(self, core: NDArray[Any], unit: int) -> NDArray[Any]:
        """Place one unit's readout at every position of the core feature map."""
