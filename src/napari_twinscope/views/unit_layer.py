"""Units as a napari Points layer whose colours and sizes change quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points

if TYPE_CHECKING:
    from napari_twinscope.rig.colors import RGBA


class UnitLayer(Points):
    """An ordinary Points layer, but for what it costs to hand its symbols to the canvas.

    napari spells out the symbol of every point whenever any colour changes, which takes most of that time.
    Where all points have the same symbol it is named once here. Should napari stop asking for
    ``_view_symbol``, the layer is as slow as any other and works as before.
    """

    _type_string = "points"  # as a copy of it is

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._alike: tuple[object, bool] = (None, False)
        super().__init__(*args, **settings)
        self.events.symbol.connect(self._forget_symbols)

    def _forget_symbols(self) -> None:
        self._alike = (None, False)

    @property
    def _view_symbol(self) -> np.ndarray:
        symbols = self.symbol
        known, alike = self._alike
        if known is not symbols:
            alike = len(symbols) > 0 and len(set(map(id, symbols.tolist()))) == 1
            self._alike = (symbols, alike)
        return symbols[:1] if alike else super()._view_symbol

    @property
    def _view_border_color(self) -> np.ndarray:
        """The soft edge of a point has the border's colour, however thin; small points are nothing else."""
        return super()._view_border_color if self.border_width.any() else self._view_face_color


def paint_units(layer: Points, colors: RGBA, sizes: np.ndarray) -> None:
    """Give every point a colour (float32 [units, 4]) and a size (float [units]), and draw them once."""
    recolored = not np.array_equal(layer.face_color, colors)
    if not np.array_equal(layer.size, sizes):
        with layer._block_refresh():  # which would draw everything before the colours that follow
            layer.size = sizes
        if not recolored:
            layer.refresh(highlight=False, thumbnail=False, extent=False)
    if recolored:
        with layer.events.face_color.blocker():  # else everything would be drawn a second time
            layer.face_color = colors
