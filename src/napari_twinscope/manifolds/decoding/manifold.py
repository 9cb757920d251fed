"""The decoding manifold: how the stimuli lie in the space of a population's activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.conditions import conditions, order_to_show, recorded_frames
from napari_twinscope.manifolds.decoding.principal import principal_components
from napari_twinscope.manifolds.graph.diffusion import diffusion_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = ("pca", "diffusion")
REFERENCES = "Bertram et al. 2026, arXiv 2601.21508, and arXiv 2512.07869, public code"


def decoding_manifold(
    responses: xr.DataArray,
    *,
    method: str = "pca",
    n_components: int = 3,
    preset: str = "corrected",
    stimuli: str | None = None,
    rectify: bool = True,
    seed: int | None = None,
) -> xr.Dataset:
    """Place each movie, a stimulus in a direction, by the population's mean response to it.

    Parameters
    ----------
    responses
        Dims unit, stimulus, direction, time in any order; stimulus by name, direction in degrees; neither
        smoothed nor scaled. For some of the units take ``responses.isel(unit=...)``. A frame that is
        missing in all units is left out of the mean.
    method
        ``"pca"``
            Principal components, units not scaled, as in the papers.
        ``"diffusion"``
            Diffusion coordinates of a Gaussian kernel as wide as the median distance between movies, with
            the density of movies divided out.
    n_components
        Number of coordinates.
    preset
        ``"corrected"``
            Stimuli are chosen by name, and the components are exact.
        ``"published-2025"``, ``"published-2026"``
            As the public code: six of the eleven stimuli cut by position and shown under the names of
            others (``shown_as``), and components by scikit-learn's automatic choice of a solver without
            a seed: approximate for more than 500 units.
    stimuli
        ``"all"``, ``"medium"``, ``"high"``, or in the published presets ``"first-six"`` (as the papers for
        inputs0, inputs2 and blocks2) and ``"first-and-last-five"`` (for the other stages). ``None`` takes
        the medium set of the papers' eleven, or all of any other stimuli; in the published presets the
        first and the last five.
    rectify
        Set negative responses to zero first, as the papers do.
    seed
        Of the approximate solver; ``None`` draws anew each time, as the public code does.

    Returns
    -------
    xarray.Dataset
        ``coordinates``
            float64 (stimulus, direction, component); stimuli in the order of the recording or of their
            set, directions ascending. In the unit of the responses for ``"pca"``.
        ``explained_variance_ratio``
            (component), of the variance over movies and units; only for ``"pca"``.
        ``loadings``
            (unit, component), a unit's share in each component; only for ``"pca"``. Components beyond the
            number of units are zero.
        ``eigenvalue``
            (component); only for ``"diffusion"``.

        No value depends on the order of the responses. The sign of a component is such that its largest
        loading, or largest diffusion coordinate, is positive.

    Raises
    ------
    InvalidInput
        If the responses, the stimuli or the options do not fit, a response is missing or infinite, there
        are not more movies than components, no unit varies, or none does between movies.

    References
    ----------
    Bertram et al. (2026), arXiv 2601.21508, and arXiv 2512.07869, public code; Coifman & Lafon (2006), doi
    10.1016/j.acha.2006.04.006

    Examples
    --------
    >>> angle = np.arange(0, 360, 45.0)
    >>> turning = np.radians(angle - [[0.0], [90.0], [180.0], [270.0]])  # four units that prefer four ways
    >>> made = decoding_manifold(
    ...     xr.DataArray(
    ...         1 + np.cos(turning)[:, None, :, None],
    ...         dims=("unit", "stimulus", "direction", "time"),
    ...         coords={"stimulus": ["dots"], "direction": angle},
    ...     )
    ... )
    >>> made.explained_variance_ratio.values.round(3)
    array([0.5, 0.5, 0. ])
    """
    if method not in METHODS:
        raise InvalidInput("There is no such method.", given=method, needed=", ".join(METHODS))
    check_count(n_components)
    frames = conditions(responses, preset, stimuli, rectify=rectify)
    movies = frames.sizes["stimulus"] * frames.sizes["direction"]
    if movies <= n_components:
        raise InvalidInput(
            "There are too few movies for so many components.",
            given=f"{n_components} components, {frames.sizes['stimulus']} stimuli in "
            f"{frames.sizes['direction']} directions",
            needed=f"at least {n_components + 1} movies",
        )
    recorded = recorded_frames(frames, every=False)
    values = frames.values if recorded.all() else np.where(recorded, frames.values, 0.0)
    means = values.sum(axis=-1) / recorded.sum(axis=-1)
    points = means.reshape(len(means), movies).T
    if not np.ptp(points, axis=0).any():
        raise InvalidInput(
            "No unit responds differently to any two movies, so that they all lie at one point.",
            given=f"{len(means)} units",
            needed="at least one unit whose mean response varies",
        )
    shape = (frames.sizes["stimulus"], frames.sizes["direction"], n_components)
    if method == "pca":
        random = None if preset == "corrected" else np.random.default_rng(seed)
        found = principal_components(points, n_components, random)
        units = {name: c for name, c in frames.coords.items() if c.dims == ("unit",)}
        made = xr.Dataset(
            {
                "coordinates": (("stimulus", "direction", "component"), found.coordinates.reshape(shape)),
                "explained_variance_ratio": ("component", found.ratios),
                "loadings": (("unit", "component"), found.components.T),
            },
            coords=units,
        )
    else:
        mapped = diffusion_map(_kernel(points), n_components)
        made = xr.Dataset(
            {
                "coordinates": (("stimulus", "direction", "component"), mapped.coordinates.reshape(shape)),
                "eigenvalue": ("component", mapped.eigenvalues),
            }
        )
    return described(made, frames, responses, {"preset": preset, "method": method, "rectified": int(rectify)})


def described(
    made: xr.Dataset, frames: xr.DataArray, responses: xr.DataArray, options: dict[str, str | int]
) -> xr.Dataset:
    """Name stimuli, directions and components, and say how they were made."""
    coords = {name: frames[name] for name in ("stimulus", "shown_as", "direction") if name in frames.coords}
    made = made.assign_coords(coords | {"component": np.arange(1, made.sizes["component"] + 1)})
    names = [str(name) for name in frames["stimulus"].values]
    made = made.isel(stimulus=order_to_show(names, responses))
    return made.assign_attrs(responses.attrs, **options, references=REFERENCES)


def check_count(n_components: int) -> None:
    """Refuse a number of components that is not a whole number from 1."""
    if isinstance(n_components, bool) or not isinstance(n_components, int) or n_components < 1:
        raise InvalidInput(
            "There is no such number of components.", given=n_components, needed="a whole number from 1"
        )


def _kernel(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial.distance import pdist, squareform

    squared = pdist(points, "sqeuclidean")
    width = float(np.median(squared)) or float(squared.max())
    kernel: NDArray[np.float64] = np.exp(-squareform(squared) / width)
    return kernel
