"""The histogram inside and outside a selection, as a figure and as a table."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.histogram import bins_of, histogram
from napari_twinscope.rig.histogram_figure import (
    INSIDE,
    OUTSIDE,
    histogram_figure,
    histogram_frame,
    session_histogram,
)
from napari_twinscope.rig.measures import Measure

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def values():
    random = np.random.default_rng(3)
    found = random.normal(size=200)
    found[[5, 60, 61]] = np.nan
    return found


def steps_of(figure, name):
    from matplotlib.patches import StepPatch

    return next((p for p in figure.axes[0].patches if isinstance(p, StepPatch) and p.get_gid() == name), None)


def texts_of(figure, tmp_path):
    root = ElementTree.parse(save_figure(figure, tmp_path / "a.svg", overwrite=True)).getroot()
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("density", [True, False])
def test_the_bars_are_those_of_the_histogram_inside_and_outside(values, density):
    from matplotlib.colors import to_hex

    measure, selected = Measure("OSI", values), np.arange(200) < 40
    figure = histogram_figure(measure, selected, title="a", density=density)
    inside, outside = histogram(bins_of(measure), selected).heights(density)
    for name, heights, color in (("selected", inside, INSIDE), ("others", outside, OUTSIDE)):
        drawn = steps_of(figure, name)
        np.testing.assert_array_equal(drawn.get_data().values, heights)
        np.testing.assert_array_equal(drawn.get_data().edges, bins_of(measure).edges)
        assert to_hex(drawn.get_edgecolor()).upper() == color
    assert figure.axes[0].get_ylim()[1] >= max(inside.max(), outside.max())
    assert figure.axes[0].get_ylabel() == ("density" if density else "units")


def test_counts_medians_and_missing_values_are_written(values, tmp_path):
    measure, selected = Measure("OSI", values), np.arange(200) < 40
    figure = histogram_figure(measure, selected, title="OSI · output", lines=("made-up",))
    texts = texts_of(figure, tmp_path)
    inside, outside = values[selected], values[~selected]
    assert f"39 selected, median {np.nanmedian(inside):.3g}, 1 with no value" in texts
    assert f"158 others, median {np.nanmedian(outside):.3g}, 2 with no value" in texts
    assert {"OSI · output", "made-up", "OSI"} <= set(texts)
    medians = [line.get_xdata()[0] for line in figure.axes[0].lines]
    assert medians == pytest.approx([np.nanmedian(inside), np.nanmedian(outside)])


def test_without_a_selection_there_is_one_histogram_of_all_units(values, tmp_path):
    figure = histogram_figure(Measure("OSI", values), np.zeros(200, bool), title="a")
    assert steps_of(figure, "selected") is None
    assert sum(steps_of(figure, "others").get_data().values > 0) > 5
    assert any(text.startswith("197 units, median") for text in texts_of(figure, tmp_path))


def test_units_in_no_category_are_told_of_in_its_words(tmp_path):
    measure = Measure("cluster", np.array([0.0, 0, 1, np.nan]), ("a", "b"), missing="in no cluster")
    figure = histogram_figure(measure, np.arange(4) < 2, title="a")
    assert "1 others, 1 in no cluster" in texts_of(figure, tmp_path)


def test_a_selection_without_any_value_is_told(values, tmp_path):
    selected = np.isin(np.arange(200), [5, 60])
    figure = histogram_figure(Measure("OSI", values), selected, title="a")
    assert steps_of(figure, "selected") is None
    assert "0 selected, 2 with no value" in texts_of(figure, tmp_path)


def test_categories_have_a_bar_each_with_its_name_and_circles_have_quarters(tmp_path):
    names = ("Grating", "Flow", "A stimulus with an overlong name")
    measure = Measure("preferred stimulus", np.arange(30.0) % 3, names)
    figure = histogram_figure(measure, np.arange(30) < 9, title="a", density=False)
    np.testing.assert_array_equal(steps_of(figure, "selected").get_data().values[::2], [3, 3, 3])
    assert {"Grating", "Flow", "A stimulus with a…"} <= set(texts_of(figure, tmp_path))
    turning = Measure("preferred direction", np.linspace(0, 350, 30), period=360.0)
    figure = histogram_figure(turning, np.arange(30) < 9, title="a")
    assert figure.axes[0].get_xticks().tolist() == [0, 90, 180, 270, 360]
    assert not figure.axes[0].lines  # a circle has no median


def test_nothing_is_not_counted():
    with pytest.raises(InvalidInput, match="nothing to count"):
        histogram_figure(Measure("OSI", np.full(4, np.nan)), np.zeros(4, bool), title="a")


def test_a_session_says_what_is_counted_of_which_stage_and_its_table_has_all_bins(recording):
    session = Session()
    session.open(recording)
    session.selection.apply(session.stage, [1, 2, 5])
    measure = session.measures()["mean activity"]
    figure, title = session_histogram(session, measure)
    assert title == "mean activity (a.u.) · recurrent_out (paper)"
    assert steps_of(figure, "selected") is not None
    table = histogram_frame(session, measure)
    assert (table["selected"].sum(), table["others"].sum()) == (3, 21)
    widths = table["to"] - table["from"]
    assert (table["others_density"] * widths).sum() == pytest.approx(1)
    values = measure.values[[1, 2, 5]]
    expected, _ = np.histogram(values, [*table["from"], table["to"].iloc[-1]])
    assert table["selected"].tolist() == expected.tolist()


def test_the_last_row_of_a_table_counts_units_without_a_value(recording):
    session = Session()
    session.open(recording)
    session.selection.apply(session.stage, [1, 2, 5])
    codes = np.arange(24.0) % 2
    codes[[1, 7]] = np.nan
    table = histogram_frame(session, Measure("kind", codes, ("a", "b"), missing="in no kind"))
    assert table["category"].tolist() == ["a", "b", "in no kind"]
    assert table["selected"].tolist() == [1, 1, 1]
    assert table["others"].tolist() == [11, 9, 1]
