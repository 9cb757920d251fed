"""A user without a plan: random deeds on whatever is on the screen, the same ones for the same seed."""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from qtpy.compat import isalive
from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtGui import QColor
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QColorDialog,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QScrollBar,
)

from napari_twinscope.views import canvas
from napari_twinscope.views.arrangement import close_dock, dock_names, is_open, open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dialogs import ErrorDialog
from napari_twinscope.views.roles import find_layer
from napari_twinscope.views.window_state import open_pages

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click, drag, hover, turn_wheel

SHIFT, ALT, NONE = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
)
CTRL = Qt.KeyboardModifier.ControlModifier
KEYS = [
    *((key, NONE) for key in (*"BLOCPRGI", "Escape", "Tab", "Return", "Delete", "Space", "Down", "Up")),
    *(("Z", CTRL), ("Z", CTRL | SHIFT), ("G", CTRL)),
]
LONG = ("Record", "● Record", "Preview", "Compare")  # what takes minutes, or is tested by itself
INPUTS = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QLineEdit, QAbstractItemView)


def answer_dialogs(monkeypatch):
    """Let file dialogs be left without a choice, and others be answered at once."""
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *_, **__: ("", "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_, **__: ""))
    monkeypatch.setattr(QColorDialog, "getColor", staticmethod(lambda *_, **__: QColor("#D55E00")))
    monkeypatch.setattr(QMessageBox, "exec", lambda _: 0)


UNKNOWN_TWIN = "There is no such twin."


class Monkey:
    """Does what a hand can do to a viewer with our docks, and notices when something went wrong.

    Parameters
    ----------
    viewer
        With at least one of our docks.
    recordings
        Paths of recordings that may be opened.
    folder
        Where sessions are saved.
    seed
        Of the random deeds.
    """

    def __init__(self, viewer, recordings, folder, seed):
        self.viewer, self.recordings, self.folder = viewer, recordings, folder
        self.random = random.Random(seed)
        self.bench = bench_of(viewer)
        self.told = []
        self.deeds = [
            (30, self.use_a_widget),
            (22, self.drag_on_a_canvas),
            (14, self.press_a_key),
            (6, self.click_a_canvas),
            (4, self.turn_the_wheel),
            (6, self.step_the_movie),
            (4, self.open_a_dock),
            (3, self.close_a_dock),
            (2, self.hide_or_show_a_dock),
            (3, self.show_a_stage),
            (3, self.choose_a_measure),
            (2, self.select_by_hand),
            (1, self.remove_a_layer),
            (1, self.change_the_theme),
            (1, self.open_a_recording),
            (1, self.save_and_open_the_session),
            (1, self.change_dimensions),
        ]

    def act(self):
        """Do something."""
        weights, deeds = zip(*self.deeds, strict=True)
        deed = self.random.choices(deeds, weights)[0]
        self.told.append(deed.__name__)
        # a menu that opens would wait for its user
        QTimer.singleShot(60, _close_popups)
        deed()
        QTest.qWait(5)
        _close_popups()

    def tell(self, *what):
        self.told[-1] = " ".join([self.told[-1], *map(str, what)])

    # -- what it does

    def use_a_widget(self):
        pages = [page for page in open_pages(self.viewer).values() if page.isVisible()]
        widgets = [w for page in pages for kind in INPUTS for w in page.findChildren(kind) if _reachable(w)]
        if not widgets:
            self.open_a_dock()
            return
        # as often a list or a slider as a button
        kind = self.random.choice(sorted({type(w).__name__ for w in widgets}))
        widget = self.random.choice([w for w in widgets if type(w).__name__ == kind])
        self.tell(kind, repr(_name_of(widget)))
        if isinstance(widget, QAbstractButton):
            if not _name_of(widget).startswith(LONG):
                QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        elif isinstance(widget, QAbstractItemView):
            self._use_a_list(widget)
        elif isinstance(widget, QLineEdit):
            QTest.keyClicks(widget, self.random.choice(["", "a", "3", "x:1", "('q >="]))
            QTest.keyClick(widget, Qt.Key.Key_Return)
        else:
            for _ in range(self.random.randint(1, 3)):
                if isalive(widget):
                    QTest.keyClick(widget, self.random.choice([Qt.Key.Key_Down, Qt.Key.Key_Up]))

    def _use_a_list(self, view):
        port = view.viewport()
        place = QPoint(
            self.random.randrange(max(port.width(), 1)), self.random.randrange(max(port.height(), 1))
        )
        modifiers = self.random.choice([NONE, NONE, SHIFT, CTRL])
        if self.random.random() < 0.3:
            QTest.mouseDClick(port, Qt.MouseButton.LeftButton, modifiers, place)
        else:
            QTest.mouseClick(port, Qt.MouseButton.LeftButton, modifiers, place)

    def drag_on_a_canvas(self):
        widget = self._canvas()
        if widget is None:
            return
        modifiers = self.random.choice([NONE, NONE, SHIFT, ALT, SHIFT | ALT])
        start, end = self._place(widget), self._place(widget)
        given_up = self.random.random() < 0.2
        self.tell(start, end, modifiers.name, "given up" if given_up else "")
        drag(widget, start, end, modifiers, steps=3, release=not given_up)
        if given_up:
            QTest.keyClick(widget, Qt.Key.Key_Escape)
            QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, modifiers, QPoint(*map(int, end)))

    def click_a_canvas(self):
        widget = self._canvas()
        if widget is not None:
            place = self._place(widget)
            self.tell(place)
            click(widget, place, self.random.choice([NONE, SHIFT, ALT]))

    def turn_the_wheel(self):
        widget = self._canvas()
        if widget is not None:
            place = self._place(widget)
            hover(widget, place)
            turn_wheel(widget, place, self.random.choice([-2, -1, 1, 2]))

    def press_a_key(self):
        name, modifiers = self.random.choice(KEYS)
        receiver = QApplication.focusWidget() or self.viewer.window._qt_window
        if not receiver.window().isActiveWindow():
            receiver.activateWindow()
        self.tell(name, modifiers.name, "to", type(receiver).__name__)
        QTest.keyClick(receiver, getattr(Qt.Key, f"Key_{name}"), modifiers)

    def step_the_movie(self):
        if self.viewer.dims.ndim >= 3:
            axis = self.random.randrange(self.viewer.dims.ndim - 2)
            self.viewer.dims.set_current_step(axis, self.random.randrange(12))

    def open_a_dock(self):
        name = self.random.choice(dock_names())
        self.tell(name)
        open_dock(self.viewer, name)

    def close_a_dock(self):
        name = self.random.choice([name for name in dock_names() if is_open(self.viewer, name)] or [""])
        self.tell(name)
        if name:
            close_dock(self.viewer, name)

    def hide_or_show_a_dock(self):
        pages = list(open_pages(self.viewer).values())
        if pages:
            dock = self.random.choice(pages).parent()
            self.tell(dock.windowTitle())
            dock.setVisible(not dock.isVisible())

    def show_a_stage(self):
        recording = self.bench.session.recording
        if recording is not None:
            self.bench.session.show_stage(self.random.choice(recording.stages))

    def choose_a_measure(self):
        session = self.bench.session
        if session.recording is not None and session.stage:
            session.measure = self.random.choice(sorted(session.measures()))
            self.tell(session.measure)

    def select_by_hand(self):
        session = self.bench.session
        if session.recording is not None and session.stage:
            count = len(session.units())
            units = self.random.sample(range(count), self.random.randrange(count))
            session.selection.apply(session.stage, units, self.random.choice(["replace", "add", "subtract"]))

    def remove_a_layer(self):
        if len(self.viewer.layers):
            layer = self.random.choice(list(self.viewer.layers))
            self.tell(layer.name)
            self.viewer.layers.remove(layer)

    def change_the_theme(self):
        self.viewer.theme = self.random.choice(["dark", "light"])

    def open_a_recording(self):
        from napari_twinscope.recording import open_recording

        path = self.random.choice(self.recordings)
        self.tell(path.name)
        self.bench.open(open_recording(path))

    def save_and_open_the_session(self):
        path = self.folder / "monkey.twinscope.json"
        self.bench.file.save(path)
        shown = []
        self.bench.file.shown.connect(lambda: shown.append(True))
        self.bench.file.open(path)
        for _ in range(400):
            QTest.qWait(25)
            if shown or self.error_dialogs():
                break

    def change_dimensions(self):
        self.viewer.dims.ndisplay = 5 - self.viewer.dims.ndisplay
        QTest.qWait(10)
        self.viewer.dims.ndisplay = 2

    # -- what it sees

    def _canvas(self):
        canvases = [w for w in self.viewer.window._qt_window.findChildren(QOpenGLWidget) if _reachable(w)]
        return self.random.choice(canvases) if canvases else None

    def _place(self, widget):
        return (
            float(self.random.randrange(4, max(widget.width() - 4, 5))),
            float(self.random.randrange(4, max(widget.height() - 4, 5))),
        )

    def error_dialogs(self):
        """Return the reports of the error dialogs that are open.

        One of the recordings is by a twin that exists nowhere, so that its maps cannot be computed: of that
        the user is told once, reads it and goes on.
        """
        shown = [
            dialog
            for dialog in QApplication.topLevelWidgets()
            if isinstance(dialog, ErrorDialog) and dialog.isVisible()
        ]
        for dialog in shown:
            if UNKNOWN_TWIN in dialog.details.toPlainText():
                dialog.close()
        return [dialog.details.toPlainText() for dialog in shown if dialog.isVisible()]

    def check(self):
        """Fail if an error is shown, or a unit is not where it was recorded."""
        assert not self.error_dialogs(), self.error_dialogs()[0]
        session = self.bench.session
        if session.recording is None or not session.stage:
            return
        units = find_layer(self.viewer, "units")
        placed = canvas.place_units(session).positions
        if units is not None and len(units.data) == len(placed):
            np.testing.assert_array_equal(units.data, placed)
        manifold = open_pages(self.viewer).get("Manifold")
        cloud = session.cloud()
        if manifold is not None and cloud is not None and manifold.cloud.layer is not None:
            shown = np.isfinite(cloud.points).all(axis=1)
            np.testing.assert_array_equal(manifold.cloud.layer.data[shown], cloud.points[shown][:, ::-1])
        mask = session.selection.mask(session.stage)
        assert len(mask) == len(session.units())


def _close_popups():
    for _ in range(5):
        popup = QApplication.activePopupWidget()
        if popup is None:
            break
        popup.close()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMenu) and widget.isVisible():
            widget.close()
        elif widget.isModal() and widget.isVisible():
            with suppress(AttributeError):
                widget.reject()


def _reachable(widget):
    inner = isinstance(widget, QScrollBar) or isinstance(widget.parent(), (QAbstractSpinBox, QComboBox))
    return widget.isVisible() and widget.isEnabled() and not inner and not widget.visibleRegion().isEmpty()


def _name_of(widget):
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return text or widget.accessibleName() or widget.objectName()
