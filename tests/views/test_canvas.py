from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from napari._qt.containers import QtLayerList
from napari.components import ViewerModel
from napari.layers import Image, Points
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_twinscope.rig.colors import DIMMED
from napari_twinscope.rig.layers import condition_text
from napari_twinscope.rig.maps import MapChoice, map_style
from napari_twinscope.rig.projection import inside_box
from napari_twinscope.rig.session_maps import shown_map, shown_readout
from napari_twinscope.views.canvas import show_condition, unit_positions
from napari_twinscope.views.dialogs import ErrorDialog
from napari_twinscope.views.frame_layer import RESTED
from napari_twinscope.views.layer_changes import LayerChanges
from napari_twinscope.views.map_layer import MapLayer
from napari_twinscope.views.pinned import dock_around
from napari_twinscope.views.roles import find_layer

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click, drag


def chosen_map(bench):
    """Return the maps of the condition under the slider, if they are there."""
    return bench.source.lookup(shown_map(bench.session), bench.session.condition)


def test_a_recording_is_a_movie_a_map_and_units_with_named_axes(docks, viewer, recording, qtbot):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: find_layer(viewer, "map") is not None, timeout=30_000)
    movie, units = find_layer(viewer, "movie"), find_layer(viewer, "units")
    assert movie.data.shape == (2, 4, 12, 144, 256)
    assert viewer.dims.axis_labels == ("stimulus", "direction", "time", "y", "x")
    shown = np.asarray(movie.data[1, 2, 5])
    np.testing.assert_array_equal(shown, recording.protocol.movie(1, 2, 0)[5])
    np.testing.assert_allclose(units.data, recording.units("recurrent_out")[["y", "x"]])
    assert shown_map(bench.session) == MapChoice("recurrent_out", channel=bench.session.channel)
    assert [find_layer(viewer, role) for role in ("movie", "map", "units")] == list(viewer.layers)


def test_the_map_lies_in_stimulus_coordinates_and_moves_with_the_slider(docks, viewer, qtbot):
    from napari_twinscope.twins import load_twin

    bench = docks[0].bench
    viewer.dims.set_current_step((0, 1, 2), (1, 3, 7))
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    assert bench.session.condition == (1, 3)
    layer = find_layer(viewer, "map")
    coordinates = load_twin("demo").grid_coordinates("recurrent_out")
    row, column = np.rint(coordinates[90, 110]).astype(int)
    expected = chosen_map(bench)[7, row, column]
    assert layer.data[1, 3, 7, 90, 110] == np.float32(expected)
    assert layer._slice.image.raw.shape == (144, 256)
    np.testing.assert_allclose(layer._slice.image.raw[90, 110], expected, rtol=1e-6)
    assert np.isnan(layer.data[0, 2, 0]).all(), "a condition that was not looked at is empty"


def test_a_recomputed_map_agrees_with_the_recorded_units(docks, recording, qtbot):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    units = recording.units("recurrent_out")
    channel = bench.session.channel
    responses = recording.responses("recurrent_out").values[:, 0, 0]
    for unit in units.index[units["channel"] == channel]:
        row, column = units.loc[unit, ["row", "column"]]
        np.testing.assert_allclose(chosen_map(bench)[:, row, column], responses[unit], rtol=1e-4, atol=1e-5)


def test_the_contrast_of_a_map_does_not_depend_on_what_was_looked_at(docks, viewer, recording, qtbot):
    bench = docks[0].bench
    reach = float(np.abs(recording.responses("recurrent_out").values).max())
    for condition in ((0, 0), (1, 3), (0, 2)):
        viewer.dims.set_current_step((0, 1), condition)
        qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
        np.testing.assert_allclose(find_layer(viewer, "map").contrast_limits, map_style([-reach]).limits)
    assert find_layer(viewer, "map").name.startswith("Activation (a.u.): recurrent_out map")
    assert "recorded in recurrent_out" in find_layer(viewer, "map").metadata["twinscope"]["limits"]


def test_a_map_is_drawn_again_only_where_more_of_it_is_known(docks, viewer, qtbot, monkeypatch):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    layer, refreshed = find_layer(viewer, "map"), []
    monkeypatch.setattr(layer, "refresh", lambda *_, **__: refreshed.append(1))
    bench._show_maps()
    assert not refreshed
    bench.source.keep({})
    bench._show_maps()
    assert refreshed == [1]


def test_thumbnails_of_movies_follow_once_they_rest(docks, viewer, qtbot):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    qtbot.wait(2 * RESTED)
    layers, changed = [find_layer(viewer, role) for role in ("movie", "map")], []
    for layer in layers:
        layer.events.thumbnail.connect(lambda event: changed.append(event.source))
    for frame in (3, 5, 8):
        bench.show_frame(bench.session.condition, frame)
        assert not changed
    qtbot.waitUntil(lambda: len(changed) == len(layers))
    for layer in layers:
        assert layer in changed
        alike = {name: getattr(layer, name) for name in ("contrast_limits", "colormap", "opacity")}
        plain = Image(np.asarray(layer.data[(*bench.session.condition, 8)]), **alike)
        np.testing.assert_array_equal(layer.thumbnail, plain.thumbnail)
        assert layer.as_layer_data_tuple()[2] == "image"


def test_without_a_recorded_response_the_first_condition_sets_the_contrast():
    layer = MapLayer("readout")
    choice, other = MapChoice("recurrent_out", unit=1), MapChoice("recurrent_out", unit=2)
    known = {(choice, (0, 1)): np.array([1.0, -3.0]), (choice, (0, 2)): np.array([9.0])}
    source = SimpleNamespace(lookup=lambda *key: known.get(key))
    assert layer._first_style(source, choice, (0, 0)).rule == "not known yet"
    assert layer._first_style(source, choice, (0, 1)).limits == (-3.0, 3.0)
    assert layer._first_style(source, choice, (0, 2)).limits == (-3.0, 3.0)
    assert layer._first_style(source, other, (0, 2)).rule == "not known yet"


def test_the_plain_grid_is_the_alternative(docks, viewer, qtbot):
    rig = docks[0]
    bench = rig.bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    rig.look.place.setCurrentIndex(1)
    rig.look.place.activated.emit(1)
    info = bench.session.recording.stage_info("recurrent_out")
    layer = find_layer(viewer, "map")
    assert layer.data.shape == (2, 4, 12, info["rows"], info["columns"])
    assert tuple(layer.scale[-2:]) == (144 / info["rows"], 256 / info["columns"])
    edges = layer.extent.world[:, -2:] + np.outer([-0.5, 0.5], layer.scale[-2:])
    np.testing.assert_allclose(edges, [[-0.5, -0.5], [143.5, 255.5]])


def test_selecting_in_the_manifold_lights_up_the_units_on_the_movie(docks, viewer):
    manifold = docks[1]
    manifold.session.selection.apply("recurrent_out", [2, 3, 50])
    colors = np.asarray(find_layer(viewer, "units").face_color)
    assert set(np.flatnonzero(~np.isclose(colors, DIMMED).all(axis=1))) == {2, 3, 50}


def test_a_box_on_the_movie_selects_in_the_manifold_and_moves_no_unit(docks, viewer, qtbot):
    _, manifold, responses = docks
    units = find_layer(viewer, "units")
    before = np.array(units.data)
    manifold.tools.movie_button.click()
    center = tuple(viewer.scene.camera.center)
    canvas = manifold.tools.movie_tool.band.parentWidget()
    places = unit_positions(viewer)
    start, end = (
        (canvas.width() * 0.3, canvas.height() * 0.3),
        (canvas.width() * 0.6, canvas.height() * 0.6),
    )
    expected = set(inside_box(places, np.round(start), np.round(end)).tolist())
    assert 3 < len(expected) < len(before)
    drag(canvas, start, end)
    assert set(manifold.session.selection.indices("recurrent_out")) == expected
    dimmed = np.isclose(manifold.cloud.layer.face_color, DIMMED).all(axis=1)
    assert set(np.flatnonzero(~dimmed)) == expected
    qtbot.waitUntil(lambda: responses.mean is not None and responses.mean.units == len(expected))
    assert tuple(viewer.scene.camera.center) == center
    np.testing.assert_array_equal(units.data, before)


def test_the_units_are_drawn_where_clicks_find_them(docks, viewer):
    manifold = docks[1]
    canvas = manifold.tools.movie_tool.band.parentWidget()
    places = unit_positions(viewer)
    unit = int(inside_box(places, (20, 20), (canvas.width() - 20, canvas.height() - 20))[0])
    place = find_layer(viewer, "units").data[unit]
    click(canvas, places[unit])
    picked = manifold.session.selection.indices("recurrent_out")
    assert len(picked) == 1
    np.testing.assert_allclose(find_layer(viewer, "units").data[picked[0]], place)
    # napari's own idea of the same canvas point
    np.testing.assert_allclose(viewer.cursor.position[-2:], place, atol=1.0)


def test_a_drag_with_alt_subtracts_on_the_movie_and_zooms_again_once_the_tool_is_put_away(docks, viewer):
    tools, alt = docks[1].tools, Qt.KeyboardModifier.AltModifier
    canvas = tools.movie_tool.band.parentWidget()
    selection = docks[1].session.selection
    selection.apply("recurrent_out", range(40))
    places = unit_positions(viewer)
    start, end = (np.round(np.nanquantile(places, share, axis=0)) for share in (0.2, 0.8))
    inside = set(inside_box(places, tuple(start), tuple(end)).tolist())
    zoom = viewer.scene.camera.zoom
    tools.movie_button.click()
    drag(canvas, start, end, alt)
    assert set(selection.indices("recurrent_out").tolist()) == set(range(40)) - inside
    assert viewer.scene.camera.zoom == zoom
    tools.movie_button.click()
    drag(canvas, start, end, alt)
    assert viewer.scene.camera.zoom > zoom


def test_dragging_a_selected_unit_on_the_movie_does_not_move_it(docks, viewer):
    units = find_layer(viewer, "units")
    before = np.array(units.data)
    viewer.layers.selection.active = units
    units.mode = "select"
    canvas = docks[1].tools.movie_tool.band.parentWidget()
    place = unit_positions(viewer)[0]
    drag(canvas, place, place + 40)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_2, Qt.Key.Key_3):
        QTest.keyClick(canvas, key)
    np.testing.assert_array_equal(units.data, before)


def test_picking_an_output_unit_shows_its_readout_everywhere(docks, viewer, recording, qtbot):
    bench = docks[0].bench
    bench.session.show_stage("output")
    bench.session.selection.apply("output", [7], picked=7)
    choice = shown_readout(bench.session)
    assert choice.unit == int(recording.units("output")["row"].iloc[7])
    qtbot.waitUntil(lambda: bench.source.lookup(choice, (0, 0)) is not None, timeout=30_000)
    layer = find_layer(viewer, "readout")
    assert layer.visible
    assert not (find_layer(viewer, "map") is not None and find_layer(viewer, "map").visible)
    assert np.isfinite(layer.data[0, 0, 3]).any()
    assert layer.name.startswith(f"Readout (log response) of unit {choice.unit} at every place")
    reach = np.abs(np.log(recording.responses("output").values[7])).max()
    np.testing.assert_allclose(layer.contrast_limits, map_style([-reach]).limits)


def test_the_time_cursor_and_the_thick_line_follow_the_slider(docks, viewer):
    responses = docks[2]
    responses.session.selection.apply("recurrent_out", range(5))
    QTest.qWait(100)
    viewer.dims.set_current_step((0, 1, 2), (1, 2, 9))
    panel = responses._panels[1]
    assert panel.cursor.value() == 9 / 30
    widths = [line.opts["pen"].widthF() for line in panel.lines]
    assert np.argmax(widths) == 2
    assert "0.30 s" in viewer.canvas.overlays.text.text
    assert "simulated" in viewer.canvas.overlays.text.text


def test_responses_that_nobody_sees_stay_as_they_are_and_catch_up(docks, viewer, qtbot):
    responses = docks[2]
    responses.session.selection.apply("recurrent_out", range(5))
    QTest.qWait(100)
    panel, dock = responses._panels[1], dock_around(responses)
    viewer.dims.set_current_step((0, 1, 2), (1, 2, 4))
    dock.hide()
    viewer.dims.set_current_step((0, 1, 2), (1, 3, 9))
    assert panel.cursor.value() == 4 / 30
    dock.show()
    qtbot.waitUntil(lambda: panel.cursor.value() == 9 / 30)
    assert np.argmax([line.opts["pen"].widthF() for line in panel.lines]) == 3


def test_the_responses_drawn_are_the_mean_of_the_selected_units(docks, recording):
    responses = docks[2]
    responses.session.selection.apply("recurrent_out", [4, 9, 11])
    QTest.qWait(100)
    expected = recording.responses("recurrent_out").values[[4, 9, 11]].mean(axis=0)
    for s, panel in enumerate(responses._panels):
        for d, line in enumerate(panel.lines):
            np.testing.assert_allclose(line.yData, expected[s, d], rtol=1e-5)
    responses.session.selection.clear()
    QTest.qWait(100)
    assert responses.pages.currentWidget() is responses.hint


def test_a_layer_removed_by_hand_comes_back_with_the_next_stage(docks, viewer, qtbot):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    viewer.layers.remove(find_layer(viewer, "map"))
    viewer.layers.remove(find_layer(viewer, "movie"))
    bench.session.channel = 3
    bench.session.selection.apply("recurrent_out", [1])
    bench.open(bench.session.recording)
    assert find_layer(viewer, "movie") is not None
    assert find_layer(viewer, "map") is not None


def test_a_twin_that_changed_since_is_refused_with_a_readable_error(docks, viewer, qtbot, monkeypatch):
    from napari_twinscope.views import bench as module

    bench = docks[0].bench
    qtbot.waitUntil(lambda: not bench.background.busy, timeout=30_000)
    shown = []
    monkeypatch.setattr(module, "show_error", lambda _, error: shown.append(error))
    twin = type("Other", (), {"checksum": "f" * 16})()
    monkeypatch.setattr(bench.source, "_load_twin", lambda _: twin)
    bench.source._twin = None
    viewer.dims.set_current_step((0, 1), (1, 1))
    qtbot.waitUntil(lambda: bool(shown), timeout=10_000)
    assert "not the one that was recorded" in str(shown[0])
    qtbot.wait(200)
    assert len(shown) == 1, "it is told once, not for every frame"


def test_a_movie_opened_where_its_layers_were_removed_leaves_no_row_without_a_layer(docks, viewer, qtbot):
    bench = docks[0].bench
    qtbot.waitUntil(lambda: chosen_map(bench) is not None, timeout=30_000)
    bench.show_frame((1, 1), 5)
    for role in ("map", "movie"):
        viewer.layers.remove(find_layer(viewer, role))
    bench.open(bench.session.recording)
    assert find_layer(viewer, "movie") is not None
    assert find_layer(viewer, "map") is not None
    rows = viewer.window._qt_window.findChild(QtLayerList).model()
    shown = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert shown == [layer.name for layer in reversed(viewer.layers)]


def test_what_follows_a_change_of_layers_waits_until_the_list_on_the_screen_has_heard_of_it():
    layers, told = ViewerModel().layers, []

    def follow(_):
        told.append("slider")
        assert changes.under_way
        changes.wait()

    layers.events.inserted.connect(follow)
    layers.events.inserted.connect(lambda _: told.append("list"))
    changes = LayerChanges(layers, lambda: told.append("then"))
    layers.append(Points(np.zeros((1, 2))))
    assert told == ["slider", "list", "then"]
    assert not changes.under_way


def test_units_that_cannot_be_measured_are_told_of(docks, monkeypatch, qtbot, qapp):
    def fail(_):
        raise MemoryError

    bench = docks[0].bench
    monkeypatch.setattr("napari_twinscope.views.bench.measures_of_responses", fail)
    monkeypatch.setattr(bench, "_measuring", None)
    bench.session.looks[bench.session.stage] = replace(bench.session.look, recorded={})
    bench.measure_units()
    qtbot.waitUntil(lambda: not bench.background.busy, timeout=20_000)
    said = [w for w in qapp.topLevelWidgets() if isinstance(w, ErrorDialog) and w.isVisible()]
    assert [w.windowTitle() for w in said] == ["Measuring the units did not work"]
    for dialog in said:
        dialog.close()


def test_what_is_on_the_screen_is_told_in_two_lines_on_a_narrow_canvas(recording):
    viewer, said = ViewerModel(), []
    for width in (800, 150):
        viewer.canvas.size = (400, width)
        show_condition(viewer, recording.protocol, (1, 2), 3)
        said.append(viewer.canvas.overlays.text.text)
    assert said[0] == condition_text(recording.protocol, (1, 2), 3)
    name, rest = said[1].split("\n")
    assert f"{name}   {rest}" == said[0]
