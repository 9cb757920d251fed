"""Selecting by value: a range of a measure or axis, or its highest or lowest part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox

from napari_twinscope.rig.gestures import Gesture
from napari_twinscope.rig.ranges import extreme, in_range
from napari_twinscope.views.axis_range import AxisRange
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.value_panel import ValuePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_twinscope.rig.selection import Manner

BESIDE = 50  # pixels of a list beside its text, in napari's themes


class RangePanel(ValuePanel):
    """Chooses units by the values of a feature; both ends of a range are included.

    Parameters
    ----------
    manner
        As of `ValuePanel`.
    """

    def __init__(self, manner: Callable[[], Manner]) -> None:
        super().__init__(manner)
        self._features: dict[str, np.ndarray] = {}
        self.feature = Combo()
        self.feature.setAccessibleName("Feature whose range selects")
        self.feature.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.feature.setMinimumContentsLength(10)
        self.range = AxisRange(self)
        self.low, self.slider, self.high = self.range.low, self.range.slider, self.range.high
        self.watch(self.range)
        self.end = Combo()
        self.end.setAccessibleName("Which end of the values")
        self.end.addItems(["highest", "lowest"])
        self.end.setMinimumWidth(self.end.fontMetrics().horizontalAdvance("highest") + BESIDE)
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

    def gesture(self, manner: Manner) -> Gesture:
        """Return the units in the range."""
        low, high = self.range.ends
        parameters = (("of", self.feature.currentText()), ("from", low), ("to", high))
        return Gesture(in_range(self._values(), low, high), manner, None, "range", parameters)

    def _values(self) -> np.ndarray:
        return self._features.get(self.feature.currentText(), np.zeros(0))

    def _show_limits(self) -> None:
        self.give_up()
        values = self._values()
        known = values[np.isfinite(values)]
        limits = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        self.range.show_axis(self.feature.currentText(), limits, limits)
        self.setEnabled(len(known) > 0)

    def _take(self) -> None:
        top = self.end.currentText() == "highest"
        units = extreme(self._values(), self.percent.value(), top)
        part = f"{self.end.currentText()} {self.percent.value()} %"
        parameters = (("of", self.feature.currentText()), ("part", part))
        self.selected.emit(Gesture(units, self.manner_now(), None, "range", parameters))
