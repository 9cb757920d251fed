"""A class counts if it excites a neuron, or suppresses it in every direction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.stats import mannwhitneyu

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import TensorOptions, response_tensor, responsive_classes, spike_counts

SHARED = Path(__file__).parents[3] / "shared"
TRAINS = SHARED / "data" / "encoding-manifolds" / "example_spike_trains.npz"
GOLDEN = SHARED / "design" / "manifold-golden" / "significance.npz"
MAPS = SHARED / "design" / "manifold-golden" / "response_maps.npz"
needs_shared = pytest.mark.skipif(
    not all(path.exists() for path in (TRAINS, GOLDEN, MAPS)),
    reason="the spike trains are not part of the repository",
)


def poisson(rate: object, *, seed: int = 0, trials: int = 12, bins: int = 4) -> xr.DataArray:
    """Return counts of 8 directions at one rate, or a rate for each direction and bin."""
    rates = np.broadcast_to(np.asarray(rate, np.float64), (8, bins))
    counts = np.random.default_rng(seed).poisson(rates[:, None], (8, trials, bins))
    return xr.DataArray(counts, dims=("direction", "trial", "bin"), coords={"direction": np.arange(8) * 45.0})


def grey(rate: float, *, seed: int = 1, trials: int = 12) -> xr.DataArray:
    return poisson(rate, seed=seed, trials=trials, bins=1).isel(bin=0)


def rates(changed: dict[int, float], usual: float) -> np.ndarray:
    """Return a rate for each direction and bin, changed in the third bin of some directions."""
    table = np.full((8, 4), usual)
    for direction, rate in changed.items():
        table[direction, 2] = rate
    return table


def test_excitation_in_one_direction_is_enough() -> None:
    measured = responsive_classes(poisson(rates({3: 20.0}, 3.0)), grey(3.0))
    assert measured.significant
    assert measured.p_excited.argmin("direction") == 3
    assert not responsive_classes(poisson(3.0), grey(3.0)).significant


def test_suppression_must_hold_in_every_direction() -> None:
    everywhere = dict.fromkeys(range(8), 0.0)
    assert responsive_classes(poisson(rates(everywhere, 8.0)), grey(8.0)).significant
    but_one = dict.fromkeys(range(7), 0.0)
    measured = responsive_classes(poisson(rates(but_one, 8.0)), grey(8.0))
    assert not measured.significant
    assert (measured.p_suppressed <= 1e-3).sum() == 7


def test_the_level_decides() -> None:
    counts = poisson(rates({3: 7.0}, 3.0))
    p = float(responsive_classes(counts, grey(3.0)).p_excited.min())
    assert responsive_classes(counts, grey(3.0), level=p).significant
    assert not responsive_classes(counts, grey(3.0), level=p * 0.999).significant
    with pytest.raises(InvalidInput, match="level"):
        responsive_classes(counts, grey(3.0), level=0.0)


def test_a_silent_neuron_does_not_respond() -> None:
    measured = responsive_classes(poisson(0.0), grey(0.0))
    assert not measured.significant
    assert (measured.p_excited == 1).all()


def test_a_test_of_few_trials_does_not_depend_on_other_rows() -> None:
    """Exact without tied counts, whatever else is tested with it."""
    untied = xr.DataArray(np.arange(8.0)[None, :, None] + 10, dims=("direction", "trial", "bin"))
    before = xr.DataArray(np.arange(8.0)[None], dims=("direction", "trial"))
    both = xr.concat([untied, xr.zeros_like(untied)], "unit"), xr.concat([before, before], "unit")
    p = responsive_classes(*both).p_excited
    exact = mannwhitneyu(np.arange(8) + 10, np.arange(8), alternative="greater", method="exact").pvalue
    assert float(p[0, 0]) == pytest.approx(exact, rel=1e-12)
    assert float(responsive_classes(untied, before).p_excited[0]) == float(p[0, 0])


def test_the_order_of_the_dims_does_not_matter() -> None:
    counts, before = poisson(rates({3: 20.0}, 3.0)), grey(3.0)
    expected = responsive_classes(counts, before)
    made = responsive_classes(counts.transpose("bin", "trial", "direction"), before.T)
    xr.testing.assert_equal(made, expected)


def test_counts_must_fit() -> None:
    counts, before = poisson(3.0), grey(3.0)
    with pytest.raises(InvalidInput, match="dims of the counts"):
        responsive_classes(counts.isel(bin=0), before)
    with pytest.raises(InvalidInput, match="dims of the counts"):
        responsive_classes(counts.expand_dims(unit=2), before)
    with pytest.raises(InvalidInput, match="numbers of counts"):
        responsive_classes(counts, before.isel(trial=slice(5)))
    with pytest.raises(InvalidInput, match="missing"):
        responsive_classes(counts.where(counts.trial != 3), before)


def test_spikes_are_counted_in_bins_from_the_start() -> None:
    counts = spike_counts([[0.0, 0.1, 0.25], [1.29], []], width=0.25, duration=1.3)
    np.testing.assert_array_equal(counts, [[2, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [0] * 6])
    assert spike_counts([[]], width=0.25, duration=1.25).shape == (1, 5)
    assert spike_counts([[]], width=0.1, duration=0.3).shape == (1, 3)
    with pytest.raises(InvalidInput, match="width"):
        spike_counts([[]], width=0.0, duration=1.0)
    with pytest.raises(InvalidInput, match="not finite"):
        spike_counts([[0.1, np.nan]], width=0.25, duration=1.0)


def real_counts() -> tuple[xr.DataArray, xr.DataArray]:
    with np.load(TRAINS) as file:
        trains = np.split(file["spike_times_ms"] / 1000, file["offsets"][1:-1])
        shape = (len(file["cell_ids"]), len(file["stimuli"]), 8, int(file["n_trials"]), -1)
        coords = {"stimulus": file["stimuli"], "direction": file["directions_deg"].astype(float)}
    counts = spike_counts(trains, width=0.25, duration=1.25).reshape(shape)
    dims = ("unit", "stimulus", "direction", "trial", "bin")
    with np.load(GOLDEN) as golden:
        before = xr.DataArray(golden["isi_counts"], dims=dims[:-1], coords=coords)
    return xr.DataArray(counts, dims=dims, coords=coords), before


@needs_shared
def test_real_neurons_are_significant_where_the_papers_code_says_so() -> None:
    measured = responsive_classes(*real_counts())
    with np.load(GOLDEN) as golden:
        dims = ("unit", "stimulus", "direction")
        excited = measured.p_excited.transpose(*dims).values
        suppressed = measured.p_suppressed.transpose(*dims).values
        np.testing.assert_allclose(excited, golden["p_max_mw"], rtol=1e-9)
        np.testing.assert_allclose(suppressed, golden["p_min_mw"], rtol=1e-9)
        np.testing.assert_array_equal(
            measured.significant.transpose("unit", "stimulus"), golden["significant_p1em3_mw"]
        )


@needs_shared
def test_the_tensor_of_real_neurons_is_that_of_the_papers() -> None:
    counts, _ = real_counts()
    chosen = np.array([[True, True, False, False, True, True], [True] * 6])
    significant = xr.DataArray(chosen, dims=("unit", "stimulus"), coords={"stimulus": counts.stimulus})
    with np.load(MAPS) as golden:
        rates = xr.DataArray(
            golden["maps_bw50_10ms"],
            dims=("unit", "stimulus", "direction", "time"),
            coords={"stimulus": counts.stimulus, "direction": counts.direction, "time": golden["t10"] / 1000},
        )
        made = response_tensor(rates, TensorOptions.neurons(), significant=significant)
        for name, key in (("normalized", "allT"), ("tensor", "sigT")):
            stored = made[name].transpose("unit", "stimulus", "time", "direction").values
            np.testing.assert_allclose(stored.reshape(2, 6, -1), golden[key], rtol=0, atol=1e-12)
        np.testing.assert_allclose(made.strength, golden["cell_maxFR"], rtol=1e-12)
