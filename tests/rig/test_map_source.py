from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from fake_twin import FakeTwin
from napari_twinscope.errors import TwinscopeError
from napari_twinscope.recording import Behaviour, RecordingPlan, Sampling, record
from napari_twinscope.rig.layers import map_name
from napari_twinscope.rig.map_source import MapSource
from napari_twinscope.rig.maps import MapChoice
from napari_twinscope.stimuli import protocol


class Values:
    """As much of a tensor as is needed."""

    def __init__(self, array):
        self.array = array

    def __getitem__(self, index):
        return Values(self.array[index])

    def cpu(self):
        return self

    def numpy(self):
        return self.array


class CountingTwin:
    """Answers with the mean of each frame, in every map and cell, in chunks of two frames."""

    checksum = "abc"

    def __init__(self):
        self.shown = 0

    def stage(self, name):
        return SimpleNamespace(name=name, rows=2, columns=3)

    def record(self, frames, stages, sink, **_):
        self.shown += 1
        for first in range(0, frames.shape[1], 2):
            mean = frames[:, first : first + 2].mean((2, 3))
            sink(stages[0], first, Values(np.tile(mean[:, :, None, None, None], (1, 1, 4, 2, 3))))

    def grid_coordinates(self, _stage):
        return np.stack(np.meshgrid([0.0, 1.0], [0.0, 1.0, 2.0], indexing="ij"), axis=-1)

    def readout_map(self, core, unit):
        return core.sum(axis=-3) + unit


def recording(stored=()):
    protocol = SimpleNamespace(
        shape=(2, 1, 3),
        movie=lambda s, _d, _i: np.full((5, 8, 8), 10 * (s + 1) + np.arange(5)[:, None, None]),
    )
    maps = xr.DataArray(
        np.ones((2, 1, 5, 4, 2, 3), np.float16),
        dims=("stimulus", "direction", "time", "channel", "row", "column"),
    )
    return SimpleNamespace(
        path="r",
        stages=("recurrent_out", "output"),
        stored_maps=stored,
        stage_info=lambda _: {"rows": 2, "columns": 3},
        maps=lambda _: maps,
        twin={"checksum": "abc"},
        plan=SimpleNamespace(twin="demo", protocol=protocol, behaviour=Behaviour(), allow_tf32=False),
        protocol=protocol,
    )


@pytest.fixture
def twin():
    return CountingTwin()


def test_maps_are_recomputed_once_for_each_condition_and_all_channels(twin):
    source = MapSource(recording(), lambda _: twin)
    first, second = MapChoice("recurrent_out", channel=1), MapChoice("recurrent_out", channel=3)
    assert source.lacks(first, (1, 0), warped=False)
    source.keep(source.compute(first, (1, 0), warped=False))
    np.testing.assert_allclose(source.lookup(first, (1, 0))[:, 0, 0], 20 + np.arange(5))
    assert not source.lacks(second, (1, 0), warped=False)
    assert source.lacks(first, (0, 0), warped=False)
    assert twin.shown == 1


def test_the_way_into_the_stimulus_is_the_twins(twin):
    source = MapSource(recording(), lambda _: twin)
    choice = MapChoice("recurrent_out", channel=0)
    assert source.warp(choice) is None
    source.keep(source.compute(choice, (0, 0), warped=True))
    np.testing.assert_array_equal(source.warp(choice).cells, [[0, 1, 2], [3, 4, 5]])


def test_stored_maps_need_no_twin():
    def no_twin(_):
        raise AssertionError("the twin was loaded")

    source = MapSource(recording(stored=("recurrent_out",)), no_twin)
    choice = MapChoice("recurrent_out", channel=2)
    source.keep(source.compute(choice, (1, 0), warped=False))
    assert (source.lookup(choice, (1, 0)) == 1).all()


def test_a_readout_map_reuses_the_core(twin):
    source = MapSource(recording(), lambda _: twin)
    for unit in (3, 7):
        source.keep(source.compute(MapChoice("recurrent_out", unit=unit), (0, 0), warped=False))
    assert twin.shown == 1
    core = 4 * (10 + np.arange(5))
    np.testing.assert_allclose(source.lookup(MapChoice("recurrent_out", unit=7), (0, 0))[:, 1, 2], core + 7)


def test_another_twin_than_the_recorded_one_is_refused(twin):
    twin.checksum = "other"
    with pytest.raises(TwinscopeError, match="not the one that was recorded"):
        MapSource(recording(), lambda _: twin).compute(MapChoice("recurrent_out", channel=0), (0, 0), False)


def test_recomputed_maps_are_those_of_the_recorded_animal(tmp_path):
    whole = protocol("paper-6")
    plan = RecordingPlan(
        twin="fake",
        protocol=whole.subset(stimuli=whole.names[:1], directions=[0.0, 90.0], instances=1),
        stages=("pixels",),
        sampling=Sampling("all"),
        device="cpu",
        behaviour=Behaviour(pupil_x=0.25, treadmill=2),
        allow_tf32=True,
    )
    recorded = record(plan, tmp_path / "fake.twinscope.zarr", twin=FakeTwin())
    later = FakeTwin()
    source, choice = MapSource(recorded, lambda _: later), MapChoice("pixels", channel=1)
    source.keep(source.compute(choice, (0, 1), warped=False))
    units = recorded.units("pixels").query("channel == 1")
    values = recorded.responses("pixels").isel(stimulus=0, direction=1).values[units.index]
    shown = source.lookup(choice, (0, 1))[:, units["row"], units["column"]].T
    np.testing.assert_allclose(shown, values, rtol=1e-6)
    assert later.allow_tf32


def test_the_name_of_a_map_says_how_instances_were_treated():
    choice = MapChoice("recurrent_out", channel=2)
    assert map_name(choice, recording(), stored=True).endswith("mean of 3 instances")
    assert map_name(choice, recording(), stored=False).endswith("instance 1 of 3")
