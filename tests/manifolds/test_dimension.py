from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import adaptive_neighborhoods, local_dimension
from napari_twinscope.manifolds.graph.distances import squared_distances_of


def cube(dimensions: int, count: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(count, dimensions))


def graph(points: np.ndarray) -> np.ndarray:
    return adaptive_neighborhoods(points, objective="greedy").edges


def test_a_curve_in_space_has_dimension_one():
    t = np.linspace(0, 6, 120)
    helix = np.stack([np.cos(t), np.sin(t), t], axis=1)
    local = local_dimension(graph(helix), helix)
    assert np.median(local.dimension) == pytest.approx(1, abs=0.15)
    np.testing.assert_array_equal(local.degree, 1)


def test_a_sheet_has_dimension_two_and_a_solid_more():
    sheet, solid = cube(2, 300), cube(3, 300)
    flat = np.median(local_dimension(graph(sheet), sheet).dimension)
    assert flat == pytest.approx(2, abs=0.3)
    assert np.median(local_dimension(graph(solid), solid).dimension) > flat + 0.4


def test_dimension_follows_the_points_when_their_order_changes():
    points = cube(2, 100)
    order = np.random.default_rng(1).permutation(100)
    place = np.argsort(order)
    edges = graph(points)
    ordered, shuffled = local_dimension(edges, points), local_dimension(place[edges], points[order])
    # Where two centres are equally good the first is taken, and that may change with the order.
    same = np.isclose(shuffled.correlation_raw, ordered.correlation_raw[order], atol=1e-9)
    assert same.mean() > 0.9
    np.testing.assert_array_equal(shuffled.degree, ordered.degree[order])


def test_points_and_their_squared_distances_give_the_same():
    points = cube(2, 60)
    edges = graph(points)
    one, other = (
        local_dimension(edges, points),
        local_dimension(edges, squared_distances=squared_distances_of(points)),
    )
    np.testing.assert_array_equal(one.dimension, other.dimension)


def test_a_decade_of_scale_changes_nothing():
    points = cube(2, 60)
    edges = graph(points)
    near = local_dimension(edges, points).correlation
    np.testing.assert_allclose(local_dimension(edges, points * 10).correlation, near, atol=1e-3)


def test_the_degree_dimension_is_the_logarithm_of_the_number_of_neighbours():
    star = np.concatenate([[[0.0, 0.0]], np.array([[1, 0], [0, 1.1], [-1.2, 0], [0, -1.3]])])
    local = local_dimension([[0, 1], [0, 2], [0, 3], [0, 4]], star)
    np.testing.assert_array_equal(local.degree_raw, [2, 1, 1, 1, 1])
    np.testing.assert_array_equal(local.degree, [1, 2, 2, 2, 2])


def test_a_point_without_neighbours_has_no_dimension():
    local = local_dimension([[0, 1], [1, 2]], [[0.0], [1.0], [2.1], [9.0]])
    for values in (local.dimension, local.correlation, local.degree, local.correlation_raw, local.degree_raw):
        np.testing.assert_array_equal(np.isnan(values), [False, False, False, True])


def test_without_edges_there_is_no_dimension_at_all():
    assert np.isnan(local_dimension(np.empty((0, 2), dtype=int), cube(2, 5)).dimension).all()


@pytest.mark.parametrize(
    ("edges", "wrong", "message"),
    [
        ([[0, 5]], {}, "two different points"),
        ([[1, 1]], {}, "two different points"),
        ([0, 1], {}, "pairs of points"),
        ([[0, 1]], {"order": 0}, "order"),
    ],
)
def test_wrong_input_is_refused_in_words(edges, wrong, message):
    with pytest.raises(InvalidInput, match=message):
        local_dimension(edges, cube(2, 5), **wrong)
