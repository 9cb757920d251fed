"""Selecting whole clusters, or any other categories of units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_twinscope.rig.gestures import Gesture
from napari_twinscope.rig.ranges import same_value
from napari_twinscope.views.drag_tool import DragTool

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.selection import Manner


class ClusterTool(DragTool):
    """A click on a unit selects all units of the same category; drags are left to the camera.

    Parameters
    ----------
    categories
        Returns the category of each unit, a `Measure` with labels; ``None`` while there is none.
    """

    def __init__(self, *arguments: Any, categories: Callable[[], Measure | None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._categories = categories

    def pointed(self, unit: int, manner: Manner) -> Gesture | None:
        """Return the units of the same category; nothing for a unit without one."""
        measure = self._categories()
        if measure is None:
            return None
        units = same_value(measure.values, unit)
        if not len(units):
            return None
        label = measure.labels[int(measure.values[unit])]
        return Gesture(units, manner, unit, "cluster", (("by", measure.name), ("cluster", label)))
