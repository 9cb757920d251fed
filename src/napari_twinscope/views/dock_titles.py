"""What a dock is called on its tab and in its title bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qtpy.QtWidgets import QDockWidget


def short_name(name: str) -> str:
    """Return napari's name of a dock without that of the plugin.

    Examples
    --------
    >>> short_name("Compare stages (napari-twinscope)")
    'Compare stages'
    """
    return name.rsplit(" (", 1)[0]


def shorten_title(dock: QDockWidget) -> None:
    """Leave out the name of the plugin in parentheses, for which no tab has room.

    napari's own name of the dock, by which it is found, stays. The title bar is another one after the dock
    was moved or floated.
    """

    def show() -> None:
        short = short_name(dock.objectName())
        dock.setWindowTitle(short)
        bar = getattr(dock, "title", None)
        label = getattr(bar, "title", None)
        if label is not None:
            label.setText(short)

    dock.dockLocationChanged.connect(lambda _: show())
    dock.topLevelChanged.connect(lambda _: show())
    show()
