"""Selecting with a freehand line."""

from __future__ import annotations

from napari_twinscope.rig.gestures import Lasso
from napari_twinscope.views.drag_tool import DragTool


class LassoTool(DragTool):
    """While active, a drag draws a line and selects the units that it encloses, at any depth."""

    def begin(self, point: tuple[float, float]) -> Lasso:
        """Begin a line."""
        return Lasso(self._places, point)
