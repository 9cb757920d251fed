from __future__ import annotations

import json

import numpy as np
import pytest

from napari_twinscope.rig.saved_session import SUFFIX
from napari_twinscope.views.arrangement import close_dock, open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.roles import find_layer
from napari_twinscope.views.window_state import open_pages

SAME = 0.03  # share of pixels: theme engines lay out widgets a pixel or two apart in two windows


def look_around(viewer, docks):
    """Leave nothing as it was when the docks opened."""
    rig, manifold, _ = docks
    session = rig.session
    session.measure = "preferred stimulus"
    session.in_stimulus_coordinates = False
    session.selection.apply("recurrent_out", range(0, 60, 2), picked=12)
    session.selection.group("recurrent_out", "even", "#c05000")
    rig.bench.show_frame((1, 2), 7)
    find_layer(viewer, "map").opacity = 0.4
    viewer.scene.camera.zoom *= 1.5
    manifold.cloud.model.scene.camera.angles = (20.0, -10.0, 60.0)
    manifold.cloud.model.scene.camera.zoom *= 0.8
    manifold.tools.choose("lasso")
    manifold.tools.choose_manner("add")
    manifold.encoding.form.draft.seed = 4
    manifold.groups.fold.set_open(False)
    rig.form.instances.setValue(3)
    rig.form.stages.check("output", False)


def reopen(viewer, path, qtbot):
    file = bench_of(viewer).file
    with_signal = []
    file.shown.connect(lambda: with_signal.append(True))
    file.open(path)
    qtbot.waitUntil(lambda: bool(with_signal), timeout=20_000)
    qtbot.waitUntil(lambda: not bench_of(viewer).background.busy, timeout=20_000)
    qtbot.wait(200)


def picture(viewer):
    return viewer.screenshot(canvas_only=False, flash=False)[..., :3].astype(float)


def different(one, other):
    """Return which share of the pixels of two pictures can be told apart."""
    if one.shape != other.shape:
        return 1.0
    return float(np.mean(np.abs(one - other).max(axis=2) > 12))


def document(viewer, folder):
    data = json.loads(bench_of(viewer).file.write(folder / "again").read_text())
    del data["window"]["arrangement"]  # Qt's own record; the screenshot says that it is the same
    for part in (data["window"], data["docks"]["Manifold"]):
        camera = part["camera"]
        part["camera"] = [round(v, 3) for v in (*camera["center"], *camera["angles"], camera["zoom"])]
    return data


@pytest.fixture
def saved(docks, viewer, qtbot, tmp_path):
    """Return the file, the picture and the document of a session that someone has worked in."""
    viewer.window.resize(1300, 950)
    look_around(viewer, docks)
    qtbot.waitUntil(lambda: not docks[0].bench.background.busy, timeout=20_000)
    qtbot.wait(200)
    assert docks[0].bench.file.save(tmp_path / "work")
    return tmp_path / f"work{SUFFIX}", picture(viewer), document(viewer, tmp_path)


def test_a_session_reopened_in_another_window_looks_the_same(saved, make_napari_viewer, qtbot, tmp_path):
    path, before, state = saved
    other = make_napari_viewer(show=True)
    reopen(other, path, qtbot)
    assert document(other, tmp_path) == state
    share = different(picture(other), before)
    assert share < SAME


def test_what_was_changed_meanwhile_is_undone_by_opening(saved, docks, viewer, qtbot, tmp_path):
    path, before, state = saved
    rig, manifold, _ = docks
    rig.session.selection.clear()
    rig.session.show_stage("output")
    manifold.tools.choose("ball")
    manifold.cloud.reset_view()
    close_dock(viewer, "Responses")
    docks.pop()
    viewer.window.resize(1100, 700)
    viewer.window.resize(1300, 950)
    qtbot.wait(200)
    share = different(picture(viewer), before)
    assert share > 3 * SAME
    reopen(viewer, path, qtbot)
    assert list(open_pages(viewer)) == list(state["docks"])
    assert document(viewer, tmp_path) == state
    share = different(picture(viewer), before)
    assert share < SAME


def test_a_dock_that_was_closed_is_closed_and_the_rig_stays(saved, docks, viewer, qtbot):
    path, _, _ = saved
    data = json.loads(path.read_text())
    del data["docks"]["Responses"], data["docks"]["Rig"]
    path.write_text(json.dumps(data))
    docks.pop()
    reopen(viewer, path, qtbot)
    assert list(open_pages(viewer)) == ["Rig", "Manifold"]


def test_a_part_that_does_not_fit_is_told_and_the_rest_is_shown(saved, viewer, qtbot, monkeypatch):
    from napari_twinscope.views import session_file

    path, _, _ = saved
    data = json.loads(path.read_text())
    data["docks"]["Manifold"]["tool"] = "spoon"
    data["docks"]["Compass"] = {}
    path.write_text(json.dumps(data))
    told = []
    monkeypatch.setattr(session_file, "show_error", lambda _, error, *__: told.append(str(error)))
    reopen(viewer, path, qtbot)
    assert "Compass" in told[0]
    assert bench_of(viewer).session.frame == 7


def test_a_session_that_cannot_be_read_changes_nothing(docks, qtbot, tmp_path, monkeypatch):
    from napari_twinscope.views import session_file

    told = []
    monkeypatch.setattr(session_file, "show_error", lambda _, error, *__: told.append(error.problem))
    path = tmp_path / "work.twinscope.json"
    path.write_text('{"kind": "twinscope session", "version": "one"}')
    before = docks[0].session.stage
    docks[0].bench.file.open(path)
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert "version" in told[0]
    assert docks[0].session.stage == before


def test_a_lost_recording_is_asked_for(saved, docks, viewer, qtbot, monkeypatch):
    path, _, _ = saved
    data = json.loads(path.read_text())
    where = data["recordings"][0].pop("path")
    data["recordings"][0].update(path="/nowhere/small.twinscope.zarr", beside="")
    path.write_text(json.dumps(data))
    asked, file = [], docks[0].bench.file
    monkeypatch.setattr(file, "ask_where", lambda _, lost: asked.append(lost.saved.name))
    file.open(path)
    qtbot.waitUntil(lambda: asked == ["small.twinscope.zarr"], timeout=10_000)
    qtbot.waitUntil(lambda: "not opened" in docks[0].status.text(), timeout=5_000)
    from pathlib import Path

    monkeypatch.setattr(file, "ask_where", lambda *_: Path(where))
    reopen(viewer, path, qtbot)
    assert docks[0].session.frame == 7


def test_neurons_are_found_in_a_folder_that_was_moved_and_told_where_they_are_lost(
    viewer, recording, qtbot, tmp_path, monkeypatch
):
    from napari_twinscope.rig.comparison_view import ImportedPopulation
    from napari_twinscope.views import session_file

    told = []
    monkeypatch.setattr(session_file, "show_error", lambda _, error, *__: told.append(str(error)))
    folder = tmp_path / "work"
    folder.mkdir()
    neurons = [folder / "V1.npz", folder / "LM.npz"]
    for one in neurons:
        one.write_bytes(b"read when they are compared")
    dock = open_dock(viewer, "Compare stages")
    bench_of(viewer).open(recording)
    listed = dock.form.populations
    listed.show_populations(ImportedPopulation(one.stem, str(one), "30 units") for one in neurons)
    path = bench_of(viewer).file.write(folder / "work")
    moved = folder.rename(tmp_path / "moved")
    reopen(viewer, moved / path.name, qtbot)
    assert [one.path for one in listed.populations] == [str(moved / one.name) for one in neurons]
    assert told == []
    (moved / "LM.npz").unlink()
    reopen(viewer, moved / path.name, qtbot)
    assert len(told) == 1
    assert str(neurons[1]) in told[0]
    assert str(neurons[0]) not in told[0]
    assert [one.name for one in listed.populations] == ["V1", "LM"]
    assert "not there now" in listed.list.item(1).toolTip()


def test_groups_that_are_in_no_file_are_told_and_asked_about(docks, tmp_path, monkeypatch):
    rig = docks[0]
    assert rig.unsaved.isHidden()
    rig.session.selection.apply("recurrent_out", [1, 2])
    rig.session.selection.group("recurrent_out", "pair")
    assert "1 group is in no file" in rig.unsaved.text()
    assert not rig.unsaved.isHidden()
    asked, file = [], rig.bench.file
    monkeypatch.setattr(file, "ask_about_groups", lambda _, names: asked.append(names) or "cancel")
    file.choose_and_open(rig)
    assert asked == ["“pair”"]
    assert file.save(tmp_path / "kept")
    assert rig.unsaved.isHidden()
    assert "Saved" in rig.status.text()


def test_a_session_opens_by_napari_s_file_menu(saved, make_napari_viewer, qtbot):
    path, _, _ = saved
    other = make_napari_viewer(show=True)
    bench, shown = bench_of(other), []
    bench.file.shown.connect(lambda: shown.append(True))
    assert other.open(str(path), plugin="napari-twinscope") == []
    qtbot.waitUntil(lambda: bool(shown), timeout=20_000)
    assert bench.session.frame == 7
    qtbot.waitUntil(lambda: not bench.background.busy, timeout=20_000)


def test_a_session_that_is_dropped_on_the_window_asks_before_groups_are_lost(docks, tmp_path, monkeypatch):
    rig = docks[0]
    file, groups, asked = rig.bench.file, rig.session.selection.groups, []
    assert file.save(tmp_path / "without")
    rig.session.selection.apply("recurrent_out", [1, 2])
    rig.session.selection.group("recurrent_out", "pair")
    monkeypatch.setattr(file, "ask_about_groups", lambda _, names: asked.append(names) or "cancel")
    rig.bench.viewer.open(str(tmp_path / f"without{SUFFIX}"), plugin="napari-twinscope")
    assert asked == ["“pair”"]
    assert not rig.bench.background.busy
    assert [group.name for group in groups] == ["pair"]


def test_a_session_can_be_saved_where_no_dock_is_open(viewer, tmp_path, qtbot):
    assert bench_of(viewer).file.save(tmp_path / "empty")
    open_dock(viewer, "Rig")
    reopen(viewer, tmp_path / f"empty{SUFFIX}", qtbot)
    assert list(open_pages(viewer)) == ["Rig"]
