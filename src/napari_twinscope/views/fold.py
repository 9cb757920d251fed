"""A part of a dock that can be folded away under its title, and stays so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_twinscope.views.settings import change_setting, setting

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fold(QWidget):
    """A title with an arrow, and below it what it folds away.

    Parameters
    ----------
    title
        What the part is called.
    content
        What is folded away.
    name
        The setting under which napari remembers whether it is open, one of the category ``sections``.
    beside
        Buttons at the right of the title, which stay.

    Attributes
    ----------
    toggled
        Emitted with whether it is open, after that changed.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, name: str, beside: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.content, self._name = content, name
        self.button = QToolButton()
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setStyleSheet("QToolButton { font-weight: 600; }")
        self.button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_title(title)
        top = QHBoxLayout()
        top.addWidget(self.button)
        top.addStretch(1)
        for widget in beside:
            top.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(content)
        self.button.toggled.connect(self._fold)
        self.button.clicked.connect(lambda on: change_setting("sections", self._name, on))
        self.set_open(bool(setting("sections", name)))
        self._fold(self.is_open)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self.button.isChecked()

    def set_open(self, on: bool) -> None:
        """Show or hide the content; only the user's own clicks are remembered."""
        self.button.setChecked(on)

    def set_title(self, text: str) -> None:
        """Write another title."""
        self.button.setText(text)
        self.button.setAccessibleName(text)

    def _fold(self, on: bool) -> None:
        self.content.setVisible(on)
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.button.setToolTip("Fold this part away" if on else "Unfold this part")
        self.toggled.emit(on)
