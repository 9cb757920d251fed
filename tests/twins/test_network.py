"""How the network behaves, beside its numbers."""

from __future__ import annotations

from dataclasses import replace

import fnn_golden as golden
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.twins import NetworkConfig, VisualNetwork
from napari_twinscope.twins import network as network_module

FRAMES = golden.frames("tiny-A", 6)


def test_batched_sequences_do_not_mix(tiny):
    inputs = golden.batch(["tiny-C0", "tiny-C1", "tiny-C2"], 6)
    together = tiny.predict(**inputs)
    for n in range(3):
        alone = tiny.predict(
            inputs["frames"][:, n, ..., 0], inputs["perspectives"][:, n], inputs["modulations"][:, n]
        )
        np.testing.assert_allclose(together[:, n], alone, atol=3e-6)


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_where_chunks_end_does_not_matter(tiny, monkeypatch, chunk):
    whole = tiny.predict(FRAMES, **golden.behaviour("tiny-A", 6))
    monkeypatch.setattr(network_module, "CHUNK", chunk)
    np.testing.assert_allclose(tiny.predict(FRAMES, **golden.behaviour("tiny-A", 6)), whole, atol=2e-6)


def test_more_sequences_than_run_side_by_side_come_back_in_order(tiny, monkeypatch):
    inputs = golden.batch(["tiny-C0", "tiny-C1", "tiny-C2"], 6)
    whole = tiny.predict(**inputs)
    monkeypatch.setattr(network_module, "TOGETHER", 2)
    np.testing.assert_allclose(tiny.predict(**inputs), whole, atol=2e-6)


def test_a_single_channel_axis_changes_nothing(tiny):
    plain = tiny.predict(FRAMES)
    assert plain.shape == (6, 5)
    np.testing.assert_array_equal(tiny.predict(FRAMES[..., None]), plain)
    batched = tiny.predict(FRAMES[:, None, ..., None])
    assert batched.shape == (6, 1, 5)
    np.testing.assert_array_equal(batched[:, 0], plain)


def test_frames_may_come_one_by_one(tiny):
    np.testing.assert_array_equal(tiny.predict(frame for frame in FRAMES), tiny.predict(FRAMES))
    np.testing.assert_array_equal(tiny.predict(torch.from_numpy(FRAMES)), tiny.predict(FRAMES))


def test_the_prediction_ends_with_the_shortest_input(tiny):
    behaviour = golden.behaviour("tiny-A", 6)
    whole = tiny.predict(FRAMES, **behaviour)
    short = tiny.predict(FRAMES, behaviour["perspectives"][:4], behaviour["modulations"])
    np.testing.assert_allclose(short, whole[:4], atol=2e-6)


def test_a_constant_gaze_is_computed_once_and_equals_a_varying_one(tiny):
    gaze = np.full((6, 2), 0.7)
    almost = gaze.copy()
    almost[-1] += 1e-9
    np.testing.assert_allclose(tiny.predict(FRAMES, gaze), tiny.predict(FRAMES, almost), atol=2e-6)


@pytest.mark.parametrize("edit", ["optimiser", "data", "load", "assign"])
def test_a_changed_parameter_changes_the_next_prediction(edit):
    network = golden.filled("tiny")
    before = network.predict(FRAMES)
    gain = network.core.feedforward.out.gains[0]
    if edit == "optimiser":
        gain.grad = torch.ones_like(gain)
        torch.optim.SGD([gain], lr=0.5).step()
    elif edit == "data":
        gain.data.mul_(0.5)
    elif edit == "load":
        state = network.state_dict()
        state["core.feedforward.out.gains.0"] = gain.detach() * 0.5
        network.load_state_dict(state)
    else:
        network.core.feedforward.out.gains[0] = torch.nn.Parameter(gain.detach() * 0.5)
    assert np.abs(network.predict(FRAMES) - before).max() > 1e-3


@pytest.mark.parametrize("training", [True, False])
def test_neither_training_mode_nor_gradients_leak(tiny, training):
    tiny.train(training)
    try:
        first = tiny.predict(FRAMES)
        assert tiny.training is training
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        np.testing.assert_array_equal(tiny.predict(FRAMES), first)
    finally:
        tiny.eval()


def test_predicting_leaves_the_random_state_alone(tiny):
    before = torch.get_rng_state()
    tiny.predict(FRAMES)
    assert torch.equal(torch.get_rng_state(), before)


def test_after_a_prediction_the_network_can_be_trained(tiny):
    tiny.predict(FRAMES)
    loss = tiny(FRAMES).exp().mean()
    (gradient,) = torch.autograd.grad(loss, [tiny.readout.position.mu])
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


def test_gradients_equal_finite_differences():
    network = golden.filled("tiny").double()
    for name in ("core.recurrent.conv.weights.0", "core.feedforward.blocks.1.skips.2.weights.1"):
        weight = network.get_parameter(name)
        loss = network(FRAMES[:3]).mean()
        (gradient,) = torch.autograd.grad(loss, [weight])
        direction = torch.zeros_like(weight)
        direction[1, 0, 0, 0, 0] = 1e-5
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                weight.add_(sign * direction)
                losses.append(network(FRAMES[:3]).mean().item())
                weight.sub_(sign * direction)
        slope = (losses[0] - losses[1]) / 2e-5
        assert gradient[1, 0, 0, 0, 0].item() == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_strict_loading_names_what_is_missing(tiny):
    state = tiny.state_dict()
    del state["core.recurrent.proj_x.0.mask"]
    with pytest.raises(RuntimeError, match="mask"):
        tiny.load_state_dict(state)


@pytest.mark.parametrize(
    ("frames", "behaviour", "problem"),
    [
        (np.zeros((3, 36, 64)), None, "grey levels"),
        (np.zeros((0, 36, 64), np.uint8), None, "empty"),
        ([], None, "empty"),
        (np.zeros((36, 64), np.uint8), None, "wrong shape"),
        (np.zeros((3, 36, 64, 3), np.uint8), None, "wrong shape"),
        (np.zeros((3, 1, 64), np.uint8), None, "too small"),
        (FRAMES, np.full((6, 2), np.nan), "not finite"),
        (FRAMES, np.zeros((6, 3)), "wrong shape"),
        (FRAMES, np.zeros((0, 2)), "no frame"),
        (np.zeros((3, 2, 36, 64, 1), np.uint8), np.zeros((3, 4, 2)), "different numbers of sequences"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tiny, frames, behaviour, problem):
    with pytest.raises(InvalidInput, match=problem):
        tiny.predict(frames, behaviour)
    if behaviour is not None:
        with pytest.raises(InvalidInput, match=problem):
            tiny.predict(frames, modulations=behaviour)


def test_unknown_streams_peripheries_and_names_are_refused(tiny):
    with pytest.raises(InvalidInput, match="stream"):
        tiny.predict(FRAMES, stream=2)
    with pytest.raises(InvalidInput, match="periphery"):
        tiny.trace(FRAMES, ["response"], periphery="bright")
    with pytest.raises(InvalidInput, match="no such value"):
        tiny.trace(FRAMES, ["response", "recurrent.y"])


def test_only_what_is_asked_for_is_computed(tiny, monkeypatch):
    def refuse(*_args, **_keywords):
        raise AssertionError("the recurrent network ran")

    monkeypatch.setattr(tiny.core.recurrent, "forward", refuse)
    monkeypatch.setattr(tiny.core.recurrent, "prepare", refuse)
    traced = tiny.trace(FRAMES, ["feedforward.blocks.0.activations.1", "perspective.out", "modulation.h"])
    assert traced["feedforward.blocks.0.activations.1"].shape == (6, 1, 8, 16, 24)


def test_every_named_value_can_be_traced(tiny):
    traced = tiny.trace(FRAMES[:2], tiny.trace_names)
    assert set(traced) == set(tiny.trace_names)
    assert all(value.shape[:2] == (2, 1) and np.isfinite(value).all() for value in traced.values())
    np.testing.assert_allclose(traced["recurrent.attn"].sum(-1), 1, atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(
    groups=st.sampled_from([1, 2, 3]),
    layers=st.integers(1, 3),
    taps=st.integers(1, 3),
    streams=st.integers(1, 2),
    sequences=st.integers(1, 2),
)
def test_any_width_runs_and_batches(groups, layers, taps, streams, sequences):
    base = golden.config("tiny")
    config = replace(
        base,
        feedforward=replace(base.feedforward, block_layers=(layers, 1), block_temporals=(taps, 2)),
        recurrent=replace(
            base.recurrent, groups=groups, in_channels=6, hidden_channels=6, common_channels=12
        ),
        streams=streams,
    )
    network = VisualNetwork(config, units=3)
    mixing = [name for name in network.state_dict() if name.endswith("mask")]
    assert bool(mixing) == (groups > 1)
    movie = np.random.default_rng(1).integers(0, 256, (3, sequences, 36, 64, 1), np.uint8)
    predicted = network.predict(movie)
    assert predicted.shape == (3, sequences, 3)
    np.testing.assert_array_equal(predicted, 1)  # the readout starts at zero
    core = network.trace(movie, ["core.out"])["core.out"]
    alone = network.trace(movie[:, :1], ["core.out"])["core.out"]
    np.testing.assert_allclose(core[:, :1], alone, atol=1e-5)


def test_a_new_network_starts_as_published():
    network = VisualNetwork(golden.config("tiny"), units=4)
    state = network.state_dict()
    assert (state["perspective.mlp.linears.0.weights.0"] == 0).all()
    assert (state["modulation.mlp.linears.0.weights.1"] == 0).all()
    assert (state["core.recurrent.proj_i.biases.0"] == -1).all()
    assert (state["modulation.lstm.proj_f.biases.0"] == 1).all()
    assert state["core.recurrent.proj_x.1.gains.0"].numpy() == pytest.approx(3**-0.5)
    assert state["core.feedforward.blocks.1.convs.2.gains.0"].numpy() == pytest.approx(2**-0.5)
    assert torch.equal(state["readout.position.sigma"][0], 0.4 * torch.eye(2))
    weight = state["core.recurrent.conv.weights.0"]
    assert weight.abs().max() <= (1 / weight[0].numel()) ** 0.5


def test_the_configuration_survives_both_forms():
    published = NetworkConfig.published()
    assert NetworkConfig.from_json(published.to_json()) == published
    assert NetworkConfig.from_dict(golden.check_file("full")["config"]) == published
    with pytest.raises(InvalidInput, match="not complete"):
        NetworkConfig.from_dict({"feedforward": {}})
    with pytest.raises(InvalidInput, match="groups"):
        replace(published.recurrent, groups=7)
