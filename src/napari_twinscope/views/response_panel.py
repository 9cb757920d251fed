"""One panel of the dock "Responses": the mean response to one stimulus in each direction."""

from __future__ import annotations

import weakref

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QSignalBlocker, Qt

from napari_twinscope.rig.colors import direction_color

AXIS = 56  # pixels of the axis beside the first panel
LOWEST = 112  # pixels that a panel needs with its title and the axis of time
LETTER = 8  # pixels of a letter in a title
THIN, THICK = 1.0, 2.5
PEAK = "#E69F00"


class ResponsePlots(pg.GraphicsLayoutWidget):
    """Panels that leave the wheel to the area in which they are scrolled."""

    def wheelEvent(self, event: object) -> None:
        """Zoom nothing."""
        event.ignore()


class ResponsePanel:
    """The mean responses to one stimulus, a line for each direction, with the time of the slider.

    Parameters
    ----------
    plot
        Where they are drawn.
    title
        The stimulus.
    times
        Of the frames, in seconds.
    directions
        In degrees.
    left, last
        Whether the panel has the axis of responses, and that of time.

    Attributes
    ----------
    clicked
        Called when the panel is clicked.
    """

    def __init__(
        self,
        plot: pg.PlotItem,
        title: str,
        times: np.ndarray,
        directions: tuple[float, ...],
        left: bool,
        last: bool,
    ) -> None:
        self.plot, self._title, self._times = plot, title, times
        self._left, self._last, self._broken = left, last, False
        self._mean = self._sem = np.zeros((len(directions), len(times)))
        self._direction, self._current = -1, False
        self._text = (200, 200, 200)
        self._colors = [direction_color(direction) for direction in directions]
        self.lines = [
            pg.PlotCurveItem(times, times * 0, pen=pg.mkPen(color, width=THIN)) for color in self._colors
        ]
        for line in self.lines:  # curves, since lines with all that PlotDataItem can do take thrice the time
            plot.addItem(line)
        edges = [pg.PlotCurveItem(times, times * 0, pen=None) for _ in range(2)]
        self._edges = edges
        self.shade = pg.FillBetweenItem(*edges, brush=(*self._colors[0], 70))
        plot.addItem(self.shade)
        self.cursor = pg.InfiniteLine(0.0, angle=90, movable=False)
        plot.addItem(self.cursor)
        self.peak = pg.InfiniteLine(
            0.0, angle=90, movable=False, label="peak", labelOpts={"position": 0.94, "color": PEAK}
        )
        self.peak.setPen(pg.mkPen(PEAK, width=1.5))
        self.peak.hide()
        plot.addItem(self.peak)
        for name in ("left", "bottom"):
            plot.getAxis(name).enableAutoSIPrefix(False)
            plot.getAxis(name).setStyle(maxTickLevel=1)  # finer ones run together in narrow panels
        plot.setXRange(times[0], times[-1] if len(times) > 1 else 1.0, padding=0.02)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        _need_no_width(plot.titleLabel)
        plot.getAxis("left").setWidth(AXIS if left else 8)
        plot.getAxis("left").setStyle(showValues=left)
        plot.getAxis("bottom").setHeight(36 if last else 20)
        self.clicked = lambda: None
        plot.vb.mouseClickEvent = lambda _: self.clicked()

    def show_lines(self, mean: np.ndarray, sem: np.ndarray) -> None:
        """Show the mean [direction, time] and keep its error for the emphasised direction."""
        self._mean, self._sem = mean, sem
        for line, values in zip(self.lines, mean, strict=True):
            line.setData(self._times, values)
        self._show_shade()

    def mark(self, frame: int | None, what: str = "peak") -> None:
        """Mark the time of the peak response, given as a frame; ``None`` where it is not here."""
        self.peak.setVisible(frame is not None)
        if frame is not None:
            self.peak.setValue(self._times[frame])
            self.peak.label.setFormat(f"{what} {self._times[frame]:.2f} s")

    def emphasise(self, direction: int, current: bool) -> None:
        """Draw one direction thick, with its error, and mark the panel of the stimulus on the screen."""
        if current != self._current:
            self._current = current
            self._show_title()
        if direction == self._direction:
            return
        before, self._direction = self._direction, direction
        for d in {before, direction} & set(range(len(self.lines))):
            self.lines[d].setPen(pg.mkPen(self._colors[d], width=THICK if d == direction else THIN))
            self.lines[d].setZValue(10 if d == direction else 1)
        self._show_shade()

    def paint(self, text: tuple[int, int, int]) -> None:
        """Draw axes and titles in the theme's text colour."""
        self._text = text
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen((*text, 120)))
            axis.setTextPen(pg.mkPen(text))
        style = {"color": "#{:02x}{:02x}{:02x}".format(*text), "font-size": "9pt"}
        if self._left:
            self.plot.setLabel("left", "activation (a.u.)", **style)
        if self._last:
            self.plot.setLabel("bottom", "time (s)", **style)
        self.cursor.setPen(pg.mkPen((*text, 200), width=1, style=Qt.PenStyle.DashLine))
        self._show_title()

    def fit_title(self, room: float) -> None:
        """Write the title in two lines where it is wider than so many pixels."""
        broken = (len(self._title) + 2) * LETTER > room
        if broken != self._broken:
            self._broken = broken
            self._show_title()

    def _show_title(self) -> None:
        mark = "▸ " if self._current else ""
        color = "#{:02x}{:02x}{:02x}".format(*self._text)
        title = self._title.replace(" (", "<br>(", 1) if self._broken else self._title
        size, bold = ("8pt", False) if self._broken else ("10pt", self._current)
        self.plot.setTitle(f"{mark}{title}", color=color, size=size, bold=bold)

    def _show_shade(self) -> None:
        mean, sem = self._mean[self._direction], self._sem[self._direction]
        lower, upper = self._edges
        with QSignalBlocker(lower):  # the area between them is drawn with the other one
            lower.setData(self._times, mean - sem)
        upper.setData(self._times, mean + sem)
        self.shade.setBrush((*self._colors[self._direction], 70))


def _need_no_width(title: pg.LabelItem) -> None:
    """Let a title push no panel over the next one, where it is wider than its own."""
    this = weakref.ref(title)

    def update() -> None:
        pg.LabelItem.updateMin(this())
        this().setMinimumWidth(0)

    title.updateMin = update  # which pyqtgraph calls with every text and size
