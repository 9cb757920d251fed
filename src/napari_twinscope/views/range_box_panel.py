"""Selecting by a box of three ranges, along the axes that are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QPushButton

from napari_twinscope.rig.gestures import Gesture
from napari_twinscope.rig.range_box import RangeBox, whole_box, words_of_box
from napari_twinscope.views.axis_range import AxisRange
from napari_twinscope.views.steady_line import SteadyLine
from napari_twinscope.views.value_panel import ValuePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_twinscope.rig.selection import Manner

Ends = tuple[float, float]


class RangeBoxPanel(ValuePanel):
    """Three ranges, which are a box among the points; opening it or moving to other axes selects nothing.

    A range stays with its axis while the same units are shown, wherever that axis is shown.

    Parameters
    ----------
    manner
        As of `ValuePanel`.

    Attributes
    ----------
    box
        The box; ``None`` while there are no units.
    changed
        Emitted after the box changed.
    """

    changed = Signal()

    def __init__(self, manner: Callable[[], Manner]) -> None:
        super().__init__(manner)
        self.box: RangeBox | None = None
        self._points: np.ndarray | None = None
        self._known: dict[str, tuple[Ends | None, Ends]] = {}  # limits and ends by axis
        self.axes = (AxisRange(self), AxisRange(self), AxisRange(self))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        for row, axis in enumerate(self.axes):
            for column, part in enumerate((axis.caption, axis.low, axis.slider, axis.high)):
                layout.addWidget(part, row, column)
            self.watch(axis)
        layout.setColumnStretch(2, 1)
        self.inside = SteadyLine()
        self.take = QPushButton("Select")
        self.take.setToolTip("Select the units within the box as it is")
        self.whole = QPushButton("Whole")
        self.whole.setToolTip("Make the box as large as the cloud; the selection stays")
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self.inside, 1)
        below.addWidget(self.take)
        below.addWidget(self.whole)
        layout.addLayout(below, len(self.axes), 0, 1, 4)
        self.take.clicked.connect(lambda: self.selected.emit(self.gesture(self.manner_now())))
        self.whole.clicked.connect(self._open)

    def show_points(self, points: np.ndarray, labels: tuple[str, str, str]) -> None:
        """Select from other points, or along other axes.

        Parameters
        ----------
        points
            float [units, 3], along the axes shown, NaN for units that are not.
        labels
            What these axes are.
        """
        if points is self._points and self.box is not None and labels == self.box.labels:
            return
        self.give_up()
        self._points = points
        whole = whole_box(points, labels)
        self.setEnabled(whole is not None)
        if whole is None:
            self.box = None
            self.inside.clear()
            self.changed.emit()
            return
        ends = [self._ends_of(label, limits) for label, limits in zip(labels, whole.limits, strict=True)]
        self._show(replace(whole, ranges=(ends[0], ends[1], ends[2])))

    def gesture(self, manner: Manner) -> Gesture:
        """Return the units within the box."""
        return Gesture(self.box.units(self._points), manner, None, "3D box", self.box.parameters)

    def show_changed(self) -> None:
        """Follow an end that changed."""
        first, second, third = (axis.ends for axis in self.axes)
        self.box = replace(self.box, ranges=(first, second, third))
        self._remember()

    # -- in the file of a session

    def state(self) -> dict[str, list[float]]:
        """Return the ranges by the name of their axis, those alone that leave something out."""
        return {label: list(ends) for label, (limits, ends) in self._known.items() if ends != limits}

    def restore(self, ranges: Mapping[str, Any]) -> None:
        """Show ranges that `state` returned, as soon as their axes are shown."""
        self._known = {label: (None, (ends[0], ends[1])) for label, ends in ranges.items()}
        points, labels = self._points, None if self.box is None else self.box.labels
        self._points = None
        if points is not None and labels is not None:
            self.show_points(points, labels)

    # -- details

    def _ends_of(self, label: str, limits: Ends) -> Ends:
        known, ends = self._known.get(label, (None, limits))
        if known is not None and known != limits:  # other units
            return limits
        low, high = max(ends[0], limits[0]), min(ends[1], limits[1])
        return (low, high) if low <= high else limits

    def _open(self) -> None:
        self._show(replace(self.box, ranges=self.box.limits))

    def _show(self, box: RangeBox) -> None:
        self.box = box
        for axis, label, limits, ends in zip(self.axes, box.labels, box.limits, box.ranges, strict=True):
            axis.show_axis(label, limits, ends)
        self._remember()

    def _remember(self) -> None:
        box = self.box
        for label, limits, ends in zip(box.labels, box.limits, box.ranges, strict=True):
            self._known[label] = (limits, ends)
        shown = int(np.count_nonzero(np.isfinite(self._points).all(axis=1)))
        self.inside.setText(words_of_box(len(box.units(self._points)), shown))
        self.changed.emit()
