"""Records a plan to disk: survey, choice of units, recording; resumes where it stopped."""

from __future__ import annotations

import getpass
import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import StoreError
from napari_twinscope.progress import SilentProgress, raise_if_canceled
from napari_twinscope.recording.cost import check_disk, disk_needed, validate
from napari_twinscope.recording.device import resolve_device
from napari_twinscope.recording.electrode import Electrode
from napari_twinscope.recording.recording import Recording, open_recording
from napari_twinscope.recording.sampling import choose_units
from napari_twinscope.recording.store import (
    SUFFIX,
    Store,
    check_resumable,
    disk_trouble_explained,
    planned_stages,
    read_attributes,
)
from napari_twinscope.recording.units import unit_table
from napari_twinscope.recording.worker import run_row, survey_shape, survey_stages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_twinscope.progress import Progress
    from napari_twinscope.recording.plan import RecordingPlan
    from napari_twinscope.twins import Twin


def record(
    plan: RecordingPlan,
    path: str | Path,
    *,
    progress: Progress | None = None,
    twin: Twin | None = None,
) -> Recording:
    """Record a twin's units and write them to ``NAME.twinscope.zarr``.

    A run that was stopped, killed or ran out of disk is resumed by calling it again with the same
    plan and path; the result is bit-identical to that of a run that was never stopped. A finished
    recording is returned as it is.

    Parameters
    ----------
    plan
        What to record.
    path
        Where to; must end in ``.twinscope.zarr``.
    progress
        Told about each task; asked whether to stop.
    twin
        The twin, where it is already loaded on the device of the plan; else it is loaded.

    Returns
    -------
    Recording
        The finished recording.

    Raises
    ------
    InvalidInput
        If twin and plan do not fit, or no unit of a stage can be drawn.
    DeviceError
        If the device is absent or too small.
    StoreError
        If the path cannot be used: another plan's or another program's store, too little space.
    Canceled
        If the user stopped it.

    Examples
    --------
    >>> from napari_twinscope.recording import RecordingPlan, record
    >>> recording = record(RecordingPlan(stages=("output",)), "x.twinscope.zarr")  # doctest: +SKIP
    """
    path = check_path(path)
    progress = progress or SilentProgress()
    device = resolve_device(plan.device)
    if twin is None:
        from napari_twinscope.twins import load_twin

        twin = load_twin(plan.twin, device=device)
    validate(plan, twin)
    with only_writer(path):
        store = prepare(plan, path, twin)
        electrode = Electrode(plan, twin)
        while store.state != "complete":
            _run_phase(electrode, store, progress)
            advance(store, plan, twin)
    return open_recording(path)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep other processes from recording to the same path; a killed process frees it.

    Raises
    ------
    StoreError
        If another process is recording there.
    """
    from filelock import FileLock, Timeout

    # In a folder of the user's own, since a lock beside the recording could never be removed safely.
    folder = Path(tempfile.gettempdir()) / f"twinscope-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:16]
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"Another process is recording to {path}.",
            remedy="wait until it has finished, or give another output path",
        ) from error
    try:
        yield
    finally:
        lock.release()


def check_path(path: str | Path) -> Path:
    """Return the path of a recording to write, or raise `StoreError` if its name does not fit."""
    path = Path(path)
    if not path.name.endswith(SUFFIX) or path.name == SUFFIX:
        raise StoreError(
            "A recording needs a name of its own kind.",
            given=path,
            needed=f"NAME{SUFFIX}",
        )
    return path


def prepare(plan: RecordingPlan, path: str | Path, twin: Twin) -> Store:
    """Open the store of a plan to go on with it, or make it with its arrays and unit tables.

    For those who run the tasks elsewhere: `prepare`, then `run_task` for every row in the phase that
    ``store.state`` names, then `advance`, until the state is ``complete``. `record` does just that.

    Raises
    ------
    StoreError
        If the path holds something else, or there is too little space.
    """
    path = check_path(path)
    device = resolve_device(plan.device)
    if path.exists():
        read_attributes(path)
        store = Store(path)
        check_resumable(store, plan, twin, device)
        # A killed run may have left the draft of a chunk; the chunk itself was never touched.
        for rest in path.rglob("*.partial"):
            rest.unlink()
        return store
    check_disk(path, disk_needed(plan, planned_stages(plan, twin)))
    with disk_trouble_explained(path):
        # Made beside its final place and moved there when whole, so that no half-made store is found.
        draft = path.with_name(f".{path.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        store = Store.create(draft, plan, twin, device)
        if plan.sampling.needs_survey:
            for name in survey_stages(plan, twin):
                store.create_survey(twin.stage(name), survey_shape(plan, twin, name))
        else:
            _choose_units(plan, twin, store)
        draft.rename(path)
    return Store(path)


def advance(store: Store, plan: RecordingPlan, twin: Twin) -> str:
    """End a phase whose tasks are all done: draw the units after the survey, or declare it complete.

    Returns
    -------
    str
        The new state: ``recording`` or ``complete``.

    Raises
    ------
    InvalidInput
        If no unit of a stage was active in the survey.
    StoreError
        If a task of the phase is missing.
    """
    phase = store.state
    missing = np.flatnonzero(~store.done(phase))
    if len(missing):
        raise StoreError(
            f"{store.path} is not ready for the next phase.",
            given=f"tasks {', '.join(map(str, missing))} of the {phase} are missing",
            remedy="run them",
        )
    with disk_trouble_explained(store.path):
        if phase == "survey":
            _choose_units(plan, twin, store)
            store.set_state("recording")
        else:
            store.remove_survey()
            store.set_state("complete")
    return store.state


def _run_phase(electrode: Electrode, store: Store, progress: Progress) -> None:
    phase = store.state
    tasks = electrode.plan.tasks()
    done = store.done(phase)
    words = {"survey": "Survey: scoring units by activity", "recording": "Recording"}
    progress.begin(sum(task.sequences for task in tasks), words[phase])
    try:
        for task in tasks:
            raise_if_canceled(progress)
            if not done[task.row]:
                run_row(electrode, task.row, store, phase)
            progress.advance(task.sequences)
    finally:
        progress.end()


def _choose_units(plan: RecordingPlan, twin: Twin, store: Store) -> None:
    for stage in planned_stages(plan, twin):

        def score(name: str = stage.name) -> NDArray[np.float32]:
            scores = np.asarray(store.array(f"survey/{name}/score")[:], np.float32)
            best: NDArray[np.float32] = scores.max(axis=0)
            return best

        units = choose_units(stage, plan.sampling, plan.seed, score)
        store.create_stage(plan, stage, unit_table(twin, stage, units))
