"""Loading twins from files and from other packages."""

from __future__ import annotations

import json
import pickle
from importlib.metadata import EntryPoint

import fnn_golden as golden
import numpy as np
import pytest
import torch

from napari_twinscope.errors import InvalidInput, WeightsError
from napari_twinscope.twins import NetworkConfig, catalogue, list_twins, load_twin
from napari_twinscope.twins.companion import read_companions

FRAMES = golden.frames("tiny-A", 3)


def write(folder, state, name="tiny.pt"):
    torch.save(state, folder / name)
    config = {"config": golden.check_file("tiny")["config"]}
    (folder / name).with_suffix(".json").write_text(json.dumps(config))
    return f"file:{folder / name}"


def test_a_merged_file_gives_the_network_it_was_saved_from(tmp_path, tiny):
    twin = load_twin(write(tmp_path, tiny.state_dict()))
    np.testing.assert_array_equal(twin.network.predict(FRAMES), tiny.predict(FRAMES))
    assert twin.units == 5


@pytest.mark.parametrize(
    ("statement", "trained", "status"),
    [
        ({}, None, ""),
        ({"trained": True}, True, ""),
        ({"trained": False}, False, "untrained"),
        ({"trained": True, "status": "simulated"}, True, "simulated"),
    ],
)
def test_only_the_companion_of_a_file_tells_whether_it_was_trained(
    tmp_path, tiny, statement, trained, status
):
    spec = write(tmp_path, tiny.state_dict())
    companion = tmp_path / "tiny.json"
    companion.write_text(json.dumps({**json.loads(companion.read_text()), **statement}))
    twin = load_twin(spec)
    assert twin.trained is trained
    assert twin.status == status


def test_a_network_with_an_untrained_part_is_untrained(tmp_path):
    (tmp_path / "core.json").write_text('{"trained": true}')
    (tmp_path / "scan.json").write_text('{"trained": false}')
    companions = read_companions([tmp_path / "core.pt", tmp_path / "scan.pt"])
    assert companions.trained is False
    assert companions.config == NetworkConfig.published()


def test_a_core_and_a_scan_file_are_merged(tmp_path, tiny):
    state = tiny.state_dict()
    core = {name: value for name, value in state.items() if name.startswith("core.")}
    scan = {name: value for name, value in state.items() if not name.startswith("core.")}
    spec = f"{write(tmp_path, core, 'core.pt')},{write(tmp_path, scan, 'scan.pt').removeprefix('file:')}"
    np.testing.assert_array_equal(load_twin(spec).network.predict(FRAMES), tiny.predict(FRAMES))
    with pytest.raises(WeightsError, match="no readout"):
        load_twin(f"file:{tmp_path / 'core.pt'}")
    with pytest.raises(WeightsError, match="same entries"):
        load_twin(f"file:{tmp_path / 'core.pt'},{tmp_path / 'core.pt'}")


def test_the_published_configuration_is_assumed(tmp_path, full):
    torch.save(full.state_dict(), tmp_path / "scan.pt")
    assert load_twin(f"file:{tmp_path / 'scan.pt'}").stage("recurrent").channels == 1024


def test_safetensors_are_read(tmp_path, tiny):
    from safetensors.torch import save_file

    save_file(tiny.state_dict(), tmp_path / "tiny.safetensors")
    config = {"config": tiny.config.to_dict()}
    (tmp_path / "tiny.json").write_text(json.dumps(config))
    twin = load_twin(f"file:{tmp_path / 'tiny.safetensors'}")
    np.testing.assert_array_equal(twin.network.predict(FRAMES), tiny.predict(FRAMES))


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("writer", ["torch", "pickle"])
def test_code_in_a_weight_file_is_not_run(tmp_path, writer):
    trace = tmp_path / "ran"
    with (tmp_path / "evil.pt").open("wb") as file:
        torch.save({"a": Hostile(trace)}, file) if writer == "torch" else pickle.dump(Hostile(trace), file)
    with pytest.raises(WeightsError, match="nothing in it was run"):
        load_twin(f"file:{tmp_path / 'evil.pt'}")
    assert not trace.exists()


def test_damaged_files_are_weights_errors(tmp_path, tiny):
    spec = write(tmp_path, tiny.state_dict())
    path = tmp_path / "tiny.pt"
    whole = path.read_bytes()
    for damaged in (b"", b"weights", whole[: len(whole) // 2], whole[:200]):
        path.write_bytes(damaged)
        with pytest.raises(WeightsError):
            load_twin(spec)
    (tmp_path / "tiny.safetensors").write_bytes(b"\x01\x02")
    with pytest.raises(WeightsError):
        load_twin(f"file:{tmp_path / 'tiny.safetensors'}")
    with pytest.raises(WeightsError, match="does not exist"):
        load_twin(f"file:{tmp_path / 'absent.pt'}")


def test_wrong_entries_are_named(tmp_path, tiny):
    state = tiny.state_dict()
    missing = {name: value for name, value in state.items() if name != "perspective.monitor.angle"}
    with pytest.raises(WeightsError, match=r"lacks perspective\.monitor\.angle"):
        load_twin(write(tmp_path, missing))
    with pytest.raises(WeightsError, match=r"has also core\.extra"):
        load_twin(write(tmp_path, {**state, "core.extra": torch.zeros(1)}))
    with pytest.raises(WeightsError, match="another shape"):
        load_twin(write(tmp_path, {**state, "perspective.monitor.angle": torch.zeros(4)}))
    with pytest.raises(WeightsError, match="not finite"):
        load_twin(write(tmp_path, {**state, "perspective.monitor.angle": torch.full((3,), torch.nan)}))
    with pytest.raises(WeightsError, match="named tensors"):
        load_twin(write(tmp_path, [1, 2]))
    spec = write(tmp_path, state)
    (tmp_path / "tiny.json").write_text("{}")
    with pytest.raises(WeightsError, match="configuration"):
        load_twin(spec)


def test_unknown_twins_are_named_with_the_known_ones():
    with pytest.raises(InvalidInput, match="demo"):
        load_twin("mouse")
    with pytest.raises(InvalidInput, match="not named"):
        load_twin("file:")


def good_twin():
    """A twin of another package."""
    return load_twin("demo")


def bad_twin():
    raise KeyError("weights")


def no_twin():
    return 3


def test_twins_of_other_packages_are_listed_and_broken_ones_do_no_harm(monkeypatch):
    names = {"good": "good_twin", "bad": "bad_twin", "none": "no_twin"}
    points = [
        EntryPoint(name, f"{__name__}:{value}", catalogue.ENTRY_POINTS) for name, value in names.items()
    ]
    points.append(EntryPoint("absent", "no_such_package:twin", catalogue.ENTRY_POINTS))
    functions = {"good_twin": good_twin, "bad_twin": bad_twin, "no_twin": no_twin}
    load = EntryPoint.load
    monkeypatch.setattr(EntryPoint, "load", lambda self: functions.get(self.attr) or load(self))
    monkeypatch.setattr(catalogue, "entry_points", lambda group: points)  # noqa: ARG005
    entries = {entry.id: entry for entry in list_twins()}
    assert entries["good"].available
    assert entries["good"].description == "A twin of another package."
    assert not entries["absent"].available
    assert "no_such_package" in entries["absent"].reason
    assert load_twin("good").units == 300
    for broken in ("bad", "none", "absent"):
        with pytest.raises(InvalidInput):
            load_twin(broken)
