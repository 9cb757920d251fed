from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.views.axis_range import STEPS

sys.path.insert(0, str(Path(__file__).parent))
from cloud_page import UNITS

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def panel(page):
    page.tools.values.buttons["3D box"].click()
    return page.tools.values.box_panel


def handle(slider, place):
    """Return where a handle of a slider is."""
    at = slider.value()[place]
    return round(10 + (slider.width() - 20) * at / STEPS), slider.height() // 2


def take(slider, place, keys=Qt.KeyboardModifier.NoModifier):
    """Take a handle in the hand."""
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, keys, QPoint(*handle(slider, place)))


def let_go(slider, keys=Qt.KeyboardModifier.NoModifier):
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, keys, QPoint(*handle(slider, 0)))


def within(page, *ends):
    low, high = np.transpose(ends)
    with np.errstate(invalid="ignore"):
        return set(np.flatnonzero(((page.points >= low) & (page.points <= high)).all(axis=1)).tolist())


def test_opening_it_shows_the_whole_cloud_in_a_wire_frame_and_selects_nothing(page, panel):
    assert panel.isVisible()
    assert [axis.caption.text() for axis in panel.axes] == ["x", "y", "z"]
    assert page.selected() == set()
    assert page.session.selection.history.undo_label is None
    np.testing.assert_array_equal(page.cloud.frame.edges.min(axis=0), np.nanmin(page.points, axis=0))
    np.testing.assert_array_equal(page.cloud.frame.edges.max(axis=0), np.nanmax(page.points, axis=0))
    assert len(page.cloud.model.layers) == 1
    assert panel.inside.text() == f"{UNITS - 1} of the {UNITS - 1} units shown are within all three ranges"


def test_a_dragged_handle_previews_and_moves_the_frame_and_is_one_step_when_let_go(page, panel, qtbot):
    axis = panel.axes[0]
    axis.slider.setSliderDown(True)
    for low in (100, 300, 500):
        axis.slider.setValue((low, STEPS))
    expected = within(page, axis.ends, *(other.ends for other in panel.axes[1:]))
    qtbot.waitUntil(lambda: page.tools.count.text().startswith(f"{len(expected)} in the 3D box → "))
    assert 0 < len(expected) < UNITS - 1
    assert set(np.flatnonzero(page.tools.shown_mask()).tolist()) == expected
    assert page.cloud.frame.edges[:, 0].min() == axis.ends[0]
    assert page.selected() == set()
    axis.slider.setSliderDown(False)
    assert page.selected() == expected
    made = page.session.selection.made("output")[0]
    assert made.tool == "3D box"
    assert [name for name, _ in made.parameters] == ["x from", "x to", "y from", "y to", "z from", "z to"]
    assert f"x from {axis.ends[0]:.4g}" in made.sentence
    page.session.selection.undo()
    assert page.session.selection.history.undo_label is None


def test_shift_adds_and_alt_takes_away_what_is_within(page, panel):
    slider = panel.axes[0].slider
    page.session.selection.apply("output", range(40))
    for keys, expect in ((SHIFT, set.union), (ALT, set.difference)):
        before = page.selected()
        take(slider, 1, keys)
        assert slider.isSliderDown()
        slider.setValue((0, 600 if keys == SHIFT else 400))
        let_go(slider, keys)
        inside = within(page, *(axis.ends for axis in panel.axes))
        assert page.selected() == expect(before, inside)
        assert page.selected() not in (before, inside)
        page.session.selection.undo()
        assert page.selected() == before, "the press and the drag are one step"
        page.session.selection.redo()


def test_escape_gives_up_the_drag_then_puts_the_box_away(page, panel):
    axis = panel.axes[1]
    whole = axis.ends
    axis.slider.setSliderDown(True)
    axis.slider.setValue((400, 600))
    QTest.keyClick(axis.slider, Qt.Key.Key_Escape)
    axis.slider.setValue((450, 600))
    axis.slider.setSliderDown(False)
    assert axis.ends == whole
    assert axis.slider.value() == (0, STEPS)
    assert page.cloud.frame.edges[:, 1].max() == whole[1]
    assert page.selected() == set()
    assert panel.isVisible()
    QTest.keyClick(axis.slider, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert page.cloud.frame.edges is None


def test_typed_ends_are_exact_and_passing_by_selects_nothing(page, panel):
    axis = panel.axes[2]
    axis.low.editingFinished.emit()
    assert page.session.selection.history.undo_label is None
    axis.low.setValue(0.123)
    axis.low.editingFinished.emit()
    assert page.selected() == set(np.flatnonzero(page.points[:, 2] >= 0.123).tolist())
    panel.axes[0].slider.setValue((0, 500))  # by the keyboard
    assert panel.axes[2].ends[0] == 0.123
    panel.whole.click()
    assert panel.box.ranges == panel.box.limits
    panel.take.click()
    assert len(page.selected()) == UNITS - 1


def test_the_ranges_are_those_of_the_axes_shown_and_stay_with_them(page, panel):
    panel.axes[0].slider.setValue((500, STEPS))
    x = panel.axes[0].ends
    page.points = page.coordinates[:, [3, 1, 0]]  # another first axis, and x as the third
    page.cloud.show_points(page.points, ("w", "y", "x"))
    page.tools.set_axis_labels(("w", "y", "x"))
    assert [axis.caption.text() for axis in panel.axes] == ["w", "y", "x"]
    assert panel.axes[2].ends == x
    assert panel.axes[0].ends == (page.points[:, 0].min(), page.points[:, 0].max())
    panel.take.click()
    assert page.selected() == set(np.flatnonzero(page.points[:, 2] >= x[0]).tolist())
    assert page.cloud.frame.edges[:, 2].min() == x[0]


def test_other_units_begin_with_the_whole_box_again(page, panel):
    panel.axes[0].slider.setValue((500, STEPS))
    page.points = page.points * 2
    page.settle()
    assert panel.box.ranges == panel.box.limits


def test_one_panel_is_open_at_a_time_and_the_frame_goes_with_its_own(page, panel):
    page.take_keys()
    QTest.keyClick(page.canvas, Qt.Key.Key_R)
    assert page.tools.range_panel.isVisible()
    assert not panel.isVisible()
    assert page.cloud.frame.edges is None
    QTest.keyClick(page.canvas, Qt.Key.Key_X)
    assert panel.isVisible()
    assert page.cloud.frame.edges is not None
    assert "within all three ranges are selected" in page.tools.status.text()
    page.points = None
    page.tools.refresh()
    assert page.cloud.frame.edges is None
    assert not panel.isVisible()


def test_an_axis_without_extent_cannot_be_dragged_and_leaves_nobody_out(page, panel):
    page.points = page.points.copy()
    page.points[np.isfinite(page.points[:, 2]), 2] = 0.0
    page.settle()
    assert not panel.axes[2].slider.isEnabled()
    panel.take.click()
    assert len(page.selected()) == UNITS - 1


def test_the_box_comes_back_from_the_file_of_a_session(page, panel):
    panel.axes[0].slider.setValue((500, STEPS))
    state = page.tools.values.state()
    ranges = panel.box.ranges
    assert list(state["range_box"]) == ["x"]
    panel.whole.click()
    page.tools.values.choose("")
    page.tools.values.restore(Fields(state))
    assert panel.isVisible()
    assert panel.box.ranges == ranges
    with pytest.raises(InvalidInput, match="ends before it begins"):
        page.tools.values.restore(Fields({"range_box": {"x": [2.0, 1.0]}}))


def test_the_first_indices_are_told_and_all_are_copied(page):
    counted = page.tools.counted
    assert not counted.copy_button.isEnabled()
    page.session.selection.apply("output", [5])
    assert counted.indices.text() == "index 5"
    page.session.selection.apply("output", range(0, 30, 2))
    assert counted.indices.text() == "indices 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, …"
    counted.copy_button.click()
    assert QApplication.clipboard().text() == str(list(range(0, 30, 2)))
