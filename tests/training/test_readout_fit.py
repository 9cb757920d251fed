"""Fitting readouts on the frozen core of a tiny network, whose units we know."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.progress import SilentProgress
from napari_twinscope.training import fit_command, readout_fit
from napari_twinscope.training.feature_search import poisson_regression
from napari_twinscope.training.fit_command import run_fit, score_fit
from napari_twinscope.training.fit_options import FitOptions
from napari_twinscope.training.readout_fit import draw_batch, fit_readout
from napari_twinscope.training.readout_start import new_readout
from napari_twinscope.training.sgd_clip import Schedule
from napari_twinscope.training.trial_folder import write_trials
from napari_twinscope.training.trials import Trial, TrialSet, make_trial_set
from napari_twinscope.twins import NetworkConfig, SimulatedCortex, VisualNetwork, load_twin
from napari_twinscope.twins.config import (
    FeedforwardConfig,
    ModulationConfig,
    PerspectiveConfig,
    RecurrentConfig,
)

UNITS = 6
SHAPE = (36, 64)
CONFIG = NetworkConfig(
    feedforward=FeedforwardConfig(
        block_channels=(4, 8),
        block_groups=(1, 2),
        block_layers=(1, 1),
        block_temporals=(2, 2),
        block_spatials=(3, 3),
        block_pools=(2, 1),
        out_channels=8,
    ),
    recurrent=RecurrentConfig(in_channels=8, out_channels=8, hidden_channels=8, common_channels=8, groups=2),
    perspective=PerspectiveConfig(mlp_features=4, mlp_layers=1, height=24, width=36),
    modulation=ModulationConfig(mlp_features=4, lstm_features=2),
    streams=1,
)
SHORT = FitOptions(
    schedule=Schedule(epochs=2),
    sample_size=20,
    batch_size=2,
    training_size=3,
    validation_size=2,
    burnin_frames=5,
    search_frames=300,
    perspective="fixed",
)


def movie(seed: int, frames: int = 25, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Return coarse noise that drifts from frame to frame, uint8 [frames, rows, columns, 1]."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(frames, 9, 16))
    noise = steps.copy()
    for frame in range(1, frames):
        noise[frame] = 0.7 * noise[frame - 1] + 0.7 * steps[frame]
    grey = np.clip(127 + 60 * noise, 0, 255).astype(np.uint8)
    return grey.repeat(shape[0] // 9, axis=1).repeat(shape[1] // 16, axis=2)[..., None]


def make_network(seed: int = 0, units: int = UNITS, config: NetworkConfig = CONFIG) -> VisualNetwork:
    """Return a network with units that look at known positions."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = VisualNetwork(config, units).eval()
        with torch.no_grad():
            network.readout.position.mu.uniform_(-0.6, 0.6).atanh_()
            for weight in network.readout.feature.weights:
                weight.normal_(std=6)
            for layer in (network.perspective.mlp, network.modulation.mlp):
                for weight in layer.linears[0].weights:
                    weight.normal_(std=0.05)
    return network


def make_trials(teacher: VisualNetwork, count: int = 24, frames: int = 25, clips: int = 2) -> TrialSet:
    return make_trial_set(*recorded(teacher, count, frames, clips))


def recorded(
    teacher: VisualNetwork, count: int, frames: int, clips: int, shape: tuple[int, int] = SHAPE
) -> tuple[list[Trial], list[Trial]]:
    """Return what the teacher's units answer to movies, every fourth for validation, and to clips."""

    names = [f"{n:03}" for n in range(count)]
    names += [f"clip{n}/{repeat}" for n in range(clips) for repeat in range(2)]
    seeds = [*range(count), *np.repeat(1000 + np.arange(clips), 2)]
    movies = np.stack([movie(seed, frames, shape) for seed in seeds], axis=1)
    pupil, state = np.random.default_rng(1).normal(size=(2, frames, len(names), 2)).astype(np.float32)
    answers = teacher.predict(movies, pupil, state)
    made = [
        Trial(name, movies[:, n], 3 * pupil[:, n] + 1, 2 * state[:, n] - 1, answers[:, n], n % 4 > 0)
        for n, name in enumerate(names)
    ]
    return made[:count], made[count:]


@pytest.fixture(scope="module")
def teacher() -> VisualNetwork:
    return make_network()


@pytest.fixture(scope="module")
def trials(teacher) -> TrialSet:
    return make_trials(teacher)


def blank(teacher: VisualNetwork) -> VisualNetwork:
    """Return the teacher's core without a trace of its readout."""
    network = make_network(seed=5, units=1, config=teacher.config)
    state = {name: v for name, v in teacher.state_dict().items() if not name.startswith("readout")}
    network.load_state_dict(network.state_dict() | state)
    return network


def positions(network: VisualNetwork) -> np.ndarray:
    """Return the units' (x, y) in cells of the core feature map."""
    rows, columns = CONFIG.core_shape
    return network.readout.position.mu.detach().tanh().numpy() * np.array([columns, rows]) / 2


def run(trials: TrialSet, teacher: VisualNetwork, options: FitOptions = SHORT, **others):
    return fit_readout(blank(teacher), trials, options, **others)


def state(network: VisualNetwork) -> dict[str, torch.Tensor]:
    return network.state_dict()


def assert_same(first: VisualNetwork, second: VisualNetwork) -> None:
    assert all(value.equal(state(second)[name]) for name, value in state(first).items())


class StopAfter(SilentProgress):
    """Asks to stop after some steps of the phases whose names begin in one way."""

    def __init__(self, steps: int, phase: str) -> None:
        super().__init__()
        self.left, self.phase, self.counts = steps, phase, False

    def begin(self, total: int, description: str) -> None:
        assert total > 0
        self.counts = description.startswith(self.phase)

    def advance(self, steps: int = 1) -> None:
        self.left -= steps * self.counts
        self.canceled = self.left <= 0


def test_a_readout_finds_known_units(teacher):
    trials = make_trials(teacher, count=40, frames=45)
    options = replace(SHORT, training_size=6, sample_size=45, search_frames=2000)
    fit = run(trials, teacher, options)
    assert np.abs(positions(fit.network) - positions(teacher)).max() < 0.6  # cells
    scores = score_fit(fit, trials)
    assert scores["cc_abs"].min() > 0.8
    assert scores["cc_abs"].median() > 0.95
    np.testing.assert_allclose(
        scores[["column", "row"]], positions(fit.network) + np.array([4, 2.5]), atol=1e-5
    )
    recorded_mean = np.concatenate([trial.units for trial in trials.training]).mean(0)
    np.testing.assert_allclose(scores["mean_response"], recorded_mean, rtol=1e-5)


def test_training_alone_lowers_the_loss(teacher, trials):
    options = replace(SHORT, positions="published", schedule=Schedule(epochs=3), training_size=12)
    fit = run(trials, teacher, options)
    assert math.isnan(fit.curve[0].training_loss)
    assert fit.curve[0].validation_loss == pytest.approx(1)  # of a constant prediction
    assert fit.curve[-1].training_loss < fit.curve[1].training_loss
    assert fit.curve[-1].validation_loss < fit.curve[0].validation_loss
    assert [point.epoch for point in fit.curve] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("perspective", "moves"),
    [
        ("fixed", {"readout"}),
        ("twin", {"readout", "perspective", "modulation"}),
        ("published", {"readout", "perspective", "modulation"}),
    ],
)
def test_only_what_is_to_be_trained_changes(teacher, trials, perspective, moves):
    options = replace(SHORT, perspective=perspective, positions="published", keep="last")
    source = blank(teacher)
    before = {name: value.clone() for name, value in state(source).items()}
    start = state(new_readout(source, UNITS, options))
    fitted = fit_readout(source, trials, options).network
    changed = {name for name, value in state(fitted).items() if not value.equal(start[name])}
    assert {name.split(".")[0] for name in changed} == moves
    assert not any(name.startswith(("core.", "modulation.lstm.")) for name in changed)
    for name, value in before.items():
        assert value.equal(state(source)[name])  # the twin itself stays
        if name.startswith(("core.", "modulation.lstm.")):
            assert value.equal(state(fitted)[name])
    assert all(parameter.requires_grad and parameter.grad is None for parameter in fitted.parameters())
    assert not fitted.training


def test_the_published_start_is_the_specifications(teacher):
    network = new_readout(blank(teacher), UNITS, FitOptions.published())
    assert not network.readout.position.mu.any()
    assert network.readout.position.sigma.equal(0.4 * torch.eye(2).expand(UNITS, 2, 2))
    assert not network.perspective.mlp.linears[0].weights[0].any()
    np.testing.assert_allclose(network.perspective.monitor.center_std.detach(), 0.05)
    options = FitOptions.published()
    assert (options.sample_size, options.batch_size, options.training_size) == (100, 4, 500)
    assert (options.schedule.epochs, options.schedule.warmup, options.burnin_frames) == (100, 10, 10)


def test_a_fit_does_not_touch_the_random_state_of_the_user(teacher, trials):
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    run(trials, teacher, replace(SHORT, schedule=Schedule(epochs=1), positions="published"))
    assert torch.rand(3).equal(expected)


def test_a_stopped_fit_goes_on_to_the_same_numbers(tmp_path):
    teacher = make_network(config=replace(CONFIG, streams=2))
    trials = make_trials(teacher)
    options = replace(SHORT, schedule=Schedule(epochs=2, cycles=2), perspective="twin")
    whole = run(trials, teacher, options)
    path = tmp_path / "fit.checkpoint"
    for phase, steps in (("Looking", 1), ("Searching features", 1), ("Epoch 1", 2), ("Epoch 4", 4)):
        with pytest.raises(Canceled):
            run(trials, teacher, options, checkpoint=path, progress=StopAfter(steps, phase))
        assert path.exists() == phase.startswith("Epoch")
    resumed = run(trials, teacher, options, checkpoint=path)
    assert resumed.curve[1:] == whole.curve[1:]
    assert resumed.kept_epoch == whole.kept_epoch
    assert_same(resumed.network, whole.network)


def test_a_checkpoint_of_another_fit_is_refused(teacher, trials, tmp_path):
    path = tmp_path / "fit.checkpoint"
    options = replace(SHORT, schedule=Schedule(epochs=1), positions="published")
    run(trials, teacher, options, checkpoint=path)
    with pytest.raises(InvalidInput, match="of another fit"):
        run(trials, teacher, replace(options, seed=1), checkpoint=path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InvalidInput, match="cannot be read"):
        run(trials, teacher, options, checkpoint=path)


def test_the_best_epoch_is_kept(teacher, trials, monkeypatch):
    losses = iter([0.9, 0.5, 0.7])
    monkeypatch.setattr(readout_fit, "_validate", lambda *_: next(losses))
    best = run(trials, teacher, replace(SHORT, positions="published"))
    assert best.kept_epoch == 1
    losses = iter([0.9, 0.5, 0.7])
    last = run(trials, teacher, replace(SHORT, positions="published", keep="last"))
    assert last.kept_epoch == 2
    assert not best.network.readout.position.mu.equal(last.network.readout.position.mu)


def test_windows_are_drawn_from_everywhere_and_side_by_side(trials):
    options = replace(SHORT, batch_size=200)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        batch = draw_batch(trials.training, trials.statistics, options)
    assert batch.stimuli.shape == (20, 200, *SHAPE, 1)
    assert batch.units.shape == (20, 200, UNITS)
    starts = {first.tobytes() for first in batch.stimuli[0].swapaxes(0, 0)}
    possible = {trial.stimuli[n].tobytes() for trial in trials.training for n in range(5)}
    assert starts <= possible  # 0 ... n - sample_size - 1
    assert len(starts) > 60


def test_a_poisson_regression_recovers_known_weights():
    rng = np.random.default_rng(0)
    features = torch.from_numpy(rng.normal(size=(2, 4000, 5))) + 3
    weights = torch.tensor([[0.5, 0, 0, -0.5, 0.2], [0, 1, 0, 0, 0]]).double()
    biases = torch.tensor([-0.5, -3]).double()
    rates = (torch.einsum("ufc,uc->uf", features, weights) + biases[:, None]).exp()
    counts = torch.from_numpy(rng.poisson(rates)).double()
    found = poisson_regression(features, counts, torch.zeros(2).double())
    np.testing.assert_allclose(found.weights, weights, atol=0.05)
    np.testing.assert_allclose(found.biases, biases, atol=0.15)
    shrunken = poisson_regression(features, counts, torch.full((2,), 1e6).double())
    assert shrunken.weights.abs().max() < 1e-4
    np.testing.assert_allclose(shrunken.biases, counts.mean(1).log(), atol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_size": 26}, "shorter than a window"),
        ({"sample_size": 200, "burnin_frames": 5}, "25 frames"),
    ],
)
def test_trials_shorter_than_a_window_are_refused(teacher, trials, options, message):
    with pytest.raises(InvalidInput, match=message):
        run(trials, teacher, replace(SHORT, **options))


def test_simulated_cells_have_no_core(trials):
    with pytest.raises(InvalidInput, match="no core to read out"):
        fit_readout(SimulatedCortex(units=10), trials, SHORT)


@pytest.mark.parametrize(
    "wrong",
    [{"batch_size": 0}, {"burnin_frames": 20}, {"positions": "here"}, {"perspective": "none"}, {"seed": -1}],
)
def test_impossible_options_are_refused(wrong):
    with pytest.raises(InvalidInput, match="out of range"):
        replace(SHORT, **wrong)


def test_options_survive_json():
    assert FitOptions.from_json(SHORT.to_json()) == SHORT


@pytest.fixture(scope="module")
def twin_file(teacher, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("twin") / "core.safetensors"
    save_file(state(blank(teacher)), path)
    path.with_suffix(".json").write_text(json.dumps({"config": CONFIG.to_dict(), "trained": True}))
    return path


@pytest.fixture(scope="module")
def folder(teacher, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("data")
    write_trials(path, *recorded(teacher, 4, 20, 1, shape=(144, 256)))
    return path


ONE_EPOCH = replace(SHORT, schedule=Schedule(epochs=1), training_size=1, validation_size=1)


def test_a_fitted_twin_is_loaded_and_its_predictions_are_in_the_units_of_the_recording(
    twin_file, folder, tmp_path
):
    out = tmp_path / "new" / "fit.safetensors"
    report = run_fit(f"file:{twin_file}", folder, out, ONE_EPOCH)
    assert {path.name for path in out.parent.iterdir()} == {
        "fit.safetensors",
        "fit.json",
        "fit.scores.csv",
        "fit.curve.csv",
    }
    twin = load_twin(f"file:{out}")
    assert twin.units == UNITS
    assert twin.trained
    assert_same(twin.network, report.fit.network)
    stated = json.loads(out.with_suffix(".json").read_text())["fit"]
    assert FitOptions.from_dict(stated["options"]) == ONE_EPOCH
    assert stated["core"]["twin"] == f"file:{twin_file}"
    assert stated["behaviour"]["perspectives_mean"] == pytest.approx([1, 1], abs=1)
    header, first, *_ = out.with_suffix(".scores.csv").read_text().splitlines()
    assert header == "unit,cc_abs,cc_max,cc_norm,mean_response,row,column"
    assert first.startswith("0,")
    assert out.with_suffix(".curve.csv").read_text().startswith("epoch,training_loss,validation_loss,")
    assert "scored on the evaluation clips" in report.summary()
    with pytest.raises(InvalidInput, match="exists already"):
        run_fit(f"file:{twin_file}", folder, out, ONE_EPOCH)


def test_without_clips_the_validation_trials_are_scored_without_a_ceiling(teacher, trials):
    fit = run(trials, teacher, replace(SHORT, schedule=Schedule(epochs=1)))
    scores = score_fit(fit, replace(trials, clips=()))
    assert scores["cc_abs"].notna().all()
    assert scores[["cc_max", "cc_norm"]].isna().all(axis=None)


@pytest.mark.parametrize("spoil", ["mismatch", "nan", "short"])
def test_a_folder_that_does_not_fit_is_refused_before_any_work(
    twin_file, folder, tmp_path, monkeypatch, spoil
):
    monkeypatch.setattr(fit_command, "fit_readout", lambda *_, **__: pytest.fail("work was begun"))
    data, message, options = tmp_path / "data", "not finite", ONE_EPOCH
    shutil.copytree(folder, data)
    if spoil == "mismatch":
        (data / "modulations" / "001.npy").unlink()
        message = r"folder modulations lacks[^!]*001\.npy"
    elif spoil == "nan":
        np.save(data / "perspectives" / "002.npy", np.full((20, 2), np.nan))
    else:
        options, message = replace(ONE_EPOCH, sample_size=21), "shorter than a window"
    with pytest.raises(InvalidInput, match=message):
        run_fit(f"file:{twin_file}", data, tmp_path / "fit.safetensors", options)
    assert not list(tmp_path.glob("fit*"))


def test_the_output_is_a_weight_file(folder, tmp_path):
    with pytest.raises(InvalidInput, match=r"NAME\.safetensors"):
        run_fit("demo", folder, tmp_path / "fit.pt", ONE_EPOCH)
