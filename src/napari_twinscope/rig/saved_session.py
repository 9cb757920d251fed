"""A session as one JSON document: the recordings, what of them is looked at, and how the window shows it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_twinscope import __version__
from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig.json_fields import Fields, unfit
from napari_twinscope.rig.own_measures import own_measures_to_dict
from napari_twinscope.rig.saved_recording import SavedRecording, check_shown
from napari_twinscope.rig.saved_selection import load_selection, selection_to_dict
from napari_twinscope.rig.selection import Selection
from napari_twinscope.rig.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_twinscope.manifolds.encoding.options import EncodingOptions

KIND, VERSION = "twinscope session", 1
SUFFIX = ".twinscope.json"
_PLAIN = (bool, int, float, str, tuple)


@dataclass(frozen=True)
class SavedSession:
    """What the file of a session says.

    Parameters
    ----------
    recordings
        All that were open.
    shown
        Which of them was looked at; ``None`` if there was none.
    looked_at
        The shared state by name: every field of `Session` with a plain default. One that the file lacks is
        left as it is; one that is not known here, from a later version, is ignored.
    manifolds
        Which manifold was shown of each stage, by its options; ``None`` for the principal components.
    selection
        See `saved_selection`.
    own_measures
        By stage and name, see `rig.own_measures`.
    window
        Size, arrangement, camera and layers of the window; for the views.
    docks
        What each open dock shows beyond that, by the dock's name; for the views.
    """

    recordings: tuple[SavedRecording, ...] = ()
    shown: int | None = None
    looked_at: Mapping[str, Any] = field(default_factory=dict)
    manifolds: Mapping[str, EncodingOptions | None] = field(default_factory=dict)
    selection: Mapping[str, Any] = field(default_factory=dict)
    own_measures: Mapping[str, Any] = field(default_factory=dict)
    window: Mapping[str, Any] = field(default_factory=dict)
    docks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, folder: Path) -> SavedSession:
        """Return the state of a session, to be saved in a folder; the views add what is theirs."""
        recordings = session.recordings
        shown = next((i for i, r in enumerate(recordings) if r is session.recording), None)
        looks = {stage: look for stage, look in session.looks.items() if look.is_ready}
        return cls(
            tuple(SavedRecording.of(recording, folder) for recording in recordings),
            shown,
            {name: getattr(session, name) for name in shared_fields()},
            {
                stage: None if look.manifold is None else look.manifold.options
                for stage, look in looks.items()
            },
            selection_to_dict(session.selection),
            own_measures_to_dict(session.looks),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "kind": KIND,
            "version": VERSION,
            "written_by": f"napari-twinscope {__version__}",
            "recordings": [recording.to_dict() for recording in self.recordings],
            "shown": self.shown,
            "looked_at": dict(self.looked_at),
            "manifolds": {
                stage: None if options is None else options.to_dict()
                for stage, options in self.manifolds.items()
            },
            "selection": dict(self.selection),
            "own_measures": dict(self.own_measures),
            "window": dict(self.window),
            "docks": {name: dict(part) for name, part in self.docks.items()},
        }

    @classmethod
    def from_dict(cls, data: object) -> SavedSession:
        """Read what `to_dict` returned, after a way through JSON.

        Raises
        ------
        InvalidInput
            If it is no session, of a later version, or a field does not fit, which is named.
        """
        fields = Fields(data)
        if fields.plain("kind", None) != KIND:
            raise InvalidInput("This is not the file of a session.", needed=f'a field "kind": "{KIND}"')
        version = fields.integer("version", low=1)
        if version > VERSION:
            raise InvalidInput(
                "The session was saved by a later version of napari-twinscope.",
                given=fields.text("written_by", f"version {version}"),
                needed=f"version {VERSION} of the file",
                remedy="update napari-twinscope",
            )
        recordings = tuple(SavedRecording.from_fields(each) for each in fields.parts("recordings"))
        shown = None if fields.plain("shown", None) is None else fields.integer("shown")
        check_shown(shown, len(recordings))
        selection = fields.part("selection").to_dict()
        if selection:
            load_selection(Selection(), selection)
        docks = fields.part("docks")
        return cls(
            recordings,
            shown,
            _looked_at(fields.part("looked_at")),
            _manifolds(fields.part("manifolds")),
            selection,
            fields.part("own_measures").to_dict(),
            fields.part("window").to_dict(),
            {name: docks.part(name).to_dict() for name in docks},
        )


def write_session(path: Path, saved: SavedSession) -> None:
    """Write a session to a file, whole or not at all.

    Raises
    ------
    StoreError
        If it cannot be written there.
    """
    text = json.dumps(saved.to_dict(), indent=1, allow_nan=False)
    half = path.with_name(path.name + ".part")
    try:
        half.write_text(text + "\n", encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise StoreError(
            "The session cannot be saved there.",
            given=path,
            remedy=f"choose another folder ({error.strerror})",
        ) from error


def read_session(path: Path) -> SavedSession:
    """Read a session's file; no recording is opened.

    Raises
    ------
    StoreError
        If there is none.
    InvalidInput
        If it is no JSON, and as `SavedSession.from_dict`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StoreError(f"There is no session to read at {path}.", given=error.strerror) from error
    except UnicodeDecodeError as error:
        raise InvalidInput("The session's file is no text.", given=path) from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput("The session's file is not valid JSON.", given=f"{path.name}: {error}") from error
    return SavedSession.from_dict(data)


def shared_fields() -> dict[str, Any]:
    """Return the fields of `Session` that a file keeps, with their defaults: those with a plain one."""
    return {
        each.name: each.default
        for each in dataclasses.fields(Session)
        if each.compare and isinstance(each.default, _PLAIN)
    }


def _looked_at(fields: Fields) -> dict[str, Any]:
    found = {name: fields.like(name, default) for name, default in shared_fields().items() if name in fields}
    axes = found.get("axes", (1, 2, 3))
    if len(set(axes)) != 3 or min(axes) < 1:
        raise unfit(fields.path("axes"), axes, "three different whole numbers from 1")
    return found


def _manifolds(fields: Fields) -> dict[str, EncodingOptions | None]:
    from napari_twinscope.manifolds import EncodingOptions

    found: dict[str, EncodingOptions | None] = {}
    for stage in fields:
        if fields.plain(stage) is None:
            found[stage] = None
            continue
        try:
            found[stage] = EncodingOptions.from_dict(fields.part(stage).to_dict())
        except InvalidInput as error:
            raise InvalidInput(
                f"The field {fields.path(stage)} does not fit. {error.problem}",
                given=error.given,
                needed=error.needed,
                remedy=error.remedy,
            ) from error
    return found
