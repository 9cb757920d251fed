"""The gradient of a batch, whose parts are computed at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor
    from torch.nn import Parameter


class Shares:
    """Cuts batches into shares, one for each thread, and adds up what they give.

    A recurrent network makes many small steps, which PyTorch's own threads share badly: two threads with
    half of the clips each need 0.57 of the time, and one thread as long as PyTorch's two.

    Parameters
    ----------
    count
        Number of shares. It fixes the order in which gradients are added, and with it the last bits.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        # the threads of PyTorch would only be in each other's way
        threads = max(1, torch.get_num_threads() // count)
        self._pool = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(threads,))

    def gradient(self, loss: Callable[[slice], Tensor], size: int, parameters: Sequence[Parameter]) -> float:
        """Set the gradients of parameters, and return the loss of the whole batch.

        Parameters
        ----------
        loss
            The mean loss of some clips of the batch, which is called in several threads at once.
        size
            Number of clips.
        parameters
            Those of which the loss does not depend get no gradient.
        """

        def part(clips: slice) -> tuple[float, tuple[Tensor | None, ...]]:
            share = loss(clips) * ((clips.stop - clips.start) / size)
            return float(share.detach()), torch.autograd.grad(share, parameters, allow_unused=True)

        # not `backward`, which would have threads add to the same gradients in any order
        losses, gradients = zip(*self._pool.map(part, self._cut(size)), strict=True)
        for parameter, *parts in zip(parameters, *gradients, strict=True):
            parameter.grad = None if parts[0] is None else sum(parts[1:], start=parts[0])
        total: float = sum(losses)
        return total

    def _cut(self, size: int) -> list[slice]:
        """Return slices of nearly equal lengths, none of them empty."""
        count = min(self.count, size)
        bounds = [size * share // count for share in range(count + 1)]
        return [slice(first, last) for first, last in pairwise(bounds)]
