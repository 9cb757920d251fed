"""Published factors of real neurons and of the network's stages, which lie beside the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from paper_golden import labelled

from napari_twinscope.stimuli import PAPER_SETS

if TYPE_CHECKING:
    import xarray as xr

SHARED = Path(__file__).parents[3] / "shared"
STAGES = ("output_n1000_rank05", "output_n1000_rank09", "blocks0_n2000_rank05")
STAGES += ("blocks1_n2000_rank08", "blocks2_n2000_rank05")
NEURONS = {"v1": "v1_cp_r17", "retina": "retina_cp_r16"}
DIRECTIONS = 8


class Published(NamedTuple):
    """Factors with columns of unit norm, and their weights."""

    unit: np.ndarray
    stimulus: np.ndarray
    response: np.ndarray
    weights: np.ndarray

    @property
    def loadings(self) -> np.ndarray:
        """The neural matrix of the responses that the factors make."""
        return np.sqrt(self.unit * self.weights * self.stimulus.max(axis=0))

    def responses(self) -> xr.DataArray:
        """Return the responses that the factors make, aligned to their preferred directions."""
        model = np.einsum("r,ur,sr,dtr->usdt", self.weights, *self[:3], optimize=True)
        return labelled(model, list(PAPER_SETS["medium"]))


def _loaded(path: Path, *names: str) -> Published:
    if not path.exists():
        pytest.skip("factors of real units are not part of the project")
    with np.load(path) as file:
        unit, stimulus, flat, weights = (file[name] for name in names)
    response = flat.reshape(-1, DIRECTIONS, flat.shape[1]).swapaxes(0, 1)  # direction was the fastest
    return Published(unit, stimulus, response, weights)


@cache
def of_stage(name: str) -> Published:
    folder = SHARED / "data" / "fnn-factors"
    return _loaded(folder / f"{name}.npz", "unit_factors", "stimulus_factors", "response_factors", "lambdas")


@cache
def of_neurons(name: str) -> Published:
    folder = SHARED / "data" / "encoding-manifolds"
    return _loaded(
        folder / f"{NEURONS[name]}.npz", "neural_factors", "stimulus_factors", "response_factors", "lambdas"
    )


@cache
def golden_of_stages() -> dict[str, np.ndarray]:
    with np.load(SHARED / "design" / "paper-golden" / "real_factors.npz") as file:
        return dict(file)
