"""What napari asks of an array, for movies that are never held as a whole."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt


class LazyMovie(ABC):
    """An array (stimulus, direction, time, y, x) that is made while it is sliced.

    Parameters
    ----------
    shape
        Lengths of the five axes.
    dtype
        Type of the values.
    """

    ndim = 5

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the full array would take."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the full array."""
        return np.asarray(self[...], dtype=dtype)

    @abstractmethod
    def __getitem__(self, key: Any) -> npt.NDArray[Any]:
        """Return a part, by the slicing of numpy."""
