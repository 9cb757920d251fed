"""Decoding trajectories: how each movie moves through the space of a population's activity."""

from __future__ import annotations

import numpy as np
import xarray as xr

from napari_twinscope.manifolds.decoding.conditions import conditions, recorded_frames
from napari_twinscope.manifolds.decoding.manifold import check_count, described
from napari_twinscope.manifolds.decoding.principal import principal_components

FEWEST_FRAMES = 3


def decoding_trajectories(
    responses: xr.DataArray,
    *,
    n_components: int = 3,
    preset: str = "corrected",
    stimuli: str | None = None,
    rectify: bool = True,
    halve_third: bool = False,
    seed: int | None = None,
) -> xr.Dataset:
    """Follow each movie frame by frame along the principal components of the population's activity.

    Parameters
    ----------
    responses, n_components, preset, stimuli, rectify, seed
        As of `decoding_manifold`.
    halve_third
        Multiply the third coordinate by 0.5, as the papers' figures do without saying so.

    Returns
    -------
    xarray.Dataset
        ``coordinates``
            float64 (stimulus, direction, time, component), in the unit of the responses; not a number in
            frames that are missing in all units.
        ``explained_variance_ratio``
            (component), of the variance over frames, movies and units, whatever is halved.
        ``loadings``
            (unit, component).

        The coordinate ``scale`` (component) is what coordinates were multiplied by: write it on the axis.

    Raises
    ------
    InvalidInput
        As `decoding_manifold`, or if there are fewer than three frames.

    References
    ----------
    Bertram et al. (2026), arXiv 2601.21508, and arXiv 2512.07869, public code
    """
    check_count(n_components)
    frames = conditions(responses, preset, stimuli, rectify=rectify, fewest_frames=FEWEST_FRAMES)
    recorded = recorded_frames(frames, every=False)
    rows = frames.values.reshape(frames.sizes["unit"], -1).T
    if not recorded.all():
        rows = rows[recorded.ravel()]
    random = None if preset == "corrected" else np.random.default_rng(seed)
    found = principal_components(rows, n_components, random)
    scale = np.ones(n_components)
    if halve_third:
        scale[2:3] = 0.5
    coordinates = np.full((*recorded.shape, n_components), np.nan)
    coordinates[recorded] = found.coordinates * scale
    coords = {name: c for name, c in frames.coords.items() if c.dims in (("unit",), ("time",))}
    made = xr.Dataset(
        {
            "coordinates": (("stimulus", "direction", "time", "component"), coordinates),
            "explained_variance_ratio": ("component", found.ratios),
            "loadings": (("unit", "component"), found.components.T),
        },
        coords={**coords, "scale": ("component", scale)},
    )
    return described(made, frames, responses, {"preset": preset, "rectified": int(rectify)})
