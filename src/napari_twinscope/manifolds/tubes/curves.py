"""Curves through activity space, sampled evenly along their length, and how far they lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

FEWEST_POINTS = 3
DISTANCES = {"h1": 0.5, "l2": 0.0}
"""Weight of the squared difference of the derivatives in each distance between curves."""


def resample(curves: Sequence[ArrayLike], samples: int) -> NDArray[np.float64]:
    """Sample each curve at equal steps of its own length, by linear interpolation.

    Parameters
    ----------
    curves
        Each of shape (point, coordinate), with as many coordinates; numbers of points may differ.
    samples
        Points of each resampled curve, 2 or more.

    Returns
    -------
    numpy.ndarray
        float64 (curve, sample, coordinate). A curve of no length stays at its start.

    Raises
    ------
    InvalidInput
        If there is no curve, or a curve has fewer than three points, other coordinates than the first, or
        values that are not finite.

    References
    ----------
    Public code of arXiv 2601.21508.

    Examples
    --------
    >>> resample([[[0.0, 0.0], [3.0, 0.0], [4.0, 0.0]]], 5)[0, :, 0]
    array([0., 1., 2., 3., 4.])
    """
    even = np.linspace(0, 1, samples)
    made = []
    for curve in checked_curves(curves):
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
        made.append(np.stack([np.interp(even * length[-1], length, along) for along in curve.T], axis=1))
    return np.stack(made)


def derivatives(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the change of curves (curve, sample, coordinate) along their length, which counts as 1.

    Central differences inside, one-sided ones at the ends.
    """
    slopes: NDArray[np.float64] = np.gradient(curves, 1 / (curves.shape[1] - 1), axis=1)
    return slopes


def curve_distances(curves: NDArray[np.float64], distance: str = "h1") -> NDArray[np.float64]:
    r"""Measure how far curves lie apart in place and in course, in units of the median pair.

    With X the place and X' the derivative at a fraction u of the length,

    .. math:: H^1_{ij} = \sqrt{\langle |X_i - X_j|^2 \rangle_u + w \langle |X'_i - X'_j|^2 \rangle_u}

    where w is 0.5. The derivatives are about as long as the curves and outweigh the places: noise on
    curves drives them all apart. With w = 0, ``"l2"``, places alone count.

    Parameters
    ----------
    curves
        Shape (curve, sample, coordinate), from `resample`.
    distance
        ``"h1"`` or ``"l2"``.

    Returns
    -------
    numpy.ndarray
        float64 (curve, curve), symmetric, divided by the median over pairs where that is positive.

    References
    ----------
    Public code of arXiv 2601.21508.
    """
    from scipy.spatial.distance import pdist, squareform

    if distance not in DISTANCES:
        raise InvalidInput("There is no such distance.", given=distance, needed=", ".join(DISTANCES))
    count, samples = curves.shape[:2]
    squared = pdist(curves.reshape(count, -1), "sqeuclidean")
    if weight := DISTANCES[distance]:
        squared = squared + weight * pdist(derivatives(curves).reshape(count, -1), "sqeuclidean")
    apart = np.sqrt(squared / samples)
    median = float(np.median(apart)) if len(apart) else 0.0
    matrix: NDArray[np.float64] = squareform(apart / median if median > 0 else apart)
    return matrix if count > 1 else np.zeros((1, 1))


def checked_curves(curves: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    """Return curves as matrices of float64, or refuse them; see `resample`."""
    try:
        checked = [np.asarray(curve, dtype=np.float64) for curve in curves]
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            "The curves are no numbers.", given=error, needed="a sequence of arrays (point, coordinate)"
        ) from error
    if not checked:
        raise InvalidInput("There is no curve.", needed="at least one of shape (point, coordinate)")
    for place, curve in enumerate(checked):
        if curve.ndim != 2 or len(curve) < FEWEST_POINTS or curve.shape[1] != checked[0].shape[-1]:
            raise InvalidInput(
                f"Curve {place} is no curve.",
                given=f"shape {curve.shape}",
                needed=f"(point, coordinate), at least {FEWEST_POINTS} points, the coordinates of the first",
            )
        if not np.isfinite(curve).all():
            raise InvalidInput(
                f"Curve {place} has values that are not finite.",
                given=f"{int((~np.isfinite(curve)).sum())} of {curve.size}",
            )
    return checked
