from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.kernel import KernelMasses, volume_ratios


@pytest.fixture
def squared():
    return squared_distances_of(np.random.default_rng(0).normal(size=(40, 3)))


def test_a_mass_is_the_sum_of_a_gaussian_over_all_points(squared):
    scales = np.random.default_rng(1).uniform(0.5, 2, size=40)
    expected = np.exp(-squared / scales[:, None] ** 2).sum(axis=1)
    np.testing.assert_allclose(KernelMasses(squared)(scales), expected, rtol=1e-13)


def test_masses_follow_the_scales_that_change(squared):
    random = np.random.default_rng(2)
    scales = random.uniform(0.5, 2, size=40)
    masses_of = KernelMasses(squared)
    for _ in range(6):
        before = masses_of(scales)
        chosen = random.integers(0, 40, size=5)
        scales[chosen] *= random.uniform(0.5, 1.5, size=5)
        after = masses_of(scales)
        np.testing.assert_array_equal(after, KernelMasses(squared)(scales))
        assert np.flatnonzero(after != before).tolist() == np.unique(chosen).tolist()


def test_a_point_of_scale_zero_has_no_mass(squared):
    masses_of = KernelMasses(squared)
    scales = np.ones(40)
    masses_of(scales)
    scales[3] = 0
    assert masses_of(scales)[3] == 0
    assert (np.delete(masses_of(scales), 3) >= 1).all()


def test_a_gaussian_that_fills_its_cell_has_a_ratio_of_one():
    # on a line of unit steps, a scale s has mass s * sqrt(pi), and a cell of two neighbours 2 * sqrt(pi) / 2
    line = squared_distances_of(np.arange(101.0)[:, None])
    masses = KernelMasses(line)(np.ones(101))
    assert volume_ratios(masses, np.full(101, 2))[50] == pytest.approx(1, abs=1e-3)
    assert volume_ratios(masses, np.zeros(101, dtype=np.int64))[50] == 0
