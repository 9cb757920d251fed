"""The commands that take results out of a recording: ``twinscope draw`` and ``units``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.cli_histogram import add_histogram
from napari_twinscope.cli_session import (
    add_camera,
    add_common,
    add_movie,
    camera_of,
    measure_of,
    open_session,
    place_of,
    show_movie,
)
from napari_twinscope.cli_space import add_space
from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.progress import Progress
    from napari_twinscope.rig import Session

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]


def add_figures(commands: Commands, bars: Bars) -> None:
    """Add the commands; `bars` shows their progress."""
    draw = commands.add_parser(
        "draw",
        help="draw the manifold, responses, maps, stimuli in activity space or histograms of a recording, "
        "without a window",
        description="Draw what the window shows, without a window. Given the file of a session, colours, "
        "groups, selection and camera are those that were saved.",
    )
    kinds = draw.add_subparsers(title="what", required=True, metavar="WHAT")
    _add_manifold(kinds)
    _add_responses(kinds)
    _add_maps(kinds, bars)
    _add_feature_maps(kinds)
    add_space(kinds)
    add_histogram(kinds)
    units = commands.add_parser(
        "units",
        help="write all that is known of the units of a stage as CSV",
        description="Write one row for each unit: identifiers that stay, receptive field, coordinates on "
        "the manifold that the recording holds, and every measure.",
    )
    add_common(units, "TABLE.csv")
    units.set_defaults(run=_units)


def _add_manifold(kinds: Commands) -> None:
    parser = kinds.add_parser("manifold", help="the units of a stage as points, from a camera")
    add_common(parser, "FIGURE.svg")
    parser.add_argument("--color-by", metavar="MEASURE", help="as 'twinscope units' names them, or groups")
    parser.add_argument("--size-by", metavar="MEASURE", help="let the size of points show a measure")
    parser.add_argument("--opacity-by", metavar="MEASURE", help="let their opacity show a measure")
    add_camera(parser)
    parser.add_argument(
        "--axes", type=int, nargs=3, metavar="N", help="which coordinates of the manifold (default: 1 2 3)"
    )
    parser.add_argument("--no-groups", action="store_true", help="draw no rings for named groups")
    parser.set_defaults(run=_draw_manifold)


def _add_responses(kinds: Commands) -> None:
    parser = kinds.add_parser(
        "responses", help="responses over time, as direction x time maps, and as polar tuning curves"
    )
    add_common(parser, "FIGURE.svg")
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
    add_common(parser, "FILE")
    parser.add_argument("--channel", type=int, help="feature map (default: the first recorded)")
    add_movie(parser)
    parser.add_argument("--frame", type=int, action="append", help="of a figure; repeats (default: six)")
    parser.add_argument("--speed", type=float, default=1.0, help="of a film, times real time (default: 1)")
    parser.add_argument("--grid", action="store_true", help="on the plain grid, not where units look")
    parser.set_defaults(run=lambda options: _draw_maps(options, bars))


def _add_feature_maps(kinds: Commands) -> None:
    parser = kinds.add_parser(
        "feature-maps",
        help="the feature maps of the selected units side by side, at one frame",
        description="Draw the feature maps that selected units lie on at one frame, each with its recorded "
        "units; without a selection all that have recorded units. Maps that were not stored are recomputed.",
    )
    add_common(parser, "FIGURE.svg")
    add_movie(parser)
    parser.add_argument("--frame", type=int, help="(default: the first, or that of the session)")
    parser.add_argument("--all", action="store_true", help="also those without a selected unit")
    parser.add_argument(
        "--order", choices=("number", "count"), help="by number, or by selected units (default: number)"
    )
    parser.set_defaults(run=_draw_feature_maps)


def _units(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import check_file
    from napari_twinscope.rig.unit_csv import unit_frame, write_units

    check_file(options.out, (".csv",), options.overwrite)
    session, _ = open_session(options)
    print(write_units(unit_frame(session), options.out, options.overwrite))


def _draw_manifold(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.manifold_figure import manifold_figure
    from napari_twinscope.rig.session_picture import session_picture

    check_file(options.out, FIGURES, options.overwrite)
    session, docks = open_session(options)
    for field, name in (("measure", options.color_by), ("size_by", options.size_by)):
        _choose(session, field, name)
    _choose(session, "opacity_by", options.opacity_by)
    if options.axes:
        session.axes = _axes(options.axes)
    picture = session_picture(session, groups=not options.no_groups)
    figure = manifold_figure(picture, camera_of(options, picture.world, docks, "Manifold"), dark=options.dark)
    print(save_figure(figure, options.out, options.overwrite, title=picture.title))


def _draw_responses(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.response_figure import PANELS
    from napari_twinscope.rig.session_responses import session_responses

    check_file(options.out, FIGURES, options.overwrite)
    session, _ = open_session(options)
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
    session, _ = open_session(options)
    protocol = session.require_recording().protocol
    for frame in options.frame or ():
        place_of(frame, range(protocol.frames), "frame")
    show_movie(session, options)
    if options.channel is not None:
        channels = int(session.require_recording().stage_info(session.stage)["channels"])
        session.channel = place_of(options.channel, range(channels), "feature map")
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


def _draw_feature_maps(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.feature_map_figure import session_feature_maps
    from napari_twinscope.rig.feature_maps import BY_NUMBER, ORDERS
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.twins import load_twin

    check_file(options.out, FIGURES, options.overwrite)
    session, docks = open_session(options)
    recording = session.require_recording()
    show_movie(session, options)
    if options.frame is not None:
        session.frame = place_of(options.frame, range(recording.protocol.frames), "frame")
    dock = Fields(docks.get("Feature maps", {}), "docks.Feature maps")
    figure, title = session_feature_maps(
        session,
        MapSource(recording, load_twin),
        options.order or dock.text("order", BY_NUMBER, among=tuple(ORDERS)),
        every=options.all or dock.boolean("every", False),
        compute=True,
        dark=options.dark,
    )
    print(save_figure(figure, options.out, options.overwrite, title=title))


def _choose(session: Session, field: str, name: str | None) -> None:
    if name is None:
        return
    known = session.colorings() if field == "measure" else session.measures()
    setattr(session, field, measure_of(known, name))


def _axes(numbers: list[int]) -> tuple[int, int, int]:
    if len(set(numbers)) != 3 or min(numbers) < 1:
        raise InvalidInput(
            "There are no such coordinates.",
            given=" ".join(map(str, numbers)),
            needed="three different whole numbers from 1",
        )
    return numbers[0], numbers[1], numbers[2]
