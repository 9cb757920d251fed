"""Views before a stand-in for the model, which knows no more methods than the model has."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import call, create_autospec

import numpy as np
import pytest
from psygnal import SignalInstance
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_twinscope.rig import Session
from napari_twinscope.rig.history import History
from napari_twinscope.rig.projection import inside_box
from napari_twinscope.rig.selection import Selection
from napari_twinscope.views.undo_buttons import UndoButtons

sys.path.insert(0, str(Path(__file__).parent))
from cloud_page import UNITS, Page
from gestures import drag
from test_selection_tools import middle_box

READS = {"mask", "count", "indices"}
SHIFT = Qt.KeyboardModifier.ShiftModifier


def fake_selection(units):
    fake = create_autospec(Selection, instance=True)
    fake.changed, fake.picked = SignalInstance((str,)), SignalInstance((object,))
    fake.history = create_autospec(History, instance=True)
    fake.history.changed = SignalInstance(())
    fake.history.undo_label = fake.history.redo_label = "something"
    fake.mask.return_value = np.zeros(units, bool)
    fake.count.return_value = 0
    fake.indices.return_value = np.zeros(0, np.intp)
    return fake


@pytest.fixture
def page(qapp):
    page = Page()
    page.settle()
    page.session.selection = fake_selection(UNITS)
    yield page
    page.leave()
    qapp.processEvents()


def test_a_drag_asks_the_model_for_one_change_and_for_nothing_else(page):
    page.tools.buttons["box"].click()
    start, end, _ = middle_box(page)
    drag(page.canvas, start, end, SHIFT)
    fake = page.session.selection
    fake.apply.assert_called_once()
    (stage, units, manner, picked), named = fake.apply.call_args
    assert (stage, manner, named["tool"]) == ("output", "add", "box")
    np.testing.assert_array_equal(units, inside_box(page.cloud.positions(), start, end))
    assert picked in units
    assert {name for name, *_ in fake.method_calls} <= READS | {"apply"}


def test_a_drag_that_is_given_up_asks_for_nothing(page):
    page.tools.buttons["lasso"].click()
    start, end, _ = middle_box(page)
    drag(page.canvas, start, end, release=False)
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(page.canvas, Qt.MouseButton.LeftButton)
    assert {name for name, *_ in page.session.selection.method_calls} <= READS


def test_each_button_asks_for_what_it_says(qtbot):
    session = create_autospec(Session, instance=True)
    session.selection, session.stage = fake_selection(5), "output"
    buttons = UndoButtons(session)
    for button in buttons.all:
        qtbot.addWidget(button)
        button.click()
    assert session.selection.method_calls == [
        call.undo(),
        call.redo(),
        call.invert("output"),
        call.clear("output"),
    ]
    buttons.links.release()
