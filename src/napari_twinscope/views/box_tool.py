"""Selecting with a box."""

from __future__ import annotations

from napari_twinscope.rig.gestures import Box
from napari_twinscope.views.drag_tool import DragTool


class BoxTool(DragTool):
    """While active, a drag draws a box and selects the units whose centres lie inside, at any depth."""

    def begin(self, point: tuple[float, float]) -> Box:
        """Begin a box."""
        return Box(self._places, point)
