"""Buttons that stay down, rows of them that wrap, and keys that press them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QPushButton, QWidget
from superqt import QFlowLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def tool_button(text: str, tip: str, key: str | None = None) -> QPushButton:
    """Return a button that stays down; the tooltip names the key that presses it."""
    button = QPushButton(text)
    button.setToolTip(tip if key is None else f"{tip} ({key})")
    button.setCheckable(True)
    return button


def wrapped_row(widgets: Sequence[QWidget]) -> QWidget:
    """Return widgets side by side, on as many lines as they need."""
    row = QWidget()
    layout = QFlowLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row


def add_shortcut(key: str | QKeySequence.StandardKey, host: QWidget, slot: Callable[[], object]) -> None:
    """Let a key do something while the keyboard is in a widget or one within it."""
    shortcut = QShortcut(QKeySequence(key), host)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(slot)
