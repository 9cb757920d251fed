"""From the file of a session to the session: what it names is found, checked and put back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from napari_twinscope.rig.encoding import wanted_look
from napari_twinscope.rig.json_fields import Fields, unfit
from napari_twinscope.rig.own_measures import own_measures_from_dict
from napari_twinscope.rig.saved_files import with_found_files
from napari_twinscope.rig.saved_recording import find_recording
from napari_twinscope.rig.saved_selection import load_selection
from napari_twinscope.rig.saved_session import read_session
from napari_twinscope.rig.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_twinscope.errors import StoreError
    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.opened import Opened
    from napari_twinscope.rig.saved_session import SavedSession


@dataclass(frozen=True, eq=False)
class LoadedSession:
    """A saved session with all that it needs, read from disk.

    Parameters
    ----------
    saved
        What the file says.
    recordings
        The recordings, open.
    opened, looks
        What is looked at; ``None`` and empty where there was no recording.
    lost
        What names files of docks that are not to be found; ``None`` if all are there.
    own
        The user's measures, by stage and name.
    """

    saved: SavedSession
    recordings: tuple[Recording, ...]
    opened: Opened | None
    looks: dict[str, Look]
    lost: StoreError | None = None
    own: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)


def load_session(path: Path, elsewhere: Mapping[int, Path] | None = None) -> LoadedSession:
    """Read a session's file and all that it names; for a worker.

    Parameters
    ----------
    path
        The file.
    elsewhere
        Where recordings are, by their number in the session, that are not where they were.

    Raises
    ------
    LostRecording
        If a recording is not to be found, or is another one.
    InvalidInput, StoreError
        As `read_session` and `Session.read`, or if a field does not fit the recording.
    """
    saved = read_session(path)
    docks, lost = with_found_files(saved.docks, path.parent)
    where = {} if elsewhere is None else elsewhere
    recordings: list[Recording] = []
    try:
        for place, each in enumerate(saved.recordings):
            recordings.append(find_recording(place, each, path.parent, where.get(place)))
        opened, looks = _looks(saved, recordings)
        own = {} if opened is None else _own(saved, opened)
    except BaseException:
        for recording in recordings:
            recording.close()
        raise
    return LoadedSession(replace(saved, docks=docks), tuple(recordings), opened, looks, lost, own)


def _looks(saved: SavedSession, recordings: list[Recording]) -> tuple[Opened | None, dict[str, Look]]:
    if saved.shown is None:
        return None, {}
    recording = recordings[saved.shown]
    opened = Session().read(recording, saved.looked_at.get("stage") or None)
    check_fields(saved, opened)
    looks = {}
    for stage, options in saved.manifolds.items():
        if stage in recording.stages:
            responses = opened.responses if stage == opened.stage else recording.responses(stage).load()
            looks[stage] = wanted_look(recording, stage, responses, options)
    return opened, looks


def _own(saved: SavedSession, opened: Opened) -> dict[str, dict[str, Measure]]:
    recording = opened.recording
    units = {stage: len(recording.units(stage)) for stage in saved.own_measures if stage in recording.stages}
    return own_measures_from_dict(Fields(saved.own_measures, "own_measures"), units)


def check_fields(saved: SavedSession, opened: Opened) -> None:
    """Check that what was looked at is in the recording.

    Raises
    ------
    InvalidInput
        If not; the field is named.
    """
    fields, protocol = Fields(saved.looked_at, "looked_at"), opened.recording.protocol
    channels = int(opened.recording.stage_info(opened.stage)["channels"])
    fields.integer("channel", 0, high=max(channels - 1, 0))
    fields.integer("frame", 0, high=protocol.frames - 1)
    condition = fields.integers("condition", 2, (0, 0))
    shape = (len(protocol.stimuli), len(protocol.directions))
    if not all(0 <= at < size for at, size in zip(condition, shape, strict=True)):
        raise unfit(
            "looked_at.condition", condition, f"places within {shape[0]} stimuli and {shape[1]} directions"
        )


def restore_session(session: Session, loaded: LoadedSession) -> None:
    """Let a session, in which `LoadedSession.opened` has been opened with its looks, become the saved one."""
    saved = loaded.saved
    if loaded.recordings:
        session.recordings[:] = loaded.recordings
    if saved.selection:
        load_selection(session.selection, dict(saved.selection))
        session.selection.groups.keep()
    for stage, measures in loaded.own.items():
        session.add_own_measures(stage, measures)
    for name, value in saved.looked_at.items():
        if name != "stage":
            setattr(session, name, value)
