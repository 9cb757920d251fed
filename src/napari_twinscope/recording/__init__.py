"""The electrode: plan what to record, record it to disk, read it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.lazy import lazy_names

if TYPE_CHECKING:
    from napari_twinscope.recording.analysis import read_analysis, stored_analyses
    from napari_twinscope.recording.cost import Estimate, estimate, validate
    from napari_twinscope.recording.device import resolve_device
    from napari_twinscope.recording.electrode import show_movies
    from napari_twinscope.recording.plan import Behaviour, RecordingPlan, Task
    from napari_twinscope.recording.recorder import advance, prepare, record
    from napari_twinscope.recording.recording import Recording, open_recording
    from napari_twinscope.recording.sampling import Sampling
    from napari_twinscope.recording.worker import run_task

__getattr__ = lazy_names(
    __name__,
    {
        "Behaviour": "plan",
        "Estimate": "cost",
        "Recording": "recording",
        "RecordingPlan": "plan",
        "Sampling": "sampling",
        "Task": "plan",
        "advance": "recorder",
        "estimate": "cost",
        "open_recording": "recording",
        "prepare": "recorder",
        "read_analysis": "analysis",
        "record": "recorder",
        "resolve_device": "device",
        "run_task": "worker",
        "show_movies": "electrode",
        "stored_analyses": "analysis",
        "validate": "cost",
    },
)

__all__ = [
    "Behaviour",
    "Estimate",
    "Recording",
    "RecordingPlan",
    "Sampling",
    "Task",
    "advance",
    "estimate",
    "open_recording",
    "prepare",
    "read_analysis",
    "record",
    "resolve_device",
    "run_task",
    "show_movies",
    "stored_analyses",
    "validate",
]
