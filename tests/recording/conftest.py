from __future__ import annotations

import pytest

from napari_twinscope.recording import RecordingPlan, Sampling
from napari_twinscope.stimuli import StimulusProtocol
from napari_twinscope.stimuli.flashes import FullFieldFlash
from napari_twinscope.stimuli.flow import DotFlow
from napari_twinscope.stimuli.gratings import DriftingGrating


@pytest.fixture
def protocol() -> StimulusProtocol:
    """Return three stimuli x two directions x two instances of twelve frames."""
    return StimulusProtocol(
        "small",
        (DriftingGrating("grating"), DotFlow("flow"), FullFieldFlash("flash", onset=0.1, duration=0.1)),
        directions=(0.0, 90.0),
        instances=2,
        frames=12,
    )


@pytest.fixture
def plan(protocol: StimulusProtocol) -> RecordingPlan:
    return RecordingPlan(twin="fake", protocol=protocol, sampling=Sampling("all"), device="cpu", batch=3)
