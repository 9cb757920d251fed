from __future__ import annotations

import gc
import shutil
import time

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.rig import resolve_plan
from napari_twinscope.stimuli import movie_protocol
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dialogs import ErrorDialog
from napari_twinscope.views.roles import find_layer


@pytest.fixture
def rig(viewer, tmp_path):
    """The Rig dock set to a recording of a second or two."""
    dock = open_dock(viewer, "Rig")
    form = dock.form
    for name in form.stages.checked():
        form.stages.check(name, name == "output")
    for name in form.stimuli.checked()[1:]:
        form.stimuli.check(name, False)
    for button in form.direction_buttons[2:]:
        button.setChecked(False)
    form.instances.setValue(1)
    form.frames.setValue(6)
    form.rule.setCurrentIndex(form.rule.findData("uniform"))
    form.path.setText(str(tmp_path / "made"))
    holder = [dock]
    yield holder
    holder.clear()


def test_the_form_writes_the_plan(rig):
    rig[0].form.seed.setValue(12)
    plan = resolve_plan(rig[0].draft)
    assert plan.stages == ("output",)
    assert plan.protocol.directions == (0.0, 45.0)
    assert (len(plan.protocol.stimuli), plan.protocol.instances, plan.protocol.frames) == (1, 1, 6)
    assert plan.sampling.rule == "uniform"
    assert plan.seed == 12
    assert not rig[0].form.status.isHidden()
    assert "SIMULATED" in rig[0].form.status.text()


def test_another_twin_offers_its_own_stages_and_caution(rig):
    form = rig[0].form
    form.twin.setCurrentIndex([form.twin.itemData(i)[0] for i in range(form.twin.count())].index("simulated"))
    assert form.stages.checked() == ("linear", "drive", "output")
    assert rig[0].draft.stages == ("linear", "drive", "output")
    assert "SIMULATED" in form.status.text()


def test_every_protocol_can_be_chosen(rig):
    form = rig[0].form
    for index in range(form.protocol.count()):
        form.protocol.setCurrentIndex(index)
        plan = resolve_plan(rig[0].draft)
        assert plan.protocol.names == form.stimuli.checked()
        assert len(form.direction_buttons) == len(plan.protocol.directions)


def test_nothing_chosen_is_told_at_once_and_cannot_be_recorded(rig):
    dock = rig[0]
    dock.form.stages.check("output", False)
    assert "at least one stage" in dock.estimate_label.text()
    assert not dock.record_button.isEnabled()


def test_the_estimate_comes_before_the_run(rig, qtbot):
    dock = rig[0]
    qtbot.waitUntil(lambda: "on disk" in dock.estimate_label.text(), timeout=30_000)
    assert "memory" in dock.estimate_label.text()


def test_record_writes_shows_and_opens_the_views(rig, viewer, qtbot, tmp_path):
    dock = rig[0]
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    assert dock.cancel_button.isEnabled()
    assert not dock.record_button.isEnabled()
    qtbot.waitUntil(lambda: dock.bench.session.recording is not None, timeout=60_000)
    assert (tmp_path / "made.twinscope.zarr").is_dir()
    assert dock.bench.session.stage == "output"
    assert find_layer(viewer, "movie").data.shape == (1, 2, 6, 144, 256)
    assert len(viewer.window.dock_widgets) >= 3
    assert dock.record_button.isEnabled()
    qtbot.waitUntil(lambda: not dock.bench.background.busy, timeout=30_000)


def slow_record(_plan, _path, *, progress):
    """Stand in for a long recording."""
    progress.begin(1000, "tasks")
    for _ in range(1000):
        if progress.canceled:
            raise Canceled("Stopped at the user's request.")
        progress.advance()
        time.sleep(0.02)


def test_the_window_stays_alive_while_recording_and_cancel_stops_it(rig, qtbot, monkeypatch):
    from napari_twinscope import recording

    monkeypatch.setattr(recording, "record", slow_record, raising=False)
    dock = rig[0]
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.progress.value() > 3, timeout=30_000)
    start = time.perf_counter()
    qtbot.wait(1)
    assert time.perf_counter() - start < 1.0
    qtbot.mouseClick(dock.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.job is None, timeout=10_000)
    assert "go on where it stopped" in dock.status.text()
    assert dock.record_button.isEnabled()


def test_closing_the_viewer_while_recording_stops_the_job_and_leaks_nothing(rig, viewer, qtbot, monkeypatch):
    from napari_twinscope import recording

    monkeypatch.setattr(recording, "record", slow_record, raising=False)
    dock = rig[0]
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.progress.value() > 3, timeout=30_000)
    job = dock.job
    dock = None
    rig.clear()
    viewer.close()
    gc.collect()
    qtbot.waitUntil(lambda: job.progress.canceled, timeout=10_000)
    done = job.progress.done
    qtbot.wait(200)
    assert job.progress.done <= done + 1


def test_closing_the_dock_while_recording_stops_the_job(rig, viewer, qtbot, monkeypatch):
    from napari_twinscope import recording

    monkeypatch.setattr(recording, "record", slow_record, raising=False)
    dock = rig[0]
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.progress.value() > 3, timeout=30_000)
    job = dock.job
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: job.progress.canceled, timeout=10_000)


@pytest.mark.parametrize("begun", [False, True])
def test_closing_the_dock_while_it_records_beside_others_is_heard_of_by_nobody(
    rig, viewer, qtbot, monkeypatch, begun
):
    from napari_twinscope import recording

    monkeypatch.setattr(recording, "record", slow_record, raising=False)
    dock, bench = rig[0], rig[0].bench
    open_dock(viewer, "Manifold")
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    if begun:
        qtbot.waitUntil(lambda: dock.progress.value() > 3, timeout=30_000)
    job = dock.job
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: not bench.background.busy, timeout=30_000)  # pytest-qt notes what is raised
    assert job.progress.canceled


def test_pressing_twice_records_once(rig, qtbot, monkeypatch, tmp_path):
    from napari_twinscope import recording
    from napari_twinscope.views import rig_dock

    paths = []

    def record(_plan, path, *, progress):
        paths.append(path)
        slow_record(_plan, path, progress=progress)

    monkeypatch.setattr(recording, "record", record, raising=False)
    monkeypatch.setattr(rig_dock, "recordings_folder", lambda: tmp_path)
    dock = rig[0]
    for _ in range(2):
        qtbot.mouseClick(dock.welcome.record_button, Qt.MouseButton.LeftButton)
    dock.record()  # as by its key
    qtbot.waitUntil(lambda: dock.progress.value() > 3, timeout=30_000)
    qtbot.mouseClick(dock.welcome.record_button, Qt.MouseButton.LeftButton)
    dock.cancel()
    qtbot.waitUntil(lambda: not dock.bench.background.busy, timeout=30_000)
    assert [path.name for path in paths] == ["first-steps.twinscope.zarr"]
    assert dock.job is None
    assert dock.welcome.record_button.isEnabled()


def test_a_plan_that_became_impossible_meanwhile_cannot_be_recorded_afterwards(rig, qtbot, monkeypatch):
    from napari_twinscope import recording

    monkeypatch.setattr(recording, "record", slow_record, raising=False)
    dock = rig[0]
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    dock.form.stages.check("output", False)
    dock.cancel()
    qtbot.waitUntil(lambda: dock.job is None, timeout=30_000)
    assert dock.status.text() == "Stopped before the recording began."
    assert not dock.record_button.isEnabled()
    dock.form.stages.check("output", True)
    assert dock.record_button.isEnabled()


def test_a_failed_recording_is_explained_and_can_be_tried_again(rig, qtbot, tmp_path):
    dock = rig[0]
    dock.form.path.setText(str(tmp_path / "absent" / "made"))
    qtbot.mouseClick(dock.record_button, Qt.MouseButton.LeftButton)
    assert isinstance(dock.dialog, ErrorDialog)
    assert "folder" in dock.dialog.details.toPlainText()
    dock.dialog.close()
    assert dock.record_button.isEnabled()
    assert dock.bench.session.recording is None


def test_the_preview_is_an_image_layer_with_named_axes(rig, viewer, qtbot):
    dock = rig[0]
    qtbot.mouseClick(dock.preview_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: find_layer(viewer, "preview") is not None, timeout=20_000)
    layer = find_layer(viewer, "preview")
    assert layer.data.shape == (1, 2, 6, 144, 256)
    assert viewer.dims.axis_labels == ("stimulus", "direction", "time", "y", "x")
    qtbot.mouseClick(dock.preview_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dock.bench.background.busy, timeout=20_000)
    assert [layer.name.startswith("Preview") for layer in viewer.layers] == [True]


def test_a_preview_can_be_given_up_without_a_complaint(rig, viewer, qtbot):
    dock = rig[0]
    dock.preview()
    (awaited,) = dock.bench.background._running.values()
    awaited.bar.cancel()
    dock.bench.background._look()
    qtbot.waitUntil(lambda: not dock.bench.background.busy, timeout=20_000)
    assert dock.dialog is None
    assert dock.status.text() == "Stopped. The stimuli are not shown."
    assert find_layer(viewer, "preview") is None


def test_an_unreadable_recording_is_explained(rig, tmp_path):
    dock = rig[0]
    dock.open_path(tmp_path / "nothing.twinscope.zarr")
    assert "no recording at" in dock.dialog.details.toPlainText()
    dock.dialog.close()


def damaged_copy(recording_path, folder):
    """Copy a recording and spoil the responses of its output."""
    copy = folder / "damaged.twinscope.zarr"
    shutil.copytree(recording_path, copy)
    for chunk in (copy / "stages/output/responses/c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"not what a codec wrote")
    return copy


def test_a_damaged_recording_is_explained_and_nothing_of_it_is_shown(rig, viewer, recording_path, tmp_path):
    dock = rig[0]
    dock.open_path(damaged_copy(recording_path, tmp_path), "output")
    assert isinstance(dock.dialog, ErrorDialog)
    assert dock.dialog.isVisible()
    dock.dialog.close()
    assert not viewer.layers
    assert dock.bench.session.recording is None
    assert "did not work" in dock.status.text()


def test_a_damaged_recording_leaves_the_last_one_in_place(docks, viewer, recording, recording_path, tmp_path):
    dock, before = docks[0], list(viewer.layers)
    shown = find_layer(viewer, "movie").data
    dock.open_path(damaged_copy(recording_path, tmp_path), "output")
    dock.dialog.close()
    assert list(viewer.layers) == before
    assert find_layer(viewer, "movie").data is shown
    assert dock.bench.session.recording is recording
    assert dock.bench.session.stage == "recurrent_out"


def test_an_unexpected_error_is_shown_too(rig, monkeypatch, tmp_path):
    from napari_twinscope import recording

    def fail(_path):
        raise KeyError("plan")

    monkeypatch.setattr(recording, "open_recording", fail, raising=False)
    dock = rig[0]
    dock.open_path(tmp_path)
    assert "KeyError" in dock.dialog.details.toPlainText()
    assert dock.dialog.details.isVisible()
    dock.dialog.close()


def test_an_error_dialog_says_what_to_do_and_can_be_copied(qtbot, qapp):
    error = InvalidInput("It does not fit.", given="a square", needed="a circle", remedy="round it off")
    dialog = ErrorDialog("Fitting", error)
    qtbot.addWidget(dialog)
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    for part in ("It does not fit.", "a square", "a circle", "round it off"):
        assert part in qapp.clipboard().text()


def test_two_viewers_have_a_bench_each(make_napari_viewer, recording):
    first, second = make_napari_viewer(), make_napari_viewer()
    bench_of(first).open(recording)
    assert bench_of(first) is bench_of(first)
    assert bench_of(second).session.recording is None


def test_an_image_layer_can_be_the_stimulus(rig, viewer, qtbot):
    dock = rig[0]
    frames = np.linspace(0, 1000, 8 * 144 * 256).reshape(8, 144, 256)
    layer = viewer.add_image(frames, name="clouds", contrast_limits=(0, 1000))
    dock.movies.use_layer(layer)
    qtbot.waitUntil(lambda: dock.draft.own is not None, timeout=10_000)
    plan = resolve_plan(dock.draft)
    assert plan.protocol.names == ("clouds",)
    assert plan.protocol.frames == 8
    np.testing.assert_allclose(plan.protocol.movie(0, 0, 0), frames * 0.255, atol=1)


def test_a_long_movie_file_is_shown_whole_as_by_the_command_line(rig, tmp_path, qtbot):
    path = tmp_path / "film.npy"
    np.save(path, np.zeros((320, 9, 16), np.uint8))
    dock = rig[0]
    dock.movies.use_file(path)
    qtbot.waitUntil(lambda: dock.draft.own is not None, timeout=10_000)
    assert resolve_plan(dock.draft).protocol.hash == movie_protocol(path).hash


def test_a_movie_that_is_read_when_the_dock_is_gone_is_used_by_nobody(rig, viewer, tmp_path, qtbot):
    path = tmp_path / "film.npy"
    np.save(path, np.zeros((20, 9, 16), np.uint8))
    dock, bench = rig[0], rig[0].bench
    open_dock(viewer, "Manifold")
    dock.movies.use_file(path)
    viewer.window.remove_dock_widget(dock)
    assert bench.background.busy
    qtbot.waitUntil(lambda: not bench.background.busy, timeout=10_000)
    assert dock.draft.own is None
