"""Smoothing keeps the mean of constant responses and the number of spikes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import smooth, spike_rate

SHARED = Path(__file__).parents[3] / "shared"
TRAINS = SHARED / "data" / "encoding-manifolds" / "example_spike_trains.npz"
MAPS = SHARED / "design" / "manifold-golden" / "response_maps.npz"


def over_time(values: object) -> xr.DataArray:
    return xr.DataArray(np.array(values, np.float64), dims=("unit", "time"))


def test_a_pulse_becomes_the_gaussian() -> None:
    pulse = over_time([np.eye(41)[20]])
    expected = np.exp(-0.5 * (np.arange(-20, 21) / 3.0) ** 2)
    expected[np.abs(np.arange(-20, 21)) > 12] = 0  # four standard deviations
    np.testing.assert_allclose(smooth(pulse, 3.0)[0], expected / expected.sum(), atol=1e-15)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.floats(0, 10), st.floats(-1e3, 1e3))
def test_a_constant_response_stays_as_it_is(frames: int, width: float, level: float) -> None:
    smoothed = smooth(over_time(np.full((2, frames), level)), width)
    np.testing.assert_allclose(smoothed, level, rtol=1e-12, atol=1e-300)  # subnormal numbers have few digits


def test_smoothing_is_over_time_wherever_the_dim_is_and_leaves_the_labels() -> None:
    responses = over_time(np.random.default_rng(0).random((3, 9))).assign_coords(time=np.arange(9) / 30)
    xr.testing.assert_equal(smooth(responses.T, 2.0).T, smooth(responses, 2.0))
    np.testing.assert_array_equal(smooth(responses, 2.0).time, responses.time)
    assert smooth(responses.astype(np.float32), 2.0).dtype == np.float64


@pytest.mark.parametrize("frames", [0.0, 1e-265, 0.12])
def test_without_a_width_nothing_changes(frames: float) -> None:
    responses = over_time([[1, 5, 2]])
    xr.testing.assert_equal(smooth(responses, frames), responses)


@pytest.mark.parametrize("frames", [-1.0, np.nan, np.inf])
def test_impossible_widths_are_refused(frames: float) -> None:
    with pytest.raises(InvalidInput, match="cannot be smoothed so"):
        smooth(over_time([[1, 2]]), frames)


def test_what_has_no_time_or_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="over time"):
        smooth(over_time([[1, 2]]).rename(time="frame"), 1.0)
    with pytest.raises(InvalidInput, match="over time"):
        smooth(over_time([[]]), 1.0)
    with pytest.raises(InvalidInput, match=r"not finite[\s\S]*1 of 2"):
        smooth(over_time([[1, np.nan]]), 1.0)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 1), max_size=8), min_size=1, max_size=4),
    st.floats(0.01, 0.1),
)
def test_the_area_below_a_rate_is_the_number_of_spikes_per_trial(
    trains: list[list[float]], bandwidth: float
) -> None:
    times = np.arange(-1, 2, 0.001)
    rate = spike_rate(trains, times, bandwidth)
    assert rate.sum() * 0.001 == pytest.approx(sum(map(len, trains)) / len(trains), abs=1e-6)
    np.testing.assert_allclose(rate, spike_rate(trains[::-1], times, bandwidth), rtol=1e-9, atol=1e-12)


def test_many_spikes_are_summed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    train, times = np.random.default_rng(1).random(50), np.linspace(0, 1, 20)
    at_once = spike_rate([train], times, 0.05)
    monkeypatch.setattr("napari_twinscope.population.smoothing._BLOCK", 60)
    np.testing.assert_allclose(spike_rate([train], times, 0.05), at_once, rtol=1e-12)


def test_rates_need_trials_and_a_bandwidth() -> None:
    np.testing.assert_array_equal(spike_rate([[], []], [0.0, 0.1], 0.05), 0.0)
    with pytest.raises(InvalidInput, match="without a trial"):
        spike_rate([], [0.0], 0.05)
    with pytest.raises(InvalidInput, match="bandwidth"):
        spike_rate([[0.1]], [0.0], 0.0)
    with pytest.raises(InvalidInput, match="not finite"):
        spike_rate([[np.nan]], [0.0], 0.05)


@pytest.mark.skipif(
    not MAPS.exists() or not TRAINS.exists(), reason="the spike trains are not part of the repository"
)
def test_real_spikes_give_the_response_maps_of_the_papers() -> None:
    with np.load(TRAINS) as file:
        spikes, trials = file["spike_times_ms"] / 1000, int(file["n_trials"])
        trains = np.split(spikes, file["offsets"][1:-1])
    with np.load(MAPS) as golden:
        exact, approximate = golden["maps_bw50_10ms_exact"], golden["maps_bw50_10ms"]
        rates = [
            spike_rate(trains[first : first + trials], golden["t10"] / 1000, 0.05)
            for first in range(0, len(trains), trials)
        ]
    maps = np.reshape(rates, exact.shape)
    np.testing.assert_allclose(maps, exact, rtol=0, atol=1e-9)
    peak = exact.max((1, 2, 3), keepdims=True)
    assert (np.abs(maps - approximate) <= 0.005 * peak).all()
