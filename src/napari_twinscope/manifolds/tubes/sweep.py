"""How much tightness depends on the two numbers that its definition leaves open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.activity_space import ActivitySpace
from napari_twinscope.manifolds.tubes.bundle_scores import score_bundles
from napari_twinscope.manifolds.tubes.options import TubularityOptions
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Sequence

QUANTILES = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
SMOOTHINGS = {
    "corrected": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3),
    "published-2025": (0.01,),
    "published-2026": (1.0, 1.5, 2.0, 2.5, 3.0),
}

_PUBLISHED_SWEEP = TubularityOptions(bootstraps=10, bins=20)


def tubularity_sensitivity(
    responses: xr.DataArray,
    options: TubularityOptions = _PUBLISHED_SWEEP,
    *,
    quantiles: Sequence[float] = QUANTILES,
    smoothings: Sequence[float] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Measure tightness for several quantiles of the radius and smoothings of the centre line.

    All combinations are measured on the same draws of units.

    Parameters
    ----------
    responses
        As of `tubularity`.
    options
        Of them the quantile and the smoothing are replaced. By default the corrected preset with 10
        bootstraps and 20 bins, as in the papers.
    quantiles
        Which distance from the centre line is the radius; by default those of the papers.
    smoothings
        In the sense of the preset. By default those of the papers in ``"published-2026"``, ten times
        less to ten times more than the usual in ``"corrected"``, and the only one of ``"published-2025"``.
    progress
        Told of each draw.

    Returns
    -------
    xarray.Dataset
        ``s_tight`` (smoothing, quantile) for all units, ``bootstrap_s_tight`` (bootstrap, smoothing,
        quantile), and the latter's ``bootstrap_mean`` and ``standard_error`` (smoothing, quantile).

    Raises
    ------
    InvalidInput
        As `tubularity`, or if there is nothing to vary.
    Canceled
        If the user stops the job.

    References
    ----------
    Public code of arXiv 2512.07869
    """
    spread = SMOOTHINGS[options.preset] if smoothings is None else tuple(smoothings)
    grid = [[replace(options, quantile=q, smoothing=s) for q in quantiles] for s in spread]
    if not grid or not grid[0]:
        raise InvalidInput("There is nothing to vary.", needed="at least one quantile and one smoothing")
    space = ActivitySpace(responses, options)
    draws = [space.units, *space.draws(None)]
    progress = progress or SilentProgress()
    progress.begin(len(draws), "Measuring tubes with other quantiles and smoothings")
    tight = np.empty((len(draws), len(spread), len(quantiles)))
    for place, units in enumerate(draws):
        raise_if_canceled(progress)
        curves = space.curves(units)
        labels = space.labels
        for cell in np.ndindex(tight.shape[1:]):
            scores = score_bundles(curves, labels, grid[cell[0]][cell[1]], crossings=False)
            labels = scores.labels  # found once, since they do not depend on either number
            tight[place, *cell] = scores.values[0]
        progress.advance()
    progress.end()
    dims = ("smoothing", "quantile")
    made = xr.Dataset(
        {"s_tight": (dims, tight[0]), "bootstrap_s_tight": (("bootstrap", *dims), tight[1:])},
        coords={"smoothing": list(spread), "quantile": list(quantiles)},
        attrs={**responses.attrs, "preset": options.preset, "options": options.to_json()},
    )
    if options.bootstraps:
        made["bootstrap_mean"] = made["bootstrap_s_tight"].mean("bootstrap")
        made["standard_error"] = made["bootstrap_s_tight"].std("bootstrap")
    return made
