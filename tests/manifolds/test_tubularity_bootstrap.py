"""What a bootstrap says of the uncertainty, and what the published presets make of it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from paper_golden import NAMES, labelled, wandering_responses

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    TubularityOptions,
    compare_tubularity,
    published_tubularity,
    tubularity,
    tubularity_sensitivity,
)
from napari_twinscope.specification import Specification

SHORT = {"samples": 30, "bins": 10, "n_components": 3}


def options(preset: str = "corrected", **changes) -> TubularityOptions:
    return TubularityOptions(preset, **{"stimuli": "all", "bootstraps": 6, **SHORT, **changes})


def population(loose: float, seed: int = 0, units: int = 30) -> xr.DataArray:
    """Draw units that share the courses of three classes, with deviations of each direction."""
    random = np.random.default_rng(seed)
    course = np.random.default_rng(7).normal(size=(5, 3, 1, 10)).cumsum(axis=-1)
    spread = np.random.default_rng(8).normal(size=(5, 3, 5, 10)).cumsum(axis=-1)
    mixing = random.normal(size=(units, 5))
    return labelled(np.tensordot(mixing, course + loose * spread, 1) + 100, list("abc"))


def test_the_same_seed_draws_the_same_units_and_another_seed_others():
    responses = wandering_responses()
    one, same, other = (tubularity(responses, options(seed=seed)) for seed in (None, 0, 1))
    xr.testing.assert_equal(one, same)
    assert (one.drawn != other.drawn).any()
    np.testing.assert_array_equal(one.score, other.score)


def test_a_bootstrap_can_be_repeated_from_its_stored_draws():
    responses = wandering_responses()
    one = tubularity(responses, options(seed=5))
    again = tubularity(responses, options(), drawn=one.drawn)
    xr.testing.assert_equal(again, one)


def test_the_published_presets_draw_anew_each_time():
    responses = wandering_responses()
    one, other = (tubularity(responses, options("published-2026", bootstraps=2)) for _ in range(2))
    assert (one.drawn != other.drawn).any()
    seeded = [tubularity(responses, options("published-2026", bootstraps=2, seed=3)) for _ in range(2)]
    xr.testing.assert_equal(*seeded)


@pytest.mark.parametrize(
    ("preset", "divisor"), [("corrected", 1), ("published-2025", 10), ("published-2026", np.sqrt(30))]
)
def test_error_bars_are_the_standard_deviation_but_in_the_published_presets(preset, divisor):
    found = tubularity(wandering_responses(), options(preset))
    spread = found.bootstrap_score.values.std(axis=0)
    np.testing.assert_allclose(found.standard_error, spread)
    np.testing.assert_allclose(found.error_bar, spread / divisor)
    np.testing.assert_allclose(found.bootstrap_mean, found.bootstrap_score.mean("bootstrap"))


def test_the_interval_holds_its_share_of_the_bootstraps():
    found = tubularity(wandering_responses(), options(bootstraps=20, level=0.8))
    low, high = found.interval.transpose("bound", "measure").values
    inside = ((found.bootstrap_score >= low) & (found.bootstrap_score <= high)).mean("bootstrap")
    np.testing.assert_allclose(inside, 0.8)
    np.testing.assert_allclose(found.bound, [0.1, 0.9])


def test_without_bootstraps_there_is_only_the_score():
    found = tubularity(wandering_responses(), options(bootstraps=0))
    assert "bootstrap_score" not in found
    assert np.isfinite(found.score).all()


# Differences between populations


def test_a_tighter_population_differs_from_a_looser_one():
    tight, loose = (tubularity(population(spread), options(bootstraps=40)) for spread in (0.1, 0.6))
    found = compare_tubularity(tight, loose).sel(measure="s_tight")
    assert float(found.difference) == pytest.approx(float(tight.score[0] - loose.score[0]))
    assert float(found.interval[1]) < 0
    assert bool(found.differs)
    assert float(found.p_value) == pytest.approx(1 / 40)
    swapped = compare_tubularity(loose, tight).sel(measure="s_tight")
    assert float(swapped.difference) == -float(found.difference)
    np.testing.assert_allclose(swapped.interval, -found.interval[::-1])


def test_a_population_does_not_differ_from_itself():
    one, same = (tubularity(population(0.3), options(bootstraps=20, seed=seed)) for seed in (0, 1))
    found = compare_tubularity(one, same)
    np.testing.assert_array_equal(found.difference, 0)
    assert not found.differs.any()
    assert (found.p_value > 0.3).all()


def test_several_populations_are_compared_on_average():
    three = [tubularity(population(0.3, seed), options(bootstraps=5 + seed)) for seed in range(3)]
    found = compare_tubularity(three[:2], three[2])
    expected = (three[0].score + three[1].score) / 2 - three[2].score
    np.testing.assert_allclose(found.difference, expected)


def test_the_published_test_counts_bootstraps_as_observations():
    one, other = (population(0.3, seed) for seed in (0, 1))

    def p_value(bootstraps: int) -> float:
        made = [
            tubularity(which, options("published-2026", bootstraps=bootstraps, seed=0))
            for which in (one, other)
        ]
        found = compare_tubularity(*sorted(made, key=lambda result: float(result.score[0])))
        assert not bool(found.valid)
        return float(found.p_value.sel(measure="s_tight"))

    assert p_value(60) < p_value(8)


def test_the_published_test_is_one_sided_and_pools():
    tight, loose = (tubularity(population(spread), options("published-2025")) for spread in (0.1, 0.6))
    assert float(compare_tubularity(tight, loose).p_value[0]) < 0.01
    assert float(compare_tubularity(loose, tight).p_value[0]) > 0.99
    pooled = compare_tubularity([tight, tight], [loose, loose])
    assert float(pooled.p_value[0]) < float(compare_tubularity(tight, loose).p_value[0])
    assert float(pooled.statistic[0]) == 0


def test_results_of_different_options_are_not_compared():
    one = tubularity(wandering_responses(), options())
    other = tubularity(wandering_responses(), options(quantile=0.5))
    with pytest.raises(InvalidInput, match="different options"):
        compare_tubularity(one, other)
    with pytest.raises(InvalidInput, match="without bootstraps"):
        compare_tubularity(one, tubularity(wandering_responses(), options(bootstraps=0)))
    with pytest.raises(InvalidInput, match="nothing to compare"):
        compare_tubularity(one, [])
    for wrong in (None, [one, 0.3], "s_tight"):
        with pytest.raises(InvalidInput, match="no results of tubularity"):
            compare_tubularity(one, wrong)


def test_only_the_published_presets_compare_different_stimuli():
    responses = wandering_responses(stimuli=4)
    for preset in ("corrected", "published-2026"):
        made = [
            tubularity(responses.isel(stimulus=which), options(preset, bootstraps=3))
            for which in ([0, 1, 2], [0, 1, 3])
        ]
        if preset == "corrected":
            with pytest.raises(InvalidInput, match="different stimuli"):
                compare_tubularity(*made)
        else:
            assert np.isfinite(compare_tubularity(*made).p_value).all()


# Sensitivity


def test_tightness_grows_with_the_quantile_and_agrees_with_the_measure():
    responses = wandering_responses()
    found = tubularity_sensitivity(responses, options(bootstraps=3), quantiles=(0.5, 0.7, 0.9))
    assert (found.bootstrap_s_tight.diff("quantile") > 0).all()
    assert found.sizes == {"bootstrap": 3, "smoothing": 5, "quantile": 3}
    expected = tubularity(responses, options(bootstraps=3, quantile=0.7, smoothing=3e-5))
    cell = {"smoothing": 3e-5, "quantile": 0.7}
    np.testing.assert_allclose(found.s_tight.sel(cell), expected.score[0])
    np.testing.assert_allclose(found.bootstrap_s_tight.sel(cell), expected.bootstrap_score[:, 0])
    np.testing.assert_allclose(found.bootstrap_mean.sel(cell), expected.bootstrap_mean[0])
    np.testing.assert_allclose(found.standard_error.sel(cell), expected.standard_error[0])


def test_bundles_are_found_once_for_all_quantiles_and_smoothings():
    responses = population(0.1)
    found = tubularity_sensitivity(responses, options(bundles="hdbscan", bootstraps=0), quantiles=(0.7, 0.9))
    expected = tubularity(responses, options(bundles="hdbscan", bootstraps=0))
    np.testing.assert_allclose(found.s_tight.sel(smoothing=1e-4, quantile=0.9), expected.score[0])


def test_the_sweep_of_the_papers_has_their_values():
    found = tubularity_sensitivity(wandering_responses(), options("published-2026", bootstraps=0))
    assert found.smoothing.values.tolist() == [1, 1.5, 2, 2.5, 3]
    assert found["quantile"].values.tolist() == [0.7, 0.75, 0.8, 0.85, 0.9, 0.95]


def test_a_sweep_needs_something_to_vary():
    with pytest.raises(InvalidInput, match="nothing to vary"):
        tubularity_sensitivity(wandering_responses(), options(), quantiles=())
    with pytest.raises(InvalidInput, match="whatever is asked"):
        tubularity_sensitivity(wandering_responses(), options("published-2025"), smoothings=(1.0,))


# Options


def test_options_survive_their_json():
    made = options("published-2026", seed=3, bundles="hdbscan")
    assert Specification.from_json(made.to_json()) == made
    assert TubularityOptions().stray == 1e-4
    assert TubularityOptions("published-2025").stray == 0.01
    assert TubularityOptions("published-2026").stray == 2
    assert TubularityOptions("published-2026", smoothing=1.5).stray == 1.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": "2025"}, "no such preset"),
        ({"stimuli": "low"}, "no such choice"),
        ({"stimuli": "first-six"}, "by name"),
        ({"bundles": "class"}, "no such bundles"),
        ({"distance": "l1"}, "no such distance"),
        ({"bootstraps": -1}, "no such number"),
        ({"samples": 2}, "no such number"),
        ({"bins": True}, "no such number"),
        ({"n_components": 2.5}, "no such number"),
        ({"smallest_bundle": 1}, "no such number"),
        ({"seed": -1}, "no such seed"),
        ({"seed": 0.5}, "no such seed"),
        ({"quantile": 1.0}, "no such quantile"),
        ({"quantile": "0.9"}, "no such quantile"),
        ({"level": float("nan")}, "no such level"),
        ({"smoothing": -1.0}, "cannot be smoothed"),
        ({"smoothing": "none"}, "cannot be smoothed"),
        ({"preset": "published-2025", "smoothing": 2.0}, "whatever is asked"),
    ],
)
def test_wrong_options_are_refused_in_words(changes, message):
    with pytest.raises(InvalidInput, match=message):
        TubularityOptions(**changes)


def test_the_options_are_stored_with_the_result():
    found = tubularity(wandering_responses(), options(seed=4))
    assert Specification.from_json(found.attrs["options"]) == options(seed=4)
    assert found.attrs["preset"] == "corrected"


def test_the_papers_values_are_labelled_uncertain():
    shown = published_tubularity()
    assert all("inferred" in text for text in shown.uncertain.values)
    tight = shown["mean"].sel(bundles="stimulus", measure="s_tight")
    assert tight.idxmin("population").item() == "retina"
    crossing = shown["mean"].sel(bundles="hdbscan", measure="s_cross", population="V1")
    assert float(crossing) == pytest.approx(35e-6)


def test_the_papers_eleven_classes_are_measured_on_the_medium_set():
    random = np.random.default_rng(0)
    responses = labelled(random.gamma(1.0, size=(6, 11, 3, 5)), NAMES)
    found = tubularity(responses, TubularityOptions(bootstraps=0, **SHORT))
    assert found.bundle.values.tolist() == [NAMES[i] for i in (0, 2, 5, 6, 9, 10)]
