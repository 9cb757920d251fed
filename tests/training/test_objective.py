"""The loss, and the weight of each unit in it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.objective import WEIGHT_LIMITS, loss_limits, poisson_loss, unit_weights

RATES = np.random.default_rng(0).gamma(1.0, 1.0, (200, 6)) + 0.05


@given(rate=st.floats(0.05, 20), off=st.floats(-2, 2))
@settings(deadline=None, max_examples=50)
def test_the_loss_is_least_where_the_prediction_is_the_rate(rate: float, off: float) -> None:
    rates = torch.full((3, 2), rate, dtype=torch.float64)
    at_truth = poisson_loss(rates.log(), rates)
    assert poisson_loss(rates.log() + off, rates) >= at_truth
    assert at_truth == pytest.approx(rate - rate * np.log(rate))


def test_weights_scale_the_units_of_the_loss() -> None:
    logits, rates = torch.zeros(5, 2), torch.tensor([1.0, 3.0]).expand(5, 2)
    weights = torch.tensor([0.5, 1.5])
    single = [poisson_loss(logits[:, [u]], rates[:, [u]]) for u in range(2)]
    assert poisson_loss(logits, rates, weights) == pytest.approx((0.5 * single[0] + 1.5 * single[1]) / 2)


def test_the_limits_are_the_losses_of_the_mean_and_of_the_truth() -> None:
    at_mean, perfect = loss_limits(RATES)
    truth = torch.from_numpy(RATES)
    for unit in range(RATES.shape[1]):
        own = truth[:, [unit]]
        assert perfect[unit] == pytest.approx(float(poisson_loss(own.log(), own)))
        assert at_mean[unit] == pytest.approx(float(poisson_loss(own.mean().log().expand_as(own), own)))
    assert (at_mean > perfect).all()


def test_a_unit_with_less_to_gain_weighs_more() -> None:
    rates = np.stack([RATES[:, 0], 1 + 0.3 * (RATES[:, 0] - 1)], axis=1).clip(0.05)
    weights = unit_weights(rates)
    assert weights[1] > weights[0]
    assert weights.mean() == pytest.approx(1)


def test_weights_are_limited() -> None:
    rates = np.stack([*RATES.T, 1 + 1e-6 * RATES[:, 0]], axis=1)
    weights = unit_weights(rates)
    assert weights.max() / weights.min() <= WEIGHT_LIMITS[1] / WEIGHT_LIMITS[0] * (1 + 1e-12)
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_rates_must_be_positive(bad: float) -> None:
    rates = RATES.copy()
    rates[3, 2] = bad
    with pytest.raises(InvalidInput, match="must be positive"):
        unit_weights(rates)
