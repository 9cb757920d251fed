"""A recording of any number of made-up units, written in seconds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.recording import Recording, RecordingPlan, Sampling, open_recording
from napari_twinscope.recording.store import Store
from napari_twinscope.stimuli import protocol
from napari_twinscope.twins import Stage

if TYPE_CHECKING:
    from pathlib import Path

STAGE = "cells"
ROWS, COLUMNS = 20, 25


def made_up_recording(path: Path, units: int, seed: int = 0) -> Recording:
    """Write every unit of feature maps of 20 x 25 cells, with their maps and a movie, and open it.

    Units respond to the papers' six classes in eight directions with a tuning and a course in time of their
    own, and with noise.
    """
    channels = -(-units // (ROWS * COLUMNS))
    shown = protocol("paper-6")
    plan = RecordingPlan(
        twin="demo",
        protocol=shown,
        stages=(STAGE,),
        sampling=Sampling("all"),
        store_maps=(STAGE,),
        device="cpu",
    )
    stage = Stage(
        name=STAGE,
        label="Cells",
        paper_name="cells",
        description="Made-up cells",
        published_maps=None,
        cropped=True,
        kind="map",
        channels=channels,
        rows=ROWS,
        columns=COLUMNS,
    )
    twin = SimpleNamespace(
        id="demo",
        title="Made up",
        description="Made up",
        trained=False,
        status="made-up",
        checksum="0",
        stages=(stage,),
        stage=lambda _: stage,
    )
    store = Store.create(path, plan, twin, "cpu")
    channel, row, column = (axis.ravel()[:units] for axis in np.indices((channels, ROWS, COLUMNS)))
    table = {"channel": channel, "row": row, "column": column}
    table |= {"y": row * 7.0 + 3, "x": column * 10.0 + 3, "elevation": row * 1.0, "azimuth": column * 1.0}
    store.create_stage(plan, stage, table)
    _write_responses(store, shown.shape, shown.frames, (channels, units), seed)
    store.set_state("complete")
    return open_recording(path)


def _write_responses(
    store: Store, shape: tuple[int, int, int], frames: int, size: tuple[int, int], seed: int
) -> None:
    """Write responses, maps and movie, condition by condition."""
    channels, units = size
    random = np.random.default_rng(seed)
    gain = random.gamma(1.0, size=(shape[0], units)).astype(np.float32)
    preferred = random.uniform(0, 2 * np.pi, units)
    rise = random.uniform(1, 12, units).astype(np.float32)
    responses, maps = store.array(f"stages/{STAGE}/responses"), store.array(f"stages/{STAGE}/maps/activation")
    movie = store.array("stimulus/movie")
    course = 1 - np.exp(-np.arange(frames, dtype=np.float32) / rise[:, None])
    for stimulus in range(shape[0]):
        for direction in range(shape[1]):
            tuned = np.exp(np.cos(2 * np.pi * direction / shape[1] - preferred) - 1).astype(np.float32)
            made = (gain[stimulus] * tuned)[:, None] * course
            made += 0.1 * random.standard_normal(made.shape, np.float32)
            responses[:, stimulus, direction] = made
            whole = np.zeros((channels * ROWS * COLUMNS, frames), np.float16)
            whole[:units] = made
            maps[stimulus, direction] = whole.T.reshape(frames, channels, ROWS, COLUMNS)
            movie[stimulus, direction] = random.integers(0, 255, movie.shape[2:], np.uint8)
