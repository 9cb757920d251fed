"""The commands that analyse a recording: ``twinscope manifold``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.progress import Progress

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]


def add_analysis(commands: Commands, bars: Bars) -> None:
    """Add the commands; `bars` shows their progress."""
    manifold = commands.add_parser(
        "manifold",
        help="place the units of a stage on their encoding manifold",
        description="Place the units of a recorded stage on their encoding manifold, and print a report. "
        "The results are kept in the recording: what is there is not computed again, and a run that was "
        "stopped goes on after the last finished step. What it all means: docs/encoding-manifold.md.",
    )
    manifold.add_argument("recording", type=Path, metavar="NAME.twinscope.zarr")
    manifold.add_argument("--stage", required=True, help="a recorded stage, as 'twinscope info' lists them")
    manifold.add_argument(
        "--preset", default="corrected", choices=("corrected", "published-2025", "published-2026"),
        help="the papers' analysis with its errors corrected, or as in the public code of either year "
        "(default: %(default)s)",
    )  # fmt: skip
    manifold.add_argument(
        "--stimuli", choices=("per-unit", "medium", "high", "all"),
        help="the six classes of each unit's spatial frequencies, of one set, or all that was recorded "
        "(default: the first of these that the recording allows)",
    )  # fmt: skip
    manifold.add_argument(
        "--rank", type=int, help="components of the factorisation (default: proposed, which takes long)"
    )
    manifold.add_argument("--restarts", type=int, help="of the factorisation (default: the preset's)")
    manifold.add_argument("--seed", type=int, default=0, help="of the restarts (default: %(default)s)")
    manifold.add_argument(
        "--objective", default="l1", choices=("l1", "greedy"),
        help="how the scales of neighbourhoods are found (default: %(default)s)",
    )  # fmt: skip
    manifold.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)"
    )
    manifold.add_argument(
        "--out", type=Path, metavar="TABLE.csv", help="write coordinates and measures of each unit"
    )
    manifold.set_defaults(run=lambda options: _manifold(options, bars))


def _manifold(options: argparse.Namespace, bars: Bars) -> None:
    from napari_twinscope.manifolds import EncodingOptions, encoding_manifold
    from napari_twinscope.population import TensorOptions
    from napari_twinscope.recording import open_recording, resolve_device

    changes: dict[str, Any] = {"rank": options.rank, "seed": options.seed, "objective": options.objective}
    if options.restarts is not None:
        changes["restarts"] = options.restarts
    if options.stimuli:
        changes["tensor"] = TensorOptions(options.preset, stimuli=options.stimuli)
    if options.out:
        _check_table(options.out)
    recording = open_recording(options.recording)
    try:
        how = EncodingOptions.for_stimuli(recording.protocol.names, options.preset, **changes)
        with bars() as progress:
            manifold = encoding_manifold(
                recording, options.stage, how, device=resolve_device(options.device), progress=progress
            )
    finally:
        recording.close()
    print(manifold.report())
    for notice in manifold.notices:
        print(f"twinscope: {notice}", file=sys.stderr)
    if options.out:
        manifold.table().to_csv(options.out)
        print(options.out)


def _check_table(path: Path) -> None:
    """Refuse a table that cannot be written, before any long work."""
    from napari_twinscope.errors import InvalidInput

    if path.suffix.lower() != ".csv" or not path.parent.is_dir():
        raise InvalidInput(
            "The table cannot be written to this place.",
            given=path,
            needed="a file NAME.csv in a folder that exists",
        )
