"""A dock that holds an OpenGL canvas must not float, unless OpenGL contexts are shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QCoreApplication, Qt
from qtpy.QtWidgets import QDockWidget, QPushButton

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


def dock_around(widget: QWidget) -> QDockWidget | None:
    """Return the dock that holds a widget."""
    parent = widget.parent()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parent()
    return parent


def pin_dock(widget: QWidget) -> None:
    """Keep the dock around a widget from being floated or dragged.

    Moving a dock to another top-level window destroys the canvas's OpenGL context (vispy issue 1759,
    napari issue 9464). Where contexts are shared, as our own launcher sets it, nothing is done.
    """
    if QCoreApplication.testAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts):
        return
    dock = dock_around(widget)
    if dock is None:
        return
    dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
    bar = dock.titleBarWidget()
    button = None if bar is None else bar.findChild(QPushButton, "QTitleBarFloatButton")
    if button is not None:
        button.hide()
