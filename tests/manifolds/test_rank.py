from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from permuted_golden import planted

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import choose_rank, permuted_factorization, plot_rank_choice
from napari_twinscope.manifolds.factorization.loadings import loading_variance
from napari_twinscope.manifolds.factorization.rank import rank_choice

REAL = Path(__file__).parents[3] / "shared" / "data" / "fnn-factors"
TENSOR = planted(units=20, rank=3)


def bent_curve(bend: int) -> np.ndarray:
    ranks = np.arange(2, 31)
    return np.where(ranks < bend, 0.5 * ranks, 0.5 * bend + 0.1 * (ranks - bend))


def choice_of(mean: np.ndarray):
    return rank_choice(range(2, 2 + len(mean)), [[value - 0.1, value + 0.1] for value in mean], -mean)


def test_equal_unrelated_components_count_fully():
    loadings = np.kron(np.eye(4), np.ones((5, 1)))
    assert loading_variance(loadings) == pytest.approx(3)  # less the mean over components


def test_the_scale_of_components_and_vanished_ones_do_not_count():
    loadings = np.random.default_rng(0).random((20, 4))
    scaled = loading_variance(loadings * [1, 2, 3, 4])
    assert scaled == pytest.approx(loading_variance(loadings))
    assert np.isfinite(loading_variance(loadings * [1, 1, 1, 0]))


def test_components_that_all_units_share_alike_have_no_variance():
    assert loading_variance(np.ones((10, 3))) == 0


@pytest.mark.parametrize("bend", [8, 12, 17])
def test_the_rank_proposed_is_where_the_curve_bends(bend):
    assert abs(choice_of(bent_curve(bend)).rank - bend) <= 1


def test_a_straight_line_needs_no_more_than_its_first_rank():
    assert choice_of(np.arange(10.0)).rank == 2


def test_mean_deviation_and_slope_are_those_of_the_runs():
    choice = choice_of(bent_curve(8))
    np.testing.assert_allclose(choice.variance, bent_curve(8))
    np.testing.assert_allclose(choice.deviation, 0.1)
    assert len(choice.slope) == len(choice.ranks) - 1
    np.testing.assert_allclose(choice.slope[[0, -1]], [0.5, 0.1], atol=0.01)


def test_variances_of_published_factors_are_those_published():
    if not REAL.exists():
        pytest.skip("factors of real units are not part of the project")
    with np.load(REAL / "output_n1000_rank05_all_repetitions_unit_factors.npz") as file:
        units = next(file[name] for name in file.files if file[name].ndim == 3)
    with np.load(REAL / "rank_curves.npz") as file:
        expected = file["output_normalised_variance_all"][list(file["output_rank"]).index(5)]
    found = [loading_variance(unit) for unit in units.astype(np.float64)]
    np.testing.assert_allclose(np.sort(found), np.sort(expected), rtol=1e-4)


@pytest.fixture(scope="module")
def choice():
    return choose_rank(TENSOR, range(2, 5), restarts=2)


def test_errors_are_those_of_the_best_run_at_each_rank(choice):
    best = [permuted_factorization(TENSOR, rank, restarts=2).error_percent for rank in (2, 3, 4)]
    np.testing.assert_allclose(choice.error_percent, best)
    assert choice.ranks.tolist() == [2, 3, 4]


def test_the_variance_of_two_components_is_always_one(choice):
    assert choice.variance[0] == pytest.approx(1)
    assert choice.deviation[0] == pytest.approx(0, abs=1e-9)


def test_the_plot_shows_variance_slope_and_proposal():
    choice = choice_of(bent_curve(8))
    axes = plot_rank_choice(choice)
    curve, proposal = axes.get_lines()
    np.testing.assert_array_equal(curve.get_ydata(), choice.variance)
    assert proposal.get_xdata()[0] == choice.rank
    slope = axes.figure.axes[1].get_lines()[0]
    np.testing.assert_array_equal(slope.get_ydata(), choice.slope)
    assert plot_rank_choice(choice, axes) is axes


@pytest.mark.parametrize("ranks", [[2, 3], [1, 2, 3], [2, 4, 6], [4, 3, 2], [2.0, 3.0, 4.0], 5])
def test_ranks_that_make_no_curve_are_refused_in_words(ranks):
    with pytest.raises(InvalidInput, match="curve"):
        choose_rank(np.ones((5, 1, 2, 3)), ranks)
