"""Real populations go through every step, and give what was published or reproduced of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from manifold_golden import golden as golden_graph
from real_factors import NEURONS, STAGES, golden_of_stages, of_neurons, of_stage

from napari_twinscope.manifolds import (
    adaptive_neighborhoods,
    decoding_manifold,
    decoding_trajectories,
    diffusion_map,
    graph_clusters,
    leading_components,
    local_dimension,
    neural_matrix,
    permuted_objective,
    subpopulation_scores,
)
from napari_twinscope.manifolds.encoding.left_out import KEPT, left_out_points
from napari_twinscope.population import classifiability, paper_selectivity, unit_dynamics

stages = pytest.mark.parametrize("stage", STAGES)
POPULATION_OF_GRAPH = {"v1_pca641": "v1", "retina_pca400": "retina"}


@stages
def test_the_responses_of_a_stage_are_those_that_its_factors_make(stage):
    made, golden = of_stage(stage).responses(), golden_of_stages()
    assert float(made.sum()) == pytest.approx(float(golden[f"{stage}__sum"]), rel=1e-9)
    probe = float(made[3, 2, 5, 10])
    assert probe == pytest.approx(float(golden[f"{stage}__probe"]), rel=1e-9)
    for dim, name in (
        ("time", "mean_time_course"),
        ("direction", "mean_direction"),
        ("stimulus", "mean_stimulus"),
    ):
        profile = made.mean([other for other in made.dims if other != dim])
        np.testing.assert_allclose(profile, golden[f"{stage}__{name}"], rtol=1e-5)


@stages
def test_fitting_a_stage_anew_gives_its_loadings_and_its_factors_explain_it(stage):
    published = of_stage(stage)
    responses = published.responses()
    found = neural_matrix(responses, published[:3], published.weights)
    np.testing.assert_allclose(found.values, published.loadings, atol=1e-6)
    np.testing.assert_allclose(
        found.values[:5], golden_of_stages()[f"{stage}__neural_matrix_first5"], atol=1e-6
    )
    value, _, _ = permuted_objective(
        responses, (published.unit * published.weights, published.stimulus, published.response)
    )
    assert value <= 1e-12 * float((responses**2).sum())


@stages
def test_the_units_of_a_stage_are_selective_and_move_as_was_reproduced(stage):
    made, golden = of_stage(stage).responses(), golden_of_stages()
    chosen = paper_selectivity(made)
    moved = unit_dynamics(made, preset="published-2026")
    found = {
        "osi": chosen["osi"],
        "dsi": chosen["dsi"],
        "speed": moved["speed"].mean("stimulus"),
        "curvature": moved["curvature"].mean("stimulus"),
        "classifiability": classifiability(moved),
    }
    for name, values in found.items():
        np.testing.assert_allclose(values, golden[f"{stage}__{name}"], rtol=1e-4, atol=1e-7, err_msg=name)
    preferred = made.mean(("direction", "time")).argmax("stimulus")
    np.testing.assert_array_equal(preferred, golden[f"{stage}__pref_stim"])


@stages
def test_stimuli_lie_and_move_in_a_stage_as_was_reproduced(stage):
    made, golden = of_stage(stage).responses(), golden_of_stages()
    for name, found in (("decoding", decoding_manifold(made)), ("trajectory", decoding_trajectories(made))):
        np.testing.assert_allclose(
            found.explained_variance_ratio, golden[f"{stage}__{name}_evr"], atol=1e-5, err_msg=name
        )
    half = np.arange(made.sizes["unit"] // 2)
    scores = subpopulation_scores(made, half)
    assert float(scores["rdm_correlation"]) == pytest.approx(
        float(golden[f"{stage}__rdm_first_half"]), abs=1e-5
    )
    assert float(scores["linear_cka"]) == pytest.approx(float(golden[f"{stage}__cka_first_half"]), abs=1e-5)
    everyone = subpopulation_scores(
        made, np.arange(made.sizes["unit"]), preset="published-2026", stimuli="medium"
    )
    assert float(everyone["accuracy"]) == float(golden[f"{stage}__decoding_loo5nn"])


@pytest.mark.parametrize("case", POPULATION_OF_GRAPH)
def test_the_points_of_the_published_graphs_are_the_leading_components_of_the_factors(case):
    points = leading_components(of_neurons(POPULATION_OF_GRAPH[case]).loadings)
    expected = golden_graph(f"{case}_l1")
    points = points[expected.get("rows", np.arange(len(points)))]
    assert points.shape == expected["X"].shape
    sign = np.sign((points * expected["X"]).sum(axis=0))
    np.testing.assert_allclose(points * sign, expected["X"], atol=1e-10)


@cache
def manifold_of(name: str):
    published = of_neurons(name) if name in NEURONS else of_stage(name)
    points = leading_components(published.loadings)
    points = points[left_out_points(points)[0] == KEPT]  # two units of a stage respond alike
    found = adaptive_neighborhoods(points, objective="greedy")
    return points, found, diffusion_map(found.kernel, n_components=5)


every = pytest.mark.parametrize("name", [*NEURONS, *STAGES[1:]])


@every
def test_the_graph_of_a_real_population_is_pruned_to_a_finite_kernel(name):
    points, found, _ = manifold_of(name)
    assert found.converged
    assert len(points) < len(found.edges) < len(found.initial_edges)
    assert np.isfinite(found.kernel.data).all()
    assert found.kernel.data.max() == 1
    ends = np.bincount(found.edges.ravel(), minlength=len(points))
    np.testing.assert_array_equal(np.sort(found.isolated), np.flatnonzero(ends == 0))
    assert (found.scales[ends > 0] > 0).all()


@every
def test_a_real_population_is_mapped_in_one_piece_into_clusters_of_few_dimensions(name):
    points, found, mapped = manifold_of(name)
    assert len(mapped.rows) >= 0.95 * len(points)
    assert 0 < mapped.eigenvalues[-1] <= mapped.eigenvalues[0] < 1
    local = local_dimension(found.edges, points)
    ends = np.bincount(found.edges.ravel(), minlength=len(points))
    np.testing.assert_array_equal(np.isnan(local.dimension), ends == 0)
    assert 1 < np.nanmedian(local.dimension) < points.shape[1] + 1
    labels = graph_clusters(mapped.coordinates[:, :3], found.edges)
    sizes = np.bincount(labels[labels >= 0])
    assert len(sizes) >= 2
    assert sizes.min() >= 10


@pytest.mark.parametrize("name", ["v1", "retina"])
def test_published_neurons_explain_as_much_in_seven_components(name):
    loadings = of_neurons(name).loadings
    centered = loadings - loadings.mean(axis=0)
    share = np.cumsum(np.linalg.svd(centered, compute_uv=False) ** 2)
    share /= share[-1]
    assert leading_components(loadings).shape[1] == 7
    assert share[5] <= 0.8 < share[6]
