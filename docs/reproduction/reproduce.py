"""What the scripts of this folder share: a recording, its comparison, and the section that is written."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(DOCS))

from marked_page import fill_blocks  # noqa: E402

from napari_twinscope.manifolds import ComparisonOptions, plot_comparison, stage_comparison  # noqa: E402
from napari_twinscope.recording import RecordingPlan, Sampling, open_recording, record  # noqa: E402
from napari_twinscope.stimuli import protocol  # noqa: E402
from napari_twinscope.twins import caution  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_twinscope.manifolds import StageComparison
    from napari_twinscope.recording import Recording

# What the papers call the stages that both of their figures show.
STAGES = {
    "inputs0": "L1",
    "blocks2": "L8",
    "recurrent": "Rec",
    "recurrent_out": "RecOut",
    "readout": "Readout",
    "output": "Output",
}
ABSENT = "–"


@dataclass(frozen=True)
class Statement:
    """A published statement, and whether it holds for the network at hand.

    Attributes
    ----------
    text
        What is published.
    holds
        ``None`` where the intervals do not decide.
    numbers
        On which the answer rests.
    """

    text: str
    holds: bool | None
    numbers: str

    def row(self) -> tuple[str, str, str]:
        """Return the statement as a row of a table."""
        answer = {True: "holds", False: "does not hold", None: "undecided"}[self.holds]
        return self.text, answer, self.numbers


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def compared(recording: Recording, part: str, preset: str, draws: int) -> StageComparison:
    """Measure one part of the stages that the papers show, as far as they were recorded."""
    stages = [stage for stage in STAGES if stage in recording.stages]
    options = ComparisonOptions(preset, parts=(part,), bootstraps=draws, step=6)
    return stage_comparison(recording, stages=stages, options=options)


def reproduce(
    name: str,
    describe: Callable[[Recording, int], tuple[StageComparison, str, list[Statement]]],
    arguments: Sequence[str] | None,
) -> None:
    """Write the figure and the section of one published figure.

    Parameters
    ----------
    name
        Of the figure, as in `available_figures`, and of the section.
    describe
        From a recording and a number of draws to what is drawn, a table and the statements.
    arguments
        Of the command line.
    """
    parser = argparse.ArgumentParser(description=f"Reproduce the published figure of {name}.")
    parser.add_argument("--recording", type=Path, help="of the papers' eleven; else the twin is recorded")
    parser.add_argument("--twin", default="demo", help="'demo', or file:PATH of the published weights")
    parser.add_argument("--page", type=Path, default=DOCS / "reproduction.md", help="the page to write into")
    parser.add_argument("--images", type=Path, default=DOCS / "images" / "reproduction")
    parser.add_argument("--draws", type=int, default=30, help="bootstraps (default: %(default)s)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="twinscope-") as folder:
        recording = (
            open_recording(given.recording)
            if given.recording
            else _recorded(given.twin, Path(folder) / "x.twinscope.zarr")
        )
        found, values, statements = describe(recording, given.draws)
        given.images.mkdir(parents=True, exist_ok=True)
        plot_comparison(found, name).savefig(given.images / f"{name}.png", dpi=110)
        warning = f" **{caution(recording.status)}.**" if recording.status else ""
        source = f"Twin `{recording.twin_id}`, weights {recording.twin.get('checksum', 'unknown')}.{warning}"
        told = table(("published", "this network", "numbers"), [one.row() for one in statements])
        folder_name = Path(os.path.relpath(given.images, given.page.parent)).as_posix()
        picture = f"![{name} by stage]({folder_name}/{name}.png)"
        fill_blocks(given.page, {name: "\n\n".join((source, picture, values, told))})
        recording.close()


def _recorded(twin: str, path: Path) -> Recording:
    size = Sampling("corrected", maps=20, units_per_map=10) if twin == "demo" else Sampling("corrected")
    return record(RecordingPlan(twin, protocol("paper"), tuple(STAGES), size), path)
