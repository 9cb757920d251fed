"""In how many dimensions a population's activity moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.manifolds.decoding.conditions import conditions, recorded_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARE = 0.9
"""Share of the variance that `components` are counted for."""


def activity_dimension(
    responses: xr.DataArray, *, preset: str = "corrected", stimuli: str | None = None, rectify: bool = True
) -> xr.Dataset:
    r"""Count the dimensions of a population's activity over all frames of all movies.

    With :math:`\lambda` the variances along the principal components, the participation ratio is
    :math:`(\sum \lambda)^2 / \sum \lambda^2`: 1 if all variance lies along one component, the number of
    units if it is the same in every direction.

    Parameters
    ----------
    responses, preset, stimuli, rectify
        As of `decoding_trajectories`. Units are not scaled, so that the most active weigh most; all presets
        are exact.

    Returns
    -------
    xarray.Dataset
        ``participation_ratio`` and ``components`` (the fewest that hold 90 % of the variance), and
        ``variance`` (component), descending, in the squared unit of the responses. It grows with the number
        of units and of movies: compare populations of like size.

    Raises
    ------
    InvalidInput
        As `decoding_trajectories`.

    References
    ----------
    Gao et al. (2017), A theory of multineuronal dimensionality, doi 10.1101/214262

    Examples
    --------
    >>> angle = np.arange(0, 360, 45.0)
    >>> tuned = 1 + np.cos(np.radians(angle - [[0.0], [90.0], [180.0], [270.0]]))
    >>> dims = ("unit", "stimulus", "direction", "time")
    >>> shown = {"stimulus": ["dots"], "direction": angle}
    >>> moved = xr.DataArray(tuned[:, None, :, None], dims=dims, coords=shown)
    >>> round(float(activity_dimension(moved).participation_ratio), 6)
    2.0
    """
    frames = conditions(responses, preset, stimuli, rectify=rectify)
    recorded = recorded_frames(frames, every=False)
    rows = frames.values.reshape(frames.sizes["unit"], -1).T[recorded.ravel()]
    variance = _variances(rows)
    total = float(variance.sum())
    ratio = total**2 / float(np.square(variance).sum())
    components = int(np.searchsorted(np.cumsum(variance), SHARE * total * (1 - 1e-12))) + 1
    return xr.Dataset(
        {
            "participation_ratio": ((), ratio),
            "components": ((), components),
            "variance": ("component", variance),
        },
        coords={"component": np.arange(1, len(variance) + 1)},
        attrs={"preset": preset, "rectified": int(rectify), "share": SHARE},
    )


def _variances(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variances along all principal components, descending, by the smaller Gram matrix."""
    from scipy.linalg import eigvalsh

    centred = rows - rows.mean(axis=0)
    gram = centred.T @ centred if rows.shape[0] >= rows.shape[1] else centred @ centred.T
    values: NDArray[np.float64] = np.maximum(eigvalsh(gram)[::-1], 0) / max(1, len(rows) - 1)
    return values
