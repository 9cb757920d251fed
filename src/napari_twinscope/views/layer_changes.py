"""What must not be done while napari changes its list of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BEGIN, _END = ("inserting", "removing", "moving"), ("inserted", "removed", "moved")


class LayerChanges:
    """Lets work wait until a change of a viewer's layers is complete.

    In the midst of a change napari moves its sliders. Whoever follows them and changes the layers himself
    leaves the list on the screen with rows of which no layer is left.

    Parameters
    ----------
    layers
        The viewer's list.
    then
        Called at the end of a change during which `wait` was called, after those who listened before.
    """

    def __init__(self, layers: object, then: Callable[[], None]) -> None:
        self.under_way = False
        self._then, self._waiting = then, False
        for name in _BEGIN:
            getattr(layers.events, name).connect(self._begin)
        for name in _END:
            getattr(layers.events, name).connect(self._end)

    def wait(self) -> None:
        """Do the work at the end of the change that is under way."""
        self._waiting = True

    def _begin(self) -> None:
        self.under_way = True

    def _end(self) -> None:
        self.under_way = False
        if self._waiting:
            self._waiting = False
            self._then()
