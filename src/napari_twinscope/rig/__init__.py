"""The rig: the state that all views share, and what they show, computed without a window."""

from __future__ import annotations

from napari_twinscope.rig.jobs import Generations, Job, Outcome, WatchedProgress
from napari_twinscope.rig.plan import PlanDraft, resolve_path, resolve_plan, resolve_protocol
from napari_twinscope.rig.selection import Selection, UnitKey
from napari_twinscope.rig.session import Session

__all__ = [
    "Generations",
    "Job",
    "Outcome",
    "PlanDraft",
    "Selection",
    "Session",
    "UnitKey",
    "WatchedProgress",
    "resolve_path",
    "resolve_plan",
    "resolve_protocol",
]
