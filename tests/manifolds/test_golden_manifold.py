"""Every stage equals the published implementation, given the results of the stage before."""

from __future__ import annotations

import numpy as np
import pytest
from manifold_golden import CASES, found, golden, golden_kernel

from napari_twinscope.manifolds import diffusion_map, gabriel_graph, local_dimension
from napari_twinscope.manifolds.graph.distances import squared_distances_of

ALPHAS = {"dm_alpha0": 0.0, "dm_alpha0p5": 0.5, "dm_alpha1": 1.0}

pytestmark = pytest.mark.parametrize("case", CASES)


def tolerance(case: str) -> float:
    """Scales of a linear programme may differ where its optimum is not unique; greedy ones are float32."""
    return 1e-3 if case.endswith("l1") else 1e-6


def test_the_gabriel_graph_is_the_published_one(case):
    squared = squared_distances_of(golden(case)["X"])
    np.testing.assert_array_equal(gabriel_graph(squared), golden(case)["gabriel_edges"])


def test_the_search_begins_at_the_published_coverage(case):
    assert found(case).initial_coverage == pytest.approx(float(golden(case)["C_init"]), abs=1e-12)


def test_the_same_edges_are_pruned_in_the_same_order(case):
    removed = [(step, *edge) for step, done in enumerate(found(case).history) for edge in done.removed]
    assert removed == [tuple(row) for row in golden(case)["pruned_edges"].tolist()]
    np.testing.assert_array_equal(
        [len(done.removed) for done in found(case).history], golden(case)["pruned_per_iter"]
    )


def test_the_final_graph_is_the_published_one(case):
    np.testing.assert_array_equal(found(case).edges, golden(case)["G_edges"])
    assert found(case).converged


def test_every_iteration_is_tuned_alike(case):
    history = found(case).history
    expected = golden(case)
    np.testing.assert_allclose([done.coverage for done in history], expected["C_iter"], atol=1e-6)
    np.testing.assert_allclose([done.scale_sum for done in history], expected["scale_sum_iter"], rtol=1e-6)
    for name, key in (("median_ratio", "mu_iter"), ("threshold", "threshold_iter")):
        np.testing.assert_allclose(
            [getattr(done, name) for done in history], expected[key], rtol=tolerance(case)
        )


def test_the_scales_and_ratios_are_the_published_ones(case):
    result, expected = found(case), golden(case)
    assert result.coverage == pytest.approx(float(expected["C_weighted"]), abs=1e-6)
    rtol = 2e-3 if case.endswith("l1") else 1e-6
    np.testing.assert_allclose(result.graph_scales, expected["scales_last_unweighted"], rtol=rtol)
    np.testing.assert_allclose(result.scales, expected["scales"], rtol=rtol)
    np.testing.assert_allclose(result.graph_ratios, expected["ratios_unweighted"], rtol=tolerance(case))
    np.testing.assert_allclose(result.kernel_ratios, expected["ratios_weighted"], rtol=tolerance(case))


def test_the_kernel_is_the_published_one(case):
    difference = abs(found(case).kernel - golden_kernel(case))
    assert difference.max() < tolerance(case)


def test_the_same_points_are_isolated(case):
    result, expected = found(case), golden(case)
    np.testing.assert_array_equal(result.isolated, expected["disc_pts"])
    np.testing.assert_allclose(result.isolated_scales, expected["disc_last_scale"], rtol=2e-3)
    np.testing.assert_array_equal(result.isolated_neighbors, expected["disc_last_nbr"])


@pytest.mark.parametrize("stage", ALPHAS)
def test_the_diffusion_map_is_the_published_one(case, stage):
    expected = golden(case)
    mapped = diffusion_map(golden_kernel(case), n_components=5, alpha=ALPHAS[stage])
    np.testing.assert_array_equal(mapped.rows, expected["dm_keep"])
    np.testing.assert_allclose(mapped.eigenvalues, expected[f"{stage}_evals"], atol=1e-9)
    if expected[f"{stage}_min_gap"] > 1e-3:
        coordinates, published = mapped.coordinates[mapped.rows], expected[f"{stage}_coords"]
        sign = np.sign(np.sum(coordinates * published, axis=0))
        np.testing.assert_allclose(coordinates * sign, published, atol=1e-6 * np.abs(published).max())


def test_the_local_dimension_is_the_published_one(case):
    expected = golden(case)
    local = local_dimension(expected["G_edges"], expected["X"], order=int(expected["dim_order"]))
    rows = expected["dim_keep"]
    assert np.isnan(np.delete(local.dimension, rows)).all()
    for ours, published in (
        (local.correlation_raw, "ncd_raw_lowest_index"),
        (local.correlation, "ncd_lowest_index"),
        (local.degree_raw, "deg_dim_raw"),
        (local.degree, "deg_dim"),
    ):
        np.testing.assert_allclose(ours[rows], expected[published], atol=1e-9)
    largest = np.maximum(expected["ncd_lowest_index"], expected["deg_dim"])
    np.testing.assert_allclose(local.dimension[rows], largest, atol=1e-9)
