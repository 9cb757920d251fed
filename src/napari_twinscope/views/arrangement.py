"""Where the docks open."""

from __future__ import annotations

import re
from itertools import count

from npe2 import PluginManager
from qtpy.QtCore import QSignalBlocker, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QStyle

from napari_twinscope.views.dock_titles import short_name
from napari_twinscope.views.pinned import dock_around

PLUGIN = "napari-twinscope"
WIDTH = 480
WIDE = ("Responses", "Units")
BESIDE = ("Second manifold",)
"""Docks with a column of their own, to be seen together with others; "Open all docks" leaves them out."""
FURTHER = re.compile(r"Manifold ([3-9]|[1-9]\d+)")
"""Manifolds after the second, of which there can be as many as are wanted; napari offers the second alone."""
SPACIOUS = 1600  # pixels; in a window less wide a second column would leave little of the movie
HALF = 180  # pixels that a canvas has at least beyond the least, where its dock takes half of another one
LOW = 760  # pixels; of a window lower than this nothing is given to docks below the canvas


def open_views(viewer: object) -> tuple[object, object]:
    """Open the docks that show a recording, if they are not open: return (manifold, responses)."""
    return open_dock(viewer, "Manifold"), open_dock(viewer, "Responses")


def open_dock(viewer: object, name: str) -> object:
    """Open one of our docks, or return it if it is open."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    known = set(viewer.window.dock_widgets)
    if FURTHER.fullmatch(name):
        dock, widget = _further_manifold(viewer, f"{name} ({PLUGIN})")
    else:
        dock, widget = viewer.window.add_plugin_dock_widget(PLUGIN, name)
    if known & set(viewer.window.dock_widgets) != set(viewer.window.dock_widgets):
        _arrange(dock, name)
    dock.show()
    dock.raise_()
    return widget


def open_another(viewer: object) -> object:
    """Open one more manifold: the second, or the first of "Manifold 3", "Manifold 4" ... that is not open."""
    names = (BESIDE[0] if number == 2 else f"Manifold {number}" for number in count(2))
    return open_dock(viewer, next(name for name in names if not is_open(viewer, name)))


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
    viewer = getattr(viewer, "__wrapped__", viewer)
    return f"{name} ({PLUGIN})" in viewer.window.dock_widgets


def _further_manifold(viewer: object, full_name: str) -> tuple[QDockWidget, object]:
    """Return a dock that is of the kind of the second manifold, and its page."""
    page = viewer.window.dock_widgets.get(full_name)
    if page is not None:
        return dock_around(page), page
    widgets = PluginManager.instance().get_manifest(PLUGIN).contributions.widgets
    page = next(each for each in widgets if each.display_name in BESIDE).get_callable()(viewer)
    return viewer.window.add_dock_widget(page, name=full_name, area="right"), page


def _arrange(dock: QDockWidget, name: str) -> None:
    """Put wide docks below and the others at the right, one in front of the other.

    The right column has the whole height of the window, so that its canvases have room; what is below ends
    beside it. In a low window all are at the right, so that the main canvas keeps its height.
    """
    window = dock.parent()
    if not isinstance(window, QMainWindow):
        return
    if _is_beside(dock) and _put_beside(window, dock):
        return
    wide = name in WIDE and window.height() >= LOW
    area = Qt.DockWidgetArea.BottomDockWidgetArea if wide else Qt.DockWidgetArea.RightDockWidgetArea
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    others = [other for other in _ours(window, area) if other is not dock]
    if window.dockWidgetArea(dock) != area:
        window.addDockWidget(area, dock)
    if others:
        with QSignalBlocker(dock):  # its area is the same, and napari would write all settings to disk again
            window.tabifyDockWidget(others[0], dock)
    if not wide:  # once the layout has settled
        soon = QTimer(dock, singleShot=True, interval=0)  # which ends with the dock
        soon.timeout.connect(lambda: window.resizeDocks([dock], [WIDTH], Qt.Orientation.Horizontal))
        soon.timeout.connect(soon.deleteLater)
        soon.start()


def _put_beside(window: QMainWindow, dock: QDockWidget) -> bool:
    """Give a dock a column of its own, or else half of one of its kind, or else lay it over that one.

    Return whether there was a place: the first of its kind without a column has none.
    """
    right = Qt.DockWidgetArea.RightDockWidgetArea
    page = dock.widget()
    least = page.minimumSizeHint().expandedTo(page.minimumSize())
    edge = window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent)
    kin = [each for each in _ours(window, right) if each is not dock and _is_beside(each)]
    # a window in which there is no room would grow, beyond the screen
    needed = window.minimumSizeHint().width() + edge + least.width()
    if window.width() >= max(SPACIOUS, needed):
        # splitting a dock that is a tab would add another tab
        window.addDockWidget(right, dock, Qt.Orientation.Horizontal)
        return True
    high = max(kin, key=QDockWidget.height, default=None)
    if high is None:
        return False
    if high.height() < 2 * (least.height() + HALF) or window.tabifiedDockWidgets(high):
        window.tabifyDockWidget(high, dock)
    else:
        window.splitDockWidget(high, dock, Qt.Orientation.Vertical)
    return True


def _is_beside(dock: QDockWidget) -> bool:
    name = short_name(dock.objectName())
    return name in BESIDE or FURTHER.fullmatch(name) is not None


def _ours(window: QMainWindow, area: Qt.DockWidgetArea) -> list[QDockWidget]:
    return [
        dock
        for dock in window.findChildren(QDockWidget)
        if dock.objectName().endswith(f"({PLUGIN})")
        and window.dockWidgetArea(dock) == area
        and not dock.isFloating()
        and not dock.isHidden()
    ]
