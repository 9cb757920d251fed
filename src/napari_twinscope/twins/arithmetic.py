"""How the machine computes: rounding on GPUs, and memory on CPUs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def keep_memory() -> None:
    """Let the C library keep freed arrays of up to 32 MB for the next ones.

    Once an array has been freed, glibc serves all smaller ones from memory that it keeps, where it
    would otherwise fetch pages from the operating system for each; other C libraries do not mind.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)
