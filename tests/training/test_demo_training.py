"""Training on simulated cells makes the loss fall, can be stopped, and goes on to the last bit."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.progress import SilentProgress
from napari_twinscope.training import demo_training
from napari_twinscope.training.clips import Clips, recipe_cells, render_clips, respond
from napari_twinscope.training.demo_start import initial_network
from napari_twinscope.training.demo_training import train_demo
from napari_twinscope.training.movies import training_movie
from napari_twinscope.training.recipe import DemoRecipe
from napari_twinscope.training.trainer import Trainer
from napari_twinscope.training.validation import PROTOCOLS
from napari_twinscope.twins import NetworkConfig, load_twin
from napari_twinscope.twins.config import (
    FeedforwardConfig,
    ModulationConfig,
    PerspectiveConfig,
    RecurrentConfig,
)

if TYPE_CHECKING:
    from napari_twinscope.twins.network import VisualNetwork

CONFIG = NetworkConfig(
    feedforward=FeedforwardConfig(
        input_spatial=8,
        input_stride=4,
        block_channels=(4,),
        block_groups=(1,),
        block_layers=(1,),
        block_temporals=(3,),
        block_spatials=(3,),
        block_pools=(2,),
        out_channels=8,
    ),
    recurrent=RecurrentConfig(in_channels=8, out_channels=8, hidden_channels=8, common_channels=8, groups=2),
    perspective=PerspectiveConfig(height=32, width=48, degrees=56.0),
    modulation=ModulationConfig(lstm_features=4),
    streams=2,
)
RECIPE = DemoRecipe(
    config=CONFIG, units=12, clips=6, frames=18, steps=8, batch=2, check_every=4, save_every=2
)


class Few:
    """In place of the validation, which draws two hundred movies."""

    def __init__(self, cells: object, frames: int) -> None:
        del cells, frames

    def check(self, network: VisualNetwork) -> dict[str, float]:
        measures = ("osi", "osi_lowest", "dsi", "dsi_lowest", "direction")
        names = ["natural", *(f"{shown} {measure}" for shown in PROTOCOLS for measure in measures)]
        return dict.fromkeys(names, float(network.readout.biases[0].detach().mean()))


class StopAfter(SilentProgress):
    """Asks to stop after some steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def advance(self, steps: int = 1) -> None:
        self.left -= steps
        self.canceled = self.left <= 0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return render_clips(RECIPE, tmp_path_factory.mktemp("clips"), processes=1)


@pytest.fixture
def trained_here(monkeypatch: pytest.MonkeyPatch, clips: Clips) -> None:
    monkeypatch.setattr(demo_training, "Validation", Few)
    monkeypatch.setattr(demo_training, "render_clips", lambda *_, **__: clips)
    monkeypatch.setattr(demo_training, "keep_memory", lambda **_: None)


def trainer(clips: Clips, recipe: DemoRecipe = RECIPE) -> Trainer:
    return Trainer(initial_network(recipe, recipe_cells(recipe), clips.rates), clips, recipe)


def test_clips_are_the_training_movies_and_the_cells_responses(clips: Clips) -> None:
    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins.simulated.model import CorticalModel

    np.testing.assert_array_equal(clips.frames[4], training_movie(RECIPE.seed, 4, RECIPE.frames))
    model = CorticalModel(recipe_cells(RECIPE), Screen())
    np.testing.assert_allclose(clips.rates[4:5], respond(model, clips.frames[4:5]), rtol=1e-4)


def test_drawing_goes_on_where_it_stopped(tmp_path: Path, clips: Clips) -> None:
    half = replace(RECIPE, clips=2, batch=1)
    first = render_clips(half, tmp_path, processes=1)
    drawn = np.lib.format.open_memmap(tmp_path / "drawn.npy")
    drawn[1] = False
    drawn.flush()
    first.frames[0] = 7  # a clip that counts as drawn is left alone
    first.frames.flush()
    again = render_clips(half, tmp_path, processes=1)
    assert (again.frames[0] == 7).all()
    np.testing.assert_array_equal(again.frames[1], clips.frames[1])


def test_the_clips_of_another_recipe_are_refused(tmp_path: Path) -> None:
    render_clips(replace(RECIPE, clips=2, batch=1), tmp_path, processes=1)
    with pytest.raises(InvalidInput, match="clips of another training"):
        render_clips(replace(RECIPE, clips=2, batch=1, seed=1), tmp_path, processes=1)


def test_units_start_at_the_centres_of_their_cells(clips: Clips) -> None:
    from napari_twinscope.twins import NetworkTwin

    recipe = DemoRecipe(units=12)  # of full size: positions are kept within the outermost places of the map
    cells = recipe_cells(recipe)
    network = initial_network(recipe, cells, clips.rates)
    twin = NetworkTwin(network, id="start", title="", description="", trained=False)
    found = twin.stimulus_positions("output")[:, 0]
    np.testing.assert_allclose(found, np.stack((cells.y, cells.x), axis=1), atol=1e-2)


def test_an_untrained_network_predicts_the_mean_rate(clips: Clips) -> None:
    network = initial_network(RECIPE, recipe_cells(RECIPE), clips.rates)
    predicted = network.predict(np.zeros((3, 144, 256), np.uint8))
    np.testing.assert_allclose(predicted[0], clips.rates.mean((0, 1)), rtol=1e-4)


def test_the_loss_falls(clips: Clips) -> None:
    run = trainer(clips, replace(RECIPE, steps=60, batch=6, learning_rate=3e-3))
    losses = [run.step() for _ in range(60)]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.05


def test_what_is_known_is_not_trained(clips: Clips) -> None:
    run = trainer(clips)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    for _ in range(3):
        run.step()
    after = run.network.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert not any(name.startswith("perspective.") for name in changed)
    assert any(name.startswith("core.recurrent") for name in changed)
    assert "readout.position.mu" in changed


def test_a_state_goes_on_to_the_last_bit(clips: Clips) -> None:
    whole = trainer(clips)
    losses = [whole.step() for _ in range(6)]
    first = trainer(clips)
    for _ in range(3):
        first.step()
    second = trainer(clips)
    second.restore(first.state())
    assert [second.step() for _ in range(3)] == losses[3:]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name


@pytest.mark.usefixtures("trained_here")
def test_a_training_that_was_stopped_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole = train_demo(tmp_path / "whole", RECIPE)
    with pytest.raises(Canceled):
        train_demo(tmp_path / "halves", RECIPE, progress=StopAfter(5))
    halves = train_demo(tmp_path / "halves", RECIPE)
    assert whole.read_bytes() == halves.read_bytes()
    assert json.loads(whole.with_suffix(".json").read_text())["recipe"] == RECIPE.to_dict()
    assert "12 simulated cells" in whole.with_suffix(".md").read_text()
    with (tmp_path / "halves" / "curve.csv").open() as file:
        assert [float(row["step"]) for row in csv.DictReader(file)] == [4, 8]


@pytest.mark.usefixtures("trained_here")
def test_the_weights_load_as_a_twin_of_simulated_cells(tmp_path: Path) -> None:
    twin = load_twin(f"file:{train_demo(tmp_path, RECIPE)}")
    assert (twin.trained, twin.status, twin.units) == (True, "simulated", 12)


@pytest.mark.usefixtures("trained_here")
def test_a_folder_with_another_training_is_refused(tmp_path: Path) -> None:
    train_demo(tmp_path, RECIPE)
    with pytest.raises(InvalidInput, match="another recipe"):
        train_demo(tmp_path, replace(RECIPE, learning_rate=1e-4))


@pytest.mark.usefixtures("trained_here")
def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(InvalidInput, match="cannot be read"):
        train_demo(tmp_path, RECIPE)


def test_the_learning_rate_rises_and_falls_to_nothing() -> None:
    recipe = DemoRecipe(steps=1000, warmup=50)
    rates = [recipe.learning_rate_at(step) for step in range(1000)]
    assert rates[0] < rates[49] == max(rates) <= recipe.learning_rate
    assert rates[-1] < 1e-4 * recipe.learning_rate


def test_a_recipe_survives_json() -> None:
    assert DemoRecipe.from_json(RECIPE.to_json()) == RECIPE


@pytest.mark.parametrize(
    "change", [{"steps": 0}, {"batch": 7}, {"learning_rate": 0.0}, {"seed": -1}, {"contrast": float("nan")}]
)
def test_impossible_recipes_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="out of range"):
        replace(RECIPE, **change)
