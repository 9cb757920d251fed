"""How the window shows a session, as plain JSON: docks, their arrangement, camera and layers."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from qtpy.QtCore import QByteArray, QCoreApplication, Qt
from qtpy.QtWidgets import QMainWindow

from napari_twinscope.rig.json_fields import Fields, unfit
from napari_twinscope.views.dock_titles import short_name
from napari_twinscope.views.pinned import dock_around
from napari_twinscope.views.roles import find_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_twinscope.views.kept_fit import KeptFit

ROLES = ("movie", "map", "readout", "units")
SMALLEST = 200  # pixels of a window


@runtime_checkable
class Page(Protocol):
    """A dock that takes part in the file of a session; `DockPage` is one."""

    def view_state(self) -> dict[str, Any]:
        """Return what the dock shows beyond the session, as plain JSON values."""

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show what `view_state` returned."""


def open_pages(viewer: object) -> dict[str, Page]:
    """Return our open docks by the names under which napari offers them."""
    return {
        short_name(name): page
        for name, page in viewer.window.dock_widgets.items()
        if isinstance(page, Page) and (dock := dock_around(page)) is not None and not dock.isHidden()
    }


def window_state(viewer: object, fit: KeptFit) -> dict[str, Any]:
    """Return size, arrangement of docks, camera and visible layers of the main window.

    The camera is that of `fit`. Colours are left to the theme, which is the user's. The arrangement is Qt's
    own record, as text.
    """
    pages = open_pages(viewer)
    state: dict[str, Any] = {
        "camera": fit.state(),
        "ndisplay": viewer.dims.ndisplay,
        "layers": {
            role: {"visible": bool(layer.visible), "opacity": float(layer.opacity)}
            for role in ROLES
            if (layer := find_layer(viewer, role)) is not None
        },
    }
    window = _window_of(pages)
    if window is not None:
        state["size"] = [window.width(), window.height()]
        state["maximized"] = window.isMaximized()
        state["floating"] = [name for name, page in pages.items() if dock_around(page).isFloating()]
        state["arrangement"] = base64.b64encode(bytes(window.saveState())).decode()
    return state


def arrange_window(viewer: object, state: Mapping[str, Any]) -> None:
    """Give the window its size and the open docks their places again.

    Floating docks come back only where OpenGL contexts are shared; elsewhere the docks stay where they
    opened, see `pinned`.

    Raises
    ------
    InvalidInput
        If a field does not fit.
    """
    fields = Fields(state, "window")
    window = _window_of(open_pages(viewer))
    if window is None or "arrangement" not in fields:
        return
    try:
        arrangement = base64.b64decode(fields.text("arrangement"), validate=True)
    except binascii.Error as error:
        raise unfit(fields.path("arrangement"), fields.text("arrangement"), "Base64") from error
    width, height = fields.integers("size", 2, (window.width(), window.height()))
    shared = QCoreApplication.testAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    if shared or not fields.texts("floating", ()):
        window.restoreState(QByteArray(arrangement))
    if fields.boolean("maximized", False):
        window.showMaximized()
    elif not window.isFullScreen() and (width, height) != (window.width(), window.height()):
        window.showNormal()
        room = window.screen().availableSize()
        window.resize(max(min(width, room.width()), SMALLEST), max(min(height, room.height()), SMALLEST))


def show_canvas(viewer: object, fit: KeptFit, state: Mapping[str, Any]) -> None:
    """Look at the main canvas from where it was looked at, with the layers that were visible.

    Raises
    ------
    InvalidInput
        If a field does not fit.
    """
    fields = Fields(state, "window")
    viewer.dims.ndisplay = fields.integer("ndisplay", 2, low=2, high=3)
    for role in ROLES:
        layer, shown = find_layer(viewer, role), fields.part("layers").part(role)
        if layer is not None:
            layer.visible = shown.boolean("visible", layer.visible)
            layer.opacity = min(max(shown.number("opacity", layer.opacity), 0.0), 1.0)
    fit.restore(fields.part("camera"))


def _window_of(pages: Mapping[str, Page]) -> QMainWindow | None:
    for page in pages.values():
        window = dock_around(page).parent()
        if isinstance(window, QMainWindow):
            return window
    return None
