"""What a person does in one sitting, with a mouse and a keyboard, over all docks that there are."""

from __future__ import annotations

import gc
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_twinscope.errors import StoreError
from napari_twinscope.recording import open_recording, record
from napari_twinscope.rig import resolve_path, resolve_plan
from napari_twinscope.rig.colors import highlight
from napari_twinscope.rig.psth import mean_response
from napari_twinscope.views.arrangement import close_dock, open_all, open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.roles import find_layer
from napari_twinscope.views.window_state import open_pages
from store_contents import contents

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click, drag, draw

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def everything_on(viewer, recording, qtbot):
    """Open every dock of the manifest on a recording and return them by name."""
    open_all(viewer)
    bench_of(viewer).open(recording)
    pages = open_pages(viewer)
    qtbot.waitUntil(lambda: pages["Manifold"].cloud.layer is not None, timeout=20_000)
    qtbot.wait(300)
    pages["Manifold"].cloud.reset_view()
    return pages


def corners(cloud, low, high):
    places = cloud.positions()
    return [tuple(np.round(np.nanquantile(places, part, axis=0))) for part in (low, high)]


def agree(viewer, manifold):
    """Fail unless every view shows the units that are selected."""
    session = manifold.session
    mask = session.selection.mask(session.stage)
    expected = highlight(session.colors()[0], mask)
    np.testing.assert_allclose(find_layer(viewer, "units").face_color, expected, atol=1e-6)
    np.testing.assert_allclose(manifold.cloud.layer.face_color[:, :3], expected[:, :3], atol=1e-6)
    assert manifold.tools.count.text().startswith(f"{mask.sum()} of {len(mask)}")
    return mask


def press(widget, key, modifiers=Qt.KeyboardModifier.NoModifier):
    widget.window().activateWindow()
    QTest.qWaitForWindowActive(widget.window())
    widget.setFocus()
    QTest.keyClick(widget, key, modifiers)


def test_tools_in_turn_show_in_every_view_and_all_of_it_is_undone(viewer, recording, qtbot):
    pages = everything_on(viewer, recording, qtbot)
    manifold, responses = pages["Manifold"], pages["Responses"]
    session, native = manifold.session, manifold.cloud.native
    places = np.array(manifold.cloud.layer.data)
    masks = [agree(viewer, manifold)]
    press(native, Qt.Key.Key_B)
    drag(native, *corners(manifold.cloud, 0.2, 0.6))
    masks.append(agree(viewer, manifold))
    press(native, Qt.Key.Key_L)
    (left, top), (right, bottom) = corners(manifold.cloud, 0.5, 0.9)
    draw(native, [(left, top), (right, top), (right, bottom), (left, bottom)], SHIFT)
    masks.append(agree(viewer, manifold))
    press(native, Qt.Key.Key_O)
    drag(native, *corners(manifold.cloud, 0.4, 0.5), ALT)
    masks.append(agree(viewer, manifold))
    drag(native, *corners(manifold.cloud, 0.1, 0.9), release=False)
    QTest.keyClick(native, Qt.Key.Key_Escape)
    QTest.mouseRelease(native, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(agree(viewer, manifold), masks[-1])
    session.measure = "preferred stimulus"
    press(native, Qt.Key.Key_C)
    spots = manifold.cloud.positions()
    click(native, spots[np.nanargmax(spots[:, 0])])
    masks.append(agree(viewer, manifold))
    session.measure = "mean activity"
    press(native, Qt.Key.Key_R)
    manifold.tools.range_panel.percent.setValue(20)
    manifold.tools.range_panel.take.click()
    masks.append(agree(viewer, manifold))
    press(native, Qt.Key.Key_I)
    masks.append(agree(viewer, manifold))
    changed = [bool((one != other).any()) for one, other in pairwise(masks)]
    assert changed == [True] * 6, "box, lasso, ball, cluster, range, invert"
    open_dock(viewer, "Responses")
    qtbot.waitUntil(lambda: responses.mean is not None, timeout=5000)
    expected = mean_response(session.responses(), np.flatnonzero(masks[-1]))["mean"]
    np.testing.assert_allclose(responses.mean.mean, expected)
    open_dock(viewer, "Manifold")
    for mask in masks[-2::-1]:
        press(native, Qt.Key.Key_Z, CTRL)
        np.testing.assert_array_equal(agree(viewer, manifold), mask)
    for mask in masks[1:]:
        press(native, Qt.Key.Key_Z, CTRL | SHIFT)
        np.testing.assert_array_equal(agree(viewer, manifold), mask)
    np.testing.assert_array_equal(manifold.cloud.layer.data, places)


def test_five_hundred_steps_are_undone_and_done_again(viewer, recording, qtbot):
    session = everything_on(viewer, recording, qtbot)["Manifold"].session
    viewer.window._qt_window.hide()
    for step in range(500):
        session.selection.apply(session.stage, [step % 150], "toggle")
    last = session.selection.mask(session.stage)
    while session.selection.undo() is not None:
        pass
    assert not session.selection.count(session.stage)
    while session.selection.redo() is not None:
        pass
    np.testing.assert_array_equal(session.selection.mask(session.stage), last)


def test_every_dock_can_be_closed_and_opened_again_and_catches_up(viewer, recording, qtbot):
    everything_on(viewer, recording, qtbot)
    session = bench_of(viewer).session
    listeners = len(session.selection.changed)
    for turn, name in enumerate(list(open_pages(viewer))):
        close_dock(viewer, name)
        qtbot.wait(10)
        assert name not in open_pages(viewer)
        session.selection.apply(session.stage, range(turn, 80, 2))
        page = open_dock(viewer, name)
        qtbot.wait(50)
        assert open_pages(viewer)[name] is page
    assert len(session.selection.changed) == listeners
    open_dock(viewer, "Manifold")
    qtbot.wait(50)
    agree(viewer, open_pages(viewer)["Manifold"])


def test_a_hidden_manifold_is_not_painted_and_catches_up(viewer, recording, qtbot):
    manifold = everything_on(viewer, recording, qtbot)["Manifold"]
    session, dock = manifold.session, manifold.parent()
    dock.hide()
    before = np.array(manifold.cloud.layer.face_color)
    session.selection.apply(session.stage, range(30))
    np.testing.assert_array_equal(manifold.cloud.layer.face_color, before)
    dock.show()
    qtbot.wait(50)
    agree(viewer, manifold)


def test_a_dock_behind_another_one_does_no_work_and_catches_up_in_front(viewer, recording, qtbot):
    pages = everything_on(viewer, recording, qtbot)
    front, manifold = open_dock(viewer, "Rig"), pages["Manifold"]
    qtbot.waitUntil(lambda: not manifold.isVisible(), timeout=5000)
    assert front.isVisible()
    size, before = manifold.size(), np.array(manifold.cloud.layer.face_color)
    manifold.session.selection.apply(manifold.session.stage, range(30))
    np.testing.assert_array_equal(manifold.cloud.layer.face_color, before)
    open_dock(viewer, "Manifold")
    qtbot.waitUntil(manifold.isVisible, timeout=5000)
    agree(viewer, manifold)
    assert manifold.size() == size
    qtbot.waitUntil(lambda: not front.isVisible(), timeout=5000)


def test_layers_removed_under_the_docks_feet_are_missed_by_nobody(viewer, recording, qtbot):
    pages = everything_on(viewer, recording, qtbot)
    session, bench = pages["Manifold"].session, bench_of(viewer)
    qtbot.waitUntil(lambda: find_layer(viewer, "map") is not None, timeout=30_000)
    for role in ("units", "map", "movie"):
        viewer.layers.remove(find_layer(viewer, role))
        session.selection.apply(session.stage, range(20))
        session.selection.apply(session.stage, [40], picked=40)
        session.measure = "feature map" if session.measure == "mean activity" else "mean activity"
        session.show_stage("output" if session.stage == "recurrent_out" else "recurrent_out")
        viewer.theme = "light" if viewer.theme == "dark" else "dark"
        qtbot.wait(50)
    bench.open(recording)
    qtbot.wait(100)
    assert find_layer(viewer, "movie") is not None
    assert find_layer(viewer, "units") is not None


def test_two_windows_have_a_session_each(viewer, make_napari_viewer, recording, recording_path, qtbot):
    other_viewer = make_napari_viewer(show=True)
    other_recording = open_recording(recording_path)
    one = everything_on(viewer, recording, qtbot)["Manifold"]
    other = everything_on(other_viewer, other_recording, qtbot)["Manifold"]
    one.tools.choose("box")
    viewer.window._qt_window.raise_()
    drag(one.cloud.native, *corners(one.cloud, 0.2, 0.7))
    assert agree(viewer, one).any()
    assert not agree(other_viewer, other).any()
    other.session.measure = "feature map"
    other.session.selection.apply("recurrent_out", [3])
    viewer.close()
    gc.collect()
    other.session.selection.apply("recurrent_out", [3, 4, 5])
    assert agree(other_viewer, other).sum() == 3
    other_viewer.close()
    other_recording.close()


class Held:
    """Progress that waits after two steps until it is cancelled, once."""

    def __init__(self, progress, once):
        self._progress, self._once = progress, once

    def __getattr__(self, name):
        return getattr(self._progress, name)

    def advance(self, steps=1):
        self._progress.advance(steps)
        while self._progress.done >= 2 and not (self._progress.canceled or self._once.is_set()):
            time.sleep(0.01)
        if self._progress.canceled:
            self._once.set()


@pytest.fixture
def ended():
    """Set once a recording has ended in any way."""
    return threading.Event()


@pytest.fixture
def slow_rig(viewer, tmp_path, monkeypatch, ended):
    """The Rig dock, about to record eight movies one by one."""
    from napari_twinscope import recording

    once = threading.Event()

    def record_slowly(plan, path, *, progress):
        try:
            return record(plan, path, progress=Held(progress, once))
        finally:
            ended.set()

    monkeypatch.setattr(recording, "record", record_slowly, raising=False)
    form = open_dock(viewer, "Rig").form
    for name in form.stages.checked():
        form.stages.check(name, name == "output")
    for name in form.stimuli.checked()[1:]:
        form.stimuli.check(name, False)
    form.instances.setValue(1)
    form.frames.setValue(6)
    form.rule.setCurrentIndex(form.rule.findData("uniform"))
    form.path.setText(str(tmp_path / "made"))
    monkeypatch.setattr("napari_twinscope.views.rig_dock.resolve_plan", lambda draft: one_by_one(draft))
    return [open_dock(viewer, "Rig")]


def one_by_one(draft):
    from dataclasses import replace

    return replace(resolve_plan(draft), batch=1)


def never_stopped(dock, folder):
    """Return what is on disk after the same recording in one go."""
    record(one_by_one(dock.draft), folder / "whole.twinscope.zarr").close()
    return contents(folder / "whole.twinscope.zarr")


def begin(dock, qtbot):
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.job is not None and dock.job.progress.done >= 2, timeout=60_000)


def test_a_recording_cancelled_half_way_goes_on_and_ends_as_if_never_stopped(slow_rig, qtbot, tmp_path):
    dock = slow_rig[0]
    begin(dock, qtbot)
    qtbot.mouseClick(dock.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.job is None, timeout=20_000)
    assert "go on where it stopped" in dock.status.text()
    assert dock.session.recording is None
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.session.recording is not None, timeout=60_000)
    qtbot.waitUntil(lambda: not dock.bench.background.busy, timeout=30_000)
    assert contents(dock.session.recording.path) == never_stopped(dock, tmp_path)


def test_a_window_closed_while_recording_loses_nothing(slow_rig, viewer, qtbot, tmp_path, ended):
    dock = slow_rig.pop()
    begin(dock, qtbot)
    plan, path = one_by_one(dock.draft), resolve_path(dock.draft)
    expected = never_stopped(dock, tmp_path)
    del dock
    viewer.close()
    gc.collect()
    qtbot.waitUntil(ended.is_set, timeout=20_000)
    with pytest.raises(StoreError, match="not finished"):
        open_recording(path)
    record(plan, path).close()
    assert contents(path) == expected
