"""Bundles of curves in the plane whose tightness is known, to test measures of tubes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.presets import check_preset

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST, _MOST = 90, 129  # samples of a curve
_ACROSS = np.array([0.2, 1.0])  # noise along a tube is weaker than across it


class SimulatedTubes(NamedTuple):
    """Curves and the tube that each belongs to.

    Attributes
    ----------
    curves
        Each of shape (point, 2); numbers of points differ.
    labels
        Tube of each curve, int (curve,).
    """

    curves: list[NDArray[np.float64]]
    labels: NDArray[np.int64]


def single_tube(
    count: int = 30, radius: float = 0.015, *, bend: float = 0.05, seed: int = 0
) -> SimulatedTubes:
    """Draw curves around one bent line.

    Parameters
    ----------
    count
        Number of curves.
    radius
        Standard deviation of the noise across the line, which is about 1 long.
    bend
        How far the line bends.
    seed
        Of the noise.

    References
    ----------
    Public code of arXiv 2512.07869
    """
    _check(count, radius, seed, place=bend)
    random = np.random.default_rng(seed)

    def curve(way: NDArray[np.float64]) -> NDArray[np.float64]:
        noise = random.normal(size=len(way)) * radius
        return np.stack([way, bend * (way - 0.5) * (1 - way) + noise], axis=1)

    return SimulatedTubes([curve(way) for way in _ways(random, count)], np.zeros(count, dtype=np.int64))


def inflating_tube(
    count: int = 30, radius: float = 0.015, *, widening: float = 4.0, seed: int = 0
) -> SimulatedTubes:
    """Draw curves that keep their places in a straight tube whose radius grows.

    Parameters
    ----------
    count
        Number of curves.
    radius
        Standard deviation of their distances from the middle at the start of the tube, which is 1 long.
    widening
        Factor by which the tube is wider at its end.
    seed
        Of the places.
    """
    _check(count, radius, seed, widening=widening)
    random = np.random.default_rng(seed)
    curves = [
        np.stack([way, place * radius * (1 + (widening - 1) * way)], axis=1)
        for way, place in zip(_ways(random, count), random.normal(size=count), strict=True)
    ]
    return SimulatedTubes(curves, np.zeros(count, dtype=np.int64))


def parallel_tubes(
    count: int = 20, radius: float = 0.05, *, gap: float = 0.4, seed: int = 0
) -> SimulatedTubes:
    """Draw curves around two straight lines side by side, `count` around each, `gap` apart."""
    _check(count, radius, seed, place=gap)
    random = np.random.default_rng(seed)

    def curve(way: NDArray[np.float64], side: float) -> NDArray[np.float64]:
        line = np.stack([way, np.full(len(way), side * gap / 2)], axis=1)
        return line + radius * _ACROSS * random.normal(size=line.shape)

    curves = [curve(way, side) for side in (-1.0, 1.0) for way in _ways(random, count)]
    return SimulatedTubes(curves, np.repeat([0, 1], count))


def crossing_tubes(
    count: int = 18,
    radius: float = 0.02,
    *,
    angle: float = 90.0,
    preset: str = "corrected",
    seed: int = 0,
) -> SimulatedTubes:
    """Draw curves around two straight lines that cross in their middles.

    Parameters
    ----------
    count
        Number of curves around each line.
    radius
        Standard deviation of the noise across the lines, which are 1.2 long.
    angle
        Between the lines, in degrees.
    preset
        ``"corrected"`` turns the second tube with its noise. In the published presets, as in the public
        code, noise is weak along the first line for both: at 90 degrees the second tube is five times too
        thin.
    seed
        Of the noise.

    References
    ----------
    Public code of arXiv 2512.07869
    """
    _check(count, radius, seed, place=angle)
    check_preset(preset, None)
    random = np.random.default_rng(seed)
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def curve(way: NDArray[np.float64], second: bool) -> NDArray[np.float64]:
        line = np.stack([1.2 * way - 0.6, np.zeros(len(way))], axis=1)
        noise = radius * _ACROSS * random.normal(size=line.shape)
        if second and preset == "corrected":
            line, noise = line @ rotation, noise @ rotation
        elif second:
            line = line @ rotation
        return line + noise + [0.5, 0.0]

    curves = [curve(way, second) for second in (False, True) for way in _ways(random, count)]
    return SimulatedTubes(curves, np.repeat([0, 1], count))


def _ways(random: np.random.Generator, count: int) -> list[NDArray[np.float64]]:
    return [np.linspace(0, 1, size) for size in random.integers(_FEWEST, _MOST + 1, size=count)]


def _check(count: int, radius: float, seed: int, *, widening: float = 1.0, place: float = 0.0) -> None:
    """Refuse a tube that cannot be; `place` is what bends, parts or turns it."""
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (count, seed))
    finite = all(np.isfinite(number) for number in (radius, widening, place))
    if not (whole and finite) or count < 1 or radius < 0 or widening < 0 or seed < 0:
        raise InvalidInput(
            "There is no such tube.",
            given=f"{count} curves, radius {radius}, widening {widening}, bend, gap or angle {place}, "
            f"seed {seed}",
            needed="at least one curve, a radius, a widening and seed that are not negative, all finite",
        )
