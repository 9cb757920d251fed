"""A twin of a few lines that honours the `Twin` protocol, and whose every response can be told in advance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope.errors import InvalidInput
from napari_twinscope.twins import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def make_stage(name: str, channels: int, rows: int, columns: int, **rest: Any) -> Stage:
    fields = {
        "label": name.capitalize(),
        "paper_name": name,
        "description": f"{name} of the fake twin",
        "published_maps": None,
        "cropped": True,
        "kind": "map",
    }
    return Stage(name=name, channels=channels, rows=rows, columns=columns, **(fields | rest))


class FakeTwin:
    """Two stages: `pixels` (2 channels: brightness about grey, and its negative) and `output` (5 units).

    Each map cell is the mean of 36 x 32 pixels, less mid-grey, plus the pupil's x, times one plus the
    treadmill's speed. The response of output unit u in frame t
    is the mean brightness of the frame times (u + 1), plus the frame number: a memory of time.
    """

    id = "fake"
    title = "Fake twin"
    description = "means of pixels"
    trained = False
    status = "untrained"
    checksum = "0123456789abcdef"
    frame_shape = (144, 256)
    frame_rate = 30.0
    units = 5
    device = "cpu"
    allow_tf32 = False
    stages = (
        make_stage("pixels", channels=2, rows=4, columns=8),
        make_stage("output", channels=1, rows=5, columns=1, cropped=False, kind="units"),
    )

    def __init__(self, memory: int = 10**9, error: Exception | None = None, scale: float = 1.0) -> None:
        self.memory = memory
        self.error = error or torch.OutOfMemoryError("out of memory")
        self.scale = scale
        self.shown: list[int] = []

    def to(self, device: str) -> FakeTwin:
        self.device = device
        return self

    def stage(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise InvalidInput("no such stage", given=name)

    def record(
        self,
        frames: np.ndarray,
        stages: Sequence[str],
        sink: Callable[[str, int, torch.Tensor], None],
        perspectives: np.ndarray | None = None,
        modulations: np.ndarray | None = None,
    ) -> None:
        gain = 1.0 if modulations is None else 1 + modulations[:, :, 1]
        shift = 0.0 if perspectives is None else perspectives[:, :, 0]
        count, duration = frames.shape[:2]
        if count > self.memory:
            raise self.error
        self.shown.append(count)
        blocks = frames.reshape(count, duration, 4, 36, 8, 32).mean((3, 5), dtype=np.float64)
        pixels = blocks / 255 - 0.5 + np.broadcast_to(shift, (count, duration))[..., None, None]
        pixels = (self.scale * pixels * np.broadcast_to(gain, (count, duration))[..., None, None]).astype(
            np.float32
        )
        for first in range(0, duration, 5):
            part = pixels[:, first : first + 5]
            if "pixels" in stages:
                sink("pixels", first, torch.from_numpy(np.stack([part, -part], axis=2)))
            if "output" in stages:
                time = first + np.arange(part.shape[1], dtype=np.float32)
                mean = part.mean((2, 3))[..., None] * np.arange(1, 6, dtype=np.float32) + time[None, :, None]
                sink("output", first, torch.from_numpy(mean.astype(np.float32)[:, :, None, :, None]))

    def stimulus_positions(self, stage: str) -> np.ndarray:
        if stage == "output":
            return np.stack([np.full((5, 1), 72.0), np.arange(5.0)[:, None]], axis=-1)
        rows, columns = np.meshgrid(np.arange(4) * 36 + 17.5, np.arange(8) * 32 + 15.5, indexing="ij")
        return np.stack([rows, columns], axis=-1)

    def visual_angles(self, stage: str) -> np.ndarray:
        centre = np.array([71.5, 127.5])
        return (self.stimulus_positions(stage) - centre) * [-0.9, 0.9]
