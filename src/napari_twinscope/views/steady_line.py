"""Text that changes with every frame of a movie, or with every selection."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QSize, Qt
from qtpy.QtGui import QPainter, QStaticText, QTransform
from qtpy.QtWidgets import QSizePolicy, QWidget

INDENT = 5  # pixels, as that of labels in napari's themes


class SteadyLine(QWidget):
    """Shows a line of text, shortened at its end where there is no room for all of it.

    A label asks its window to lay itself out whenever its text changes, and the window is then drawn once
    more for every level of its layouts. This one has the same size whatever it says.

    Parameters
    ----------
    text
        What is shown first.
    wrapped
        Whether the text is rich and continues on further lines; the window is then laid out when their
        number changes, and not before.
    """

    def __init__(self, text: str = "", wrapped: bool = False) -> None:
        super().__init__()
        self._text, self._wrapped, self._height = "", wrapped, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)
        self._fit()

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._fit()
            self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")

    def sizeHint(self) -> QSize:
        """Ask for the height of the lines."""
        return QSize(120, self._height)

    def resizeEvent(self, event: object) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = round(self._laid_out().size().height()) if self._wrapped and self._text else 0
        height = max(lines, self.fontMetrics().height()) + 2
        if height != self._height:
            self._height = height
            self.updateGeometry()

    def _laid_out(self) -> QStaticText:
        text = QStaticText(self._text)
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setTextWidth(max(self.width() - INDENT, 1))
        text.prepare(QTransform(), self.font())
        return text

    def paintEvent(self, event: object) -> None:
        """Draw the text in the colour of the theme."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        if self._wrapped:
            painter.drawStaticText(QPointF(INDENT, 1), self._laid_out())
        else:
            room = self.rect().adjusted(INDENT, 0, 0, 0)
            end = Qt.TextElideMode.ElideRight
            shown = self.fontMetrics().elidedText(self._text, end, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
