"""What all twins have in common that compute with a PyTorch module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_twinscope.errors import DeviceError, InvalidInput
from napari_twinscope.twins.stages import Stage, find_stage

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch.nn import Module


class ModuleTwin(ABC):
    """The base of twins that compute with a module: their stages by name, and moving to a device.

    Subclasses say which module it is, and honour the rest of `Twin`.
    """

    id: str

    @property
    @abstractmethod
    def module(self) -> Module:
        """What computes."""

    @property
    @abstractmethod
    def stages(self) -> tuple[Stage, ...]:
        """Where one can record, in the order of computation."""

    @property
    def device(self) -> str:
        """Where it computes, e.g. ``cpu``."""
        return str(next(chain(self.module.parameters(), self.module.buffers())).device)

    def stage(self, name: str) -> Stage:
        """Return the stage of that name.

        Raises
        ------
        InvalidInput
            If there is none.
        """
        return find_stage(self.stages, name, self.id)

    def to(self, device: str) -> Self:
        """Move to a device (``cpu``, ``cuda``, ``cuda:1``, ``mps``) and return the twin.

        Raises
        ------
        DeviceError
            If the machine, or this build of PyTorch, has no such device.
        """
        move_module(self.module, device)
        return self


def check_frame_shape(frames: NDArray[np.uint8], frame_shape: tuple[int, int], twin: str) -> None:
    """Refuse movies that are not [N, T, H, W] with H and W of the twin's frames.

    Raises
    ------
    InvalidInput
        With the shape that is needed.
    """
    shape = np.shape(frames)
    if len(shape) != 4 or tuple(shape[2:]) != frame_shape:
        rows, columns = frame_shape
        raise InvalidInput(
            f"The movies do not fit the twin {twin}.",
            given=f"shape {shape}",
            needed=f"[N, T, {rows}, {columns}]",
            remedy="resize the frames",
        )


def move_module(module: Module, device: str) -> None:
    """Move a module to a device.

    Raises
    ------
    DeviceError
        If the machine, or this build of PyTorch, has no such device.
    """
    try:
        module.to(device)
    except (RuntimeError, AssertionError) as error:
        raise DeviceError(
            "The device cannot be used.",
            given=device,
            needed="cpu, or a GPU that this build of PyTorch can reach",
            remedy="choose cpu, or install PyTorch for your GPU",
        ) from error


def time_first(name: str, values: Any) -> Any:
    """Return behaviour [N, T, 2] as [T, N, 2]; None stays None.

    Raises
    ------
    InvalidInput
        If it has another number of axes.
    """
    if values is None:
        return None
    array = np.asarray(values)
    if array.ndim != 3:
        raise InvalidInput(f"The {name} have the wrong shape.", given=array.shape, needed="[N, T, 2]")
    return np.moveaxis(array, 0, 1)
