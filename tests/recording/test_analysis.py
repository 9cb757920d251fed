from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

from fake_twin import FakeTwin
from napari_twinscope.errors import StoreError
from napari_twinscope.recording import RecordingPlan, open_recording, record
from napari_twinscope.recording.analysis import (
    analysis_attributes,
    analysis_key,
    has_analysis,
    read_analysis,
    stored_analyses,
    write_analysis,
)
from store_contents import contents


def some_result(seed: int = 0) -> xr.Dataset:
    values = np.random.default_rng(seed).random((5, 3))
    values[1, 1] = np.nan
    return xr.Dataset(
        {
            "coordinates": (("unit", "component"), values),
            "edges": (("edge", "end"), np.zeros((0, 2), dtype=np.int64)),
            "kept": (("unit",), np.array([True, False, True, True, False])),
        },
        attrs={"options": {"rank": 3}, "names": ["a", "b"]},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "x.twinscope.zarr"
    zarr.open_group(place, mode="w", zarr_format=3)
    return place


def test_a_result_is_read_as_it_was_written(path: Path) -> None:
    write_analysis(path, "map", "0123", some_result())
    found = read_analysis(path, "map", "0123")
    xr.testing.assert_equal(found, some_result())
    assert {name: values.dtype for name, values in found.items()} == {
        name: values.dtype for name, values in some_result().items()
    }
    assert found.attrs["options"] == {"rank": 3}
    assert found.attrs["versions"]["napari-twinscope"]
    assert analysis_attributes(path, "map", "0123") == found.attrs


def test_results_are_listed_by_kind_the_latest_last(path: Path) -> None:
    assert stored_analyses(path) == {}
    for kind, key in (("map", "b"), ("map", "a"), ("clusters", "c")):
        write_analysis(path, kind, key, some_result())
        time.sleep(0.01)
    assert stored_analyses(path) == {"clusters": ("c",), "map": ("b", "a")}
    assert stored_analyses(path, "map") == {"map": ("b", "a")}


def test_a_key_names_kind_options_and_inputs() -> None:
    keys = {
        analysis_key("map", "{}", ("a", "b")),
        analysis_key("map", "{}", ("b", "a")),
        analysis_key("map", '{"alpha": 1}', ("a", "b")),
        analysis_key("dimension", "{}", ("a", "b")),
    }
    assert len(keys) == 4
    assert all(len(key) == 16 for key in keys)


def test_a_result_that_is_absent_is_said_to_be(path: Path) -> None:
    assert not has_analysis(path, "map", "0123")
    for read in (read_analysis, analysis_attributes):
        with pytest.raises(StoreError, match="no such map"):
            read(path, "map", "0123")


def test_writing_again_replaces_the_result(path: Path) -> None:
    write_analysis(path, "map", "0123", some_result(1))
    write_analysis(path, "map", "0123", some_result(2))
    xr.testing.assert_equal(read_analysis(path, "map", "0123"), some_result(2))


def test_nothing_recorded_is_touched_and_nothing_is_left_beside_it(
    plan: RecordingPlan, tmp_path: Path
) -> None:
    place = tmp_path / "a.twinscope.zarr"
    record(plan, place, twin=FakeTwin()).close()
    before = contents(place)
    root = (place / "zarr.json").read_bytes()
    write_analysis(place, "map", "0123", some_result())
    write_analysis(place, "map", "4567", some_result())
    after = contents(place)
    assert {name: after[name] for name in before} == before
    assert {Path(name).parts[0] for name in set(after) - set(before)} == {"analysis"}
    assert (place / "zarr.json").read_bytes() == root
    assert list(tmp_path.iterdir()) == [place]
    tree = open_recording(place).tree  # and the recording opens with all that is in it
    xr.testing.assert_equal(tree["analysis/map/0123"].to_dataset(), some_result())


def test_a_changed_value_is_noticed(path: Path) -> None:
    write_analysis(path, "map", "0123", some_result())
    array = zarr.open_array(path / "analysis" / "map" / "0123" / "coordinates", mode="r+")
    array[0, 0] = 7
    with pytest.raises(StoreError, match="damaged"):
        read_analysis(path, "map", "0123")


@pytest.mark.parametrize("lost", ["coordinates/c", "coordinates/zarr.json", "coordinates", "kept/c"])
def test_a_missing_piece_is_noticed(path: Path, lost: str) -> None:
    write_analysis(path, "map", "0123", some_result())
    piece = path / "analysis" / "map" / "0123" / lost
    if piece.is_dir():
        shutil.rmtree(piece)
    else:
        piece.unlink()
    with pytest.raises(StoreError, match="damaged"):
        read_analysis(path, "map", "0123")


def test_a_write_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        write_analysis(path, "map", "0123", some_result())
    assert not has_analysis(path, "map", "0123")
    assert list(path.parent.iterdir()) == [path]
    assert [entry.name for entry in path.iterdir()] == ["zarr.json"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere"
)
def test_a_folder_that_is_read_only_is_left_as_it_is(path: Path) -> None:
    path.parent.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            write_analysis(path, "map", "0123", some_result())
    finally:
        path.parent.chmod(0o755)
    assert not has_analysis(path, "map", "0123")


def test_what_killed_runs_left_long_ago_is_removed(path: Path) -> None:
    old, new = (path.with_name(f".{path.name}.unfinished-analysis-{age}") for age in ("old", "new"))
    old.mkdir()
    new.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    write_analysis(path, "map", "0123", some_result())
    assert new.exists()
    assert not old.exists()


WRITER = """
import sys
from pathlib import Path
import numpy as np, xarray as xr
from napari_twinscope.recording.analysis import write_analysis
path = Path(sys.argv[1])
print("ready", flush=True)
for number in range(10_000):
    values = np.full((200, 400), float(number))
    write_analysis(path, f"kind{number % 3}", f"{number}", xr.Dataset({"a": (("x", "y"), values)}))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("delay", [0.0, 0.03, 0.31])
def test_a_killed_run_leaves_no_half_written_result(path: Path, delay: float) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    process.wait()
    process.stdout.close()
    with xr.open_datatree(path, engine="zarr", chunks=None, consolidated=False) as tree:  # warns of oddities
        assert set(tree.children) <= {"analysis"}
    for kind, keys in stored_analyses(path).items():
        for key in keys:
            assert (read_analysis(path, kind, key)["a"] == float(key)).all()


def test_two_writers_at_once_do_not_harm_one_another(path: Path) -> None:
    code = WRITER.replace("10_000", "12")
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.DEVNULL) for _ in range(2)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = stored_analyses(path)
    assert sum(map(len, found.values())) == 12
    for kind, keys in found.items():
        for key in keys:
            assert (read_analysis(path, kind, key)["a"] == float(key)).all()
    assert list(path.parent.iterdir()) == [path]
