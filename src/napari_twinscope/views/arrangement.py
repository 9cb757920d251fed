"""Where the docks open."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow

PLUGIN = "napari-twinscope"
MANIFOLD_WIDTH, RIG_WIDTH = 500, 360


def open_views(viewer: object) -> tuple[object, object]:
    """Open the docks that show a recording, if they are not open: return (manifold, responses)."""
    return open_dock(viewer, "Manifold"), open_dock(viewer, "Responses")


def open_dock(viewer: object, name: str) -> object:
    """Open one of our docks, or return it if it is open."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    known = set(viewer.window.dock_widgets)
    dock, widget = viewer.window.add_plugin_dock_widget(PLUGIN, name)
    if known & set(viewer.window.dock_widgets) != set(viewer.window.dock_widgets):
        _arrange(dock, name)
    dock.show()
    return widget


def _arrange(dock: QDockWidget, name: str) -> None:
    """Put the rig at the right edge, the manifold between it and the canvas, responses below."""
    window = dock.parent()
    if not isinstance(window, QMainWindow):
        return
    area = Qt.DockWidgetArea.RightDockWidgetArea
    if name == "Responses":
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    elif name == "Manifold":
        rig = _sibling(window, "Rig")
        row = [dock]
        if rig is not None and window.dockWidgetArea(rig) == area:
            window.splitDockWidget(rig, dock, Qt.Orientation.Horizontal)
            window.splitDockWidget(dock, rig, Qt.Orientation.Horizontal)
            row.append(rig)
        widths = [MANIFOLD_WIDTH, RIG_WIDTH][: len(row)]
        # once the layout has settled
        QTimer.singleShot(0, dock, lambda: window.resizeDocks(row, widths, Qt.Orientation.Horizontal))


def _sibling(window: QMainWindow, name: str) -> QDockWidget | None:
    for dock in window.findChildren(QDockWidget):
        if dock.windowTitle().startswith(name) and not dock.isFloating() and dock.isVisible():
            return dock
    return None
