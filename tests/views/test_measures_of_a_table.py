"""Measures of a table, taken as a user takes them: by the menu Export, by napari's menu, by the palette."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QFileDialog, QLineEdit

from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.dialogs import ErrorDialog

PATIENCE = 60_000  # milliseconds
TITLE = "Take measures of a table"


@pytest.fixture
def table(docks, tmp_path, monkeypatch):
    """A table with a depth and a layer of each unit, which the dialog finds."""
    session = docks[1].session
    ids = session.units()["unit_id"].to_numpy()
    path = tmp_path / "histology.csv"
    depth = np.linspace(100, 700, len(ids))
    layer = np.where(depth < 350, "L2/3", "L4")
    frame = pd.DataFrame({"stage": session.stage, "unit_id": ids, "depth": depth, "layer": layer})
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    return path


def from_export(manifold):
    actions = manifold.export_button.menu().actions()
    next(one for one in actions if one.text().startswith("Measures of a table")).trigger()


def from_napari(manifold):
    """Choose it in the menus of the window, whichever it is in."""
    bar = manifold.bench.viewer.window._qt_window.menuBar()
    below = list(bar.actions())
    while below:
        action = below.pop()
        if action.text().startswith(TITLE):
            action.trigger()
            return
        if action.menu() is not None:
            below += action.menu().actions()
    raise AssertionError("it is in no menu")


def from_palette(manifold):
    window = manifold.bench.viewer.window._qt_window
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window, PATIENCE)
    QTest.keyClick(
        window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, TITLE)
    QTest.keyClick(line, Qt.Key.Key_Return)


def error():
    """Return what an error dialog says, and close it."""
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, ErrorDialog) and w.isVisible()]
    said = "\n".join(dialog.details.toPlainText() for dialog in shown)
    for dialog in shown:
        dialog.close()
    return said


@pytest.mark.parametrize("take", [from_export, from_napari, from_palette])
def test_units_are_coloured_filtered_and_told_by_what_the_table_says(docks, table, qtbot, take):
    _, manifold, _ = docks
    session, viewer = manifold.session, manifold.bench.viewer
    before = np.array(manifold.cloud.layer.face_color)
    take(manifold)
    assert error() == ""
    assert session.measure == "depth"
    assert f"of {table.name}" in viewer.status
    assert manifold.measure_choice.currentText() == "depth"
    assert "layer" in [manifold.measure_choice.itemText(i) for i in range(manifold.measure_choice.count())]
    np.testing.assert_allclose(manifold.cloud.layer.face_color, session.colors()[0], atol=1e-6)
    assert not np.allclose(manifold.cloud.layer.face_color, before)
    units = open_dock(viewer, "Units")
    qtbot.waitUntil(lambda: units.table is not None, timeout=PATIENCE)
    units.filter.setText("depth > 300 and layer = L2/3")
    units.apply_filter()
    depth = session.measures()["depth"].values
    assert units.model.rows.tolist() == np.flatnonzero((depth > 300) & (depth < 350)).tolist() != []
    qtbot.mouseClick(units.take, Qt.MouseButton.LeftButton)
    assert session.selection.count(session.stage) == len(units.model.rows)


def test_a_table_of_other_units_is_explained_and_nothing_changes(docks, table):
    _, manifold, _ = docks
    session = manifold.session
    before = (session.measure, list(session.measures()))
    table.write_text("stage,unit_id,depth\nnowhere,nowhere:0:0:0,1\n")
    from_napari(manifold)
    assert "none of the units" in error()
    assert (session.measure, list(session.measures())) == before
