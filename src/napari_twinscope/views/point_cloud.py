"""The 3D canvas of the manifold: its own napari viewer model, with one Points layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.components import ViewerModel
from napari.layers import Points
from napari.qt import QtViewer

from napari_twinscope.rig.projection import View, project
from napari_twinscope.views.keys import keep_three_dimensions, neutralise
from napari_twinscope.views.settings import follow_setting, setting

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_twinscope.rig.colors import RGBA

ANGLES = (10.0, -32.0, 18.0)  # degrees; all three axes can be told apart
FILL = 0.85  # of the canvas that the cloud takes
PICKED = 1.8  # how much larger the unit picked last is
POINT_FRACTION = 0.018  # diameter of a point relative to the extent of the cloud


class PointCloud:
    """Units as points in three dimensions.

    The Points layer is made once and its data are replaced: with Mesa's software renderer, removing a
    layer that ever showed a selection and drawing another one ends the process. It holds copies, and
    nothing is ever read back from it.
    """

    def __init__(self) -> None:
        self.model = ViewerModel(ndisplay=3)
        keep_three_dimensions(self.model)
        self.widget = QtViewer(self.model)
        self.widget.setAcceptDrops(False)
        self.widget.dims.hide()
        self._layer: Points | None = None
        self._world = np.zeros((0, 3))
        self._extent, self._picked = 1.0, None
        self._stop_following = follow_setting("appearance", "point_size", self._follow_size)

    @property
    def native(self) -> QWidget:
        """The OpenGL widget."""
        return self.widget.canvas.native

    @property
    def layer(self) -> Points | None:
        """The Points layer, once there was something to show."""
        return self._layer

    @property
    def _size(self) -> float:
        return max(self._extent * POINT_FRACTION * float(setting("appearance", "point_size")), 1e-9)

    def _follow_size(self, _: object = None) -> None:
        if self._layer is not None:
            self._layer.size = self._sizes(self._picked)

    def _sizes(self, picked: int | None) -> np.ndarray:
        sizes = np.full(len(self._layer.data), self._size)
        if picked is not None:
            sizes[picked] *= PICKED
        return sizes

    def show_points(self, scores: np.ndarray, labels: tuple[str, str, str]) -> None:
        """Show points at their scores (float [units, 3], NaN is hidden); the first runs rightwards."""
        self._world = np.array(scores[:, ::-1], np.float64)
        shown = np.isfinite(self._world).all(axis=1)
        data = np.where(shown[:, None], self._world, 0.0)
        extent = float(np.max(np.ptp(data[shown], axis=0))) if shown.any() else 1.0
        if self._layer is None:
            self._layer = Points(data, border_width=0.0, size=1.0, blending="translucent")
            neutralise(self._layer)
            self.model.add_layer(self._layer)
        else:
            self._layer.data = data
        self._extent, self._picked = extent, None
        self._layer.size = self._size
        self._layer.shown = shown
        self._layer.editable = False
        self.model.dims.axis_labels = labels[::-1]
        axes = self.model.canvas.overlays.axes
        axes.box = False  # it would shade the units behind it
        axes.colored = False
        axes.size = 70
        axes.visible = True
        self.reset_view()

    def paint(self, colors: RGBA, picked: int | None = None) -> None:
        """Recolour all points (float32 [units, 4]) and make the picked one larger."""
        if self._layer is None or len(colors) != len(self._layer.data):
            return
        self._layer.face_color = colors
        if picked != self._picked:
            self._layer.size = self._sizes(picked)
            self._picked = picked

    def hide(self) -> None:
        """Show no points."""
        if self._layer is not None:
            self._layer.shown = np.zeros(len(self._layer.data), bool)
        self._world = np.zeros((0, 3))
        self.model.canvas.overlays.axes.visible = False

    def reset_view(self) -> None:
        """Show the whole cloud, as large as fits."""
        self.model.reset_view()
        camera = self.model.scene.camera
        camera.angles = ANGLES
        places = self.positions()
        if places is None or not np.isfinite(places).any():
            return
        width, height = self.view().size
        low, high = np.nanmin(places, axis=0), np.nanmax(places, axis=0)
        span = np.maximum(high - low, 1.0)
        shift = (low + high) / 2 - np.array([width, height]) / 2
        forward, up = np.array(camera.view_direction), np.array(camera.up_direction)
        right = np.cross(forward, up)
        camera.center = tuple(np.array(camera.center) + (right * shift[0] - up * shift[1]) / camera.zoom)
        camera.zoom *= FILL * min(width / span[0], height / span[1])

    def view(self) -> View:
        """Return the camera and the canvas as they are now."""
        camera = self.model.scene.camera
        height, width = self.model.canvas.size
        return View(
            tuple(camera.center),
            tuple(camera.view_direction),
            tuple(camera.up_direction),
            camera.zoom,
            camera.perspective,
            (width, height),
        )

    def positions(self) -> np.ndarray | None:
        """Return where the units are in logical canvas pixels, float [units, 2]; NaN where hidden."""
        return project(self._world, self.view()) if len(self._world) else None

    def close(self) -> None:
        """Close the canvas."""
        self._stop_following()
        self.widget.close()
