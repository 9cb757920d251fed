"""The commands that train: ``twinscope train-demo`` and ``twinscope fit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from napari_twinscope.progress import Progress

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Bars = type[AbstractContextManager[Progress]]


def add_training(commands: Commands, bars: Bars) -> None:
    """Add the commands; `bars` shows their progress."""
    train = commands.add_parser(
        "train-demo",
        help="train the demonstration network on simulated cells, from nothing",
        description="Train the demonstration network on simulated cells: about 80 minutes on two cores and "
        "5 GB of disk. A run that was stopped or killed goes on where it stopped when the same command is "
        "given again.",
    )
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    train.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)"
    )
    train.add_argument("--seed", type=int, default=0, help="of movies and weights (default: %(default)s)")
    train.add_argument("--steps", type=int, help="steps of the optimiser (default: the recipe's)")
    train.add_argument("--clips", type=int, help="movies to draw (default: the recipe's)")
    train.add_argument(
        "--processes", type=int, default=2, help="that draw movies at once (default: %(default)s)"
    )
    train.set_defaults(run=lambda options: _train_demo(options, bars))


def _train_demo(options: argparse.Namespace, bars: Bars) -> None:
    from napari_twinscope.recording import resolve_device
    from napari_twinscope.training import DemoRecipe, train_demo

    changes = {"steps": options.steps, "clips": options.clips, "seed": options.seed}
    recipe = DemoRecipe(**{name: value for name, value in changes.items() if value is not None})
    with bars() as progress:
        weights = train_demo(
            options.out,
            recipe,
            device=resolve_device(options.device),
            processes=options.processes,
            progress=progress,
        )
    print(weights)
