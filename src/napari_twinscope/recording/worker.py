"""One task, start to finish: all that a worker needs is the plan, a row number and the store's path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.recording.device import resolve_device
from napari_twinscope.recording.electrode import Electrode, render
from napari_twinscope.recording.sampling import DRAWN_EVENLY, candidates
from napari_twinscope.recording.store import (
    Store,
    check_resumable,
    disk_trouble_explained,
    planned_stages,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.recording.plan import RecordingPlan
    from napari_twinscope.twins import Twin

_electrodes: dict[str, Electrode] = {}


def run_task(plan: RecordingPlan, row: int, path: str | Path, phase: str = "recording") -> int:
    """Record one row of the task table into the store; done before means nothing to do.

    The twin is loaded at a worker's first task of a plan and kept.

    Parameters
    ----------
    plan
        The plan with which the store was made.
    row
        The task's row.
    path
        The store.
    phase
        ``survey`` (score units by activity) or ``recording``.

    Returns
    -------
    int
        The row.

    Raises
    ------
    StoreError
        If the store was made by another plan, twin or device.
    """
    if plan.hash not in _electrodes:
        from napari_twinscope.twins import load_twin

        _electrodes.clear()
        device = resolve_device(plan.device)
        _electrodes[plan.hash] = Electrode(plan, load_twin(plan.twin, device=device))
    store = Store(Path(path))
    twin = _electrodes[plan.hash].twin
    check_resumable(store, plan, twin, resolve_device(plan.device))
    run_row(_electrodes[plan.hash], row, store, phase)
    return row


def run_row(electrode: Electrode, row: int, store: Store, phase: str) -> None:
    """Record one task with an electrode at hand. Its completion record is the last thing written."""
    if store.done(phase)[row]:
        return
    with disk_trouble_explained(store.path):
        if phase == "survey":
            _survey(electrode, row, store)
        else:
            _record(electrode, row, store)
        store.mark_done(phase, row)


def _rounded(values: NDArray[np.float32], dtype: str, stage: str) -> NDArray[Any]:
    """Return values in the precision in which they are stored, or refuse those it cannot hold."""
    most = float(np.finfo(dtype).max)
    largest = float(np.abs(values).max(initial=0))
    if largest > most:
        raise InvalidInput(
            f"A value of stage {stage} is too large for {dtype}.",
            given=f"{largest:.4g}",
            needed=f"at most {most:.4g}",
            remedy="record with dtype float32, and do not store the maps of this stage",
        )
    return values.astype(dtype)


def survey_stages(plan: RecordingPlan, twin: Twin) -> list[str]:
    """Return the stages whose units are drawn by activity."""
    return [stage.name for stage in planned_stages(plan, twin) if stage.name not in DRAWN_EVENLY]


def survey_shape(plan: RecordingPlan, twin: Twin, stage: str) -> tuple[int, int, int]:
    """Return the shape (channels, rows, columns) of the scores of a stage."""
    channels, rows, columns = candidates(twin.stage(stage), plan.sampling.rule)
    return (
        channels.stop - channels.start,
        rows.stop - rows.start,
        columns.stop - columns.start,
    )


def _survey(electrode: Electrode, row: int, store: Store) -> None:
    plan, twin = electrode.plan, electrode.twin
    stages = [twin.stage(name) for name in survey_stages(plan, twin)]
    scores = electrode.scores(render(plan, plan.tasks()[row]), stages)
    for name, score in scores.items():
        store.array(f"survey/{name}/score")[row] = score


def _record(electrode: Electrode, row: int, store: Store) -> None:
    plan = electrode.plan
    task = plan.tasks()[row]
    movies = render(plan, task)
    units = {}
    for stage in planned_stages(plan, electrode.twin):
        columns = [store.array(f"stages/{stage.name}/{name}")[:] for name in ("channel", "row", "column")]
        units[stage.name] = np.stack([np.asarray(column) for column in columns], axis=1)
    responses, maps = electrode.responses(movies, units, plan.store_maps)
    protocol = plan.protocol
    for place, (s, d) in enumerate(task.conditions):
        shown = movies[place]
        # A stimulus that is the same in all instances, or directions, was shown once and stands for all.
        every = (
            shown if len(shown) == protocol.instances else np.repeat(shown[:1], protocol.instances, axis=0)
        )
        alike = protocol.unique_directions(s) == 1
        for direction in range(len(protocol.directions)) if alike else (d,):
            store.array("stimulus/movie")[s, direction] = every
            for name, values in responses.items():
                rounded = _rounded(values[place].T, plan.dtype, name)
                store.array(f"stages/{name}/responses")[:, s, direction] = rounded
            for name, values in maps.items():
                rounded = _rounded(values[place], "float16", name)
                store.array(f"stages/{name}/maps/activation")[s, direction] = rounded
