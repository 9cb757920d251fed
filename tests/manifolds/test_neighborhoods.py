from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import adaptive_neighborhoods, multiscale_kernel
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.progress import SilentProgress

few = settings(max_examples=8, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
OBJECTIVES = pytest.mark.parametrize("objective", ["l1", "greedy"])


def cloud(seed: int, count: int = 50, dimensions: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(count, dimensions))


def line(count: int) -> np.ndarray:
    """Return points along a gentle curve, unevenly spaced."""
    t = np.cumsum(np.random.default_rng(2).uniform(0.7, 1.3, size=count)) / count
    return np.stack([t, 0.2 * np.sin(2 * t)], axis=1)


@pytest.fixture(scope="module")
def noisy():
    """A cloud dense in the middle, whose graph takes many iterations to prune."""
    return np.random.default_rng(3).normal(size=(90, 2)) ** 3 + np.random.default_rng(4).normal(size=(90, 2))


@few
@given(seeds, st.floats(1e-3, 1e3))
def test_neighbourhoods_know_no_unit_of_length(seed, factor):
    small, large = adaptive_neighborhoods(cloud(seed)), adaptive_neighborhoods(cloud(seed) * factor)
    np.testing.assert_array_equal(large.edges, small.edges)
    np.testing.assert_allclose(large.scales, small.scales * factor, rtol=2e-3)
    assert abs(large.kernel - small.kernel).max() < 1e-3


@few
@given(seeds)
def test_neighbourhoods_follow_the_points_when_their_order_changes(seed):
    points = cloud(seed)
    order = np.random.default_rng(seed).permutation(len(points))
    ordered, shuffled = adaptive_neighborhoods(points), adaptive_neighborhoods(points[order])
    back = np.sort(order[shuffled.edges], axis=1)
    assert {tuple(edge) for edge in back.tolist()} == {tuple(edge) for edge in ordered.edges.tolist()}
    np.testing.assert_allclose(shuffled.scales, ordered.scales[order], rtol=2e-3)


@OBJECTIVES
def test_points_and_their_squared_distances_give_the_same(objective, noisy):
    one = adaptive_neighborhoods(noisy, objective=objective)
    other = adaptive_neighborhoods(squared_distances=squared_distances_of(noisy), objective=objective)
    np.testing.assert_array_equal(one.edges, other.edges)
    np.testing.assert_array_equal(one.scales, other.scales)


@OBJECTIVES
def test_a_line_stays_a_line(objective):
    found = adaptive_neighborhoods(line(80), objective=objective)
    assert found.edges.tolist() == [[i, i + 1] for i in range(79)]


@OBJECTIVES
def test_two_far_clusters_are_parted(objective):
    points = np.concatenate([cloud(0, 60, 2), cloud(1, 40, 2) + 30])
    found = adaptive_neighborhoods(points, objective=objective)
    i, j = found.edges.T
    assert not ((i < 60) & (j >= 60)).any()
    count, labels = connected_components(found.kernel, directed=False)
    assert count == 2
    np.testing.assert_array_equal(np.bincount(labels), [60, 40])


@OBJECTIVES
def test_a_point_far_from_all_others_is_isolated_and_its_kernel_row_stays_finite(objective):
    points = np.concatenate([cloud(0, 80, 2), [[40.0, 40.0]]])
    found = adaptive_neighborhoods(points, objective=objective)
    assert found.isolated.tolist() == [80]
    assert found.scales[80] == 0
    assert found.isolated_scales[0] > 0
    assert found.isolated_neighbors[0] in range(80)
    assert np.isfinite(found.kernel.data).all()
    assert found.kernel[[80]].toarray().sum() == 1
    assert found.kernel_ratios[80] == 0


@OBJECTIVES
def test_the_kernel_is_symmetric_with_a_unit_diagonal(objective, noisy):
    kernel = adaptive_neighborhoods(noisy, objective=objective).kernel
    np.testing.assert_array_equal(kernel.toarray(), kernel.T.toarray())
    np.testing.assert_array_equal(kernel.diagonal(), 1)
    assert kernel.data.min() >= 1e-8


def test_the_kernel_of_points_without_scale_uses_the_smallest_distance():
    squared = np.array([[0.0, 1.0], [1.0, 0.0]])
    kernel = multiscale_kernel(squared, np.array([0.0, 2.0])).toarray()
    np.testing.assert_allclose(kernel, [[1, np.exp(-0.5)], [np.exp(-0.5), 1]])


def test_the_history_tells_which_edges_went(noisy):
    found = adaptive_neighborhoods(noisy)
    removed = {edge for done in found.history for edge in done.removed}
    left = {tuple(edge) for edge in found.edges.tolist()}
    assert removed
    assert removed | left == {tuple(edge) for edge in found.initial_edges.tolist()}
    assert not removed & left
    assert found.history[-1].removed == ()


def test_pruning_can_be_cut_short(noisy):
    whole = adaptive_neighborhoods(noisy)
    short = adaptive_neighborhoods(noisy, max_iterations=2)
    assert not short.converged
    assert short.history == whole.history[:2]


def test_serving_all_flagged_points_at_once_takes_fewer_iterations(noisy):
    at_once = adaptive_neighborhoods(noisy, max_prune=None)
    assert len(at_once.history) < len(adaptive_neighborhoods(noisy).history)


def test_a_lower_bar_prunes_more(noisy):
    strict = adaptive_neighborhoods(noisy, n_stds=2.0)
    assert len(strict.edges) < len(adaptive_neighborhoods(noisy).edges)


def test_a_fixed_coverage_is_kept_throughout(noisy):
    found = adaptive_neighborhoods(noisy, coverage=0.8)
    assert {done.coverage for done in found.history} == {0.8}
    assert found.coverage == 0.8


def test_the_scales_of_the_graph_can_serve_the_kernel(noisy):
    found = adaptive_neighborhoods(noisy, kernel_statistic=None)
    np.testing.assert_array_equal(found.scales, found.graph_scales)


def test_the_kernel_can_be_tuned_by_its_mean(noisy):
    found = adaptive_neighborhoods(noisy, kernel_statistic="mean")
    assert found.kernel_ratios[found.kernel_ratios > 0].mean() == pytest.approx(1, abs=0.1)


def test_pruning_can_stop_when_the_kernel_is_good_enough(noisy):
    early, late = adaptive_neighborhoods(noisy, stop_on_kernel=True), adaptive_neighborhoods(noisy)
    assert len(early.history) < len(late.history)
    assert early.history[:-1] == late.history[: len(early.history) - 1]


def test_the_graph_to_begin_with_can_be_given(noisy):
    gabriel = adaptive_neighborhoods(noisy)
    again = adaptive_neighborhoods(noisy, initial_edges=gabriel.initial_edges[::-1, ::-1])
    np.testing.assert_array_equal(again.edges, gabriel.edges)


def test_points_can_be_declared_disconnected(noisy):
    found = adaptive_neighborhoods(noisy, disconnected=[5, 9])
    assert found.isolated[:2].tolist() == [5, 9]
    assert not np.isin(found.edges, [5, 9]).any()
    np.testing.assert_array_equal(found.scales[[5, 9]], 0)


def test_pruning_that_takes_every_edge_ends_in_peace():
    found = adaptive_neighborhoods([[0.0], [1.0], [2.2]], initial_edges=[[0, 2]], coverage=1.0, n_stds=0.1)
    assert np.isfinite(found.kernel.data).all()
    assert found.scales[1] == 0


def test_three_points_are_enough():
    assert adaptive_neighborhoods([[0.0], [1.0], [2.1]]).edges.tolist() == [[0, 1], [1, 2]]


def test_the_user_can_stop_it(noisy):
    progress = SilentProgress()
    progress.cancel()
    with pytest.raises(Canceled):
        adaptive_neighborhoods(noisy, progress=progress)


HOLE = cloud(0)
HOLE[7, 1] = np.nan
TWINS = cloud(0)
TWINS[7] = TWINS[2]
LOPSIDED = np.ones((4, 4)) - np.eye(4)
LOPSIDED[0, 1] = 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"points": HOLE}, "row 7"),
        ({"points": TWINS}, "points 2 and 7"),
        ({"points": cloud(0, 2)}, "Too few points"),
        ({"points": np.zeros(5)}, "matrix"),
        ({"points": [["a"], ["b"], ["c"]]}, "not numbers"),
        ({}, "neither"),
        ({"points": cloud(0), "squared_distances": np.eye(3)}, "both"),
        ({"squared_distances": np.ones((4, 3))}, "square matrix"),
        ({"squared_distances": np.ones((4, 4))}, "zero on the diagonal"),
        ({"squared_distances": LOPSIDED}, "symmetric"),
        ({"points": cloud(0), "objective": "l2"}, "Unknown objective"),
        ({"points": cloud(0), "stdev_method": "C9"}, "Unknown stdev_method"),
        ({"points": cloud(0), "kernel_statistic": "mode"}, "Unknown kernel_statistic"),
        ({"points": cloud(0), "n_stds": 0}, "n_stds"),
        ({"points": cloud(0), "n_stds": np.nan}, "n_stds"),
        ({"points": cloud(0), "max_prune": 0}, "max_prune"),
        ({"points": cloud(0), "max_prune": 1.5}, "max_prune"),
        ({"points": cloud(0), "max_prune": True}, "max_prune"),
        ({"points": cloud(0), "max_iterations": 0}, "max_iterations"),
        ({"points": cloud(0), "coverage": 1.2}, "coverage"),
        ({"points": cloud(0), "initial_edges": [[0, 50]]}, "two different points"),
        ({"points": cloud(0), "initial_edges": [[0.5, 1.0]]}, "pairs of points"),
        ({"points": cloud(0), "initial_edges": np.empty((0, 2), dtype=int)}, "no edge"),
        ({"points": cloud(0), "disconnected": [50]}, "does not exist"),
    ],
)
def test_wrong_input_is_refused_in_words(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        adaptive_neighborhoods(**wrong)
