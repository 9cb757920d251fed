"""Above which value a volume ratio stands out from the others."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("C3", "modC2", "std", "MAD", "normalMAD", "IQR")
_LOWEST, HIGHEST, HIGHEST_OF_KERNEL = 2.75, 5.0, 3.0  # lower floors tear generic curves apart


def outlier_threshold(
    values: NDArray[np.float64], median: float, n_stds: float, method: str, highest: float = HIGHEST
) -> float:
    """Return the ratio above which a point loses its longest edge.

    Parameters
    ----------
    values
        The positive volume ratios, in any order; at least one.
    median
        Their centre as found when the scales were tuned.
    n_stds
        How many dispersions above the centre.
    method
        How centre and dispersion are estimated, one of `METHODS`.
    highest
        A threshold that no value reaches is lowered to ``highest - (median - 1)``.

    References
    ----------
    Dyballa & Zucker (2023), doi:10.1162/neco_a_01566; C3 and modC2 after Wan et al. (2014),
    BMC Medical Research Methodology 14, 135, doi:10.1186/1471-2288-14-135.
    """
    centre, spread = center_and_spread(values, method)
    threshold = max(_LOWEST, centre + n_stds * spread)
    ceiling = highest - (median - 1)
    return ceiling if ceiling < threshold and values.max() <= threshold else threshold


def center_and_spread(values: NDArray[np.float64], method: str) -> tuple[float, float]:
    """Return a robust centre and dispersion of `values` by one of `METHODS`."""
    if len(values) < 2:  # a single value has no dispersion, and the quantile below would be zero
        return float(values[0]), 0.0
    if method == "std":
        return float(values.mean()), float(values.std())
    q1, middle, q3 = (float(q) for q in np.percentile(values, [25, 50, 75]))
    if method in ("MAD", "normalMAD"):
        deviation = float(np.median(np.abs(values - middle)))
        return middle, deviation * (1.4826 if method == "normalMAD" else 1.0)
    if method == "IQR":
        return middle, q3 - q1
    n = len(values)
    quartile = 2 * _normal_quantile((0.75 * n - 0.125) / (n + 0.25))
    if method == "C3":
        return 0.333 * (q1 + middle + q3), (q3 - q1) / quartile
    low = float(values.min())
    high = q3 + (q1 - low)
    extreme = 4 * _normal_quantile((n - 0.375) / (n + 0.25))
    return (low + 2 * q1 + 2 * middle + 2 * q3 + high) / 8, (high - low) / extreme + (q3 - q1) / (
        2 * quartile
    )


def _normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
