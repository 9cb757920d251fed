"""Panels of mean responses, which stay legible where many stimuli have long names."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest

from napari_twinscope.views.response_panel import AXIS, LOWEST, ResponsePanel, ResponsePlots

NAMES = ("LF-grating", *(f"−1dot (neg1dotflow_D{number})" for number in range(5)))


@pytest.fixture
def panels(qtbot):
    plots = ResponsePlots()
    qtbot.addWidget(plots)
    plots.resize(660, LOWEST)
    times = np.arange(20) / 30
    made = [
        ResponsePanel(plots.addPlot(row=0, col=column), name, times, (0.0, 90.0), column == 0, True)
        for column, name in enumerate(NAMES)
    ]
    for column, panel in enumerate(made):
        panel.plot.setPreferredWidth(90 + AXIS * (column == 0))
        panel.emphasise(0, current=column == 0)
        panel.paint((200, 200, 200))
        panel.fit_title(90)
    plots.show()
    QTest.qWait(50)
    yield plots, made
    plots.close()


def test_panels_with_long_names_lie_side_by_side(panels):
    _, made = panels
    boxes = [panel.plot.vb.sceneBoundingRect() for panel in made]
    for one, other in pairwise(boxes):
        assert one.right() < other.left()
    assert min(box.width() for box in boxes) > 50
    assert min(box.height() for box in boxes) > 20


def test_a_long_name_takes_two_lines_where_there_is_no_room_for_it(panels):
    _, made = panels
    shown = made[1].plot.titleLabel
    assert "−1dot<br>(neg1dotflow_D0)" in shown.text
    made[1].emphasise(0, current=True)
    assert "▸" in shown.text
    assert not shown.opts["bold"]  # which would be wider
    made[1].fit_title(400)
    assert shown.opts["bold"]
    made[1].emphasise(0, current=False)
    assert "−1dot (neg1dotflow_D0)" in shown.text


def test_the_wheel_is_left_to_what_scrolls_the_panels(panels):
    plots, _ = panels
    middle = QPointF(plots.viewport().rect().center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(middle, middle, QPoint(), QPoint(0, -120), *none, Qt.ScrollPhase.NoScrollPhase, False)
    plots.wheelEvent(wheel)
    assert not wheel.isAccepted()


def test_panels_are_never_too_low_to_be_read(docks, qtbot):
    dock = docks[-1]
    dock.session.selection.apply(dock.session.stage, range(5))
    qtbot.waitUntil(lambda: dock.mean is not None and bool(dock._panels), timeout=20_000)
    rows = -(-len(dock._panels) // dock._laid_out[1])
    assert dock.plots.height() >= rows * LOWEST
    dock.scroll.setFixedHeight(60)
    QTest.qWait(50)
    assert dock.plots.height() >= rows * LOWEST
    assert dock.scroll.verticalScrollBar().maximum() > 0


def test_panels_are_equally_wide_whatever_width_they_were_laid_out_in(docks, viewer, qtbot):
    dock = docks[-1]
    dock.session.selection.apply(dock.session.stage, range(5))
    qtbot.waitUntil(lambda: dock.mean is not None and bool(dock._panels), timeout=20_000)
    viewer.window.resize(1900, 800)
    qtbot.waitUntil(lambda: dock.width() > 1000)
    qtbot.wait(100)
    first, second = (panel.plot.getViewBox().width() for panel in dock._panels)
    assert first == pytest.approx(second, abs=10)
