"""The recording on disk: one Zarr v3 group, written in whole chunks, each task with a completion record.

Layout, with the dimensions of each array::

    /                          attributes: format, versions, twin, plan, device, state
    /stimulus/movie            (stimulus, direction, instance, time, y, x) uint8
    /stages/<stage>/responses  (unit, stimulus, direction, time), and the unit table (unit)
    /stages/<stage>/maps/activation   (stimulus, direction, time, channel, row, column) float16
    /survey/<stage>/score      (task, channel, row, column), only until the units are drawn
    /tasks/<phase>             (task) uint8: 1 once everything the task writes is on disk

`state` is ``survey``, ``recording`` or ``complete``.
"""

from __future__ import annotations

import errno
import platform
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import zarr
    from numpy.typing import NDArray

    from napari_twinscope.recording.plan import RecordingPlan
    from napari_twinscope.twins import Stage, Twin

FORMAT = "napari-twinscope recording"
FORMAT_VERSION = 1
SUFFIX = ".twinscope.zarr"
UNIT_COLUMNS = ("channel", "row", "column", "y", "x", "elevation", "azimuth")
_UNITS_PER_CHUNK = 65536
_PACKAGES = ("napari-twinscope", "torch", "numpy", "zarr")


class Store:
    """A recording being written.

    Parameters
    ----------
    path
        The folder ``NAME.twinscope.zarr``.
    """

    def __init__(self, path: Path) -> None:
        import zarr

        self.path = path
        self.group: zarr.Group = zarr.open_group(path, mode="r+")

    @classmethod
    def create(cls, path: Path, plan: RecordingPlan, twin: Twin, device: str) -> Store:
        """Make the group with its provenance and the movie array; nothing is recorded yet."""
        import zarr

        path.parent.mkdir(parents=True, exist_ok=True)
        # Made beside its final place and moved there, so that a store is never found half made.
        draft = path.with_name(f".{path.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        root = zarr.open_group(draft, mode="w", zarr_format=3)
        root.attrs.update(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions={name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
            twin={
                "id": twin.id,
                "title": twin.title,
                "description": twin.description,
                "trained": twin.trained,
                "status": twin.status,
                "checksum": twin.checksum,
            },
            plan=plan.to_dict(),
            plan_hash=plan.hash,
            device=device,
            state="survey" if plan.sampling.needs_survey else "recording",
            stages=[stage.name for stage in planned_stages(plan, twin)],
        )
        _create_movie(root.create_group("stimulus"), plan)
        tasks = root.create_group("tasks")
        for phase in ("survey", "recording"):
            tasks.create_array(
                phase, shape=(len(plan.tasks()),), chunks=(1,), dtype="uint8", dimension_names=["task"]
            )
        root.create_group("stages")
        draft.rename(path)
        return cls(path)

    @property
    def state(self) -> str:
        """``survey``, ``recording`` or ``complete``."""
        return str(self.group.attrs["state"])

    def set_state(self, state: str) -> None:
        """Enter the next phase; the last thing that a phase writes."""
        self.group.attrs["state"] = state

    def array(self, name: str) -> zarr.Array[Any]:
        """Return the array at a path below the root."""
        import zarr

        array = self.group[name]
        if not isinstance(array, zarr.Array):
            raise StoreError(f"The recording is damaged: {name} is no array.", given=self.path)
        return array

    def done(self, phase: str) -> NDArray[np.bool_]:
        """Return which tasks of a phase are complete, shape (task,)."""
        return np.asarray(self.array(f"tasks/{phase}")[:]).astype(bool)

    def mark_done(self, phase: str, row: int) -> None:
        """Write the completion record of a task, after everything else it writes."""
        self.array(f"tasks/{phase}")[row] = 1

    def create_survey(self, stage: Stage, shape: tuple[int, int, int]) -> None:
        """Make the array that holds each task's activity scores of a stage."""
        tasks = self.array("tasks/survey").shape[0]
        self.group.require_group(f"survey/{stage.name}").create_array(
            "score",
            shape=(tasks, *shape),
            chunks=(1, *shape),
            dtype="float32",
            dimension_names=["task", "channel", "row", "column"],
            overwrite=True,
        )

    def remove_survey(self) -> None:
        """Drop the scores, which the drawn units have made superfluous."""
        if "survey" in self.group:
            del self.group["survey"]

    def create_stage(self, plan: RecordingPlan, stage: Stage, table: dict[str, NDArray[Any]]) -> None:
        """Make a stage's unit table and its empty response and map arrays."""
        group = self.group.create_group(f"stages/{stage.name}", overwrite=True)
        group.attrs.update(
            name=stage.name,
            label=stage.label,
            paper_name=stage.paper_name,
            channels=stage.channels,
            rows=stage.rows,
            columns=stage.columns,
            description=stage.description,
            kind=stage.kind,
        )
        units = len(table["channel"])
        for name in UNIT_COLUMNS:
            _write(group, name, table[name], ["unit"])
        stimuli, directions, _ = plan.protocol.shape
        frames = plan.protocol.frames
        _write_axes(group, plan)
        group.create_array(
            "responses",
            shape=(units, stimuli, directions, frames),
            chunks=(min(units, _UNITS_PER_CHUNK), 1, 1, frames),
            dtype=plan.dtype,
            fill_value=np.nan,
            dimension_names=["unit", "stimulus", "direction", "time"],
        )
        if stage.name in plan.store_maps:
            maps = group.create_group("maps")
            _write_axes(maps, plan)
            maps.create_array(
                "activation",
                shape=(stimuli, directions, frames, stage.channels, stage.rows, stage.columns),
                chunks=(1, 1, frames, min(stage.channels, 16), stage.rows, stage.columns),
                dtype="float16",
                fill_value=np.nan,
                dimension_names=["stimulus", "direction", "time", "channel", "row", "column"],
            )


def planned_stages(plan: RecordingPlan, twin: Twin) -> tuple[Stage, ...]:
    """Return the stages a plan records, in the order of the data.

    Raises
    ------
    InvalidInput
        If the twin has no stage of a name.
    """
    names = {twin.stage(name).name for name in (*plan.stages, *plan.store_maps)}
    return tuple(stage for stage in twin.stages if not plan.stages or stage.name in names)


def check_resumable(store: Store, plan: RecordingPlan, twin: Twin, device: str) -> None:
    """Refuse to go on with a store that another plan, twin or device made.

    Raises
    ------
    StoreError
        With what differs.
    """
    attributes: dict[str, Any] = dict(store.group.attrs)
    checks = {
        "plan": (attributes["plan_hash"], plan.hash),
        "twin's weights": (attributes["twin"]["checksum"], twin.checksum),
        "device": (attributes["device"], device),
    }
    for name, (there, here) in checks.items():
        if there != here:
            raise StoreError(
                f"{store.path} was made with another {name}.",
                given=here,
                needed=there,
                remedy="give another output path, or repeat the options with which it was begun",
            )


def check_format(path: Path, attributes: dict[str, Any]) -> None:
    """Refuse what is no recording, or was written by a newer version.

    Raises
    ------
    StoreError
        With what was found.
    """
    if attributes.get("format") != FORMAT:
        raise StoreError(
            f"{path} is not a recording of napari-twinscope.",
            given=attributes.get("format", "a Zarr group of another kind"),
            needed=FORMAT,
        )
    found = attributes.get("format_version")
    if not isinstance(found, int) or found > FORMAT_VERSION:
        raise StoreError(
            f"{path} was written by a newer version of napari-twinscope.",
            given=f"format version {found}",
            needed=f"format version {FORMAT_VERSION} or older",
            remedy="update napari-twinscope",
        )


@contextmanager
def full_disk_explained(path: Path) -> Iterator[None]:
    """Turn 'no space left on device' into an error that says how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StoreError(
            f"The disk is full while recording to {path}.",
            given=f"{shutil.disk_usage(path.parent).free / 1e9:.2f} GB free",
            remedy="free some space and start the same recording again: it goes on where it stopped",
        ) from error


def _create_movie(group: zarr.Group, plan: RecordingPlan) -> None:
    protocol = plan.protocol
    stimuli, directions, instances = protocol.shape
    frame = (protocol.screen.height, protocol.screen.width)
    group.create_array(
        "movie",
        shape=(stimuli, directions, instances, protocol.frames, *frame),
        chunks=(1, 1, instances, protocol.frames, *frame),
        dtype="uint8",
        dimension_names=["stimulus", "direction", "instance", "time", "y", "x"],
    )
    _write_axes(group, plan)


def _write_axes(group: zarr.Group, plan: RecordingPlan) -> None:
    protocol = plan.protocol
    group.attrs["stimulus_names"] = [stimulus.name for stimulus in protocol.stimuli]
    _write(group, "direction", np.array(protocol.directions, dtype="float64"), ["direction"], units="degrees")
    times = np.arange(protocol.frames) / protocol.screen.frame_rate
    _write(group, "time", times, ["time"], units="s")


def _write(group: zarr.Group, name: str, values: NDArray[Any], dims: list[str], **attributes: str) -> None:
    array = group.create_array(name, data=np.ascontiguousarray(values), dimension_names=dims)
    array.attrs.update(attributes)
