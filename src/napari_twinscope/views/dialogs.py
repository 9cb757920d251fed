"""Errors that a user can read, act on and copy."""

from __future__ import annotations

import traceback
from functools import partial
from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import Qt
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
)

from napari_twinscope import __version__
from napari_twinscope.errors import TwinscopeError

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


_OPEN: set[QDialog] = set()


def report(error: BaseException) -> str:
    """Return the text that a user can copy into a bug report."""
    trace = "".join(traceback.format_exception(error)).strip()
    return f"napari-twinscope {__version__}\n{trace}"


class ErrorDialog(QDialog):
    """Says what went wrong, what was given and needed and what to do; the report can be copied.

    Parameters
    ----------
    doing
        What was tried, as the title: ``"Recording"``.
    error
        The exception.
    """

    def __init__(self, doing: str, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{doing} did not work")
        self.setMinimumWidth(480)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        known = isinstance(error, TwinscopeError)
        headline = QLabel(error.problem if known else f"{type(error).__name__}: {error}")
        headline.setWordWrap(True)
        headline.setStyleSheet("font-size: 14px; font-weight: 600;")
        layout.addWidget(headline)
        if known:
            layout.addLayout(_facts(error))
        self.details = QPlainTextEdit(report(error))
        self.details.setReadOnly(True)
        self.details.setFixedHeight(180)
        self.details.setVisible(not known)
        layout.addWidget(self.details)
        self.details.setAccessibleName("Report")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())  # black on dark themes
        close.setDefault(True)
        self.copy_button = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self._copy)
        toggle = buttons.addButton("Details", QDialogButtonBox.ButtonRole.ActionRole)
        toggle.setVisible(known)
        toggle.clicked.connect(self._toggle)
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)
        close.setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.details.toPlainText())
        self.copy_button.setText("Copied")

    def _toggle(self) -> None:
        self.details.setVisible(not self.details.isVisible())
        self.adjustSize()


def _facts(error: TwinscopeError) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(1, 1)
    facts = (("Given", error.given), ("Needed", error.needed), ("What to do", error.remedy))
    for name, fact in facts:
        if fact is None:
            continue
        row = grid.rowCount()
        title, text = QLabel(name), QLabel(str(fact))
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        title.setStyleSheet("font-weight: 600;")
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(title, row, 0)
        grid.addWidget(text, row, 1)
    return grid


def show_error(doing: str, error: BaseException, parent: QWidget | None = None) -> ErrorDialog:
    """Open the dialog without blocking the window; it stays until the user closes it."""
    if parent is not None and not isalive(parent):  # the work went on after its dock was closed
        parent = None
    dialog = ErrorDialog(doing, error, parent)
    _OPEN.add(dialog)  # without a parent nothing else would hold it
    dialog.destroyed.connect(partial(_OPEN.discard, dialog))
    dialog.setModal(False)
    dialog.show()
    return dialog
