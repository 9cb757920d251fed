"""The dock "Compare stages", driven by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

import napari_twinscope.manifolds
from napari_twinscope.errors import InvalidInput
from napari_twinscope.progress import raise_if_canceled
from napari_twinscope.views import comparison as module
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks

NAME = "Compare stages"
PATIENCE = 60_000


@pytest.fixture
def opened(viewer, recording, qtbot):
    """A recording with this dock alone, in a list that is emptied before the viewer looks for leaks."""
    bench_of(viewer).open(recording)
    pages = Docks([open_dock(viewer, NAME)])
    for name, box in pages[0].form.parts.items():
        box.setChecked(name in ("units", "trajectories"))
    qtbot.wait(100)
    yield pages
    pages.clear()


def compare(dock, qtbot):
    dock.compute_button.click()
    assert not dock.compute_button.isEnabled()
    assert not dock.progress.isHidden()
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert dock.comparison is not None, dock.notices.text()


def cells(dock):
    """Return what the table says, by measure and stage."""
    model = dock.table.model()
    return pd.DataFrame(
        [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())],
        index=[
            model.headerData(r, Qt.Orientation.Vertical).replace("\n", " ") for r in range(model.rowCount())
        ],
        columns=[model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())],
    )


def test_stages_are_compared_shown_and_saved(opened, qtbot, tmp_path):
    dock = opened[0]
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.csv_button.isEnabled()
    compare(dock, qtbot)
    assert dock.pages.currentWidget() is dock.table
    assert list(cells(dock).columns) == ["recurrent_out", "output"]
    assert cells(dock).loc["number of units", "output"] == str(len(dock.session.recording.units("output")))
    assert all(line in dock.notices.toolTip() for line in dock.comparison.notices)
    assert "more (see the tooltip)" in dock.notices.text()
    dock.save_table(tmp_path / "stages.csv")
    saved = pd.read_csv(tmp_path / "stages.csv")
    np.testing.assert_allclose(saved["value"], dock.comparison.table["value"])
    assert set(saved.columns) >= {"stage", "measure", "value", "lower", "upper", "chance"}
    dock.write_report(tmp_path / "report")
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert (tmp_path / "report" / "index.html").exists()
    assert "index.html" in dock.notices.text()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    dock.write_report(tmp_path / "other")
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert "something other than a report" in dock.notices.text()


def test_figures_are_drawn_in_the_colours_of_the_theme(opened, qtbot):
    dock = opened[0]
    compare(dock, qtbot)
    dock.view_choice.setCurrentIndex(dock.view_choice.findData("dimension"))
    dock.view_choice.activated.emit(dock.view_choice.currentIndex())
    assert dock.pages.currentWidget() is dock.figure

    def corner():
        picture = dock.figure.picture.pixmap()
        return None if picture.isNull() else picture.toImage().pixelColor(0, 0).lightness()

    qtbot.waitUntil(lambda: corner() is not None, timeout=PATIENCE)
    assert corner() < 80
    dock.bench.viewer.theme = "light"
    qtbot.waitUntil(lambda: corner() > 170, timeout=PATIENCE)


def test_a_click_on_the_name_of_a_stage_or_return_in_its_column_looks_at_its_units(opened, qtbot):
    dock = opened[0]
    compare(dock, qtbot)
    model = dock.table.model()
    header, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.FontRole
    assert model.headerData(0, header, role).bold()
    dock.table.horizontalHeader().sectionClicked.emit(1)
    assert dock.session.stage == "output"
    assert model.headerData(1, header, role).bold()
    assert model.headerData(0, header, role) is None
    dock.table.setCurrentIndex(model.index(1, 1))
    qtbot.keyClick(dock.table, Qt.Key.Key_Left)
    qtbot.keyClick(dock.table, Qt.Key.Key_Return)
    assert dock.session.stage == "recurrent_out"


def test_nothing_to_compare_is_said_and_nothing_begins(opened):
    dock = opened[0]
    dock.form.stages.check("output", False)
    dock.form.stages.check("recurrent_out", False)
    dock.compute_button.click()
    assert dock.job is None
    assert "No stage is chosen" in dock.notices.text()
    dock.form.stages.check("output", True)
    for box in dock.form.parts.values():
        box.setChecked(False)
    dock.compute_button.click()
    assert dock.job is None
    assert "Nothing is to be measured" in dock.notices.text()


def test_a_comparison_can_be_stopped_and_an_error_is_read_in_the_dock(opened, qtbot, monkeypatch):
    dock = opened[0]

    def wait(*_, progress, **__):
        progress.begin(5, "1 of 2: waiting")
        while not progress.canceled:
            pass
        raise_if_canceled(progress)

    def fail(*_, **__):
        raise InvalidInput("It cannot be.", remedy="try that")

    monkeypatch.setattr(napari_twinscope.manifolds, "stage_comparison", wait)
    dock.compute_button.click()
    qtbot.waitUntil(lambda: "waiting" in dock.step.text(), timeout=PATIENCE)
    dock.cancel_button.click()
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert module.STOPPED in dock.notices.text()
    monkeypatch.setattr(napari_twinscope.manifolds, "stage_comparison", fail)
    dock.compute_button.click()
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert "It cannot be. To do: try that." in dock.notices.text()


def neurons(recording, path):
    """Save a population that answers the stimuli of a recording."""
    responses = recording.responses("output").load()
    np.savez(
        path,
        responses=np.abs(responses.values[:30]) + np.random.default_rng(0).random((30, 1, 1, 1)),
        stimulus=responses["stimulus"].values.astype(str),
        direction=responses["direction"].values,
        time=responses["time"].values,
    )
    return path


def test_neurons_are_added_compared_renamed_kept_and_removed(opened, qtbot, tmp_path, monkeypatch):
    dock = opened[0]
    path, broken = neurons(dock.session.recording, tmp_path / "V1.npz"), tmp_path / "broken.npz"
    broken.write_bytes(b"nothing")
    chosen = iter([str(broken), str(path), str(path), ""])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(chosen), ""))
    listed = dock.form.populations

    def add():
        qtbot.mouseClick(listed.add_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)

    add()
    assert "cannot be read from this file" in dock.notices.text()
    assert listed.populations == ()
    assert listed.list.isHidden()
    add()
    assert "Added V1: 30 units, 2 stimuli, 4 directions, 12 frames" in dock.notices.text()
    add()
    add()  # the dialog was given up
    assert [one.name for one in listed.populations] == ["V1", "V1 (2)"]
    listed.list.item(1).setText("output")  # which a stage is called
    assert listed.list.item(1).text() == "output (2)"
    listed.list.item(1).setText("LM")
    listed.list.item(0).setSelected(True)
    qtbot.mouseClick(listed.remove_button, Qt.MouseButton.LeftButton)
    assert [one.name for one in listed.populations] == ["LM"]
    compare(dock, qtbot)
    assert list(cells(dock).columns) == ["recurrent_out", "output", "LM"]
    assert cells(dock).loc["number of units", "LM"] == "30"
    dock.table.horizontalHeader().sectionClicked.emit(2)
    assert dock.session.stage == "recurrent_out"  # it has no units to look at
    state = json.loads(json.dumps(dock.view_state()))
    dock.restore_view({})
    assert listed.populations == ()
    dock.restore_view(state)
    assert [(one.name, one.path) for one in listed.populations] == [("LM", str(path))]
    path.unlink()
    dock.compute_button.click()
    qtbot.waitUntil(lambda: dock.job is None, timeout=PATIENCE)
    assert "There are no responses to read" in dock.notices.text()


def test_choices_come_back_from_a_session(opened):
    dock = opened[0]
    dock.form.stages.check("output", False)
    dock.form.preset.setCurrentIndex(dock.form.preset.findData("published-2026"))
    dock.form.quick.setChecked(False)
    dock.fold.set_open(False)
    state = dock.view_state()
    assert state["stages"] == ("recurrent_out",)
    dock.restore_view({})
    assert dock.form.draft.stages == ("recurrent_out", "output")
    assert dock.form.quick.isChecked()
    dock.restore_view(state)
    assert dock.view_state() == state
    with pytest.raises(InvalidInput, match="parts"):
        dock.restore_view({"parts": ["colour"]})


def test_without_a_recording_it_says_what_to_do_and_a_closed_dock_no_longer_listens(viewer, recording, qtbot):
    dock = open_dock(viewer, NAME)
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.compute_button.isEnabled()
    bench_of(viewer).open(recording)
    assert dock.compute_button.isEnabled()
    assert dock.form.draft.stages == ("recurrent_out", "output")
    session = dock.session
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(50)
    viewer.theme = "light"
    session.show_stage("output")
