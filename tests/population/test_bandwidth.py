"""The bandwidth for spikes follows how widely they are spread, and how many there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import spike_bandwidth

SHARED = Path(__file__).parents[3] / "shared"
TRAINS = SHARED / "data" / "encoding-manifolds" / "example_spike_trains.npz"
MAPS = SHARED / "design" / "manifold-golden" / "response_maps.npz"
FEW = settings(max_examples=15, deadline=None)


def normal_spikes(spread: float, count: int = 1000, seed: int = 0) -> np.ndarray:
    return 0.5 + spread * np.random.default_rng(seed).normal(size=count)


@FEW
@given(st.floats(0.05, 0.15), st.integers(400, 2000), st.integers(0, 1000))
def test_for_spikes_of_a_normal_spread_it_is_that_of_the_normal_reference(
    spread: float, count: int, seed: int
) -> None:
    reference = 1.06 * spread * count**-0.2
    found = spike_bandwidth([[normal_spikes(spread, count, seed)]])
    assert found == pytest.approx(np.clip(reference, 0.01, 0.05), rel=0.25)


def test_the_published_code_takes_half() -> None:
    spikes = [[normal_spikes(0.1)]]
    half = spike_bandwidth(spikes, preset="published-2025")
    assert half == spike_bandwidth(spikes, preset="published-2026") == spike_bandwidth(spikes) / 2


def test_two_narrow_volleys_are_not_smeared_into_one() -> None:
    volleys = np.concatenate([normal_spikes(0.02, 500) - 0.3, normal_spikes(0.02, 500, seed=1) + 0.3])
    assert spike_bandwidth([[volleys]]) < 0.5 * (1.06 * volleys.std() * 1000**-0.2)


def test_trials_are_pooled_and_the_direction_with_the_most_spikes_decides() -> None:
    many, few = normal_spikes(0.1), normal_spikes(0.02, 200)
    alone = spike_bandwidth([[many]])
    assert spike_bandwidth([[few], [many[:300], many[300:], []], [[]]]) == alone
    assert spike_bandwidth([[many], [few]]) == alone


@FEW
@given(st.floats(-1, 1))
def test_when_a_trial_begins_does_not_matter(later: float) -> None:
    spikes = normal_spikes(0.1)
    assert spike_bandwidth([[spikes + later]]) == pytest.approx(spike_bandwidth([[spikes]]), rel=1e-6)


@pytest.mark.parametrize("trains", [[[[]]], [[[0.3]]], [[[0.2, 0.2], [0.2]]], [[[]], [[]]]])
def test_where_the_rule_finds_none_it_is_the_longest(trains: list) -> None:
    assert spike_bandwidth(trains) == 0.05


def test_it_stays_within_its_limits() -> None:
    assert spike_bandwidth([[normal_spikes(0.005, 3000)]]) == 0.01
    assert spike_bandwidth([[normal_spikes(1.0, 50)]]) == 0.05


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without a direction"):
        spike_bandwidth([])
    with pytest.raises(InvalidInput, match="not finite"):
        spike_bandwidth([[[0.1, np.inf]]])
    with pytest.raises(InvalidInput, match="no such preset"):
        spike_bandwidth([[[0.1]]], preset="2025")


@pytest.mark.skipif(
    not MAPS.exists() or not TRAINS.exists(), reason="the spike trains are not part of the repository"
)
def test_of_real_neurons_the_published_choice_is_that_of_the_public_code() -> None:
    with np.load(TRAINS) as file:
        trains = np.split(file["spike_times_ms"] / 1000, file["offsets"][1:-1])
        shape = (len(file["cell_ids"]), len(file["stimuli"]), 8, int(file["n_trials"]))
    place = np.arange(len(trains)).reshape(shape)
    with np.load(MAPS) as golden:
        for unit, stimulus in np.ndindex(shape[:2]):
            directions = [[trains[trial] for trial in row] for row in place[unit, stimulus]]
            published = spike_bandwidth(directions, preset="published-2025")
            assert published == pytest.approx(golden["bw_clipped"][unit, stimulus] / 1000, rel=1e-9)
            twice = np.clip(2 * golden["bw_isj"][unit, stimulus] / 1000, 0.01, 0.05)
            assert spike_bandwidth(directions) == pytest.approx(twice, rel=1e-9)
