from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.manifolds.graph.outliers import METHODS, center_and_spread, outlier_threshold


@pytest.mark.parametrize("method", ["C3", "modC2", "std", "normalMAD"])
def test_each_estimate_finds_the_dispersion_of_a_normal_sample(method):
    sample = np.random.default_rng(0).normal(4, 0.5, size=20_001)
    center, spread = center_and_spread(sample, method)
    assert center == pytest.approx(4, rel=0.02)
    # modC2 mirrors the lower tail onto the upper one, which widens the range of a large sample a little
    assert spread == pytest.approx(0.5, rel=0.1 if method == "modC2" else 0.03)


def test_raw_deviations_and_quartiles_are_taken_as_they_are():
    sample = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    assert center_and_spread(sample, "MAD") == (3.0, 1.0)
    assert center_and_spread(sample, "IQR") == (3.0, 2.0)


@pytest.mark.parametrize("method", METHODS)
def test_a_single_value_and_equal_values_have_no_dispersion(method):
    assert center_and_spread(np.array([2.0]), method) == (2.0, 0.0)
    assert center_and_spread(np.full(9, 2.0), method)[1] == 0


def test_the_threshold_has_a_floor():
    assert outlier_threshold(np.full(5, 1.0), 1.0, 4.5, "C3") == 2.75


def test_a_threshold_that_nothing_reaches_comes_down():
    heavy_tailed = np.array([0.2, 0.5, 1.0, 3.0, 4.0, 4.5])
    assert outlier_threshold(heavy_tailed, 1.5, 4.5, "std") == 4.5
    assert outlier_threshold(heavy_tailed, 1.5, 4.5, "std", highest=3.0) == 2.5
