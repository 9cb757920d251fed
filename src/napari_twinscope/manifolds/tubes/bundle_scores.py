"""Tubularity of a set of curves: that of its bundles, weighted by their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.manifolds.tubes.bundles import NOISE, curve_bundles
from napari_twinscope.manifolds.tubes.curves import curve_distances
from napari_twinscope.manifolds.tubes.tubes import Tube, measure_tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.tubes.options import TubularityOptions

MEASURES = ("s_tight", "s_cross", "crossing")

_STILL = 1e-9  # length, relative to the extent of all curves, below which a mean curve is a point


@dataclass(frozen=True)
class Scores:
    """The measures of a set of curves.

    Attributes
    ----------
    bundles
        Labels of the bundles that were scored, ascending.
    tubes
        What was measured of each.
    labels
        Bundle of each curve, shape (curve,); -1 for noise.
    noise
        Number of curves that HDBSCAN takes for noise.
    fell_back
        Whether no bundle was found, so that all curves were scored as one.
    bundle_values
        Shape (bundle, measure), in the order of `MEASURES`; not numbers, but in the published presets, of
        a bundle that does not move.
    values, variances
        Mean over bundles and its variance, weighted by their numbers of curves, shape (measure,).
    """

    bundles: tuple[int, ...]
    tubes: tuple[Tube, ...]
    labels: NDArray[np.int64]
    noise: int
    fell_back: bool
    bundle_values: NDArray[np.float64]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]


def score_bundles(
    curves: NDArray[np.float64],
    labels: NDArray[np.int64] | None,
    options: TubularityOptions,
    *,
    crossings: bool = True,
) -> Scores:
    """Score resampled curves, shape (curve, sample, coordinate), in given bundles or by HDBSCAN."""
    fell_back = False
    if labels is None:
        apart = curve_distances(curves, options.distance)
        labels, fell_back = curve_bundles(apart, smallest=options.smallest_bundle)
    members = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
    noise = len(members.get(NOISE, ()))
    if options.preset == "corrected":
        members.pop(NOISE, None)
    members = {label: places for label, places in members.items() if len(places) > 1}
    if not members:
        fell_back, members = True, {0: np.arange(len(curves))}
    tubes = tuple(
        measure_tube(
            curves[places],
            allowance=options.allowance(curves[places].mean(axis=0)),
            bins=options.bins,
            quantile=options.quantile,
            crossings=crossings,
        )
        for places in members.values()
    )
    each = np.array([[getattr(tube, name) for name in MEASURES] for tube in tubes])
    weights = np.array([tube.size for tube in tubes], dtype=np.float64)
    if options.preset == "corrected":
        # of the mean curves: a spline through points that are all alike swings by more than rounding
        moved = np.array([_length(curves[places].mean(axis=0)) for places in members.values()])
        still = moved <= _STILL * np.ptp(curves, axis=(0, 1)).max()
        each[still], weights[still] = np.nan, 0.0
    if not weights.any():
        values = variances = np.full(len(MEASURES), np.nan)
    else:
        weights /= weights.sum()
        scored = weights > 0
        values = weights[scored] @ each[scored]
        variances = weights[scored] @ (each[scored] - values) ** 2
    return Scores(tuple(members), tubes, labels, noise, fell_back, each, values, variances)


def _length(curve: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(curve, axis=0), axis=1).sum())
