"""The simulated cortex is a twin like any other, and says that it is none of a mouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_cells import SCREEN, prepare

from napari_twinscope.cli import main
from napari_twinscope.errors import DeviceError, InvalidInput
from napari_twinscope.recording import RecordingPlan, Sampling, open_recording, record
from napari_twinscope.stimuli import protocol
from napari_twinscope.twins import SimulatedCortex, Twin, caution, list_twins, load_twin
from napari_twinscope.twins.simulated.model import GREY

SMALL = prepare(20)


def show(twin: SimulatedCortex, frames: np.ndarray, stage: str = "output") -> np.ndarray:
    """Return the values of a stage, [N, T, channels, units, 1]."""
    parts: list[np.ndarray] = []
    firsts: list[int] = []

    def sink(name: str, first: int, values: torch.Tensor) -> None:
        assert name == stage
        parts.append(values.numpy())
        firsts.append(first)

    twin.record(frames, [stage], sink)
    assert firsts == list(np.cumsum([0, *(part.shape[1] for part in parts[:-1])]))
    return np.concatenate(parts, axis=1)


@pytest.fixture(scope="module")
def twin() -> SimulatedCortex:
    return SimulatedCortex(units=20, seed=5)


@st.composite
def movies(draw: st.DrawFn, most: int = 3) -> np.ndarray:
    """Noise, flicker and uniform fields of any grain, contrast and length, [N, T, H, W]."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = (draw(st.integers(1, most)), draw(st.integers(1, 20)))
    grain = draw(st.sampled_from([1, 8, 72]))
    low, high = sorted(draw(st.tuples(st.integers(0, 255), st.integers(0, 255))))
    coarse = rng.integers(low, high, (*shape, 72 // grain, -(-128 // grain)), endpoint=True)
    return coarse.repeat(grain, 2).repeat(grain, 3)[..., :128].astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(movies())
def test_rates_are_finite_and_not_negative_for_any_movie(frames: np.ndarray) -> None:
    activity = SMALL.show(frames)
    assert torch.isfinite(activity.rate).all()
    assert (activity.rate >= 0).all()
    assert (activity.drive >= 0).all()


@settings(max_examples=20, deadline=None)
@given(movies(), st.data())
def test_the_cells_do_not_notice_in_how_many_parts_a_movie_comes(
    frames: np.ndarray, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, frames.shape[1]))
    state, parts = SMALL.model.rest(len(frames)), []
    with torch.no_grad():
        for part in (frames[:, :cut], frames[:, cut:]):
            if part.shape[1]:
                activity, state = SMALL.model(torch.from_numpy(part), state)
                parts.append(activity.rate)
    torch.testing.assert_close(torch.cat(parts, 1), SMALL.show(frames).rate, rtol=1e-4, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(movies(most=5), st.randoms())
def test_movies_do_not_disturb_one_another(frames: np.ndarray, shuffle: object) -> None:
    order = list(range(len(frames)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    together, alone = SMALL.show(frames[order]).rate, SMALL.show(frames).rate[order]
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(movies(most=1), st.integers(0, 19))
def test_the_cells_do_not_foresee_the_future(frames: np.ndarray, cut: int) -> None:
    other = frames.copy()
    other[:, cut:] = 255 - other[:, cut:]
    torch.testing.assert_close(
        SMALL.show(frames).rate[:, :cut], SMALL.show(other).rate[:, :cut], rtol=1e-4, atol=1e-5
    )


def test_before_a_movie_the_cells_have_looked_at_grey() -> None:
    rate = SMALL.show(np.full((1, 10, SCREEN.height, SCREEN.width), GREY, np.float32)).rate
    np.testing.assert_array_equal(rate[0], np.tile(SMALL.cells.spontaneous.astype(np.float32), (10, 1)))


def test_the_mean_rate_is_about_one() -> None:
    cortex, shown = SimulatedCortex(), protocol("paper-6")
    rates = show(cortex, np.stack([shown.movie(s, 2, 0) for s in range(6)]))
    assert 0.5 < rates.mean() < 1.5
    assert np.percentile(rates, 99.9) < 30


def test_it_honours_the_protocol_of_twins(twin: SimulatedCortex) -> None:
    assert isinstance(twin, Twin)
    assert twin.units == 20
    assert [stage.name for stage in twin.stages] == ["linear", "drive", "output"]
    movie = np.full((2, 70, 144, 256), 90, np.uint8)
    for stage in twin.stages:
        assert show(twin, movie, stage.name).shape == (2, 70, stage.channels, stage.rows, stage.columns)


def test_it_says_that_its_cells_are_simulated_and_not_that_they_mean_nothing(twin: SimulatedCortex) -> None:
    assert not twin.trained
    assert caution(twin.status) == "SIMULATED cells, not mouse data"
    assert "not mouse data" in twin.description
    entry = next(entry for entry in list_twins() if entry.id == "simulated")
    assert entry.status == "simulated"


def test_a_cell_looks_at_the_centre_of_its_receptive_field(twin: SimulatedCortex) -> None:
    positions = twin.stimulus_positions("output")
    np.testing.assert_array_equal(positions[:, 0], np.stack((twin.cells.y, twin.cells.x), 1))
    table = twin.unit_table()
    assert ((table["elevation"] > 0) == (table["y"] < 71.5)).all()
    assert ((table["azimuth"] > 0) == (table["x"] > 127.5)).all()
    grid = twin.grid_coordinates("drive")
    row, column = np.rint(twin.readout_positions[3]).astype(int)
    np.testing.assert_array_equal(grid[row, column], (row, column))


def test_what_it_cannot_do_is_told(twin: SimulatedCortex) -> None:
    with pytest.raises(InvalidInput, match="no readout map"):
        twin.readout_map(np.zeros((4, 2, 2)), 0)
    with pytest.raises(InvalidInput, match="linear, drive, output"):
        twin.stimulus_positions("recurrent")
    with pytest.raises(InvalidInput, match="do not fit"):
        show(twin, np.zeros((1, 3, 72, 128), np.uint8))
    with pytest.raises(InvalidInput, match="grey levels"):
        show(twin, np.zeros((1, 3, 144, 256)))
    with pytest.raises(DeviceError):
        twin.to("cuda:77")


def test_poisson_counts_have_the_variance_of_their_mean(twin: SimulatedCortex) -> None:
    movie = protocol("paper-6").movie(1, 0, 0)[:12]
    repeats = np.broadcast_to(movie, (200, *movie.shape))
    noisy = SimulatedCortex(units=20, seed=5, poisson_seed=1)
    counts = show(noisy, repeats)[:, :, 0, :, 0]
    rates = show(twin, movie[None])[0, :, 0, :, 0]
    assert (counts == np.rint(counts)).all()
    assert abs(counts.mean() - rates.mean()) < 0.02
    seen = rates > 0.2
    assert abs(np.mean(counts.var(0, ddof=1)[seen] / rates[seen]) - 1) < 0.05
    again = SimulatedCortex(units=20, seed=5, poisson_seed=1)
    np.testing.assert_array_equal(show(again, repeats)[:, :, 0, :, 0], counts)
    assert noisy.checksum == again.checksum != twin.checksum


def test_it_is_recorded_like_a_network(tmp_path: Path, twin: SimulatedCortex) -> None:
    shown = protocol("paper-6").subset(stimuli=["grat_W2"], directions=[0, 90], instances=1)
    plan = RecordingPlan(twin="simulated", protocol=shown, stages=("output",), sampling=Sampling("all"))
    recording = record(plan, tmp_path / "cells.twinscope.zarr", twin=twin)
    responses = recording.responses("output")
    for direction in range(2):
        expected = show(twin, shown.movie(0, direction, 0)[None])[0, :, 0, :, 0].T
        np.testing.assert_allclose(responses[:, 0, direction], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(recording.units("output")["x"], twin.cells.x)
    assert "SIMULATED cells, not mouse data" in recording.describe()
    assert "UNTRAINED" not in recording.describe()


def test_the_command_line_records_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stages", "--twin", "simulated"]) == 0
    assert main(["twins"]) == 0
    listed = capsys.readouterr().out
    assert "drive" in listed
    assert "Simulated cortex [simulated]" in listed
    path = tmp_path / "cells.twinscope.zarr"
    words = "record --twin simulated --stimulus grat_W2 --direction 45 --instances 1 --stage output"
    assert main([*words.split(), "--out", str(path)]) == 0
    told = capsys.readouterr()
    assert "twin simulated: SIMULATED cells, not mouse data" in told.err
    assert "UNTRAINED" not in told.err + told.out
    assert len(open_recording(path).units("output")) == 400
    assert load_twin("simulated").checksum == open_recording(path).twin["checksum"]
