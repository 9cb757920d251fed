"""Selecting by value: a range of a measure or axis, or its highest or lowest part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)
from superqt import QRangeSlider

from napari_twinscope.rig.gestures import Gesture
from napari_twinscope.rig.ranges import extreme, in_range
from napari_twinscope.views.combo import Combo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_twinscope.rig.selection import Manner

STEPS = 1000  # of the slider


class RangePanel(QWidget):
    """Chooses units by the values of a feature; both ends of a range are included.

    Dragging a handle previews, and letting it go selects: one step. Escape gives it up.

    Parameters
    ----------
    manner
        Returns what a selection does to the one before.

    Attributes
    ----------
    previewed
        Emitted with the `Gesture` so far while a handle is dragged, and with ``None`` at the end.
    selected
        Emitted with the `Gesture`.
    """

    previewed = Signal(object)
    selected = Signal(object)

    def __init__(self, manner: Callable[[], Manner]) -> None:
        super().__init__()
        self._manner = manner
        self._features: dict[str, np.ndarray] = {}
        self._limits = (0.0, 1.0)
        self._canceled = False
        self.feature = Combo()
        self.feature.setAccessibleName("Feature whose range selects")
        self.feature.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.feature.setMinimumContentsLength(12)
        self.low, self.high = _value("Lowest value selected"), _value("Highest value selected")
        self.slider = QRangeSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Range of values selected")
        self.slider.setRange(0, STEPS)
        self.slider.setValue((0, STEPS))
        self.end = Combo()
        self.end.setAccessibleName("Which end of the values")
        self.end.addItems(["highest", "lowest"])
        self.percent = QSpinBox()
        self.percent.setAccessibleName("Percent of the units")
        self.percent.setRange(1, 100)
        self.percent.setValue(20)
        self.percent.setSuffix(" %")
        self.take = QPushButton("Select")
        self.take.setToolTip("Select this part of the units with a value; at least one")
        ends = QHBoxLayout()
        for widget in (QLabel("or the"), self.end, self.percent, self.take):
            ends.addWidget(widget)
        ends.addStretch(1)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.feature, 0, 0, 1, 2)
        layout.addLayout(ends, 0, 2, 1, 2)
        layout.addWidget(self.low, 1, 0)
        layout.addWidget(self.slider, 1, 1, 1, 2)
        layout.addWidget(self.high, 1, 3)
        layout.setColumnStretch(2, 1)
        self.feature.currentIndexChanged.connect(self._show_limits)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderPressed.connect(self._press)
        self.slider.sliderReleased.connect(self._release)
        for box in (self.low, self.high):
            box.editingFinished.connect(self._type)
        self.take.clicked.connect(self._take)

    def show_features(self, features: Mapping[str, np.ndarray]) -> None:
        """Offer features by name, each with its values, float [units], NaN where a unit has none."""
        chosen = self.feature.currentText()
        same = list(features) == list(self._features) and all(
            values is self._features[name] for name, values in features.items()
        )
        if same:
            return
        self._features = dict(features)
        with QSignalBlocker(self.feature):
            self.feature.clear()
            self.feature.addItems(list(features))
            self.feature.setCurrentIndex(max(0, self.feature.findText(chosen)))
        self._show_limits()

    def cancel(self) -> bool:
        """Give up the range being dragged; return whether there was one."""
        if not self.slider.isSliderDown() or self._canceled:
            return False
        self._canceled = True
        self._show_limits()
        self.previewed.emit(None)
        return True

    def gesture(self) -> Gesture:
        """Return the units in the range."""
        low, high = self.low.value(), self.high.value()
        positions = self.slider.value()
        # the spin boxes round; at the very ends the range is open
        values = self._values()
        bottom = -np.inf if positions[0] == 0 else low
        top = np.inf if positions[1] == STEPS else high
        units = in_range(values, bottom, top)
        parameters = (("of", self.feature.currentText()), ("from", float(low)), ("to", float(high)))
        return Gesture(units, self._manner(), None, "range", parameters)

    def keyPressEvent(self, event: object) -> None:
        """Let Escape give up the range being dragged."""
        if event.key() != Qt.Key.Key_Escape or not self.cancel():
            super().keyPressEvent(event)

    def _values(self) -> np.ndarray:
        return self._features.get(self.feature.currentText(), np.zeros(0))

    def _show_limits(self) -> None:
        values = self._values()
        known = values[np.isfinite(values)]
        self._limits = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        extent = self._limits[1] - self._limits[0] or 1.0
        decimals = int(np.clip(3 - np.floor(np.log10(extent)), 0, 12))
        for box, value in zip((self.low, self.high), self._limits, strict=True):
            with QSignalBlocker(box):
                box.setDecimals(decimals)
                box.setRange(*self._limits)
                box.setSingleStep(extent / 100)
                box.setValue(value)
        with QSignalBlocker(self.slider):
            self.slider.setValue((0, STEPS))
        self.setEnabled(len(known) > 0)

    def _press(self) -> None:
        self._canceled = False

    def _slide(self) -> None:
        if self._canceled:
            return
        low, high = self._limits
        for box, at in zip((self.low, self.high), self.slider.value(), strict=True):
            with QSignalBlocker(box):
                box.setValue(low + (high - low) * at / STEPS)
        if self.slider.isSliderDown():
            self.previewed.emit(self.gesture())
        else:
            self.selected.emit(self.gesture())

    def _release(self) -> None:
        if not self._canceled:
            gesture = self.gesture()
            self.previewed.emit(None)
            self.selected.emit(gesture)

    def _type(self) -> None:
        low, high = self._limits
        extent = high - low or 1.0
        ends = [round(STEPS * (box.value() - low) / extent) for box in (self.low, self.high)]
        # a typed end that is not the limit must not count as open
        ends[0] = max(ends[0], 1) if self.low.value() > self.low.minimum() else 0
        ends[1] = min(ends[1], STEPS - 1) if self.high.value() < self.high.maximum() else STEPS
        with QSignalBlocker(self.slider):
            self.slider.setValue(tuple(sorted(ends)))
        self.selected.emit(self.gesture())

    def _take(self) -> None:
        top = self.end.currentText() == "highest"
        units = extreme(self._values(), self.percent.value(), top)
        part = f"{self.end.currentText()} {self.percent.value()} %"
        parameters = (("of", self.feature.currentText()), ("part", part))
        self.selected.emit(Gesture(units, self._manner(), None, "range", parameters))


def _value(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setKeyboardTracking(False)
    return box
