"""The mouse on a napari canvas: clicks that pick, drags that draw a shape. Nothing is ever moved."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QColor, QPainter, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

from napari_twinscope.rig.gestures import REACH, Gesture, camera_parameters, manner_of
from napari_twinscope.rig.projection import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_twinscope.rig.gestures import Shape
    from napari_twinscope.rig.projection import View
    from napari_twinscope.rig.selection import Manner

CLICK = 4.0  # pixels that the mouse may move within a click
BAND = QColor("#56B4E9")


class Band(QWidget):
    """A closed shape drawn over a canvas, transparent to the mouse."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._shape = QPolygonF()
        self.hide()

    def draw(self, corners: np.ndarray) -> None:
        """Show a polygon, float [corners, 2] in logical canvas pixels."""
        self._shape = QPolygonF([QPointF(x, y) for x, y in corners.tolist()])
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        self.update()

    def clear(self) -> None:
        """Take the shape away."""
        self._shape = QPolygonF()
        self.hide()

    def paintEvent(self, event: object) -> None:
        """Draw the shape."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QColor(BAND)
        fill.setAlpha(40)
        painter.setPen(QPen(BAND, 1.5))
        painter.setBrush(fill)
        painter.drawPolygon(self._shape, Qt.FillRule.WindingFill)
        painter.end()


class DragTool:
    """A tool on a canvas; this one leaves drags to the camera, and a click picks the nearest unit.

    Subclasses draw a shape while `active`. Shift adds to the selection, Alt or Control takes from it (some
    desktops keep Alt-drag for themselves), both keep only what was selected before; the keys count that are
    held when the button goes down. `cancel` gives up what is being drawn.

    Parameters
    ----------
    viewer
        The napari viewer or viewer model whose mouse events are used.
    canvas
        The widget over which shapes are drawn.
    positions
        Returns where the units are in logical canvas pixels, float [units, 2], NaN where hidden; ``None``
        while there are no units.
    select
        Called with the `Gesture` at its end.
    preview
        Called with the `Gesture` so far at every move, and with ``None`` when nothing is drawn any more.
    manner
        Returns what a gesture does to the selection while no key is held.
    view
        Returns the camera, which is noted with the gesture.

    Attributes
    ----------
    active, clicks
        Whether drags draw the tool's shape, and whether clicks pick.
    """

    dabs = False  # whether a press that does not move selects as a drag does

    def __init__(
        self,
        viewer: object,
        canvas: QWidget,
        positions: Callable[[], np.ndarray | None],
        select: Callable[[Gesture], None],
        preview: Callable[[Gesture | None], None],
        manner: Callable[[], Manner] = lambda: "replace",
        view: Callable[[], View] | None = None,
    ) -> None:
        self.active, self.clicks = False, True
        self.band = Band(canvas)
        self._positions, self._select, self._preview = positions, select, preview
        self._manner, self._view = manner, view
        self._shape: Shape | None = None
        self._places: np.ndarray | None = None
        this = weakref.ref(self)

        def drag(_viewer: object, event: object) -> Iterator[None]:
            tool = this()
            if tool is not None:
                yield from tool._drag(event)

        self._listening: list[weakref.finalize] = []
        self.listen(viewer.mouse_drag_callbacks, drag)

    def listen(self, callbacks: list, callback: Callable) -> None:
        """Hear of the mouse for as long as this tool lives; the callback must not keep the tool alive."""
        callbacks.append(callback)
        self._listening.append(weakref.finalize(self, _remove, callbacks, callback))

    def detach(self) -> None:
        """Hear of the mouse no more."""
        for listener in self._listening:
            listener()

    @property
    def drawing(self) -> bool:
        """Whether a shape is being drawn."""
        return self._shape is not None

    def cancel(self) -> bool:
        """Give up the shape being drawn; return whether there was one."""
        drawn, self._shape = self.drawing, None
        self.band.clear()
        if drawn:
            self._preview(None)
        return drawn

    def begin(self, point: tuple[float, float]) -> Shape | None:
        """Return the shape that a drag from a point draws, if it draws one."""
        del point
        return None

    def pointed(self, unit: int, manner: Manner) -> Gesture | None:
        """Return what a click on a unit selects."""
        return Gesture(np.array([unit]), manner, unit, "pick")

    def _drag(self, event: object) -> Iterator[None]:
        if event.button != 1 or not (self.active or self.clicks):
            return
        start, manner, travelled = point_of(event), manner_of(modifiers_of(event), self._manner()), 0.0
        self._places = self._positions() if self.active else None
        self._shape = None if self._places is None else self.begin(start)
        takes = event.handled = self.drawing
        if self.drawing and self.dabs:
            self._show(manner)
        yield
        while event.type == "mouse_move":
            event.handled = takes
            travelled = max(travelled, _distance(start, point_of(event)))
            if self.drawing:
                self._shape.move(point_of(event))
                self._show(manner)
            yield
        event.handled = takes
        # a slow machine may have dropped every move
        travelled = max(travelled, _distance(start, point_of(event)))
        if travelled <= CLICK and not (takes and self.dabs):
            self.cancel()
            if self.clicks:
                self._click(start, manner)
        elif self.drawing:
            self._shape.move(point_of(event))
            gesture = self._caught(manner)
            self._shape = None
            self.band.clear()
            self._select(gesture)  # which takes the place of the preview

    def _show(self, manner: Manner) -> None:
        self.band.draw(self._shape.outline)
        self._preview(self._caught(manner))

    def _caught(self, manner: Manner) -> Gesture:
        shape = self._shape
        units = shape.units()
        closest = nearest(self._places[units], shape.focus, np.inf)
        camera = () if self._view is None else camera_parameters(self._view())
        picked = None if closest is None else int(units[closest])
        return Gesture(units, manner, picked, shape.tool, (*shape.parameters, *camera))

    def unit_at(self, point: tuple[float, float]) -> int | None:
        """Return the unit at a point of the canvas, the one that a click there picks."""
        places = self._positions()
        return None if places is None else nearest(places, point, REACH)

    def _click(self, point: tuple[float, float], manner: Manner) -> None:
        unit = self.unit_at(point)
        gesture = None if unit is None else self.pointed(unit, manner)
        if gesture is not None:
            self._select(gesture)


def _remove(callbacks: list, callback: Callable) -> None:
    if callback in callbacks:
        callbacks.remove(callback)


def point_of(event: object) -> tuple[float, float]:
    """Return where the mouse is, in logical canvas pixels."""
    x, y = event.pos
    return float(x), float(y)


def _distance(start: tuple[float, float], end: tuple[float, float]) -> float:
    return max(abs(end[0] - start[0]), abs(end[1] - start[1]))


def modifiers_of(event: object) -> set[str]:
    """Return the names of the keys held with the mouse."""
    return {getattr(modifier, "name", str(modifier)) for modifier in event.modifiers}
