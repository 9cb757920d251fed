"""The colours of feature maps, as a bar with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_twinscope.rig.feature_maps import map_pixels
from napari_twinscope.views.pixels import image_of

if TYPE_CHECKING:
    from qtpy.QtGui import QPaintEvent

    from napari_twinscope.rig.maps import MapStyle

TICKS = 16  # height of the numbers below the bar


class MapBar(QWidget):
    """The colours of maps, with the values at both ends and zero."""

    def __init__(self) -> None:
        super().__init__()
        self.style_shown: MapStyle | None = None
        self.setFixedHeight(10 + TICKS)
        self.setMinimumWidth(150)
        self.setMaximumWidth(230)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_style(self, style: MapStyle | None) -> None:
        """Show another scale."""
        if style == self.style_shown:
            return
        self.style_shown = style
        self.setToolTip(
            ""
            if style is None
            else "Colours as of the activation map over the movie, here over grey; limits: "
            f"{style.rule}, rounded up; values beyond have the colours of the ends"
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for room for three numbers."""
        return QSize(190, 10 + TICKS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar and numbers."""
        del event
        style = self.style_shown
        if style is None:
            return
        painter = QPainter(self)
        low, high = style.limits
        bar = QRectF(0, 0, self.width() - 1, 10)
        painter.drawImage(bar, image_of(map_pixels(np.linspace(low, high, 256)[None], style)))
        painter.setPen(self.palette().color(self.foregroundRole()))
        below = QRectF(0, 10, self.width() - 1, TICKS)
        named = ((low, Qt.AlignmentFlag.AlignLeft), (high, Qt.AlignmentFlag.AlignRight))
        for value, side in named:
            painter.drawText(below, side | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        middle = "0 a.u." if low < 0 < high else "a.u."
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, middle)
        painter.end()
