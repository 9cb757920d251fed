"""Whatever is given to a public function, it answers, or says in words what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

import napari_twinscope.manifolds as manifolds
import napari_twinscope.population as population
from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import AlignmentOptions, ClassificationOptions, TubularityOptions
from napari_twinscope.population import TensorOptions, direction_tuning

DIMS = ("unit", "stimulus", "direction", "time")
EIGHT = np.arange(8) * 45.0
SHORT: dict[str, Any] = {"samples": 20, "bins": 5, "n_components": 3}
FEW: dict[str, Any] = {"bootstraps": 2, "shuffles": 2}


def responses(units: int = 8, stimuli: int = 3, directions: int = 8, frames: int = 9) -> xr.DataArray:
    steps = np.random.default_rng(0).normal(size=(units, stimuli, directions, frames))
    coords = {
        "stimulus": [f"s{place}" for place in range(stimuli)],
        "direction": np.arange(directions) * 360 / directions,
        "time": np.arange(frames) / 30,
    }
    return xr.DataArray(50 + steps.cumsum(-1), dims=DIMS, coords=coords)


def with_value(value: float, *place: int | slice) -> xr.DataArray:
    changed = responses()
    changed[place] = value
    return changed


HOSTILE: dict[str, Callable[[], Any]] = {
    "one class": lambda: responses(stimuli=1),
    "one direction": lambda: responses(directions=1),
    "one movie": lambda: responses(stimuli=1, directions=1),
    "one frame": lambda: responses(frames=1),
    "two frames": lambda: responses(frames=2),
    "one unit": lambda: responses(units=1),
    "constant units": lambda: 0 * responses() + 3,
    "some constant units": lambda: with_value(2.0, slice(0, 3)),
    "silent units": lambda: 0 * responses(),
    "negative responses": lambda: responses() - 1000,
    "a missing response": lambda: with_value(np.nan, 0, 0, 0, 0),
    "a missing unit": lambda: with_value(np.nan, 0),
    "a missing movie": lambda: with_value(np.nan, slice(None), 0, 0),
    "nothing but missing responses": lambda: np.nan * responses(),
    "an infinite response": lambda: with_value(np.inf, 0, 0, 0, 0),
    "no unit": lambda: responses().isel(unit=[]),
    "no frame": lambda: responses().isel(time=[]),
    "no dim unit": lambda: responses().isel(unit=0),
    "no dim time": lambda: responses().isel(time=0),
    "a dim too many": lambda: responses().expand_dims(trial=2),
    "stimuli without names": lambda: responses().drop_vars("stimulus"),
    "directions without angles": lambda: responses().drop_vars("direction"),
    "frames without times": lambda: responses().drop_vars("time"),
    "a stimulus named twice": lambda: responses().assign_coords(stimulus=["a", "a", "b"]),
    "a direction without an angle": lambda: responses().assign_coords(direction=[np.nan, *EIGHT[1:]]),
    "a direction shown twice": lambda: responses().assign_coords(direction=[0, *EIGHT[:7]]),
    "directions in words": lambda: responses().assign_coords(direction=list("abcdefgh")),
    "uneven directions": lambda: responses().assign_coords(direction=[5, *EIGHT[1:]]),
    "a time that is none": lambda: responses().assign_coords(time=[np.nan, *range(8)]),
    "a time that recurs": lambda: responses().assign_coords(time=[0, *range(8)]),
    "words": lambda: responses().astype(str),
    "complex numbers": lambda: responses().astype(complex),
    "an array without labels": lambda: responses().values,
    "a data set": lambda: responses().to_dataset(name="responses"),
    "nothing": lambda: None,
}

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "activity_dimension": manifolds.activity_dimension,
    "alignment": lambda x: manifolds.alignment(
        x, x, AlignmentOptions(measures=("rsa", "cka", "cca", "procrustes", "dsa", "encoding"), **FEW)
    ),
    "alignment as published": lambda x: manifolds.alignment(
        x, x, AlignmentOptions("published-2025", ("rsa", "cca", "encoding"), **FEW)
    ),
    "alignment of units": lambda x: manifolds.alignment(
        responses(), x, AlignmentOptions(measures=("gromov_wasserstein",), **FEW)
    ),
    "classification_over_time": lambda x: manifolds.classification_over_time(
        x, ClassificationOptions(classifier="neighbors")
    ),
    "correlation": lambda x: population.correlation(x, x, "time"),
    "decoding_manifold": manifolds.decoding_manifold,
    "decoding_manifold, diffusion": lambda x: manifolds.decoding_manifold(x, method="diffusion"),
    "decoding_trajectories": manifolds.decoding_trajectories,
    "direction_tuning": direction_tuning,
    "paper_selectivity": population.paper_selectivity,
    "paper_selectivity as published": lambda x: population.paper_selectivity(x, preset="published-2026"),
    "preferred_class": lambda x: population.preferred_class(direction_tuning(x)),
    "response_tensor": lambda x: population.response_tensor(x, TensorOptions(stimuli="all")),
    "selection_sweep": lambda x: manifolds.selection_sweep(
        x, {"speed": np.arange(8.0)}, fractions=(0.5, 1.0), draws=2
    ),
    "selectivity": lambda x: population.selectivity(direction_tuning(x)),
    "smooth": lambda x: population.smooth(x, 2.0),
    "subpopulation_scores": lambda x: manifolds.subpopulation_scores(x, [0]),
    "tubularity": lambda x: manifolds.tubularity(x, TubularityOptions(bootstraps=1, **SHORT)),
    "tubularity, hdbscan": lambda x: manifolds.tubularity(
        x, TubularityOptions(bundles="hdbscan", bootstraps=1, **SHORT)
    ),
    "tubularity_sensitivity": lambda x: manifolds.tubularity_sensitivity(
        x, TubularityOptions(bootstraps=1, **SHORT), quantiles=(0.9,), smoothings=(1e-4,)
    ),
    "unit_dynamics": population.unit_dynamics,
    "unit_measures": population.unit_measures,
    "unit_measures as published": lambda x: population.unit_measures(x, preset="published-2026"),
}

ELSEWHERE = {
    "of results, tested with them": {
        *("agreement", "classifiability", "compare_accuracy", "compare_tubularity", "preferred"),
    },
    "of numbers, in the tables below or with their tests": {
        *("cca", "circular_difference", "curve_tubularity", "dynamical_distance", "extreme_units"),
        *("gromov_wasserstein", "laplacian_spectrum", "linear_cka", "one_step_operator", "path_distances"),
        *("procrustes", "rsa", "spectral_distance"),
        *("crossing_tubes", "inflating_tube", "parallel_tubes", "single_tube", "published_tubularity"),
    },
    "of spikes and files, tested by themselves": {
        *("open_responses", "responsive_classes", "spike_bandwidth", "spike_counts", "spike_rate"),
    },
    "of the encoding manifold, tested by themselves": {
        *(
            "activity_arm",
            "adaptive_neighborhoods",
            "choose_rank",
            "rank_choice",
            "degrees",
            "diffusion_map",
            "encoding_manifold",
        ),
        *("gabriel_graph", "graph_clusters", "leading_components", "local_dimension", "map_purity"),
        *("multiscale_kernel", "neural_matrix", "open_encoding_manifold", "permuted_factorization"),
        *("permuted_objective", "plot_rank_choice", "same_map_degrees", "stored_encoding_manifolds"),
        "weighted_degrees",
    },
    "of recordings, tested by themselves": {
        *("available_figures", "plot_comparison", "stage_comparison", "write_report"),
    },
}


def answer(name: str, hostile: str) -> str:
    """Return what a function does with an input: the words of its refusal, or nothing."""
    try:
        made = FUNCTIONS[name](HOSTILE[hostile]())
    except InvalidInput as refusal:
        said = (refusal.given, refusal.needed, refusal.remedy)
        return refusal.problem if any(part is not None for part in said) else "It says nothing to act on."
    values = made.data_vars.values() if isinstance(made, xr.Dataset) else [made]
    infinite = any(value.dtype.kind == "f" and bool(np.isinf(value).any()) for value in values)
    return "It returns an infinity." if infinite and hostile != "an infinite response" else ""


@cache
def answers(name: str) -> dict[str, str]:
    return {hostile: answer(name, hostile) for hostile in HOSTILE}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_answers_or_refuses_in_words(name: str) -> None:
    refused = answers(name)
    assert not {"It says nothing to act on.", "It returns an infinity."} & set(refused.values())
    for hostile in ("an array without labels", "a data set", "nothing"):
        assert refused[hostile] == "This is no labelled array."
    for hostile in ("words", "complex numbers"):
        assert refused[hostile] == "The values are no real numbers."
    if name not in ("smooth", "correlation"):
        for hostile in ("no dim time", "no dim unit", "a dim too many", "no frame"):
            assert refused[hostile], hostile
    for hostile in ("a time that is none", "a time that recurs"):
        assert refused[hostile] == "The times are not usable."
    assert HOSTILE.keys() == refused.keys()
    assert FUNCTIONS[name](responses()) is not None


DECODING = {
    "activity_dimension",
    "decoding_manifold",
    "decoding_manifold, diffusion",
    "decoding_trajectories",
}
ALIGNED = {"alignment", "alignment as published", "alignment of units"}
CLASSIFIED = {"classification_over_time"}
PARTS = {"selection_sweep", "subpopulation_scores"}
TUBES = {"tubularity", "tubularity, hdbscan", "tubularity_sensitivity"}
IN_SPACE = DECODING | ALIGNED | CLASSIFIED | PARTS | TUBES
ANGLES = IN_SPACE | {
    *("direction_tuning", "paper_selectivity", "paper_selectivity as published", "preferred_class"),
    *("response_tensor", "selectivity"),
}


@pytest.mark.parametrize(
    ("hostile", "by", "message"),
    [
        ("one class", CLASSIFIED, "too little to learn"),
        ("one class", {"tubularity", "tubularity_sensitivity"}, "several stimuli"),
        ("one class", {"alignment as published"}, "Too few conditions for the published prediction"),
        ("one class", {"alignment of units"}, "not shown the same stimuli"),
        ("one direction", CLASSIFIED, "too little to learn"),
        ("one direction", {"alignment"}, "No direction can be left out"),
        ("one direction", {"selectivity"}, "Too few directions"),
        ("one direction", {"paper_selectivity", "paper_selectivity as published"}, "eight directions"),
        ("one movie", TUBES, "several stimuli|One movie"),
        ("one movie", {"decoding_manifold", "decoding_manifold, diffusion"}, "too few movies"),
        ("one frame", TUBES | {"decoding_trajectories"}, "Too few frames"),
        ("two frames", TUBES | {"decoding_trajectories"}, "Too few frames"),
        ("two frames", {"unit_dynamics"}, "do not move in time"),
        ("one frame", {"alignment"}, "One frame does not move"),
        ("constant units", IN_SPACE, "No unit responds differently"),
        ("silent units", IN_SPACE, "No unit responds differently"),
        ("silent units", {"response_tensor"}, "No unit is left"),
        ("negative responses", IN_SPACE, "No unit responds differently"),
        ("negative responses", {"paper_selectivity"}, "not negative"),
        ("a missing response", IN_SPACE | {"response_tensor"}, "missing"),
        ("a missing unit", IN_SPACE | {"response_tensor"}, "missing"),
        ("a missing movie", IN_SPACE | {"response_tensor"}, "missing"),
        ("nothing but missing responses", IN_SPACE | {"response_tensor"}, "missing|No unit"),
        ("an infinite response", IN_SPACE | {"response_tensor"}, "infinite"),
        ("no unit", IN_SPACE | {"unit_measures", "unit_dynamics", "response_tensor"}, "unit|responses|dims"),
        ("no unit", {"paper_selectivity", "paper_selectivity as published"}, "no unit"),
        ("stimuli without names", IN_SPACE | {"response_tensor"}, "not named"),
        ("a stimulus named twice", IN_SPACE | {"response_tensor"}, "named twice"),
        ("directions without angles", ANGLES, "not known"),
        ("a direction without an angle", ANGLES, "not usable"),
        ("a direction shown twice", ANGLES, "not usable"),
        ("directions in words", ANGLES, "no numbers"),
        ("uneven directions", {"selectivity"}, "not evenly spread"),
        ("uneven directions", {"alignment of units"}, "not shown the same"),
    ],
)
def test_what_does_not_fit_is_named(hostile: str, by: set[str], message: str) -> None:
    for name in by:
        with pytest.raises(InvalidInput, match=message):
            FUNCTIONS[name](HOSTILE[hostile]())


@pytest.mark.parametrize("preset", ["corrected", "published-2025", "published-2026"])
def test_units_that_cannot_be_measured_are_unknown_and_the_others_as_they_were(preset: str) -> None:
    expected = population.unit_measures(responses().isel(unit=slice(1, None)), preset=preset)
    for hostile in ("a missing response", "a missing unit", "an infinite response"):
        spoilt = HOSTILE[hostile]()
        found = population.unit_measures(spoilt, preset=preset).isel(unit=slice(1, None))
        xr.testing.assert_allclose(found, expected)
        moved = population.unit_dynamics(spoilt, preset=preset)
        assert bool(moved["speed"].isel(unit=0, stimulus=0).isnull())
        assert not bool(moved.isel(unit=slice(1, None)).isnull().to_array().any())


def test_no_public_function_is_forgotten() -> None:
    tabled = {name.split(",")[0].split(" as ")[0].split(" of ")[0] for name in FUNCTIONS}
    known = tabled.union(*ELSEWHERE.values())
    public = {
        name
        for module in (manifolds, population)
        for name in module.__all__
        if callable(getattr(module, name)) and not isinstance(getattr(module, name), type)
    }
    assert known == public


def test_responses_that_were_not_averaged_have_no_selectivity() -> None:
    for function in (population.selectivity, population.preferred_class):
        with pytest.raises(InvalidInput, match="a dimension too many") as caught:
            function(responses())
        assert "direction_tuning" in str(caught.value)
