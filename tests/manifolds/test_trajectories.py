"""Decoding trajectories show every frame along the components of all frames."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_golden import golden, paper_responses, shuffled, wandering_responses

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import decoding_trajectories

FEW = settings(max_examples=10, deadline=None)


def up_to_signs(ours: np.ndarray, published: np.ndarray) -> np.ndarray:
    return ours * np.sign((ours * published).sum(axis=0))


def test_the_trajectories_are_the_published_ones():
    made = decoding_trajectories(paper_responses())
    expected = golden("decoding")["medium__traj"].reshape(-1, 3)
    found = up_to_signs(made.coordinates.values.reshape(-1, 3), expected)
    np.testing.assert_allclose(found, expected, atol=1e-6)  # stored in single precision
    components = golden("decoding")["medium__traj_components"].T
    np.testing.assert_allclose(up_to_signs(made.loadings.values, components), components, atol=1e-8)


@pytest.mark.parametrize(
    ("case", "preset", "stimuli"),
    [
        ("medium", "corrected", "medium"),
        ("high", "corrected", "high"),
        ("all11", "corrected", "all"),
        ("published_first6", "published-2026", "first-six"),
        ("published_0_6to10", "published-2025", "first-and-last-five"),
    ],
)
def test_the_explained_variance_is_the_published_one(case, preset, stimuli):
    made = decoding_trajectories(paper_responses(), preset=preset, stimuli=stimuli)
    expected = golden("decoding")[f"{case}__traj_evr"]
    np.testing.assert_allclose(made.explained_variance_ratio, expected, atol=1e-10)


def test_all_components_together_explain_everything_and_keep_all_distances():
    responses = wandering_responses(units=6)
    made = decoding_trajectories(responses, n_components=6)
    assert float(made.explained_variance_ratio.sum()) == pytest.approx(1)
    change = made.coordinates.diff("time").transpose("component", ...)
    expected = (responses.diff("time").values ** 2).sum(axis=0)
    np.testing.assert_allclose((change.values**2).sum(axis=0), expected, rtol=1e-9)


def test_the_third_coordinate_can_be_halved_as_in_the_figures_and_says_so():
    plain = decoding_trajectories(wandering_responses(), n_components=4)
    halved = decoding_trajectories(wandering_responses(), n_components=4, halve_third=True)
    assert plain.scale.values.tolist() == [1, 1, 1, 1]
    assert halved.scale.values.tolist() == [1, 1, 0.5, 1]
    np.testing.assert_array_equal(plain.coordinates * [1, 1, 0.5, 1], halved.coordinates)


def test_frames_that_no_unit_has_stay_missing_and_do_not_enter():
    responses = wandering_responses()
    responses[:, 0, 1, 6:] = np.nan
    made = decoding_trajectories(responses)
    gone = made.coordinates.isnull().any("component")
    assert gone.sum() == 3
    assert gone.isel(stimulus=0, direction=1, time=slice(6, None)).all()
    rows = responses.transpose("unit", ...).values.reshape(responses.sizes["unit"], -1).T
    rows = rows[~np.isnan(rows).any(axis=1)]
    sizes = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose(made.explained_variance_ratio, sizes[:3] / sizes.sum(), rtol=1e-9)


@FEW
@given(st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_in_which_responses_are_stored(random):
    responses = wandering_responses()
    expected = decoding_trajectories(responses)
    made = decoding_trajectories(shuffled(responses, random))
    xr.testing.assert_equal(made.sel(stimulus=expected.stimulus), expected)


def test_two_frames_are_no_trajectory():
    with pytest.raises(InvalidInput, match="Too few frames"):
        decoding_trajectories(wandering_responses(frames=2))


def test_a_frame_that_only_some_units_have_is_refused():
    responses = wandering_responses()
    responses[3, 0, 0, 4] = np.nan
    with pytest.raises(InvalidInput, match="1 values that are not numbers, in 1 of 12 units"):
        decoding_trajectories(responses)


def test_constant_units_alone_are_refused():
    with pytest.raises(InvalidInput, match="No unit responds differently"):
        decoding_trajectories(wandering_responses() * 0 + 1)
