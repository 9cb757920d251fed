"""The space in which tubularity is measured: principal components of standardised units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.decoding.conditions import conditions, recorded_frames, varying
from napari_twinscope.manifolds.decoding.principal import principal_components
from napari_twinscope.manifolds.tubes.curves import FEWEST_POINTS, resample

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    from napari_twinscope.manifolds.tubes.options import TubularityOptions


class ActivitySpace:
    """The movies of a recording as curves, for all units or for units drawn again.

    Parameters
    ----------
    responses, options
        As of `tubularity`.

    Attributes
    ----------
    frames
        The responses that count, (unit, stimulus, direction, time), in one order.
    labels
        Bundle of each movie, shape (movie,); ``None`` if HDBSCAN is to find it.
    units
        Places of the units that count, and of the constant ones that were left out.
    constant
    random
        Draws of units and, in the published presets, of the approximate solver.

    Raises
    ------
    InvalidInput
        If the responses or the stimuli do not fit, a response is missing or infinite, no unit varies,
        there are fewer than three frames, or one stimulus or one direction only.
    """

    def __init__(self, responses: xr.DataArray, options: TubularityOptions) -> None:
        self._options = options
        self.frames = conditions(
            responses,
            options.preset,
            options.stimuli,
            rectify=options.rectify,
            fewest_frames=FEWEST_POINTS,
        )
        recorded_frames(self.frames, every=True)
        stimuli, directions = self.frames.sizes["stimulus"], self.frames.sizes["direction"]
        if options.bundles == "stimulus" and min(stimuli, directions) < 2:
            raise InvalidInput(
                "Bundles by stimulus need several stimuli, each in several directions.",
                given=f"{stimuli} stimuli in {directions} directions",
                needed="two or more of both",
                remedy="take all movies for one bundle: TubularityOptions(bundles='one')",
            )
        if stimuli * directions < 2:
            raise InvalidInput("One movie is no bundle.", needed="at least two movies")
        by_label = {"stimulus": np.repeat(np.arange(stimuli), directions), "hdbscan": None}
        self.labels = by_label.get(options.bundles, np.zeros(stimuli * directions, dtype=np.int64))
        values = self.frames.values.reshape(self.frames.sizes["unit"], -1)
        counts = varying(values) | (options.preset != "corrected")
        self.units, self.constant = np.flatnonzero(counts), np.flatnonzero(~counts)
        seed = 0 if options.seed is None and options.preset == "corrected" else options.seed
        self.random = np.random.default_rng(seed)
        self._rows = _standardized(values).T

    def draws(self, given: ArrayLike | None) -> NDArray[np.int64]:
        """Return the units of each bootstrap, shape (bootstrap, unit), or check those that are given."""
        if given is None:
            size = (self._options.bootstraps, len(self.units))
            return self.units[self.random.integers(len(self.units), size=size)]
        drawn = np.asarray(given)
        count = self._rows.shape[1]
        whole = drawn.ndim == 2 and drawn.dtype.kind in "iu" and drawn.shape[1] > 0
        if not whole or (drawn < 0).any() or (drawn >= count).any():
            raise InvalidInput(
                "These are no draws of these units.",
                given=f"{drawn.dtype} {drawn.shape}",
                needed=f"whole numbers (bootstrap, unit) from 0 to {count - 1}",
            )
        return drawn.astype(np.int64)

    def curves(self, units: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the movies as curves in components of these units, which may recur.

        Shape (movie, sample, component), evenly sampled along their lengths.
        """
        # A unit that recurs m times weighs like one that is sqrt(m) times as large.
        places, times = np.unique(units, return_counts=True)
        rows = self._rows[:, places] * np.sqrt(times)
        automatic = None if self._options.preset == "corrected" else self.random
        found = principal_components(rows, self._options.n_components, automatic)
        movies = found.coordinates.reshape(-1, self.frames.sizes["time"], self._options.n_components)
        return resample(list(movies), self._options.samples)


def _standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return units (unit, frame) with mean 0 and variance 1; constant ones are 0."""
    centered = values - values.mean(axis=1, keepdims=True)
    spread = centered.std(axis=1, keepdims=True)
    changes = varying(values)[:, None]
    standard: NDArray[np.float64] = np.where(changes, centered / np.where(changes, spread, 1.0), 0.0)
    return standard
