"""The network that is shipped is the one that its card describes, and does what the card says."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from napari_twinscope.training.demo_card import model_card
from napari_twinscope.training.recipe import DemoRecipe
from napari_twinscope.training.validation import Validation
from napari_twinscope.twins.demo import CONFIG, demo_cells, demo_twin

DATA = files("napari_twinscope") / "data"
QUICK = "paper-6-high"


@pytest.fixture(scope="module")
def stated() -> dict[str, Any]:
    stated: dict[str, Any] = json.loads((DATA / "demo.json").read_text("utf-8"))
    return stated


def test_the_weights_are_small() -> None:
    assert len((DATA / "demo.safetensors").read_bytes()) < 3e6


def test_the_weights_are_those_that_the_card_names(stated: dict[str, Any]) -> None:
    twin = demo_twin()
    assert twin.checksum == stated["checksum"]
    assert twin.network.config == CONFIG
    assert demo_cells().checksum == stated["cells"]


def test_the_card_says_what_was_measured(stated: dict[str, Any]) -> None:
    assert (DATA / "demo.md").read_text("utf-8") == model_card(stated)


def test_the_recipe_is_the_default_one(stated: dict[str, Any]) -> None:
    assert DemoRecipe.from_dict(stated["recipe"]) == DemoRecipe()


def test_a_quick_evaluation_finds_the_scores_of_the_card(stated: dict[str, Any]) -> None:
    found = Validation(demo_cells(), DemoRecipe().frames, (QUICK,)).check(demo_twin().network)
    assert {name for name in found if name.startswith(QUICK)}
    for name, value in found.items():
        assert value == pytest.approx(stated["result"][name], abs=0.01), name


def test_the_network_has_learned(stated: dict[str, Any]) -> None:
    result = stated["result"]
    assert result["natural"] > 0.7
    assert result[f"{QUICK} direction"] > 0.8
