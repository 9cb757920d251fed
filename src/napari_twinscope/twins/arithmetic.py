"""How the machine computes: rounding on GPUs, and memory on CPUs."""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h


@contextmanager
def tf32(allowed: bool) -> Iterator[None]:
    """Set whether CUDA may round products to TF32, and put the setting back afterwards."""
    matmul = torch.backends.cuda.matmul
    before = matmul.allow_tf32
    matmul.allow_tf32 = allowed
    try:
        with torch.backends.cudnn.flags(allow_tf32=allowed):
            yield
    finally:
        matmul.allow_tf32 = before


def keep_memory(*, of_any_size: bool = False) -> None:
    """Let the C library keep freed arrays of up to 32 MB for the next ones.

    Once an array has been freed, glibc serves all smaller ones from memory that it keeps, where it
    would otherwise fetch pages from the operating system for each; other C libraries do not mind.

    Parameters
    ----------
    of_any_size
        Keep larger ones too, for the rest of the process: for training, whose arrays are large.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)
    if of_any_size and sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it
        if set_option is not None:
            set_option(_M_MMAP_MAX, 0)
            set_option(_M_TRIM_THRESHOLD, 2**31 - 1)
