"""A line of text that changes with every frame of a movie."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

INDENT = 5  # pixels, as that of labels in napari's themes


class SteadyLine(QWidget):
    """Shows one line of text, shortened at its end where there is no room for all of it.

    A label asks its window to lay itself out whenever its text changes, and the window is then drawn once
    more. This one has the same size whatever it says.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")

    def sizeHint(self) -> QSize:
        """Ask for the height of a line."""
        return QSize(120, self.fontMetrics().height() + 2)

    def paintEvent(self, event: object) -> None:
        """Draw the text in the colour of the theme."""
        del event
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() - INDENT)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            self.rect().adjusted(INDENT, 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            shown,
        )
        painter.end()
