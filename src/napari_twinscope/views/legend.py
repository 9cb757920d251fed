"""What the colours of units mean: a colour bar or named swatches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QColor, QLinearGradient, QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_twinscope.rig.colors import MISSING, colormap, cyclic_colors

if TYPE_CHECKING:
    from napari_twinscope.rig.colors import Legend

BAR = QSize(140, 10)
SWATCH = 10
GAP = 6
ROWS = 4  # of swatches; the tooltip has the others
STOPS = 25  # of the gradient


class LegendView(QWidget):
    """Paints a `Legend`, as high as the highest that it showed since it was empty or its width changed.

    So units stay where they are on the canvas above while one way to colour them is compared to another.
    Swatches go without the title, which the list they were chosen from says.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._legend: Legend | None = None
        self._least = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour legend")

    def show_legend(self, legend: Legend | None) -> None:
        """Show another legend, or nothing."""
        self._legend = legend
        names = [] if legend is None else [name for name, _ in legend.entries]
        self.setToolTip(", ".join(names))
        self._fit()
        self.update()

    def resizeEvent(self, event: object) -> None:
        """Wrap the swatches to the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._least = 0
            self._fit()

    def _fit(self) -> None:
        self._least = 0 if self._legend is None else max(self._least, self._paint(None))
        self.setFixedHeight(self._least)

    def paintEvent(self, event: object) -> None:
        """Draw the bar or the swatches."""
        del event
        if self._legend is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter)
            painter.end()

    def _paint(self, painter: QPainter | None) -> int:
        """Draw, or with no painter only measure; return the height."""
        metrics = self.fontMetrics()
        top, line = 2, metrics.height()
        if painter is not None:
            painter.setPen(self.palette().color(self.foregroundRole()))
        if self._legend.limits is None:
            return self._swatches(painter, top, line)
        before = metrics.horizontalAdvance(self._legend.title) + 2 * GAP
        if before + self._width_of_bar() > self.width():
            before, top = 0, top + line + 2
        if painter is not None:
            painter.drawText(0, 2 + metrics.ascent(), self._legend.title)
        return self._bar(painter, before, top)

    def _ends(self) -> tuple[str, str]:
        low, high = (f"{value:.3g}" for value in self._legend.limits)
        return f"≤ {low}" if self._legend.beyond[0] else low, f"≥ {high}" if self._legend.beyond[1] else high

    def _width_of_bar(self) -> int:
        words = [*self._ends(), self._without_value()[0] if self._legend.missing else ""]
        return BAR.width() + 4 * GAP + SWATCH + sum(self.fontMetrics().horizontalAdvance(w) for w in words)

    def _bar(self, painter: QPainter | None, before: int, top: int) -> int:
        metrics = self.fontMetrics()
        legend = self._legend
        low, high = self._ends()
        colors = cyclic_colors if legend.cyclic else colormap
        if painter is not None:
            left = before + metrics.horizontalAdvance(low) + GAP
            box = QRectF(left, top + (metrics.height() - BAR.height()) / 2, BAR.width(), BAR.height())
            gradient = QLinearGradient(box.topLeft(), box.topRight())
            for at in np.linspace(0, 1, STOPS):
                gradient.setColorAt(at, QColor.fromRgbF(*map(float, colors(np.array([at]))[0])))
            painter.fillRect(box, gradient)
            painter.drawText(before, top + metrics.ascent(), low)
            painter.drawText(int(box.right()) + GAP, top + metrics.ascent(), high)
            if legend.missing:
                x = int(box.right()) + 2 * GAP + metrics.horizontalAdvance(high)
                self._entry(painter, x, top, *self._without_value())
        return top + metrics.height() + 2

    def _without_value(self) -> tuple[str, QColor]:
        return f"{self._legend.missing_name} ({self._legend.missing})", QColor.fromRgbF(*MISSING)

    def _swatches(self, painter: QPainter | None, top: int, line: int) -> int:
        entries = [self._without_value()] if self._legend.missing else []
        entries += [(name, QColor(color)) for name, color in self._legend.entries]
        more = self.fontMetrics().horizontalAdvance("… and 99 more")
        x, row = 0, 1
        if not entries and painter is not None:
            painter.drawText(0, top + self.fontMetrics().ascent(), self._legend.title)
        for done, (name, color) in enumerate(entries):
            width = SWATCH + 4 + self.fontMetrics().horizontalAdvance(name)
            room = self.width() - (more if row == ROWS and done + 1 < len(entries) else 0)
            if x and x + width > room:
                if row == ROWS:
                    if painter is not None:
                        painter.drawText(
                            x, top + self.fontMetrics().ascent(), f"… and {len(entries) - done} more"
                        )
                    break
                x, top, row = 0, top + line + 2, row + 1
            self._entry(painter, x, top, name, color)
            x += width + 2 * GAP
        return top + line + 2

    def _entry(self, painter: QPainter | None, x: int, top: int, name: str, color: QColor) -> None:
        if painter is None:
            return
        metrics = self.fontMetrics()
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QRectF(x, top + (metrics.height() - SWATCH) / 2, SWATCH, SWATCH))
        painter.restore()
        painter.drawText(x + SWATCH + 4, top + metrics.ascent(), name)
