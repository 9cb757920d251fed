"""A combo box for long names, whose ends tell them apart."""

from __future__ import annotations

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

MIDDLE = Qt.TextElideMode.ElideMiddle
ENTRIES = 24  # of a list that is not scrolled


class Combo(QComboBox):
    """Shortens its text in the middle, tells all of it in its tooltip, and opens as wide as its entries."""

    def __init__(self) -> None:
        super().__init__()
        self.view().setTextElideMode(MIDDLE)
        self.setMaxVisibleItems(ENTRIES)

    @property
    def shown_text(self) -> str:
        """What there is room for of the text of the current entry."""
        option = self._option()
        return self.fontMetrics().elidedText(self.currentText(), MIDDLE, self._room(option))

    def paintEvent(self, event: object) -> None:
        """Draw the box as the style does, with the shortened text."""
        del event
        option, painter = self._option(), QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Open as wide as the longest entry, where the screen has room for it."""
        view = self.view()
        frame = 2 * view.frameWidth() + view.verticalScrollBar().sizeHint().width() + 8
        widest = view.sizeHintForColumn(self.modelColumn()) + frame
        view.setMinimumWidth(min(widest, self.screen().availableSize().width()))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """Tell the text first where it is shortened."""
        if event.type() == QEvent.Type.ToolTip and self.shown_text != self.currentText():
            parts = (self.currentText(), self.toolTip())
            QToolTip.showText(event.globalPos(), "\n\n".join(part for part in parts if part), self)
            return True
        return super().event(event)

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return option

    def _room(self, option: QStyleOptionComboBox) -> int:
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        icon = 0 if option.currentIcon.isNull() else option.iconSize.width() + 4
        return room - icon
