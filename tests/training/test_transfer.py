"""A readout that is fitted on the demonstration twin's core finds simulated cells that the core never met."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from napari_twinscope.stimuli import Screen
from napari_twinscope.training.clips import respond
from napari_twinscope.training.fit_command import score_fit
from napari_twinscope.training.fit_options import FitOptions
from napari_twinscope.training.movies import held_out_movie, training_movie
from napari_twinscope.training.readout_fit import Fit, fit_readout
from napari_twinscope.training.sgd_clip import Schedule
from napari_twinscope.training.trials import Trial, make_trial_set
from napari_twinscope.twins import NetworkTwin, load_twin
from napari_twinscope.twins.demo import EXTENT
from napari_twinscope.twins.simulated import draw_cells
from napari_twinscope.twins.simulated.model import CorticalModel

if TYPE_CHECKING:
    import pandas as pd

    from napari_twinscope.twins.simulated import Cells

SEED = 7  # of cells and movies; those of the twin's training have another
FRAMES = 51  # a window, and one that no window begins with
TRIALS = 56
OPTIONS = FitOptions(
    schedule=Schedule(epochs=1),
    sample_size=FRAMES - 1,
    batch_size=1,
    training_size=1,
    validation_size=1,
    perspective="fixed",
)


class Transfer(NamedTuple):
    cells: Cells
    fit: Fit
    scores: pd.DataFrame


@pytest.fixture(scope="module")
def transfer() -> Transfer:
    cells = draw_cells(30, SEED, extent=EXTENT)
    model = CorticalModel(cells, Screen())

    def shown(name: str, movie: np.ndarray, training: bool) -> Trial:
        still = np.zeros((len(movie), 2), np.float32)
        return Trial(name, movie[..., None], still, still, respond(model, movie[None])[0], training)

    trials = [shown(f"{n:02}", training_movie(SEED, n, FRAMES), n < TRIALS - 1) for n in range(TRIALS)]
    clips = [shown(f"{n}/0", held_out_movie(n, FRAMES), False) for n in range(4)]
    recording = make_trial_set(trials, clips)
    fit = fit_readout(load_twin("demo"), recording, OPTIONS)
    return Transfer(cells, fit, score_fit(fit, recording))


def test_new_units_are_predicted_on_movies_that_nothing_was_fitted_to(transfer: Transfer) -> None:
    assert transfer.scores["cc_abs"].median() > 0.65
    unoriented = transfer.cells.of_type("ON", "OFF")
    assert transfer.scores["cc_abs"][unoriented].median() > 0.8


def test_new_units_look_at_their_receptive_fields(transfer: Transfer) -> None:
    twin = NetworkTwin(transfer.fit.network, id="fit", title="", description="", trained=True)
    cells = transfer.cells
    off = twin.stimulus_positions("output")[:, 0] - np.stack((cells.y, cells.x), axis=-1)
    error = np.hypot(*off.T) * Screen().degrees_per_pixel
    assert np.median(error) < 4  # degrees; the map's cells are 5 apart
    assert (error < cells.size).mean() > 0.8  # within a standard deviation of the receptive field


def test_the_core_is_the_twins(transfer: Transfer) -> None:
    source = load_twin("demo").network.state_dict()
    fitted = transfer.fit.network.state_dict()
    core = [name for name in source if name.startswith("core.")]
    assert core
    assert all(source[name].equal(fitted[name]) for name in core)
