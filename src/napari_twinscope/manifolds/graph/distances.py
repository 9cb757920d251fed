"""Squared distances between points, checked before any long work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEWEST_POINTS = 3
_DUPLICATE = 1e-8  # two points this close (caller's units, or a fraction of the widest distance) are one


def squared_distances_of(
    points: ArrayLike | None = None, squared_distances: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the squared distances between points, given one or the other.

    Parameters
    ----------
    points
        Coordinates, shape (point, coordinate).
    squared_distances
        Squared distances instead, shape (point, point).

    Returns
    -------
    numpy.ndarray
        Shape (point, point), symmetric with a zero diagonal, in the caller's units squared.

    Raises
    ------
    InvalidInput
        If both or neither are given, a shape does not fit, a value is missing or infinite, the
        distances are negative, not symmetric or not zero on the diagonal, or points are too few.
    """
    if (points is None) == (squared_distances is None):
        raise InvalidInput(
            "Either points or squared distances are needed.",
            given="neither" if points is None else "both",
            needed="one of the two",
        )
    if points is not None:
        return _between(_numbers(points, "points"))
    squared = _numbers(squared_distances, "squared distances")
    if squared.shape[0] != squared.shape[1]:
        raise InvalidInput("Squared distances must be a square matrix.", given=f"shape {squared.shape}")
    if squared.min() < 0 or np.diagonal(squared).any():
        raise InvalidInput("Squared distances must not be negative, and zero on the diagonal.")
    if not np.allclose(squared, squared.T, rtol=1e-9, atol=0):
        raise InvalidInput("Squared distances must be symmetric.", remedy="pass (d + d.T) / 2")
    return squared


def checked_points(points: ArrayLike) -> NDArray[np.float64]:
    """Return coordinates (point, coordinate) as numbers, or refuse them."""
    return _numbers(points, "points")


def smallest_distance(squared: NDArray[np.float64]) -> float:
    """Return the distance between the two closest points; `squared` has shape (point, point).

    Raises
    ------
    InvalidInput
        If two points coincide: neighbourhoods are measured in units of the smallest distance.
    """
    nearest = _nearest_squared(squared)
    smallest = float(np.sqrt(nearest.min()))
    if smallest <= _DUPLICATE * min(1.0, float(np.sqrt(squared.max()))):
        first = int(np.argmin(nearest))
        row = squared[first].copy()
        row[first] = np.inf
        raise InvalidInput(
            "Two points coincide.",
            given=f"points {first} and {int(np.argmin(row))}, {smallest:.3g} apart",
            needed="distinct points",
            remedy="remove duplicate units (and units that never respond) first",
        )
    return smallest


def _nearest_squared(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared distance of each point to its nearest other, without a copy of the matrix."""
    nearest = np.empty(len(squared))
    for index, row in enumerate(squared):
        nearest[index] = min(row[:index].min(initial=np.inf), row[index + 1 :].min(initial=np.inf))
    return nearest


def _between(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial.distance import pdist, squareform

    squared: NDArray[np.float64] = squareform(pdist(points, "sqeuclidean"))
    return squared


def _numbers(values: Any, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The {name} are not numbers.", given=type(values).__name__) from error
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInput(f"The {name} must be a matrix.", given=f"shape {array.shape}")
    if len(array) < FEWEST_POINTS:
        raise InvalidInput(
            "Too few points for a neighbourhood graph.", given=len(array), needed=f"at least {FEWEST_POINTS}"
        )
    bad = ~np.isfinite(array)
    if bad.any():
        row = int(np.argmax(bad.any(axis=1)))
        raise InvalidInput(
            f"The {name} contain values that are not finite.",
            given=f"{int(bad.sum())} NaN or infinite values, the first in row {row}",
            remedy="remove those units",
        )
    return array
