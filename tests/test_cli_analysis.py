from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from encoding_recordings import STAGE, on_a_line, write_recording
from napari_twinscope.cli import main
from napari_twinscope.manifolds import open_encoding_manifold
from napari_twinscope.recording import open_recording

SMALL = ("--stage", STAGE, "--rank", "3", "--restarts", "2", "--device", "cpu")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "x.twinscope.zarr", on_a_line(24)).path


def test_a_manifold_is_reported_stored_and_written_as_a_table(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    assert main(["manifold", str(place), *SMALL, "--out", str(table)]) == 0
    told = capsys.readouterr()
    assert "24 on the map, of 24 recorded" in told.out
    assert re.search(r"^  restarts +2, [0-2] converged", told.out, re.MULTILINE)
    assert str(table) in told.out
    stored = open_encoding_manifold(open_recording(place), STAGE)
    assert (stored.rank, stored.options.restarts, stored.preset) == (3, 2, "corrected")
    written = pd.read_csv(table, index_col="unit")
    np.testing.assert_allclose(written["coordinate_1"], stored.coordinates.values[:, 0])
    assert {"unit_id", "dropped", "cluster", "preferred_class", "factor_3"} <= set(written.columns)

    assert main(["manifold", str(place), *SMALL]) == 0
    assert "found in the recording" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stage", "liver"], "liver"),
        (["--stage", STAGE, "--rank", "0"], "rank"),
        (["--stage", STAGE, "--rank", "30", "--restarts", "1"], "fewer units than components"),
        (["--stage", STAGE, "--stimuli", "medium"], "Stimuli of the papers are missing"),
        (["--stage", STAGE, "--preset", "published-2025"], "2025 fails"),
        (["--stage", STAGE, "--out", "absent/table.csv"], "absent"),
        (["--stage", STAGE, "--out", "table.xlsx"], "NAME.csv"),
        (["--stage", STAGE, "--device", "cuda:7"], "cuda:7"),
    ],
)
def test_what_cannot_be_done_is_explained(
    place: Path,
    tmp_path: Path,
    words: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["manifold", str(place), *words]) == 1
    assert message in capsys.readouterr().err


def test_what_could_not_be_stored_is_said_on_the_terminal(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from napari_twinscope.manifolds.encoding import chain as encoding_chain

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(encoding_chain, "write_analysis", refuse)
    assert main(["manifold", str(place), *SMALL]) == 0
    assert "Read-only file system" in capsys.readouterr().err


def test_there_must_be_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifold", str(tmp_path / "x.twinscope.zarr"), "--stage", STAGE]) == 1
    assert "no recording" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["x.twinscope.zarr"], ["x.twinscope.zarr", "--preset", "mine"]])
def test_wrong_usage_has_exit_code_two(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["manifold", *words])
    assert stop.value.code == 2
