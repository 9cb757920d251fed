from __future__ import annotations

from typing import Any

import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import EncodingOptions
from napari_twinscope.population import TensorOptions
from napari_twinscope.stimuli import protocol


def test_the_defaults_are_the_corrected_choices_of_the_papers() -> None:
    options = EncodingOptions()
    assert options.preset == "corrected"
    assert (options.variance, options.alpha, options.n_components) == (0.8, 1.0, 20)
    assert (options.objective, options.n_stds, options.max_prune) == ("l1", 4.5, 0.1)
    assert (options.farthest, options.closest, options.cluster_size) == (0, 0, 10)


@pytest.mark.parametrize(
    ("made", "preset", "left_out"),
    [
        (EncodingOptions.published_2025, "published-2025", (3, 10)),
        (EncodingOptions.published_2026, "published-2026", (2, 5)),
    ],
)
def test_a_published_preset_leaves_out_as_many_outliers_as_published(
    made: Any, preset: str, left_out: tuple[int, int]
) -> None:
    options = made(rank=9)
    assert (options.preset, options.rank, options.restarts) == (preset, 9, 50)
    assert (options.farthest, options.closest) == left_out
    assert made(restarts=30).restarts == 30


def test_options_survive_json_and_their_hash_tells_them_apart() -> None:
    options = EncodingOptions.published_2026(rank=5, cluster_components=4)
    assert EncodingOptions.from_json(options.to_json()) == options
    assert options.hash != EncodingOptions.published_2026(rank=6, cluster_components=4).hash


@pytest.mark.parametrize(
    ("recorded", "stimuli"),
    [("paper", "per-unit"), ("paper-6-medium", "medium"), ("paper-6-high", "high"), ("flash", "all")],
)
def test_the_stimuli_are_those_that_were_recorded(recorded: str, stimuli: str) -> None:
    options = EncodingOptions.for_stimuli(protocol(recorded).names, restarts=4)
    assert (options.tensor.stimuli, options.restarts) == (stimuli, 4)


def test_a_preset_that_cannot_take_the_stimuli_says_so() -> None:
    with pytest.raises(InvalidInput, match="2025 fails"):
        EncodingOptions.for_stimuli(["bar"], "published-2025")
    with pytest.raises(InvalidInput, match="no such preset"):
        EncodingOptions.for_stimuli(["bar"], "published-2027")


@pytest.mark.parametrize(
    "wrong",
    [
        {"rank": 0},
        {"rank": 2.5},
        {"restarts": 0},
        {"restarts": True},
        {"seed": -1},
        {"ranks": (5, 5)},
        {"ranks": (5,)},
        {"ranks": (1, 9)},
        {"ranks": (4, 5)},
        {"variance": 1.0},
        {"variance": 0.0},
        {"farthest": -1},
        {"objective": "l2"},
        {"stdev_method": "C4"},
        {"kernel_statistic": "mode"},
        {"n_stds": float("nan")},
        {"max_prune": 0},
        {"max_prune": 1.5},
        {"n_components": 0},
        {"alpha": float("inf")},
        {"dimension_order": 0},
        {"cluster_components": 0},
        {"cluster_size": 1},
        {"nearest": 1},
        {"tensor": "corrected"},
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        EncodingOptions(**wrong)


@pytest.mark.parametrize(
    "right", [{"max_prune": 3}, {"max_prune": None}, {"variance": None}, {"kernel_statistic": None}]
)
def test_values_at_the_edge_are_taken(right: dict[str, Any]) -> None:
    assert EncodingOptions(**right).to_dict() | right == EncodingOptions(**right).to_dict()


def test_the_preset_is_that_of_the_tensor() -> None:
    assert EncodingOptions(tensor=TensorOptions("published-2026")).preset == "published-2026"
