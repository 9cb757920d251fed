"""What an empty dock says: what is missing and where to get it."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget


class Hint(QWidget):
    """A title and a line of advice in the middle of an empty area."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.first = (title, text)
        self._title, self._text = QLabel(), QLabel()
        self._title.setStyleSheet("font-size: 15px; font-weight: 600;")
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(1)
        self.show_text(title, text)

    def show_text(self, title: str, text: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)
