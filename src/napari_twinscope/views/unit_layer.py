"""Units as a napari Points layer: quick to be painted, and with none hidden of those that stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Points

if TYPE_CHECKING:
    from napari_twinscope.rig.colors import RGBA
    from napari_twinscope.rig.unit_set import Indices, Mask


class UnitLayer(Points):
    """An ordinary Points layer, but for what it costs to hand its symbols to the canvas.

    napari spells out the symbol of every point whenever any colour changes, which takes most of that time.
    Where all points have the same symbol it is named once here. Should napari stop asking for
    ``_view_symbol``, the layer is as slow as any other and works as before.

    Points write where they are into the depth buffer however transparent they are, so that a dimmed one would
    hide whatever is drawn behind it later. Those that stand out are drawn first in three dimensions, and
    last, on top of the others, in two. Hidden points are not drawn at all. Should napari stop asking for
    ``_view_indices``, points are drawn as those of any other layer.
    """

    _type_string = "points"  # as a copy of it is

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._alike: tuple[object, bool] = (None, False)
        self._standing_out: Mask | None = None
        self._ordered: tuple[object, ...] = (None, None, None, 0)
        self._order: Indices | None = None
        super().__init__(*args, **settings)
        self.events.symbol.connect(self._forget_symbols)

    def _forget_symbols(self) -> None:
        self._alike = (None, False)

    def let_stand_out(self, units: Mask) -> None:
        """Let nothing hide some units (bool [units]) from the next drawing on."""
        self._standing_out = units if 0 < np.count_nonzero(units) < len(units) else None

    def _drawing_order(self) -> Indices | None:
        """Return the places of those shown among the points in view, in the order of drawing.

        ``None`` where these are all, in their own order. napari leaves hidden points out itself, but not
        where all axes of a layer are displayed.
        """
        seen, units, axes = super()._view_indices, self._standing_out, self._slice_input.ndisplay
        asked = (seen, self.shown, units, axes)
        if not all(one is other for one, other in zip(asked, self._ordered, strict=True)):
            self._ordered, self._order = asked, None
            shown = self.shown[seen] if len(self.shown) == len(self.data) else np.ones(len(seen), bool)
            if units is not None and len(units) == len(self.data):
                ahead = units[seen] == (axes == 3)
                self._order = np.concatenate([np.flatnonzero(ahead & shown), np.flatnonzero(~ahead & shown)])
            elif not shown.all():
                self._order = np.flatnonzero(shown)
        return self._order

    @property
    def _view_indices(self) -> Indices:
        order, seen = self._drawing_order(), super()._view_indices
        return seen if order is None else seen[order]

    @property
    def _view_size(self) -> np.ndarray:
        """The present sizes; napari's are those at its last slicing, which `paint_units` goes without."""
        return self.size[self._view_indices]

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


def paint_units(layer: Points, colors: RGBA, sizes: np.ndarray, standing_out: Mask) -> None:
    """Give every point a colour and a size, and draw them once.

    Parameters
    ----------
    layer
        Of the units. Another one than a `UnitLayer`, as napari makes of a file that it opened, draws them in
        their own order, and twice.
    colors, sizes
        float32 [units, 4] and float [units].
    standing_out
        bool [units]: which are not to be hidden by others.
    """
    if not isinstance(layer, UnitLayer):
        layer.size, layer.face_color = sizes, np.where(layer.shown[:, None], colors, 0.0)
        return
    layer.let_stand_out(standing_out)
    recolored = not np.array_equal(layer.face_color, colors)
    if not np.array_equal(layer.size, sizes):
        with layer._block_refresh():  # which would draw everything before the colours that follow
            layer.size = sizes
        if recolored:
            layer.set_view_slice()  # from which the canvas takes them
        else:
            layer.refresh(highlight=False, thumbnail=False, extent=False)
    if recolored:
        with layer.events.face_color.blocker():  # else everything would be drawn a second time
            layer.face_color = colors
