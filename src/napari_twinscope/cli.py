"""The command ``twinscope``: every job without a window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from napari_twinscope import __version__
from napari_twinscope.cli_analysis import add_analysis
from napari_twinscope.cli_compare import add_compare
from napari_twinscope.cli_figures import add_figures
from napari_twinscope.cli_subpopulations import add_subpopulations
from napari_twinscope.cli_training import add_training
from napari_twinscope.errors import Canceled, InvalidInput, TwinscopeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress as Bars

    from napari_twinscope.recording import RecordingPlan
    from napari_twinscope.stimuli import StimulusProtocol

_PICTURES = (".png", ".pdf", ".svg", ".jpg")
_EXIT = """exit codes: 0 done, 1 an error that the message explains, 2 wrong usage, 130 interrupted"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        The words after ``twinscope``; none means those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (KeyboardInterrupt, Canceled):
        print("Interrupted. What is recorded is kept: the same command goes on.", file=sys.stderr)
        return 130
    except TwinscopeError as error:
        print(f"twinscope: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        print(f"twinscope: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="twinscope",
        description="An electrode rig for digital twins of visual cortex.",
        epilog=_EXIT,
    )
    parser.add_argument("--version", action="version", version=f"twinscope {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_record(commands)
    _add_catalogue(commands)
    _add_stimuli(commands)
    add_training(commands, RichProgress)
    add_analysis(commands, RichProgress)
    add_compare(commands, RichProgress)
    add_figures(commands, RichProgress)
    add_subpopulations(commands, RichProgress)
    _add_view(commands)
    return parser


def _add_record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    record = commands.add_parser(
        "record",
        help="show a protocol to a twin and record its units",
        description="Show a protocol to a twin and record its units. A run that was stopped or killed "
        "goes on where it stopped when the same command is given again.",
        epilog=_EXIT,
    )
    record.add_argument("--out", type=Path, required=True, metavar="NAME.twinscope.zarr")
    _add_twin(record)
    shown = record.add_mutually_exclusive_group()
    shown.add_argument("--protocol", default="paper-6", help="name of a protocol (default: %(default)s)")
    record.add_argument(
        "--stimulus", action="append", default=[], help="only this stimulus of the protocol; repeats"
    )
    record.add_argument(
        "--direction", action="append", type=float, default=[], metavar="DEGREES",
        help="only this direction: 0 rightwards, 90 upwards; repeats",
    )  # fmt: skip
    record.add_argument(
        "--instances", type=int, help="random instances of each movie (default: the protocol's)"
    )
    shown.add_argument(
        "--movie", type=Path,
        help="a movie file or folder (npy, npz, tif, gif, mp4, png folder) instead of a protocol",
    )  # fmt: skip
    record.add_argument(
        "--stage", action="append", default=[], help="a stage to record; repeats (default: all)"
    )
    record.add_argument(
        "--store-maps", action="append", default=[], metavar="STAGE",
        help="store the complete activation maps of this stage too; repeats",
    )  # fmt: skip
    record.add_argument(
        "--sampling", default="corrected", choices=("corrected", "published", "uniform", "all"),
        help="which units: the papers' draw by activity with the border removed on all sides (corrected), "
        "as in the public code (published), evenly at random (uniform), or every unit (default: %(default)s)",
    )  # fmt: skip
    record.add_argument(
        "--maps", type=int, default=40, help="feature maps drawn from a stage (default: %(default)s)"
    )
    record.add_argument(
        "--units", type=int, default=50, help="units drawn from each feature map (default: %(default)s)"
    )
    record.add_argument("--seed", type=int, default=1, help="seed of the draw (default: %(default)s)")
    record.add_argument("--batch", type=int, default=8, help="movies shown at once (default: %(default)s)")
    record.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default: %(default)s)"
    )
    record.add_argument("--dtype", default="float32", choices=("float32", "float16"), help="stored precision")
    record.add_argument(
        "--allow-tf32",
        action="store_true",
        help="let CUDA round products to TF32: faster, wrong by about 1e-3",
    )
    for name, what in (
        ("pupil-x", "horizontal pupil position"),
        ("pupil-y", "vertical pupil position"),
        ("pupil-radius", "pupil radius"),
        ("treadmill", "running speed"),
    ):
        record.add_argument(
            f"--{name}", type=float, default=0.0, metavar="SD",
            help=f"{what}, in standard deviations from the animal's mean (default: 0)",
        )  # fmt: skip
    record.add_argument("--tasks", action="store_true", help="print the table of tasks and stop")
    record.add_argument("--estimate", action="store_true", help="print time, memory and disk needed and stop")
    record.set_defaults(run=_record)


def _add_catalogue(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    twins = commands.add_parser("twins", help="list the twins that can be recorded")
    twins.set_defaults(run=_twins)
    stages = commands.add_parser("stages", help="list the stages of a twin, in the order of the data")
    _add_twin(stages)
    stages.set_defaults(run=_stages)
    info = commands.add_parser("info", help="say what a recording holds and how it was made")
    info.add_argument("recording", type=Path)
    info.set_defaults(run=_info)


def _add_stimuli(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    stimuli = commands.add_parser("stimuli", help="list the protocols, or draw one")
    stimuli.add_argument("--protocol", help="describe this protocol: degrees, cycles per degree, Hz")
    stimuli.add_argument("--gallery", type=Path, metavar="PNG", help="draw the protocol (default: paper)")
    stimuli.set_defaults(run=_stimuli)


def _add_view(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    view = commands.add_parser("view", help="open a recording or a saved session in napari")
    view.add_argument("path", type=Path, metavar="PATH", help="NAME.twinscope.zarr, or NAME.twinscope.json")
    view.set_defaults(run=_view)
    demo = commands.add_parser(
        "demo", help="record the demo twin from stimulus to linked views, and draw them to a folder"
    )
    demo.add_argument("--out", type=Path, default=Path("demo-output"), help="folder (default: %(default)s)")
    demo.add_argument(
        "--no-window", action="store_true", help="draw the views in a virtual display, open none"
    )
    demo.set_defaults(run=_demo)


def _add_twin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--twin", default="demo",
        help="a name that 'twinscope twins' lists, file:MERGED.pt, or file:CORE.pt,SCAN.pt "
        "(default: %(default)s)",
    )  # fmt: skip


def _plan(options: argparse.Namespace) -> RecordingPlan:
    from napari_twinscope.recording import Behaviour, RecordingPlan, Sampling

    return RecordingPlan(
        twin=options.twin,
        protocol=_protocol(options),
        stages=tuple(options.stage),
        sampling=Sampling(rule=options.sampling, maps=options.maps, units_per_map=options.units),
        device=options.device,
        batch=options.batch,
        dtype=options.dtype,
        seed=options.seed,
        store_maps=tuple(options.store_maps),
        behaviour=Behaviour(options.pupil_x, options.pupil_y, options.pupil_radius, options.treadmill),
        allow_tf32=options.allow_tf32,
    )


def _protocol(options: argparse.Namespace) -> StimulusProtocol:
    from napari_twinscope.stimuli import movie_protocol, protocol

    chosen = movie_protocol(options.movie) if options.movie else protocol(options.protocol)
    return chosen.subset(
        stimuli=options.stimulus or None,
        directions=options.direction or None,
        instances=options.instances,
    )


def _record(options: argparse.Namespace) -> None:
    from napari_twinscope.recording import estimate, open_recording, record, resolve_device
    from napari_twinscope.recording.recorder import check_path

    plan = _plan(options)
    if options.tasks:
        print(plan.task_table())
        return
    path = check_path(options.out)
    from napari_twinscope.twins import caution, load_twin

    twin = load_twin(plan.twin, device=resolve_device(plan.device))
    if twin.status:
        print(f"twin {twin.id}: {caution(twin.status)}", file=sys.stderr)
    print(estimate(plan, twin), file=sys.stderr)
    if options.estimate:
        return
    with RichProgress() as progress:
        record(plan, path, progress=progress, twin=twin)
    print(open_recording(path).describe())


def _twins(options: argparse.Namespace) -> None:
    del options
    from napari_twinscope.twins import list_twins

    for entry in list_twins():
        status = f" [{entry.status}]" if entry.status else ""
        print(f"{entry.id:<12} {entry.title}{status}")
        print(f"{'':<12} {entry.description if entry.available else 'not available: ' + entry.reason}")
    print(f"{'file:PATH':<12} a weight file: a merged state dict, or CORE.pt,SCAN.pt")


def _stages(options: argparse.Namespace) -> None:
    from napari_twinscope.twins import load_twin

    twin = load_twin(options.twin)
    print(f"{'stage':<14} {'paper':<8} {'maps x rows x columns':<22} recorded value")
    for stage in twin.stages:
        size = f"{stage.channels} x {stage.rows} x {stage.columns}"
        print(f"{stage.name:<14} {stage.paper_name:<8} {size:<22} {stage.description}")


def _info(options: argparse.Namespace) -> None:
    from napari_twinscope.recording import open_recording

    print(open_recording(options.recording).describe())


def _stimuli(options: argparse.Namespace) -> None:
    from napari_twinscope.stimuli import gallery, protocol, protocol_names

    if options.gallery:
        if options.gallery.suffix.lower() not in _PICTURES:
            raise InvalidInput(
                "The gallery cannot be drawn to this kind of file.",
                given=options.gallery,
                needed="one of " + ", ".join(_PICTURES),
            )
        gallery(protocol(options.protocol or "paper"), options.gallery)
        print(options.gallery)
    elif options.protocol:
        print(protocol(options.protocol).describe())
    else:
        for name in protocol_names():
            print(protocol(name).describe().splitlines()[0])


def _view(options: argparse.Namespace) -> None:
    from napari_twinscope.recording import open_recording
    from napari_twinscope.rig.saved_session import read_session

    # a wrong path is told before a window opens
    if options.path.suffix == ".json":
        read_session(options.path)
    else:
        open_recording(options.path).close()
    from napari_twinscope.views.launch import view

    view(options.path)


def _demo(options: argparse.Namespace) -> None:
    from napari_twinscope.demo import run_demo

    with RichProgress() as progress:
        run_demo(options.out, progress=progress, window=not options.no_window)


class RichProgress:
    """Progress bars in the terminal; Ctrl-C stops the job between two tasks."""

    canceled = False

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import TimeElapsedColumn

        self._bars: Bars = Bars(
            *Bars.get_default_columns(), TimeElapsedColumn(), console=Console(stderr=True)
        )
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, total: int, description: str) -> None:
        """Show a new bar."""
        self._task = self._bars.add_task(description, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        self._bars.advance(self._task, steps)

    def end(self) -> None:
        """Leave the bar as it is."""
        self._bars.refresh()
