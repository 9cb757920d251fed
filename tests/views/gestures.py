"""What a hand does with a mouse."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag(widget, start, end, modifiers=NONE, steps=6, release=True):
    """Press, move in steps and release."""
    points = [
        tuple(a + (b - a) * i / steps for a, b in zip(start, end, strict=True)) for i in range(steps + 1)
    ]
    draw(widget, points, modifiers, release)


def draw(widget, points, modifiers=NONE, release=True):
    """Press at the first point, move through the others and release at the last."""
    points = [QPoint(round(x), round(y)) for x, y in points]
    QTest.mouseMove(widget, points[0])
    QTest.mousePress(widget, LEFT, modifiers, points[0])
    for point in points[1:]:
        # QTest's own moves do not say that a button is held
        here, there = QPointF(point), QPointF(widget.mapToGlobal(point))
        move = QMouseEvent(QEvent.Type.MouseMove, here, there, Qt.MouseButton.NoButton, LEFT, modifiers)
        QApplication.sendEvent(widget, move)
        QTest.qWait(15)  # vispy drops moves that come in quick succession
    if release:
        QTest.mouseRelease(widget, LEFT, modifiers, points[-1])
        QTest.qWait(30)


def click(widget, point, modifiers=NONE):
    """Press and release at one place."""
    place = QPoint(round(point[0]), round(point[1]))
    QTest.mouseMove(widget, place)
    QTest.mousePress(widget, LEFT, modifiers, place)
    QTest.mouseRelease(widget, LEFT, modifiers, place)


def hover(widget, point):
    """Move without a button."""
    here, there = QPointF(*point), QPointF(widget.mapToGlobal(QPointF(*point).toPoint()))
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseMove, here, there, none, none, NONE))
    QTest.qWait(15)


def turn_wheel(widget, point, notches):
    """Turn the wheel at one place."""
    here, there = QPointF(*point), QPointF(widget.mapToGlobal(QPointF(*point).toPoint()))
    angle, phase = QPoint(0, 120 * notches), Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(here, there, QPoint(), angle, Qt.MouseButton.NoButton, NONE, phase, False)
    QApplication.sendEvent(widget, wheel)
    QTest.qWait(15)
