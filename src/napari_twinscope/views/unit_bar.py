"""What is above the table of units: its stage, filter, search and buttons, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_twinscope.views.steady_line import SteadyLine

if TYPE_CHECKING:
    from napari_twinscope.views.stage_choice import StageChoice

FILTER = (
    "Show only units that fulfil a condition, as  OSI > 0.5 and preferred stimulus = Grating , or of whose "
    "names one holds this text. Words: and, or, not, missing(…), abs(…); a unit without a value fulfils "
    "neither a comparison nor its opposite."
)


class UnitBar(QWidget):
    """Two rows, or three in a narrow dock, and a message below them.

    Parameters
    ----------
    stage_choice
        The list of stages, which is put first.

    Attributes
    ----------
    filter, find, only, take, copy
        The widgets, by what they do.
    count, message
        How many units there are, and what became of the last thing done.
    """

    def __init__(self, stage_choice: StageChoice) -> None:
        super().__init__()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter: OSI > 0.5, or a name")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter")
        self.filter.setToolTip(FILTER)
        self.only = QCheckBox("Selected only")
        self.only.setToolTip("Show the selected units and no others; a click then picks one and keeps all")
        self.find = QLineEdit()
        self.find.setPlaceholderText("Find")
        self.find.setAccessibleName("Find")
        self.find.setMaximumWidth(130)
        self.find.setToolTip(
            "Go to the next row that fulfils this condition or holds this text (Return; Shift+Return: back)"
        )
        self.take = QPushButton("Select shown")
        self.take.setToolTip("Select all units that the filter lets through (Ctrl+A in the table)")
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the selected units with all columns, as text with tabs (Ctrl+C)")
        self.count, self.message = SteadyLine(), QLabel()
        self.count.setStyleSheet("font-weight: 600;")
        self.message.setWordWrap(True)
        self.message.hide()
        self._first, self._second, self._rows = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self._first.addWidget(QLabel("Stage"))
        self._first.addWidget(stage_choice, 1)
        self._first.addWidget(self.filter, 2)
        self._second.addWidget(self.count, 1)
        for widget in (self.find, self.only, self.take, self.copy):
            self._second.addWidget(widget)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self._rows.addLayout(self._first)
        self._rows.addLayout(self._second)
        self._rows.addWidget(self.message)

    def allow(self, there: bool) -> None:
        """Let the widgets be used while there are units."""
        for widget in (self.filter, self.find, self.only, self.take, self.copy):
            widget.setEnabled(there)

    def say(self, text: str) -> None:
        """Say what became of the last thing done; nothing if empty."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def arrange(self, wide: bool) -> None:
        """Say how many units there are beside the buttons, or in a narrow dock in a line of its own."""
        place = self._second if wide else self._rows
        if place.indexOf(self.count) >= 0:
            return
        for other in (self._second, self._rows):
            other.removeWidget(self.count)
        if wide:
            self._second.insertWidget(0, self.count, 1)
        else:
            self._rows.insertWidget(2, self.count)
        self._first.setStretch(2, 2 if wide else 1)
