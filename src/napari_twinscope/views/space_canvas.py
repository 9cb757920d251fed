"""A 3D canvas in a dock: its own napari viewer model, whose camera and projection are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.components import ViewerModel
from napari.qt import QtViewer
from napari.utils.action_manager import action_manager

from napari_twinscope.rig.projection import View, project
from napari_twinscope.rig.viewpoint import FIRST_ANGLES, viewpoint
from napari_twinscope.views.kept_fit import KeptFit
from napari_twinscope.views.keys import keep_three_dimensions
from napari_twinscope.views.zoom_box import ZoomBox

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


class SpaceCanvas:
    """Points of a 3D space, of which one knows where they appear.

    Layers are made once and their data are replaced: with Mesa's software renderer, removing a layer that
    ever showed a selection and drawing another one ends the process. They hold copies, and nothing is ever
    read back from them.
    """

    title = "Space"
    """What the canvas is called by those who do not see it."""

    def __init__(self) -> None:
        self.model = ViewerModel(ndisplay=3)
        keep_three_dimensions(self.model)
        ZoomBox(self.model).allow(False)  # Alt takes from the selection here
        with action_manager.events.shortcut_changed.blocker():  # it binds napari's again, all as they are
            self.widget = QtViewer(self.model)
        self.widget.setAcceptDrops(False)
        self.native.setAccessibleName(self.title)
        self.widget.dims.hide()
        self._world = np.zeros((0, 3))
        self.fit = KeptFit(self.model, self._fit_all)

    @property
    def native(self) -> QWidget:
        """The OpenGL widget."""
        return self.widget.canvas.native

    def show_axes(self, labels: tuple[str, str, str]) -> None:
        """Show three arrows with their labels; the first runs rightwards."""
        self.model.dims.axis_labels = labels[::-1]
        axes = self.model.canvas.overlays.axes
        axes.box = False  # it would shade the points behind it
        axes.colored = False
        axes.size = 70
        axes.visible = True

    def reset_view(self) -> None:
        """Show everything, as large as fits, until somebody moves the camera."""
        self.fit.apply()

    def _fit_all(self) -> None:
        camera = self.model.scene.camera
        height, width = self.model.canvas.size
        view = viewpoint(self._world, FIRST_ANGLES, camera.perspective, (width, height))
        camera.angles, camera.center, camera.zoom = FIRST_ANGLES, view.center, view.zoom

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
        """Return where the points are in logical canvas pixels, float [points, 2]; NaN where hidden."""
        return project(self._world, self.view()) if len(self._world) else None

    def close(self) -> None:
        """Close the canvas."""
        self.widget.close()
