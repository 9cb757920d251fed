"""Recordings of invented units, whose manifold can be told in advance."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import zarr

from fake_twin import FakeTwin, make_stage
from napari_twinscope.recording import Recording, RecordingPlan, Sampling, open_recording
from napari_twinscope.recording.store import Store
from napari_twinscope.stimuli import StimulusProtocol
from napari_twinscope.stimuli.bars import MovingBar
from napari_twinscope.stimuli.flow import DotFlow
from napari_twinscope.stimuli.gratings import DriftingGrating

if TYPE_CHECKING:
    from numpy.typing import NDArray

STAGE = "pixels"
DIRECTIONS = tuple(45.0 * index for index in range(8))


def on_a_line(units: int = 40, seed: int = 0, frames: int = 12) -> NDArray[np.float32]:
    """Return responses (unit, 3, 8, frames) of units that turn from one class to the next, in order.

    Each unit prefers a direction of its own, which the manifold must not see.
    """
    random = np.random.default_rng(seed)
    along = np.linspace(0, 2, units)
    classes = np.maximum(0, 1 - abs(along[:, None] - np.arange(3)))
    tuned = np.exp(2 * np.cos(np.radians(45 * (np.arange(8) - random.integers(0, 8, units)[:, None]))))
    time = np.linspace(0, 1, frames)
    courses = np.stack([np.exp(-((time - peak) ** 2) / 0.02) for peak in (0.2, 0.5, 0.8)])
    made = np.einsum("us,ud,st->usdt", classes, tuned, courses)
    return (made * random.uniform(0.5, 2, (units, 1, 1, 1)) + 0.01 * random.random(made.shape)).astype(
        np.float32
    )


def write_recording(
    path: Path, responses: NDArray[np.float32], channel: NDArray[np.int64] | None = None
) -> Recording:
    """Write responses (unit, 3, 8, frames) as a finished recording; by default two units to a feature map."""
    units, _, _, frames = responses.shape
    protocol = StimulusProtocol(
        "three",
        (DriftingGrating("grating"), DotFlow("flow"), MovingBar("bar")),
        directions=DIRECTIONS,
        instances=1,
        frames=frames,
    )
    plan = RecordingPlan(
        twin="fake", protocol=protocol, stages=(STAGE,), sampling=Sampling("all"), device="cpu"
    )
    channel = np.arange(units) // 2 if channel is None else channel
    place = np.arange(units)
    table = {"channel": channel, "row": place, "column": place * 0}
    table |= {name: place.astype(float) for name in ("y", "x", "elevation", "azimuth")}
    store = Store.create(path, plan, FakeTwin(), "cpu")
    stage = make_stage(STAGE, channels=int(channel.max(initial=0)) + 1, rows=units, columns=1)
    store.create_stage(plan, stage, table)
    store.array(f"stages/{STAGE}/responses")[:] = responses
    store.set_state("complete")
    return open_recording(path)


def permuted(recording: Recording, order: NDArray[np.int64], path: Path) -> Recording:
    """Return the recording with its units stored in another order, at another path."""
    shutil.copytree(recording.path, path, ignore=shutil.ignore_patterns("analysis"))
    group = zarr.open_group(path / "stages" / STAGE, mode="r+")
    for name in ("channel", "row", "column", "y", "x", "elevation", "azimuth", "responses"):
        array = group[name]
        assert isinstance(array, zarr.Array)
        array[:] = np.asarray(array[:])[order]
    return open_recording(path)
