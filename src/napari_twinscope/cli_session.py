"""What commands that take results out have in common: which recording, stage and units they look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from typing import Any

    from napari_twinscope.rig import Session

    Docks = Mapping[str, Mapping[str, Any]]

_PATH = "NAME.twinscope.zarr, or the file of a session, NAME.twinscope.json, drawn as it was saved"


def add_common(parser: argparse.ArgumentParser, out: str) -> None:
    """Add what says which units are looked at, and where the result goes."""
    parser.add_argument("path", type=Path, metavar="PATH", help=_PATH)
    parser.add_argument("--stage", help="a recorded stage (default: the preferred one, or the session's)")
    parser.add_argument("--out", type=Path, required=True, metavar=out)
    parser.add_argument(
        "--select", type=Path, metavar="TABLE.csv", help="select the units that a table names"
    )
    parser.add_argument(
        "--measures", type=Path, metavar="TABLE.csv", help="take measures of your own from a table"
    )
    parser.add_argument("--dark", action="store_true", help="on a black background")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def open_session(options: argparse.Namespace) -> tuple[Session, Docks]:
    """Open a recording or a saved session; return the session and what its docks showed."""
    from napari_twinscope.recording import open_recording
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.encoding import first_look
    from napari_twinscope.rig.loaded_session import load_session, restore_session
    from napari_twinscope.rig.measures import measures_of_responses
    from napari_twinscope.rig.own_measures import read_measures
    from napari_twinscope.rig.unit_csv import read_units, select_units

    session = Session()
    docks: Docks = {}
    if options.path.suffix == ".json":
        loaded = load_session(options.path)
        if loaded.opened is None:
            raise InvalidInput("The session shows no recording.", given=options.path)
        session.open(loaded.opened, looks=loaded.looks)
        restore_session(session, loaded)
        if options.stage in (None, session.stage):
            docks = loaded.saved.docks
        else:
            session.show_stage(options.stage)
    else:
        session.open(open_recording(options.path), options.stage)
    shown = session.stage
    if not session.look.is_ready:
        session.show_look(shown, first_look(session.require_recording(), shown, session.responses()))
    if session.look.problem is not None and session.cloud() is None:
        raise session.look.problem
    session.add_measures(shown, measures_of_responses(session.responses()))
    if options.measures:
        for stage, measures in read_measures(options.measures, session).measures.items():
            session.add_own_measures(stage, measures)
    if options.select:
        select_units(session, read_units(options.select, session))
    return session, docks


def place_of(wanted: object, known: object, what: str) -> int:
    """Return where something is among what is known.

    Raises
    ------
    InvalidInput
        If it is not there.
    """
    names = list(known)  # type: ignore[call-overload]
    if wanted not in names:
        shown = f"0 to {len(names) - 1}" if isinstance(known, range) else ", ".join(map(str, names))
        raise InvalidInput(f"There is no such {what}.", given=wanted, needed=shown)
    return int(names.index(wanted))
