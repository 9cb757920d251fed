import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.components import principal_components


def responses(values):
    return xr.DataArray(values, dims=("unit", "stimulus", "direction", "time"))


def noise(units, *shape):
    return np.random.default_rng(1).normal(size=(units, *shape))


@pytest.mark.parametrize("units", [30, 500])
def test_components_equal_a_full_singular_value_decomposition(units):
    values = noise(units, 3, 4, 5)
    found = principal_components(responses(values))
    flat = values.reshape(units, -1)
    flat = flat - flat.mean(axis=0)
    left, lengths, right = np.linalg.svd(flat, full_matrices=False)
    signs = np.sign([row[np.argmax(np.abs(row))] for row in right[:3]])
    np.testing.assert_allclose(found.scores, left[:, :3] * lengths[:3] * signs, atol=1e-9)
    np.testing.assert_allclose(found.explained, (lengths**2 / np.sum(lengths**2))[:3])


def test_the_order_of_units_does_not_matter():
    values = noise(40, 2, 3, 4)
    order = np.random.default_rng(2).permutation(40)
    straight = principal_components(responses(values)).scores[order]
    shuffled = principal_components(responses(values[order])).scores
    np.testing.assert_allclose(straight, shuffled, atol=1e-9)


def test_units_that_are_left_out_or_silent_are_stated():
    values = noise(20, 2, 2, 3)
    values[3] = 0.5
    values[7, 0, 0, 0] = np.nan
    found = principal_components(responses(values))
    assert found.constant.tolist() == [3]
    assert found.non_finite.tolist() == [7]
    assert np.isnan(found.scores[7]).all()
    assert np.isfinite(np.delete(found.scores, 7, axis=0)).all()
    assert "1 units with non-finite responses" in found.notes


def test_few_units_leave_the_higher_components_at_zero():
    found = principal_components(responses(noise(2, 2, 2, 3)))
    assert found.scores.shape == (2, 3)
    np.testing.assert_allclose(found.explained, [1, 0, 0], atol=1e-12)
    assert not found.scores[:, 1:].any()


def test_a_silent_stage_and_a_single_unit_are_refused_with_advice():
    with pytest.raises(InvalidInput, match="No unit of this stage is active"):
        principal_components(responses(np.zeros((5, 2, 2, 3))))
    with pytest.raises(InvalidInput, match="too few units"):
        principal_components(responses(noise(1, 2, 2, 3)))
