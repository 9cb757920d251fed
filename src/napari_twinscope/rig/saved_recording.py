"""Where a recording lay when a session was saved, what it was, and where it is now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig.sample import SAMPLE, sample_path
from napari_twinscope.rig.saved_files import name_of, way_from

if TYPE_CHECKING:
    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.json_fields import Fields


class LostRecording(StoreError):
    """A recording of a session that is not where it was, or is another one there.

    Parameters
    ----------
    place
        Which recording of the session, from 0.
    saved
        What is known of it.
    problem, given, needed, remedy
        As of `StoreError`.
    """

    def __init__(self, place: int, saved: SavedRecording, problem: str, **facts: Any) -> None:
        self.place, self.saved = place, saved
        super().__init__(problem, **facts)


@dataclass(frozen=True)
class SavedRecording:
    """How a session's file names a recording.

    Parameters
    ----------
    path
        Where it was, absolute.
    beside
        The same from the folder of the session's file, with ``/``; empty where there is no such way.
    fingerprint
        See `fingerprint`.
    """

    path: str
    beside: str
    fingerprint: str

    @classmethod
    def of(cls, recording: Recording, folder: Path) -> SavedRecording:
        """Name a recording in a file in a folder."""
        path = Path(recording.origin).absolute()
        return cls(str(path), way_from(folder, path), fingerprint(recording))

    @classmethod
    def from_fields(cls, fields: Fields) -> SavedRecording:
        """Read what `to_dict` returned.

        Raises
        ------
        InvalidInput
            If a field does not fit.
        """
        return cls(fields.text("path"), fields.text("beside", ""), fields.text("fingerprint"))

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON values."""
        return {"path": self.path, "beside": self.beside, "fingerprint": self.fingerprint}

    @property
    def name(self) -> str:
        """The file's name, wherever it was saved."""
        return name_of(self.path)

    def candidates(self, folder: Path) -> list[Path]:
        """Return the existing places where it may be, the likeliest first."""
        places = [Path(self.path), folder / self.name]
        places += [folder / self.beside] if self.beside else []
        places += [sample_path()] if self.name == SAMPLE else []
        return [place for place in dict.fromkeys(places) if place.exists()]


def fingerprint(recording: Recording) -> str:
    """Return what tells which units responded to what: hashes of the plan and of the twin's weights.

    A recording that was moved, copied, zipped or made again in the same way keeps it.
    """
    return f"{recording.attributes['plan_hash']}-{str(recording.twin['checksum'])[:16]}"


def find_recording(place: int, saved: SavedRecording, folder: Path, elsewhere: Path | None) -> Recording:
    """Open a recording of a session.

    Parameters
    ----------
    place
        Which of the session, from 0; for the error.
    saved
        What is known of it.
    folder
        Where the session's file is.
    elsewhere
        Where the user says it is; only there is looked, if given.

    Raises
    ------
    LostRecording
        If it is not there, or what is there is another recording.
    StoreError
        If what was pointed at is no recording.
    """
    from napari_twinscope.recording import open_recording

    others = []
    for path in [elsewhere] if elsewhere is not None else saved.candidates(folder):
        try:
            recording = open_recording(path)
        except StoreError:
            if elsewhere is not None:
                raise
            continue
        if fingerprint(recording) == saved.fingerprint:
            return recording
        recording.close()
        others.append(path)
    if others:
        raise LostRecording(
            place,
            saved,
            f"What is at {others[0]} is not the recording that the session was saved with.",
            given=f"a recording of other units, stimuli or weights than {saved.fingerprint}",
            needed=saved.name,
            remedy="say where the recording is now",
        )
    raise LostRecording(
        place,
        saved,
        f"The recording {saved.name} of this session cannot be found.",
        given=saved.path,
        remedy="say where it is now, or put it beside the session's file",
    )


def check_shown(shown: int | None, count: int) -> None:
    """Check which recording of a session is looked at.

    Raises
    ------
    InvalidInput
        If there is none of this number.
    """
    if shown is not None and not 0 <= shown < count:
        raise InvalidInput("The field shown does not fit.", given=shown, needed=f"one of {count} recordings")
