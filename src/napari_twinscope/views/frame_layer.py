"""Movies as a napari Image layer whose frames change quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image
from superqt.utils import qdebounced

if TYPE_CHECKING:
    from collections.abc import Callable

RESTED = 500  # milliseconds without another frame


class FrameLayer(Image):
    """An ordinary Image layer whose thumbnail follows once the movie rests.

    napari makes a thumbnail of every frame. The layer list is laid out to show it, so that the window is
    painted a second time after the frame itself, which costs a sixth of a step. Should napari stop asking
    for ``_update_thumbnail``, the layer is as slow as any other and works as before.
    """

    _type_string = "image"  # as a copy of it is

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._later: Callable[[], object] | None = None
        super().__init__(*args, **settings)
        self._later = qdebounced(self._show_thumbnail, timeout=RESTED)

    def _update_thumbnail(self) -> None:
        if self._later is None:  # the first one
            self._show_thumbnail()
        else:
            self._later()

    def _show_thumbnail(self) -> None:
        super()._update_thumbnail()
