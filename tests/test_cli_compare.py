"""Stages are compared from the command line, and what cannot be compared is told before any long work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from napari_twinscope.cli import main
from napari_twinscope.manifolds import ComparisonOptions, stage_comparison
from napari_twinscope.recording import open_recording
from stage_recordings import DIRECTIONS, stage_responses, write_stages

STAGES = {"early": stage_responses(0), "late": stage_responses(1)}
FEW = ["--quick", "--bootstraps", "4", "--seed", "3"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stages") / "x.twinscope.zarr"
    write_stages(path, STAGES).close()
    return path


@pytest.fixture
def recording(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "x.twinscope.zarr")


def write_neurons(path: Path, stimuli: tuple[str, ...] = ("flow", "bar", "grating")) -> Path:
    np.savez(
        path,
        responses=stage_responses(5, units=10, stimuli=len(stimuli)),
        stimulus=stimuli,
        direction=DIRECTIONS,
        time=np.arange(12) / 30,
    )
    return path


def test_a_comparison_is_written_as_a_report(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    neurons = write_neurons(tmp_path / "v1.npz")
    report = tmp_path / "report"
    given = ["compare", str(recording), "--out", str(report), *FEW, "--population", f"V1={neurons}"]
    assert main(given) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == str(report / "index.html")
    assert all(name in printed.out for name in ("early", "late", "V1", "median_osi"))
    assert "10 to 24 units" in printed.err

    options = ComparisonOptions.quick(bootstraps=4, seed=3)
    manifest = json.loads((report / "options.json").read_text(encoding="utf-8"))
    assert manifest["options"] == options.to_dict()
    expected = stage_comparison(open_recording(recording), populations={"V1": neurons}, options=options)
    assert expected.seconds.query("population != 'V1' and part != 'encoding'")["found"].all()
    table = pd.read_csv(report / "tables" / "measures.csv")
    np.testing.assert_allclose(table["value"], expected.table["value"])
    page = (report / "index.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == len(list((report / "figures").glob("*.png"))) == 5


def test_parts_and_stages_can_be_chosen_and_the_report_is_replaced(recording: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    chosen = ["compare", str(recording), "--out", str(report), "--stages", "late", "--parts", "units"]
    for preset in ("corrected", "published-2026"):
        assert main([*chosen, "--preset", preset, "--stimuli", "all"]) == 0
        table = pd.read_csv(report / "tables" / "measures.csv")
        assert set(table["part"]) == {"units"}
        assert set(table["stage"]) == {"late"}
        assert preset in (report / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--stages", "liver"], "No recording holds this stage"),
        (["--parts", "liver"], "These parts are not to be had"),
        (["--alignments", "sympathy"], "These alignments are not to be had"),
        (["--bootstraps", "-1"], "The number of bootstraps does not fit"),
        (["--seed", "-1"], "The number of seed does not fit"),
        (["--stimuli", "first-six"], "takes stimuli by name"),
        (["--stimuli", "medium"], "Stimuli of the papers are missing"),
        (["--population", "V1"], "NAME=FILE"),
        (["--population", "V1=absent.npz"], "There are no responses to read"),
        (["--population", "late={neurons}"], "Two populations have one name"),
        (["--population", "V1={neurons}", "--population", "V1={neurons}"], "NAME=FILE"),
        (["--population", "V1={others}"], "not shown the same stimuli"),
    ],
)
def test_what_cannot_be_compared_is_told_before_anything_is_measured(
    recording: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    more: list[str],
    message: str,
) -> None:
    from napari_twinscope.manifolds.stages import comparison

    def measured(*_: object) -> None:
        raise AssertionError("something was measured")

    monkeypatch.setattr(comparison, "measure_part", measured)
    files = {
        "neurons": write_neurons(tmp_path / "v1.npz"),
        "others": write_neurons(tmp_path / "v2.npz", ("flow", "bar", "sky")),
    }
    words = [word.format(**files) for word in more]
    assert main(["compare", str(recording), "--out", str(tmp_path / "report"), *words]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_folder_of_the_users_is_refused(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("all of it")
    assert main(["compare", str(recording), "--out", str(mine)]) == 1
    assert "something other than a report" in capsys.readouterr().err
    assert main(["compare", str(tmp_path / "no.twinscope.zarr"), "--out", str(tmp_path / "new")]) == 1
    assert main(["compare", str(recording), "--out", str(tmp_path / "absent" / "report")]) == 1
