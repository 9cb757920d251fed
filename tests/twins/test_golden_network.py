"""The network against numbers of the published reference, under a deterministic fill."""

from __future__ import annotations

import zlib

import fnn_golden as golden
import numpy as np
import pytest
import torch

from napari_twinscope.twins.layers import activate
from napari_twinscope.twins.perspective import Noise, retina_rays, rotation

WHOLE = ("tiny_A", "full_A")


def stored_part(file: str, name: str, whole: np.ndarray) -> np.ndarray:
    """Cut out of a traced array what the golden file stores of it."""
    cut = golden.manifest()[f"{file}.npz"][name]["slice"]
    if cut == "all":
        return whole
    parts = [part.strip() for part in cut.strip("[]").split(",")]
    index = tuple(
        slice(*(int(n) if n else None for n in part.split(":"))) if ":" in part else int(part)
        for part in parts
    )
    return whole[index]


def assert_golden(file: str, name: str, whole: np.ndarray) -> None:
    expected = golden.arrays(file)[name]
    assert list(whole.shape) == golden.manifest()[f"{file}.npz"][name]["full"]
    value = stored_part(file, name, whole)
    difference = np.abs(value - expected)
    plain = name.split("/")[-1]
    if plain == "perspective.sample_grid":  # grazing rays end far away and are not compared
        difference = difference[(np.abs(expected) <= 1.5).all(-1)]
    limit = golden.tolerance(plain)
    assert difference.max() <= limit
    stats = golden.arrays(file).get(f"{name}::stats")
    if stats is not None and plain != "perspective.sample_grid":
        flat = whole.reshape(len(whole), -1).astype(float)
        ours = np.stack([flat.mean(1), flat.std(1), flat.min(1), flat.max(1), np.abs(flat).mean(1)], axis=1)
        np.testing.assert_allclose(ours, stats, atol=limit)


def inputs_of_a(name: str, count: int | None = None) -> dict[str, np.ndarray]:
    stored = golden.arrays(f"{name}_A")
    return {key: stored[key][:count] for key in ("frames", "perspectives", "modulations")}


def assert_case(request, file: str, prefix: str, inputs, **options) -> None:
    """Compare all arrays of a file whose names begin with prefix."""
    network = request.getfixturevalue(file.split("_")[0])
    keys = [key for key in golden.manifest()[f"{file}.npz"] if key.startswith(prefix)]
    names = [key.removeprefix(prefix) for key in keys]
    traced = network.trace(names=[name for name in names if name in network.trace_names], **inputs, **options)
    for key in keys:
        if key.removeprefix(prefix) in traced:
            assert_golden(file, key, traced[key.removeprefix(prefix)])


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_the_state_dict_has_exactly_the_published_entries(request, name):
    state = request.getfixturevalue(name).state_dict()
    entries = golden.check_file(name)["entries"]
    assert set(state) == set(entries)
    for key, entry in entries.items():
        # the check files store the three 0-d buffers as one-element arrays
        assert list(state[key].shape) == entry["shape"] or state[key].ndim == 0
        if entry["filled"]:
            assert zlib.crc32(state[key].numpy().tobytes()) == entry["crc32"]
        else:
            assert float(state[key].double().sum()) == pytest.approx(entry["sum"], abs=1e-3)


def test_the_published_network_has_338_entries_of_which_250_are_the_core(full):
    names = list(full.state_dict())
    assert len(names) == 338
    assert sum(name.startswith("core.") for name in names) == 250
    assert sum(p.numel() for p in full.parameters()) == 4_538_229 + 522 * 8


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_golden_inputs_follow_their_rule(name):
    stored = inputs_of_a(name)
    count = len(stored["frames"])
    np.testing.assert_array_equal(golden.frames(f"{name}-A", count), stored["frames"])
    for key, values in golden.behaviour(f"{name}-A", count).items():
        np.testing.assert_array_equal(values, stored[key])


@pytest.mark.parametrize("file", WHOLE)
def test_every_intermediate_value_is_that_of_the_reference(request, file):
    assert_case(request, file, "", inputs_of_a(file.split("_")[0]))


def test_the_complete_core_map_is_that_of_the_reference(full):
    traced = full.trace(names=["core.out"], **inputs_of_a("full"))
    expected = golden.arrays("full_A_core")["core.out"]
    np.testing.assert_allclose(traced["core.out"][-1:], expected, atol=1e-4)


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_predict_returns_the_golden_responses(request, name):
    predicted = request.getfixturevalue(name).predict(**inputs_of_a(name))
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, golden.arrays(f"{name}_A")["response"][:, 0], atol=2e-5)


@pytest.mark.parametrize("name", ["tiny", "full"])
def test_absent_behaviour_is_the_mean_behaviour(request, name):
    assert_case(request, f"{name}_cases", "B/", {"frames": inputs_of_a(name)["frames"]})


@pytest.mark.parametrize(("name", "sequences", "count"), [("tiny", 3, 6), ("full", 2, 3)])
def test_sequences_side_by_side_are_those_of_the_reference(request, name, sequences, count):
    inputs = golden.batch([f"{name}-C{n}" for n in range(sequences)], count)
    assert_case(request, f"{name}_cases", "C/", inputs)


def test_one_movie_is_shared_by_several_traces_of_behaviour(request, tiny):
    inputs = golden.batch([f"tiny-C{n}" for n in range(3)], 6)
    inputs["frames"] = inputs_of_a("tiny")["frames"]
    assert_case(request, "tiny_cases", "C2/", inputs)
    expected = golden.arrays("tiny_cases")["C2/response"]
    np.testing.assert_allclose(tiny.predict(**inputs), expected, atol=2e-5)


@pytest.mark.parametrize(("name", "stream", "count"), [("tiny", 0, 6), ("tiny", 1, 6), ("full", 2, 3)])
def test_a_single_stream_is_that_of_the_reference(request, name, stream, count):
    inputs = inputs_of_a(name, count)
    assert_case(request, f"{name}_cases", f"D{stream}/", inputs, stream=stream)
    predicted = request.getfixturevalue(name).predict(stream=stream, **inputs)
    expected = golden.arrays(f"{name}_cases")[f"D{stream}/response"][:, 0]
    np.testing.assert_allclose(predicted, expected, atol=2e-5)


def test_the_border_of_the_monitor_can_be_extended(request):
    assert_case(request, "tiny_cases", "E/", inputs_of_a("tiny"), periphery="extend")


def test_black_grey_and_white_frames_give_the_golden_responses(request):
    levels = np.repeat(np.array([0, 128, 255], np.uint8), 2)[:, None, None]
    frames = np.broadcast_to(levels, (6, 144, 256))
    assert_case(request, "full_cases", "G/", {"frames": frames})


def test_loss_and_gradients_are_those_of_the_reference(tiny):
    stored = golden.arrays("tiny_cases")
    units = np.abs(golden.draw("target:tiny-A").standard_normal((6, 5)))
    np.testing.assert_allclose(units, stored["L/units"], atol=1e-6)
    logits = tiny(**inputs_of_a("tiny")).mean(2)[:, 0]
    loss = logits.exp() - logits * torch.from_numpy(stored["L/units"])
    np.testing.assert_allclose(loss.detach(), stored["L/loss"], atol=1e-4)
    objective = loss[2:].mean()
    assert objective.item() == pytest.approx(float(stored["L/objective"]), abs=2e-5)
    names = [key.removeprefix("L/grad/") for key in stored if key.startswith("L/grad/")]
    parameters = dict(tiny.named_parameters())
    gradients = torch.autograd.grad(objective, [parameters[name] for name in names])
    for name, gradient in zip(names, gradients, strict=True):
        expected = stored[f"L/grad/{name}"]
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(gradient, expected, atol=5e-5 * scale, err_msg=name)


def test_training_noise_acts_as_in_the_reference(tiny):
    stored = golden.arrays("tiny_cases")
    noise = Noise(*(torch.from_numpy(stored[f"T/noise.{name}"]) for name in Noise._fields))
    inputs = inputs_of_a("tiny")
    with torch.no_grad():
        given = tiny(**inputs, stream=1, noise=noise)
    np.testing.assert_allclose(given[:, :, 0], stored["T/readout.out"], atol=2e-5)
    np.testing.assert_allclose(given[:, :, 0].exp(), stored["T/response"], atol=2e-5)
    positions = tiny.readout.position(noise).detach()
    np.testing.assert_allclose(positions, stored["T/readout.grid"][0], atol=2e-5)


def test_training_mode_draws_the_noise_of_the_reference(tiny):
    stored = golden.arrays("tiny_cases")
    with torch.random.fork_rng():
        torch.manual_seed(123)
        drawn = tiny.draw_noise(1)
        for name, value in drawn._asdict().items():
            np.testing.assert_allclose(value, stored[f"T/noise.{name}"], atol=1e-6)
        torch.manual_seed(123)
        tiny.train()
        try:
            logits = tiny(**inputs_of_a("tiny"), stream=1)
        finally:
            tiny.eval()
    np.testing.assert_allclose(logits[:, :, 0].detach(), stored["T/readout.out"], atol=2e-5)


def test_effective_weights_are_those_of_the_reference(tiny):
    stored = golden.arrays("elements")
    keys = [key for key in stored if key.startswith("w/")]
    assert keys
    for key in keys:
        _, name, stream = key.split("/")
        layer = tiny.get_submodule(name)
        if name == "core.recurrent.proj_x.0":
            weight = layer.matrix(int(stream)).t()[..., None, None]
        else:
            weight = layer.weight(int(stream))
        np.testing.assert_allclose(weight.detach(), stored[key], atol=1e-5, rtol=1e-5)


def test_rays_rotations_and_gelu_are_those_of_the_reference():
    stored = golden.arrays("elements")
    np.testing.assert_allclose(retina_rays(32, 48, 75), stored["retina_grid/tiny"], atol=1e-6)
    np.testing.assert_allclose(
        rotation(torch.from_numpy(stored["rot/angles"])), stored["rot/matrix"], atol=1e-6
    )
    np.testing.assert_allclose(activate(torch.from_numpy(stored["gelu/x"])), stored["gelu/y"], atol=1e-6)
