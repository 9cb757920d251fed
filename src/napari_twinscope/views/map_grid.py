"""Feature maps side by side with their units, painted as fast as a movie plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_twinscope.rig.feature_maps import map_pixels
from napari_twinscope.rig.gallery_layout import GalleryLayout, gallery_layout
from napari_twinscope.rig.gestures import REACH, manner_of
from napari_twinscope.rig.map_cursor import unit_under
from napari_twinscope.views.map_keys import MAP_KEYS, MapKeys
from napari_twinscope.views.pixels import image_of
from napari_twinscope.views.tool_words import MODIFIERS

if TYPE_CHECKING:
    from qtpy.QtGui import (
        QFocusEvent,
        QImage,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from napari_twinscope.rig.feature_maps import FeatureMap, FeatureMaps

PICKED = 1.6  # how much larger the ring of the unit picked last is
EDGE = 1.0  # pixels around the page
DOT = 2.2  # pixels across, of a unit that is not selected
ROOM, RETICLE = 4.0, 5.0  # pixels between the cursor and the ring in it; length of its ticks


@dataclass(frozen=True, eq=False)
class Marks:
    """How units are marked.

    Parameters
    ----------
    colors
        float [units of the stage, RGBA], 0 to 1.
    picked
        The unit picked last.
    names
        What the units are called.
    """

    colors: np.ndarray
    picked: int | None
    names: np.ndarray

    def same_as(self, other: Marks) -> bool:
        """Return whether others look alike."""
        return self.colors is other.colors and self.names is other.names and self.picked == other.picked


NO_MARKS = Marks(np.zeros((0, 4), np.float32), None, np.zeros(0, np.str_))


class MapGrid(QWidget):
    """One page of feature maps.

    Attributes
    ----------
    map_clicked
        Emitted with the channel of a map.
    unit_clicked
        Emitted with the position of a unit within its stage, and how it changes the selection.
    turned
        Emitted with +1 or -1 where the user wants the next page, or the one before.
    cursor_moved
        Emitted when the cursor of `keys` is elsewhere, or was put away.
    resized
        Emitted when there is another room.
    keys
        What keys do here.
    """

    map_clicked = Signal(int)
    unit_clicked = Signal(int, str)
    turned = Signal(int)
    cursor_moved = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown: FeatureMaps | None = None
        self.page: tuple[FeatureMap, ...] = ()
        self.layout_of_page = GalleryLayout(1, 1, 1.0, 1.0, 0.0, 0.0)
        self.marks = NO_MARKS
        self.channel: int | None = None
        self.has_pictures = False
        self._pictures: list[QImage] = []
        self._values: np.ndarray | None = None
        self.keys = MapKeys(self)
        self._over: QPixmap | None = None  # titles, frames and rings, which stay while a movie plays
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setAccessibleName("Feature maps")

    # -- what is shown

    def fit(self, shown: FeatureMaps) -> GalleryLayout:
        """Return how maps would be laid out here."""
        title = float(self.fontMetrics().height() + 3)
        size = (self.width() - 2 * EDGE, self.height() - 2 * EDGE)
        return gallery_layout(size, len(shown.maps), shown.aspect, title)

    def show_page(self, shown: FeatureMaps, first: int, layout: GalleryLayout) -> None:
        """Show the maps from position `first` on; their pictures follow."""
        self.shown, self.layout_of_page = shown, layout
        self.page = shown.maps[first : first + layout.places]
        self._over = None
        self.show_values(None)

    def show_values(self, values: np.ndarray | None) -> None:
        """Show the values of the maps of this page, float [maps, rows, columns]; ``None`` while unknown."""
        self._pictures, self._values = [], values
        if values is not None and self.shown is not None:
            self._pictures = [image_of(pixels) for pixels in map_pixels(values, self.shown.style)]
        self.has_pictures = bool(self._pictures)
        self.update()

    def show_marks(self, marks: Marks, channel: int | None) -> None:
        """Mark units so, and frame the map of a channel."""
        if self.marks.same_as(marks) and self.channel == channel:
            return
        self.marks, self.channel = marks, channel
        self._over = None
        self.update()

    def unit_place(self, unit: int) -> tuple[float, float] | None:
        """Return where a unit is marked, ``None`` if it is not on this page."""
        for place, one in enumerate(self.page):
            units, places = self._marked(place, one)
            found = np.flatnonzero(units == unit)
            if len(found):
                x, y = places[found[0]]
                return float(x), float(y)
        return None

    @property
    def pointed(self) -> tuple[int, FeatureMap] | None:
        """The place on this page of the map with the cursor, and the map; ``None`` if there is none."""
        cursor = self.keys.cursor
        found = (pair for pair in enumerate(self.page) if cursor and pair[1].channel == cursor.channel)
        return next(found, None)

    @property
    def under_cursor(self) -> tuple[int | None, float | None]:
        """The recorded unit in the cell of the cursor, and what the map holds there at this frame."""
        cursor, pointed = self.keys.cursor, self.pointed
        if cursor is None or pointed is None:
            return None, None
        place, one = pointed
        value = None if self._values is None else float(self._values[place, cursor.row, cursor.column])
        return unit_under(one, cursor), value

    def _marked(self, place: int, one: FeatureMap) -> tuple[np.ndarray, np.ndarray]:
        """Return the units of a map, the selected ones first, and where they are, float [units, 2]."""
        units = np.concatenate([one.units, one.others])
        cells = np.concatenate([one.cells, one.other_cells])
        return units, self.layout_of_page.cells(place, cells, self.shown.grid) + EDGE

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the page."""
        del event
        if self._over is None:
            self._over = self._draw_over()
        painter = QPainter(self)
        for place, drawn in enumerate(self._pictures):
            painter.drawImage(self._area(place), drawn)
        painter.drawPixmap(0, 0, self._over)
        if not self.has_pictures:
            for place in range(len(self.page)):
                painter.drawText(self._area(place), Qt.AlignmentFlag.AlignCenter, "…")
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(self.foregroundRole()), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        self._draw_cursor(painter)
        painter.end()

    def _draw_cursor(self, painter: QPainter) -> None:
        """Draw a box around the cell of the cursor, with a tick at each side: it is seen on any colour."""
        cursor, pointed = self.keys.cursor, self.pointed
        if cursor is None or pointed is None or self.shown is None:
            return
        layout, (rows, columns) = self.layout_of_page, self.shown.grid
        x, y = layout.cells(pointed[0], [(cursor.row, cursor.column)], (rows, columns))[0] + EDGE
        half = max(layout.width / columns / 2, layout.height / rows / 2, PICKED * self._radius()) + ROOM
        box = QRectF(x - half, y - half, 2 * half, 2 * half)
        ticks = [
            QLineF(x + a * half, y + b * half, x + a * (half + RETICLE), y + b * (half + RETICLE))
            for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, wide in (("black", 4.0), ("white", 2.0)):
            painter.setPen(QPen(QColor(color), wide))
            painter.drawRect(box)
            painter.drawLines(ticks)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colours of the theme."""
        super().changeEvent(event)
        self._over = None
        self.update()

    def _area(self, place: int) -> QRectF:
        layout = self.layout_of_page
        left, top = layout.corner(place)
        return QRectF(left + EDGE, top + EDGE, layout.width, layout.height)

    def _draw_over(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        over = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        over.setDevicePixelRatio(ratio)
        over.fill(Qt.GlobalColor.transparent)
        painter = QPainter(over)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        ink = self.palette().color(self.foregroundRole())
        for place, one in enumerate(self.page):
            self._draw_frame(painter, place, one, ink)
            self._draw_units(painter, place, one)
        painter.end()
        return over

    def _draw_frame(self, painter: QPainter, place: int, one: FeatureMap, ink: QColor) -> None:
        area, current = self._area(place), one.channel == self.channel
        font = painter.font()
        font.setBold(current)
        painter.setFont(font)
        painter.setPen(ink)
        room, height = int(area.width()), self.layout_of_page.title
        title = painter.fontMetrics().elidedText(one.title, Qt.TextElideMode.ElideRight, room)
        above = QRectF(area.left(), area.top() - height, area.width(), height)
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        faint = QColor(ink)
        faint.setAlpha(255 if current else 70)
        painter.setPen(QPen(faint, 2.0 if current else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)

    def _draw_units(self, painter: QPainter, place: int, one: FeatureMap) -> None:
        """Draw a dot on each unit, and over it a ring around each selected one."""
        radius, count = self._radius(), len(one.units)
        units, places = self._marked(place, one)
        middles = [QPointF(x, y) for x, y in places]
        for color, wide in (("black", DOT + 1.4), ("white", DOT)):
            pen = QPen(QColor(color), wide)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(middles[count:])
        order = np.argsort(one.units == self.marks.picked, kind="stable")  # the picked one on top
        for unit, at in zip(units[order], order, strict=True):
            if unit >= len(self.marks.colors):
                continue
            size = radius * (PICKED if unit == self.marks.picked else 1.0)
            for color, wide in ((QColor("black"), 3.8), (QColor("white"), 3.2), (self._color(unit), 1.9)):
                painter.setPen(QPen(color, wide))
                painter.drawEllipse(middles[at], size, size)

    def _radius(self) -> float:
        if self.shown is None:
            return 3.0
        return float(np.clip(0.65 * self.layout_of_page.width / self.shown.grid[1], 3.0, 8.0))

    def _color(self, unit: int) -> QColor:
        red, green, blue = (float(part) for part in self.marks.colors[unit][:3])
        return QColor.fromRgbF(red, green, blue)

    # -- hands

    def _under(self, point: QPointF) -> tuple[FeatureMap | None, int | None]:
        """Return the map at a point, and the unit there."""
        layout, at = self.layout_of_page, np.array([point.x() - EDGE, point.y() - EDGE])
        place = layout.place_at(*at)
        if place is None or place >= len(self.page) or self.shown is None:
            return None, None
        one = self.page[place]
        units, places = self._marked(place, one)
        distances = np.hypot(*(places - (point.x(), point.y())).T)
        reach = np.where(np.arange(len(units)) < len(one.units), max(self._radius(), REACH / 2), REACH / 2)
        within = np.flatnonzero(distances <= reach)
        if not len(within):
            return one, None
        return one, int(units[within[distances[within].argmin()]])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a map, or pick a unit."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.keys.put_away()
        one, unit = self._under(event.position())
        if unit is not None:
            held = {name for modifier, name in MODIFIERS.items() if event.modifiers() & modifier}
            self.unit_clicked.emit(unit, manner_of(held))
        elif one is not None:
            self.map_clicked.emit(one.channel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show by the pointer what can be clicked."""
        one, _ = self._under(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if one is None else Qt.CursorShape.PointingHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the page."""
        if event.angleDelta().y():
            self.turned.emit(-1 if event.angleDelta().y() > 0 else 1)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a map, or move the cursor within it and pick units."""
        if not self.keys.press(event.key(), event.modifiers()):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys act here."""
        super().focusInEvent(event)
        self.cursor_moved.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Put the cursor away where the user went elsewhere, and not where a menu opened."""
        super().focusOutEvent(event)
        reasons = Qt.FocusReason
        if event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.MouseFocusReason):
            self.keys.put_away()
        self.cursor_moved.emit()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer, and keep our keys from those who play the movie by them."""
        if event.type() == QEvent.Type.ShortcutOverride and self.keys.claims(event.key()):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip:
            one, unit = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(one, unit), self)
            return True
        return super().event(event)

    def _words(self, one: FeatureMap | None, unit: int | None) -> str:
        if one is None:
            return ""
        if unit is not None and unit < len(self.marks.names):
            return (
                f"Unit {self.marks.names[unit]}: a click selects it alone, "
                "with Shift it is added, with Alt taken away"
            )
        return (
            f"Feature map {one.channel}: {len(one.units)} of {one.recorded} recorded units selected; "
            f"a click shows it over the movie. {MAP_KEYS}"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another layout."""
        super().resizeEvent(event)
        self._over = None
        self.resized.emit()
