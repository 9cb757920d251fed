"""What a recording will cost: measured on a few frames, and counted."""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.recording.electrode import out_of_memory
from napari_twinscope.recording.sampling import candidates
from napari_twinscope.recording.store import planned_stages

if TYPE_CHECKING:
    from pathlib import Path

    from napari_twinscope.recording.plan import RecordingPlan
    from napari_twinscope.twins import Stage, Twin

_PROBE_FRAMES = 4
_FRAMES_HELD = 16  # a twin passes its maps on in short runs of frames, counted over all movies at once
_COPIES = 4  # of the maps of the largest stage: its input, its output and what lies between


@dataclass(frozen=True)
class Estimate:
    """Cost of a recording.

    Parameters
    ----------
    seconds
        Computing time, from a few frames run on the chosen device.
    memory_bytes
        Largest memory needed, apart from the program itself; a rough count from the array sizes.
    disk_bytes
        Space on disk, without compression (movies and maps compress well).
    sequences, frames
        Distinct movies and the frames of each.
    passes
        2 where the units are drawn by activity in a survey pass, else 1.
    """

    seconds: float
    memory_bytes: int
    disk_bytes: int
    sequences: int
    frames: int
    passes: int

    def __str__(self) -> str:
        passes = "in two passes (survey, recording)" if self.passes == 2 else "in one pass"
        return (
            f"{self.sequences} movies of {self.frames} frames {passes}: about {_duration(self.seconds)}, "
            f"{_size(self.memory_bytes)} of memory, at most {_size(self.disk_bytes)} on disk"
        )


def estimate(plan: RecordingPlan, twin: Twin) -> Estimate:
    """Estimate time, memory and disk space of a recording.

    Parameters
    ----------
    plan
        What to record; validated by this call as by `validate`.
    twin
        The twin, on the device where it is to run.

    Raises
    ------
    InvalidInput
        If plan and twin do not fit.
    """
    stages = validate(plan, twin)
    protocol = plan.protocol
    passes = 1 + int(plan.sampling.needs_survey)
    return Estimate(
        seconds=_seconds_per_frame(plan, twin, stages) * plan.sequences * protocol.frames * passes,
        memory_bytes=_memory(plan, stages),
        disk_bytes=disk_needed(plan, stages),
        sequences=plan.sequences,
        frames=protocol.frames,
        passes=passes,
    )


def validate(plan: RecordingPlan, twin: Twin) -> tuple[Stage, ...]:
    """Check that a twin can be shown a plan's movies and has its stages; return the stages.

    Raises
    ------
    InvalidInput
        With what was given and what the twin needs.
    """
    screen = plan.protocol.screen
    if (screen.height, screen.width) != tuple(twin.frame_shape):
        raise InvalidInput(
            "The movies do not have the twin's frame size.",
            given=f"{screen.height} x {screen.width} pixels",
            needed="{} x {} pixels".format(*twin.frame_shape),
            remedy="make the protocol with a screen of this size",
        )
    if not math.isclose(screen.frame_rate, twin.frame_rate):
        raise InvalidInput(
            "The movies do not have the twin's frame rate.",
            given=f"{screen.frame_rate:g} Hz",
            needed=f"{twin.frame_rate:g} Hz",
            remedy="make the protocol with a screen of this rate",
        )
    plan.protocol.check_sources()
    stages = planned_stages(plan, twin)
    recorded = {stage.name for stage in stages}
    for unit in plan.sampling.units:
        if unit[0] not in recorded:
            raise InvalidInput(
                "A listed unit is of a stage that is not recorded.",
                given=unit,
                needed="a stage among " + ", ".join(sorted(recorded)),
            )
    return stages


def check_disk(path: Path, needed: int) -> None:
    """Refuse to begin where the recording would not fit.

    Raises
    ------
    StoreError
        With the space there is.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise StoreError(
            f"There is too little space for the recording in {folder}.",
            given=f"{_size(free)} free",
            needed=f"up to {_size(needed)}",
            remedy="choose another disk, fewer stages or units, or do not store maps",
        )


def units_of(plan: RecordingPlan, stage: Stage) -> int:
    """Return the largest number of units that the plan records from a stage."""
    everything = _size_of(stage)
    if plan.sampling.rule == "all":
        return everything
    if plan.sampling.rule == "explicit":
        return sum(unit[0] == stage.name for unit in plan.sampling.units)
    return min(everything, plan.sampling.size)


def _seconds_per_frame(plan: RecordingPlan, twin: Twin, stages: tuple[Stage, ...]) -> float:
    """Time a few grey frames, at the plan's batch or what fits; per frame and movie."""
    names = [stage.name for stage in stages]
    frames = min(_PROBE_FRAMES, plan.protocol.frames)
    movies = min(plan.batch, plan.sequences)

    def sink(*_: object) -> None:
        return

    while True:
        probe = np.full((movies, frames, *twin.frame_shape), 128, np.uint8)
        try:
            twin.record(probe[:, :1], names, sink)  # the first call is slower than all others
            start = time.perf_counter()
            twin.record(probe, names, sink)
        except (RuntimeError, MemoryError) as error:
            if movies == 1 or not out_of_memory(error):
                raise
            movies //= 2
        else:
            return (time.perf_counter() - start) / (frames * movies)


def _size_of(stage: Stage) -> int:
    return stage.channels * stage.rows * stage.columns


def _memory(plan: RecordingPlan, stages: tuple[Stage, ...]) -> int:
    protocol = plan.protocol
    pixels = protocol.screen.height * protocol.screen.width
    batch = max(plan.batch, protocol.instances) if plan.sampling.needs_survey else plan.batch
    batch = min(batch, plan.sequences)
    held = max(_FRAMES_HELD, batch)
    largest = max(_size_of(stage) for stage in stages)
    units = sum(units_of(plan, stage) for stage in stages)
    maps = sum(_size_of(stage) for stage in stages if stage.name in plan.store_maps)
    movies = batch * protocol.frames * pixels
    kept = 2 * batch * protocol.frames * (units + maps) * 4
    return movies + kept + _COPIES * held * largest * 4


def disk_needed(plan: RecordingPlan, stages: tuple[Stage, ...]) -> int:
    """Return the bytes that a recording takes on disk, counted without compression."""
    protocol = plan.protocol
    stimuli, directions, instances = protocol.shape
    frames = stimuli * directions * protocol.frames
    movie = frames * instances * protocol.screen.height * protocol.screen.width
    width = int(plan.dtype.removeprefix("float")) // 8
    responses = frames * width * sum(units_of(plan, stage) for stage in stages)
    maps = 2 * frames * sum(_size_of(stage) for stage in stages if stage.name in plan.store_maps)
    survey = 0
    if plan.sampling.needs_survey:
        windows = [candidates(stage, plan.sampling.rule) for stage in stages]
        survey = (
            4 * len(plan.tasks()) * sum(math.prod(w.stop - w.start for w in window) for window in windows)
        )
    return movie + responses + maps + survey


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
