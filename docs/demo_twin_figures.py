"""Evaluate the demonstration twin against the simulated cells it was fitted to, and draw the figures.

    python docs/demo_twin_figures.py --out docs/images/demo-twin [--quick]

writes PNG figures and ``scores.json``, and fills in the figures and tables of ``docs/demo-twin.md``.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from demo_twin import decoding, figures, scores
from demo_twin.page import fill_page
from demo_twin.recordings import (
    LEFT_OUT,
    Pair,
    held_out_clips,
    instances_apart,
    left_out_movies,
    record_pair,
    record_units,
    training_clips,
    untrained_control,
)
from demo_twin.stage_figure import stage_figure

from napari_twinscope.stimuli import protocol
from napari_twinscope.twins import load_twin
from napari_twinscope.twins.demo import demo_cells
from napari_twinscope.twins.simulated import SimulatedCortex

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from napari_twinscope.stimuli import StimulusProtocol
    from napari_twinscope.twins import Twin
    from napari_twinscope.twins.simulated import Cells

PAGE = Path(__file__).with_name("demo-twin.md")
PARTS = ("held-out", "left-out", "tuning", "positions", "stages")


@dataclass(frozen=True)
class Effort:
    """How much is shown.

    Attributes
    ----------
    clips, clip_frames
        Number and length of the held-out movies.
    seen_frames
        Length of those of training.
    left_out
        Protocols of classes that were left out of training.
    left_out_frames
        Their length; None for that of the protocol.
    tuning
        Protocols of which the tuning is measured.
    stage_protocol
        The protocol whose conditions are told apart.
    frames
        Length of the movies of these protocols; None for that of the protocol.
    stimuli
        Which stimuli of each, by position; None for all.
    tuning_instances
        Of each condition where tuning is measured: with the three of the protocols the selectivity of the
        cells themselves for single dots differs much from one set of dots to another.
    instances
        Of each condition of `stage_protocol`.
    stages
        Those compared; none for all.
    skip
        Seconds after the onset that are left out, in which its transient is mostly over.
    """

    clips: int = 48
    clip_frames: int = 70
    seen_frames: int = 36
    left_out: tuple[str, ...] = tuple(LEFT_OUT)
    left_out_frames: int | None = None
    tuning: tuple[str, ...] = ("paper-6-medium", "paper-6-high", "paper-6-physiologist")
    stage_protocol: str = "paper-6-physiologist"
    frames: int | None = None
    stimuli: tuple[int, ...] | None = None
    tuning_instances: int = 12
    instances: int = 3
    stages: tuple[str, ...] = ()
    skip: float = 0.25

    def protocol(self, name: str, instances: int) -> StimulusProtocol:
        """Return a protocol, shortened."""
        whole = protocol(name)
        chosen = whole.stimuli if self.stimuli is None else tuple(whole.stimuli[s] for s in self.stimuli)
        frames = self.frames or whole.frames
        return replace(whole, stimuli=chosen, frames=frames, instances=instances)


FULL = Effort()
QUICK = Effort(
    clips=4,
    clip_frames=40,
    seen_frames=20,
    left_out=("plaid",),
    tuning=("paper-6-physiologist",),
    frames=24,
    stimuli=(0, 3),
    tuning_instances=3,
    stages=("blocks0", "recurrent", "readout", "output"),
)


class Evaluation:
    """The twin, its cells, and what was found; each part writes its figures.

    Parameters
    ----------
    twin, cells
        The twin and the cells, in the order of its units.
    effort
        How much is shown.
    out
        Folder of the figures.
    folder
        For recordings and movies, which are not kept.
    """

    def __init__(self, twin: Twin, cells: Cells, effort: Effort, out: Path, folder: Path) -> None:
        self.twin, self.cells, self.effort, self.out, self.folder = twin, cells, effort, out, folder
        self.cortex = SimulatedCortex(cells=cells)
        self.results: dict[str, Any] = {
            "twin": {
                "title": twin.title,
                "checksum": twin.checksum,
                "trained": twin.trained,
                "units": twin.units,
            },
            "cells": {
                "checksum": cells.checksum,
                "units": len(cells),
                "share_above_0.12_cycles_per_degree": float((cells.spatial_frequency > 0.12).mean()),
            },
            "skipped_seconds": effort.skip,
        }

    def held_out(self) -> None:
        """Correlate twin and cells over movies like those of training, but new."""
        shown = held_out_clips(self.folder, self.effort.clips, self.effort.clip_frames)
        self.results["held-out"] = self._correlate(shown, "held-out", "Unseen natural-like clips")
        self.results["seen"] = {
            shown.name: self._correlate(shown)
            for shown in (
                training_clips(self.folder, self.effort.clips, self.effort.seen_frames, seen=seen)
                for seen in (True, False)
            )
        }

    def left_out(self) -> None:
        """Correlate twin and cells over classes of stimuli that training had none of."""
        self.results["left-out"] = {
            name: self._correlate(
                left_out_movies(name, self.effort.left_out_frames),
                f"left-out-{name}",
                f"A class left out of training: {name.replace('-', ' ')}",
            )
            for name in self.effort.left_out
        }

    def tuning(self) -> None:
        """Compare tuning in the six classes."""
        found, limits = {}, {}
        for name in self.effort.tuning:
            shown = self.effort.protocol(name, self.effort.tuning_instances)
            found[name] = scores.compare_tuning(self._record(shown), self.cells, self.effort.skip)
            again = self._record_cells(replace(shown, name=f"{name} again", seed=shown.seed + 1))
            limits[name] = {
                "reliability": scores.reliability(found[name], again, self.effort.skip),
                "osi_of_fine_cells": scores.fine_osi(found[name], self.cells),
            }
            figures.classes_figure(self.out / f"selectivity-{name}.png", name, found[name], self.cells)
        figures.direction_figure(self.out / "preferred-direction.png", found, self.cells)
        figures.preferred_figure(self.out / "selectivity-preferred.png", found, self.cells)
        last = self.effort.tuning[-1]
        figures.curves_figure(self.out / "tuning-curves.png", found[last], self.cells, last)
        self.results["tuning"] = {
            name: scores.tuning_scores(t, self.cells) | limits[name] for name, t in found.items()
        }

    def positions(self) -> None:
        """Compare where units read with where the cells' receptive fields are."""
        screen = self.cortex.screen
        errors = scores.position_errors(self.twin, self.cells, screen)
        figures.position_figure(self.out / "positions.png", errors, self.cells, screen, self.cells.size)
        self.results["positions"] = scores.position_scores(errors)

    def stages(self) -> None:
        """Compare what each stage tells of stimulus and direction, with an untrained control."""
        effort = self.effort
        shown = instances_apart(effort.protocol(effort.stage_protocol, 1), effort.instances)
        stages = effort.stages or tuple(stage.name for stage in self.twin.stages)
        who = {
            "trained": (self.twin, stages),
            "untrained": (untrained_control(self.twin), stages),
            "cells": (self.cortex, ("output",)),
        }
        found = {}
        for name, (twin, recorded) in who.items():
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                start = time.perf_counter()
                recordings = [
                    record_units(twin, one, Path(folder) / f"{number}.twinscope.zarr", recorded)
                    for number, one in enumerate(shown)
                ]
                if name == "trained":
                    self.results["seconds_to_record_all_stages_once"] = (time.perf_counter() - start) / len(
                        shown
                    )
                found[name] = decoding.stage_scores(recordings, recorded, effort.skip)
                for recording in recordings:
                    recording.close()
        conditions = len(shown[0].stimuli) * len(shown[0].directions)
        labels = {stage.name: stage.paper_name for stage in self.twin.stages}
        stage_figure(self.out / "stages.png", found, stages, labels, 1 / conditions)
        self.results["stages"] = {"chance": 1 / conditions, "instances": len(shown), **found}

    def _record(self, shown: StimulusProtocol) -> Pair:
        return record_pair(self.twin, self.cortex, shown, self.folder)

    def _record_cells(self, shown: StimulusProtocol) -> xr.DataArray:
        path = self.folder / f"{shown.name.replace(' ', '-')}.twinscope.zarr"
        recording = record_units(self.cortex, shown, path)
        responses = recording.responses("output").load()
        recording.close()
        return responses

    def _correlate(self, shown: StimulusProtocol, name: str = "", title: str = "") -> dict[str, Any]:
        r = scores.correlations(self._record(shown), self.effort.skip)
        if name:
            figures.correlation_figure(self.out / f"{name}.png", r, self.cells, title)
        movies = {"movies": len(shown.stimuli) * len(shown.directions), "frames": shown.frames}
        return movies | scores.correlation_scores(r, self.cells)


def evaluate(out: Path, effort: Effort, parts: Sequence[str] = PARTS) -> dict[str, Any]:
    """Evaluate the demonstration twin, write the figures and ``scores.json``, and return the scores."""
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="twinscope-") as folder:
        evaluation = Evaluation(load_twin("demo"), demo_cells(), effort, out, Path(folder))
        for part in parts:
            getattr(evaluation, part.replace("-", "_"))()
    results = finite(evaluation.results | {"seconds": round(time.perf_counter() - start)})
    (out / "scores.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def finite(value: Any) -> Any:
    """Return a value with None in place of what is not a number, which JSON does not know."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the figures and of scores.json")
    parser.add_argument("--quick", action="store_true", help="show little, and leave the page as it is")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="only these")
    parser.add_argument("--left-out", nargs="+", metavar="PROTOCOL", help="classes left out of training")
    given = parser.parse_args(arguments)
    effort = QUICK if given.quick else FULL
    if given.left_out:
        effort = replace(effort, left_out=tuple(given.left_out))
    results = evaluate(given.out, effort, given.parts)
    if not given.quick and set(given.parts) == set(PARTS):
        fill_page(PAGE, given.out, results)
    print(f"{given.out}: figures and scores.json in {results['seconds']} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
