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
from napari_twinscope.recording.plan import RecordingPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import zarr
    from numpy.typing import NDArray

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
        root = zarr.open_group(path, mode="w", zarr_format=3)
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


def read_attributes(path: Path) -> dict[str, Any]:
    """Return the attributes of a recording, finished or not.

    Raises
    ------
    StoreError
        If it is no recording, was written by a newer version, or is damaged.
    """
    import zarr

    with damage_explained(path):
        try:
            attributes: dict[str, Any] = dict(zarr.open_group(path, mode="r").attrs)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _no_recording(path, "a folder or file of another kind") from error
        if attributes.get("format") != FORMAT:
            raise _no_recording(path, attributes.get("format", "a Zarr group of another kind"))
        found = attributes.get("format_version")
        if not isinstance(found, int) or found > FORMAT_VERSION:
            raise StoreError(
                f"{path} was written by a newer version of napari-twinscope.",
                given=f"format version {found}",
                needed=f"format version {FORMAT_VERSION} or older",
                remedy="update napari-twinscope",
            )
        if RecordingPlan.from_dict(attributes["plan"]).hash != attributes["plan_hash"]:
            raise StoreError(f"{path} is damaged: its plan was changed after it was begun.")
    return attributes


def check_resumable(store: Store, plan: RecordingPlan, twin: Twin, device: str) -> None:
    """Refuse to go on with a store that another plan, twin or device made.

    Raises
    ------
    StoreError
        With what differs.
    """
    attributes = read_attributes(store.path)
    remedy = "give another output path, or repeat the options with which it was begun"
    there, here = RecordingPlan.from_dict(attributes["plan"]).to_dict(), plan.to_dict()
    # The device that was asked for may have two names; what counts is the one that was found.
    differing = [name for name in here if there[name] != here[name] and name != "device"]
    if differing:
        shown = {name: f"{name} {_short(values)}" for name, values in there.items()}
        raise StoreError(
            f"{store.path} was made with another plan.",
            given="; ".join(f"{name} {_short(here[name])}" for name in differing),
            needed="; ".join(shown[name] for name in differing),
            remedy=remedy,
        )
    for name, before, now in (
        ("twin's weights", attributes["twin"]["checksum"], twin.checksum),
        ("device", attributes["device"], device),
    ):
        if before != now:
            raise StoreError(
                f"{store.path} was made with another {name}.", given=now, needed=before, remedy=remedy
            )


def _short(value: Any) -> str:
    if isinstance(value, dict):
        own = {name: item for name, item in value.items() if not isinstance(item, (dict, list))}
        return ", ".join(f"{name} {item}" for name, item in own.items() if name != "kind")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "all"
    return str(value)


def _no_recording(path: Path, found: object) -> StoreError:
    return StoreError(
        f"{path} is not a recording of napari-twinscope.", given=found, needed=f"a folder NAME{SUFFIX}"
    )


@contextmanager
def damage_explained(path: Path) -> Iterator[None]:
    """Say of a store that lacks something, or holds something unreadable, that it is damaged."""
    try:
        yield
    except StoreError:
        raise
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise StoreError(
            f"The recording {path} is damaged.",
            given=f"{type(error).__name__}: {error}",
            remedy="restore it from a copy, or record again to another path",
        ) from error


@contextmanager
def disk_trouble_explained(path: Path) -> Iterator[None]:
    """Turn what the operating system says of the disk into an error that tells how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(
                f"The disk is full while recording to {path}.",
                given=f"{shutil.disk_usage(path.parent).free / 1e9:.2f} GB free",
                remedy="free some space and start the same recording again: it goes on where it stopped",
            ) from error
        raise StoreError(
            f"The recording cannot be written to {path}.",
            given=str(error),
            remedy="choose a folder in which you may write",
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
