"""The command ``twinscope draw histogram``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.cli_session import add_common, measure_of, open_session

if TYPE_CHECKING:
    import argparse

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_histogram(kinds: Commands) -> None:
    """Add the command to those of ``twinscope draw``."""
    parser = kinds.add_parser(
        "histogram",
        help="how a measure is distributed over selected units and over all others",
        description="Draw the histogram of a measure over the units of a stage, inside and outside a "
        "selection: the units of a table (--select), a named group (--group), or those selected in a saved "
        "session; without any, over all units. The suffix of the file says what is made: .svg, .pdf, .png a "
        "figure, .csv the counts and densities of all bins.",
    )
    add_common(parser, "FILE")
    parser.add_argument(
        "--measure", metavar="MEASURE",
        help="as 'twinscope units' names them (default: what the session colours units by, else mean "
        "activity)",
    )  # fmt: skip
    parser.add_argument(
        "--counts", action="store_true", help="count units; otherwise both have an area of one"
    )
    parser.set_defaults(run=_draw_histogram)


def _draw_histogram(options: argparse.Namespace) -> None:
    from napari_twinscope.rig.figure_file import FIGURES, check_file, save_figure
    from napari_twinscope.rig.histogram_figure import histogram_frame, session_histogram
    from napari_twinscope.rig.unit_csv import write_units

    check_file(options.out, (*FIGURES, ".csv"), options.overwrite)
    session, _ = open_session(options)
    known = session.colorings()
    measure = known[measure_of(known, session.measure if options.measure is None else options.measure)]
    if options.out.suffix.lower() == ".csv":
        print(write_units(histogram_frame(session, measure), options.out, options.overwrite))
        return
    figure, title = session_histogram(session, measure, density=not options.counts, dark=options.dark)
    print(save_figure(figure, options.out, options.overwrite, title=title))
