from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from permuted_golden import golden, tensor_and_factors

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import Factors, permuted_objective
from napari_twinscope.manifolds.factorization.misfit import DIMS, shift_directions

CASES = ("permcp_objective", "permcp_objective_zero_rows")


@pytest.mark.parametrize("case", CASES)
def test_objective_gradients_and_shifts_are_the_golden_ones(case):
    arrays = golden(case)
    tensor, factors = tensor_and_factors(arrays, "A")
    _, gradients = tensor_and_factors(arrays, "grad")
    value, found, shifts = permuted_objective(tensor, factors)
    np.testing.assert_allclose(value, arrays["objective"], rtol=1e-12)
    for gradient, expected in zip(found, gradients, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-12)
    responding = arrays["Z"].any(axis=2)
    np.testing.assert_array_equal(shifts[responding], arrays["best_shift"][responding])
    assert (shifts[~responding] == 0).all()
    error = 200 * value / (tensor**2).sum()
    np.testing.assert_allclose(error, arrays["rel_error_percent"], rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_responses_are_shifted_as_the_golden_ones(case):
    arrays = golden(case)
    tensor, factors = tensor_and_factors(arrays, "A")
    shifted = shift_directions(tensor, permuted_objective(tensor, factors)[2])
    np.testing.assert_allclose(shifted.swapaxes(2, 3).reshape(arrays["Z"].shape), arrays["Z_shifted"])


def test_published_response_factors_have_the_direction_fastest():
    arrays = golden("permcp_objective")
    _, (_, _, response) = tensor_and_factors(arrays, "A")
    np.testing.assert_array_equal(response.transpose(1, 0, 2).reshape(-1, 2), arrays["A2"])


def invented(seed: int, *, units: int = 5, directions: int = 4) -> tuple[np.ndarray, Factors]:
    random = np.random.default_rng(seed)
    tensor = random.random((units, 3, directions, 6))
    shapes = (units, 2), (3, 2), (directions, 6, 2)
    return tensor, Factors(*(random.random(shape) for shape in shapes))


def test_the_gradient_is_that_of_finite_differences():
    tensor, factors = invented(0)
    _, gradients, _ = permuted_objective(tensor, factors)
    for mode, gradient in enumerate(gradients):
        for place in np.ndindex(gradient.shape):
            values = []
            for step in (-1e-5, 1e-5):
                moved = [factor.copy() for factor in factors]
                moved[mode][place] += step
                values.append(permuted_objective(tensor, moved)[0])
            assert (values[1] - values[0]) / 2e-5 == pytest.approx(gradient[place], abs=1e-7)


def test_the_value_is_the_misfit_at_the_best_of_all_shifts():
    tensor, factors = invented(1)
    model = np.einsum("ur,sr,dtr->usdt", *factors)
    misfits = [((np.roll(tensor, k, axis=2) - model) ** 2).sum(axis=(2, 3)) for k in range(4)]
    value, _, shifts = permuted_objective(tensor, factors)
    assert value == pytest.approx(0.5 * np.min(misfits, axis=0).sum())
    np.testing.assert_array_equal(shifts, np.argmin(misfits, axis=0))


def test_a_single_direction_leaves_nothing_to_shift():
    tensor, factors = invented(2, directions=1)
    value, _, shifts = permuted_objective(tensor, factors)
    assert value == pytest.approx(0.5 * ((tensor - np.einsum("ur,sr,dtr->usdt", *factors)) ** 2).sum())
    assert not shifts.any()


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), order=st.permutations(range(5)))
def test_the_order_of_units_does_not_matter(seed, order):
    tensor, factors = invented(seed)
    value, gradients, shifts = permuted_objective(tensor, factors)
    moved = permuted_objective(tensor[order], (factors.unit[order], *factors[1:]))
    assert moved[0] == pytest.approx(value)
    np.testing.assert_allclose(moved[1].unit, gradients.unit[order])
    np.testing.assert_array_equal(moved[2], shifts[order])


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), unit=st.integers(0, 4), by=st.integers(-9, 9))
def test_turning_a_unit_changes_nothing_but_its_shifts(seed, unit, by):
    tensor, factors = invented(seed)
    value, _, shifts = permuted_objective(tensor, factors)
    tensor[unit] = np.roll(tensor[unit], by, axis=1)
    turned_value, _, turned = permuted_objective(tensor, factors)
    assert turned_value == pytest.approx(value)
    np.testing.assert_array_equal(turned[unit], (shifts[unit] - by) % 4)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), unit=st.integers(0, 4), scale=st.floats(0.01, 100))
def test_scaling_a_unit_and_its_loadings_scales_its_misfit(seed, unit, scale):
    tensor, factors = invented(seed)
    alone = slice(unit, unit + 1)
    value, _, shifts = permuted_objective(tensor[alone], (factors.unit[alone], *factors[1:]))
    scaled = permuted_objective(tensor[alone] * scale, (factors.unit[alone] * scale, *factors[1:]))
    assert scaled[0] == pytest.approx(value * scale**2)
    np.testing.assert_array_equal(scaled[2], shifts)


def test_the_order_of_dims_does_not_matter():
    tensor, factors = invented(3)
    labelled = xr.DataArray(tensor, dims=DIMS).transpose("time", "unit", "direction", "stimulus")
    assert permuted_objective(labelled, factors)[0] == permuted_objective(tensor, factors)[0]


def spoilt(value: float) -> np.ndarray:
    tensor = np.ones((5, 3, 4, 6))
    tensor[1, 2, 0, 0] = value
    return tensor


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (spoilt(np.nan), "missing or infinite"),
        (spoilt(np.inf), "missing or infinite"),
        (spoilt(-0.1), "negative"),
        (np.ones((5, 3, 24)), "dims"),
        (np.ones((5, 3, 0, 6)), "dims"),
        (xr.DataArray(np.ones((5, 3, 4, 6)), dims=("unit", "stimulus", "angle", "time")), "dims"),
        ([["a"]], "numbers"),
    ],
)
def test_a_wrong_tensor_is_refused_in_words(tensor, message):
    with pytest.raises(InvalidInput, match=message):
        permuted_objective(tensor, invented(0)[1])


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ((np.ones((5, 2)), np.ones((3, 2))), "three arrays"),
        ((np.ones((5, 2)), np.ones((3, 2)), np.ones((24, 2))), "do not fit"),
        ((np.ones((5, 2)), np.ones((3, 3)), np.ones((4, 6, 2))), "do not fit"),
        ((np.ones((5, 0)), np.ones((3, 0)), np.ones((4, 6, 0))), "do not fit"),
        ((np.ones((5, 2)), np.full((3, 2), np.nan), np.ones((4, 6, 2))), "not finite"),
    ],
)
def test_wrong_factors_are_refused_in_words(factors, message):
    with pytest.raises(InvalidInput, match=message):
        permuted_objective(np.ones((5, 3, 4, 6)), factors)
