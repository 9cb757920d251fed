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
        description="Train the demonstration network on simulated cells: about 85 minutes on two cores and "
        "8 GB of disk. A run that was stopped or killed goes on where it stopped when the same command is "
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

    _add_fit(commands, bars)


def _add_fit(commands: Commands, bars: Bars) -> None:
    fit = commands.add_parser(
        "fit",
        help="fit a readout to a recording, on the frozen core of a twin",
        description="Train a readout of new units on the core of a twin, which stays as it is. A fit that "
        "was stopped or killed goes on where it stopped when the same command is given again. The folder's "
        "layout: docs/fitting.md.",
    )
    fit.add_argument(
        "--twin", default="demo", help="whose core: a name, or file:CORE.pt,SCAN.pt (default: %(default)s)"
    )
    fit.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="trials of the recording")
    fit.add_argument("--out", type=Path, required=True, metavar="NAME.safetensors")
    fit.add_argument(
        "--evaluation", type=Path, metavar="FOLDER", help="repeated clips, if they are not in the data folder"
    )
    start = fit.add_mutually_exclusive_group()
    start.add_argument(
        "--published", action="store_true", help="the published procedure: some 50,000 steps from nothing"
    )
    start.add_argument(
        "--positions", choices=("search", "published"), default="search",
        help="where units start: at the place that predicts them best, or in the middle "
        "(default: %(default)s)",
    )  # fmt: skip
    fit.add_argument(
        "--perspective", choices=("twin", "published", "fixed"),
        help="eye and monitor: begin with the twin's, with the published ones, or keep the twin's "
        "(default: twin)",
    )  # fmt: skip
    fit.add_argument("--epochs", type=int, help="default: 100")
    fit.add_argument("--batches", type=int, help="of an epoch (default: 500)")
    fit.add_argument("--window", type=int, help="frames of a window (default: 100)")
    fit.add_argument("--learning-rate", type=float, help="default: 0.1")
    fit.add_argument("--seed", type=int, default=0, help="of every draw (default: %(default)s)")
    fit.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)")
    fit.set_defaults(run=lambda options: _fit(options, bars))


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


def _fit(options: argparse.Namespace, bars: Bars) -> None:
    from dataclasses import replace

    from napari_twinscope.recording import resolve_device
    from napari_twinscope.training import FitOptions, run_fit

    how = FitOptions.published() if options.published else FitOptions(positions=options.positions)
    changes = {
        "perspective": options.perspective,
        "training_size": options.batches,
        "sample_size": options.window,
        "seed": options.seed,
    }
    how = replace(how, **{name: value for name, value in changes.items() if value is not None})
    if options.epochs is not None:
        how = replace(how, schedule=replace(how.schedule, epochs=options.epochs))
    if options.learning_rate is not None:
        how = replace(how, optimiser=replace(how.optimiser, learning_rate=options.learning_rate))
    with bars() as progress:
        report = run_fit(
            options.twin,
            options.data,
            options.out,
            how,
            evaluation=options.evaluation,
            device=resolve_device(options.device),
            progress=progress,
        )
    print(report.summary())
