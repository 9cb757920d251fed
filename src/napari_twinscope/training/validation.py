"""What a network has learned of the simulated cells: correlation on unseen movies, and tuning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.stimuli import Screen, protocol
from napari_twinscope.training.clips import respond
from napari_twinscope.training.movies import held_out_movie

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from napari_twinscope.stimuli import StimulusProtocol
    from napari_twinscope.twins.network import VisualNetwork
    from napari_twinscope.twins.simulated.cells import Cells

MOVIES = 40
PROTOCOLS = ("paper-6", "paper-6-high", "paper-6-physiologist")
_SETTLED = 0.25  # seconds after which the transient of the onset is mostly over
_TOGETHER = 8


@dataclass(frozen=True, eq=False)
class _Tuning:
    movies: NDArray[np.uint8]
    rates: NDArray[np.float32]
    protocol: StimulusProtocol


class Validation:
    """Movies that are not trained on, and how the cells respond to them.

    Parameters
    ----------
    cells
        Whom the units stand for.
    frames
        Length of the natural-like movies.
    protocols
        With which the tuning is measured.
    """

    def __init__(self, cells: Cells, frames: int, protocols: Sequence[str] = PROTOCOLS) -> None:
        from napari_twinscope.twins.simulated.model import CorticalModel

        self.cells = cells
        model = CorticalModel(cells, Screen())
        self._movies = np.stack([held_out_movie(index, frames) for index in range(MOVIES)])
        self._rates = respond(model, self._movies)
        self._tuning = {}
        for name in protocols:
            shown = protocol(name)
            stimuli, directions, _ = shown.shape
            movies = np.stack([shown.movie(s, d, 0) for s in range(stimuli) for d in range(directions)])
            self._tuning[name] = _Tuning(movies, respond(model, movies), shown)

    def check(self, network: VisualNetwork) -> dict[str, float]:
        """Measure a network.

        Parameters
        ----------
        network
            With one unit for each cell, in their order.

        Returns
        -------
        dict
            ``natural``: median over units of the correlation on natural-like movies. For each
            protocol: ``osi``, ``dsi`` (correlation with the cells' on their preferred class),
            ``osi_lowest``, ``dsi_lowest`` (the same on the class on which it is lowest), ``direction``
            (share of direction-selective cells whose preferred direction is within 22.5 degrees).
        """
        from napari_twinscope.population import (
            agreement,
            correlation,
            direction_tuning,
            preferred_class,
            selectivity,
        )

        dims = ("movie", "time", "unit")
        natural = correlation(
            _labelled(predict(network, self._movies), dims), _labelled(self._rates, dims), dims[:2]
        )
        found = {"natural": float(natural.median())}
        directed = self.cells.of_type("simple-DS", "complex-DS")
        oriented = self.cells.of_type("simple", "complex") | directed
        for name, tuning in self._tuning.items():
            measured, truth = (
                direction_tuning(_responses(rates, tuning.protocol), skip=_SETTLED)
                for rates in (predict(network, tuning.movies), tuning.rates)
            )
            table = agreement(
                selectivity(measured),
                selectivity(truth),
                classes=preferred_class(truth),
                direction_selective=_labelled(directed, ("unit",)),
                orientation_selective=_labelled(oriented, ("unit",)),
            )
            best, classes = table.iloc[-1], table.iloc[:-1]
            for index in ("osi", "dsi"):
                found[f"{name} {index}"] = float(best[f"{index}_pearson"])
                found[f"{name} {index}_lowest"] = float(classes[f"{index}_pearson"].min())
            found[f"{name} direction"] = float(best["direction_within"])
        return found


def predict(network: VisualNetwork, movies: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the responses [N, T, units] to movies [N, T, height, width]."""
    parts = [
        np.moveaxis(network.predict(np.moveaxis(movies[first : first + _TOGETHER], 0, 1)[..., None]), 1, 0)
        for first in range(0, len(movies), _TOGETHER)
    ]
    return np.concatenate(parts)


def _responses(rates: NDArray[np.float32], shown: StimulusProtocol) -> xr.DataArray:
    stimuli, directions, _ = shown.shape
    values = rates.reshape(stimuli, directions, *rates.shape[1:])
    array = _labelled(values, ("stimulus", "direction", "time", "unit"))
    return array.assign_coords(
        stimulus=[stimulus.name for stimulus in shown.stimuli],
        direction=list(shown.directions),
        time=np.arange(values.shape[2]) / shown.screen.frame_rate,
    )


def _labelled(values: NDArray[np.generic], dims: tuple[str, ...]) -> xr.DataArray:
    import xarray as xr

    return xr.DataArray(values, dims=dims)
