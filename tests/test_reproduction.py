"""Published figures are reproduced on a small recording, and what is said rests on what was measured."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.recording import Sampling
from stage_recordings import stage_responses, write_stages

REPRODUCTION = Path(__file__).parents[1] / "docs" / "reproduction"
STAGES = ("inputs0", "recurrent", "output")
PAGES = (
    "encoding",
    "ranks",
    "distances",
    "decoding",
    "classification",
    "tubularity",
    "simulations",
    "selectivity",
    "dynamics",
    "activation",
    "subpopulations",
    "alignment",
)
SMALLER = {"draws": 2, "shuffles": 2, "rank_restarts": 1, "ranks": 4, "stages": STAGES}


@pytest.fixture(scope="module")
def scripts() -> Any:
    """Return what imports a script of the folder."""
    places = [str(REPRODUCTION), str(REPRODUCTION.parent)]
    sys.path[:0] = places
    before = set(sys.modules)
    try:
        yield importlib.import_module
    finally:
        for place in places:
            sys.path.remove(place)
        for name in set(sys.modules) - before:  # their names are common words
            if str(REPRODUCTION) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def written(folder: Path, name: str, seed: int) -> Path:
    stages = {
        stage: stage_responses(seed + place, units=12, stimuli=11, frames=9)
        for place, stage in enumerate(STAGES)
    }
    write_stages(folder / f"{name}.twinscope.zarr", stages, papers=True).close()
    return folder / f"{name}.twinscope.zarr"


@pytest.fixture(scope="module")
def out(scripts: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which everything was reproduced by one command."""
    folder = tmp_path_factory.mktemp("reproduced")
    reproduce = scripts("reproduce")
    reproduce.SMALL = reproduce.replace(reproduce.SMALL, **SMALLER)
    given = ["--recording", written(folder, "x", 0), "--control", written(folder, "untrained", 7)]
    neurons = stage_responses(20, units=10, stimuli=6, frames=9)
    names = ["LF-grating", "HF-grating", "−1dot", "−3dot", "+1dot", "+3dot"]
    np.savez(
        folder / "v1.npz",
        responses=neurons,
        stimulus=names,
        direction=np.arange(8) * 45.0,
        time=np.arange(9) / 30,
    )
    given += ["--population", f"V1={folder / 'v1.npz'}", "--small", "--out", folder / "pages"]
    scripts("reproduce_all").main([str(word) for word in given])
    return folder / "pages"


def found(out: Path, page: str) -> str:
    text = (out / f"{page}.md").read_text(encoding="utf-8")
    return text.partition("<!-- found -->")[2].partition("<!-- end of found -->")[0]


def test_every_script_has_a_page_in_the_list(scripts: Any) -> None:
    common = {"reproduce", "reproduce_all", "statements", "drawing"}
    assert {path.stem for path in REPRODUCTION.glob("*.py")} - common == set(PAGES)
    assert scripts("reproduce").ORDER == PAGES
    listed = found(REPRODUCTION, "README")
    for page in PAGES:
        assert f"({page}.md)" in listed
        assert f"docs/reproduction/{page}.py" in (REPRODUCTION / f"{page}.md").read_text(encoding="utf-8")
        assert "demo" in found(REPRODUCTION, page)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_pictures_and_no_number_that_is_none(out: Path, page: str) -> None:
    text = found(out, page)
    pictures = re.findall(r"\]\((images/[^)]+)\)", text)
    assert pictures
    for picture in pictures:
        assert 3000 < (out / picture).stat().st_size < 150_000
    assert not re.search(r"\bnan\b|\binf\b|None|<xarray", text)
    assert len(re.findall(r"\d\.\d", text)) > 5
    assert re.search(r"\| \*\*(holds|does not hold|undecided|cannot be told)\*\* \|", text)


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_pictures_are_small(page: str) -> None:
    for picture in re.findall(r"\]\((images/[^)]+)\)", found(REPRODUCTION, page)):
        assert (REPRODUCTION / picture).stat().st_size < 150_000


def test_the_list_holds_every_statement_of_every_page(out: Path) -> None:
    known = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    assert set(known) == set(PAGES)
    listed = found(out, "README")
    for page, entry in known.items():
        for one in entry["statements"]:
            row = f"| {one['text']} | {one['source']} | **{one['answer']}** | {one['numbers']} |"
            assert row in listed
            assert row in found(out, page)


def test_what_needs_neurons_or_stages_that_are_not_there_cannot_be_told(out: Path) -> None:
    known = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    answers = {one["text"]: one for entry in known.values() for one in entry["statements"]}
    retina = next(one for text, one in answers.items() if text.startswith("retina is tighter"))
    assert retina["answer"] == "cannot be told"
    assert "--population retina=FILE" in retina["numbers"]
    v1 = next(one for text, one in answers.items() if text.startswith("V1 is tighter"))
    assert v1["answer"] != "cannot be told"
    assert answers["L8 is the loosest stage"]["answer"] == "cannot be told"


def test_uncertain_values_are_called_so(out: Path) -> None:
    known = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    for page in ("tubularity", "classification"):
        for one in known[page]["statements"]:
            assert "uncertain" in one["source"] or one["source"] == "public code"
        assert "*uncertain*" in found(out, page)


def steady(noise: float, seed: int) -> np.ndarray:
    """Return responses whose trajectories are tubes as wide as the noise."""
    random = np.random.default_rng(seed)
    bundle = random.normal(size=(20, 11, 1, 1)) * np.linspace(0, 1, 12) + 2
    return (bundle + noise * random.normal(size=(20, 11, 8, 12))).astype(np.float32)


@pytest.mark.parametrize(("first", "answer"), [("recurrent", "holds"), ("inputs0", "does not hold")])
def test_the_order_of_stages_follows_their_trajectories(
    scripts: Any, tmp_path: Path, first: str, answer: str
) -> None:
    other = {"recurrent": "inputs0", "inputs0": "recurrent"}[first]
    stages = {first: steady(0.05, 0), other: steady(0.8, 1)}
    recording = write_stages(tmp_path / "x.twinscope.zarr", stages, papers=True)
    reproduce, tubularity = scripts("reproduce"), scripts("tubularity")
    subject = reproduce.Subject(recording, reproduce.replace(reproduce.SMALL, draws=4))
    compared = subject.compared("tubularity", stages=tubularity.SHOWN)
    told, numbers = tubularity.ordered(compared, "s_tight", [("recurrent", "inputs0")])
    assert told == answer
    low, high, apart = tubularity.difference(compared, "s_tight", "recurrent", "inputs0")
    scores = compared.wide["s_tight"]
    assert apart == pytest.approx(scores["recurrent"] - scores["inputs0"])
    assert f"{apart:+.3f} ({low:+.3f} to {high:+.3f})" in numbers
    assert (high < 0) == (answer == "holds")


def test_the_order_of_stages_follows_what_they_tell_apart(scripts: Any) -> None:
    classification = scripts("classification")
    random = np.random.default_rng(0)

    def stage(noise: float) -> xr.Dataset:
        values = np.eye(11)[:, :, None, None] + noise * random.normal(size=(11, 11, 8, 3))
        coords = {"stimulus": [f"s{n}" for n in range(11)], "direction": np.arange(8) * 45.0}
        responses = xr.DataArray(values, dims=("unit", "stimulus", "direction", "time"), coords=coords)
        how = classification.ClassificationOptions(
            "corrected", "neighbors", ("growing", "shrinking"), stimuli="all"
        )
        return classification.classification_over_time(responses, how)

    clear, noisy = stage(0.1), stage(3.0)

    def answers(recurrent: xr.Dataset, output: xr.Dataset) -> dict[str, str]:
        told = classification.statements(
            {"network": {"logistic": {"recurrent": recurrent, "output": output}}}
        )
        return {one.text: one.answer for one in told}

    right, wrong = answers(clear, noisy), answers(noisy, clear)
    assert right["Rec, RecOut and Readout are above Output"] == "holds"
    assert wrong["Rec, RecOut and Readout are above Output"] == "does not hold"
    assert right["Rec is above L1"] == "cannot be told"
    assert answers(clear, clear)["Rec, RecOut and Readout are above Output"] == "undecided"


def test_the_demonstration_twin_is_recorded_once_with_its_control_and_its_cells(
    scripts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reproduce = scripts("reproduce")
    shown = reproduce.protocol("paper")
    short = shown.subset(stimuli=shown.names[:2], directions=(0, 90))
    monkeypatch.setattr(reproduce, "protocol", {"paper": short}.__getitem__)
    effort = reproduce.Effort(
        sampling=Sampling("uniform", maps=1, units_per_map=4), frames=3, instances=1, stages=("output",)
    )
    made = reproduce.recorded("demo", tmp_path / "kept", effort)
    assert {who: one.twin_id for who, one in made.items()} == {
        "network": "demo",
        "control": "untrained",
        "cells": "simulated",
    }
    sizes = [dict(one.responses("output").sizes) for one in made.values()]
    units = [size.pop("unit") for size in sizes]
    assert sizes == 3 * [{"stimulus": 2, "direction": 2, "time": 3}]
    assert units[:2] == [4, 4]
    assert units[2] == 300  # every simulated cell
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    again = reproduce.recorded("demo", tmp_path / "kept", effort)
    assert {one.path for one in again.values()} == {one.path for one in made.values()} == set(times)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()} == times


def test_the_pages_of_this_folder_are_not_overwritten_by_another_network(
    scripts: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in (["--small"], ["--twin", "file:core.pt,scan.pt"], ["--recording", "x.twinscope.zarr"]):
        with pytest.raises(SystemExit):
            scripts("tubularity").PAGE.main(given)
        assert "--out" in capsys.readouterr().err
