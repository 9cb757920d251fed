from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.projection import inside_box, inside_polygon, project
from napari_twinscope.views.point_cloud import PointCloud
from napari_twinscope.views.tool_words import DEEDS, MANNERS, NO_CLUSTERS, TOOLS, what_happens

sys.path.insert(0, str(Path(__file__).parent))
from cloud_page import UNITS
from gestures import click, drag, draw, hover, turn_wheel

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def ring(page, size=0.25, corners=16):
    """Return a closed line around the middle of the cloud, and the units inside."""
    places = page.cloud.positions()
    middle = np.nanmedian(places, axis=0)
    angles = np.linspace(0, 1.9 * np.pi, corners)
    radii = size * np.ptp(places[np.isfinite(places).all(axis=1)], axis=0)
    line = np.round(middle + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return line, set(inside_polygon(places, line).tolist())


def middle_box(page):
    places = page.cloud.positions()
    start, end = (tuple(np.round(np.nanquantile(places, part, axis=0))) for part in (0.3, 0.7))
    return start, end, set(inside_box(places, start, end).tolist())


@pytest.mark.parametrize("perspective", [0, 45])
def test_a_lasso_selects_exactly_the_units_it_encloses_at_any_depth(page, perspective):
    page.cloud.model.scene.camera.perspective = perspective
    before, angles = np.array(page.cloud.layer.data), page.cloud.model.scene.camera.angles
    page.tools.buttons["lasso"].click()
    line, expected = ring(page)
    assert 10 < len(expected) < UNITS - 10
    draw(page.canvas, line)
    made = page.session.selection.made("output")[0]
    corners = np.reshape(dict(made.parameters)["corners"], (-1, 2))
    assert len(corners) >= len(line) / 2  # vispy may drop a move
    assert {tuple(corner) for corner in corners} <= {tuple(corner) for corner in line}
    assert page.selected() == set(inside_polygon(page.cloud.positions(), corners).tolist())
    np.testing.assert_array_equal(page.cloud.layer.data, before)
    assert page.cloud.model.scene.camera.angles == angles
    assert (made.tool, made.count) == ("lasso", len(page.selected()))
    assert dict(made.parameters)["camera zoom and perspective"][1] == perspective


def test_the_preview_shows_what_would_be_selected_and_escape_gives_it_up(page):
    heard = []
    page.tools.previewed.connect(lambda: heard.append(int(page.tools.shown_mask().sum())))
    page.session.selection.apply("output", [0, 1, 2])
    page.tools.buttons["lasso"].click()
    line, _ = ring(page)
    draw(page.canvas, line, SHIFT, release=False)
    QTest.qWait(100)
    shown = page.tools.shown_mask()
    assert shown[:3].all()
    assert heard[-1] == shown.sum() > 10
    assert "in the lasso" in page.tools.count.text()
    assert page.tools.count.text().endswith(f"→ {shown.sum()} of {UNITS}")
    assert page.tools.tools["lasso"].band.isVisible()
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert heard[-1] == 3
    assert not page.tools.tools["lasso"].band.isVisible()
    QTest.mouseRelease(page.canvas, Qt.MouseButton.LeftButton)
    assert page.selected() == {0, 1, 2}
    assert page.tools.buttons["lasso"].isChecked()


def test_a_drag_is_one_step_that_can_be_undone_and_done_again(page):
    page.tools.buttons["ball"].click()
    start, end, _ = middle_box(page)
    drag(page.canvas, start, end, steps=8)
    caught = page.selected()
    assert caught
    assert page.tools.deeds.undo.toolTip().startswith(f"Undo: ball selected {len(caught)} unit")
    page.take_keys()
    QTest.keyClick(page.canvas, Qt.Key.Key_Z, CTRL)
    assert page.selected() == set()
    assert not page.tools.deeds.undo.isEnabled()
    QTest.keyClick(page.canvas, Qt.Key.Key_Z, CTRL | SHIFT)
    assert page.selected() == caught


@pytest.mark.parametrize("perspective", [0, 45])
def test_a_pressed_ball_selects_the_units_around_the_one_under_the_pointer(page, perspective):
    page.cloud.model.scene.camera.perspective = perspective
    page.tools.buttons["ball"].click()
    page.tools.ball_options.radius.setValue(0.8)
    places = page.cloud.positions()
    unit = int(np.nanargmax(places[:, 0]))  # it stands alone
    click(page.canvas, places[unit])
    near = np.flatnonzero(np.linalg.norm(page.points - page.points[unit], axis=1) <= 0.8)
    assert page.selected() == set(near.tolist())
    page.tools.ball_options.axes.setCurrentIndex(1)
    click(page.canvas, places[unit])
    near = np.flatnonzero(np.linalg.norm(page.coordinates - page.coordinates[unit], axis=1) <= 0.8)
    assert page.selected() == set(near.tolist())


def test_the_wheel_makes_the_ball_larger_and_leaves_the_camera(page):
    page.tools.buttons["ball"].click()
    middle = np.nanmedian(page.cloud.positions(), axis=0)
    hover(page.canvas, middle)
    zoom = page.cloud.model.scene.camera.zoom
    assert page.tools.tools["ball"].band.isVisible()
    before = page.tools.ball_options.radius.value()
    turn_wheel(page.canvas, middle, 1)
    assert page.tools.ball_options.radius.value() > before
    turn_wheel(page.canvas, middle, -1)
    assert page.tools.ball_options.radius.value() == pytest.approx(before, rel=0.02)
    assert page.cloud.model.scene.camera.zoom == zoom
    page.tools.buttons["pick"].click()
    assert not page.tools.tools["ball"].band.isVisible()
    turn_wheel(page.canvas, middle, 1)
    assert page.cloud.model.scene.camera.zoom != zoom


def test_a_cluster_is_selected_as_a_whole_and_needs_categories(page):
    button = page.tools.buttons["cluster"]
    assert not button.isEnabled()
    assert button.toolTip() == NO_CLUSTERS
    side = (page.points[:, 0] > 0).astype(float)
    side[7] = np.nan
    page.measure = Measure("side", side, ("left", "right"))
    page.tools.refresh()
    button.click()
    assert "same side" in page.tools.status.text()
    places = page.cloud.positions()
    unit = int(np.nanargmax(places[:, 0]))
    click(page.canvas, places[unit])
    assert page.selected() == set(np.flatnonzero(side == side[unit]).tolist())
    made = page.session.selection.made("output")[0]
    assert dict(made.parameters)["cluster"] == ("right" if side[unit] else "left")
    page.measure = Measure("height", page.points[:, 1])
    page.tools.refresh()
    assert page.tools.buttons["pick"].isChecked()


def test_held_keys_and_chosen_manners_combine_with_the_selection(page):
    page.tools.buttons["box"].click()
    start, end, inner = middle_box(page)
    places = page.cloud.positions()
    outer = set(inside_box(places, (2, 2), end).tolist())
    drag(page.canvas, start, end)
    drag(page.canvas, (2, 2), end, SHIFT)
    assert page.selected() == inner | outer
    drag(page.canvas, start, end, SHIFT | ALT)
    assert page.selected() == inner
    drag(page.canvas, start, end, CTRL)
    assert page.selected() == set()
    page.tools.manners["add"].click()
    assert "added" in page.tools.status.text()
    drag(page.canvas, start, end)
    page.tools.manners["intersect"].click()
    drag(page.canvas, (2, 2), end)
    assert page.selected() == inner & outer


@pytest.mark.parametrize("held", [SHIFT, ALT, CTRL, SHIFT | ALT])
def test_no_key_held_in_a_drag_moves_the_camera(page, held):
    page.tools.buttons["box"].click()
    start, end, _ = middle_box(page)
    before = page.cloud.view()
    drag(page.canvas, start, end, held)
    assert page.cloud.view() == before


def test_the_status_line_says_what_held_keys_will_do(page):
    page.tools.buttons["box"].click()
    assert "are selected" in page.tools.status.text()
    page.tools.choose_manner("subtract")
    assert "are taken away" in page.tools.status.text()


def test_every_tool_says_something_different_in_every_manner():
    said = {what_happens(tool, manner) for tool in TOOLS for manner in MANNERS}
    assert len(said) == len(TOOLS) * len(MANNERS)
    assert set(DEEDS) == set(TOOLS)


def test_keys_take_the_tools_and_escape_puts_them_back(page):
    page.take_keys()
    for key, name in ((Qt.Key.Key_L, "lasso"), (Qt.Key.Key_O, "ball"), (Qt.Key.Key_B, "box")):
        QTest.keyClick(page.canvas, key)
        assert page.tools.buttons[name].isChecked()
        assert [b.isChecked() for b in page.tools.buttons.values()].count(True) == 1
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert page.tools.buttons["pick"].isChecked()
    QTest.keyClick(page.canvas, Qt.Key.Key_I)
    assert page.selected() == set(range(UNITS))


def test_a_dragged_range_previews_and_selects_when_let_go(page):
    page.tools.range_button.click()
    panel = page.tools.range_panel
    assert [panel.feature.itemText(i) for i in range(4)] == ["height", "x", "y", "z"]
    panel.slider.setSliderDown(True)
    panel.slider.setValue((500, 1000))
    QTest.qWait(60)
    shown = page.tools.shown_mask()
    assert 0 < shown.sum() < UNITS
    assert page.selected() == set()
    panel.slider.setSliderDown(False)
    assert page.selected() == set(np.flatnonzero(shown).tolist())
    values = page.measure.values
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    np.testing.assert_array_equal(shown, np.nan_to_num(values, nan=-np.inf) >= round(middle, 3))
    assert page.session.selection.history.undo() is not None
    assert page.session.selection.history.undo_label is None


def test_escape_gives_up_a_dragged_range(page):
    page.tools.range_button.click()
    panel = page.tools.range_panel
    panel.slider.setSliderDown(True)
    panel.slider.setValue((500, 1000))
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    panel.slider.setSliderDown(False)
    assert page.selected() == set()
    assert panel.slider.value() == (0, 1000)


def test_the_ends_of_a_measure_are_selected_by_percent(page):
    page.tools.range_button.click()
    panel = page.tools.range_panel
    panel.percent.setValue(10)
    panel.take.click()
    values = page.measure.values
    assert len(page.selected()) == round(0.1 * (UNITS - 1))
    assert min(values[list(page.selected())]) >= np.nanquantile(values, 0.89)
    panel.end.setCurrentText("lowest")
    panel.take.click()
    assert max(values[list(page.selected())]) <= np.nanquantile(values, 0.11)


def test_typed_ends_of_a_range_are_exact(page):
    page.tools.range_button.click()
    panel = page.tools.range_panel
    panel.feature.setCurrentText("x")
    panel.low.setValue(0.5)
    panel.low.editingFinished.emit()
    assert page.selected() == set(np.flatnonzero(page.points[:, 0] >= 0.5).tolist())


def test_without_points_no_tool_can_be_used(page):
    page.tools.buttons["ball"].click()
    page.points = None
    page.tools.refresh()
    usable = [b.isEnabled() for b in (*page.tools.buttons.values(), page.tools.range_button)]
    assert not any(usable)
    assert page.tools.status.text() == page.tools.count.text() == ""
    hover(page.canvas, (60, 60))
    click(page.canvas, (50, 50))
    drag(page.canvas, (50, 50), (400, 400))
    assert page.selected() == set()
    assert not page.tools.tools["ball"].band.isVisible()


def test_a_click_still_picks_in_every_tool_but_the_ball(page):
    places = project(page.points[:, ::-1], page.cloud.view())
    unit = int(np.nanargmin(places[:, 0]))
    for name in ("pick", "box", "lasso"):
        page.session.selection.clear()
        page.tools.choose(name)
        click(page.canvas, places[unit])
        assert page.selected() == {unit}


def test_undo_works_on_the_movie_too(page):
    movie = PointCloud()
    movie.widget.show()
    movie.show_points(page.points, ("x", "y", "z"))
    QTest.qWait(100)
    page.tools.use_movie(movie.model, movie.native, movie.positions)
    page.tools.movie_button.click()
    places = movie.positions()
    start, end = (tuple(np.round(np.nanquantile(places, part, axis=0))) for part in (0.3, 0.7))
    drag(movie.native, start, end)
    assert page.selected() == set(inside_box(places, start, end).tolist())
    QTest.keyClick(movie.native, Qt.Key.Key_Z, CTRL)
    assert page.selected() == set()
    QTest.keyClick(movie.native, Qt.Key.Key_Z, CTRL | SHIFT)
    assert page.selected()
    movie.close()


def test_a_drag_whose_moves_are_lost_is_no_click(page):
    page.tools.buttons["box"].click()
    start, end, expected = middle_box(page)
    QTest.mousePress(page.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*map(int, start)))
    QTest.mouseRelease(page.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*map(int, end)))
    assert page.selected() == expected


def test_the_tools_let_go_even_when_their_canvas_is_gone_first(page):
    movie = PointCloud()
    page.tools.use_movie(movie.model, movie.native, movie.positions)
    movie.close()
    movie.widget.deleteLater()
    QTest.qWait(50)
    page.tools.release()
    model = page.cloud.model
    for callbacks in (model.mouse_drag_callbacks, model.mouse_move_callbacks, model.mouse_wheel_callbacks):
        assert not [one for one in callbacks if one.__module__.startswith("napari_twinscope")]
    page.session.selection.apply("output", [1])
