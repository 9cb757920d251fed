"""A small table of the scores of the selected units beside random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from napari_twinscope.rig.subpopulation_table import LEVEL, SOURCE

if TYPE_CHECKING:
    from napari_twinscope.rig.subpopulation_table import ScoreRow

COLUMNS = {
    "selected": "The score of the selected units against all units of the stage",
    "random": f"Median of as many units drawn at random, and what {LEVEL:g} % of the random sets lie between",
    "above": "How many of the random sets score lower than the selected units",
}


class ScoreTable(QTableWidget):
    """Shows `ScoreRow`s; its height is that of its rows."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName("Scores of the selected units")
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        for scroll in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            scroll(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for place, (name, tip) in enumerate(COLUMNS.items()):
            heading = QTableWidgetItem(name)
            heading.setToolTip(tip)
            self.setHorizontalHeaderItem(place, heading)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setCornerButtonEnabled(False)

    def show_rows(self, rows: tuple[ScoreRow, ...]) -> None:
        """Show other scores; of none the last titles stay, without numbers."""
        if not rows:
            with QSignalBlocker(self.model()):  # the columns keep their widths
                for place in range(self.rowCount()):
                    for column in range(len(COLUMNS)):
                        self.item(place, column).setText("…")
            self.viewport().update()
            return
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            heading = QTableWidgetItem(row.title.split(" (")[0])
            heading.setToolTip(f"<p>{row.tip} Source: {SOURCE}.</p>")
            self.setVerticalHeaderItem(place, heading)
            for column, text in enumerate(cells_of(row)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                item.setToolTip(list(COLUMNS.values())[column])
                self.setItem(place, column, item)
        self.resizeRowsToContents()
        height = self.horizontalHeader().sizeHint().height() + self.verticalHeader().length()
        self.setFixedHeight(height + 2 * self.frameWidth() + 2)


def cells_of(row: ScoreRow) -> tuple[str, str, str]:
    """Return what a row says: the score, that of random units, and how many of these it is above."""
    if not np.isfinite(row.value):
        return "–", _random(row), "–"
    return f"{row.value:.3f}", _random(row), f"{row.below} of {row.draws}"


def _random(row: ScoreRow) -> str:
    if not np.isfinite(row.median):
        return "–"
    return f"{row.median:.3f} ({row.lower:.2f}–{row.upper:.2f})"
