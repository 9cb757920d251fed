"""Training the demonstration network from nothing: ``twinscope train-demo``."""

from __future__ import annotations

import csv
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope import __version__
from napari_twinscope.errors import InvalidInput
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled
from napari_twinscope.training.checkpoint import read_state, write_state
from napari_twinscope.training.clips import recipe_cells, render_clips
from napari_twinscope.training.demo_card import model_card, source_commit
from napari_twinscope.training.demo_start import initial_network
from napari_twinscope.training.recipe import DemoRecipe
from napari_twinscope.training.trainer import Trainer
from napari_twinscope.training.validation import Validation
from napari_twinscope.twins.arithmetic import keep_memory
from napari_twinscope.twins.module_twin import move_module
from napari_twinscope.twins.network_twin import checksum

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_twinscope.twins.network import VisualNetwork

WEIGHTS = "demo.safetensors"
CHECKPOINT = "checkpoint.pt"
CURVE = "curve.csv"

Row = dict[str, float]


def train_demo(
    folder: Path,
    recipe: DemoRecipe | None = None,
    *,
    device: str = "cpu",
    processes: int = 2,
    progress: Progress | None = None,
) -> Path:
    """Draw the clips, train the network, and write its weights.

    A run that was stopped goes on where it stopped, with the same final bits.

    Parameters
    ----------
    folder
        Receives ``clips`` (1.3 MB each), ``checkpoint.pt``, ``curve.csv`` (the learning curve), and at the
        end ``demo.safetensors`` with ``demo.json`` and the model card ``demo.md`` beside it.
    recipe
        What to do; `DemoRecipe` if left out.
    device
        Where to train.
    processes
        That draw clips at the same time.
    progress
        Told about clips and steps.

    Returns
    -------
    Path
        The weight file.

    Raises
    ------
    InvalidInput
        If the folder holds another training.
    DeviceError
        If the device is absent.
    """
    recipe = recipe or DemoRecipe()
    progress = progress or SilentProgress()
    folder.mkdir(parents=True, exist_ok=True)
    saved = _read(folder / CHECKPOINT, recipe)
    clips = render_clips(recipe, folder / "clips", processes=processes, progress=progress)
    cells = recipe_cells(recipe)
    network = initial_network(recipe, cells, clips.rates)
    move_module(network, device)
    trainer = Trainer(network, clips, recipe)
    curve: list[Row] = []
    if saved is not None:
        trainer.restore(saved["trainer"])
        curve = saved["curve"]
    _run(trainer, curve, Validation(cells, recipe.frames), folder, progress)
    return _write_weights(folder, trainer.network, recipe, curve)


def _run(
    trainer: Trainer, curve: list[Row], validation: Validation, folder: Path, progress: Progress
) -> None:
    recipe = trainer.recipe
    keep_memory(of_any_size=True)
    losses: list[float] = []
    spent, begun = (curve[-1]["seconds"] if curve else 0.0), time.monotonic()
    progress.begin(recipe.steps, "Training")
    progress.advance(trainer.done)
    while trainer.done < recipe.steps:
        losses.append(trainer.step())
        progress.advance()
        last = trainer.done == recipe.steps
        if trainer.done % recipe.check_every == 0 or last:
            row = {
                "step": float(trainer.done),
                "seconds": round(spent + time.monotonic() - begun, 1),
                "loss": float(np.mean(losses)),
            }
            curve.append(row | validation.check(trainer.network))
            losses.clear()
            _write_curve(folder / CURVE, curve)
        if trainer.done % recipe.save_every == 0 or last or progress.canceled:
            state = {"recipe": recipe.to_json(), "trainer": trainer.state(), "curve": list(curve)}
            write_state(folder / CHECKPOINT, state)
            raise_if_canceled(progress)
    progress.end()


def _read(path: Path, recipe: DemoRecipe) -> dict[str, Any] | None:
    """Read a checkpoint if there is one.

    Raises
    ------
    InvalidInput
        If it cannot be read, or is of another recipe.
    """
    saved = read_state(path)
    if saved is None:
        return None
    if saved.get("recipe") != recipe.to_json():
        raise InvalidInput(
            "The folder holds a training by another recipe.",
            given=path,
            needed="the recipe that the training began with",
            remedy="choose another folder, or remove this one",
        )
    return saved


def _write_curve(path: Path, curve: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(curve[0]))
        table.writeheader()
        table.writerows({name: round(value, 4) for name, value in row.items()} for row in curve)


def _write_weights(folder: Path, network: VisualNetwork, recipe: DemoRecipe, curve: Sequence[Row]) -> Path:
    from safetensors.torch import save_file

    path = folder / WEIGHTS
    network = network.cpu()
    save_file({name: value.detach().contiguous() for name, value in network.state_dict().items()}, path)
    stated = {
        "config": recipe.config.to_dict(),
        "trained": True,
        "status": "simulated",
        "recipe": recipe.to_dict(),
        "checksum": checksum(network),
        "cells": recipe_cells(recipe).checksum,
        "version": __version__,
        "commit": source_commit(),
        "torch": torch.__version__,
        "result": dict(curve[-1]),
    }
    path.with_suffix(".json").write_text(json.dumps(stated, indent=1) + "\n", "utf-8")
    path.with_suffix(".md").write_text(model_card(stated), "utf-8")
    return path
