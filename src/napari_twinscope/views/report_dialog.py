"""What was done to make an encoding manifold, to be read and copied, and the units without a place on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QFontDatabase, QIcon
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_twinscope.manifolds import EncodingManifold

HEADINGS = ("Unit", "Why it is not shown", "Responds as")


class ReportDialog(QDialog):
    """The report of a manifold, and a table of the units that were dropped.

    Parameters
    ----------
    manifold
        The manifold.
    """

    def __init__(self, manifold: EncodingManifold, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Encoding manifold of {manifold.stage}")
        self.resize(820, 560)
        self.text = QPlainTextEdit(manifold.report())
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Report")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text, 3)
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setAccessibleName("Units that are not shown")
        self.table.setTabKeyNavigation(False)  # the key leads out of the table
        if len(manifold.dropped):
            layout.addWidget(QLabel(f"{len(manifold.dropped)} units are not shown"))
            layout.addWidget(self.table, 2)
            self._fill(manifold)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())  # black on dark themes
        close.setDefault(True)
        self.copy_button = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self._copy)
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)

    def _fill(self, manifold: EncodingManifold) -> None:
        self.table.setHorizontalHeaderLabels(HEADINGS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setRowCount(len(manifold.dropped))
        columns = [manifold.dropped[name] for name in ("unit_id", "reason", "duplicate_of")]
        for row, values in enumerate(zip(*columns, strict=True)):
            for column, value in enumerate(values):
                self.table.setItem(row, column, QTableWidgetItem(str(value)))
        self.table.resizeColumnsToContents()
        self.table.horizontalHeader().setStretchLastSection(True)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
        self.copy_button.setText("Copied")
