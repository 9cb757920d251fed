from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QToolTip

from napari_twinscope.rig.colors import DIMMED, MISSING
from napari_twinscope.rig.components import principal_components
from napari_twinscope.rig.projection import inside_box
from napari_twinscope.views.roles import find_layer

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click, drag

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def middle_box(dock, reach=0.2):
    """Return two corners around the middle of the cloud, and the units whose centres lie between."""
    places = dock.cloud.positions()
    low, high = np.nanquantile(places, 0.5 - reach, axis=0), np.nanquantile(places, 0.5 + reach, axis=0)
    start, end = tuple(np.round(low)), tuple(np.round(high))
    return start, end, set(inside_box(places, start, end).tolist())


def selected(dock):
    return set(dock.session.selection.indices(dock.session.stage).tolist())


def test_the_projection_agrees_with_what_is_drawn(docks):
    _, manifold, _ = docks
    cloud = manifold.cloud
    for perspective in (0, 40):
        cloud.model.scene.camera.perspective = perspective
        QTest.qWait(50)
        canvas = cloud.widget.canvas
        node = canvas.layer_to_visual[cloud.layer].node
        to_canvas = node.transforms.get_transform("visual", "canvas")
        drawn = to_canvas.map(np.asarray(cloud.layer.data)[:, ::-1])
        drawn = drawn[:, :2] / drawn[:, 3:]
        np.testing.assert_allclose(cloud.positions(), drawn, atol=0.5)


def test_a_dragged_box_selects_exactly_the_units_inside_and_moves_none(docks, qtbot):
    _, manifold, responses = docks
    before = np.array(manifold.cloud.layer.data)
    angles = manifold.cloud.model.scene.camera.angles
    manifold.window().activateWindow()
    qtbot.waitUntil(manifold.window().isActiveWindow)
    manifold.cloud.native.setFocus()
    QTest.keyClick(manifold.cloud.native, Qt.Key.Key_B)
    qtbot.waitUntil(manifold.box_button.isChecked, timeout=2000)
    start, end, expected = middle_box(manifold)
    assert 3 < len(expected) < len(before)
    drag(manifold.cloud.native, start, end)
    assert selected(manifold) == expected
    np.testing.assert_array_equal(manifold.cloud.layer.data, before)
    assert manifold.cloud.model.scene.camera.angles == angles
    assert manifold.tools.count.text().startswith(f"{len(expected)} of {len(before)} units")
    qtbot.waitUntil(lambda: responses.mean.units == len(expected), timeout=5000)


def test_a_box_is_right_in_perspective_too(docks):
    _, manifold, _ = docks
    manifold.cloud.model.scene.camera.perspective = 45
    manifold.box_button.click()
    start, end, expected = middle_box(manifold)
    drag(manifold.cloud.native, start, end)
    assert selected(manifold) == expected


def test_shift_adds_and_alt_takes_away(docks):
    _, manifold, _ = docks
    manifold.box_button.click()
    places = manifold.cloud.positions()
    start, end, inner = middle_box(manifold)
    corner = (2, 2)
    outer = set(inside_box(places, corner, end).tolist())
    drag(manifold.cloud.native, start, end)
    drag(manifold.cloud.native, corner, end, SHIFT)
    assert selected(manifold) == inner | outer
    drag(manifold.cloud.native, start, end, ALT)
    assert selected(manifold) == (inner | outer) - inner


def test_escape_gives_up_a_box(docks, qtbot):
    _, manifold, _ = docks
    manifold.box_button.click()
    start, end, _ = middle_box(manifold)
    drag(manifold.cloud.native, start, end, release=False)
    assert manifold.box_tool.band.isVisible()
    qtbot.waitUntil(lambda: "in the box" in manifold.tools.count.text(), timeout=2000)
    QTest.keyClick(manifold.cloud.native, Qt.Key.Key_Escape)
    assert not manifold.box_tool.band.isVisible()
    QTest.mouseRelease(manifold.cloud.native, Qt.MouseButton.LeftButton)
    assert selected(manifold) == set()


def test_a_drag_without_the_tool_turns_the_view_and_selects_nothing(docks):
    _, manifold, _ = docks
    angles = manifold.cloud.model.scene.camera.angles
    start, end, _ = middle_box(manifold)
    drag(manifold.cloud.native, start, end)
    assert manifold.cloud.model.scene.camera.angles != angles
    assert selected(manifold) == set()


def test_a_click_picks_the_nearest_unit_and_shows_its_map(docks):
    _, manifold, _ = docks
    places = manifold.cloud.positions()
    unit = int(np.nanargmax(places[:, 0]))  # at the right end of the cloud it stands alone
    click(manifold.cloud.native, places[unit])
    assert selected(manifold) == {unit}
    session = manifold.session
    assert session.channel == session.units()["channel"].iloc[unit]
    click(manifold.cloud.native, (3, 3))
    assert selected(manifold) == {unit}


def test_the_selection_stands_out_by_its_colours(docks):
    _, manifold, _ = docks
    manifold.session.selection.apply("recurrent_out", [1, 5])
    colors = np.asarray(manifold.cloud.layer.face_color)
    dimmed = np.isclose(colors, DIMMED).all(axis=1)
    assert set(np.flatnonzero(~dimmed)) == {1, 5}
    manifold.clear_button.click()
    assert not np.isclose(manifold.cloud.layer.face_color, DIMMED).all(axis=1).any()


def test_no_key_destroys_points(docks):
    _, manifold, _ = docks
    manifold.session.selection.apply("recurrent_out", [1, 5])
    manifold.cloud.model.layers.selection.active = manifold.cloud.layer
    manifold.cloud.layer.selected_data = {0, 1}
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_2, Qt.Key.Key_3):
        QTest.keyClick(manifold.cloud.native, key)
        assert len(manifold.cloud.layer.data) == len(manifold.session.units())
        assert manifold.cloud.layer.mode == "pan_zoom"


def test_another_stage_replaces_the_points_in_the_same_layer(docks, qtbot):
    _, manifold, _ = docks
    layer = manifold.cloud.layer
    manifold.stage_choice.setCurrentIndex(manifold.stage_choice.findData("output"))
    manifold.stage_choice.activated.emit(manifold.stage_choice.currentIndex())
    assert manifold.session.stage == "output"
    qtbot.waitUntil(lambda: manifold.session.cloud() is not None, timeout=20_000)
    assert manifold.cloud.layer is layer
    expected = principal_components(manifold.session.responses()).scores
    np.testing.assert_allclose(layer.data, expected[:, ::-1])


def test_only_the_newest_stage_is_shown_when_answers_are_late(docks, qtbot):
    _, manifold, _ = docks
    manifold.session.show_stage("output")
    manifold.session.show_stage("recurrent_out")
    qtbot.waitUntil(lambda: manifold.session.cloud() is not None, timeout=20_000)
    qtbot.wait(300)
    assert len(manifold.cloud.layer.data) == len(manifold.session.units())


def test_units_are_coloured_by_what_is_chosen(docks):
    _, manifold, _ = docks
    for name in ("feature map", "preferred stimulus", "mean activity"):
        manifold.measure_choice.setCurrentText(name)
        np.testing.assert_allclose(manifold.cloud.layer.face_color, manifold.session.colors()[0], atol=1e-6)
        assert manifold.legend.height() > 0


def test_units_are_coloured_by_their_groups_as_these_change(docks, viewer):
    _, manifold, _ = docks
    session = manifold.session
    session.selection.apply("recurrent_out", [1, 2])
    session.selection.group("recurrent_out", "mine", "#112233")
    session.selection.clear()
    manifold.measure_choice.setCurrentText("groups")
    assert "made last" in manifold.measure_choice.toolTip()
    session.selection.groups.recolor("mine", "#ff8000")
    shown = manifold.cloud.layer.face_color
    np.testing.assert_allclose(shown[[1, 2]], [[1, 128 / 255, 0, 1]] * 2, atol=1e-6)
    np.testing.assert_allclose(shown[0], MISSING, atol=1e-6)
    assert manifold.legend.toolTip() == "mine"
    on_movie = find_layer(viewer, "units").face_color
    np.testing.assert_allclose(on_movie[[1, 2]], [[1, 128 / 255, 0, 1]] * 2, atol=1e-6)


def test_without_a_recording_the_docks_say_what_to_do(viewer):
    from napari_twinscope.views.arrangement import open_views

    manifold, responses = open_views(viewer)
    assert manifold.pages.currentWidget() is manifold.hint
    assert responses.pages.currentWidget() is responses.hint
    assert not manifold.box_button.isEnabled()


def test_a_silent_stage_is_explained_and_not_drawn(docks, qtbot, monkeypatch):
    _, manifold, _ = docks
    session = manifold.session
    session.show_stage("output")
    silent = session.responses() * 0
    session.show_stage("recurrent_out")
    monkeypatch.setitem(session._read, ("responses", "output"), silent)
    session.show_stage("output")
    qtbot.waitUntil(lambda: "No unit of this stage is active" in manifold.hint._text.text(), timeout=10_000)
    assert manifold.pages.currentWidget() is manifold.hint


def test_a_closed_dock_no_longer_listens(docks, qtbot):
    _, manifold, responses = docks
    viewer = manifold.bench.viewer
    session = manifold.session
    viewer.window.remove_dock_widget(manifold)
    viewer.window.remove_dock_widget(responses)
    qtbot.wait(50)
    session.selection.apply("recurrent_out", [1, 2, 3])
    session.measure = "feature map"
    session.show_stage("output")


def test_the_unit_under_the_pointer_is_told_on_the_manifold_and_on_the_movie(docks):
    _, manifold, _ = docks
    unit = int(np.flatnonzero(np.isfinite(manifold.cloud.positions()).all(axis=1))[0])

    def told(canvas, at):
        QToolTip.hideText()
        point = QPoint(round(at[0]), round(at[1]))
        QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, point, canvas.mapToGlobal(point)))
        return QToolTip.text()

    place = manifold.cloud.positions()[unit]
    seen = manifold.tools.tools["pick"].unit_at(tuple(map(float, np.round(place))))
    name = manifold.session.units()["unit_id"].iloc[seen]
    words = told(manifold.cloud.native, place)
    assert words.startswith(f"Unit {name}")
    assert "mean activity" in words
    movie = manifold.tools.movie_tool
    places = movie._positions()
    shown = int(np.flatnonzero(np.isfinite(places).all(axis=1))[0])
    assert "index" in told(movie.band.parentWidget(), places[shown])
    QToolTip.hideText()
