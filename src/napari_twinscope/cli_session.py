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
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.projection import View

    Docks = Mapping[str, Mapping[str, Any]]

_PATH = "NAME.twinscope.zarr, or the file of a session, NAME.twinscope.json, drawn as it was saved"


def add_common(parser: argparse.ArgumentParser, out: str) -> None:
    """Add what says which units are looked at, and where the result goes."""
    parser.add_argument("path", type=Path, metavar="PATH", help=_PATH)
    parser.add_argument("--stage", help="a recorded stage (default: the preferred one, or the session's)")
    parser.add_argument("--out", type=Path, required=True, metavar=out)
    units = parser.add_mutually_exclusive_group()
    units.add_argument("--select", type=Path, metavar="TABLE.csv", help="select the units that a table names")
    units.add_argument("--group", metavar="NAME", help="select the units of a named group of the session")
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

    if options.group is not None and options.path.suffix != ".json":
        raise InvalidInput(
            "A recording has no named groups.",
            given=options.path,
            needed="the file of a session, NAME.twinscope.json",
            remedy="save a session in the window, or name the units in a table, with --select",
        )
    session = Session()
    docks: Docks = {}
    if options.path.suffix == ".json":
        loaded = load_session(options.path)
        if loaded.opened is None:
            raise InvalidInput("The session shows no recording.", given=options.path)
        session.open(loaded.opened, looks=loaded.looks)
        restore_session(session, loaded)
        if options.group is not None:
            _check_group(session, options.group, options.stage or session.stage)
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
    if options.group is not None:
        session.selection.apply_group(options.group)
    return session, docks


def measure_of(known: Mapping[str, Measure], name: str) -> str:
    """Return under which name a measure is known that is given by it, or as tables head its column.

    Raises
    ------
    InvalidInput
        If it is not known of the units.
    """
    name = {found.name: key for key, found in known.items()}.get(name, name)
    if name not in known:
        raise InvalidInput("This measure is not known of the units.", given=name, needed=", ".join(known))
    return name


def add_camera(parser: argparse.ArgumentParser) -> None:
    """Add what says from where a 3D scene is looked at."""
    parser.add_argument(
        "--angles", type=float, nargs=3, metavar="DEGREES", help="of napari's camera (default: a view "
        "that tells the axes apart, or that of the session)",
    )  # fmt: skip
    parser.add_argument("--perspective", type=float, metavar="DEGREES", help="field of view; 0 is none")


def camera_of(options: argparse.Namespace, world: object, docks: Docks, dock: str) -> View:
    """Return the camera of a dock: the session's, if it has one and none is asked for."""
    import numpy as np

    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.viewpoint import FIRST_ANGLES, FIRST_SIZE, directions, viewpoint

    camera = Fields(docks.get(dock, {}), f"docks.{dock}").part("camera")
    saved = camera.numbers("angles", 3, FIRST_ANGLES)
    angles = tuple(options.angles) if options.angles else (saved[0], saved[1], saved[2])
    perspective = camera.number("perspective", 0.0) if options.perspective is None else options.perspective
    asked = options.angles is not None or options.perspective is not None
    if not asked and "center" in camera and not camera.boolean("fitted", False):
        x, y, z = camera.numbers("center", 3)
        forward, up = directions(angles)
        return View((x, y, z), forward, up, camera.number("zoom"), perspective, FIRST_SIZE)
    return viewpoint(np.asarray(world), angles, perspective)


def add_movie(parser: argparse.ArgumentParser, default: str = "the first, or that of the session") -> None:
    """Add what says which movie is meant."""
    parser.add_argument("--stimulus", help=f"by its name (default: {default})")
    parser.add_argument("--direction", type=float, metavar="DEGREES", help=f"(default: {default})")


def show_movie(session: Session, options: argparse.Namespace) -> None:
    """Look at the stimulus and direction that were asked for.

    Raises
    ------
    InvalidInput
        If the recording has no such stimulus or direction.
    """
    protocol = session.require_recording().protocol
    stimulus, direction = session.condition
    if options.stimulus is not None:
        stimulus = place_of(options.stimulus, protocol.names, "stimulus")
    if options.direction is not None:
        direction = place_of(options.direction, protocol.directions, "direction")
    session.condition = (stimulus, direction)


def _check_group(session: Session, name: str, stage: str) -> None:
    group = session.selection.groups[name]
    if group.stage != stage:
        raise InvalidInput(
            "The units of this group are of another stage.",
            given=f"stage {stage}, group {name} of {group.stage}",
            remedy=f"look at that stage, with --stage {group.stage}",
        )


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
