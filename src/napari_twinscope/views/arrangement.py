"""Where the docks open."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow

PLUGIN = "napari-twinscope"
WIDTH = 480


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
    dock.raise_()
    return widget


def _arrange(dock: QDockWidget, name: str) -> None:
    """Put responses below, and rig and manifold at the right, one in front of the other."""
    window = dock.parent()
    if not isinstance(window, QMainWindow):
        return
    if name == "Responses":
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        return
    other = _sibling(window, "Manifold" if name == "Rig" else "Rig")
    if other is not None:
        window.tabifyDockWidget(other, dock)
    # once the layout has settled
    QTimer.singleShot(0, dock, lambda: window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal))


def _sibling(window: QMainWindow, name: str) -> QDockWidget | None:
    for dock in window.findChildren(QDockWidget):
        if dock.windowTitle().startswith(name) and not dock.isFloating() and not dock.isHidden():
            return dock
    return None
