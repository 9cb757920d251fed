"""The range along one axis: a slider with two handles, and both ends as numbers."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import QObject, QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QDoubleSpinBox, QLabel
from superqt import QRangeSlider

STEPS = 1000  # of the slider


class HeldSlider(QRangeSlider):
    """Tells that a handle is taken before it moves; else it jumps to the pointer first, as if nobody held it.

    Attributes
    ----------
    taken
        Emitted when the mouse presses.
    """

    taken = Signal()

    def __init__(self) -> None:
        self._pressing = False
        super().__init__(Qt.Orientation.Horizontal)

    @property
    def held(self) -> bool:
        """Whether a handle is in the hand."""
        return self._pressing or self.isSliderDown()

    def mousePressEvent(self, event: object) -> None:
        """Take a handle."""
        self._pressing = True
        self.taken.emit()
        super().mousePressEvent(event)
        self._pressing = False
        if not self.isSliderDown():
            self.sliderReleased.emit()


class AxisRange(QObject):
    """Shows and edits the lowest and the highest value along an axis; its parts are laid out by who made it.

    A handle that stands at its end of the slider means the very limit, and a typed value means just that.

    Parameters
    ----------
    parent
        With which it goes.

    Attributes
    ----------
    caption, low, slider, high
        The parts.
    pressed, moved, released
        Emitted when a handle is taken (maybe twice), when an end changed while it is held, and when it is
        let go.
    typed
        Emitted after an end was changed without holding a handle.
    """

    pressed, moved, released, typed = Signal(), Signal(), Signal(), Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._limits = (0.0, 1.0)
        self._ends = [0.0, 1.0]
        self._said = (0.0, 1.0)  # what the numbers said when they were written here
        self.caption = QLabel()
        self.slider = HeldSlider()
        self.slider.setRange(0, STEPS)
        self.low, self.high = _end(), _end()
        self.slider.valueChanged.connect(self._slide)
        for signal in (self.slider.taken, self.slider.sliderPressed):
            signal.connect(self.pressed)
        self.slider.sliderReleased.connect(self.released)
        for box in (self.low, self.high):
            box.editingFinished.connect(self._type)
        self.show_axis("", self._limits, self._limits)

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        return self._ends[0], self._ends[1]

    def show_axis(self, label: str, limits: tuple[float, float], ends: tuple[float, float]) -> None:
        """Show another axis, or another range along it."""
        self._limits = limits
        extent = limits[1] - limits[0]
        self.caption.setText(label)
        self.slider.setAccessibleName(f"Range of {label}")
        decimals = int(np.clip(3 - np.floor(np.log10(extent or 1.0)), 0, 12))
        for box, word in ((self.low, "Lowest"), (self.high, "Highest")):
            box.setAccessibleName(f"{word} {label}")
            with QSignalBlocker(box):
                box.setDecimals(decimals)
                box.setRange(*limits)
                box.setSingleStep((extent or 1.0) / 100)
        for part in (self.low, self.slider, self.high):
            part.setEnabled(extent > 0)
        self.show_ends(ends)

    def show_ends(self, ends: tuple[float, float]) -> None:
        """Show another range along the same axis."""
        self._ends = list(ends)
        for box, value in zip((self.low, self.high), ends, strict=True):
            with QSignalBlocker(box):
                box.setValue(value)
        self._said = self.low.value(), self.high.value()
        with QSignalBlocker(self.slider):
            self.slider.setValue((self._step_of(0), self._step_of(1)))

    def _slide(self) -> None:
        low, high = self._limits
        for place, (box, at) in enumerate(zip((self.low, self.high), self.slider.value(), strict=True)):
            if at == self._step_of(place):
                continue  # the other handle moved, and what was typed here stays as exact as it is
            with QSignalBlocker(box):
                box.setValue(low + (high - low) * at / STEPS)
            self._ends[place] = self._limits[place] if at == (0, STEPS)[place] else box.value()
        self._said = self.low.value(), self.high.value()
        if self.slider.held:
            self.moved.emit()
        else:
            self.typed.emit()

    def _step_of(self, place: int) -> int:
        """Return where the handle of an end stands: at the end of the slider for the limit alone."""
        low, high = self._limits
        end = self._ends[place]
        if end == self._limits[place]:
            return (0, STEPS)[place]
        at = round(STEPS * (end - low) / ((high - low) or 1.0))
        return max(at, 1) if place == 0 else min(at, STEPS - 1)

    def _type(self) -> None:
        values = self.low.value(), self.high.value()
        if values == self._said:
            return  # the keyboard only went by
        low, high = self._limits
        first, last = sorted(values)
        at_limits = first <= self.low.minimum(), last >= self.high.maximum()
        self.show_ends((low if at_limits[0] else first, high if at_limits[1] else last))
        self.typed.emit()


def _end() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setKeyboardTracking(False)
    return box
