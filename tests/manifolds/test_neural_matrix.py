"""Each unit is fitted exactly by the components, as in the published code but for its early stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import leading_components, neural_matrix

GOLDEN = Path(__file__).parents[1] / "golden" / "manifold"
DIMS = ("unit", "stimulus", "direction", "time")
few = settings(max_examples=15, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def maps_of(flat: np.ndarray, directions: int) -> np.ndarray:
    """Return flat responses, direction fastest, as (unit, stimulus, direction, time)."""
    return flat.reshape(*flat.shape[:2], -1, directions).swapaxes(2, 3)


def factors_of(case: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    directions, rank = int(case["n_dirs"]), case["f2"].shape[1]
    return case["f0"], case["f1"], case["f2"].reshape(-1, directions, rank).swapaxes(0, 1)


def model(seed: int, units: int = 7, stimuli: int = 3, directions: int = 4, time: int = 5, rank: int = 3):
    """Return random factors with components that overlap little, and the responses that they make."""
    random = np.random.default_rng(seed)
    shapes = [(units, rank), (stimuli, rank), (directions, time, rank)]
    factors = [random.gamma(0.4, size=shape) + 1e-3 for shape in shapes]
    return factors, np.einsum("ur,sr,dtr->usdt", *factors)


def turn(maps: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    turned = [
        [np.roll(map_, shift, axis=0) for map_, shift in zip(*row, strict=True)]
        for row in zip(maps, shifts, strict=True)
    ]
    return np.array(turned)


def test_the_matrix_is_the_published_one_where_no_bound_is_met():
    case = golden("neural_matrix")
    directions = int(case["n_dirs"])
    found = neural_matrix(
        maps_of(case["allT"], directions),
        factors_of(case),
        case["lambdas"],
        significant=~case["zeroed"],
        relative_strength=case["relFR"],
    )
    np.testing.assert_allclose(found.values, case["X"], atol=1e-8)
    counts, maps = ~case["zeroed"], maps_of(case["sigT"], directions)
    turned = turn(maps, found.shifts)
    np.testing.assert_array_equal(turned[counts], maps_of(case["permT"], directions)[counts])
    scaled = turn(maps_of(case["allT"], directions), found.shifts) * case["relFR"][..., None, None]
    np.testing.assert_allclose(scaled, maps_of(case["scaledT_after"], directions), atol=1e-15)


def test_null_responses_can_stay_null():
    case = golden("neural_matrix")
    maps = maps_of(case["sigT"], int(case["n_dirs"]))
    found = neural_matrix(maps, factors_of(case), case["lambdas"], relative_strength=case["relFR"])
    np.testing.assert_allclose(found.values, case["X_no_zeroed_handling"], atol=1e-3)


def test_the_matrix_is_exact_where_bounds_are_met():
    case = golden("neural_matrix_active")
    found = neural_matrix(
        maps_of(case["tensor"], int(case["n_dirs"])),
        factors_of(case),
        case["lambdas"],
        significant=~case["zeroed"],
        relative_strength=case["relFR"],
    )
    np.testing.assert_allclose(found.values, case["X_nnls"], atol=1e-8)
    np.testing.assert_array_equal(found.values == 0, case["X_nnls"] == 0)
    assert (found.values == 0).any()
    np.testing.assert_allclose(found.values, case["X"], atol=1e-3)


@few
@given(seeds)
def test_each_unit_is_the_best_of_all_fits_of_the_turned_responses(seed):
    factors, maps = model(seed)
    random = np.random.default_rng(seed)
    maps = random.gamma(1.0, size=maps.shape)
    counts = random.random(maps.shape[:2]) < 0.6
    strength = random.random(maps.shape[:2])
    found = neural_matrix(maps, factors, significant=counts, relative_strength=strength)
    profile = factors[1] / factors[1].max(axis=0)
    design = np.einsum("sr,dtr->sdtr", profile, factors[2]).reshape(-1, profile.shape[1])
    for unit in range(len(maps)):
        tried = []
        for shift in range(4):
            shifts = np.where(counts[unit], found.shifts[unit], shift)
            data = turn(maps[[unit]], shifts[None]) * strength[unit, :, None, None]
            tried.append(nnls(design, data.ravel()))
        best = int(np.argmin([residual for _, residual in tried]))
        np.testing.assert_allclose(found.values[unit] ** 2, tried[best][0], atol=1e-9)
        if not counts[unit].all():
            assert set(found.shifts[unit, ~counts[unit]]) == {best}


@few
@given(seeds)
def test_planted_responses_give_back_their_loadings_however_they_are_turned(seed):
    factors, maps = model(seed, rank=1)
    shifts = np.random.default_rng(seed).integers(0, 4, size=maps.shape[:2])
    found = neural_matrix(turn(maps, -shifts), factors)
    np.testing.assert_array_equal(found.shifts, shifts)
    np.testing.assert_allclose(found.values[:, 0] ** 2, factors[0][:, 0] * factors[1].max(), rtol=1e-9)


@few
@given(seeds)
def test_the_order_of_units_and_dims_does_not_matter(seed):
    factors, maps = model(seed)
    counts = np.random.default_rng(seed).random(maps.shape[:2]) < 0.6
    order = np.random.default_rng(seed).permutation(len(maps))
    one = neural_matrix(maps, factors, significant=counts)
    labelled = xr.DataArray(maps, dims=DIMS).transpose("time", "unit", "direction", "stimulus")
    significant = xr.DataArray(counts, dims=DIMS[:2]).transpose()
    shuffled = neural_matrix(
        labelled[:, order], [factors[0][order], *factors[1:]], significant=significant[:, order]
    )
    np.testing.assert_allclose(shuffled.values, one.values[order], atol=1e-9)
    np.testing.assert_array_equal(shuffled.shifts, one.shifts[order])


def test_components_without_weight_are_dropped():
    factors, maps = model(1, rank=4)
    found = neural_matrix(maps, factors, [1.0, 0.0, 2.0, 1e-12])
    assert found.components.tolist() == [0, 2]
    assert found.values.shape == (7, 2)


def test_a_silent_unit_has_a_row_of_zeros_and_is_not_turned():
    factors, maps = model(2)
    maps[4] = 0
    found = neural_matrix(maps, factors)
    assert not found.values[4].any()
    assert not found.shifts[4].any()


def test_a_component_given_twice_is_fitted_as_well_as_once():
    factors, maps = model(4, rank=1)
    twice = neural_matrix(maps, [np.repeat(factor, 2, axis=-1) for factor in factors])
    once = neural_matrix(maps, factors)
    np.testing.assert_allclose((twice.values**2).sum(axis=1), once.values[:, 0] ** 2, rtol=1e-9)


def test_more_components_than_units_are_fitted():
    factors, maps = model(5, units=2, rank=6)
    np.testing.assert_allclose(neural_matrix(maps, factors).values.shape, (2, 6))


HOLE = np.ones((2, 3, 4, 5))
HOLE[0, 1, 2, 3] = np.nan
FACTORS = [np.ones((2, 1)), np.ones((3, 1)), np.ones((4, 5, 1))]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"responses": HOLE}, "missing or infinite"),
        ({"responses": np.ones((2, 3, 20))}, "dims of a response tensor"),
        ({"responses": xr.DataArray(np.ones((2, 3)), dims=("unit", "time"))}, "dims of a response tensor"),
        ({"factors": FACTORS[:2]}, "not three"),
        ({"factors": [*FACTORS[:2], np.ones((4, 6, 1))]}, "do not fit"),
        ({"factors": [*FACTORS[:2], -np.ones((4, 5, 1))]}, "negative"),
        ({"weights": [1.0, 2.0]}, "weights do not fit"),
        ({"weights": [0.0]}, "No component"),
        ({"weights": ["a"]}, "not numbers"),
        ({"significant": np.ones((3, 2))}, "significance do not fit"),
        ({"relative_strength": -np.ones((2, 3))}, "relative strengths do not fit"),
    ],
)
def test_wrong_input_is_refused_in_words(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        neural_matrix(**{"responses": np.ones((2, 3, 4, 5)), "factors": FACTORS} | wrong)


@few
@given(seeds)
def test_so_many_principal_components_are_kept_as_explain_the_share(seed):
    random = np.random.default_rng(seed)
    values = random.gamma(1.0, size=(30, 6)) * random.gamma(1.0, size=6)
    scores = leading_components(values, 0.8)
    total = values.var(axis=0).sum()
    explained = scores.var(axis=0)
    assert explained.sum() > 0.8 * total
    assert explained[:-1].sum() <= 0.8 * total
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)
    assert (np.diff(explained) <= 0).all()


def test_a_share_that_is_met_exactly_is_not_exceeded():
    values = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert leading_components(values, 0.8).shape == (4, 2)
    assert leading_components(values, 0.79).shape == (4, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"values": np.ones((4, 3))}, "the same"),
        ({"values": np.ones(4)}, "units and components"),
        ({"values": np.eye(3), "variance": 1.0}, "share of variance"),
        ({"values": np.full((2, 2), np.inf)}, "missing or infinite"),
    ],
)
def test_principal_components_of_nothing_are_refused(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        leading_components(**wrong)
