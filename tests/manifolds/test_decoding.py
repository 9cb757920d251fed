"""The decoding manifold places each movie by the population's mean response to it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_golden import NAMES, golden, labelled, paper_responses, shuffled, wandering_responses

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import decoding_manifold

FEW = settings(max_examples=10, deadline=None)
CASES = {
    "medium": ("corrected", None),
    "high": ("corrected", "high"),
    "all11": ("corrected", "all"),
    "published_first6": ("published-2025", "first-six"),
    "published_0_6to10": ("published-2026", None),
}


def up_to_signs(ours: np.ndarray, published: np.ndarray) -> np.ndarray:
    return ours * np.sign((ours * published).sum(axis=0))


def by_svd(responses: xr.DataArray) -> np.ndarray:
    points = responses.mean("time").transpose("stimulus", "direction", "unit").values
    points = points.reshape(-1, points.shape[-1])
    left, sizes, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    return (left * sizes)[:, :3]


@pytest.mark.parametrize("case", CASES)
def test_the_decoding_manifold_is_the_published_one(case):
    preset, stimuli = CASES[case]
    made = decoding_manifold(paper_responses(), preset=preset, stimuli=stimuli)
    published = golden("decoding")
    coords = made.coordinates.values.reshape(-1, 3)
    expected = published[f"{case}__coords"]
    np.testing.assert_allclose(up_to_signs(coords, expected), expected, atol=1e-8)
    np.testing.assert_allclose(made.explained_variance_ratio, published[f"{case}__evr"], atol=1e-10)


def test_the_loadings_are_the_published_components():
    made = decoding_manifold(paper_responses())
    expected = golden("decoding")["medium__components"].T
    np.testing.assert_allclose(up_to_signs(made.loadings.values, expected), expected, atol=1e-8)
    assert list(made.unit_id.values[:2]) == ["u0", "u1"]


def test_the_largest_loading_of_each_component_is_positive():
    loadings = decoding_manifold(paper_responses()).loadings
    assert (loadings.max("unit") > -loadings.min("unit")).all()


@pytest.mark.parametrize("units", [3, 20, 700])
def test_any_subset_of_the_units_is_placed_by_its_own_components(units):
    responses = wandering_responses(units=800)
    chosen = np.random.default_rng(1).permutation(800)[:units]
    expected = by_svd(responses.isel(unit=chosen))
    made = decoding_manifold(responses.isel(unit=chosen))
    coords = made.coordinates.values.reshape(-1, 3)
    np.testing.assert_allclose(up_to_signs(coords, expected), expected, atol=1e-9)


def test_components_beyond_the_number_of_units_are_zero():
    made = decoding_manifold(wandering_responses(units=1))
    assert made.explained_variance_ratio.values == pytest.approx([1, 0, 0])
    np.testing.assert_array_equal(made.coordinates.isel(component=[1, 2]), 0.0)


@FEW
@given(st.randoms(use_true_random=False), st.sampled_from(["pca", "diffusion"]))
def test_nothing_depends_on_the_order_in_which_responses_are_stored(random, method):
    responses = wandering_responses()
    expected = decoding_manifold(responses, method=method)
    made = decoding_manifold(shuffled(responses, random), method=method)
    xr.testing.assert_equal(made.sel(stimulus=expected.stimulus), expected)


def test_stimuli_come_in_the_order_of_the_recording_or_of_their_set():
    responses = wandering_responses().isel(stimulus=[2, 0, 1])
    assert list(decoding_manifold(responses).stimulus.values) == ["s2", "s0", "s1"]
    assert list(decoding_manifold(paper_responses()).stimulus.values) == [
        NAMES[i] for i in (0, 2, 5, 6, 9, 10)
    ]


def test_the_published_cuts_tell_what_the_figures_call_each_stimulus():
    made = decoding_manifold(paper_responses(), preset="published-2025", stimuli="first-six")
    wrong = dict(zip(made.stimulus.values.tolist(), made.shown_as.values.tolist(), strict=True))
    assert wrong["grat_W2"] == "−1dot"
    assert wrong["neg3dotflow_D1"] == "+1dot"
    assert "shown_as" not in decoding_manifold(paper_responses()).coords


def test_the_published_solver_draws_anew_each_time_and_the_exact_one_does_not():
    noise = np.random.default_rng(0).normal(size=(600, 11, 8, 3))
    responses = labelled(noise, NAMES)
    options = {"preset": "published-2025", "stimuli": "all", "rectify": False}
    one, other = (decoding_manifold(responses, **options).coordinates.values for _ in range(2))
    assert np.abs(one - other).max() > 1e-9
    same = [decoding_manifold(responses, seed=3, **options).coordinates.values for _ in range(2)]
    np.testing.assert_array_equal(*same)
    exact = decoding_manifold(responses, stimuli="all", rectify=False).coordinates.values.reshape(-1, 3)
    expected = by_svd(responses)
    np.testing.assert_allclose(up_to_signs(exact, expected), expected, atol=1e-9)


def test_the_directions_of_one_class_are_a_ring_on_the_diffusion_map():
    angles = np.arange(16) * 22.5
    preferred = np.arange(40) * 9.0
    turning = np.exp(np.cos(np.radians(angles - preferred[:, None])))
    made = decoding_manifold(
        labelled(turning[:, None, :, None], ["dots"]), method="diffusion", n_components=2
    )
    ring = made.coordinates.values[0]
    np.testing.assert_allclose(np.linalg.norm(ring, axis=1), np.linalg.norm(ring[0]), rtol=1e-6)
    steps = np.diff(np.unwrap(np.arctan2(*ring.T)))
    np.testing.assert_allclose(np.abs(steps), 2 * np.pi / 16, rtol=1e-6)
    assert made.eigenvalue.values[0] < 1


def test_negative_responses_are_rectified_unless_they_are_to_be_kept():
    responses = wandering_responses() - 100
    rectified = decoding_manifold(responses)
    xr.testing.assert_equal(rectified.coordinates, decoding_manifold(responses.clip(min=0)).coordinates)
    assert not rectified.coordinates.equals(decoding_manifold(responses, rectify=False).coordinates)


def test_frames_that_no_unit_has_are_left_out_of_the_mean():
    responses = wandering_responses()
    short = responses.copy()
    short[:, 1, 2, 5:] = np.nan
    made = decoding_manifold(short)
    responses[:, 1, 2] = responses[:, 1, 2, :5].mean("time")
    xr.testing.assert_allclose(made.coordinates, decoding_manifold(responses).coordinates)


def with_value(value: float, *place) -> xr.DataArray:
    responses = wandering_responses()
    responses[place] = value
    return responses


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: decoding_manifold(with_value(np.nan, 0, 0, 0, 0)), "missing"),
        (lambda: decoding_manifold(with_value(np.nan, slice(None), 0, 0)), "missing"),
        (lambda: decoding_manifold(with_value(np.inf, 0, 0, 0, 0)), "infinite"),
        (lambda: decoding_manifold(wandering_responses() * 0 + 3), "No unit responds differently"),
        (lambda: decoding_manifold(wandering_responses() - 1000), "No unit responds differently"),
        (lambda: decoding_manifold(wandering_responses().isel(time=[0]) * 0), "No unit responds"),
        (lambda: decoding_manifold(wandering_responses(stimuli=1, directions=3)), "too few movies"),
        (lambda: decoding_manifold(wandering_responses(), method="tsne"), "no such method"),
        (lambda: decoding_manifold(wandering_responses(), n_components=0), "number of components"),
        (lambda: decoding_manifold(wandering_responses(), n_components=2.0), "number of components"),
        (lambda: decoding_manifold(wandering_responses(), preset="2025"), "no such preset"),
        (lambda: decoding_manifold(wandering_responses(), stimuli="low"), "no such choice"),
        (lambda: decoding_manifold(wandering_responses(), stimuli="medium"), "are missing"),
        (lambda: decoding_manifold(paper_responses(), stimuli="first-six"), "by name"),
        (lambda: decoding_manifold(wandering_responses().isel(time=0)), "over time"),
        (lambda: decoding_manifold(wandering_responses().isel(unit=[])), "over time"),
        (lambda: decoding_manifold(wandering_responses().drop_vars("stimulus")), "not named"),
        (lambda: decoding_manifold(wandering_responses().isel(stimulus=[0, 0, 1])), "named twice"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()


def test_movies_that_differ_only_within_their_time_have_one_place():
    wave = np.tile([0.0, 1.0, 2.0], (2, 2, 4, 1))
    with pytest.raises(InvalidInput, match="one point"):
        decoding_manifold(labelled(wave, ["a", "b"]))
