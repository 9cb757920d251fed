"""A published figure is reproduced on a small recording, and its statements rest on what was measured."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from stage_recordings import stage_responses, write_stages

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def script() -> Any:
    places = [str(DOCS / "reproduction"), str(DOCS)]
    sys.path[:0] = places
    try:
        yield importlib.import_module("tubularity")
    finally:
        for place in places:
            sys.path.remove(place)


def test_tubularity_by_stage_is_drawn_and_judged_by_its_intervals(script: Any, tmp_path: Path) -> None:
    stages = {
        name: stage_responses(seed, units=16, stimuli=11)
        for seed, name in enumerate(("inputs0", "recurrent"))
    }
    path = tmp_path / "x.twinscope.zarr"
    recording = write_stages(path, stages, papers=True)
    page = shutil.copy(DOCS / "reproduction.md", tmp_path / "page.md")
    images = tmp_path / "figures"
    given = ["--recording", str(path), "--page", str(page), "--images", str(images), "--draws", "4"]
    script.main(given)
    text = page.read_text(encoding="utf-8")
    assert "![tubularity by stage](figures/tubularity.png)" in text
    assert (images / "tubularity.png").stat().st_size > 5000

    found, values, told = script.describe(recording, 4)
    assert values in text
    pair = found.tubularity_differences.query("measure == 's_tight'").iloc[0]
    assert (pair["population"], pair["other"]) == ("inputs0", "recurrent")
    first, *others = told
    expected = (pair["upper"] < 0, pair["lower"] > 0)  # the difference of inputs0 less recurrent
    assert first.holds == {(False, False): None, (False, True): True, (True, False): False}[expected]
    assert f"{-pair['difference']:+.3f}" in first.numbers
    assert [one.holds for one in others] == [None, None]
    assert "L1 is tighter than L8" in others[0].text
