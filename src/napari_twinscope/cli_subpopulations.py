"""The command ``twinscope subpopulations``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_twinscope.cli_session import add_common, open_session
from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.progress import Progress
    from napari_twinscope.rig.subpopulations import PartScores

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]


def add_subpopulations(commands: Commands, bars: Bars) -> None:
    """Add the command; `bars` shows its progress."""
    parser = commands.add_parser(
        "subpopulations",
        help="score some units of a stage against all of them, and growing shares of the units",
        description="Score how well some units stand for the whole stage: decoding accuracy, Procrustes R2, "
        "variance reproduced, RDM correlation and linear CKA, beside as many random units. The units are "
        "those of a table, those selected in a saved session, or the highest or lowest by a measure; without "
        "any, only shares are scored. Writes a table, and a figure if asked.",
    )
    add_common(parser, "TABLE.csv")
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
    if percent is not None and (options.select or options.group is not None):
        raise InvalidInput(
            "Units are either those of a table or group, or the highest or lowest.", given="both"
        )
    session, _ = open_session(options)
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
