"""Tubularity of a population is the published one, and depends on nothing that it should not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_golden import golden, labelled, paper_responses, shuffled, wandering_responses

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import TubularityOptions, tubularity
from napari_twinscope.manifolds.decoding.activity_space import ActivitySpace
from napari_twinscope.manifolds.tubes.bundles import curve_bundles
from napari_twinscope.manifolds.tubes.curves import curve_distances, derivatives
from napari_twinscope.progress import SilentProgress

SHORT = {"samples": 30, "bins": 10, "n_components": 3}
CORRECTED = TubularityOptions(bootstraps=4, **SHORT)
CASES = {
    "stim_s0p01": TubularityOptions("published-2025", "medium", bootstraps=0),
    "stim_s2": TubularityOptions("published-2026", "medium", bootstraps=0),
    "hdb_s0p01": TubularityOptions("published-2025", "medium", bundles="hdbscan", bootstraps=0),
    "high_stim_s0p01": TubularityOptions("published-2025", "high", bootstraps=0),
    "published_first6_s0p01": TubularityOptions("published-2025", "first-six", bootstraps=0),
    "published_0_6to10_s0p01": TubularityOptions("published-2025", bootstraps=0),
}


def measured(responses: xr.DataArray, **options) -> xr.Dataset:
    return tubularity(responses, TubularityOptions(**{**SHORT, "bootstraps": 0, **options}))


@pytest.mark.parametrize("case", CASES)
def test_the_bundles_of_all_units_are_scored_as_published(case):
    table = golden("tubularity")[f"identity__{case}"]
    found = tubularity(paper_responses(), CASES[case])
    np.testing.assert_array_equal(found["size"], table[:, 1])
    np.testing.assert_allclose(found.epsilon, table[:, 2], rtol=1e-6)
    np.testing.assert_allclose(found.bundle_score[:, :2], table[:, 3:5], rtol=1e-6)
    np.testing.assert_allclose(found.length, table[:, 5], rtol=1e-6)


def test_the_tubes_along_their_way_are_the_published_ones():
    published = golden("tubularity")
    found = tubularity(paper_responses(), CASES["stim_s0p01"])
    np.testing.assert_allclose(found.radius, published["identity__Rq_s0p01"], rtol=1e-6)
    lines = published["identity__centre_s0p01_100"].astype(np.float64)
    signs = np.sign((found.center_line.values * lines).sum(axis=(0, 1)))
    np.testing.assert_allclose(found.center_line * signs, lines, atol=1e-5)


def test_the_curves_and_their_bundles_are_the_published_ones():
    published = golden("tubularity")
    space = ActivitySpace(paper_responses(), CASES["stim_s0p01"])
    curves = space.curves(space.units)
    uneven = published["identity__curves_f32"].astype(np.float64)
    lengths = np.linalg.norm(np.diff(uneven, axis=1), axis=2).sum(1)
    np.testing.assert_allclose(lengths, published["identity__arclength"], rtol=1e-5)
    signs = np.sign((curves[:, 0] * uneven[:, 0]).sum(0))
    np.testing.assert_allclose(curves[:, [0, -1]] * signs, uneven[:, [0, -1]], atol=1e-5)
    slope = published["identity__dX_curve0"]
    np.testing.assert_allclose(derivatives(curves)[0] * signs, slope, atol=1e-7)
    first = published["identity__uX_curve0"]
    np.testing.assert_allclose(curves[0] * np.sign((curves[0] * first).sum(axis=0)), first, atol=1e-9)
    apart = curve_distances(curves)
    np.testing.assert_allclose(apart, published["identity__H1_scaled"], atol=1e-9)
    labels, fell_back = curve_bundles(apart)
    np.testing.assert_array_equal(labels, published["identity__labels_hdbscan"])
    assert not fell_back


def test_the_bootstraps_are_the_published_ones_on_the_published_draws():
    published = golden("tubularity")
    options = TubularityOptions("published-2025", "medium")
    found = tubularity(paper_responses(), options, drawn=published["bootstrap_indices"])
    expected = published["boot__per_group_eps_tight_cross"][:, :, 1:]
    np.testing.assert_allclose(found.bootstrap_bundle_score[:, :, :2], expected, rtol=1e-6)
    expected = published["boot__aggregate_s0p01"][:, :2]
    np.testing.assert_allclose(found.bootstrap_score[:, :2], expected, rtol=1e-6)
    np.testing.assert_allclose(found.bootstrap_mean[:2], published["boot__mean"], rtol=1e-6)
    np.testing.assert_allclose(found.standard_error[:2] ** 2, published["boot__var"], rtol=1e-6)


def test_bundles_of_bootstraps_are_the_published_ones_but_for_a_tie():
    published = golden("tubularity")
    space = ActivitySpace(paper_responses(), CASES["hdb_s0p01"])
    away = []
    for units, expected in zip(
        published["bootstrap_indices"], published["boot__labels_hdbscan"], strict=True
    ):
        labels, _ = curve_bundles(curve_distances(space.curves(units)))
        counts = np.zeros((10, 10), dtype=int)
        np.add.at(counts, (labels, expected), 1)
        away.append(48 - counts.max(axis=1).sum())
    # two curves join a bundle at the same distance, and HDBSCAN leaves open which is first
    assert np.bincount(away).tolist() == [29, 1]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (TubularityOptions("published-2025", "medium", bundles="hdbscan"), "hdb_aggregate"),
        (TubularityOptions("published-2026", "medium"), "stim_s2_aggregate"),
    ],
)
def test_other_bootstraps_are_the_published_ones(options, key):
    published = golden("tubularity")
    found = tubularity(paper_responses(), options, drawn=published["bootstrap_indices"][:5])
    np.testing.assert_allclose(
        found.bootstrap_score[:, :2], published[f"boot_first5__{key}"][:, :2], rtol=1e-6
    )


# What must not matter


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["stimulus", "hdbscan", "one"]))
def test_nothing_depends_on_the_order_in_which_responses_are_stored(random, bundles):
    responses = wandering_responses()
    options = TubularityOptions(bundles=bundles, bootstraps=2, **SHORT)
    expected = tubularity(responses, options)
    made = tubularity(shuffled(responses, random), options).sel(stimulus=expected.stimulus)
    if bundles == "stimulus":
        made = made.sel(bundle=expected.bundle)
    xr.testing.assert_equal(made, expected.drop_vars("time", errors="ignore"))


def test_the_published_presets_cut_by_the_stored_order_whatever_the_order_of_the_recording():
    responses = paper_responses().isel(unit=slice(8))
    options = TubularityOptions("published-2025", "first-six", bootstraps=0, **SHORT)
    expected = tubularity(responses, options)
    made = tubularity(responses.isel(stimulus=slice(None, None, -1)), options)
    xr.testing.assert_equal(made, expected)
    assert made.shown_as.sel(stimulus="neg1dotflow_D1").item() == "−3dot"


def test_the_gain_and_the_baseline_of_a_unit_do_not_matter():
    responses = wandering_responses()
    gain = xr.DataArray(np.linspace(0.1, 50, 12), dims="unit")
    changed = measured(responses * gain + 3 * gain)
    np.testing.assert_allclose(changed.score, measured(responses).score, rtol=1e-6)


def test_constant_units_are_left_out_counted_and_change_nothing():
    responses = wandering_responses()
    constant = xr.full_like(responses.isel(unit=[0, 1]), 0.1)
    more = xr.concat([responses, constant], "unit")
    found, expected = tubularity(more, CORRECTED), tubularity(responses, CORRECTED)
    np.testing.assert_allclose(found.bootstrap_score, expected.bootstrap_score, rtol=1e-9)
    assert found.attrs["constant_units"] == [12, 13]
    assert found.drawn.max() < 12


def test_crossing_does_not_depend_on_the_number_of_units_and_the_published_one_does():
    responses = wandering_responses()
    twice = xr.concat([responses, responses], "unit")
    change = measured(twice).score / measured(responses).score
    np.testing.assert_allclose(change, [1, 1 / np.sqrt(2), 1], rtol=1e-6)


def test_the_published_centre_lines_depend_on_the_number_of_units():
    responses = wandering_responses(frames=20)
    many = xr.concat([responses] * 40, "unit")
    change = [
        float((measured(many, **which).score / measured(responses, **which).score)[0])
        for which in ({"preset": "published-2026", "stimuli": "all"}, {})
    ]
    assert abs(change[0] - 1) > 0.02
    assert change[1] == pytest.approx(1, rel=1e-6)


# What it says


def test_looser_trajectories_are_less_tubular():
    random = np.random.default_rng(0)
    mixing = random.normal(size=(15, 4))
    course = random.normal(size=(4, 3, 1, 12)).cumsum(axis=-1)
    spread = random.normal(size=(4, 3, 6, 12)).cumsum(axis=-1)
    tight = [
        float(
            measured(labelled(np.tensordot(mixing, course + loose * spread, 1) + 100, list("abc"))).score[0]
        )
        for loose in (0.02, 0.3, 1.0)
    ]
    assert tight[0] < 0.7 * tight[1]
    assert tight[1] < 0.7 * tight[2]


def test_bundles_are_named_by_their_stimulus_and_weighted_by_their_curves():
    found = measured(wandering_responses())
    assert found.bundle.values.tolist() == ["s0", "s1", "s2"]
    np.testing.assert_allclose(found.score, found.bundle_score.mean("bundle"))
    np.testing.assert_allclose(found.bundle_variance, found.bundle_score.var("bundle"))
    assert (found.label == [[0], [1], [2]]).all()


def test_hdbscan_finds_the_classes_that_run_apart():
    random = np.random.default_rng(3)
    mixing = random.normal(size=(20, 5))
    course = random.normal(size=(5, 3, 1, 15)).cumsum(axis=-1)
    noise = 0.02 * random.normal(size=(5, 3, 8, 15))
    responses = labelled(np.tensordot(mixing, course + noise, 1) + 100, list("abc"))
    found = measured(responses, bundles="hdbscan")
    labels = found.label.values
    assert (labels == labels[:, :1]).all()
    assert len(np.unique(labels)) == 3
    np.testing.assert_allclose(found.score, measured(responses).score)


def test_progress_is_told_and_a_user_can_stop():
    progress = SilentProgress()
    progress.cancel()
    with pytest.raises(Canceled):
        tubularity(wandering_responses(), CORRECTED, progress=progress)


def constant() -> xr.DataArray:
    return xr.full_like(wandering_responses(), 2.0)


def missing() -> xr.DataArray:
    responses = wandering_responses()
    responses[:, 0, 0, -1] = np.nan
    return responses


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: measured(wandering_responses(stimuli=1)), "several stimuli"),
        (lambda: measured(wandering_responses(directions=1)), "several stimuli"),
        (lambda: measured(wandering_responses(stimuli=1, directions=1), bundles="one"), "One movie"),
        (lambda: measured(wandering_responses(frames=2)), "Too few frames"),
        (lambda: measured(constant()), "No unit responds differently"),
        (lambda: measured(missing()), "missing"),
        (lambda: measured(wandering_responses(), preset="published-2025"), "are missing"),
        (lambda: tubularity(wandering_responses(), CORRECTED, drawn=[[12]]), "no draws"),
        (lambda: tubularity(wandering_responses(), CORRECTED, drawn=[0.5]), "no draws"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()


def test_one_class_can_be_measured_as_one_bundle():
    responses = wandering_responses(stimuli=1)
    assert measured(responses, bundles="one").sizes["bundle"] == 1


def test_a_stimulus_that_moves_no_unit_counts_for_no_draw() -> None:
    random = np.random.default_rng(0)
    values = random.gamma(1.0, size=(40, 3, 8, 37)).cumsum(-1)
    values[:, 1] = -1.0  # silent once rectified
    responses = xr.DataArray(
        values,
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["bright", "dark", "grey"], "direction": np.arange(8) * 45.0},
    )
    found = tubularity(responses, TubularityOptions(bootstraps=12))
    assert found.bootstrap_bundle_score.isnull().all(("bootstrap", "measure")).values.tolist() == [
        False,
        True,
        False,
    ]
