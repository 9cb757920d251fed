"""Words before lists, as wide as one another, so that the lists of a dock begin in one column."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QLabel

WIDEST = "Colour by"
PADDING = 10  # pixels that napari's themes put around the text of labels


class Caption(QLabel):
    """Names the list at its right."""

    def sizeHint(self) -> QSize:
        """Ask for room for the widest of these words."""
        size = super().sizeHint()
        return size.expandedTo(QSize(self.fontMetrics().horizontalAdvance(WIDEST) + PADDING, 0))

    def minimumSizeHint(self) -> QSize:
        """Never be narrower than that."""
        return self.sizeHint()
