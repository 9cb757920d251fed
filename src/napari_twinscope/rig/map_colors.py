"""The colours of activation maps over a movie: transparent where little happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from napari_twinscope.rig.maps import MapStyle

STOPS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "sequential": (
        (0.30, 0.07, 0.48, 0.0),
        (0.70, 0.16, 0.44, 0.55),
        (0.96, 0.49, 0.21, 0.8),
        (0.99, 0.91, 0.45, 0.95),
    ),
    "diverging": (
        (0.35, 0.75, 1.00, 0.95),
        (0.10, 0.42, 0.80, 0.6),
        (0.50, 0.50, 0.50, 0.0),
        (0.83, 0.37, 0.05, 0.6),
        (1.00, 0.80, 0.30, 0.95),
    ),
}
"""Red, green, blue and opacity at equal steps from the lowest to the highest value."""


def map_colors(values: npt.ArrayLike, style: MapStyle) -> npt.NDArray[np.float32]:
    """Return the colours of values of any shape, float32 [..., 4]; not a number is transparent.

    Examples
    --------
    >>> from napari_twinscope.rig.maps import MapStyle
    >>> map_colors([0.0, -1.0, float("nan")], MapStyle((-1.0, 1.0), "diverging"))[:, 3].tolist()
    [0.0, 0.949999988079071, 0.0]
    """
    known = np.asarray(values, np.float64)
    low, high = style.limits
    stops = np.array(STOPS[style.colormap], np.float64)
    at = np.linspace(0.0, 1.0, len(stops))
    fractions = np.clip(np.nan_to_num((known - low) / (high - low)), 0.0, 1.0)
    colors = np.stack([np.interp(fractions, at, stop) for stop in stops.T], axis=-1)
    colors[~np.isfinite(known), 3] = 0.0
    return colors.astype(np.float32)
