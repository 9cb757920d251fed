from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click, drag

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
STAGE = "recurrent_out"


@pytest.fixture
def units(viewer, recording, qtbot):
    """The dock on a recording, with all measures."""
    from napari_twinscope.views.arrangement import open_dock
    from napari_twinscope.views.bench import bench_of

    bench_of(viewer).open(recording)
    dock = open_dock(viewer, "Units")
    qtbot.waitUntil(lambda: dock.table is not None and "speed" in dock.table.names, timeout=20_000)
    qtbot.wait(100)
    return dock


def row_center(dock, row):
    index = dock.model.index(row, 1)
    place = dock.rows.visualRect(index).center()
    return place.x(), place.y()


def selected(dock):
    return dock.session.selection.indices(STAGE).tolist()


def column(dock, name):
    return dock.table.columns[dock.table.names[name.casefold()]]


def press_heading(dock, name):
    head = dock.rows.horizontalHeader()
    section = dock.table.names[name.casefold()]
    dock.rows.scrollTo(dock.model.index(0, section))
    x = head.sectionViewportPosition(section) + head.sectionSize(section) / 2
    click(head.viewport(), (x, head.height() / 2))


def type_filter(dock, text):
    dock.filter.setFocus()
    dock.filter.clear()
    QTest.keyClicks(dock.filter, text)
    QTest.keyClick(dock.filter, Qt.Key.Key_Return)


def test_the_table_shows_every_unit_with_all_that_is_known(units):
    assert units.model.rowCount() == len(units.session.units()) == 200
    names = [column.name for column in units.table.columns]
    assert names[:7] == ["unit", "channel", "row", "column", "index", "azimuth", "elevation"]
    assert {"speed", "curvature", "mean activity", "preferred stimulus"} <= set(names)
    cell = units.model.index(5, 0)
    assert units.model.data(cell) == units.session.units()["unit_id"].iloc[5]


def test_a_click_selects_shift_adds_control_toggles_alt_subtracts_and_each_is_one_step(units):
    rows = units.rows.viewport()
    steps = (
        (2, Qt.KeyboardModifier.NoModifier, [2]),
        (4, SHIFT, [2, 4]),
        (2, CONTROL, [4]),
        (6, CONTROL, [4, 6]),
        (6, ALT, [4]),
        (7, SHIFT | CONTROL, [4, 6, 7]),
    )
    for row, held, expected in steps:
        click(rows, row_center(units, row), held)
        assert selected(units) == expected
    for _, _, expected in reversed(steps[:-1]):
        QTest.keyClick(units.rows, Qt.Key.Key_Z, CONTROL)
        assert selected(units) == expected
    assert units.count.text().startswith("1 of 200 units selected")


def test_a_click_picks_the_unit_whose_map_is_shown(units):
    session = units.session
    click(units.rows.viewport(), row_center(units, 5))
    assert session.picked_unit() == session.selection.key(STAGE, 5)
    assert session.channel == session.units()["channel"].iloc[5]


def test_a_drag_selects_the_rows_it_passes_and_escape_gives_it_up(units):
    rows = units.rows.viewport()
    drag(rows, row_center(units, 1), row_center(units, 4))
    assert selected(units) == [1, 2, 3, 4]
    drag(rows, row_center(units, 3), row_center(units, 6), ALT)
    assert selected(units) == [1, 2]
    drag(rows, row_center(units, 0), row_center(units, 5), release=False)
    assert units.rows.mask[5]
    QTest.keyClick(units.rows, Qt.Key.Key_Escape)
    QTest.mouseRelease(rows, Qt.MouseButton.LeftButton)
    assert selected(units) == [1, 2]
    assert np.flatnonzero(units.rows.mask).tolist() == [1, 2]


def test_keys_alone_select_as_in_a_list(units):
    rows = units.rows
    click(rows.viewport(), row_center(units, 2))
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert selected(units) == [3]
    QTest.keyClick(rows, Qt.Key.Key_Down, SHIFT)
    assert selected(units) == [3, 4]
    QTest.keyClick(rows, Qt.Key.Key_Down, CONTROL)
    assert selected(units) == [3, 4]
    QTest.keyClick(rows, Qt.Key.Key_Space, CONTROL)
    assert selected(units) == [3, 4, 5]
    QTest.keyClick(rows, Qt.Key.Key_End)
    assert selected(units) == [199]
    QTest.keyClick(rows, Qt.Key.Key_A, CONTROL)
    assert selected(units) == list(range(200))


def test_what_is_selected_elsewhere_stands_out_and_is_scrolled_to(units):
    units.session.selection.apply(STAGE, [150, 151], picked=151)
    marked = [row for row in range(200) if units.rows.stands_out(row)]
    assert marked == [150, 151]
    assert units.rows.viewport().rect().contains(units.rows.visualRect(units.model.index(151, 0)))


def test_a_heading_sorts_both_ways_and_the_selection_stays_with_its_units(units):
    click(units.rows.viewport(), row_center(units, 3))
    speed = column(units, "speed").values
    for descending in (False, True):
        press_heading(units, "speed")
        values = speed[units.model.rows]
        values = values[np.isfinite(values)]
        assert (np.diff(values) * (-1 if descending else 1) >= 0).all()
        assert selected(units) == [3]
        assert [row for row in range(200) if units.rows.stands_out(row)] == [units.model.row_of(3)]
    click(units.rows.viewport(), row_center(units, units.rows.rowAt(5)))
    assert selected(units) == [units.model.rows[units.rows.rowAt(5)]]


def test_a_typed_condition_filters_and_what_is_shown_can_be_selected(units):
    speed = column(units, "speed").values
    limit = f"{np.median(speed):.3g}"
    expected = np.flatnonzero(speed > float(limit))
    assert 0 < len(expected) < 200
    type_filter(units, f"speed > {limit}")
    np.testing.assert_array_equal(units.model.rows, expected)
    units.take.click()
    np.testing.assert_array_equal(selected(units), expected)
    made = units.session.selection.made(STAGE)[-1]
    assert made.tool == "table"
    assert ("filter", f"speed > {limit}") in made.parameters
    assert f"{len(expected)} shown" in units.count.text()


def test_a_filter_that_is_not_understood_is_told_and_the_last_one_stays(units):
    type_filter(units, "channel < 5")
    before = units.model.rows.copy()
    type_filter(units, "channel < frog")
    assert "frog" in units.message.text()
    np.testing.assert_array_equal(units.model.rows, before)
    type_filter(units, "channel < 5")
    assert units.message.isHidden()


def test_selected_only_lists_them_and_a_click_there_keeps_the_rest(units):
    units.session.selection.apply(STAGE, [4, 80, 120])
    click(units.only, (8, units.only.height() / 2))
    assert units.model.rows.tolist() == [4, 80, 120]
    click(units.rows.viewport(), row_center(units, 1))
    assert selected(units) == [4, 80, 120]
    assert units.session.picked_unit() == units.session.selection.key(STAGE, 80)
    click(units.rows.viewport(), row_center(units, 0), CONTROL)
    assert units.model.rows.tolist() == [80, 120]
    units.session.selection.apply(STAGE, [7], "add")
    assert units.model.rows.tolist() == [7, 80, 120]


def test_find_goes_from_row_to_row(units):
    name = units.session.units()["unit_id"].iloc[77]
    units.find.setFocus()
    QTest.keyClicks(units.find, f"unit = {name}")
    QTest.keyClick(units.find, Qt.Key.Key_Return)
    assert units.rows.currentIndex().row() == 77
    units.find.clear()
    QTest.keyClicks(units.find, f"channel = {units.session.units()['channel'].iloc[77]:g}")
    QTest.keyClick(units.find, Qt.Key.Key_Return)
    channel = column(units, "channel").values
    later = np.flatnonzero((channel == channel[77]) & (np.arange(200) > 77))
    assert units.rows.currentIndex().row() == (later[0] if len(later) else np.argmax(channel == channel[77]))
    assert "rows; this is number" in units.message.text()


def test_copied_rows_are_those_selected_in_the_order_shown(units):
    units.session.selection.apply(STAGE, [9, 30, 11])
    press_heading(units, "azimuth")
    units.rows.setFocus()
    QTest.keyClick(units.rows, Qt.Key.Key_C, CONTROL)
    lines = QApplication.clipboard().text().splitlines()
    ids = units.session.units()["unit_id"]
    azimuth = column(units, "azimuth").values
    order = sorted([9, 11, 30], key=lambda unit: (azimuth[unit], unit))
    assert [line.split("\t")[0] for line in lines] == ["unit", *(ids.iloc[unit] for unit in order)]
    assert "Copied 3 units" in units.message.text()
    type_filter(units, f"unit = {ids.iloc[9]}")
    units.copy_button.click()
    assert "2 of them not shown" in units.message.text()


def test_groups_become_a_column_as_soon_as_they_are_made(units):
    units.session.selection.apply(STAGE, [1, 2])
    units.session.selection.group(STAGE, "pair")
    assert column(units, "groups").text(2) == "pair"
    type_filter(units, "groups = pair")
    assert units.model.rows.tolist() == [1, 2]
    units.session.selection.undo()
    assert "groups" not in units.table.names
    assert units.model.rowCount() == 200


def plot_place(units, x):
    """Return where a value lies on the canvas of the histogram, at half its height."""
    panel = units.histogram
    box = panel.plot.getPlotItem().getViewBox()
    low, high = box.viewRange()[1]
    place = panel.plot.mapFromScene(box.mapViewToScene(QPointF(x, (low + high) / 2)))
    return place.x(), place.y()


def test_a_range_dragged_in_the_histogram_selects_its_units(units):
    panel = units.histogram
    panel.choose("speed")
    speed = column(units, "speed").values
    low, high = np.quantile(speed, [0.3, 0.6])
    canvas = panel.plot.viewport()
    drag(canvas, plot_place(units, low), plot_place(units, high))
    chosen = np.array(selected(units))
    assert 30 < len(chosen) < 90
    made = dict(units.session.selection.made(STAGE)[-1].parameters)
    expected = np.flatnonzero((speed >= made["from"]) & (speed <= made["to"]))
    np.testing.assert_array_equal(chosen, expected)
    assert made["from"] == pytest.approx(low, abs=np.ptp(speed) / 50)
    assert panel.shown.inside.sum() == len(chosen)
    assert panel.shown.outside.sum() == 200 - len(chosen)
    drag(canvas, plot_place(units, high), plot_place(units, speed.max()), SHIFT)
    assert set(chosen) < set(selected(units))
    drag(canvas, plot_place(units, low), plot_place(units, high), release=False)
    assert "in the range" in units.count.text()
    before = selected(units)
    QTest.keyClick(panel.plot, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    assert selected(units) == before
    assert not panel.range.isVisible()
    assert units.count.text().startswith(f"{len(before)} of 200 units selected")


def test_a_click_on_a_bar_selects_its_units_and_the_histogram_follows_the_colours(units):
    units.session.measure = "preferred stimulus"
    panel = units.histogram
    assert panel.measure.name == "preferred stimulus"
    click(panel.plot.viewport(), plot_place(units, 1))
    liked = column(units, "preferred stimulus").values
    np.testing.assert_array_equal(selected(units), np.flatnonzero(liked == 1))
    panel.choose("channel")  # no measure: it follows the colours
    assert panel.chosen == ""


def test_the_histogram_follows_every_colour_that_units_can_have(units):
    session, panel = units.session, units.histogram
    session.selection.apply(STAGE, range(60))
    session.selection.group(STAGE, "sixty")
    for name in ("groups", "index", "activity at this frame"):
        session.measure = name
        assert panel.shown.inside.sum() == 60
        assert panel.shown.outside.sum() + panel.shown.missing[1] == 140
        assert panel.plot.getPlotItem().getAxis("bottom").labelText == session.measured().name
    assert panel.shown.missing == (0, 0)
    session.measure = "groups"
    assert panel.key.text().endswith("140 in no group")
    assert units.exports._measure(panel) is session.measured()


def test_while_it_is_hidden_nothing_is_made_and_it_catches_up(units, qtbot, monkeypatch):
    from napari_twinscope.views import units as module

    made = []
    real = module.unit_table
    monkeypatch.setattr(module, "unit_table", lambda *given: made.append(1) or real(*given))
    dock = units.window()
    assert dock is not None
    units.parentWidget().hide()
    units.session.selection.apply(STAGE, [5, 6])
    units.session.show_stage("output")
    units.session.selection.apply("output", [3])
    assert made == []
    assert not units.rows.mask.any()
    units.parentWidget().show()
    qtbot.waitUntil(lambda: len(made) >= 1)
    assert units.table.columns[1].name == "readout id"
    assert np.flatnonzero(units.rows.mask).tolist() == [3]


def test_what_it_shows_is_saved_and_shown_again(units):
    press_heading(units, "stability")
    press_heading(units, "stability")
    type_filter(units, "channel < 40")
    state = units.view_state()
    rows = units.model.rows.copy()
    units.rows.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    type_filter(units, "")
    assert len(units.model.rows) == 200
    units.restore_view(state)
    np.testing.assert_array_equal(units.model.rows, rows)
    assert units.view_state() == state


def test_without_a_recording_it_says_what_to_do_and_closes(viewer, recording, qtbot):
    from napari_twinscope.views.arrangement import open_dock
    from napari_twinscope.views.bench import bench_of

    dock = open_dock(viewer, "Units")
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.filter.isEnabled()
    bench_of(viewer).open(recording)
    assert dock.model.rowCount() == 200
    session = dock.session
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(50)
    session.selection.apply(STAGE, [1])
    session.show_stage("output")


def test_another_recording_can_be_opened_while_only_selected_units_are_shown(units, recording_path, qtbot):
    from napari_twinscope.recording import open_recording

    units.only.setChecked(True)
    units.session.selection.apply(STAGE, [1, 2, 3])
    assert units.model.rowCount() == 3
    other = open_recording(recording_path)
    units.bench.open(other, "output")
    qtbot.wait(50)
    assert units.table.count == len(units.session.units())
    assert units.model.rowCount() == 0
    other.close()
