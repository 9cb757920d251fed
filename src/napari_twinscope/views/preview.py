"""The chosen stimuli as an Image layer, before anything is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.progress import raise_if_canceled
from napari_twinscope.rig.layers import AXES
from napari_twinscope.views.roles import KEY, find_layer

if TYPE_CHECKING:
    from napari_twinscope.progress import Progress
    from napari_twinscope.stimuli import StimulusProtocol


def render_preview(protocol: StimulusProtocol, progress: Progress) -> np.ndarray:
    """Draw the first instance of every movie, uint8 (stimulus, direction, time, y, x); for a worker."""
    stimuli, directions, _ = protocol.shape
    screen = protocol.screen
    movie = np.empty((stimuli, directions, protocol.frames, screen.height, screen.width), np.uint8)
    progress.begin(stimuli * directions, "movies")
    for s in range(stimuli):
        for d in range(directions):
            raise_if_canceled(progress)
            movie[s, d] = protocol.movie(s, d, 0)
            progress.advance()
    progress.end()
    return movie


def hide_preview(viewer: object) -> None:
    """Hide the preview, if there is one."""
    layer = find_layer(viewer, "preview")
    if layer is not None:
        layer.visible = False


def show_preview(viewer: object, protocol: StimulusProtocol, movie: np.ndarray) -> None:
    """Put the movie on the canvas, in place of an earlier preview."""
    layer = find_layer(viewer, "preview")
    name = f"Preview: {protocol.name}"
    if layer is None:
        viewer.add_image(
            movie,
            name=name,
            axis_labels=AXES,
            contrast_limits=(0, 255),
            colormap="gray",
            rgb=False,
            metadata={KEY: {"role": "preview"}},
        )
    else:
        layer.data, layer.name, layer.visible = movie, name, True
    viewer.dims.axis_labels = AXES
