from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from pandas.testing import assert_frame_equal
from permuted_golden import golden, planted, tensor_and_factors

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import permuted_factorization, permuted_objective
from napari_twinscope.manifolds.factorization.misfit import DIMS
from napari_twinscope.manifolds.factorization.start import random_start
from napari_twinscope.progress import SilentProgress


@pytest.fixture(scope="module")
def planted_golden():
    arrays = golden("permcp_planted_fit")
    tensor, initial = tensor_and_factors(arrays, "init")
    return arrays, tensor, permuted_factorization(tensor, 3, restarts=4, initial=initial)


def test_the_golden_fit_is_found_from_its_start(planted_golden):
    arrays, _, found = planted_golden
    assert found.restarts["error_percent"][0] == pytest.approx(arrays["best_rel_error_percent"], rel=0.02)
    np.testing.assert_allclose(found.weights, arrays["lambdas"], rtol=1e-3)
    _, expected = tensor_and_factors(arrays, "f")
    overlaps = (found.factors.unit.T @ expected[0]) * (found.factors.stimulus.T @ expected[1])
    np.testing.assert_allclose(overlaps.max(axis=1), 1, atol=0.01)


def test_every_start_finds_the_planted_components(planted_golden):
    found = planted_golden[2]
    assert (found.restarts["error_percent"] <= 0.01).all()
    assert found.restarts["converged"].all()


def test_the_result_is_normalised_and_is_its_own_best_fit(planted_golden):
    _, tensor, found = planted_golden
    unit, stimulus, response = found.factors
    for factor in (unit, stimulus, response):
        assert factor.min() >= 0
        np.testing.assert_allclose((factor**2).reshape(-1, 3).sum(axis=0), 1)
    assert (np.diff(found.weights) <= 0).all()
    value, _, shifts = permuted_objective(tensor, (unit * found.weights, stimulus, response))
    assert 200 * value / (tensor**2).sum() == pytest.approx(found.error_percent, rel=1e-9)
    np.testing.assert_array_equal(shifts, found.shifts)
    assert found.restarts["error_percent"].min() == pytest.approx(found.error_percent, rel=1e-6)
    assert found.restarts["error_percent"].argmin() == found.best


def noisy(units: int = 30) -> np.ndarray:
    tensor = planted(units=units, rank=4)
    return tensor / tensor.max() + 0.05 * np.random.default_rng(5).random(tensor.shape)


@pytest.fixture(scope="module")
def of_noisy():
    return permuted_factorization(noisy(), 3, restarts=3)


def test_what_is_called_converged_has_no_way_down(of_noisy):
    assert of_noisy.restarts["converged"].all()
    largest = np.sqrt((noisy() ** 2).sum(axis=(2, 3)).max())
    even = [factor * np.cbrt(of_noisy.weights / largest) for factor in of_noisy.factors]
    _, gradients, _ = permuted_objective(noisy() / largest, even)
    for factor, gradient in zip(even, gradients, strict=True):
        projected = np.where(factor > 0, gradient, np.minimum(gradient, 0))
        assert np.abs(projected).max() <= 1.001e-4


def test_the_best_of_six_is_as_low_as_that_of_l_bfgs_b_from_the_same_starts():
    from scipy.optimize import minimize

    tensor = noisy()
    largest = np.sqrt((tensor**2).sum(axis=(2, 3)).max())
    shapes = (30, 3), (4, 3), (8, 6, 3)
    cuts = np.cumsum([np.prod(shape) for shape in shapes])

    def objective(x):
        parts = zip(np.split(x, cuts[:2]), shapes, strict=True)
        value, gradients, _ = permuted_objective(tensor / largest, [p.reshape(s) for p, s in parts])
        return value, np.concatenate([gradient.ravel() for gradient in gradients])

    ends = []
    for number in range(6):
        start = np.concatenate([factor.ravel() for factor in random_start(tensor.shape, 3, 0, number)])
        end = minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * len(start),
            options={"maxcor": 5, "ftol": 2.2e-21, "gtol": 1e-4, "maxiter": 1000, "maxfun": 5000},
        )
        ends.append(200 * end.fun / ((tensor / largest) ** 2).sum())
    found = permuted_factorization(tensor, 3, restarts=6)
    assert found.error_percent <= min(ends) * 1.001


def test_the_same_seed_gives_the_same_and_restarts_do_not_depend_on_each_other(of_noisy):
    fewer = permuted_factorization(noisy(), 3, restarts=2)
    assert_frame_equal(fewer.restarts, of_noisy.restarts[:2])


def test_the_order_of_dims_does_not_matter(of_noisy):
    labelled = xr.DataArray(noisy(), dims=DIMS).transpose("time", "stimulus", "direction", "unit")
    found = permuted_factorization(labelled, 3, restarts=1)
    assert_frame_equal(found.restarts, of_noisy.restarts[:1])


def test_the_scale_of_the_tensor_only_scales_the_weights(of_noisy):
    found = permuted_factorization(noisy() * 64, 3, restarts=3)
    np.testing.assert_allclose(found.weights, of_noisy.weights * 64, rtol=1e-9)
    np.testing.assert_allclose(found.factors.unit, of_noisy.factors.unit, rtol=1e-9)


def test_turned_units_get_the_same_factors_and_error():
    tensor = planted(units=20, rank=2)
    turned = np.stack([np.roll(unit, k, axis=1) for k, unit in enumerate(tensor)])
    found, again = (permuted_factorization(each, 2, restarts=3) for each in (tensor, turned))
    assert found.error_percent < 1e-3
    assert again.error_percent < 1e-3
    np.testing.assert_allclose(again.weights, found.weights, rtol=0.01)


def test_a_unit_without_responses_gets_no_loadings():
    tensor = noisy(10)
    tensor[4] = 0
    found = permuted_factorization(tensor, 2, restarts=1)
    assert not found.factors.unit[4].any()
    assert not found.shifts[4].any()
    assert found.restarts["converged"].all()


def test_a_missing_class_gets_no_shift_and_duplicates_get_the_same_loadings():
    tensor = noisy(10)
    tensor[3, 1] = 0
    tensor[7] = tensor[2]
    found = permuted_factorization(tensor, 2, restarts=1)
    assert found.shifts[3, 1] == 0
    np.testing.assert_allclose(found.factors.unit[7], found.factors.unit[2], atol=1e-4)


def test_a_single_direction_is_a_plain_factorisation():
    found = permuted_factorization(noisy(10)[:, :, :1], 2, restarts=1)
    assert not found.shifts.any()
    assert found.restarts["converged"].all()


class Counting(SilentProgress):
    def __init__(self, stop_after: int = 99) -> None:
        super().__init__()
        self.total, self.done, self.stop_after = 0, 0, stop_after

    def begin(self, total: int, description: str) -> None:
        self.total, self.description = total, description

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        if self.done >= self.stop_after:
            self.cancel()


def test_each_restart_is_reported():
    progress = Counting()
    permuted_factorization(noisy(10), 2, restarts=2, progress=progress)
    assert (progress.done, progress.total) == (2, 2)


def test_it_stops_when_the_user_asks():
    progress = Counting(stop_after=1)
    with pytest.raises(Canceled):
        permuted_factorization(noisy(10), 2, restarts=5, progress=progress)
    assert progress.done == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tensor": np.full((5, 2, 4, 3), np.nan)}, "missing or infinite"),
        ({"tensor": -np.ones((5, 2, 4, 3))}, "negative"),
        ({"tensor": np.zeros((5, 2, 4, 3))}, "no response"),
        ({"tensor": np.ones((5, 2, 12))}, "dims"),
        ({"rank": 6}, "rank does not fit"),
        ({"rank": 0}, "rank does not fit"),
        ({"restarts": 0}, "at least one start"),
        ({"seed": -1}, "seed"),
        ({"initial": (np.ones((5, 3)), np.ones((2, 3)), np.ones((4, 3, 3)))}, "another rank"),
        ({"initial": (-np.ones((5, 2)), np.ones((2, 2)), np.ones((4, 3, 2)))}, "negative"),
    ],
)
def test_wrong_input_is_refused_in_words(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        permuted_factorization(**({"tensor": np.ones((5, 2, 4, 3)), "rank": 2} | wrong))
