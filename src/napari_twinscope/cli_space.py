"""The command ``twinscope draw stimuli``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.cli_session import (
    add_camera,
    add_common,
    add_movie,
    camera_of,
    open_session,
    place_of,
    show_movie,
)
from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import argparse

    from napari_twinscope.cli_session import Docks
    from napari_twinscope.rig.space_choice import SpaceChoice

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_DOCK = "Stimuli in activity space"


def add_space(kinds: Commands) -> None:
    """Add the command to those of ``twinscope draw``."""
    parser = kinds.add_parser(
        "stimuli",
        help="stimuli in the activity space of units: decoding manifold or trajectories, from a camera",
        description="Draw movies as points, or as trajectories, in the space that units span: those of a "
        "table (--select), of a named group (--group), or selected in a saved session; without any, all "
        "units of the stage. The suffix of the file says what is made: .svg, .pdf, .png a figure, .csv the "
        "coordinates with identifiers.",
    )
    add_common(parser, "FILE")
    picture = parser.add_mutually_exclusive_group()
    picture.add_argument(
        "--trajectories", dest="picture", action="store_const", const="trajectories",
        help="one path for each movie: principal components of responses frame by frame",
    )  # fmt: skip
    picture.add_argument(
        "--diffusion", dest="picture", action="store_const", const="diffusion",
        help="a diffusion map of mean responses (default: their principal components)",
    )  # fmt: skip
    parser.add_argument("--color-by", choices=("stimulus", "direction"), help="(default: stimulus)")
    parser.add_argument("--preset", choices=("corrected", "published-2025", "published-2026"))
    parser.add_argument(
        "--stimuli", choices=("all", "medium", "high", "first-six", "first-and-last-five"),
        help="which are taken (default: as the preset takes)",
    )  # fmt: skip
    parser.add_argument("--signed", action="store_true", help="negative responses count as they are")
    parser.add_argument(
        "--no-turn", action="store_true",
        help="keep the axes single components; otherwise the picture of some units is turned onto that of "
        "all, as in the window",
    )  # fmt: skip
    parser.add_argument(
        "--halve-third", action="store_true", help="halve the third axis of trajectories, as published"
    )
    add_camera(parser)
    add_movie(parser, "no movie is marked, or that of the session")
    parser.add_argument(
        "--frame", type=int, help="put markers on trajectories there (default: none, or that of the session)"
    )
    parser.set_defaults(run=_draw_stimuli)


def _draw_stimuli(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.layers import movie_title
    from napari_twinscope.rig.space_choice import chosen_space, saved_choice
    from napari_twinscope.rig.space_figure import space_figure
    from napari_twinscope.rig.space_picture import space_picture
    from napari_twinscope.rig.space_table import space_frame
    from napari_twinscope.rig.unit_csv import write_units

    check_file(options.out, (*FIGURES, ".csv"), options.overwrite)
    if options.path.suffix != ".json":
        _choice(options, {})  # what does not fit together is told before anything is read
    session, docks = open_session(options)
    choice = _choice(options, docks)
    show_movie(session, options)
    if options.frame is not None:
        frames = session.require_recording().protocol.frames
        session.frame = place_of(options.frame, range(frames), "frame")
    space = chosen_space(session, choice)
    if options.out.suffix.lower() == ".csv":
        frame = space_frame(session, space, choice.coloured_by)
        print(write_units(frame, options.out, options.overwrite))
        return
    asked = options.stimulus is not None or options.direction is not None
    if asked and space.place_of(session.condition) is None:
        raise InvalidInput(
            "The movie to be marked is not among the stimuli taken.",
            given=movie_title(session.require_recording().protocol, session.condition),
            remedy="take --stimuli all, or mark another one",
        )
    picture = space_picture(
        session,
        space,
        choice,
        condition=session.condition if asked or _DOCK in docks else None,
        frame=session.frame if _DOCK in docks or options.frame is not None else None,
    )
    if choice.options != saved_choice(Fields(docks.get(_DOCK, {}))).options:
        docks = {}  # another picture than that of the session is looked at anew
    view = camera_of(options, picture.world, docks, _DOCK)
    figure = space_figure(picture, view, dark=options.dark)
    print(save_figure(figure, options.out, options.overwrite, title=picture.title))


def _choice(options: argparse.Namespace, docks: Docks) -> SpaceChoice:
    """Return what is asked for; where nothing is, as the session shows it."""
    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.space_choice import saved_choice

    asked = {
        "picture": options.picture,
        "colour_by": options.color_by,
        "preset": options.preset,
        "stimuli": options.stimuli,
        "rectify": False if options.signed else None,
        "steady": False if options.no_turn else None,
        "halve_third": True if options.halve_third else None,
        "units": "selected" if options.select or options.group is not None else None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return saved_choice(Fields({**docks.get(_DOCK, {}), **given}, f"docks.{_DOCK}"))
