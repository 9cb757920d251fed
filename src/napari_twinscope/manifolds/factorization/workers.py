"""Pieces of work side by side, one on each core."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")


def on_each_core(work: Callable[[T], R], pieces: Sequence[T]) -> Iterator[R]:
    """Yield what each piece of work gives, in their order.

    As many threads as torch may use here do one piece at a time, each on a single core: for many small
    products that is faster than all cores on each product, and no result depends on how many there are.

    Parameters
    ----------
    work
        Mostly inside torch, which lets other threads run meanwhile.
    pieces
        What to work on. When one fails, those not yet begun are left.
    """
    cores = torch.get_num_threads()
    pool = ThreadPoolExecutor(min(cores, len(pieces)), initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield from pool.map(work, pieces)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)  # what threads begin with that are made later
