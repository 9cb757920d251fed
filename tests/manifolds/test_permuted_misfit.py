from __future__ import annotations

import numpy as np
import pytest
from permuted_golden import golden, tensor_and_factors

from napari_twinscope.manifolds import permuted_objective

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
