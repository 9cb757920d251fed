"""Twins, their stages and where these look."""

from __future__ import annotations

import fnn_golden as golden
import numpy as np
import pytest
import torch

from napari_twinscope.errors import DeviceError, InvalidInput
from napari_twinscope.twins import NetworkConfig, NetworkTwin, Twin, list_twins, load_twin
from napari_twinscope.twins.geometry import grid_cells
from napari_twinscope.twins.layers import GAMMA, activate
from napari_twinscope.twins.stages import network_stages


@pytest.fixture(scope="module")
def twin():
    network = golden.filled("tiny")
    return NetworkTwin(
        network, id="tiny", title="Tiny", description="Golden.", trained=False, frame_shape=(36, 64)
    )


@pytest.fixture(scope="module")
def demo():
    return load_twin("demo")


def recorded(twin, frames, stages, **behaviour):
    chunks, starts = ({name: [] for name in stages} for _ in range(2))

    def sink(name, first, values):
        chunks[name].append(values.numpy().copy())
        starts[name].append(first)

    twin.record(frames, stages, sink, **behaviour)
    for name in stages:
        lengths = [chunk.shape[1] for chunk in chunks[name]]
        assert starts[name] == [sum(lengths[:n]) for n in range(len(lengths))]
    return {name: np.concatenate(values, axis=1) for name, values in chunks.items()}


def movies(cases=("tiny-C0", "tiny-C1", "tiny-C2"), count=6):
    inputs = golden.batch(list(cases), count)
    behaviour = {name: np.moveaxis(inputs[name], 1, 0) for name in ("perspectives", "modulations")}
    return np.moveaxis(inputs["frames"][..., 0], 1, 0), behaviour, inputs


def test_the_published_stages_are_those_of_the_papers():
    stages = network_stages(NetworkConfig.published(), 9941)
    assert [(s.paper_name, s.channels, s.rows, s.columns) for s in stages[1:]] == [
        ("L1", 128, 64, 96),
        ("L2", 128, 64, 96),
        ("L4", 256, 32, 48),
        ("L5", 256, 32, 48),
        ("L7", 512, 16, 24),
        ("L8", 512, 16, 24),
        ("Rec", 1024, 16, 24),
        ("RecOut", 512, 16, 24),
        ("Readout", 512, 9941, 1),
        ("Output", 1, 9941, 1),
    ]
    assert [s.name for s in stages if s.published_maps == 40] == ["recurrent_out", "readout"]
    assert [s.name for s in stages if s.cropped][-1] == "recurrent"
    assert [s.name for s in stages if s.kind == "units"] == ["readout", "output"]


def test_stages_record_the_values_that_the_papers_recorded(twin):
    frames, behaviour, inputs = movies()
    got = recorded(twin, frames, [stage.name for stage in twin.stages], **behaviour)
    for stage in twin.stages:
        assert got[stage.name].shape == (3, 6, stage.channels, stage.rows, stage.columns)
        assert got[stage.name].dtype == np.float32
    names = ["perspective.out", "recurrent.h", "core.out", "readout.sampled", "response"]
    names += [f"feedforward.{kind}" for b in (0, 1) for kind in (f"inputs.{b}", f"blocks.{b}.convs.0")]
    traced = {n: np.moveaxis(v, 1, 0) for n, v in twin.network.trace(names=names, **inputs).items()}

    def activation(name):
        return activate(torch.from_numpy(traced[name])).numpy()

    expected = {
        "retina": traced["perspective.out"],
        "inputs0": activation("feedforward.inputs.0"),
        "blocks0": activation("feedforward.blocks.0.convs.0"),
        "inputs1": activation("feedforward.inputs.1"),
        "blocks1": activation("feedforward.blocks.1.convs.0"),
        "recurrent": traced["recurrent.h"],
        "recurrent_out": traced["core.out"],
        # streams and features side by side on the channels
        "readout": np.moveaxis(traced["readout.sampled"], 3, 4).reshape(3, 6, 12, 5, 1),
        "output": traced["response"][:, :, None, :, None],
    }
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, atol=1e-5, err_msg=name)
    assert pytest.approx(1.7015043497085571) == GAMMA


def test_later_stages_are_not_computed(twin, monkeypatch):
    def refuse(*_args, **_keywords):
        raise AssertionError("the recurrent network ran")

    monkeypatch.setattr(twin.network.core.recurrent, "forward", refuse)
    frames, _, _ = movies()
    assert recorded(twin, frames, ["inputs0"])["inputs0"].shape == (3, 6, 8, 16, 24)


def test_movies_that_do_not_fit_are_refused(twin):
    with pytest.raises(InvalidInput, match="do not fit"):
        recorded(twin, np.zeros((1, 3, 144, 256), np.uint8), ["output"])
    with pytest.raises(InvalidInput, match="no such stage"):
        recorded(twin, movies()[0], ["blocks7"])
    with pytest.raises(InvalidInput, match="wrong shape"):
        twin.record(movies()[0], ["output"], lambda *_: None, perspectives=np.zeros((6, 2)))


def test_an_absent_device_is_a_device_error(demo):
    with pytest.raises(DeviceError):
        demo.to("cuda:7")
    with pytest.raises(DeviceError):
        demo.to("abacus")
    assert demo.to("cpu").device == "cpu"


def test_the_geometry_is_that_of_the_network(twin):
    """The pixel that geometry names is the one that the network's own sampling grid names."""
    grid = twin.network.trace(np.zeros((1, 36, 64), np.uint8), ["perspective.sample_grid"])
    x, y = np.moveaxis(grid["perspective.sample_grid"][0, 0], -1, 0)
    expected = np.stack((((y + 1) * 36 - 1) / 2, ((x + 1) * 64 - 1) / 2), axis=-1)
    ours = twin.stimulus_positions("retina")
    near = (np.abs(x) < 1.5) & (np.abs(y) < 1.5)
    np.testing.assert_allclose(ours[near], expected[near], atol=1e-3)


@pytest.mark.parametrize("name", ["twin", "demo"])
def test_from_the_stimulus_to_the_retina_and_back(request, name):
    geometry = request.getfixturevalue(name).geometry
    stimulus = grid_cells(geometry.frame_shape)
    retina = geometry.to_retina(stimulus)
    seen = np.isfinite(retina).all(-1)
    assert seen.mean() > 0.9
    np.testing.assert_allclose(geometry.to_stimulus(retina[seen]), stimulus[seen], atol=1e-6)
    cells = geometry.retina_to_cells(retina, (8, 12))
    np.testing.assert_allclose(geometry.cells_to_retina(cells, (8, 12))[seen], retina[seen], atol=1e-9)


def test_grid_coordinates_invert_stimulus_positions(demo):
    coordinates = demo.grid_coordinates("inputs0")
    assert coordinates.shape == (144, 256, 2)
    positions = demo.stimulus_positions("inputs0")
    row, column = 20, 30
    y, x = np.rint(positions[row, column]).astype(int)
    np.testing.assert_allclose(coordinates[y, x], (row, column), atol=0.5)


def test_looking_up_and_right_is_positive(demo):
    angles = demo.visual_angles("recurrent_out")
    assert (np.diff(angles[..., 0], axis=0) < 0).all()  # rows go down
    assert (np.diff(angles[..., 1], axis=1) > 0).all()
    np.testing.assert_allclose(angles, np.stack((-angles[::-1, ..., 0], angles[::-1, ..., 1]), -1), atol=1e-9)
    centre = demo.stimulus_positions("recurrent_out").mean((0, 1))
    np.testing.assert_allclose(centre, (71.5, 127.5), atol=1.0)


def test_units_have_one_position_each_within_the_grid(demo):
    assert demo.stimulus_positions("output").shape == (300, 1, 2)
    assert demo.visual_angles("readout").shape == (300, 1, 2)
    rows, columns = demo.readout_positions.T
    height, width = demo.network.config.core_shape
    assert 0 <= rows.min() < rows.max() <= height - 1
    assert 0 <= columns.min() < columns.max() <= width - 1
    positions = demo.stimulus_positions("output")[:, 0]
    assert ((positions > 0) & (positions < (143, 255))).all()


def test_the_readout_map_holds_the_logit_at_the_units_position(twin):
    frames, behaviour, _ = movies()
    got = recorded(twin, frames, ["recurrent_out", "output"], **behaviour)
    for unit in range(twin.units):
        maps = twin.readout_map(got["recurrent_out"], unit)
        row, column = twin.readout_positions[unit]
        top, left = min(int(row), 6), min(int(column), 10)
        down, right = row - top, column - left
        patch = maps[..., top : top + 2, left : left + 2]
        weights = np.outer((1 - down, down), (1 - right, right))
        logits = np.log(got["output"][:, :, 0, unit, 0])
        np.testing.assert_allclose((patch * weights).sum((-1, -2)), logits, atol=2e-5)
    with pytest.raises(InvalidInput, match="no such unit"):
        twin.readout_map(got["recurrent_out"], 5)


def test_the_demonstration_says_that_it_is_of_simulated_cells(demo):
    assert isinstance(demo, Twin)
    assert demo.trained
    assert demo.status == "simulated"
    assert "no model of any mouse" in demo.description
    listed = next(entry for entry in list_twins() if entry.id == "demo")
    assert (listed.trained, listed.status, listed.title) == (demo.trained, demo.status, demo.title)


def test_the_demonstration_responds_differently_to_directions(demo):
    y, x = np.mgrid[:144, :256]
    t = np.arange(20)[:, None, None]
    phases = [2 * np.pi * (axis / 32 - sign * t / 15) for axis in (x, y) for sign in (1, -1)]
    gratings = np.uint8(127.5 + 127 * np.sin(phases))
    responses = recorded(demo, gratings, ["output"])["output"][:, :, 0, :, 0]
    assert 0.3 < responses.mean() < 3
    assert np.median(responses[:, 8:].mean(1).std(0)) > 0.1
