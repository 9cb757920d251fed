"""A figure as a picture as wide as the dock, drawn anew when that or the theme changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import QLabel, QScrollArea

from napari_twinscope.views.pixels import image_of

if TYPE_CHECKING:
    import numpy as np
    from qtpy.QtGui import QResizeEvent

SETTLED = 150  # milliseconds without another size


class FigureView(QScrollArea):
    """Shows pixels, and says when it needs others.

    Attributes
    ----------
    resized
        Emitted when it has another width, once that has settled.
    """

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Figure")
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.picture.setStyleSheet("padding: 0px;")  # else a figure as wide as the dock has no room in it
        self.setWidget(self.picture)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self._width = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED)
        self._timer.timeout.connect(self.resized)

    @property
    def room(self) -> int:
        """Width that a figure may take, in logical pixels."""
        return self.viewport().width() - 1

    def show_pixels(self, pixels: np.ndarray, description: str) -> None:
        """Show a figure, uint8 [height, width, RGBA] in device pixels."""
        image = image_of(pixels)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self.picture.setPixmap(QPixmap.fromImage(image))
        self.picture.setEnabled(True)
        self.picture.setAccessibleName(description)
        self.setAccessibleName(description)

    def outdate(self) -> None:
        """Show that another figure is on its way: in grey the one before it, or words where there is none."""
        if self.picture.pixmap().isNull():
            self.picture.setText("Drawing …")
        self.picture.setEnabled(False)

    def clear(self) -> None:
        """Show nothing."""
        self.picture.clear()
        self.picture.setEnabled(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for a figure of the new width."""
        super().resizeEvent(event)
        if event.size().width() != self._width:
            self._width = event.size().width()
            self._timer.start()
