"""In which order the units of a population are stored changes no result."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from paper_golden import paper_responses, wandering_responses

from napari_twinscope.manifolds import (
    AlignmentOptions,
    ClassificationOptions,
    TubularityOptions,
    activity_dimension,
    alignment,
    classification_over_time,
    decoding_manifold,
    decoding_trajectories,
    subpopulation_scores,
    tubularity,
    tubularity_sensitivity,
)
from napari_twinscope.population import response_tensor, unit_dynamics, unit_measures

ORDER = np.random.default_rng(5).permutation(60)
TUBES = {"samples": 40, "bins": 10}
PAIR = AlignmentOptions(measures=("rsa", "cka", "cca", "procrustes", "encoding"), bootstraps=0)


def aligned(x: xr.DataArray) -> xr.Dataset:
    return alignment(x, paper_responses().isel(unit=slice(0, 30)), PAIR)


def tubes(x: xr.DataArray, bundles: str) -> xr.Dataset:
    return tubularity(x, TubularityOptions(bundles=bundles, bootstraps=0, **TUBES))


def swept(x: xr.DataArray) -> xr.Dataset:
    how = TubularityOptions(bootstraps=0, **TUBES)
    return tubularity_sensitivity(x, how, quantiles=(0.5, 0.9), smoothings=(1e-4,))


POPULATIONS: dict[str, Callable[[xr.DataArray], xr.Dataset]] = {
    "activity_dimension": activity_dimension,
    "alignment": aligned,
    "classification_over_time": lambda x: classification_over_time(
        x, ClassificationOptions(classifier="neighbors", step=6)
    ),
    "decoding_manifold": decoding_manifold,
    "decoding_manifold, diffusion": lambda x: decoding_manifold(x, method="diffusion"),
    "decoding_trajectories": decoding_trajectories,
    "tubularity": lambda x: tubes(x, "stimulus"),
    "tubularity, hdbscan": lambda x: tubes(x, "hdbscan"),
    "tubularity_sensitivity": swept,
}
UNITS: dict[str, Callable[[xr.DataArray], xr.Dataset]] = {
    "response_tensor": response_tensor,
    "unit_dynamics": unit_dynamics,
    "unit_measures": unit_measures,
    "unit_measures as published": lambda x: unit_measures(x, preset="published-2026"),
}


@pytest.mark.parametrize("name", POPULATIONS)
def test_what_is_said_of_a_population_does_not_depend_on_it(name: str) -> None:
    measure = POPULATIONS[name]
    found, expected = measure(paper_responses().isel(unit=ORDER)), measure(paper_responses())
    if "loadings" in expected:
        expected = expected.assign(loadings=expected["loadings"].isel(unit=ORDER)).assign_coords(
            unit_id=("unit", found["unit_id"].values)
        )
    if "center_line" in expected:  # in components, of which the largest loading gives the sign
        signs = np.sign((found["center_line"] * expected["center_line"]).sum(("bundle", "position")))
        found = found.assign(center_line=found["center_line"] * signs)
    xr.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", UNITS)
def test_what_is_said_of_each_unit_goes_with_it(name: str) -> None:
    measure = UNITS[name]
    found, expected = measure(paper_responses().isel(unit=ORDER)), measure(paper_responses()).isel(unit=ORDER)
    texts = [str(key) for key, value in expected.variables.items() if value.dtype.kind not in "bif"]
    xr.testing.assert_allclose(found.drop_vars(texts), expected.drop_vars(texts), rtol=1e-7, atol=1e-9)
    for key in texts:
        np.testing.assert_array_equal(found[key], expected[key])


def test_the_same_units_stand_for_the_whole_wherever_they_are_stored() -> None:
    chosen = np.array([3, 8, 21, 40])
    places = np.flatnonzero(np.isin(ORDER, chosen))
    found = subpopulation_scores(paper_responses().isel(unit=ORDER), places)
    xr.testing.assert_allclose(found, subpopulation_scores(paper_responses(), chosen))


def test_the_same_draws_of_the_same_units_are_as_tight() -> None:
    responses = wandering_responses()
    order = np.array([3, 0, 7, 11, 1, 2, 10, 9, 8, 4, 6, 5])
    options = TubularityOptions(bootstraps=3, samples=30, bins=10, n_components=3)
    expected = tubularity(responses, options)
    drawn = np.argsort(order)[expected["drawn"].values]
    found = tubularity(responses.isel(unit=order), options, drawn=drawn)
    np.testing.assert_allclose(found["bootstrap_score"], expected["bootstrap_score"], rtol=1e-7)


def test_dynamics_are_as_alike_up_to_what_the_search_leaves_open() -> None:
    how = AlignmentOptions(measures=("dsa",), bootstraps=0, shuffles=0)
    other = paper_responses().isel(unit=slice(0, 30))
    scores = [float(alignment(x, other, how).score[0]) for x in (paper_responses(), paper_responses()[ORDER])]
    assert scores[0] == pytest.approx(scores[1], rel=0.04)
