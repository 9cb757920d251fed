"""Looking at near pairs alone gives what all pairs give, as far as these reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import adaptive_neighborhoods
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.pairs import AllPairs, NearestPairs

few = settings(max_examples=6, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
OBJECTIVES = pytest.mark.parametrize("objective", ["l1", "greedy"])


def cloud(seed: int, count: int = 60, dimensions: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimensions))


@OBJECTIVES
@few
@given(seed=seeds)
def test_all_points_counted_as_near_give_the_exact_neighbourhoods(objective, seed):
    exact = adaptive_neighborhoods(cloud(seed), objective=objective)
    near = adaptive_neighborhoods(cloud(seed), objective=objective, nearest=100)
    np.testing.assert_array_equal(near.initial_edges, exact.initial_edges)
    np.testing.assert_array_equal(near.edges, exact.edges)
    np.testing.assert_allclose(near.scales, exact.scales, rtol=1e-6)
    assert abs(near.kernel - exact.kernel).max() < 1e-6


@few
@given(seeds)
def test_no_edge_between_near_points_is_missed(seed):
    points = cloud(seed, 150)
    near, every = NearestPairs(points, 12), AllPairs(squared_distances_of(points))
    found = {tuple(edge) for edge in near.gabriel_graph().tolist()}
    looked_at = {tuple(edge) for edge in np.argwhere(near.kernel(np.full(150, 1e6)).toarray() > 0).tolist()}
    exact = {tuple(edge) for edge in every.gabriel_graph().tolist()}
    assert exact & looked_at <= found
    assert found <= looked_at
    assert len(found ^ exact) < 0.2 * len(exact)


def test_the_kernel_holds_near_pairs_alone():
    points = cloud(1, 80)
    near = NearestPairs(points, 5)
    kernel = near.kernel(np.full(80, 1e6)).toarray()
    squared = squared_distances_of(points)
    np.fill_diagonal(squared, np.inf)
    is_near = squared <= np.sort(squared, axis=1)[:, [4]]
    np.testing.assert_array_equal(kernel > 0, is_near | is_near.T | np.eye(80, dtype=bool))
    np.testing.assert_array_equal(kernel, kernel.T)


def test_masses_count_the_point_itself_and_none_without_scale():
    near = NearestPairs([[0.0], [1.0], [3.0]], 2)
    np.testing.assert_allclose(
        near.masses(np.array([1.0, 0.0, 2.0])),
        [1 + np.exp(-1) + np.exp(-9), 0, 1 + np.exp(-9 / 4) + np.exp(-1)],
    )


@OBJECTIVES
def test_two_far_clusters_never_meet(objective):
    points = np.concatenate([cloud(0, 60, 2), cloud(1, 40, 2) + 30])
    found = adaptive_neighborhoods(points, objective=objective, nearest=15)
    assert not ((found.edges[:, 0] < 60) & (found.edges[:, 1] >= 60)).any()
    assert found.kernel[:60, 60:].nnz == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"points": cloud(0), "nearest": 1}, "nearest must be a whole number"),
        ({"points": cloud(0), "nearest": 2.5}, "nearest must be a whole number"),
        ({"squared_distances": squared_distances_of(cloud(0)), "nearest": 5}, "among points"),
        ({"points": np.ones((5, 2)), "nearest": 3}, "Two points coincide"),
        ({"points": np.full((5, 2), np.nan), "nearest": 3}, "not finite"),
        (
            {"points": np.arange(30.0)[:, None] ** 1.1, "nearest": 2, "initial_edges": [[0, 29]]},
            "raise nearest",
        ),
    ],
)
def test_wrong_input_is_refused_in_words(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        adaptive_neighborhoods(**wrong)


@few
@given(seeds)
def test_a_mutual_start_joins_each_others_nearest_and_keeps_what_is_connected(seed):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    points, nearest = cloud(seed, 90), 4
    pairs = NearestPairs(points, nearest)
    edges = pairs.mutual_edges()
    assert (edges[:, 0] < edges[:, 1]).all()
    squared = squared_distances_of(points)
    np.fill_diagonal(squared, np.inf)
    is_near = squared <= np.sort(squared, axis=1)[:, [nearest - 1]]
    found = {tuple(edge) for edge in edges.tolist()}
    mutual = {(i, j) for i, j in np.argwhere(is_near & is_near.T).tolist() if i < j}
    assert mutual <= found
    assert all(is_near[i, j] or is_near[j, i] for i, j in found)
    graph = coo_array((np.ones(len(edges)), tuple(edges.T)), shape=squared.shape)
    assert connected_components(graph)[0] == connected_components(is_near | is_near.T)[0]


@OBJECTIVES
def test_neighbourhoods_can_begin_with_a_mutual_start(objective):
    points = cloud(2, 80)
    found = adaptive_neighborhoods(points, nearest=6, initial_edges="mutual", objective=objective)
    np.testing.assert_array_equal(found.initial_edges, NearestPairs(points, 6).mutual_edges())
    assert found.converged
    assert {*map(tuple, found.edges.tolist())} <= {*map(tuple, found.initial_edges.tolist())}


@pytest.mark.parametrize("options", [{"initial_edges": "mutual"}, {"initial_edges": "tree", "nearest": 5}])
def test_a_start_that_does_not_exist_is_refused(options):
    with pytest.raises(InvalidInput, match="no such start"):
        adaptive_neighborhoods(cloud(3), **options)
