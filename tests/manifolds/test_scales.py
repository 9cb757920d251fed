from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from napari_twinscope.manifolds import gabriel_graph
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.pruning import PrunedGraph, flagged_points, prune, served
from napari_twinscope.manifolds.graph.scales import GreedyScales, LinearScales


def graph_of(points: np.ndarray) -> PrunedGraph:
    squared = squared_distances_of(points)
    edges = gabriel_graph(squared)
    return PrunedGraph(edges, np.sqrt(squared[tuple(edges.T)]), len(points))


@pytest.fixture
def graph():
    return graph_of(np.random.default_rng(5).normal(size=(60, 3)))


def whole_programme(graph: PrunedGraph, coverage: float) -> float:
    """Return the smallest sum of scales with every row of the programme at once."""
    rows, bounds = [], []
    for (i, j), length in zip(graph.remaining, graph.lengths[graph.alive], strict=True):
        for p, q in ((i, j), (j, i)):
            width = coverage * length
            row = np.zeros(len(graph.reach))
            row[q], row[p] = 1, width / graph.reach[p]
            rows.append(-row)
            bounds.append(-width * (1 + width / graph.reach[p]))
    limits = [(0, reach) for reach in graph.reach]
    return linprog(np.ones(len(graph.reach)), A_ub=np.array(rows), b_ub=bounds, bounds=limits).fun


@pytest.mark.parametrize("coverage", [0.55, 0.75, 1.0])
def test_the_programme_covers_every_edge_within_reach(graph, coverage):
    scales = LinearScales()(graph, coverage)
    i, j = graph.edges.T
    assert (scales[i] * scales[j] >= (coverage * graph.lengths) ** 2 * (1 - 1e-6)).all()
    assert ((scales >= 0) & (scales <= graph.reach)).all()


def test_a_programme_begun_from_the_last_one_is_as_good_as_the_whole(graph):
    linear = LinearScales()
    for coverage in (0.9, 0.7, 0.6, 0.6, 0.6):
        assert linear(graph, coverage).sum() == pytest.approx(whole_programme(graph, coverage), rel=1e-7)
        prune(graph, np.argsort(-graph.reach)[:6])


def test_a_point_without_neighbours_has_no_scale():
    graph = PrunedGraph(np.array([[0, 1], [1, 2]]), np.array([1.0, 1.5]), 4)
    for rule in (LinearScales(), GreedyScales()):
        assert rule(graph, 1.0)[3] == 0


def test_one_pass_covers_each_edge_in_turn():
    # 0-1 sets both to 1; 1-2 gives point 2 the scale 4, beyond its reach of 2, so point 1 takes up the rest.
    graph = PrunedGraph(np.array([[0, 1], [1, 2]]), np.array([1.0, 2.0]), 3)
    greedy = GreedyScales()
    np.testing.assert_allclose(greedy(graph, 1.0), [1, 2, 2])
    np.testing.assert_allclose(greedy(graph, 0.5), [0.5, 1, 1])


def test_the_pass_is_made_anew_once_an_edge_is_gone():
    graph = PrunedGraph(np.array([[0, 1], [1, 2]]), np.array([1.0, 2.0]), 3)
    greedy = GreedyScales()
    greedy(graph, 1.0)
    graph.remove_longest(2)
    np.testing.assert_allclose(greedy(graph, 1.0), [1, 1, 0])


def test_a_pass_after_pruning_equals_a_first_pass(graph):
    greedy = GreedyScales()
    for _ in range(8):
        np.testing.assert_array_equal(greedy(graph, 0.8), GreedyScales()(graph, 0.8))
        prune(graph, np.argsort(-graph.reach)[:4])


def test_among_equally_far_neighbours_the_last_is_lost_first():
    graph = PrunedGraph(np.array([[0, 1], [0, 2], [0, 3]]), np.array([1.0, 1.0, 0.5]), 4)
    assert [graph.remove_longest(0) for _ in range(3)] == [2, 1, 3]
    assert graph.reach.tolist() == [0, 0, 0, 0]
    assert len(graph.remaining) == 0


def test_no_point_loses_two_edges_in_one_round():
    graph = PrunedGraph(np.array([[0, 1], [0, 2], [1, 2]]), np.array([3.0, 2.0, 1.0]), 3)
    assert prune(graph, np.array([0, 1, 2])) == [(0, 1)]
    assert graph.degrees.tolist() == [1, 1, 2]


@pytest.mark.parametrize(("share", "count"), [(0.1, 1), (0.5, 5), (3, 3), (40, 10), (None, 10)])
def test_a_share_of_the_flagged_points_is_served(share, count):
    assert served(np.arange(10), share).tolist() == list(range(count))


def test_the_fullest_points_are_flagged_first():
    ratios = np.array([0.0, 1.0, 4.0, 3.0, 1.0, 5.0])
    assert flagged_points(ratios, 3.5, 1.0, 0.1).tolist() == [5, 2]


def test_a_crowd_that_is_too_full_is_flagged_until_its_median_would_fit():
    ratios = np.array([1.0, 2.0, 2.1, 2.2, 2.3])
    assert flagged_points(ratios, 2.75, 2.1, 0.1).tolist() == [4, 3, 2]
