"""How tight a bundle of curves is around its centre line, and how its curves cross."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.manifolds.tubes.curves import derivatives

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALL = 1e-12
_NEIGHBORS = 9  # among which the nearest point of another curve is sought
_REACH = 3.0  # points farther apart than this many epsilon do not count as a crossing
_FINE = 400  # points at which the length of a centre line is summed


class CenterLine:
    """The mean of a bundle's curves, each coordinate smoothed by a cubic spline.

    Parameters
    ----------
    curves
        Shape (curve, sample, coordinate), sampled evenly along their length.
    allowance
        How far the spline of a coordinate may stray from the mean curve: the sum of squared residuals.
        Zero or less interpolates linearly.
    """

    def __init__(self, curves: NDArray[np.float64], allowance: float) -> None:
        from scipy.interpolate import UnivariateSpline, make_interp_spline

        mean = curves.mean(axis=0)
        fractions = np.linspace(0, 1, len(mean))
        self._splines: list[Any]
        if allowance <= 0:
            self._splines = [make_interp_spline(fractions, along, k=1) for along in mean.T]
            return
        # Not `splrep`: with many knots it comes to others than the published choice does.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the allowance was met only nearly
            self._splines = [UnivariateSpline(fractions, along, s=allowance) for along in mean.T]

    def __call__(self, fractions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points at fractions 0 to 1 of the way, shape (fraction, coordinate)."""
        return np.stack([spline(fractions) for spline in self._splines], axis=1)

    def length(self, points: int) -> float:
        """Return the length of the line, summed over chords between evenly spaced fractions."""
        steps = np.diff(self(np.linspace(0, 1, points)), axis=0)
        return float(np.linalg.norm(steps, axis=1).sum())


@dataclass(frozen=True)
class Tube:
    """What is measured of one bundle.

    Attributes
    ----------
    size
        Number of curves.
    epsilon
        Median distance of a point to the nearest curve but its own, in units of the coordinates.
    s_tight
        Mean radius over length, without dimension.
    crossing
        Mean kernel-weighted crossing of pairs of curves, without dimension.
    s_cross
        The same over length, as published.
    length
        Of the centre line.
    radius
        Radius along the tube, shape (bin,).
    center
        Its centre line at 100 points, shape (100, coordinate).
    """

    size: int
    epsilon: float
    s_tight: float
    crossing: float
    s_cross: float
    length: float
    radius: NDArray[np.float64]
    center: NDArray[np.float64]


def measure_tube(
    curves: NDArray[np.float64], *, allowance: float, bins: int, quantile: float, crossings: bool = True
) -> Tube:
    r"""Measure a bundle of curves.

    The radius in a bin of the way is the quantile of the distances of all points in it to the centre line
    at its middle; S_tight is the mean radius over the length L: *lower is tighter*. With P the points, T
    the unit tangents, epsilon the median distance to the nearest other curve, m curves of M points,

    .. math::
        S_{cross} = \frac{2}{m(m-1) M^2 L} \sum e^{-|P_i - P_j|^2 / 2 \epsilon^2} (1 - (T_i \cdot T_j)^2)

    over points of different curves at most 3 epsilon apart. Without L in it, the sum has no dimension.

    Parameters
    ----------
    curves
        Shape (curve, sample, coordinate), from `resample`.
    allowance
        Of the centre line; see `CenterLine`.
    bins
        Bins along the way.
    quantile
        Which distance in a bin is the radius, 0 to 1.
    crossings
        Whether to look for crossings; else they are not numbers.

    References
    ----------
    Public code of arXiv 2601.21508 and arXiv 2512.07869.
    """
    line = CenterLine(curves, allowance)
    radius = _radii(curves, line, bins, quantile)
    coarse = line.length(max(200, 4 * bins))
    length = line.length(_FINE)
    epsilon, crossing = _crossing(curves) if crossings else (np.nan, np.nan)
    return Tube(
        size=len(curves),
        epsilon=epsilon,
        s_tight=float(radius.mean()) / (coarse + _SMALL),
        crossing=crossing,
        s_cross=crossing / (length + _SMALL),
        length=length,
        radius=radius,
        center=line(np.linspace(0, 1, 100)),
    )


def _radii(curves: NDArray[np.float64], line: CenterLine, bins: int, quantile: float) -> NDArray[np.float64]:
    edges = np.linspace(0, 1, bins + 1)
    fractions = np.linspace(0, 1, curves.shape[1])
    place = np.minimum(np.searchsorted(edges, fractions, side="right") - 1, bins - 1)
    centers = line((edges[:-1] + edges[1:]) / 2)
    distances = np.linalg.norm(curves - centers[place], axis=2)
    radii = np.zeros(bins)
    counts = np.bincount(place, minlength=bins)
    for count in np.unique(counts[counts > 0]):
        chosen = np.flatnonzero(counts == count)
        columns = np.flatnonzero(np.isin(place, chosen)).reshape(len(chosen), count)
        pooled = distances[:, columns].transpose(1, 0, 2).reshape(len(chosen), -1)
        radii[chosen] = np.quantile(pooled, quantile, axis=1)
    return radii


def _crossing(curves: NDArray[np.float64]) -> tuple[float, float]:
    """Return epsilon and the dimensionless crossing of a bundle."""
    from scipy.spatial import cKDTree

    number, samples = curves.shape[:2]
    points = curves.reshape(number * samples, -1)
    owner = np.repeat(np.arange(number), samples)
    tree = cKDTree(points)
    near, index = tree.query(points, k=min(_NEIGHBORS + 1, len(points)))
    foreign = owner[index[:, 1:]] != owner[:, None]
    nearest = np.where(foreign, near[:, 1:], np.inf).min(axis=1)
    found = nearest[np.isfinite(nearest)]
    epsilon = max(float(np.median(found)), _SMALL) if len(found) else 1.0
    if number < 2:
        return epsilon, 0.0
    slopes = derivatives(curves).reshape(points.shape)
    tangents = slopes / (np.linalg.norm(slopes, axis=1, keepdims=True) + _SMALL)
    first, second = tree.query_pairs(_REACH * epsilon, output_type="ndarray").T
    apart = owner[first] != owner[second]
    first, second = first[apart], second[apart]
    squared = ((points[first] - points[second]) ** 2).sum(axis=1)
    aligned = (tangents[first] * tangents[second]).sum(axis=1) ** 2
    total = float((np.exp(-squared / (2 * epsilon**2)) * (1 - aligned)).sum())
    return epsilon, 2 * total / (number * (number - 1) * samples**2)
