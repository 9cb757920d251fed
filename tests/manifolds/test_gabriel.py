from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import gabriel_graph
from napari_twinscope.manifolds.graph import gabriel
from napari_twinscope.manifolds.graph.distances import squared_distances_of

clouds = st.tuples(st.integers(0, 2**32 - 1), st.integers(3, 60), st.integers(1, 6))
few = settings(max_examples=25, deadline=None, derandomize=True)


def cloud(seed: int, count: int, dimensions: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimensions))


def pairs(edges: np.ndarray) -> set[tuple[int, int]]:
    return {(min(i, j), max(i, j)) for i, j in edges.tolist()}


def by_definition(squared: np.ndarray) -> set[tuple[int, int]]:
    count = len(squared)
    return {
        (i, j)
        for i in range(count)
        for j in range(i + 1, count)
        if all(squared[i, k] + squared[j, k] > squared[i, j] for k in range(count) if k not in (i, j))
    }


@few
@given(clouds)
def test_two_points_are_joined_unless_a_third_lies_in_the_ball_between_them(drawn):
    squared = squared_distances_of(cloud(*drawn))
    edges = gabriel_graph(squared)
    assert pairs(edges) == by_definition(squared)
    assert edges.tolist() == sorted(map(list, pairs(edges)))


@few
@given(clouds, st.floats(1e-6, 1e6))
def test_the_graph_knows_no_unit_of_length(drawn, factor):
    points = cloud(*drawn)
    small = gabriel_graph(squared_distances_of(points))
    np.testing.assert_array_equal(gabriel_graph(squared_distances_of(points * factor)), small)


@few
@given(clouds)
def test_the_graph_follows_the_points_when_their_order_changes(drawn):
    points = cloud(*drawn)
    order = np.random.default_rng(drawn[0]).permutation(len(points))
    shuffled = gabriel_graph(squared_distances_of(points[order]))
    assert pairs(order[shuffled]) == pairs(gabriel_graph(squared_distances_of(points)))


def test_the_graph_does_not_depend_on_how_the_work_is_cut(monkeypatch):
    squared = squared_distances_of(cloud(1, 80, 3))
    whole = gabriel_graph(squared)
    monkeypatch.setattr(gabriel, "_BLOCK", 200)
    monkeypatch.setattr(gabriel, "_WITNESSES", 2)
    np.testing.assert_array_equal(gabriel_graph(squared), whole)


def test_the_diagonals_of_a_square_grid_are_no_edges():
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    i, j = gabriel_graph(squared_distances_of(grid)).T
    assert len(i) == 5 * 3 + 4 * 4
    np.testing.assert_array_equal(np.abs(grid[i] - grid[j]).sum(axis=1), 1)


def test_points_that_coincide_are_named():
    points = cloud(0, 10, 2)
    points[7] = points[3]
    with pytest.raises(InvalidInput, match="points 3 and 7"):
        gabriel_graph(squared_distances_of(points))
