"""Selecting with the mouse on a napari canvas: drag a box, or click a unit. Nothing is ever moved."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import QWidget

from napari_twinscope.rig.projection import inside_box, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from napari_twinscope.rig.selection import Manner

REACH = 8.0  # pixels from a click to a unit
CLICK = 4.0  # pixels that the mouse may move within a click
BAND = QColor("#56B4E9")


class RubberBand(QWidget):
    """A box drawn over a canvas, transparent to the mouse."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._box: QRectF | None = None
        self.hide()

    def draw(self, corner: tuple[float, float], opposite: tuple[float, float]) -> None:
        """Show the box between two corners in canvas pixels."""
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(corner, opposite, strict=True))
        self._box = QRectF(left, top, right - left, bottom - top)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        self.update()

    def clear(self) -> None:
        """Take the box away."""
        self._box = None
        self.hide()

    def paintEvent(self, event: object) -> None:
        """Draw the box."""
        del event
        if self._box is None:
            return
        painter = QPainter(self)
        fill = QColor(BAND)
        fill.setAlpha(40)
        painter.setPen(QPen(BAND, 1.5))
        painter.fillRect(self._box, fill)
        painter.drawRect(self._box)
        painter.end()


class BoxTool:
    """Turns drags and clicks on a canvas into selections.

    While `active`, a drag draws a box and selects the units whose centres lie inside; otherwise drags are
    left to the camera. A click selects the nearest unit in either case. Shift adds to the selection, Alt
    or Control takes from it (some desktops keep Alt-drag for themselves), Escape cancels the box.

    Parameters
    ----------
    viewer
        The napari viewer or viewer model whose mouse events are used.
    canvas
        The widget over which the box is drawn.
    positions
        Returns where the units are in logical canvas pixels, float [units, 2], NaN where hidden; ``None``
        while there are no units.
    select
        Called with the positions of the units, the manner, and the unit closest to what was pointed at.
    preview
        Called while dragging with the number of units inside the box, and with ``None`` at its end.
    """

    def __init__(
        self,
        viewer: object,
        canvas: QWidget,
        positions: Callable[[], npt.NDArray[np.float64] | None],
        select: Callable[[npt.NDArray[np.intp], Manner, int | None], None],
        preview: Callable[[int | None], None],
    ) -> None:
        self.active = False
        self.band = RubberBand(canvas)
        self._positions, self._select, self._preview = positions, select, preview
        self._dragging = False
        this = weakref.ref(self)

        def drag(_viewer: object, event: object) -> Iterator[None]:
            tool = this()
            if tool is not None:
                yield from tool._drag(event)

        # The viewer outlives this tool, and its list of callbacks must not keep the tool alive.
        viewer.mouse_drag_callbacks.append(drag)
        self.detach = weakref.finalize(self, _remove, viewer.mouse_drag_callbacks, drag)

    def cancel(self) -> bool:
        """Give up the box being drawn; return whether there was one."""
        dragging, self._dragging = self._dragging, False
        self.band.clear()
        if dragging:
            self._preview(None)
        return dragging

    def _drag(self, event: object) -> Iterator[None]:
        if event.button != 1:
            return
        start = _point(event)
        box = self.active
        places = self._positions() if box else None
        self._dragging = box
        event.handled = box
        yield
        while event.type == "mouse_move":
            event.handled = box
            if self._dragging and places is not None:
                self.band.draw(start, _point(event))
                self._preview(len(inside_box(places, start, _point(event))))
            yield
        event.handled = box
        end, manner = _point(event), _manner(event)
        if max(abs(end[0] - start[0]), abs(end[1] - start[1])) <= CLICK:
            self.cancel()
            self._click(end, manner)
        elif self._dragging and places is not None:
            self.cancel()
            self._box(places, start, end, manner)

    def _click(self, point: tuple[float, float], manner: Manner) -> None:
        places = self._positions()
        unit = None if places is None else nearest(places, point, REACH)
        if unit is not None:
            self._select(np.array([unit]), manner, unit)

    def _box(
        self,
        places: npt.NDArray[np.float64],
        start: tuple[float, float],
        end: tuple[float, float],
        manner: Manner,
    ) -> None:
        units = inside_box(places, start, end)
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        closest = nearest(places[units], middle, np.inf)
        self._select(units, manner, None if closest is None else int(units[closest]))


def _remove(callbacks: list, callback: Callable) -> None:
    if callback in callbacks:
        callbacks.remove(callback)


def _point(event: object) -> tuple[float, float]:
    x, y = event.pos
    return float(x), float(y)


def _manner(event: object) -> Manner:
    held = {getattr(modifier, "name", str(modifier)) for modifier in event.modifiers}
    if held & {"Alt", "Control"}:
        return "subtract"
    return "add" if "Shift" in held else "replace"
