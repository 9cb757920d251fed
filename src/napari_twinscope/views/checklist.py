"""A list of names to be checked, with All and None."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

SHOWN_ROWS = 6


class CheckList(QWidget):
    """Names that can be checked one by one.

    Attributes
    ----------
    changed
        Emitted after the user changed what is checked.
    """

    changed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.itemChanged.connect(lambda _: self._changed())
        self._heading = QLabel(title)
        line = QHBoxLayout()
        line.addWidget(self._heading)
        line.addStretch(1)
        for text, checked in (("All", True), ("None", False)):
            button = QToolButton()
            button.setText(text)
            button.setAutoRaise(True)
            button.setToolTip(f"Check {text.lower()} of the {title.lower()}")
            button.clicked.connect(lambda _=False, checked=checked: self._check_all(checked))
            line.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.list)

    def set_items(self, items: list[tuple[str, str, str]], checked: tuple[str, ...]) -> None:
        """Offer other names.

        Parameters
        ----------
        items
            Name, what is written, and what the tooltip says.
        checked
            The names that are checked.
        """
        with QSignalBlocker(self.list):
            self.list.clear()
            for name, label, tip in items:
                item = QListWidgetItem(label)
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setToolTip(tip)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(_state(name in checked))
                self.list.addItem(item)
        self._fit()
        self._show_count()

    def showEvent(self, event: object) -> None:
        """Take the height of the rows as the theme draws them."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows = min(SHOWN_ROWS, max(self.list.count(), 1))
        height = max(self.list.sizeHintForRow(0), self.fontMetrics().height()) * rows
        self.list.setFixedHeight(height + 2 * self.list.frameWidth() + 4)

    def names(self) -> tuple[str, ...]:
        """Return all names, in order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in items)

    def checked(self) -> tuple[str, ...]:
        """Return the checked names, in order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        )

    def check(self, name: str, checked: bool) -> None:
        """Check or uncheck one name."""
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == name:
                self.list.item(row).setCheckState(_state(checked))

    def _check_all(self, checked: bool) -> None:
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                self.list.item(row).setCheckState(_state(checked))
        self._changed()

    def _changed(self) -> None:
        self._show_count()
        self.changed.emit()

    def _show_count(self) -> None:
        self._heading.setText(f"{self._title} ({len(self.checked())} of {self.list.count()})")


def _state(checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
