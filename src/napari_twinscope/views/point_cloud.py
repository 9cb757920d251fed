"""The 3D canvas of the Manifold dock: units as points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.point_style import PICKED, diameter
from napari_twinscope.views.keys import neutralise
from napari_twinscope.views.settings import follow_setting, setting
from napari_twinscope.views.space_canvas import SpaceCanvas
from napari_twinscope.views.unit_layer import UnitLayer, paint_units
from napari_twinscope.views.wire_frame import WireFrame

if TYPE_CHECKING:
    from napari_twinscope.rig.colors import RGBA
    from napari_twinscope.rig.point_style import PointStyle
    from napari_twinscope.rig.unit_set import Mask

DISC, RING = "disc", "ring"
LEGIBLE = (5, 400)  # pixels on the canvas: smaller points would have no colour to be told


class PointCloud(SpaceCanvas):
    """Units as points in three dimensions, in one Points layer.

    Attributes
    ----------
    frame
        The edges of a box among the points.
    """

    title = "Units in three dimensions"

    def __init__(self) -> None:
        super().__init__()
        self.frame = WireFrame(self.widget)
        self._layer: UnitLayer | None = None
        self._usual = 1.0
        self._picked: int | None = None
        self._style: PointStyle | None = None
        self._stop_following = follow_setting("appearance", "point_size", self._follow_size)

    @property
    def layer(self) -> UnitLayer | None:
        """The Points layer, once there was something to show."""
        return self._layer

    def _follow_size(self, _: object = None) -> None:
        if self._layer is not None:
            self._measure_points()
            self._layer.size = self._sizes()

    def _measure_points(self) -> None:
        self._usual = diameter(self._world, float(setting("appearance", "point_size")))

    def _sizes(self) -> np.ndarray:
        sizes = np.full(len(self._layer.data), self._usual)
        if self._style is not None:
            sizes *= self._style.sizes
        if self._picked is not None:
            sizes[self._picked] *= PICKED
        return sizes

    def show_points(self, scores: np.ndarray, labels: tuple[str, str, str]) -> None:
        """Show points at their scores (float [units, 3], NaN is hidden); the first runs rightwards."""
        self._world = np.array(scores[:, ::-1], np.float64)
        shown = np.isfinite(self._world).all(axis=1)
        data = np.where(shown[:, None], self._world, 0.0)
        if self._layer is None:
            self._layer = UnitLayer(
                data,
                name="Units",
                border_width=0.0,
                size=1.0,
                blending="translucent",
                canvas_size_limits=LEGIBLE,
            )
            neutralise(self._layer)
            self.model.add_layer(self._layer)
        else:
            self._layer.data = data
        if self._style is not None:
            self._layer.symbol = DISC
        self._picked, self._style = None, None
        self._measure_points()
        self._layer.size = self._usual
        self._layer.shown = shown
        self._layer.editable = False
        self.show_axes(labels)
        self.reset_view()

    def paint(
        self,
        colors: RGBA,
        selected: Mask,
        picked: int | None = None,
        style: PointStyle | None = None,
    ) -> None:
        """Recolour all points (float32 [units, 4]), let none hide those selected (bool [units]).

        The picked one is larger, and sizes follow the style.
        """
        if self._layer is None or len(colors) != len(self._layer.data):
            return
        style = None if style is None or style.plain else style
        if style is not self._style:
            hollow = None if style is None or not style.hollow.any() else style.hollow
            self._layer.symbol = DISC if hollow is None else np.where(hollow, RING, DISC)
        self._picked, self._style = picked, style
        paint_units(self._layer, colors, self._sizes(), selected)

    def hide(self) -> None:
        """Show no points."""
        if self._layer is not None:
            self._layer.shown = np.zeros(len(self._layer.data), bool)
        self._world = np.zeros((0, 3))
        self.model.canvas.overlays.axes.visible = False

    def close(self) -> None:
        """Close the canvas."""
        self._stop_following()
        self.frame.close()
        super().close()
