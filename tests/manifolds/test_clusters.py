from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    adaptive_neighborhoods,
    degrees,
    diffusion_map,
    graph_clusters,
    map_purity,
    same_map_degrees,
    weighted_degrees,
)
from napari_twinscope.manifolds.decoding.principal import principal_components

FILE = Path(__file__).parents[1] / "golden" / "paper" / "graph.npz"


@pytest.fixture(scope="module")
def golden():
    with np.load(FILE) as file:
        return dict(file)


@pytest.fixture(scope="module")
def kernel(golden):
    upper = np.zeros((150, 150))
    upper[np.triu_indices(150)] = golden["kernel_f64"]
    return np.maximum(upper, upper.T)


def test_the_clusters_are_the_published_ones_up_to_their_names(golden):
    ours = graph_clusters(golden["coords"][:, :4], golden["adjacency"])
    both = set(zip(ours.tolist(), golden["labels"].tolist(), strict=True))
    assert len(both) == len(set(ours.tolist())) == len(set(golden["labels"].tolist()))


def test_purity_is_that_of_the_golden_clusters(golden):
    found = map_purity(golden["labels"], golden["feature_map"], golden["adjacency"])
    np.testing.assert_allclose(found.cluster_purity, golden["cluster_purity"], atol=1e-12)
    np.testing.assert_array_equal(found.cluster_size, golden["cluster_size"])
    for ours, published in (
        (found.weighted_purity, "weighted_purity"),
        (found.mutual_information, "nmi_no_noise"),
        (found.rand_index, "ari_no_noise"),
        (found.edge_share, "edge_same_fraction_graph"),
        (found.chance_share, "chance_same_fraction"),
    ):
        assert ours == pytest.approx(float(golden[published]), abs=1e-10)
    assert found.pure_share == 0.25
    assert found.null.max() < found.weighted_purity
    assert len(found.null) == 200


def test_degrees_counted_on_the_kernel_are_the_published_ones(golden, kernel):
    edges = np.argwhere(np.triu(kernel > 0, 1))
    np.testing.assert_array_equal(degrees(edges, 150), golden["degree"])
    np.testing.assert_array_equal(same_map_degrees(edges, golden["feature_map"]), golden["same_map"])
    np.testing.assert_allclose(weighted_degrees(kernel), golden["weighted_degree"], atol=1e-10)


def test_edges_within_a_map_are_counted_on_the_kernel_as_published(golden, kernel):
    edges = np.argwhere(np.triu(kernel > 0, 1))
    maps = golden["feature_map"]
    same = same_map_degrees(edges, maps)
    np.testing.assert_array_equal(degrees(edges, 150) - same, golden["other_map"])
    share = map_purity(golden["labels"], maps, edges).edge_share
    assert share == pytest.approx(float(golden["edge_same_fraction_kernel"]), abs=1e-10)


def test_the_coordinates_on_display_are_the_first_ones_turned_to_their_axes(golden):
    shown = golden["mds_4dims"]
    assert not np.abs(shown[:, 4:]).max() > 1e-6
    turned = principal_components(golden["coords"][:, :4], 4).coordinates
    signs = np.sign((turned * shown[:, :4]).sum(0))
    np.testing.assert_allclose(turned * signs, shown[:, :4], atol=1e-8)


def test_two_dense_groups_are_two_clusters_and_a_unit_apart_from_both_is_noise():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(size=(40, 2)), random.normal(size=(30, 2)) + 12])
    found = adaptive_neighborhoods(points, objective="greedy")
    assert sorted(np.bincount(graph_clusters(points, found.edges) + 1)[1:]) == pytest.approx([30, 40], abs=6)
    apart = np.concatenate([points, [[np.nan, np.nan]]])
    assert graph_clusters(apart, found.edges)[-1] == -1


def test_units_outside_the_map_are_noise():
    random = np.random.default_rng(1)
    points = np.concatenate([random.uniform(size=(60, 2)), random.uniform(size=(20, 2)) + 40])
    found = adaptive_neighborhoods(points, objective="greedy")
    labels = graph_clusters(diffusion_map(found.kernel).coordinates, found.edges)
    np.testing.assert_array_equal(labels[60:], -1)


def test_fewer_units_than_a_cluster_needs_are_all_noise():
    assert graph_clusters([[0.0], [1.0], [2.0]], [[0, 1], [1, 2]]).tolist() == [-1, -1, -1]


def test_without_clusters_purity_is_unknown_but_edges_still_count():
    found = map_purity([-1, -1, -1], ["a", "a", "b"], [[0, 1], [1, 2]], permutations=3)
    assert np.isnan(
        [found.weighted_purity, found.pure_share, found.mutual_information, found.rand_index]
    ).all()
    assert found.edge_share == 0.5
    assert found.chance_share == pytest.approx(1 / 3)


def test_clusters_that_are_maps_are_pure():
    found = map_purity([0, 0, 1, 1, -1], [5, 5, 2, 2, 2], [[0, 1], [2, 3]])
    assert found.weighted_purity == found.pure_share == found.edge_share == 1
    assert found.mutual_information == found.rand_index == pytest.approx(1)


def test_the_null_is_drawn_again_from_the_same_seed(golden):
    arguments = (golden["labels"], golden["feature_map"], golden["adjacency"])
    one, same = map_purity(*arguments, seed=3), map_purity(*arguments, seed=3)
    np.testing.assert_array_equal(one.null, same.null)
    assert (map_purity(*arguments, seed=4).null != one.null).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: graph_clusters([1.0, 2.0], [[0, 1]]), "matrix"),
        (lambda: graph_clusters([[1.0], [2.0]], [[0, 2]]), "two different points"),
        (lambda: graph_clusters([[1.0], [2.0]], [[0, 1]], smallest=1), "at least two"),
        (lambda: map_purity([0, 1], [0], [[0, 1]]), "same units"),
        (lambda: degrees([0, 1], 2), "pairs of points"),
        (lambda: weighted_degrees([[1.0, 0.5]]), "no kernel"),
        (lambda: weighted_degrees(np.full((2, 2), np.nan)), "no kernel"),
        (lambda: weighted_degrees([["a", "b"]] * 2), "no kernel"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()
