"""A report holds what was compared and how, and writes over nothing that is not its own."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    ComparisonOptions,
    StageComparison,
    available_figures,
    plot_comparison,
    stage_comparison,
    write_report,
)
from napari_twinscope.manifolds.stages.report import tables
from stage_recordings import stage_responses, write_stages

FEW = ComparisonOptions(step=4, bootstraps=4, alignment_bootstraps=4, shuffles=4, unit_bootstraps=50)
SILENT = stage_responses(2)
SILENT[:, 1] = -1.0


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> StageComparison:
    path = tmp_path_factory.mktemp("stages") / "x.twinscope.zarr"
    stages = {"early": stage_responses(0), "late <b>": stage_responses(1), "dark": SILENT}
    return stage_comparison(write_stages(path, stages), options=FEW)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StageComparison:
    path = tmp_path_factory.mktemp("stages") / "x.twinscope.zarr"
    made = write_stages(path, {name: stage_responses(seed) for seed, name in enumerate(("early", "late"))})
    return stage_comparison(made, options=replace(FEW, parts=("units",), seed=1))


@pytest.fixture(scope="module")
def report(comparison: StageComparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(comparison, tmp_path_factory.mktemp("reports") / "report").parent


class Outline(HTMLParser):
    """Collects the text of a page by tag, and checks that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.text.setdefault(self.open[-1], []).append(data.strip())


def test_the_page_tells_what_was_compared_how_and_from_where(
    comparison: StageComparison, report: Path
) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    headings = outline.text["h2"]
    for title in ("Decoding over time", "Tubularity", "All measures", "Options", "Provenance"):
        assert title in headings
    assert "<b>corrected</b>" in page
    assert comparison.options.hash in page
    assert "late &lt;b&gt;" in page
    assert "late <b>" not in page
    assert 'src="http' not in page
    for notice in comparison.notices:
        assert notice.replace("'", "&#x27;").replace("<", "&lt;").replace(">", "&gt;") in page


def test_what_is_not_defined_is_said(comparison: StageComparison) -> None:
    notices = "\n".join(comparison.notices)
    assert "dark: tubularity: flow left out, of which no movie moves." in notices
    assert "The alignment rsa is not defined for dark" in notices
    assert "No encoding manifold (corrected) is kept of early, late <b>, dark" in notices


def test_the_tables_hold_the_comparison(comparison: StageComparison, report: Path) -> None:
    for name, table in tables(comparison).items():
        read = pd.read_csv(report / "tables" / f"{name}.csv")
        assert list(read.columns) == list(table.columns)
        for column in table.select_dtypes(float):
            np.testing.assert_allclose(read[column], table[column])
    assert {"measures", "alignment", "decoding_over_time", "tubularity_differences"} <= set(
        tables(comparison)
    )


def test_every_figure_can_be_drawn_by_itself(comparison: StageComparison, report: Path) -> None:
    names = available_figures(comparison)
    assert names == ("units", "dimension", "decoding", "tubularity", "alignment")
    for name in names:
        figure = plot_comparison(comparison, name, width=6)
        assert figure.get_size_inches()[0] == 6
        assert (report / "figures" / f"{name}.png").stat().st_size > 5000
        assert (report / "figures" / f"{name}.svg").is_file()
    with pytest.raises(InvalidInput, match="no such figure"):
        plot_comparison(comparison, "encoding")


def test_the_figure_of_alignment_draws_each_score_and_marks_what_is_not_defined(
    comparison: StageComparison,
) -> None:
    panels = plot_comparison(comparison, "alignment").axes
    rsa = next(panel for panel in panels if panel.get_title().startswith("RSA"))
    written = {tuple(map(int, text.get_position())): text.get_text() for text in rsa.texts}
    assert written[2, 0] == written[2, 2] == "–"
    assert comparison.alignment is not None
    score = float(comparison.alignment["score"].sel(alignment="rsa")[0, 1])
    assert written[1, 0] == f"{score:.2f}".replace("0.", ".", 1)


def test_a_later_report_replaces_an_earlier_one_and_keeps_what_was_added(
    small: StageComparison, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    write_report(small, folder)
    (folder / "notes.txt").write_text("mine")
    write_report(replace(small, options=replace(small.options, seed=9)), folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert json.loads((folder / "options.json").read_text())["options"]["seed"] == 9
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_files_that_were_changed_or_are_not_of_a_report_stay(small: StageComparison, tmp_path: Path) -> None:
    folder = write_report(small, tmp_path / "report").parent
    (folder / "index.html").write_text("annotated")
    with pytest.raises(InvalidInput, match="changed since it was written") as error:
        write_report(small, folder)
    assert error.value.given == "index.html"
    assert (folder / "index.html").read_text() == "annotated"
    other = tmp_path / "other"
    other.mkdir()
    (other / "options.json").write_text("{}")
    with pytest.raises(InvalidInput, match="something other than a report"):
        write_report(small, other)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_report(small, tmp_path / "file")


def test_a_report_that_cannot_be_written_leaves_the_earlier_one(
    small: StageComparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_twinscope.manifolds.stages import report as module

    folder = write_report(small, tmp_path / "report").parent
    before = (folder / "index.html").read_bytes()

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "report_page", full)
    with pytest.raises(OSError, match="No space"):
        write_report(small, folder)
    assert (folder / "index.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
