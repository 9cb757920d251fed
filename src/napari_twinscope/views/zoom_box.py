"""napari's zoom box, which a drag with Alt draws, gives way where Alt means something else."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "drag_to_zoom"  # of napari's callback, which no setting turns off


class ZoomBox:
    """Takes the zoom box from a viewer and gives it back.

    Parameters
    ----------
    viewer
        A napari viewer or viewer model; only a weak reference is kept.
    """

    def __init__(self, viewer: object) -> None:
        self._viewer = weakref.ref(getattr(viewer, "__wrapped__", viewer))
        self._taken: list[Callable] = []

    def allow(self, allowed: bool) -> None:
        """Let drags with Alt zoom, or not."""
        viewer = self._viewer()
        if viewer is None:
            return
        callbacks = viewer.mouse_drag_callbacks
        if allowed:
            callbacks[:0] = self._taken  # before ours, as napari has it
            self._taken = []
        else:
            found = [callback for callback in callbacks if getattr(callback, "__name__", "") == NAME]
            for callback in found:
                callbacks.remove(callback)
            self._taken += found
