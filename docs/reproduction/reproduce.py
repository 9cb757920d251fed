"""What the scripts of this folder share: what is looked at, how much of it, and the page that is written."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from demo_twin.recordings import untrained_control  # noqa: E402
from marked_page import fill_blocks  # noqa: E402
from statements import ANSWERS, Statement, table  # noqa: E402

from napari_twinscope.errors import InvalidInput  # noqa: E402
from napari_twinscope.manifolds import (  # noqa: E402
    ComparisonOptions,
    EncodingManifold,
    EncodingOptions,
    encoding_manifold,
    stage_comparison,
)
from napari_twinscope.manifolds.decoding.conditions import conditions  # noqa: E402
from napari_twinscope.population import open_responses  # noqa: E402
from napari_twinscope.recording import RecordingPlan, Sampling, open_recording, record  # noqa: E402
from napari_twinscope.stimuli import protocol  # noqa: E402
from napari_twinscope.twins import caution, load_twin  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from matplotlib.figure import Figure

    from napari_twinscope.manifolds import StageComparison
    from napari_twinscope.recording import Recording
    from napari_twinscope.twins import Twin

STAGES = {
    "inputs0": "L1",
    "blocks0": "L2",
    "inputs1": "L4",
    "blocks1": "L5",
    "inputs2": "L7",
    "blocks2": "L8",
    "recurrent": "Rec",
    "recurrent_out": "RecOut",
    "readout": "Readout",
    "output": "Output",
}
"""Which stages the papers record, and what they call them."""

RANKS = {
    "inputs0": 8,
    "blocks0": 12,
    "inputs1": 11,
    "blocks1": 11,
    "inputs2": 13,
    "blocks2": 11,
    "recurrent": 9,
    "recurrent_out": 12,
    "readout": 17,
    "output": 14,
}
"""Ranks written in the public notebook of December 2025; those of later graph files differ."""

CELLS = "simulated cells"
ORDER = (
    "encoding",
    "ranks",
    "distances",
    "decoding",
    "classification",
    "tubularity",
    "simulations",
    "selectivity",
    "dynamics",
    "activation",
    "subpopulations",
    "alignment",
)
"""Pages as the list has them."""

LARGE = 120_000
"""Bytes of a picture."""

FINDINGS = "findings.json"
_BLOCK = "found"


@dataclass(frozen=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    sampling
        Which units are recorded of the demonstration twin; `published` of any other.
    published
    frames, instances
        Of each movie; ``None`` for those of the papers.
    stages
        Those that are recorded.
    draws
        Bootstraps of tubularity and of alignment, and of smaller things ten times as many.
    shuffles
        For chance levels.
    step
        Every which frame is decoded.
    restarts
        Of each factorisation.
    rank_restarts
        Of each rank of the curves.
    ranks
        The highest rank of the curves.
    """

    sampling: Sampling = field(default_factory=lambda: Sampling("corrected", maps=20, units_per_map=15))
    published: Sampling = field(default_factory=lambda: Sampling("corrected"))
    frames: int | None = None
    instances: int | None = None
    stages: tuple[str, ...] = tuple(STAGES)
    draws: int = 60
    shuffles: int = 50
    step: int = 3
    restarts: int = 10
    rank_restarts: int = 4
    ranks: int = 20


FULL = Effort()
SMALL = Effort(
    sampling=Sampling("uniform", maps=3, units_per_map=8),
    published=Sampling("uniform", maps=3, units_per_map=8),
    frames=12,
    instances=1,
    stages=("inputs0", "recurrent", "readout", "output"),
    draws=4,
    shuffles=4,
    step=6,
    restarts=2,
    rank_restarts=2,
    ranks=6,
)


class Subject:
    """The network at hand, its control, and whatever lies beside them; what is measured is kept.

    Parameters
    ----------
    recording
        Of the papers' eleven stimuli.
    effort
        How much is computed.
    control
        The same of the network before training, if there is one.
    cells
        Responses of the simulated cells that the demonstration twin was fitted to.
    populations
        Recorded neurons by name, such as ``V1`` and ``retina``.
    """

    def __init__(
        self,
        recording: Recording,
        effort: Effort = FULL,
        *,
        control: Recording | None = None,
        cells: xr.DataArray | None = None,
        populations: dict[str, xr.DataArray] | None = None,
    ) -> None:
        self.recording, self.effort, self.control, self.cells = recording, effort, control, cells
        self.populations = populations or {}
        self._compared: dict[Any, StageComparison] = {}
        self._manifolds: dict[str, EncodingManifold] = {}

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages that the papers record and the recording holds, from the first to the last."""
        return tuple(stage for stage in STAGES if stage in self.recording.stages)

    @property
    def recordings(self) -> dict[str, Recording]:
        """The network at hand, called ``network``, and its ``control``."""
        found = {"network": self.recording} | ({"control": self.control} if self.control else {})
        return {who: one for who, one in found.items() if one is not None}

    def responses(self, stage: str, who: str = "network") -> xr.DataArray:
        """Return the responses of a stage."""
        return self.recordings[who].responses(stage)

    def frames(self, who: str = "network") -> list[xr.DataArray]:
        """Return what the measures of single units are taken of, for each stage; negative counts as zero."""
        return [
            conditions(self.responses(stage, who), "corrected", None, rectify=True) for stage in self.stages
        ]

    @property
    def beside(self) -> dict[str, xr.DataArray]:
        """Populations beside the network: neurons, and the cells that the demonstration twin stands for."""
        return self.populations | ({} if self.cells is None else {CELLS: self.cells})

    def compared(
        self,
        *parts: str,
        who: str = "network",
        stages: Sequence[str] = tuple(STAGES),
        beside: bool = False,
        **options: Any,
    ) -> StageComparison:
        """Measure parts of stages, as far as they were recorded, and of populations beside the network.

        Parameters
        ----------
        parts, options
            As of `ComparisonOptions`.
        who
            ``network`` or ``control``.
        stages
            Which stages.
        beside
            Whether neurons and simulated cells are measured too.
        """
        key = (parts, who, tuple(stages), beside, tuple(sorted(options.items())))
        if key not in self._compared:
            draws = self.effort.draws
            counts = {
                "bootstraps": draws,
                "alignment_bootstraps": draws,
                "shuffles": self.effort.shuffles,
                "unit_bootstraps": 10 * draws,
                "step": self.effort.step,
            }
            how = ComparisonOptions(**{"parts": parts} | counts | options)
            self._compared[key] = stage_comparison(
                self.recordings[who],
                stages=[stage for stage in self.stages if stage in stages],
                populations=self.beside if beside else None,
                options=how,
            )
        return self._compared[key]

    def manifold(self, stage: str) -> EncodingManifold:
        """Return the encoding manifold of a stage at the published rank, made once."""
        if stage not in self._manifolds:
            # Of a few units as many components as units would be noise.
            rank = min(RANKS[stage], self.recording.responses(stage).sizes["unit"] // 4)
            how = EncodingOptions.for_stimuli(
                self.recording.protocol.names, rank=max(2, rank), restarts=self.effort.restarts
            )
            self._manifolds[stage] = encoding_manifold(self.recording, stage, how, device="cpu")
        return self._manifolds[stage]

    def source(self) -> str:
        """Say in a sentence what was looked at."""
        recording = self.recording
        warning = f" **{caution(recording.status)}.**" if recording.status else ""
        units = [recording.responses(stage).sizes["unit"] for stage in self.stages]
        several = f"{min(units)} to {max(units)}" if min(units) < max(units) else str(units[0])
        shown = recording.protocol
        beside = " Beside it the same network before training, as a control." if self.control else ""
        return (
            f"Twin `{recording.twin_id}`, weights {recording.twin.get('checksum', 'unknown')}, {several} "
            f"units a stage, movies of {shown.frames} frames, {shown.instances} of each.{warning}{beside}"
        )


@dataclass(frozen=True)
class Findings:
    """What a script found.

    Attributes
    ----------
    figures
        By their caption.
    statements
        What is published, and whether it holds.
    tables
        In Markdown, by the sentence above each.
    """

    figures: dict[str, Figure]
    statements: list[Statement]
    tables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A published figure or table, and what makes it anew.

    Attributes
    ----------
    name
        Of the script, the page and the pictures.
    published
        What is published, as it stands in the list of all pages.
    describe
        What makes it.
    """

    name: str
    published: str
    describe: Callable[[Subject], Findings]

    def write(self, subject: Subject, out: Path, *, dpi: int = 100) -> Findings:
        """Make the figures, the page's part that is written by the script, and its line in the list."""
        found = self.describe(subject)
        (out / "images").mkdir(parents=True, exist_ok=True)
        pictures = []
        for number, (caption, figure) in enumerate(found.figures.items(), start=1):
            name = f"{self.name}{f'-{number}' if number > 1 else ''}.png"
            _save(figure, out / "images" / name, dpi)
            pictures.append(f"![{caption}](images/{name})\n\n*{caption}*")
        told = table(Statement.HEAD, [one.row() for one in found.statements])
        tables = [f"{above}\n\n{rows}" for above, rows in found.tables.items()]
        page = _page(out, f"{self.name}.md")
        fill_blocks(page, {_BLOCK: "\n\n".join([subject.source(), told, *pictures, *tables])})
        _remember(out, self, found, subject)
        return found

    def main(self, arguments: Sequence[str] | None = None) -> None:
        """Do it from the command line."""
        run([self], arguments, f"Reproduce: {self.published}.")


def run(pages: Sequence[Page], arguments: Sequence[str] | None, description: str) -> None:
    """Record what is needed and write pages.

    Parameters
    ----------
    pages
        Which.
    arguments
        Of the command line.
    description
        For its help.
    """
    import time

    given = _arguments(arguments, description)
    with ExitStack() as opened:
        subject = _subject(given, opened)
        for page in pages:
            begun = time.process_time()
            found = page.write(subject, given.out)
            answers = [one.answer for one in found.statements]
            counts = ", ".join(f"{answers.count(one)} {one}" for one in ANSWERS if one in answers)
            print(f"{given.out / page.name}.md: {counts} ({time.process_time() - begun:.0f} s)", flush=True)


def _arguments(arguments: Sequence[str] | None, description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--twin", default="demo", help="'demo', or file:CORE.pt,SCAN.pt (published weights)")
    parser.add_argument("--recording", type=Path, help="a recording of the papers' eleven, instead of a twin")
    parser.add_argument("--control", type=Path, help="the same of the network before training")
    parser.add_argument("--recordings", type=Path, help="folder in which what is recorded here is kept")
    parser.add_argument(
        "--population", action="append", default=[], metavar="NAME=FILE", help="neurons, as V1=v1.npz"
    )
    parser.add_argument("--out", type=Path, help="folder of pages and pictures (for demo: this one)")
    parser.add_argument("--small", action="store_true", help="few units, frames and draws: a test, no result")
    given = parser.parse_args(arguments)
    usual = given.twin == "demo" and given.recording is None and not given.small
    if given.out is None and not usual:
        parser.error("say with --out where the pages go; those of this folder are of the demonstration twin")
    given.out = given.out or HERE
    return given


def _subject(given: argparse.Namespace, opened: ExitStack) -> Subject:
    """Return what is to be looked at, recorded first where it has to be."""
    effort = SMALL if given.small else FULL
    populations = {}
    for text in given.population:
        name, _, path = text.partition("=")
        if not path:
            raise InvalidInput("A population is not named.", given=text, needed="NAME=FILE, as V1=v1.npz")
        populations[name] = open_responses(path)
    if given.recording:
        made = {"network": open_recording(given.recording)}
        if given.control:
            made["control"] = open_recording(given.control)
    else:
        folder = given.recordings
        if folder is None:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="twinscope-")))
        made = recorded(given.twin, folder, effort)
    for recording in made.values():
        opened.callback(recording.close)
    cells = made["cells"].responses("output") if "cells" in made else None
    return Subject(made["network"], effort, control=made.get("control"), cells=cells, populations=populations)


def recorded(spec: str, folder: Path, effort: Effort) -> dict[str, Recording]:
    """Record a twin; of the demonstration twin also its control and the cells it was fitted to.

    Parameters
    ----------
    spec
        As of `load_twin`.
    folder
        Where recordings are kept; one that is there already is taken.
    effort
        How much.
    """
    twin = load_twin(spec)
    if spec != "demo":
        return {"network": _record(twin, spec, folder, effort.published, effort)}
    from napari_twinscope.twins.demo import demo_cells
    from napari_twinscope.twins.simulated import SimulatedCortex

    control, cortex = untrained_control(twin), SimulatedCortex(cells=demo_cells())
    cells = Effort(frames=effort.frames, instances=effort.instances, stages=("output",))
    return {
        "network": _record(twin, spec, folder, effort.sampling, effort),
        "control": _record(control, control.id, folder, effort.sampling, effort),
        "cells": _record(cortex, cortex.id, folder, Sampling("all"), cells),
    }


def _record(twin: Twin, spec: str, folder: Path, sampling: Sampling, effort: Effort) -> Recording:
    shown = protocol("paper").subset(instances=effort.instances)
    shown = replace(shown, frames=effort.frames or shown.frames)
    stages = tuple(stage for stage in effort.stages if stage in {one.name for one in twin.stages})
    plan = RecordingPlan(spec, shown, stages, sampling, device=twin.device)
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "-" for letter in spec).strip("-")[-40:]
    # Other weights are another recording, whatever they are called.
    return record(plan, folder / f"{name}-{twin.checksum[:8]}-{plan.hash[:6]}.twinscope.zarr", twin=twin)


def _save(figure: Figure, path: Path, dpi: int) -> None:
    """Save a picture, in 256 colours where it would be too large."""
    import io

    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=dpi)
    size = drawn.tell()
    picture = Image.open(drawn).convert("RGB")
    if size > LARGE:
        picture = picture.quantize(256, kmeans=4, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def _page(out: Path, name: str) -> Path:
    """Return a page in a folder, copied from here if it is not there."""
    page = out / name
    if not page.exists():
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / name, page)
    return page


def _remember(out: Path, page: Page, found: Findings, subject: Subject) -> None:
    """Keep the statements of a page, and write them into the list."""
    path = out / FINDINGS
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[page.name] = {
        "published": page.published,
        "twin": subject.recording.twin_id,
        "weights": str(subject.recording.twin.get("checksum", "")),
        "statements": [one.to_dict() for one in found.statements],
    }
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    write_list(out)


def write_list(out: Path) -> None:
    """Write the list of all statements that are known in a folder."""
    known = json.loads((out / FINDINGS).read_text(encoding="utf-8"))
    rows = []
    for name in [name for name in ORDER if name in known]:
        entry = known[name]
        first = f"[{entry['published']}]({name}.md) ([script]({_script(out, name)}))"
        for one in entry["statements"]:
            control = one["control"].partition(":")[0]
            rows.append((first, one["text"], one["source"], f"**{one['answer']}**", one["numbers"], control))
            first = ""
    head = ("figure or table", *Statement.HEAD)
    fill_blocks(_page(out, "README.md"), {_BLOCK: table(head, rows)})


def _script(out: Path, name: str) -> str:
    return Path(os.path.relpath(HERE / f"{name}.py", out)).as_posix()
