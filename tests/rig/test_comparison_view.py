"""The dock "Compare stages" without a window: its options, its table and its figures."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import ComparisonOptions, available_figures, plot_comparison, stage_comparison
from napari_twinscope.manifolds.stages.options import PARTS
from napari_twinscope.rig.comparison_view import (
    NONE,
    PART_NAMES,
    TABLE,
    Cell,
    ComparisonDraft,
    cell_of,
    figure_pixels,
    read_population,
    table_rows,
    views_of,
)
from napari_twinscope.rig.figure_pixels import PER_INCH, dress

sys.path.insert(0, str(Path(__file__).parents[1]))
from stage_recordings import DIRECTIONS, stage_responses, write_stages

DARK, LIGHT = (0.14, 0.14, 0.17), (0.9, 0.9, 0.9)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    path = tmp_path_factory.mktemp("stages") / "x.twinscope.zarr"
    recording = write_stages(path, {"early": stage_responses(0), "late": stage_responses(1)})
    options = ComparisonOptions.quick(parts=("units", "trajectories", "alignment"))
    yield stage_comparison(recording, options=options)
    recording.close()


def test_every_part_of_a_comparison_can_be_chosen():
    assert tuple(PART_NAMES) == PARTS


def test_a_draft_becomes_options():
    assert ComparisonDraft().options() == ComparisonOptions.quick()
    thorough = ComparisonDraft(parts=("units",), preset="published-2026", quick=False)
    assert thorough.options() == ComparisonOptions("published-2026", parts=("units",))
    with pytest.raises(InvalidInput, match="Nothing is to be measured"):
        ComparisonDraft(parts=()).options()


def test_the_table_has_all_measures_below_their_parts(comparison):
    rows = table_rows(comparison)
    measured = [row for row in rows if row.cells]
    headings = [row.title for row in rows if not row.cells]
    assert headings == [PART_NAMES["units"][0], PART_NAMES["trajectories"][0]]
    assert len(measured) == len(comparison.measures)
    for row, name in zip(measured, comparison.measures, strict=True):
        table = comparison.table[comparison.table["measure"] == name].set_index("population")
        assert len(row.cells) == 2
        for cell, population in zip(row.cells, comparison.names, strict=True):
            found = table.loc[population]
            if np.isfinite(found["value"]):
                assert float(cell.text) == pytest.approx(found["value"], rel=0.02)
            if np.isfinite(found["lower"]):
                low, high = cell.range.split(" – ")
                assert float(low) == pytest.approx(found["lower"], rel=0.02)
                assert float(high) == pytest.approx(found["upper"], rel=0.02)
            else:
                assert cell.range == ""
        assert "Source: " in row.tip


def test_a_measure_that_a_population_lacks_is_a_dash(comparison):
    lacking = dataclasses.replace(
        comparison,
        measured={
            **comparison.measured,
            "late": {"trajectories": comparison.measured["late"]["trajectories"]},
        },
    )
    cells = next(row for row in table_rows(lacking) if row.title == "number of units").cells
    assert cells[0].text == "24"
    assert cells[1] == Cell(NONE, "not measured")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.123"), (1000.0, "1000"), (-5.217, "-5.22"), (98765.4, "98765"), (2.0, "2")],
)
def test_values_are_written_short(value, text):
    assert cell_of(value, np.nan, np.nan, np.nan).text == text


def test_what_can_be_shown_is_what_there_is_to_draw(comparison):
    offered = views_of(comparison)
    assert next(iter(offered)) == TABLE
    assert tuple(offered)[1:] == available_figures(comparison)


def test_a_figure_is_drawn_as_wide_as_the_room_in_the_colours_of_the_theme(comparison):
    pixels = figure_pixels(comparison, "dimension", 900, 1.0, LIGHT, DARK)
    assert abs(pixels.shape[1] - 900) <= 1
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels[0, 0, :3] / 255, DARK, atol=0.01)
    brightest = pixels[..., :3].min(axis=-1).max()
    assert brightest > 200  # letters in the colour of the text
    assert figure_pixels(comparison, "dimension", 900, 2.0, LIGHT, DARK).shape[1] == 2 * pixels.shape[1]
    narrow = figure_pixels(comparison, "dimension", 100, 1.0, LIGHT, DARK)
    assert narrow.shape[1] > 7 * PER_INCH


def test_numbers_inside_a_matrix_keep_their_colours(comparison):
    figure = plot_comparison(comparison, "alignment")
    before = [text.get_color() for panel in figure.axes for text in panel.texts]
    dress(figure, LIGHT, DARK)
    assert before
    assert [text.get_color() for panel in figure.axes for text in panel.texts] == before
    assert figure.axes[0].title.get_color() == LIGHT


def saved(path: Path, stimuli: list[str], units: int = 5) -> Path:
    responses = stage_responses(3, units=units, stimuli=len(stimuli))
    np.savez(
        path, responses=responses, stimulus=stimuli, direction=np.array(DIRECTIONS), time=np.arange(12) / 30
    )
    return path


def test_a_population_is_read_checked_and_named(tmp_path: Path) -> None:
    recording = write_stages(tmp_path / "a.twinscope.zarr", {"late": stage_responses(1)})
    path = saved(tmp_path / "V1.npz", ["bar", "flow", "grating"])
    found = read_population(path, recording, ["late"])
    assert (found.name, found.path) == ("V1", str(path))
    assert found.said == "5 units, 3 stimuli, 8 directions, 12 frames"
    assert read_population(path, recording, ["late", "V1"]).name == "V1 (2)"
    fewer = read_population(saved(tmp_path / "LM.npz", ["bar", "dusk"]), recording, [])
    assert fewer.said.endswith("; 1 of its stimuli are among the 3 of the recording")


def test_what_is_wrong_with_a_population_is_told_before_any_work(tmp_path: Path) -> None:
    recording = write_stages(tmp_path / "a.twinscope.zarr", {"late": stage_responses(1)})
    strange = tmp_path / "strange.npz"
    np.savez(strange, rates=np.zeros(3))
    text = tmp_path / "text.csv"
    text.write_text("unit,rate\n")
    gap = saved(tmp_path / "gap.npz", ["bar", "flow", "grating"])
    with np.load(gap) as arrays:
        held = dict(arrays)
    held["responses"][2, 0, 0, 4] = np.nan
    np.savez(gap, **held)
    for path, message in (
        (tmp_path / "nowhere.npz", "no responses to read"),
        (text, "NAME.npz"),
        (strange, "cannot be read"),
        (gap, "gap: "),
        (saved(tmp_path / "other.npz", ["dusk", "dawn"]), "none of the stimuli"),
    ):
        with pytest.raises(InvalidInput, match=message):
            read_population(path, recording, [])
