"""Where the twin runs: the choice of a device, and its arithmetic."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_twinscope.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator


def resolve_device(name: str) -> str:
    """Return the torch device that `name` means on this machine.

    Parameters
    ----------
    name
        ``auto`` (CUDA, then MPS, then CPU), ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ...

    Raises
    ------
    DeviceError
        If this machine, or this build of torch, has no such device.
    """
    import torch

    present = ["cpu"]
    if torch.backends.mps.is_available():
        present.append("mps")
    if torch.cuda.is_available():
        present.extend(["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))])
    if name == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if kind in present)
    if name not in present:
        raise DeviceError(
            f"This machine has no device {name!r}, or this build of torch cannot use it.",
            given=name,
            needed="one of " + ", ".join(present),
            remedy="choose one of these, or 'auto'",
        )
    return name


@contextmanager
def tf32_allowed(allowed: bool) -> Iterator[None]:
    """Set whether CUDA may round float32 products to TF32, and put the setting back afterwards."""
    import torch

    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
