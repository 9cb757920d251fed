"""How well a readout that is fitted on a twin's frozen core recovers a second simulated population.

    python benchmarks/transfer_readout.py                          # 100 cells, on the demo twin
    python benchmarks/transfer_readout.py --poisson --repeats 10   # spike counts instead of rates

The cells are drawn with another seed than those that the demo twin was trained on. Reported are the
correlations on movies that no training uses, and how far the centres of the receptive fields, as the
fitted positions tell them, lie from the true ones.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_twinscope.stimuli import Screen
from napari_twinscope.training.fit_command import save_fit, score_fit
from napari_twinscope.training.fit_options import FitOptions
from napari_twinscope.training.movies import held_out_movie, training_movie
from napari_twinscope.training.readout_fit import Fit, fit_readout
from napari_twinscope.training.readout_start import core_of
from napari_twinscope.training.sgd_clip import Schedule, SgdClipOptions
from napari_twinscope.training.trials import Trial, TrialSet, make_trial_set
from napari_twinscope.twins import NetworkTwin, SimulatedCortex, load_twin
from napari_twinscope.twins.demo import EXTENT
from napari_twinscope.twins.simulated import draw_cells

if TYPE_CHECKING:
    import pandas as pd

    from napari_twinscope.twins.simulated import Cells

SEED = 7  # of cells and movies; the demo twin's cells are those of seed 0
VALIDATION = 8  # every eighth trial
CLIP_FRAMES = 110


def responses(cortex: SimulatedCortex, movie: np.ndarray) -> np.ndarray:
    chunks: list[np.ndarray] = []
    cortex.record(movie[None], ["output"], lambda _stage, _first, v: chunks.append(v[0, :, 0, :, 0].numpy()))
    return np.concatenate(chunks)


def presentation(cortex: SimulatedCortex, name: str, movie: np.ndarray, training: bool) -> Trial:
    still = np.zeros((len(movie), 2), np.float32)
    return Trial(name, movie[..., None], still, still, responses(cortex, movie), training)


def make_recording(cortex: SimulatedCortex, trials: int, frames: int, clips: int, repeats: int) -> TrialSet:
    recorded = [
        presentation(cortex, f"{n:04}", training_movie(SEED, n, frames), training=n % VALIDATION > 0)
        for n in range(trials)
    ]
    shown = [(n, held_out_movie(n, CLIP_FRAMES)) for n in range(clips)]
    repeated = [
        presentation(cortex, f"{n:03}/{repeat}", movie, False)
        for n, movie in shown
        for repeat in range(repeats)
    ]
    return make_trial_set(recorded, repeated)


def centre_errors(fit: Fit, cells: Cells) -> np.ndarray:
    """Return the distance of each unit's fitted position from its true centre, in degrees."""
    twin = NetworkTwin(fit.network, id="fit", title="", description="", trained=True)
    y, x = twin.stimulus_positions("output")[:, 0].T
    return np.hypot(y - cells.y, x - cells.x) * Screen().degrees_per_pixel


def report(fit: Fit, recording: TrialSet, cells: Cells) -> pd.DataFrame:
    table = score_fit(fit, recording).assign(
        cell_type=cells.cell_type, centre_error=centre_errors(fit, cells), size=cells.size
    )
    by_type = table.groupby("cell_type")[["cc_abs", "cc_norm", "centre_error"]].median()
    print(by_type.round(3).to_string())
    low, middle, high = table["cc_abs"].quantile([0.1, 0.5, 0.9])
    print(f"cc_abs on unseen movies: median {middle:.3f}, deciles {low:.3f} to {high:.3f}")
    print(f"cc_norm: median {table['cc_norm'].median():.3f}")
    median, high = table["centre_error"].quantile([0.5, 0.9])
    within = (table["centre_error"] < table["size"]).mean()
    print(f"receptive-field centre: median error {median:.1f} deg, 90 % below {high:.1f} deg")
    print(f"  within one standard deviation of the receptive field: {within:.0%} of the units")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--twin", default="demo")
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--trials", type=int, default=240)
    parser.add_argument("--frames", type=int, default=100, help="of a trial")
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=1, help="of each clip")
    parser.add_argument("--poisson", action="store_true", help="spike counts instead of rates")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batches", type=int, default=50, help="of an epoch")
    parser.add_argument("--window", type=int, default=50, help="frames")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--positions", default="search")
    parser.add_argument("--perspective", default="fixed")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, help="keep the fitted twin: NAME.safetensors")
    options = parser.parse_args()

    start = time.perf_counter()
    twin = load_twin(options.twin)
    spikes = SEED if options.poisson else None
    # where the demonstration twin looks
    cells = draw_cells(options.units, SEED, extent=EXTENT)
    cortex = SimulatedCortex(poisson_seed=spikes, cells=cells)
    recording = make_recording(cortex, options.trials, options.frames, options.clips, options.repeats)
    print(
        f"{options.trials} trials of {options.frames} frames: {time.perf_counter() - start:.0f} s", flush=True
    )
    how = FitOptions(
        schedule=Schedule(epochs=options.epochs),
        optimiser=SgdClipOptions(learning_rate=options.learning_rate),
        sample_size=options.window,
        training_size=options.batches,
        positions=options.positions,
        perspective=options.perspective,
    )
    start = time.perf_counter()
    fit = fit_readout(core_of(twin), recording, how, device=options.device)
    for point in fit.curve:
        print(
            f"epoch {point.epoch:3d}: loss {point.training_loss:.4f}, validation {point.validation_loss:.4f}"
        )
    threads = torch.get_num_threads()
    print(f"fit: {time.perf_counter() - start:.0f} s on {options.device}, {threads} threads")
    print(f"epoch {fit.kept_epoch} kept")
    table = report(fit, recording, cortex.cells)
    if options.out:
        made = {name: str(value) for name, value in vars(options).items()}
        save_fit(fit, table, options.out, trained=twin.trained, provenance={"benchmark": made})


if __name__ == "__main__":
    main()
