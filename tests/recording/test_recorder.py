from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import xarray as xr
import zarr

from fake_twin import FakeTwin
from napari_twinscope.errors import Canceled, DeviceError, InvalidInput, StoreError
from napari_twinscope.progress import SilentProgress
from napari_twinscope.recording import (
    Behaviour,
    RecordingPlan,
    Sampling,
    advance,
    open_recording,
    prepare,
    record,
    run_task,
)
from napari_twinscope.recording.electrode import Electrode
from napari_twinscope.recording.recorder import check_path, only_writer
from napari_twinscope.recording.store import Store
from napari_twinscope.stimuli import Screen, StimulusProtocol
from napari_twinscope.twins import load_twin
from store_contents import contents

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "paper" / "sampling.npz")


class StopsAfter(SilentProgress):
    """Cancels once a number of movies is done."""

    def __init__(self, movies: int) -> None:
        super().__init__()
        self.left = movies

    def advance(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left <= 0:
            self.cancel()


def test_responses_are_the_signed_mean_over_instances(plan: RecordingPlan, tmp_path: Path) -> None:
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    responses = recording.responses("pixels")
    assert responses.dims == ("unit", "stimulus", "direction", "time")
    movies = plan.protocol.movies().sel(stimulus="flow", direction=90.0).to_numpy()
    expected = movies.reshape(2, 12, 4, 36, 8, 32).mean((0, 3, 5)) / 255 - 0.5
    recorded = responses.sel(stimulus="flow", direction=90.0).to_numpy().reshape(2, 4, 8, 12)
    np.testing.assert_allclose(recorded[0], np.moveaxis(expected, 0, -1), atol=1e-6)
    np.testing.assert_array_equal(recorded[1], -recorded[0])
    assert (recorded < 0).any()


def test_the_animal_is_in_the_state_that_the_plan_says(plan: RecordingPlan, tmp_path: Path) -> None:
    still = record(plan, tmp_path / "still.twinscope.zarr", twin=FakeTwin())
    plan = replace(plan, behaviour=Behaviour(pupil_x=0.25, treadmill=2.0))
    running = record(plan, tmp_path / "running.twinscope.zarr", twin=FakeTwin())
    first = (recording.responses("pixels").isel(unit=0).to_numpy() for recording in (still, running))
    before, after = first
    np.testing.assert_allclose(after, (before + 0.25) * 3, atol=1e-5)
    assert "behaviour" not in still.describe()
    assert "pupil_x 0.25, treadmill 2" in running.describe()


def test_frames_are_in_order_across_the_chunks_a_twin_passes_on(plan: RecordingPlan, tmp_path: Path) -> None:
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    flash = recording.responses("output").sel(stimulus="flash", direction=0.0)
    # Before the flash the screen is grey, so that the response is the frame's number.
    np.testing.assert_allclose(flash.isel(unit=0, time=slice(0, 3)), [0, 1, 2], atol=1e-2)
    np.testing.assert_allclose(flash.isel(unit=0, time=slice(9, 12)), [9, 10, 11], atol=1e-2)


def test_arrays_are_labelled(plan: RecordingPlan, tmp_path: Path) -> None:
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    responses = recording.responses("pixels")
    assert list(responses["stimulus"].to_numpy()) == ["grating", "flow", "flash"]
    np.testing.assert_array_equal(responses["direction"], [0.0, 90.0])
    np.testing.assert_allclose(responses["time"], np.arange(12) / 30)
    unit = responses.isel(unit=-1)
    assert unit["unit_id"].item() == "pixels:1:3:7"
    assert (unit["channel"].item(), unit["row"].item(), unit["column"].item()) == (1, 3, 7)
    assert unit["y"].item() == pytest.approx(3 * 36 + 17.5)
    assert unit["elevation"].item() < 0 < unit["azimuth"].item()
    assert recording.movie().dims == ("stimulus", "direction", "instance", "time", "y", "x")
    xr.testing.assert_equal(
        recording.movie().reset_coords(drop=True).load(),
        plan.protocol.movies().drop_vars(["label", "instance", "x", "y"]),
    )


def test_a_stimulus_without_direction_is_shown_once_and_stands_for_all(
    plan: RecordingPlan, tmp_path: Path
) -> None:
    twin = FakeTwin()
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=twin)
    assert sum(twin.shown) == 2 + 4 + 1
    flash = recording.responses("pixels").sel(stimulus="flash")
    np.testing.assert_array_equal(flash.sel(direction=0.0), flash.sel(direction=90.0))
    assert not np.isnan(flash).any()


def test_the_recording_says_how_it_was_made(plan: RecordingPlan, tmp_path: Path) -> None:
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    assert recording.plan == plan
    assert recording.twin["checksum"] == FakeTwin.checksum
    assert recording.attributes["device"] == "cpu"
    assert {"torch", "numpy", "napari-twinscope", "python"} <= set(recording.attributes["versions"])
    text = recording.describe()
    assert "UNTRAINED" in text
    assert "pixels" in text
    assert "64 units" in text


def test_maps_are_stored_where_asked(plan: RecordingPlan, tmp_path: Path) -> None:
    plan = replace(plan, store_maps=("pixels",))
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    maps = recording.maps("pixels")
    assert maps.dims == ("stimulus", "direction", "time", "channel", "row", "column")
    every = recording.responses("pixels").to_numpy().reshape(2, 4, 8, 3, 2, 12)
    np.testing.assert_allclose(maps.to_numpy(), np.moveaxis(every, (0, 1, 2), (3, 4, 5)), atol=1e-3)
    assert recording.stored_maps == ("pixels",)
    with pytest.raises(StoreError, match="maps of stage output are not in this recording"):
        recording.maps("output")


@pytest.mark.parametrize("rule", ["published", "corrected"])
def test_the_survey_scores_units_as_published(rule: str) -> None:
    """The score of the golden activations, shown as the movies of a twin that passes them on."""
    name = {"published": "one_sided", "corrected": "symmetric"}[rule]
    raw = GOLDEN["raw_milli"].astype(np.float32) / 1000
    count, frames = int(GOLDEN["n_images"]), int(GOLDEN["n_frames"])
    activations = np.moveaxis(raw.reshape(count, frames, 8, 12, 12), -1, 2).copy()
    electrode, stage = golden_electrode(activations, rule)
    movies = [np.full((1, frames, 1, 1), i, np.uint8) for i in range(count)]
    score = electrode.scores(movies, [stage])["blocks0"]
    np.testing.assert_allclose(score.reshape(12, -1), GOLDEN[f"{name}_unit_score"], atol=1e-6)


def golden_electrode(activations: np.ndarray, rule: str) -> tuple[Electrode, object]:
    from fake_twin import make_stage

    stage = make_stage("blocks0", channels=12, rows=8, columns=12)

    class Player(FakeTwin):
        stages = (stage,)

        def record(self, frames, stages, sink, perspectives=None, modulations=None):  # type: ignore[no-untyped-def]
            del stages, perspectives, modulations
            chosen = torch.from_numpy(activations[frames[:, 0, 0, 0]])
            sink("blocks0", 0, chosen[:, :2])
            sink("blocks0", 2, chosen[:, 2:])

    protocol = StimulusProtocol.from_json(
        '{"kind":"StimulusProtocol","name":"p","frames":5,'
        '"stimuli":[{"kind":"FullFieldFlash","name":"f","onset":0.0,"duration":0.1}]}'
    )
    plan = RecordingPlan(protocol=protocol, sampling=Sampling(rule), device="cpu", batch=3)
    return Electrode(plan, Player()), stage


def test_units_drawn_by_activity_are_active_and_away_from_the_border(
    plan: RecordingPlan, tmp_path: Path
) -> None:
    plan = replace(plan, sampling=Sampling("corrected", maps=2, units_per_map=3))
    recording = record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    units = recording.units("pixels")
    assert set(units["row"]) <= {1, 2}
    assert set(units["column"]) <= set(range(1, 7))
    assert recording.responses("pixels").clip(0).max(("stimulus", "direction", "time")).min() > 0
    assert not (tmp_path / "a.twinscope.zarr" / "survey").exists()


def test_a_canceled_recording_goes_on_and_ends_as_if_never_stopped(
    plan: RecordingPlan, tmp_path: Path
) -> None:
    plan = replace(plan, sampling=Sampling("corrected", maps=2, units_per_map=3), store_maps=("pixels",))
    whole = tmp_path / "whole.twinscope.zarr"
    parts = tmp_path / "parts.twinscope.zarr"
    record(plan, whole, twin=FakeTwin())
    for movies in (1, 4, 8, 3):
        with pytest.raises(Canceled):
            record(plan, parts, progress=StopsAfter(movies), twin=FakeTwin())
        with pytest.raises(StoreError, match="not finished"):
            open_recording(parts)
    record(plan, parts, twin=FakeTwin())
    assert contents(parts) == contents(whole)


def test_a_finished_recording_is_not_recorded_again(plan: RecordingPlan, tmp_path: Path) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(plan, path, twin=FakeTwin())
    twin = FakeTwin()
    record(plan, path, twin=twin)
    assert twin.shown == []


@pytest.mark.parametrize("what", ["plan", "twin's weights"])
def test_a_store_of_another_plan_or_twin_is_refused_and_untouched(
    what: str, plan: RecordingPlan, tmp_path: Path
) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(plan, path, twin=FakeTwin())
    before = contents(path)
    twin = FakeTwin()
    if what == "plan":
        plan = replace(plan, seed=2)
    else:
        twin.checksum = "f" * 16
    with pytest.raises(StoreError, match=f"made with another {what}"):
        record(plan, path, twin=twin)
    assert contents(path) == before


def test_a_store_of_a_newer_version_is_refused(plan: RecordingPlan, tmp_path: Path) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(plan, path, twin=FakeTwin())
    zarr.open_group(path, mode="r+").attrs["format_version"] = 99
    with pytest.raises(StoreError, match="newer version"):
        open_recording(path)
    with pytest.raises(StoreError, match="newer version"):
        record(plan, path, twin=FakeTwin())


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: (path / "stages/pixels/responses/zarr.json").write_text("{"),
        lambda path: shutil.rmtree(path / "stages/output/row"),
        lambda path: shutil.rmtree(path / "stages/output"),
        lambda path: shutil.rmtree(path / "stages/output/responses/c"),
        lambda path: (path / "zarr.json").write_text((path / "zarr.json").read_text()[:200]),
        lambda path: del_attribute(path, "plan_hash"),
        lambda path: zarr.open_group(path).attrs.update(plan_hash="0" * 16),
    ],
)
def test_a_damaged_recording_is_told_from_a_whole_one(
    damage: Callable[[Path], None], plan: RecordingPlan, tmp_path: Path
) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(plan, path, twin=FakeTwin())
    damage(path)
    with pytest.raises(StoreError, match="damaged"):
        open_recording(path)


def del_attribute(path: Path, name: str) -> None:
    del zarr.open_group(path).attrs[name]


@pytest.mark.parametrize("nested", [True, False])
def test_a_zipped_recording_opens_however_it_was_packed(
    nested: bool, plan: RecordingPlan, tmp_path: Path
) -> None:
    path = tmp_path / "a.twinscope.zarr"
    responses = record(plan, path, twin=FakeTwin()).responses("output").load()
    shutil.make_archive(str(path), "zip", tmp_path if nested else path, path.name if nested else None)
    zipped = open_recording(tmp_path / "a.twinscope.zarr.zip")
    xr.testing.assert_equal(zipped.responses("output"), responses)
    assert zipped.path != path
    zipped.close()
    assert not zipped.path.exists()


def test_two_processes_cannot_record_to_one_path(plan: RecordingPlan, tmp_path: Path) -> None:
    path = tmp_path / "a.twinscope.zarr"
    with only_writer(path), pytest.raises(StoreError, match="Another process"):
        record(plan, path, twin=FakeTwin())
    assert not path.exists()
    record(plan, path, twin=FakeTwin())


def test_a_task_refuses_a_store_that_another_network_made(plan: RecordingPlan, tmp_path: Path) -> None:
    plan = replace(plan, twin="demo", stages=("output",), sampling=Sampling("uniform"))
    other = load_twin("demo")
    other.checksum = "f" * 16
    prepare(plan, tmp_path / "a.twinscope.zarr", other)
    with pytest.raises(StoreError, match="another twin's weights"):
        run_task(plan, 0, tmp_path / "a.twinscope.zarr")


def test_a_phase_ends_only_when_all_its_tasks_are_done(plan: RecordingPlan, tmp_path: Path) -> None:
    twin = FakeTwin()
    store = prepare(plan, tmp_path / "a.twinscope.zarr", twin)
    with pytest.raises(StoreError, match="tasks 0, 1, 2 of the recording are missing"):
        advance(store, plan, twin)


def test_the_order_of_stages_and_the_name_of_the_device_make_no_other_plan(
    plan: RecordingPlan, tmp_path: Path
) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(replace(plan, stages=("pixels", "output"), device="cpu"), path, twin=FakeTwin())
    record(replace(plan, stages=("output", "pixels"), device="auto"), path, twin=FakeTwin())


def test_a_refused_plan_is_told_what_differs(plan: RecordingPlan, tmp_path: Path) -> None:
    path = tmp_path / "a.twinscope.zarr"
    record(plan, path, twin=FakeTwin())
    with pytest.raises(StoreError, match=r"given:  batch 4; seed 7\n  needed: batch 3; seed 1") as refusal:
        record(replace(plan, seed=7, batch=4), path, twin=FakeTwin())
    assert "protocol" not in str(refusal.value)


def test_a_value_that_half_precision_cannot_hold_is_refused(plan: RecordingPlan, tmp_path: Path) -> None:
    plan = replace(plan, dtype="float16", behaviour=Behaviour(treadmill=100.0, pupil_x=100.0))
    twin = FakeTwin(scale=10.0)
    with pytest.raises(InvalidInput, match="too large for float16"):
        record(plan, tmp_path / "a.twinscope.zarr", twin=twin)


def test_a_folder_that_is_no_recording_is_refused_and_untouched(plan: RecordingPlan, tmp_path: Path) -> None:
    path = tmp_path / "a.twinscope.zarr"
    path.mkdir()
    (path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="not a recording"):
        record(plan, path, twin=FakeTwin())
    with pytest.raises(StoreError, match="not a recording"):
        open_recording(path)
    assert (path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory"),
        MemoryError(),
    ],
)
def test_where_memory_runs_out_the_batch_is_halved_and_the_result_is_the_same(
    error: Exception, plan: RecordingPlan, tmp_path: Path
) -> None:
    plan = replace(plan, batch=8)
    small = FakeTwin(memory=1, error=error)
    record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    record(plan, tmp_path / "b.twinscope.zarr", twin=small)
    assert set(small.shown) == {1}
    assert contents(tmp_path / "a.twinscope.zarr") == contents(tmp_path / "b.twinscope.zarr")


def test_where_not_even_one_movie_fits_the_user_is_told(plan: RecordingPlan) -> None:
    electrode = Electrode(plan, FakeTwin(memory=0))
    movie = np.zeros((1, 12, 144, 256), np.uint8)
    with pytest.raises(DeviceError, match="too little memory"):
        electrode.responses([movie], {"output": np.zeros((1, 3), np.int64)})


def test_no_active_unit_is_explained_and_nothing_looks_complete(tmp_path: Path) -> None:
    black = FakeTwin()
    black.record = silent  # type: ignore[method-assign, assignment]
    plan = RecordingPlan(twin="fake", protocol=flash_protocol(), device="cpu", stages=("pixels",))
    path = tmp_path / "a.twinscope.zarr"
    with pytest.raises(InvalidInput, match="No unit of stage pixels responded"):
        record(plan, path, twin=black)
    with pytest.raises(StoreError, match="not finished"):
        open_recording(path)


def silent(frames, stages, sink, perspectives=None, modulations=None) -> None:  # type: ignore[no-untyped-def]
    del stages, perspectives, modulations
    sink("pixels", 0, torch.zeros(len(frames), frames.shape[1], 2, 4, 8))


def flash_protocol(**changes: object) -> StimulusProtocol:
    from napari_twinscope.stimuli.flashes import FullFieldFlash

    fields = {"directions": (0.0,), "instances": 1, "frames": 6} | changes
    return StimulusProtocol("flash", (FullFieldFlash("flash", onset=0.0, duration=0.1),), **fields)  # type: ignore[arg-type]


def test_a_full_disk_is_foreseen(
    plan: RecordingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    path = tmp_path / "a.twinscope.zarr"
    with pytest.raises(StoreError, match=r"too little space"):
        record(plan, path, twin=FakeTwin())
    assert not path.exists()


def test_a_disk_that_fills_up_is_explained_and_the_recording_can_go_on(
    plan: RecordingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.twinscope.zarr"
    whole = tmp_path / "whole.twinscope.zarr"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "mark_done", full)
        with pytest.raises(StoreError, match="disk is full"):
            record(plan, path, twin=FakeTwin())
    record(plan, path, twin=FakeTwin())
    record(plan, whole, twin=FakeTwin())
    assert contents(path) == contents(whole)


@pytest.mark.parametrize("name", ["a.zarr", "a", ".twinscope.zarr"])
def test_a_recording_needs_its_suffix(name: str) -> None:
    with pytest.raises(StoreError, match=r"NAME\.twinscope\.zarr"):
        check_path(name)


def test_an_absent_device_is_named(plan: RecordingPlan, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="'cuda:9'"):
        record(replace(plan, device="cuda:9"), tmp_path / "a.twinscope.zarr", twin=FakeTwin())


@pytest.mark.parametrize(
    ("screen", "message"),
    [(Screen(height=72), "72 x 256 pixels"), (Screen(frame_rate=60.0), "60 Hz")],
)
def test_movies_of_another_size_or_rate_are_refused(screen: Screen, message: str, tmp_path: Path) -> None:
    plan = RecordingPlan(twin="fake", protocol=flash_protocol(screen=screen), device="cpu")
    with pytest.raises(InvalidInput, match=message):
        record(plan, tmp_path / "a.twinscope.zarr", twin=FakeTwin())
    assert not (tmp_path / "a.twinscope.zarr").exists()


def test_an_unknown_stage_is_refused(plan: RecordingPlan, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such stage"):
        record(replace(plan, stages=("cortex",)), tmp_path / "a.twinscope.zarr", twin=FakeTwin())
