"""Keys that go from dock to dock: F6 to the next one, Shift+F6 to the one before, and to the main canvas."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication, QMainWindow, QWidget

from napari_twinscope.views.pinned import dock_around
from napari_twinscope.views.window_state import open_pages

if TYPE_CHECKING:
    from napari_twinscope.views.dock_page import DockPage

KEYS = {"F6": 1, "Shift+F6": -1}


def bind_canvas(viewer: object) -> None:
    """Let the keys leave the main canvas, and all that leaves its keys to it."""
    known = weakref.ref(viewer)
    for key, step in KEYS.items():

        def go(_: object, step: int = step) -> None:
            if (there := known()) is not None:
                go_to_dock(there, step)

        viewer.bind_key(key.replace("+", "-"), go, overwrite=True)


def bind_page(page: DockPage) -> None:
    """Let the keys leave a dock, also one that floats or has a canvas, which keeps keys for itself."""
    known = weakref.ref(page)
    for key, step in KEYS.items():

        def go(step: int = step) -> None:
            if (there := known()) is not None:
                go_to_dock(there.bench.viewer, step)

        shortcut = QShortcut(QKeySequence(key), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(go)


def go_to_dock(viewer: object, step: int) -> None:
    """Bring the keyboard to another of our docks, and it to the front; after the last, to the main canvas.

    Parameters
    ----------
    viewer
        The viewer.
    step
        1 for the next one in the order in which they were opened, -1 for the one before.
    """
    pages = list(open_pages(viewer).values())
    if not pages:
        return
    focused = QApplication.focusWidget()
    here = next((place for place, page in enumerate(pages) if _holds(page, focused)), -1)
    place = (here + 1 + step) % (len(pages) + 1) - 1
    if place >= 0:
        dock = dock_around(pages[place])
        dock.show()
        dock.raise_()
        pages[place].take_focus()
        return
    window = dock_around(pages[here]).parent()
    if isinstance(window, QMainWindow):
        window.activateWindow()
        window.centralWidget().findChildren(QOpenGLWidget)[0].setFocus(Qt.FocusReason.ShortcutFocusReason)


def first_stop(page: QWidget) -> QWidget:
    """Return what the keyboard acts on in a page: what it acted on last, else the first one that it can."""
    last = page.focusWidget()
    if last is not None and last is not page and _can_focus(last, page):
        return last
    stop = page.nextInFocusChain()
    while stop is not page:
        if page.isAncestorOf(stop) and _can_focus(stop, page):
            return stop
        stop = stop.nextInFocusChain()
    return page


def _holds(page: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (widget is page or page.isAncestorOf(widget))


def _can_focus(widget: QWidget, page: QWidget) -> bool:
    reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    return reached and widget.isEnabled() and widget.isVisibleTo(page)
