"""Accuracies of two populations are compared direction by direction."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import ClassificationOptions, classification_over_time, compare_accuracy

OPTIONS = ClassificationOptions("corrected", "neighbors", ("growing", "shrinking"), stimuli="all", step=2)


def classified(noise: float, seed: int = 0) -> xr.Dataset:
    """Return how well three stimuli are told apart whose units respond to one each, beneath noise."""
    random = np.random.default_rng(seed)
    values = np.zeros((9, 3, 8, 4))
    values[np.arange(9), np.arange(9) % 3] = 1.0
    responses = xr.DataArray(
        np.clip(values + noise * random.normal(size=values.shape), 0, None),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["a", "b", "c"], "direction": np.arange(8) * 45.0, "time": np.arange(4) / 30},
    )
    return classification_over_time(responses, OPTIONS)


def test_the_clearer_population_is_told_to_be_better() -> None:
    clear, noisy = classified(0.01), classified(3.0)
    found = compare_accuracy(clear, noisy)
    expected = clear["accuracy"] - noisy["accuracy"]
    np.testing.assert_allclose(found["difference"], expected.transpose("window", "time"))
    assert found["differs"].all()
    assert (found["lower"] > 0).all()
    assert (found["upper"] > found["difference"]).all()


def test_turned_round_the_difference_changes_its_sign() -> None:
    one, other = classified(1.0), classified(2.0, seed=1)
    there, back = compare_accuracy(one, other), compare_accuracy(other, one)
    np.testing.assert_allclose(there["difference"], -back["difference"])
    np.testing.assert_allclose(there["lower"], -back["upper"])


def test_a_population_does_not_differ_from_itself() -> None:
    one = classified(1.0)
    found = compare_accuracy(one, one)
    assert not found["differs"].any()
    np.testing.assert_array_equal(found["difference"], 0.0)


def test_the_interval_is_that_of_a_paired_test() -> None:
    from scipy.stats import ttest_rel

    one, other = classified(1.0), classified(2.0, seed=3)
    found = compare_accuracy(one, other).sel(window="growing").isel(time=0)
    sides = [x["correct"].mean("stimulus").sel(window="growing").isel(time=0).values for x in (one, other)]
    expected = ttest_rel(*sides).confidence_interval(0.95)
    np.testing.assert_allclose([found["lower"], found["upper"]], [expected.low, expected.high])


def test_results_of_other_options_are_refused() -> None:
    one = classified(1.0)
    with pytest.raises(InvalidInput, match="cannot be compared"):
        compare_accuracy(one, one.assign_attrs(options="others"))
    with pytest.raises(InvalidInput, match="cannot be compared"):
        compare_accuracy(one, one.isel(direction=slice(4)))
