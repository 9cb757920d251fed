"""The encoding manifold in the dock: first look, options, computing, choosing, report."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.encoding_cloud import NOT_COMPUTED
from napari_twinscope.views import encoding_panel

PATIENCE = 120_000


@pytest.fixture
def recording(recording_path, tmp_path):
    """A copy, for manifolds are stored beside the responses."""
    from napari_twinscope.recording import open_recording

    opened = open_recording(shutil.copytree(recording_path, tmp_path / "copy.twinscope.zarr"))
    yield opened
    opened.close()


def test_a_manifold_is_computed_shown_coloured_and_reported(docks, qtbot):
    _, dock, _ = docks
    panel, session = dock.encoding, dock.session
    assert panel.message.text() == f"⚠ {NOT_COMPUTED}"
    assert panel.form.isHidden()
    assert dock.axis_choice.isHidden()
    assert not panel.report_button.isEnabled()
    assert (panel.form.draft.stimuli, panel.form.draft.rank) == ("all", 4)
    panel.form.restarts.setValue(2)
    panel.compute_button.click()
    assert not panel.compute_button.isEnabled()
    assert not panel.progress.isHidden()
    qtbot.waitUntil(lambda: panel.job is None, timeout=PATIENCE)
    manifold = session.look.manifold
    assert manifold is not None, panel.message.text()
    assert manifold.options.restarts == 2
    assert panel.message.isHidden()
    np.testing.assert_array_equal(session.cloud().points, manifold.coordinates.values[:, :3])
    np.testing.assert_array_equal(dock.cloud.layer.shown, manifold.on_map)
    assert panel.choice.currentText() == "rank 4 · corrected"
    dock.measure_choice.setCurrentText("factor loading 2")
    assert session.measure == "factor loading 2"
    np.testing.assert_allclose(dock.cloud.layer.face_color, session.colors()[0], atol=1e-6)
    box = dock.axis_choice.boxes[0]
    box.setCurrentIndex(box.findText("axis 4"))
    box.activated.emit(box.currentIndex())
    assert session.axes == (4, 2, 3)
    np.testing.assert_array_equal(session.cloud().points[:, 0], manifold.coordinates.values[:, 3])
    panel.open_report()
    panel.report.copy_button.click()
    assert QApplication.clipboard().text() == manifold.report()
    panel.report.close()
    panel.choose(0)
    qtbot.waitUntil(lambda: session.look.manifold is None, timeout=PATIENCE)
    assert dock.axis_choice.isHidden()
    panel.choose(1)
    qtbot.waitUntil(lambda: session.look.manifold is not None, timeout=PATIENCE)
    assert session.look.manifold.computed == ()


def test_options_that_do_not_fit_are_said_beside_them_and_nothing_begins(docks):
    _, dock, _ = docks
    panel = dock.encoding
    panel.form.preset.setCurrentIndex(panel.form.preset.findData("published-2025"))
    panel.form.preset.activated.emit(panel.form.preset.currentIndex())
    panel.compute_button.click()
    assert panel.job is None
    assert not panel.form.isHidden()
    assert "2025" in panel.form.said["stimuli"].text()
    assert panel.form.restarts.value() == 50


def test_a_computation_can_be_stopped_and_an_error_is_read_in_the_dock(docks, qtbot, monkeypatch):
    _, dock, _ = docks
    panel = dock.encoding

    def wait(_recording, _stage, _options, progress):
        progress.begin(5, "2 of 9: Waiting")
        while not progress.canceled:
            pass
        from napari_twinscope.progress import raise_if_canceled

        raise_if_canceled(progress)

    def fail(*_):
        raise InvalidInput("It cannot be.", needed="something else", remedy="try that")

    monkeypatch.setattr(encoding_panel, "computed_look", wait)
    panel.compute()
    qtbot.waitUntil(lambda: "Waiting" in panel.step.text(), timeout=PATIENCE)
    panel.cancel_button.click()
    qtbot.waitUntil(lambda: panel.job is None, timeout=PATIENCE)
    assert encoding_panel.STOPPED in panel.message.text()
    monkeypatch.setattr(encoding_panel, "computed_look", fail)
    panel.compute()
    qtbot.waitUntil(lambda: panel.job is None, timeout=PATIENCE)
    assert "It cannot be. Needed: something else. To do: try that." in panel.message.text()


def test_what_was_asked_for_last_is_shown_though_an_older_request_ends_later(docks, qtbot, monkeypatch):
    _, dock, _ = docks
    panel, session = dock.encoding, dock.session
    going = []
    real = encoding_panel.chosen_look
    late = encoding_panel.first_look(session.recording, session.stage, session.responses())

    def wait(*_):
        while not going:
            pass
        return late

    monkeypatch.setattr(encoding_panel, "computed_look", wait)
    made = []
    monkeypatch.setattr(encoding_panel, "chosen_look", lambda *a: made.append(real(*a)) or made[-1])
    panel.compute()
    panel.choose(0)
    qtbot.waitUntil(lambda: bool(made) and session.look.components is made[0].components, timeout=PATIENCE)
    going.append(True)
    qtbot.waitUntil(lambda: panel.job is None, timeout=PATIENCE)
    assert session.look.components is made[0].components
    assert "it can be chosen above" in panel.message.text()
