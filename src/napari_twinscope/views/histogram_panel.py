"""A histogram of a measure inside and outside the selection, on which a range can be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_twinscope.rig.gestures import Gesture, manner_of
from napari_twinscope.rig.histogram import bins_of, gapped, histogram
from napari_twinscope.rig.histogram_figure import INSIDE, OUTSIDE, key
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.steady_line import SteadyLine
from napari_twinscope.views.tool_words import MODIFIERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_twinscope.rig.histogram import Bins, Histogram
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.unit_set import Mask

FOLLOWS = "Colour of the units"
WORDS = (
    "Drag a range: the units in it, both ends included, are selected. Click: the units of one bar. "
    "Shift adds, Alt or Ctrl subtracts, both intersect; Esc cancels."
)
NARROW = 34  # pixels that the name of a category needs at least


class HistogramPanel(QWidget):
    """Counts a measure over the selected units and over all others.

    Attributes
    ----------
    selected
        Emitted with the `Gesture` when a range was dragged or a bar clicked.
    previewed
        Emitted with the `Gesture` so far while a range is dragged, and with ``None`` at its end.
    """

    selected = Signal(object)
    previewed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.shown: Histogram | None = None
        self._measures: Mapping[str, Measure] = {}
        self._coloured: Measure | None = None
        self._mask: Mask = np.zeros(0, bool)
        self._bins: Bins | None = None
        self._stale = False
        self._text = (200, 200, 200)
        self._named: tuple[object, ...] = ()
        self._build()

    def _build(self) -> None:
        self.choice = Combo()
        self.choice.setAccessibleName("Measure of the histogram")
        self.choice.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(10)
        self.choice.addItem(FOLLOWS, None)
        self.density = QCheckBox("Density")
        self.density.setToolTip(
            "Scale selected and other units to an area of one each, so that few can be compared to many; "
            "otherwise units are counted"
        )
        self.density.setChecked(True)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Save the histogram as a figure or as a table")
        self.key = SteadyLine(wrapped=True)
        self.box = _RangeBox(self)
        self.plot = _Plot(self.box)
        self.plot.setToolTip(WORDS)
        self.plot.setAccessibleName("Histogram")
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        for name in ("left", "bottom"):
            item.getAxis(name).enableAutoSIPrefix(False)
        item.getAxis("left").setWidth(58)
        item.getAxis("bottom").setHeight(40)
        self._outside = pg.PlotCurveItem(
            [0.0, 1.0], [0.0], stepMode="center", fillLevel=0, pen=pg.mkPen(OUTSIDE, width=1.5)
        )
        self._inside = pg.PlotCurveItem(
            [0.0, 1.0], [0.0], stepMode="center", fillLevel=0, pen=pg.mkPen(INSIDE, width=2)
        )
        self._outside.setBrush(pg.mkBrush(OUTSIDE + "66"))
        self._inside.setBrush(pg.mkBrush(INSIDE + "77"))
        self.range = pg.LinearRegionItem(movable=False, brush=pg.mkBrush(120, 160, 255, 60))
        self.range.hide()
        for curve in (self._outside, self._inside, self.range):
            item.addItem(curve)
        line = QHBoxLayout()
        line.addWidget(self.choice, 1)
        line.addWidget(self.density)
        line.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(line)
        layout.addWidget(self.key)
        layout.addWidget(self.plot, 1)
        self.setMinimumSize(220, 150)
        self.choice.currentIndexChanged.connect(self._show_measure)
        self.density.toggled.connect(self._show)

    # -- what the dock calls

    def show_measures(self, measures: Mapping[str, Measure], coloured: Measure) -> None:
        """Offer measures by name; what units are coloured by is shown until one of them is chosen."""
        chosen = self.choice.currentData()
        if list(measures) != list(self._measures):
            with QSignalBlocker(self.choice):
                self.choice.clear()
                self.choice.addItem(FOLLOWS, None)
                for name in measures:
                    self.choice.addItem(name, name)
                    said = measures[name].explained
                    self.choice.setItemData(self.choice.count() - 1, said, Qt.ItemDataRole.ToolTipRole)
                self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))
        self._measures, self._coloured = measures, coloured
        self._show_measure()

    def show_selection(self, mask: Mask) -> None:
        """Count again for another selection, bool [units]."""
        self._mask = mask
        self._show()

    def follow_theme(self, text: tuple[int, ...], background: tuple[int, ...]) -> None:
        """Draw in the colours of the theme."""
        self._text = text
        self.plot.setBackground(background)
        for name in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen((*text, 120)))
            axis.setTextPen(pg.mkPen(text))
        self._name_axes()

    @property
    def chosen(self) -> str:
        """The measure that was chosen, empty while it follows the colours."""
        return self.choice.currentData() or ""

    def choose(self, name: str) -> None:
        """Show a measure, or follow the colours for an empty name or one that is not known."""
        self.choice.setCurrentIndex(max(0, self.choice.findData(name or None)))

    def cancel(self) -> bool:
        """Give up the range being dragged; return whether there was one."""
        return self.box.cancel()

    # -- what is shown

    @property
    def measure(self) -> Measure | None:
        """What is counted, ``None`` before there is any."""
        return self._measures.get(self.chosen) if self.chosen else self._coloured

    def _show_measure(self) -> None:
        measure = self.measure
        self.box.cancel()
        if measure is None:
            self._bins = None
        elif self._bins is None or self._bins.measure is not measure:
            self._bins = bins_of(measure)
        self.choice.setToolTip("" if measure is None else f"<p>{measure.explained}</p>")
        self._show()

    def _show(self) -> None:
        bins = self._bins
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        if bins is None or len(bins.of_unit) != len(self._mask):
            self.shown = None
            self.key.setText("")
            for curve in (self._outside, self._inside):
                curve.setData([0.0, 1.0], [0.0])
            return
        self.shown = histogram(bins, self._mask)
        inside, outside = self.shown.heights(self.density.isChecked())
        edges = bins.edges
        for curve, heights in ((self._outside, outside), (self._inside, inside)):
            curve.setData(*(gapped(edges, heights) if bins.measure.labels else (edges, heights)))
        top = max(float(inside.max(initial=0)), float(outside.max(initial=0))) or 1.0
        self.plot.setYRange(0, 1.05 * top, padding=0)
        self._name_axes()
        self._say()

    def _say(self) -> None:
        colors = {"selected": INSIDE, "others": OUTSIDE}
        said = [
            f'<span style="color:{colors[name]}">■</span> {count} {name}{text}'
            for name, count, text in key(self._bins.measure, self._mask, self.shown)
        ]
        self.key.setText("&nbsp;&nbsp; ".join(said))

    def _name_axes(self) -> None:
        item, measure = self.plot.getPlotItem(), None if self._bins is None else self._bins.measure
        named = (self._bins, self.density.isChecked(), self._text, self.plot.width())
        if named == self._named:  # as where nothing but the selection changed
            return
        self._named = named
        if self._bins is not None:
            self.plot.setXRange(self._bins.edges[0], self._bins.edges[-1], padding=0.02)
        style = {"color": "#{:02x}{:02x}{:02x}".format(*self._text[:3]), "font-size": "9pt"}
        density = self.density.isChecked()
        name = "units"
        if density:
            name = "fraction" if measure is not None and measure.labels else "density"
        item.setLabel("left", name, **style)
        item.setLabel("bottom", "" if measure is None else measure.name, **style)
        item.getAxis("bottom").setTicks(self._ticks(measure))

    def _ticks(self, measure: Measure | None) -> list[list[tuple[float, str]]] | None:
        """Return the names of categories as far as there is room for them, and quarters of a circle."""
        if measure is not None and measure.period is not None:
            return [[(part, f"{part:g}") for part in np.linspace(0, measure.period, 5)]]
        if measure is None or not measure.labels:
            return None
        room = max(1, self.plot.width() - 70) / len(measure.labels)
        every = max(1, int(np.ceil(NARROW / room)))
        metrics = self.fontMetrics()

        def short(label: str) -> str:
            return metrics.elidedText(label, Qt.TextElideMode.ElideRight, int(room * every) - 6)

        return [[(place, short(label)) for place, label in enumerate(measure.labels) if not place % every]]

    # -- what the user does

    def gesture(self, low: float, high: float, modifiers: Qt.KeyboardModifier) -> Gesture:
        """Return the units of a range; to where bars end nothing lies beyond."""
        units = self._bins.from_to(low, high)
        of = (("of", self._bins.measure.name),)
        if self._bins.measure.labels:
            labels = self._bins.measure.labels
            names = labels[self._bins.at(low) : self._bins.at(high) + 1]
            parameters = (*of, ("names", ", ".join(names)))
        else:
            parameters = (*of, ("from", float(low)), ("to", float(high)))
        return Gesture(units, _manner(modifiers), None, "histogram", parameters)

    def bar(self, at: float, modifiers: Qt.KeyboardModifier) -> Gesture:
        """Return the units of the bar at a value."""
        place, edges = self._bins.at(at), self._bins.edges
        labels = self._bins.measure.labels
        where = (("names", labels[place]),) if labels else ()
        where = where or (("from", float(edges[place])), ("to", float(edges[place + 1])))
        parameters = (("of", self._bins.measure.name), *where)
        return Gesture(self._bins.members(place, place), _manner(modifiers), None, "histogram", parameters)

    def keyPressEvent(self, event: object) -> None:
        """Let Escape give up the range being dragged."""
        if event.key() != Qt.Key.Key_Escape or not self.cancel():
            super().keyPressEvent(event)

    def showEvent(self, event: object) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self._show()

    def resizeEvent(self, event: object) -> None:
        """Give the names of categories the room there is."""
        super().resizeEvent(event)
        self._name_axes()

    def release(self) -> None:
        """Let go of the plot."""
        self.plot.close()


class _Plot(pg.PlotWidget):
    """A plot that leaves Escape to the panel."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(viewBox=box)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: object) -> None:
        event.ignore()


class _RangeBox(pg.ViewBox):
    """The area of the histogram, in which a drag is a range and a click a bar."""

    def __init__(self, panel: HistogramPanel) -> None:
        super().__init__(enableMenu=False)
        self._panel, self._start, self._canceled = panel, None, False
        self.setMouseEnabled(x=False, y=False)

    def cancel(self) -> bool:
        """Give up what is dragged."""
        if self._start is None:
            return False
        self._start, self._canceled = None, True
        self._panel.range.hide()
        self._panel.previewed.emit(None)
        return True

    def mouseDragEvent(self, event: object, axis: object = None) -> None:  # noqa: ARG002
        event.accept()
        panel = self._panel
        if event.button() != Qt.MouseButton.LeftButton or panel.shown is None:
            return
        if event.isStart():
            self._canceled = False
            self._start = self.mapToView(event.buttonDownPos()).x()
        if self._canceled or self._start is None:
            return
        low, high = sorted((self._start, self.mapToView(event.pos()).x()))
        gesture = panel.gesture(low, high, event.modifiers())
        if event.isFinish():
            self._start = None
            panel.range.hide()
            panel.previewed.emit(None)
            panel.selected.emit(gesture)
        else:
            panel.range.setRegion((low, high))
            panel.range.show()
            panel.previewed.emit(gesture)

    def mouseClickEvent(self, event: object) -> None:
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton and self._panel.shown is not None:
            at = self.mapToView(event.pos()).x()
            self._panel.selected.emit(self._panel.bar(at, event.modifiers()))


def _manner(modifiers: Qt.KeyboardModifier) -> str:
    return manner_of({name for modifier, name in MODIFIERS.items() if modifiers & modifier})
