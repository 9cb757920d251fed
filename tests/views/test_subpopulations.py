"""The dock "Sub-populations", driven by hand."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.frame_activity import ONE_SCALE
from napari_twinscope.rig.subpopulation_table import SCORE_NAMES
from napari_twinscope.rig.subpopulations import part_scores, share_sweep
from napari_twinscope.views import subpopulations as module
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks

NAME = "Sub-populations"
PATIENCE = 60_000


@pytest.fixture
def opened(viewer, recording, qtbot):
    """A recording with this dock alone, in a list that is emptied before the viewer looks for leaks."""
    bench_of(viewer).open(recording)
    pages = Docks([open_dock(viewer, NAME)])
    settled(pages[0], qtbot)
    yield pages
    pages.clear()


def settled(dock, qtbot):
    latest = (dock.part_latest, dock.sweep_latest, dock.picture_latest)

    def is_settled():
        measured = bool(dock.session.look.recorded)  # but no OSI: four directions are too few
        ranked = dock.sweep is not None and dock.sweep.measure == dock.form.chosen
        return measured and ranked and not dock._awaited and not any(each.busy for each in latest)

    qtbot.waitUntil(is_settled, timeout=PATIENCE)


def press(button, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, modifiers)


def cells(dock):
    table = dock.table
    return {
        table.verticalHeaderItem(row).text(): [table.item(row, column).text() for column in range(3)]
        for row in range(table.rowCount())
    }


def test_the_highest_units_are_selected_scored_and_taken_back(opened, qtbot):
    dock = opened[0]
    session, total = dock.session, len(dock.session.units())
    assert dock.units.text() == "No unit is selected."
    assert dock.table.isHidden()
    assert not dock.figure.picture.pixmap().isNull()
    dock.form.percent.setValue(10)
    press(dock.form.highest)
    taken = session.selection.indices(session.stage)
    values = session.measures()["mean activity"].values
    assert len(taken) == round(0.1 * total)
    assert values[taken].min() >= np.delete(values, taken).max()
    assert not dock.figure.picture.isEnabled()  # what is drawn is not of these units yet
    settled(dock, qtbot)
    assert dock.figure.picture.isEnabled()
    assert dock.units.text().startswith(f"{len(taken)} of {total} units (10 %)")
    options, _ = dock.form.options()
    expected = part_scores(session.responses(), taken, options).scores
    assert cells(dock)["linear CKA"][0] == f"{float(expected['linear_cka']):.3f}"
    assert cells(dock)["RDM correlation"][2].endswith(" of 50")
    made = session.selection.made(session.stage)[-1]
    assert made.parameters == (("of", "mean activity"), ("part", "highest 10 %"))
    press(dock.form.lowest)
    assert not np.isin(session.selection.indices(session.stage), taken).any()
    session.selection.undo()
    np.testing.assert_array_equal(session.selection.indices(session.stage), taken)
    session.selection.undo()
    settled(dock, qtbot)
    assert dock.units.text() == "No unit is selected."
    assert dock.table.isHidden()


def test_a_score_that_came_too_late_is_never_shown(opened, qtbot, monkeypatch):
    dock = opened[0]
    session, stage = dock.session, dock.session.stage
    going, release = threading.Event(), threading.Event()

    def slow(responses, units, options, _):
        if len(units) == 5:
            going.set()
            release.wait(20)
        return part_scores(responses, units, options)

    monkeypatch.setattr(module, "part_scores", slow)
    shown = []
    monkeypatch.setattr(dock.table, "show_rows", lambda rows: shown.append(rows))
    session.selection.apply(stage, range(5))
    qtbot.waitUntil(going.is_set, timeout=PATIENCE)
    session.selection.apply(stage, range(9))
    release.set()
    settled(dock, qtbot)
    assert dock.part.units == 9
    wanted = [row.value for row in module.score_rows(dock.part)]
    assert all([row.value for row in rows] == wanted for rows in shown if rows)


def test_figure_and_table_are_saved(opened, qtbot, tmp_path, monkeypatch):
    dock = opened[0]
    press(dock.form.highest)
    settled(dock, qtbot)
    names = iter([tmp_path / "a.svg", tmp_path / "a.csv", tmp_path / "no" / "a.csv"])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(next(names)), ""))
    press(dock.figure_button)
    assert "linear CKA" in (tmp_path / "a.svg").read_text()
    assert "Saved" in dock.state.text()
    press(dock.csv_button)
    frame = pd.read_csv(tmp_path / "a.csv")
    assert set(frame["taken"]) == {"selected", "random", "mean activity high", "mean activity low"}
    assert set(frame["score"]) == set(SCORE_NAMES)
    said = []
    monkeypatch.setattr("napari_twinscope.views.outlet.show_error", lambda *each: said.append(each))
    press(dock.csv_button)
    assert "folder" in str(said[0][1])


def test_another_measure_stage_and_options_score_anew(opened, qtbot):
    dock = opened[0]
    box = dock.form.measure
    box.setCurrentIndex(box.findData("speed"))
    box.activated.emit(box.currentIndex())
    settled(dock, qtbot)
    assert dock.sweep.measure == "speed"
    dock.form.draws.setValue(12)
    dock.session.show_stage("output")
    settled(dock, qtbot)
    values = dock.session.measures()["speed"].values
    expected = share_sweep(
        dock.session.responses(), "speed", dock.session.measures()["speed"], dock.sweep.options
    )
    assert (dock.sweep.measure, dock.sweep.total) == ("speed", len(values))
    assert dock.sweep.scores.sizes["draw"] == 12
    np.testing.assert_array_equal(dock.sweep.scores["rdm_correlation"], expected.scores["rdm_correlation"])
    dock.form.stimuli.setCurrentIndex(dock.form.stimuli.findData("first-six"))
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.csv_button.isEnabled()
    dock.form.stimuli.setCurrentIndex(dock.form.stimuli.findData("all"))
    qtbot.waitUntil(lambda: dock.sweep is not None, timeout=PATIENCE)
    assert dock.pages.currentWidget() is dock.scroll


def test_a_figure_of_other_units_is_grey_until_the_new_one_is_drawn(opened, qtbot, monkeypatch):
    dock = opened[0]
    selection, stage, picture = dock.session.selection, dock.session.stage, dock.figure.picture
    draw, release = module._pixels, threading.Event()

    def slowly(*how):
        assert release.wait(30)
        return draw(*how)

    monkeypatch.setattr(module, "_pixels", slowly)
    before = picture.pixmap().cacheKey()
    selection.apply(stage, [0, 1, 2])
    qtbot.waitUntil(lambda: dock.part is not None, timeout=PATIENCE)
    assert picture.pixmap().cacheKey() == before
    assert not picture.isEnabled()  # the scores are there, their figure is not
    monkeypatch.setattr(dock.part_latest, "_begin", lambda: None)  # scores that take their time
    selection.apply(stage, [4, 5])
    release.set()
    qtbot.waitUntil(lambda: picture.pixmap().cacheKey() != before, timeout=PATIENCE)
    assert not picture.isEnabled()  # what came is of units that were selected before


def test_while_a_movie_plays_the_same_figure_is_not_drawn_again(opened, monkeypatch):
    dock = opened[0]
    asked = []
    monkeypatch.setattr(dock.picture_latest, "ask", lambda *question: asked.append(question))
    dock.session.measure = ONE_SCALE
    dock.bench.show_frame((1, 2), 3)
    assert dock.session.frame == 3
    assert not asked
    dock.bench.viewer.theme = "light" if dock.bench.viewer.theme == "dark" else "dark"
    assert asked


def test_choices_come_back_from_a_session(opened):
    dock = opened[0]
    box = dock.form.measure
    box.setCurrentIndex(box.findData("curvature"))
    box.activated.emit(box.currentIndex())
    dock.form.percent.setValue(7)
    dock.form.draws.setValue(33)
    dock.form.button.setChecked(True)
    state = dock.view_state()
    dock.restore_view({})
    assert (dock.form.chosen, dock.form.percent.value(), dock.form.draws.value()) == ("mean activity", 20, 50)
    dock.restore_view(state)
    assert dock.view_state() == state
    assert dock.form.chosen == "curvature"
    with pytest.raises(InvalidInput, match="percent"):
        dock.restore_view({"percent": 0})


def test_without_a_recording_it_says_what_to_do_and_a_closed_dock_no_longer_listens(viewer, recording, qtbot):
    dock = open_dock(viewer, NAME)
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.form.highest.isEnabled()
    assert not dock.figure_button.isEnabled()
    bench_of(viewer).open(recording)
    settled(dock, qtbot)
    session = dock.session
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(50)
    viewer.theme = "light"
    session.selection.apply(session.stage, range(4))
    session.show_stage("output")
