"""The page on the errors of the public code is filled with what they do to the recording at hand."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from napari_twinscope.twins import load_twin
from napari_twinscope.twins.readout import Feature
from stage_recordings import stage_responses, write_stages

DOCS = Path(__file__).parents[1] / "docs"
IN_FIGURES = {13, 14, 15, 16, 20}
"""Those that no preset has."""


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(DOCS))
    try:
        yield importlib.import_module("published_errors")
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def measured(script: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("recordings") / "x.twinscope.zarr"
    random = np.random.default_rng(0)
    stages = {
        name: stage_responses(place, units=24, stimuli=11, frames=37) + random.gamma(1.0, size=(24, 1, 1, 1))
        for place, name in enumerate(("recurrent", "recurrent_out", *script.ENCODER.values()))
    }
    recording = write_stages(path, stages, papers=True)

    class OfThisRecording(script.Effects):  # whose twin is none that the catalogue knows
        twin = load_twin("demo")

        def movies(self) -> np.ndarray:
            return random.integers(0, 255, size=(2, 8, 3, 144, 256), dtype=np.uint8)

    made: dict[str, str] = OfThisRecording(recording, "recurrent", "recurrent_out", draws=4).measured()
    return made


def numbers(text: str) -> list[float]:
    return [float(one.rstrip(".")) for one in re.findall(r"-?\d[\d.e-]*", text)]


def test_every_error_has_a_section_and_all_that_can_be_are_measured(measured: dict[str, str]) -> None:
    page = (DOCS / "published-errors.md").read_text(encoding="utf-8")
    assert [int(n) for n in re.findall(r"^## (\d+)\. ", page, re.MULTILINE)] == list(range(1, 22))
    assert set(measured) == {f"error {n}" for n in range(1, 22)}
    for n in range(1, 22):
        section = re.split(rf"^## {n}\. ", page, flags=re.MULTILINE)[1].split("\n## ")[0]
        block = re.search(rf"<!-- error {n} -->\n(.*)\n<!--", section)
        assert block is not None
        assert len(block[1]) > 40
        preset = re.search(r"preset|published-20|--sampling published", section)
        assert "**Here**" in section
        assert n in IN_FIGURES or preset


def test_effects_that_do_not_depend_on_the_network_are_as_they_must_be(measured: dict[str, str]) -> None:
    assert measured["error 1"].startswith("Of six names 4 are wrong in the first six and 3 in the first")
    assert "differ by at most 0." in measured["error 4"]
    assert measured["error 6"].endswith("corrected, the same twice.")
    bars = [float(one) for one in re.findall(r" (0\.\d+)", measured["error 7"])]
    ratios = np.divide(bars[1::2], bars[::2])
    np.testing.assert_allclose(ratios, [10, 30**0.5, 1], rtol=0.05)
    assert "0.20 times as wide" in measured["error 11"]
    assert "corrected 1.000" in measured["error 18"]
    published, corrected = numbers(measured["error 19"].split("CCA")[1])[0::2]
    assert published > 0.1 > corrected


def test_a_page_is_filled_between_its_markers_and_one_without_is_refused(script: Any, tmp_path: Path) -> None:
    page = shutil.copy(DOCS / "published-errors.md", tmp_path / "page.md")
    before = page.read_text(encoding="utf-8")
    script.fill_blocks(page, {"error 7": "what was found"})
    after = page.read_text(encoding="utf-8")
    assert "<!-- error 7 -->\nwhat was found\n<!-- end of error 7 -->" in after
    assert after.split("<!-- error 7 -->")[0] == before.split("<!-- error 7 -->")[0]
    with pytest.raises(ValueError, match="no markers of the block error 22"):
        script.fill_blocks(page, {"error 22": "nothing"})


def test_the_errors_of_figures_are_as_they_were_made(measured: dict[str, str]) -> None:
    assert measured["error 13"].count("instead of") == 4
    assert "has 2 convolutions: the third is not there" in measured["error 14"]
    assert float(re.search(r"from (-\d+\.\d+) to", measured["error 14"])[1]) < -1  # type: ignore[index]
    assert float(re.search(r"receives (-\d+\.\d+) to", measured["error 14"])[1]) > -0.3  # type: ignore[index]
    assert "one stream" in measured["error 15"]
    assert re.search(r"correlates by -?0\.\d\d with", measured["error 16"])
    share = float(re.search(r"puts (\d+)%", measured["error 20"])[1])  # type: ignore[index]
    assert 50 < share <= 100
    assert measured["error 21"].count("instead of") == 2


def test_copies_of_one_stream_are_not_all_streams(script: Any) -> None:
    network = torch.nn.Module()
    network.readout = torch.nn.Module()
    network.readout.feature = Feature(units=20, streams=4, channels=6)
    generator = torch.Generator().manual_seed(0)
    for weight in network.readout.feature.weights:
        torch.nn.init.normal_(weight, generator=generator)
    with torch.no_grad():
        network.readout.feature.weights[0].mul_(2)

    class OfThisNetwork(script.FigureErrors):
        twin = SimpleNamespace(network=network)

    said = OfThisNetwork().error_15()
    share, alike, count = re.search(  # type: ignore[union-attr]
        r"holds (\d+)% .* by (0\.\d+) with .* all (\d+) features", said
    ).groups()
    assert 50 < int(share) < 64  # four of seven
    assert 0.3 < float(alike) < 0.95
    assert count == "24"
