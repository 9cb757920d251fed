"""The command that compares stages: ``twinscope compare``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.manifolds import ComparisonOptions, StageComparison
    from napari_twinscope.progress import Progress

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]

_SHOWN = ("units", "median_osi", "median_dsi", "participation_ratio", "logistic_final", "s_tight", "crossing")


def add_compare(commands: Commands, bars: Bars) -> None:
    """Add the command; `bars` shows its progress."""
    compare = commands.add_parser(
        "compare",
        help="measure stages beside one another, and write a report",
        description="Measure the stages of recordings, and other populations, beside one another: tuning, "
        "dynamics, explained variance, decoding over time, tubularity, alignment. Writes a folder with a "
        "page, tables and figures. The results are kept in the recordings: what is there is not computed "
        "again, and a run that was stopped goes on after the last finished part. What it all means: "
        "docs/comparison.md.",
    )
    compare.add_argument("recordings", type=Path, nargs="+", metavar="NAME.twinscope.zarr")
    compare.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER",
        help="where to write the report: a new or empty folder, or that of an earlier report, which it "
        "replaces",
    )  # fmt: skip
    compare.add_argument(
        "--stages", nargs="+", metavar="STAGE", help="stages, as 'twinscope info' lists them (default: all)"
    )
    compare.add_argument(
        "--population", action="append", default=[], metavar="NAME=FILE",
        help="another population, such as of neurons: NAME.npz or NAME.nc, see docs/comparison.md; repeats",
    )  # fmt: skip
    compare.add_argument(
        "--preset", default="corrected", choices=("corrected", "published-2025", "published-2026"),
        help="the papers' analysis with its errors corrected, or as in the public code of either year "
        "(default: %(default)s)",
    )  # fmt: skip
    compare.add_argument(
        "--stimuli", choices=("all", "medium", "high", "first-six", "first-and-last-five"),
        help="on which stimuli (default: the medium set of the papers' eleven, or all of any others; in the "
        "published presets what the papers take)",
    )  # fmt: skip
    compare.add_argument(
        "--parts", nargs="+", metavar="PART",
        help="what to measure: units, trajectories, classification, tubularity, encoding, alignment "
        "(default: all)",
    )  # fmt: skip
    compare.add_argument(
        "--alignments", nargs="+", metavar="MEASURE",
        help="rsa, cka, cca, procrustes, dsa, gromov_wasserstein (default: rsa cka procrustes)",
    )  # fmt: skip
    compare.add_argument(
        "--bootstraps", type=int, help="draws of units for the intervals of tubularity (default: 30)"
    )
    compare.add_argument("--seed", type=int, default=0, help="of all draws (default: %(default)s)")
    compare.add_argument(
        "--quick", action="store_true", help="a first look: few draws, and every sixth frame of decoding"
    )
    compare.set_defaults(run=lambda options: _compare(options, bars))


def _compare(given: argparse.Namespace, bars: Bars) -> None:
    from napari_twinscope.manifolds import stage_comparison, write_report
    from napari_twinscope.manifolds.stages.report import check_report_folder
    from napari_twinscope.recording import open_recording

    how = _options(given)
    check_report_folder(given.out)
    others = _populations(given.population)
    recordings = []
    try:
        recordings += [open_recording(path) for path in given.recordings]
        with bars() as progress:
            comparison = stage_comparison(
                recordings, stages=given.stages, populations=others, options=how, progress=progress
            )
        print(_summary(comparison))
        for notice in comparison.notices:
            print(f"twinscope: {notice}", file=sys.stderr)
        print(write_report(comparison, given.out))
    finally:
        for recording in recordings:
            recording.close()


def _options(given: argparse.Namespace) -> ComparisonOptions:
    from napari_twinscope.manifolds import ComparisonOptions

    changes: dict[str, Any] = {"stimuli": given.stimuli, "seed": given.seed}
    for name in ("parts", "alignments"):
        if getattr(given, name):
            changes[name] = tuple(getattr(given, name))
    if given.bootstraps is not None:
        changes["bootstraps"] = given.bootstraps
    make = ComparisonOptions.quick if given.quick else ComparisonOptions
    return make(given.preset, **changes)


def _populations(given: list[str]) -> dict[str, Path]:
    """Return files by the names of their populations."""
    from napari_twinscope.errors import InvalidInput

    found: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not (name and equals and path) or name in found:
            raise InvalidInput("A population is given as NAME=FILE, each name once.", given=text)
        found[name] = Path(path)
    return found


def _summary(comparison: StageComparison) -> str:
    """Return a few columns of the table, as text for a terminal."""
    shown = [name for name in _SHOWN if name in comparison.measures] or comparison.measures[:6]
    table = comparison.wide[shown].rename_axis(index=None, columns=None)
    return table.to_string(float_format=lambda value: f"{value:.4g}")
