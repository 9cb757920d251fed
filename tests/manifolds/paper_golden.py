"""The synthetic population of the golden files, and small ones, as labelled responses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from napari_twinscope.stimuli import paper_stimuli

FOLDER = Path(__file__).parents[1] / "golden" / "paper"
DIMS = ("unit", "stimulus", "direction", "time")
NAMES = [stimulus.name for stimulus in paper_stimuli()]


@cache
def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{name}.npz") as file:
        return dict(file)


def labelled(values: np.ndarray, names: list[str]) -> xr.DataArray:
    """Name the axes of responses (unit, stimulus, direction, time)."""
    count = values.shape[2]
    return xr.DataArray(
        values,
        dims=DIMS,
        coords={
            "stimulus": names,
            "direction": np.arange(count) * 360 / count,
            "time": np.arange(values.shape[3]) / 30,
            "unit_id": ("unit", [f"u{unit}" for unit in range(len(values))]),
        },
    )


def paper_responses() -> xr.DataArray:
    return labelled(golden("tensor")["counts"] / 10000, NAMES)


def wandering_responses(
    seed: int = 0, units: int = 12, stimuli: int = 3, directions: int = 5, frames: int = 9
) -> xr.DataArray:
    """Draw responses that move smoothly in time."""
    random = np.random.default_rng(seed)
    steps = random.normal(size=(units, stimuli, directions, frames))
    return labelled(100 + steps.cumsum(axis=-1), [f"s{stimulus}" for stimulus in range(stimuli)])


def shuffled(responses: xr.DataArray, random) -> xr.DataArray:
    """Return the same responses with stimuli, directions and dims in another order."""
    order = {dim: random.sample(range(responses.sizes[dim]), responses.sizes[dim]) for dim in DIMS[1:]}
    stored = responses.isel(order).transpose(*random.sample(DIMS, 4))
    return stored.assign_coords(direction=stored.direction - 360)
