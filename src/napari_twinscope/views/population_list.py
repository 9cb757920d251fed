"""Populations recorded elsewhere, such as neurons, to be compared beside the stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from napari_twinscope.rig.comparison_view import unused_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.comparison_view import ImportedPopulation

ROWS = 3
ADD = (
    "Compare a population that was recorded elsewhere, such as neurons: NAME.npz or NAME.nc with responses "
    "(unit, stimulus, direction, time); docs/comparison.md describes the file"
)


class PopulationList(QWidget):
    """Names of imported populations, with Add and Remove; a double click renames.

    Attributes
    ----------
    asked
        Emitted when the user wants to add one.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._populations: tuple[ImportedPopulation, ...] = ()
        self._stages: tuple[str, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Populations recorded elsewhere")
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.add_button, self.remove_button = QPushButton("Add neurons …"), QPushButton("Remove")
        self.add_button.setToolTip(f"<p>{ADD}</p>")
        self.remove_button.setToolTip("Compare the chosen populations no longer; their files stay (Delete)")
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button, 1)
        buttons.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        self.add_button.clicked.connect(self.asked)
        self.remove_button.clicked.connect(self.remove)
        self.list.itemChanged.connect(self._rename)
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.show_populations(())

    @property
    def populations(self) -> tuple[ImportedPopulation, ...]:
        """What is in the list."""
        return self._populations

    @property
    def names(self) -> tuple[str, ...]:
        """Names that are taken: of populations, and of the stages beside them."""
        return (*self._stages, *(one.name for one in self._populations))

    def suit(self, recording: Recording | None) -> None:
        """Keep names apart from those of the stages of a recording."""
        self._stages = () if recording is None else tuple(recording.stages)
        self.add_button.setEnabled(recording is not None)

    def add(self, population: ImportedPopulation) -> None:
        """Put one more at the end."""
        self.show_populations((*self._populations, population))

    def remove(self) -> None:
        """Take the chosen ones out of the list."""
        gone = {self.list.row(item) for item in self.list.selectedItems()}
        self.show_populations(one for place, one in enumerate(self._populations) if place not in gone)

    def show_populations(self, populations: Iterable[ImportedPopulation]) -> None:
        """Show other populations."""
        self._populations = tuple(populations)
        with QSignalBlocker(self.list):
            self.list.clear()
            for one in self._populations:
                item = QListWidgetItem(one.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                said = (
                    (one.said or "Not read yet") if Path(one.path).exists() else "The file is not there now"
                )
                item.setToolTip(f"<p>{said}<br>{one.path}<br>Double click renames.</p>")
                self.list.addItem(item)
        rows = min(ROWS, max(1, len(self._populations)))
        height = max(self.list.sizeHintForRow(0), self.fontMetrics().height()) * rows
        self.list.setFixedHeight(height + 2 * self.list.frameWidth() + 4)
        self.list.setVisible(bool(self._populations))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.remove_button.setVisible(bool(self._populations))
        self.remove_button.setEnabled(bool(self.list.selectedItems()))

    def _rename(self, item: QListWidgetItem) -> None:
        place, wanted = self.list.row(item), item.text().strip()
        one = self._populations[place]
        others = [name for name in self.names if name != one.name]
        renamed = replace(one, name=unused_name(wanted, others) if wanted else one.name)
        self._populations = (*self._populations[:place], renamed, *self._populations[place + 1 :])
        with QSignalBlocker(self.list):
            item.setText(renamed.name)

    def keyPressEvent(self, event: object) -> None:
        """Let Delete remove."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove()
        else:
            super().keyPressEvent(event)
