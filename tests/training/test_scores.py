"""Scores of units whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.scores import correlation, score_units


def rates(frames: int = 200, units: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, 1.0, (frames, units))


def noisy(rate: np.ndarray, repeats: int, sd: float, seed: int = 1) -> np.ndarray:
    return rate + sd * np.random.default_rng(seed).normal(size=(repeats, *rate.shape))


def repeated(rate: np.ndarray, repeats: int) -> np.ndarray:
    return np.repeat(rate[None], repeats, axis=0)


def test_a_noise_free_unit_that_is_predicted_has_ones_throughout():
    rate = rates(2000)
    scores = score_units([repeated(rate, 5)], [repeated(3 * rate + 1, 5)])
    np.testing.assert_allclose(scores, 1, atol=1e-3)
    assert scores.index.name == "unit"


def test_poisson_counts_have_the_ceiling_of_their_signal_power():
    rng = np.random.default_rng(2)
    rate = rng.gamma(2.0, 1.0, (60_000, 2))
    counts = rng.poisson(rate, (8, *rate.shape))
    scores = score_units([counts], [repeated(rate, 8)])
    signal, noise = rate.var(0), rate.mean(0)  # the variance of a Poisson count is its rate
    np.testing.assert_allclose(scores["cc_max"], np.sqrt(signal / (signal + noise / 8)), rtol=0.01)
    np.testing.assert_allclose(scores["cc_abs"], scores["cc_max"], rtol=0.01)  # the truth cannot do better
    np.testing.assert_allclose(scores["cc_norm"], 1, rtol=0.01)


def test_scores_follow_the_published_formula():
    responses = noisy(rates(40), 4, 1.0)
    predictions = noisy(rates(40), 4, 0.5, seed=9)
    scores = score_units([responses], [predictions], burnin_frames=0)
    mean = responses.mean(0)
    for unit in range(3):
        each = [np.var(responses[n, :, unit], ddof=1) for n in range(4)]
        power = (4 * np.var(mean[:, unit], ddof=1) - np.mean(each)) / 3
        ceiling = np.sqrt(power / np.var(mean[:, unit]))
        plain = np.corrcoef(mean[:, unit], predictions.mean(0)[:, unit])[0, 1]
        np.testing.assert_allclose(scores.loc[unit], [plain, ceiling, plain / ceiling])


def test_the_burn_in_of_every_clip_is_left_out():
    clips = [noisy(rates(30, seed=n), 3, 0.3, seed=n) for n in range(2)]
    predictions = [noisy(clip[0], 3, 0.3) for clip in clips]
    spoilt = [clip.copy() for clip in clips]
    for clip in spoilt:
        clip[:, :10] = 1e6
    expected = score_units(clips, predictions)
    np.testing.assert_array_equal(score_units(spoilt, predictions), expected)
    whole = score_units([clip[:, 10:] for clip in clips], [p[:, 10:] for p in predictions], burnin_frames=0)
    np.testing.assert_array_equal(whole, expected)


def test_a_single_repeat_has_no_ceiling():
    rate = rates()
    scores = score_units([rate[None]], [rate[None]])
    np.testing.assert_allclose(scores["cc_abs"], 1)
    assert scores[["cc_max", "cc_norm"]].isna().all(axis=None)


def test_units_without_signal_have_no_ceiling_and_constant_ones_no_correlation():
    rng = np.random.default_rng(0)
    rate = rates(units=4)
    responses = noisy(rate, 6, 0.2)
    predictions = repeated(rate, 6)
    responses[:, :, 0] = 2.0  # constant
    opposite = rng.normal(size=(200,))
    flipped = np.where(np.arange(6)[:, None] % 2, opposite, -opposite)  # cancels in the mean
    responses[:, :, 1] = flipped + 0.01 * rate[:, 1]
    predictions[:, :, 2] = 0.0
    scores = score_units([responses], [predictions])
    assert scores["cc_abs"].isna().tolist() == [True, False, True, False]
    assert scores["cc_max"].isna().tolist() == [True, True, False, False]
    assert scores["cc_norm"].isna().tolist() == [True, True, True, False]


def test_clips_with_fewer_repeats_keep_the_ceiling_right():
    rng = np.random.default_rng(5)
    rate = rng.gamma(2.0, 1.0, (40_000, 1))
    first, second = rate[:20_000], rate[20_000:]
    clips = [rng.poisson(first, (10, *first.shape)), rng.poisson(second, (4, *second.shape))]
    scores = score_units(clips, [repeated(first, 10), repeated(second, 4)])
    np.testing.assert_allclose(scores["cc_norm"], 1, rtol=0.02)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.01, 100),
    shift=st.floats(-10, 10),
    repeats=st.integers(2, 6),
)
def test_scores_do_not_depend_on_units_of_measurement_or_order(seed, scale, shift, repeats):
    rate = rates(60, seed=seed)
    responses, predictions = noisy(rate, repeats, 0.5, seed), noisy(rate, repeats, 1.0, seed + 1)
    expected = score_units([responses], [predictions])
    order = np.random.default_rng(seed).permutation(repeats)
    changed = score_units([scale * responses[order] + shift], [scale * predictions + shift])
    np.testing.assert_allclose(changed, expected, rtol=1e-6, atol=1e-9)
    assert expected["cc_abs"].abs().max() <= 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_correlation_is_pearsons(seed):
    first, second = rates(50, seed=seed), rates(50, seed=seed + 1)
    expected = [np.corrcoef(first[:, unit], second[:, unit])[0, 1] for unit in range(3)]
    np.testing.assert_allclose(correlation(first, second), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("responses", "predictions", "message"),
    [
        (np.ones((2, 10, 3)), np.ones((2, 10, 3)), "more than 10 frames"),
        (np.ones((20, 3)), np.ones((20, 3)), "cannot be scored"),
        (np.ones((2, 20, 3)), np.ones((2, 20, 2)), "not of these responses"),
        (np.ones((2, 20, 3)), np.full((2, 20, 3), np.nan), "not finite"),
    ],
)
def test_what_cannot_be_scored_is_refused(responses, predictions, message):
    with pytest.raises(InvalidInput, match=message):
        score_units([responses], [predictions])


def test_no_clip_at_all_is_refused():
    with pytest.raises(InvalidInput, match="not of these responses"):
        score_units([], [])
