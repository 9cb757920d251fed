"""The command that says what the demonstration twin is worth runs, on little, and finds what is there."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_twinscope.stimuli import protocol
from napari_twinscope.twins.simulated import SimulatedCortex, draw_cells

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(DOCS))
    try:
        yield importlib.import_module("demo_twin_figures")
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def decoding(script: Any) -> Any:
    return script.decoding


@pytest.fixture
def least(script: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Show what can be shown in seconds."""
    effort = replace(
        script.QUICK,
        clips=2,
        clip_frames=16,
        seen_frames=12,
        left_out_frames=12,
        frames=12,
        instances=2,
        stages=("readout", "output"),
    )
    monkeypatch.setattr(script, "QUICK", effort)
    monkeypatch.setitem(script.figures.STYLE, "savefig.dpi", 30)
    return effort


def test_the_quick_command_writes_every_figure_and_the_scores(
    script: Any, least: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = script.PAGE.read_text(encoding="utf-8")
    assert script.main(["--out", str(tmp_path), "--quick"]) == 0
    assert "scores.json" in capsys.readouterr().out
    assert {path.stem for path in tmp_path.glob("*.png")} == {
        "held-out",
        "left-out-plaid",
        "positions",
        "preferred-direction",
        "selectivity-paper-6-physiologist",
        "selectivity-preferred",
        "stages",
        "tuning-curves",
    }
    results = json.loads((tmp_path / "scores.json").read_text())
    assert results["held-out"]["n"] + results["held-out"]["undefined"] == 300
    assert -1 <= results["left-out"]["plaid"]["median"] <= 1
    assert set(results["seen"]) == {"training clips", "clips like those of training"}
    bands = results["held-out"]["median_by_frequency"]
    assert bands["above 0.12"]["ON and OFF"] is None  # there are none
    assert bands["below 0.06"]["complex"] > bands["above 0.12"]["simple"]
    reliability = results["tuning"]["paper-6-physiologist"]["reliability"]
    assert reliability["LF-grating"]["osi"] == pytest.approx(1)  # its instances are the same movie
    assert 0 < reliability["−3dot"]["osi"] < 1
    assert set(results["tuning"]) == set(least.tuning)
    assert results["stages"]["chance"] == 1 / 16
    assert results["positions"]["median"] >= 0
    assert script.PAGE.read_text(encoding="utf-8") == before  # a quick run is none to be cited
    page = tmp_path / "page.md"
    page.write_text(before, encoding="utf-8")
    script.fill_page(page, tmp_path, results)
    text = page.read_text(encoding="utf-8")
    assert number(results["held-out"]["median"]) in text
    assert "![held out](./held-out.png)" in text
    script.fill_page(page, tmp_path, results)
    assert page.read_text(encoding="utf-8") == text  # filled in again, not twice


def number(value: float) -> str:
    return f"{value:.2f}"


def test_the_cells_themselves_would_be_a_perfect_twin(script: Any, tmp_path: Path) -> None:
    cells = draw_cells(20, seed=1)
    effort = replace(script.QUICK, frames=20)
    evaluation = script.Evaluation(SimulatedCortex(cells=cells), cells, effort, tmp_path, tmp_path)
    evaluation.tuning()
    evaluation.positions()
    tuning = evaluation.results["tuning"]["paper-6-physiologist"]
    assert tuning["classes"]["preferred class"]["osi_pearson"] == pytest.approx(1)
    assert tuning["direction_error_of_all_selective_cells"]["within"] == 1
    fine = tuning["osi_of_fine_cells"]["LF-grating"]
    assert fine["twin"] == pytest.approx(fine["cells"])
    assert evaluation.results["positions"]["median"] == 0


def test_instances_differ_in_every_class_and_direction(script: Any) -> None:
    whole = replace(protocol("paper-6-physiologist"), frames=2)
    first, second = script.instances_apart(whole, 2)
    for stimulus in (0, 3):
        movies = [one.movie(stimulus, d, 0) for one in (first, second) for d in (0, 4)]
        assert len({movie.tobytes() for movie in movies}) == 4


@pytest.mark.parametrize("decoder", ["nearest neighbour", "logistic regression"])
def test_decoding_finds_what_is_there_and_nothing_else(decoding: Any, decoder: str) -> None:
    rng = np.random.default_rng(0)
    conditions = rng.normal(size=(12, 30))
    told = decoding.score([conditions + 0.1 * rng.normal(size=(12, 30)) for _ in range(3)], decoder)
    assert told["accuracy"] == 1
    guessed = decoding.score([rng.normal(size=(12, 30)) for _ in range(3)], decoder)
    assert guessed["low"] < 1 / 12 < guessed["high"]
    assert guessed["n"] == 36
    assert decoding.score([np.ones((12, 3))] * 3, decoder) is None


def test_an_interval_is_wilson_s(decoding: Any) -> None:
    from scipy.stats import binomtest

    for successes in (0, 7, 36):
        expected = binomtest(successes, 36).proportion_ci(0.95, method="wilson")
        assert decoding.wilson(successes, 36) == pytest.approx((expected.low, expected.high), abs=1e-4)
