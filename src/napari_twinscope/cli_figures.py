"""The commands that take results out: ``twinscope draw``, ``units`` and ``subpopulations``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.progress import Progress
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.subpopulations import PartScores

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]

_PATH = "NAME.twinscope.zarr, or the file of a session, NAME.twinscope.json, drawn as it was saved"


def add_figures(commands: Commands, bars: Bars) -> None:
    """Add the commands; `bars` shows their progress."""
    draw = commands.add_parser(
        "draw",
        help="draw the manifold, responses or activation maps of a recording, without a window",
        description="Draw what the window shows, without a window. Given the file of a session, colours, "
        "groups, selection and camera are those that were saved.",
    )
    kinds = draw.add_subparsers(title="what", required=True, metavar="WHAT")
    _add_manifold(kinds)
    _add_responses(kinds)
    _add_maps(kinds, bars)
    units = commands.add_parser(
        "units",
        help="write all that is known of the units of a stage as CSV",
        description="Write one row for each unit: identifiers that stay, receptive field, coordinates on "
        "the manifold that the recording holds, and every measure.",
    )
    _add_common(units, "TABLE.csv")
    units.set_defaults(run=_units)
    _add_subpopulations(commands, bars)


def _add_manifold(kinds: Commands) -> None:
    parser = kinds.add_parser("manifold", help="the units of a stage as points, from a camera")
    _add_common(parser, "FIGURE.svg")
    parser.add_argument("--color-by", metavar="MEASURE", help="as 'twinscope units' names them, or groups")
    parser.add_argument("--size-by", metavar="MEASURE", help="let the size of points show a measure")
    parser.add_argument("--opacity-by", metavar="MEASURE", help="let their opacity show a measure")
    parser.add_argument(
        "--angles", type=float, nargs=3, metavar="DEGREES", help="of napari's camera (default: a view "
        "that tells the axes apart, or that of the session)",
    )  # fmt: skip
    parser.add_argument("--perspective", type=float, metavar="DEGREES", help="field of view; 0 is none")
    parser.add_argument(
        "--axes", type=int, nargs=3, metavar="N", help="which coordinates of the manifold (default: 1 2 3)"
    )
    parser.add_argument("--no-groups", action="store_true", help="draw no rings for named groups")
    parser.set_defaults(run=_draw_manifold)


def _add_responses(kinds: Commands) -> None:
    parser = kinds.add_parser(
        "responses", help="responses over time, as direction x time maps, and as polar tuning curves"
    )
    _add_common(parser, "FIGURE.svg")
    parser.add_argument(
        "--panel", action="append", choices=("psth", "map", "polar"), help="repeats (default: all)"
    )
    parser.set_defaults(run=_draw_responses)


def _add_maps(kinds: Commands, bars: Bars) -> None:
    parser = kinds.add_parser(
        "maps",
        help="an activation map over the movie: a figure, a film, or a folder of pictures",
        description="The suffix of the file says what is made: .svg, .pdf, .png a figure of some frames, "
        ".mp4, .gif a film, none a folder with one PNG for each frame. Maps that were not stored are "
        "recomputed.",
    )
    _add_common(parser, "FILE")
    parser.add_argument("--channel", type=int, help="feature map (default: the first recorded)")
    parser.add_argument("--stimulus", help="by its name (default: the first)")
    parser.add_argument("--direction", type=float, metavar="DEGREES", help="(default: the first)")
    parser.add_argument("--frame", type=int, action="append", help="of a figure; repeats (default: six)")
    parser.add_argument("--speed", type=float, default=1.0, help="of a film, times real time (default: 1)")
    parser.add_argument("--grid", action="store_true", help="on the plain grid, not where units look")
    parser.set_defaults(run=lambda options: _draw_maps(options, bars))


def _add_subpopulations(commands: Commands, bars: Bars) -> None:
    parser = commands.add_parser(
        "subpopulations",
        help="score some units of a stage against all of them, and growing shares of the units",
        description="Score how well some units stand for the whole stage: decoding accuracy, Procrustes R2, "
        "variance reproduced, RDM correlation and linear CKA, beside as many random units. The units are "
        "those of a table, those selected in a saved session, or the highest or lowest by a measure; without "
        "any, only shares are scored. Writes a table, and a figure if asked.",
    )
    _add_common(parser, "TABLE.csv")
    parser.add_argument("--figure", type=Path, metavar="FIGURE.svg", help="draw the scores too")
    parser.add_argument(
        "--by", default="OSI", metavar="MEASURE",
        help="rank units by it, as 'twinscope units' names them (default: %(default)s)",
    )  # fmt: skip
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--highest", type=float, metavar="PERCENT", help="score the units with highest values")
    ends.add_argument("--lowest", type=float, metavar="PERCENT", help="score the units with lowest values")
    parser.add_argument(
        "--share", type=float, action="append", metavar="PERCENT",
        help="of the units whose scores are followed; repeats (default: 2 5 10 20 30 50 70 100)",
    )  # fmt: skip
    parser.add_argument(
        "--preset", default="corrected", choices=("corrected", "published-2025", "published-2026")
    )
    parser.add_argument("--stimuli", choices=("all", "medium", "high", "first-six", "first-and-last-five"))
    parser.add_argument("--draws", type=int, default=50, help="random sets of units (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the draws (default: %(default)s)")
    parser.set_defaults(run=lambda options: _subpopulations(options, bars))


def _add_common(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help=_PATH)
    parser.add_argument("--stage", help="a recorded stage (default: the preferred one, or the session's)")
    parser.add_argument("--out", type=Path, required=True, metavar=out)
    parser.add_argument(
        "--select", type=Path, metavar="TABLE.csv", help="select the units that a table names"
    )
    parser.add_argument("--dark", action="store_true", help="on a black background")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def _units(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import check_file
    from napari_twinscope.rig.unit_csv import unit_frame, write_units

    check_file(options.out, (".csv",), options.overwrite)
    session, _ = _session(options)
    print(write_units(unit_frame(session), options.out, options.overwrite))


def _subpopulations(options: argparse.Namespace, bars: Bars) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.subpopulation_figure import subpopulation_figure
    from napari_twinscope.rig.subpopulation_table import subpopulation_frame, units_line
    from napari_twinscope.rig.subpopulations import (
        FRACTIONS,
        SubpopulationOptions,
        extreme_part,
        part_scores,
        rankings_of,
        share_sweep,
    )
    from napari_twinscope.rig.unit_csv import write_units

    check_file(options.out, (".csv",), options.overwrite)
    if options.figure:
        check_file(options.figure, FIGURES, options.overwrite)
    shares = FRACTIONS if options.share is None else tuple(share / 100 for share in options.share)
    how = SubpopulationOptions(
        options.preset, options.stimuli, fractions=shares, draws=options.draws, seed=options.seed
    )
    percent = options.lowest if options.highest is None else options.highest
    if percent is not None and options.select:
        raise InvalidInput("Units are either those of a table, or the highest or lowest.", given="both")
    session, _ = _session(options)
    measures = rankings_of(session.measures())
    if options.by not in measures:
        raise InvalidInput("Units cannot be ranked by this.", given=options.by, needed=", ".join(measures))
    responses, measure = session.responses(), measures[options.by]
    if percent is None:
        units = session.selection.indices(session.stage)
    else:
        units = extreme_part(responses, measure, percent, highest=options.lowest is None)
    with bars() as progress:
        part = part_scores(responses, units, how, progress) if len(units) else None
        sweep = share_sweep(responses, options.by, measure, how, progress)
    frame = subpopulation_frame(part, sweep)
    print(units_line(part, sweep))
    if part is not None:
        print(score_lines(part))
    print(write_units(frame, options.out, options.overwrite))
    if options.figure:
        title = f"Sub-populations of {session.stage}, {session.require_recording().name}"
        figure = subpopulation_figure(part, sweep, title, dark=options.dark)
        print(save_figure(figure, options.figure, options.overwrite, title=title))


def score_lines(part: PartScores) -> str:
    """Return the scores of some units beside random ones, as text for a terminal."""
    from napari_twinscope.rig.subpopulation_table import score_rows

    return "\n".join(
        f"  {row.title:22} {row.value:6.3f}   random {row.median:.3f} ({row.lower:.3f} to {row.upper:.3f}), "
        f"above {row.below} of {row.draws}"
        for row in score_rows(part)
    )


def _draw_manifold(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.manifold_figure import manifold_figure
    from napari_twinscope.rig.session_picture import session_picture

    check_file(options.out, FIGURES, options.overwrite)
    session, camera = _session(options)
    for field, name in (("measure", options.color_by), ("size_by", options.size_by)):
        _choose(session, field, name)
    _choose(session, "opacity_by", options.opacity_by)
    if options.axes:
        session.axes = _axes(options.axes)
    picture = session_picture(session, groups=not options.no_groups)
    figure = manifold_figure(picture, _view(options, picture.world, camera), dark=options.dark)
    print(save_figure(figure, options.out, options.overwrite, title=picture.title))


def _draw_responses(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.response_figure import PANELS
    from napari_twinscope.rig.session_responses import session_responses

    check_file(options.out, FIGURES, options.overwrite)
    session, _ = _session(options)
    if not session.selection.count(session.stage):  # all of them, where nothing says which
        session.selection.apply(session.stage, range(len(session.units())))
    figure, title = session_responses(session, panels=options.panel or PANELS, dark=options.dark)
    print(save_figure(figure, options.out, options.overwrite, title=title))


def _draw_maps(options: argparse.Namespace, bars: Bars) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.film_figure import (
        FILMS,
        check_folder,
        check_speed,
        film_figure,
        write_film,
        write_frames,
    )
    from napari_twinscope.rig.map_film import session_film
    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.twins import load_twin

    suffix = options.out.suffix.lower()
    if suffix:
        check_file(options.out, (*FIGURES, *FILMS), options.overwrite)
    else:
        check_folder(options.out, options.overwrite)
    check_speed(options.speed)
    session, _ = _session(options)
    protocol = session.require_recording().protocol
    for frame in options.frame or ():
        _place(frame, range(protocol.frames), "frame")
    stimulus, direction = session.condition
    if options.stimulus is not None:
        stimulus = _place(options.stimulus, protocol.names, "stimulus")
    if options.direction is not None:
        direction = _place(options.direction, protocol.directions, "direction")
    session.condition = (stimulus, direction)
    if options.channel is not None:
        channels = int(session.require_recording().stage_info(session.stage)["channels"])
        session.channel = _place(options.channel, range(channels), "feature map")
    if options.grid:
        session.in_stimulus_coordinates = False
    film = session_film(session, MapSource(session.require_recording(), load_twin))
    how = {"dark": options.dark, "overwrite": options.overwrite}
    if suffix in FIGURES:
        figure = film_figure(film, options.frame, dark=options.dark)
        print(save_figure(figure, options.out, options.overwrite, title=film.title))
        return
    with bars() as progress:
        if suffix:
            print(write_film(film, options.out, speed=options.speed, progress=progress, **how))
        else:
            print(write_frames(film, options.out, progress=progress, **how)[-1].parent)


def _session(options: argparse.Namespace) -> tuple[Session, dict[str, object]]:
    """Open a recording or a saved session; return the session and the camera of its manifold."""
    from napari_twinscope.recording import open_recording
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.encoding import first_look
    from napari_twinscope.rig.loaded_session import load_session, restore_session
    from napari_twinscope.rig.measures import measures_of_responses
    from napari_twinscope.rig.unit_csv import read_units, select_units

    session, camera = Session(), {}
    if options.path.suffix == ".json":
        loaded = load_session(options.path)
        if loaded.opened is None:
            raise InvalidInput("The session shows no recording.", given=options.path)
        session.open(loaded.opened, looks=loaded.looks)
        restore_session(session, loaded)
        if options.stage in (None, session.stage):
            camera = dict(loaded.saved.docks.get("Manifold", {}))
        else:
            session.show_stage(options.stage)
    else:
        session.open(open_recording(options.path), options.stage)
    stage = session.stage
    if not session.look.is_ready:
        session.show_look(stage, first_look(session.require_recording(), stage, session.responses()))
    if session.look.problem is not None and session.cloud() is None:
        raise session.look.problem
    session.add_measures(stage, measures_of_responses(session.responses()))
    if options.select:
        select_units(session, read_units(options.select, session))
    return session, camera


def _view(options: argparse.Namespace, world: object, dock: dict[str, object]) -> View:
    """Return the camera: the session's, if it has one and none is asked for."""
    import numpy as np

    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.viewpoint import FIRST_ANGLES, FIRST_SIZE, directions, viewpoint

    camera = Fields(dock, "docks.Manifold").part("camera")
    saved = camera.numbers("angles", 3, FIRST_ANGLES)
    angles = tuple(options.angles) if options.angles else (saved[0], saved[1], saved[2])
    perspective = camera.number("perspective", 0.0) if options.perspective is None else options.perspective
    if options.angles is None and options.perspective is None and "center" in camera:
        x, y, z = camera.numbers("center", 3)
        forward, up = directions(angles)
        return View((x, y, z), forward, up, camera.number("zoom"), perspective, FIRST_SIZE)
    return viewpoint(np.asarray(world), angles, perspective)


def _choose(session: Session, field: str, name: str | None) -> None:
    if name is None:
        return
    known = session.colorings() if field == "measure" else session.measures()
    name = {found.name: key for key, found in known.items()}.get(name, name)  # as tables head their columns
    if name not in known:
        raise InvalidInput("This measure is not known of the units.", given=name, needed=", ".join(known))
    setattr(session, field, name)


def _axes(numbers: list[int]) -> tuple[int, int, int]:
    if len(set(numbers)) != 3 or min(numbers) < 1:
        raise InvalidInput(
            "There are no such coordinates.",
            given=" ".join(map(str, numbers)),
            needed="three different whole numbers from 1",
        )
    return numbers[0], numbers[1], numbers[2]


def _place(wanted: object, known: object, what: str) -> int:
    names = list(known)  # type: ignore[call-overload]
    if wanted not in names:
        shown = f"0 to {len(names) - 1}" if isinstance(known, range) else ", ".join(map(str, names))
        raise InvalidInput(f"There is no such {what}.", given=wanted, needed=shown)
    return int(names.index(wanted))
