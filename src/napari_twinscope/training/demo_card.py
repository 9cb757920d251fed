"""The model card of the demonstration network."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_twinscope.training.recipe import DemoRecipe
from napari_twinscope.training.validation import MOVIES, PROTOCOLS
from napari_twinscope.twins.simulated.cells import CELL_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping


def model_card(stated: Mapping[str, Any]) -> str:
    """Say in Markdown what the network is and what it was measured to do.

    Parameters
    ----------
    stated
        The content of the JSON file beside the weights.
    """
    recipe, result = DemoRecipe.from_dict(stated["recipe"]), stated["result"]
    options = "".join(
        f" --{name} {getattr(recipe, name)}"
        for name in ("seed", "steps", "clips")
        if getattr(recipe, name) != getattr(DemoRecipe(), name)
    )
    rows = "\n".join(
        f"| {name} | {result[f'{name} osi']:.2f} | {result[f'{name} osi_lowest']:.2f} "
        f"| {result[f'{name} dsi']:.2f} | {result[f'{name} dsi_lowest']:.2f} "
        f"| {100 * result[f'{name} direction']:.0f} % |"
        for name in PROTOCOLS
    )
    return f"""# The demonstration network

**This is not mouse data, and no model of any mouse.** It is a small network of the published architecture
(Wang et al. 2025, doi 10.1038/s41586-025-08829-y), trained to predict {recipe.units} simulated cells whose
every parameter is known: {", ".join(CELL_TYPES)}.
Unit u stands for cell u of `napari_twinscope.twins.demo.demo_cells()`.

- Made by `twinscope train-demo --out FOLDER{options}`, seed {recipe.seed}, version {stated["version"]},
  commit {stated["commit"]}, PyTorch {stated["torch"]}: {int(result["step"])} steps of {recipe.batch} clips in
  {result["seconds"] / 60:.0f} minutes.
- Trained on {recipe.clips} procedural movies of {recipe.frames} frames (`napari_twinscope.training.movies`):
  drifting gratings, 1/f and band-passed noise, dead leaves, flowing dots, photographs that scikit-learn
  ships, noise and flicker, side by side and in succession. Plaids, moving bars and sparse noise were left
  out.
- Targets are noise-free rates; the loss is Poisson's, weighted by unit.
- Given to the network, not learned: each unit's position and mean rate at the start, and the monitor's place.
- Checksum of the weights {stated["checksum"]}, of the cells {stated["cells"]}.

## What it was measured to do

Median correlation of unit and cell on {MOVIES} natural-like movies it had not seen: {result["natural"]:.3f}.

Tuning, on each cell's preferred class of three protocols and, of six classes, on the one where it is lowest:
correlation of the orientation and direction selectivity index with the cell's, and the share of
direction-selective cells whose preferred direction is found within 22.5 degrees.

| protocol | OSI | lowest | DSI | lowest | direction |
|---|---|---|---|---|---|
{rows}

## Use

To try the program and to check analyses against cells that are known. Not to conclude anything about cortex.
"""


def source_commit() -> str:
    """Return the commit of the source tree that this package runs from, or "unknown"."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
