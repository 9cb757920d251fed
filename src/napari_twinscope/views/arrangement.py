"""Where the docks open."""

from __future__ import annotations

from npe2 import PluginManager
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow

PLUGIN = "napari-twinscope"
WIDTH = 480
WIDE = ("Responses", "Units")
BESIDE = ("Second manifold",)
"""Docks with a column of their own, to be seen together with others; "Open all docks" leaves them out."""
LOW = 760  # pixels; of a window lower than this nothing is given to docks below the canvas
NARROW = 1600  # pixels; in a window narrower than this no dock has a column of its own


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


def close_dock(viewer: object, name: str) -> None:
    """Close one of our docks if it is open."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    for full_name, widget in dict(viewer.window.dock_widgets).items():
        if full_name == f"{name} ({PLUGIN})":
            viewer.window.remove_dock_widget(widget)


def open_all(viewer: object) -> list[object]:
    """Open all our docks that napari knows, the manifold in front."""
    names = [name for name in dock_names() if name not in BESIDE]
    return [open_dock(viewer, name) for name in sorted(names, key=lambda name: name == "Manifold")]


def dock_names() -> list[str]:
    """Return the names of our docks, as the manifest lists them."""
    manifest = PluginManager.instance().get_manifest(PLUGIN)
    return [widget.display_name for widget in manifest.contributions.widgets or ()]


def is_open(viewer: object, name: str) -> bool:
    """Return whether one of our docks is open."""
    return f"{name} ({PLUGIN})" in viewer.window.dock_widgets


def _arrange(dock: QDockWidget, name: str) -> None:
    """Put wide docks below and the others at the right, one in front of the other.

    The right column has the whole height of the window, so that its canvases have room; what is below ends
    beside it. In a low window all are at the right, so that the main canvas keeps its height.
    """
    window = dock.parent()
    if not isinstance(window, QMainWindow):
        return
    if name in BESIDE and window.width() >= NARROW:  # splitting a dock that is a tab would add another tab
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock, Qt.Orientation.Horizontal)
        return
    wide = name in WIDE and window.height() >= LOW
    area = Qt.DockWidgetArea.BottomDockWidgetArea if wide else Qt.DockWidgetArea.RightDockWidgetArea
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    others = [other for other in _ours(window, area) if other is not dock]
    if window.dockWidgetArea(dock) != area:
        window.addDockWidget(area, dock)
    if others:
        window.tabifyDockWidget(others[0], dock)
    if not wide:  # once the layout has settled
        QTimer.singleShot(0, dock, lambda: window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal))


def _ours(window: QMainWindow, area: Qt.DockWidgetArea) -> list[QDockWidget]:
    return [
        dock
        for dock in window.findChildren(QDockWidget)
        if dock.objectName().endswith(f"({PLUGIN})")
        and window.dockWidgetArea(dock) == area
        and not dock.isFloating()
        and not dock.isHidden()
    ]
