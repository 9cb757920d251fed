"""Where the twin runs."""

from __future__ import annotations

from napari_twinscope.errors import DeviceError


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
