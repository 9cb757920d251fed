"""Keys on feature maps: arrows choose a map, and within it they move a cursor that picks units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt

from napari_twinscope.rig.gestures import manner_of
from napari_twinscope.rig.map_cursor import MapCursor, first_cursor, next_unit, other_map
from napari_twinscope.views.tool_words import MODIFIERS

if TYPE_CHECKING:
    from napari_twinscope.rig.feature_maps import FeatureMaps
    from napari_twinscope.views.map_grid import MapGrid

IN_SHORT = "Click a dot to select its unit; keys: arrows to a map, Return to its units"
NO_UNIT, PICK, BACK = "Ctrl+arrow: next unit", "Space selects it", "Esc: back"
MAP_KEYS = "Arrow keys go from map to map, Return goes to the units of one."
UNIT_KEYS = (
    "Arrow keys move the cursor by a cell, with Ctrl to the next recorded unit; Page Up and Page Down go to "
    "others. Space or Return selects the unit, with Shift it is added, with Alt taken away; Esc goes back."
)
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MapKeys:
    """What keys do on a page of feature maps.

    Parameters
    ----------
    grid
        The page.

    Attributes
    ----------
    cursor
        The cell that keys act on; ``None`` while they choose a map.
    """

    def __init__(self, grid: MapGrid) -> None:
        self._grid = grid
        self.cursor: MapCursor | None = None

    def claims(self, key: int) -> bool:
        """Return whether a key is ours, and no shortcut of anybody else."""
        ours = (*_ARROWS, *_PAGES, *_ENTERS)
        return key in ours or (self.cursor is not None and key in (Qt.Key.Key_Space, Qt.Key.Key_Escape))

    def press(self, key: int, held: Qt.KeyboardModifier) -> bool:
        """Do what a key does; return whether it does anything."""
        if not self._grid.page or self._grid.shown is None:
            return False
        return self._choose_map(key) if self.cursor is None else self._choose_unit(key, held)

    def enter(self) -> None:
        """Go to the units of the map that is shown over the movie, or else of the first one of the page."""
        grid = self._grid
        one = next((one for one in grid.page if one.channel == grid.channel), grid.page[0])
        self._go(first_cursor(one, grid.shown.grid, grid.marks.picked))

    def put_away(self) -> None:
        """Choose maps again."""
        self._go(None)

    def follow(self, shown: FeatureMaps, before: FeatureMaps | None) -> None:
        """Stay on a map that is shown, where others were before; those of another stage have no cursor."""
        if self.cursor is not None:
            same = before is not None and before.stage == shown.stage and bool(shown.maps)
            self.cursor = other_map(shown.maps, self.cursor, 0, before.maps) if same else None

    def _choose_map(self, key: int) -> bool:
        grid = self._grid
        if key in _PAGES:
            grid.turned.emit(_PAGES[key])
        elif key in _ENTERS:
            self.enter()
        elif key in _ARROWS:
            down, across = _ARROWS[key]
            numbers = [one.channel for one in grid.page]
            step = down * grid.layout_of_page.columns + across
            place = numbers.index(grid.channel) + step if grid.channel in numbers else 0
            if 0 <= place < len(numbers):
                grid.map_clicked.emit(numbers[place])
        else:
            return False
        return True

    def _choose_unit(self, key: int, held: Qt.KeyboardModifier) -> bool:
        grid, cursor = self._grid, self.cursor
        if key in _ARROWS:
            self._move(*_ARROWS[key], leap=bool(held & Qt.KeyboardModifier.ControlModifier))
        elif key in _PAGES:
            self._go(other_map(grid.shown.maps, cursor, _PAGES[key]))
        elif key in (*_ENTERS, Qt.Key.Key_Space):
            unit, _ = grid.under_cursor
            if unit is not None:
                names = {name for modifier, name in MODIFIERS.items() if held & modifier}
                grid.unit_clicked.emit(unit, manner_of(names))
        elif key == Qt.Key.Key_Escape:
            self.put_away()
        else:
            return False
        return True

    def _move(self, down: int, across: int, leap: bool) -> None:
        grid, pointed = self._grid, self._grid.pointed
        if leap and pointed is not None:
            self._go(next_unit(pointed[1], self.cursor, down, across))
        else:
            self._go(self.cursor.moved(down, across, grid.shown.grid))

    def _go(self, cursor: MapCursor | None) -> None:
        if cursor != self.cursor:
            self.cursor = cursor
            self._grid.cursor_moved.emit()
            self._grid.update()
