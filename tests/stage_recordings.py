"""Recordings of several invented stages, in any order of stimuli and directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fake_twin import FakeTwin, make_stage
from napari_twinscope.recording import Recording, RecordingPlan, Sampling, open_recording
from napari_twinscope.recording.store import Store
from napari_twinscope.stimuli import StimulusProtocol, paper_stimuli
from napari_twinscope.stimuli.bars import MovingBar
from napari_twinscope.stimuli.flow import DotFlow
from napari_twinscope.stimuli.gratings import DriftingGrating

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

THREE = (DriftingGrating("grating"), DotFlow("flow"), MovingBar("bar"))
DIRECTIONS = tuple(45.0 * index for index in range(8))


def stage_responses(
    seed: int, units: int = 24, stimuli: int = 3, directions: int = 8, frames: int = 12
) -> NDArray[np.float32]:
    """Return responses (unit, stimulus, direction, frame) with tuning, courses through time and noise."""
    random = np.random.default_rng(seed)
    angles = np.arange(directions) * 2 * np.pi / directions
    tuned = np.exp(np.cos(angles - random.uniform(0, 2 * np.pi, (units, 1, 1, 1)))[..., 0, :, None])
    gain = random.gamma(1.0, size=(units, stimuli, 1, 1))
    course = 1 - np.exp(-np.arange(frames) / random.uniform(1, 8, (units, stimuli, 1, 1)))
    made = gain * tuned.reshape(units, 1, directions, 1) * course
    return (made + 0.1 * random.normal(size=made.shape)).astype(np.float32)


def write_stages(
    path: Path,
    stages: Mapping[str, NDArray[np.float32]],
    *,
    papers: bool = False,
    stimulus_order: Sequence[int] | None = None,
    direction_order: Sequence[int] | None = None,
) -> Recording:
    """Write responses (unit, stimulus, direction, frame) by stage as a finished recording.

    The orders say in which order stimuli and directions are stored; each keeps its name.
    """
    shape = next(iter(stages.values())).shape
    shown = paper_stimuli() if papers else THREE[: shape[1]]
    first = list(range(shape[1]) if stimulus_order is None else stimulus_order)
    second = list(range(shape[2]) if direction_order is None else direction_order)
    protocol = StimulusProtocol(
        "invented",
        tuple(shown[place] for place in first),
        directions=tuple(DIRECTIONS[place] for place in second),
        instances=1,
        frames=shape[3],
    )
    plan = RecordingPlan(
        twin="fake", protocol=protocol, stages=tuple(stages), sampling=Sampling("all"), device="cpu"
    )
    twin = FakeTwin()
    twin.stages = tuple(
        make_stage(name, channels=len(responses) // 2 + 1, rows=len(responses), columns=1)
        for name, responses in stages.items()
    )
    store = Store.create(path, plan, twin, "cpu")
    for name, responses in stages.items():
        place = np.arange(len(responses))
        table = {"channel": place // 2, "row": place, "column": place * 0}
        table |= {column: place.astype(float) for column in ("y", "x", "elevation", "azimuth")}
        store.create_stage(plan, twin.stage(name), table)
        store.array(f"stages/{name}/responses")[:] = responses[:, first][:, :, second]
    store.set_state("complete")
    return open_recording(path)
