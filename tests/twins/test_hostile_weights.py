"""Weight files and network sizes that fit no network are refused before memory is taken."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace

import fnn_golden as golden
import pytest
import torch

from napari_twinscope.errors import InvalidInput, WeightsError
from napari_twinscope.twins import NetworkConfig, VisualNetwork, load_twin
from napari_twinscope.twins.config import FeedforwardConfig, PerspectiveConfig

MU = "readout.position.mu"
MASK = "core.recurrent.proj_x.0.mask"


TINY = golden.check_file("tiny")["config"]


def load(folder, state, config=TINY):
    torch.save(state, folder / "tiny.pt")
    (folder / "tiny.json").write_text(json.dumps({"config": config}))
    return load_twin(f"file:{folder / 'tiny.pt'}")


@pytest.mark.parametrize("dtype", ["complex64", "int8", "bool", "float8_e5m2"])
def test_entries_that_are_no_floating_point_numbers_are_refused(tmp_path, tiny, dtype):
    state = tiny.state_dict()
    state[MU] = state[MU].to(getattr(torch, dtype))
    with pytest.raises(WeightsError, match=f"(?s){MU}.*{dtype}.*float32"):
        load(tmp_path, state)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_floating_point_numbers_are_read(tmp_path, tiny, dtype):
    state = tiny.state_dict()
    state[MU] = state[MU].to(getattr(torch, dtype))
    twin = load(tmp_path, state)
    assert twin.network.readout.position.mu.dtype == torch.float32
    torch.testing.assert_close(
        twin.network.readout.position.mu.detach(), tiny.readout.position.mu.detach(), rtol=1e-2, atol=1e-2
    )


def test_numbers_beyond_single_precision_are_refused(tmp_path, tiny):
    state = tiny.state_dict()
    state[MU] = torch.full_like(state[MU], 1e300, dtype=torch.float64)
    with pytest.raises(WeightsError, match="not finite"):
        load(tmp_path, state)


def test_the_mask_between_groups_is_boolean_and_that_of_the_architecture(tmp_path, tiny):
    state = tiny.state_dict()
    assert state[MASK].dtype == torch.bool
    assert load(tmp_path, state).network.state_dict()[MASK].dtype == torch.bool
    with pytest.raises(WeightsError, match=r"(?s)mask.*float32.*bool"):
        load(tmp_path, {**state, MASK: state[MASK].float()})
    with pytest.raises(WeightsError, match="another mask"):
        load(tmp_path, {**state, MASK: torch.ones_like(state[MASK])})


@pytest.mark.parametrize(
    "convert",
    [torch.Tensor.to_sparse, torch.Tensor.to_sparse_csr, lambda value: value.to("meta")],
    ids=["sparse", "compressed", "meta"],
)
@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_entries_without_plain_numbers_are_refused(tmp_path, tiny, convert):
    state = tiny.state_dict()
    with pytest.raises(WeightsError, match=r"no plain numbers|cannot be read"):
        load(tmp_path, {**state, MU: convert(state[MU])})


def test_a_small_file_cannot_unfold_to_a_large_network(tmp_path, tiny):
    units = 10**10
    state = tiny.state_dict()
    for name, value in state.items():
        if name.startswith(("readout.feature", "readout.biases", "readout.position")):
            state[name] = value[:1].clone().expand(units, *value.shape[1:])
    with pytest.raises(WeightsError, match="repeat few numbers"):
        load(tmp_path, state)


def changed(part, **values):
    config = deepcopy(TINY)
    (config[part] if part else config).update(values)
    return config


@pytest.mark.parametrize(
    "config",
    [
        changed("perspective", mlp_layers=2.5),
        changed("perspective", mlp_layers=True),
        changed("perspective", mlp_layers="3"),
        changed("perspective", mlp_layers=10**9),
        changed("perspective", height=100_000, width=200_000),
        changed("perspective", height=-36),
        changed("perspective", height=1),
        changed("perspective", degrees="75"),
        changed("perspective", degrees=float("nan")),
        changed("modulation", lstm_features=0),
        changed("recurrent", hidden_channels=2**40),
        changed("recurrent", groups=7),
        changed("recurrent", spatial=2),
        changed("feedforward", block_pools=[200, 2]),
        changed("feedforward", block_pools=[60, 60]),
        changed("feedforward", block_pools=2),
        changed("feedforward", block_groups=[1, 2.0]),
        changed("feedforward", input_spatial=2, input_stride=4),
        changed("feedforward", input_spatial=3),
        changed(None, S=10**12),
        changed(None, S=1.5),
        changed(None, P=float("inf")),
        changed(None, recurrent=[1]),
        [],
        "published",
    ],
    ids=lambda config: json.dumps(config)[-20:] if isinstance(config, list | str) else None,
)
def test_impossible_sizes_are_refused(tmp_path, tiny, config):
    with pytest.raises(WeightsError, match=r"(?s)configuration.*given.*needed"):
        load(tmp_path, tiny.state_dict(), config)


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", "7", "[" * 100_000, '{"trained": "yes"}', "\x00"])
def test_a_companion_that_is_no_statement_is_refused(tmp_path, tiny, text):
    torch.save(tiny.state_dict(), tmp_path / "tiny.pt")
    (tmp_path / "tiny.json").write_text(text)
    with pytest.raises(WeightsError, match="configuration"):
        load_twin(f"file:{tmp_path / 'tiny.pt'}")


def test_possible_but_other_sizes_are_compared_without_taking_memory(tmp_path, tiny, monkeypatch):
    devices = set()
    uniform = torch.Tensor.uniform_

    def spy(tensor, *bounds):
        devices.add(tensor.device.type)
        return uniform(tensor, *bounds)

    monkeypatch.setattr(torch.Tensor, "uniform_", spy)
    huge = changed("recurrent", in_channels=4096, hidden_channels=4096, common_channels=4096)
    with pytest.raises(WeightsError, match="another shape"):
        load(tmp_path, tiny.state_dict(), huge)
    assert devices == {"meta"}


def test_impossible_sizes_are_refused_where_they_are_written_down():
    published = NetworkConfig.published()
    with pytest.raises(InvalidInput, match=r"(?s)mlp_layers.*2\.5.*whole number"):
        PerspectiveConfig(mlp_layers=2.5)
    with pytest.raises(InvalidInput, match=r"(?s)height.*100000.*1 to"):
        PerspectiveConfig(height=100_000, width=200_000)
    with pytest.raises(InvalidInput, match=r"(?s)core of 0 x 0.*at least 1 x 1"):
        replace(published, feedforward=FeedforwardConfig(block_pools=(60, 60, 1)))
    with pytest.raises(InvalidInput, match=r"(?s)feedforward.*RecurrentConfig.*FeedforwardConfig"):
        replace(published, feedforward=published.recurrent)
    with pytest.raises(InvalidInput, match="units"):
        VisualNetwork(published, 2.5)
