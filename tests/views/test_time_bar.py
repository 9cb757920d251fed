from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtTest import QTest


def test_one_control_moves_slider_movie_map_and_cursor_together(docks, qtbot):
    _, manifold, responses = docks
    session, viewer, bar = manifold.session, manifold.bench.viewer, responses.time_bar
    session.selection.apply(session.stage, range(10))
    QTest.qWait(100)
    bar.speed.setCurrentIndex(bar.speed.findData(0.5))
    bar.speed.activated.emit(bar.speed.currentIndex())
    seen = []
    session.events.frame.connect(lambda new, _: seen.append((new, viewer.dims.current_step[2])))
    bar.play_button.click()
    assert bar.play_button.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: len(seen) > 4, timeout=20_000)
    bar.play_button.click()
    assert not manifold.bench.playback.playing
    frame = session.frame
    assert viewer.dims.current_step[2] == frame
    assert all(new == step for new, step in seen)
    rate = session.recording.protocol.screen.frame_rate
    assert responses._panels[0].cursor.value() == frame / rate
    assert f"· {frame + 1} of 12" in bar.where.text()


def test_stepping_by_keys_and_napari_s_own_slider_stay_in_step(docks, qtbot):
    rig, manifold, responses = docks
    session, viewer, bar = manifold.session, manifold.bench.viewer, responses.time_bar
    session.selection.apply(session.stage, range(10))
    rig.bench.show_frame((1, 3), 4)
    bar.on_button.click()
    assert (session.condition, session.frame) == ((1, 3), 5)
    assert tuple(viewer.dims.current_step[:3]) == (1, 3, 5)
    viewer.dims.set_current_step(2, 9)
    assert session.frame == 9
    bar.back_button.click()
    assert viewer.dims.current_step[2] == 8
    bar.start_button.click()
    assert viewer.dims.current_step[2] == 0
    bar.loop_button.click()
    bar.back_button.click()
    assert session.frame == 0
    responses.window().activateWindow()
    qtbot.waitUntil(responses.window().isActiveWindow)
    qtbot.waitUntil(responses.plots.isVisible)
    responses.plots.setFocus()
    QTest.keyClick(responses.plots, Qt.Key.Key_Right)
    assert session.frame == 1
    QTest.keyClick(responses.plots, Qt.Key.Key_Space)
    assert manifold.bench.playback.playing
    QTest.keyClick(responses.plots, Qt.Key.Key_Space)
    assert not manifold.bench.playback.playing


def test_a_bar_with_nothing_to_play_is_disabled_and_a_closed_one_stops(viewer, docks):
    _, manifold, responses = docks
    bar = responses.time_bar
    assert bar.isEnabled()
    bar.play_button.click()
    viewer.window.remove_dock_widget(responses)
    assert not manifold.bench.playback.playing


def test_without_a_recording_the_bar_waits(viewer):
    from napari_twinscope.views.arrangement import open_dock

    responses = open_dock(viewer, "Responses")
    assert not responses.time_bar.isEnabled()
    assert responses.time_bar.where.text() == ""
