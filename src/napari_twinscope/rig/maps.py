"""Activation maps as movies on the stimulus: cached condition by condition, warped on the fly."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_twinscope.rig.lazy_movie import LazyMovie

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Floats = npt.NDArray[np.float32]
Condition = tuple[int, int]


@dataclass(frozen=True)
class MapChoice:
    """Which map is shown: a feature map of a stage, or one unit's readout at every grid cell.

    Parameters
    ----------
    stage
        The stage whose values are shown; for a readout map the core that is read out.
    channel
        The feature map, ``None`` for a readout map.
    unit
        The unit whose readout is placed everywhere, ``None`` for a feature map.
    """

    stage: str
    channel: int | None = None
    unit: int | None = None


class ConditionCache:
    """Keeps the arrays computed for recent conditions, within a limit of memory.

    Parameters
    ----------
    limit
        Bytes to keep; the oldest are dropped first, and the newest always stays.
    """

    def __init__(self, limit: int = 256 * 2**20) -> None:
        self.limit = limit
        self._arrays: OrderedDict[Hashable, npt.NDArray[Any]] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._arrays

    def get(self, key: Hashable) -> npt.NDArray[Any] | None:
        """Return the array of a condition, ``None`` if it is not there."""
        if key in self._arrays:
            self._arrays.move_to_end(key)
        return self._arrays.get(key)

    def put(self, key: Hashable, array: npt.NDArray[Any]) -> None:
        """Keep an array and drop the oldest beyond the limit."""
        self._arrays[key] = array
        self._arrays.move_to_end(key)
        while len(self._arrays) > 1 and sum(a.nbytes for a in self._arrays.values()) > self.limit:
            self._arrays.popitem(last=False)

    def clear(self) -> None:
        """Drop everything."""
        self._arrays.clear()


@dataclass(frozen=True)
class Warp:
    """Looks up the nearest cell of a grid for every pixel of the stimulus.

    Parameters
    ----------
    cells
        int64 [height, width], index into the flattened grid; -1 where the network sees nothing.
    """

    cells: npt.NDArray[np.int64]

    @classmethod
    def from_coordinates(cls, coordinates: npt.NDArray[np.float64], grid: tuple[int, int]) -> Warp:
        """Build the look-up from (row, column) coordinates, float [height, width, 2], NaN outside."""
        rows, columns = grid
        with np.errstate(invalid="ignore"):
            nearest = np.rint(coordinates)
            inside = (
                np.isfinite(coordinates).all(axis=-1)
                & (nearest >= 0).all(axis=-1)
                & (nearest[..., 0] < rows)
                & (nearest[..., 1] < columns)
            )
        safe = np.where(inside[..., None], nearest, 0).astype(np.int64)
        return cls(np.where(inside, safe[..., 0] * columns + safe[..., 1], -1))

    def __call__(self, values: npt.NDArray[Any]) -> Floats:
        """Warp maps [..., rows, columns] to float32 [..., height, width], NaN outside."""
        flat = np.asarray(values, np.float32).reshape(*values.shape[:-2], -1)
        warped: Floats = flat[..., np.maximum(self.cells, 0)]
        warped[..., self.cells < 0] = np.nan
        return warped


@dataclass(frozen=True)
class Placement:
    """Scale and translation of the last two axes that put a plain grid over the stimulus."""

    scale: tuple[float, float]
    translate: tuple[float, float]

    @classmethod
    def plain(cls, grid: tuple[int, int], frame: tuple[int, int]) -> Placement:
        """Stretch a grid over the frame; pixel centres lie at whole numbers.

        Examples
        --------
        >>> Placement.plain((18, 32), (144, 256))
        Placement(scale=(8.0, 8.0), translate=(3.5, 3.5))
        """
        vertical, horizontal = frame[0] / grid[0], frame[1] / grid[1]
        return cls((vertical, horizontal), ((vertical - 1) / 2, (horizontal - 1) / 2))

    def position(self, row: npt.ArrayLike, column: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return where grid cells lie in the frame, float64 [cells, 2] as (y, x)."""
        cells = np.stack([np.asarray(row, float), np.asarray(column, float)], axis=-1)
        return cells * self.scale + self.translate


class MapMovie(LazyMovie):
    """Maps (stimulus, direction, time, y, x), of which only those that were looked at are held.

    A condition that is not there yet reads as NaN, which is drawn as nothing.

    Parameters
    ----------
    leading
        Number of stimuli, directions and frames.
    grid
        Rows and columns of the map.
    fetch
        Returns the maps of a condition, [time, rows, columns], or ``None`` while it is not there.
    warp
        The look-up into stimulus coordinates, ``None`` for the plain grid.
    """

    def __init__(
        self,
        leading: tuple[int, int, int],
        grid: tuple[int, int],
        fetch: Callable[[Condition], npt.NDArray[Any] | None],
        warp: Warp | None = None,
    ) -> None:
        self._fetch = fetch
        self._warp = warp
        self._grid = grid
        plane = grid if warp is None else (warp.cells.shape[0], warp.cells.shape[1])
        super().__init__((*leading, *plane), np.dtype(np.float32))

    def fetch_from(self, fetch: Callable[[Condition], npt.NDArray[Any] | None]) -> None:
        """Hold the maps of another channel, on the same grid."""
        self._fetch = fetch

    def __getitem__(self, key: Any) -> Floats:
        wanted = key if isinstance(key, tuple) else (key,)
        if Ellipsis in [item for item in wanted if not isinstance(item, np.ndarray)]:
            at = next(i for i, item in enumerate(wanted) if item is Ellipsis)
            fill = (slice(None),) * (self.ndim - len(wanted) + 1)
            wanted = (*wanted[:at], *fill, *wanted[at + 1 :])
        wanted = (*wanted, *(slice(None),) * (self.ndim - len(wanted)))
        stimuli, directions, frames = (
            np.atleast_1d(np.arange(length)[item])
            for length, item in zip(self.shape[:3], wanted[:3], strict=True)
        )
        block = np.full((len(stimuli), len(directions), len(frames), *self.shape[3:]), np.nan, np.float32)
        for i, stimulus in enumerate(stimuli):
            for j, direction in enumerate(directions):
                maps = self._fetch((int(stimulus), int(direction)))
                if maps is not None:
                    chosen = np.asarray(maps)[frames]
                    block[i, j] = chosen if self._warp is None else self._warp(chosen)
        scalar = tuple(0 if _is_scalar(item) else slice(None) for item in wanted[:3])
        return np.asarray(block[scalar][(..., *wanted[3:])], np.float32)


def _is_scalar(item: Any) -> bool:
    return np.ndim(item) == 0 and not isinstance(item, slice)


@dataclass(frozen=True)
class MapStyle:
    """Contrast limits and colour map of a map, and the rule by which they were chosen."""

    limits: tuple[float, float]
    colormap: str
    rule: str = ""


def _rounded_up(value: float) -> float:
    """Return the next number of one digit, or 1.5 or 2.5, so that a colour bar can label its ends."""
    power: float = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if step * power >= value * (1 - 1e-9))


def map_style(values: npt.ArrayLike, rule: str = "", signed: bool | None = None) -> MapStyle:
    """Return the style for maps whose values reach as far as these; limits are rounded up.

    Parameters
    ----------
    values
        Values of any shape; those that are not finite do not count.
    rule
        What the values are, in words.
    signed
        Whether the maps are shown around zero; by default where a value is negative.

    Examples
    --------
    >>> map_style([1.9, -1.0])
    MapStyle(limits=(-2.0, 2.0), colormap='diverging', rule='')
    >>> map_style([23.0, 0.0])
    MapStyle(limits=(0.0, 25.0), colormap='sequential', rule='')
    """
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    reach = _rounded_up(float(np.abs(known).max(initial=0.0)) or 1.0)
    if bool((known < 0).any()) if signed is None else signed:
        return MapStyle((-reach, reach), "diverging", rule)
    return MapStyle((0.0, reach), "sequential", rule)
