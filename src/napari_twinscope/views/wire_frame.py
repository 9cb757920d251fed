"""The edges of a box among the points of a 3D canvas: no layer, only a line that is drawn with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from vispy.scene.visuals import Line

if TYPE_CHECKING:
    from napari.qt import QtViewer

COLOR = (0.337, 0.706, 0.914, 1.0)  # as what the tools draw
WIDTH = 2.0  # pixels
LAST = 1000  # drawn after all layers, so that points before an edge hide it


class WireFrame:
    """Twelve edges, in the coordinates of the points.

    Parameters
    ----------
    widget
        The canvas in which it is drawn.
    """

    def __init__(self, widget: QtViewer) -> None:
        self._widget = widget
        self._line: Line | None = None
        self.edges: np.ndarray | None = None

    def show(self, edges: np.ndarray | None) -> None:
        """Draw other edges, float [ends, 3], two rows for each; ``None`` draws nothing.

        The first coordinate runs rightwards, as of the points.
        """
        self.edges = edges
        if edges is None:
            if self._line is not None:
                self._line.visible = False
            return
        if self._line is None:
            self._line = Line(
                pos=edges.astype(np.float32), color=COLOR, width=WIDTH, connect="segments", method="gl"
            )
            self._line.set_gl_state("translucent", depth_test=True)
            self._line.order = LAST
            self._line.parent = self._widget.canvas.view.scene
        else:
            self._line.set_data(pos=edges.astype(np.float32))
        self._line.visible = True

    def close(self) -> None:
        """Draw nothing any more."""
        if self._line is not None:
            self._line.parent = None
            self._line = None
        self.edges = None
