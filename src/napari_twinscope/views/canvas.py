"""The layers of a recording on napari's main canvas: movie and recorded units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.colors import highlight
from napari_twinscope.rig.layers import AXES, FirstInstances, condition_text, place_units
from napari_twinscope.rig.plain_layers import UNIT_SIZE
from napari_twinscope.views.frame_layer import FrameLayer
from napari_twinscope.views.keys import neutralise
from napari_twinscope.views.roles import KEY, find_layer
from napari_twinscope.views.unit_layer import UnitLayer, paint_units

if TYPE_CHECKING:
    from napari.types import LayerDataTuple

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.layers import UnitPoints
    from napari_twinscope.stimuli import StimulusProtocol

LETTER = 9.5  # pixels of one on the canvas


def movie_layer(recording: Recording, stage: str | None = None) -> LayerDataTuple:
    """Return the stimulus movie as layer data: (stimulus, direction, time, y, x), first instance.

    A dock that takes the layer over looks at `stage`.
    """
    instances = int(recording.protocol.shape[2])
    which = "" if instances == 1 else f" · instance 1 of {instances}"
    return (
        FirstInstances(recording),
        {
            "name": f"Stimulus{which}",
            "axis_labels": AXES,
            "contrast_limits": (0, 255),
            "colormap": "gray",
            "rgb": False,
            "multiscale": False,
            "metadata": {KEY: {"role": "movie", "recording": str(recording.path), "stage": stage}},
        },
        "image",
    )


def units_layer(session: Session) -> LayerDataTuple:
    """Return the recorded units of the session's stage as layer data: points (y, x)."""
    points = place_units(session)
    return (
        points.positions.copy(),
        {
            "name": _units_name(session, points),
            "size": UNIT_SIZE,
            "shown": points.shown,
            "face_color": np.where(points.shown[:, None], session.colors()[0], 0.0),  # see UnitLayer
            "border_width": 0.0,
            "axis_labels": ("y", "x"),
            "metadata": {KEY: {"role": "units", "recording": str(session.require_recording().path)}},
        },
        "points",
    )


def show_movie(viewer: object, recording: Recording) -> None:
    """Put the movie on the canvas, into the layer that holds the last one if there is one."""
    data, settings, _ = movie_layer(recording)
    layer = find_layer(viewer, "movie")
    if layer is None:
        viewer.layers.insert(0, FrameLayer(data, **settings))
        _show_plane(viewer)
    else:
        layer.data = data
        layer.name, layer.metadata = settings["name"], settings["metadata"]
        layer.visible = True
    viewer.dims.axis_labels = AXES
    fit_movie(viewer, recording.protocol.screen.height, recording.protocol.screen.width)


def fit_movie(viewer: object, height: int, width: int) -> None:
    """Look at the movie with a margin, though units may lie far outside it."""
    viewer.reset_view()
    rows, columns = viewer.canvas.size
    viewer.scene.camera.center = (0.0, (height - 1) / 2, (width - 1) / 2)
    viewer.scene.camera.zoom = 0.8 * min(rows / height, columns / width)


def show_units(viewer: object, session: Session) -> None:
    """Put the recorded units on the canvas, in place of those shown before."""
    data, settings, _ = units_layer(session)
    layer = find_layer(viewer, "units")
    if layer is None:
        layer = UnitLayer(data, **settings)
        viewer.layers.append(layer)
    else:
        layer.selected_data = set()
        layer.data = data
        layer.name, layer.shown = settings["name"], settings["shown"]
        layer.size = UNIT_SIZE
    layer.editable = False
    neutralise(layer)
    highlight_units(viewer, session)


def highlight_units(viewer: object, session: Session) -> None:
    """Show which units are selected."""
    layer = find_layer(viewer, "units")
    mask = session.selection.mask(session.stage)
    if layer is None or len(layer.data) != len(mask):
        return
    sizes = np.where(mask, 1.4 * UNIT_SIZE, UNIT_SIZE)
    key = session.picked_unit()
    if key is not None:
        sizes[session.selection.index(key)] = 2.2 * UNIT_SIZE
    paint_units(layer, highlight(session.colors()[0], mask), sizes, mask)


def unit_positions(viewer: object) -> np.ndarray | None:
    """Return where the units are in canvas pixels, float [units, 2] as (x, y); NaN where hidden."""
    layer = find_layer(viewer, "units")
    displayed = tuple(viewer.dims.displayed)
    if layer is None or not layer.visible or displayed != (viewer.dims.ndim - 2, viewer.dims.ndim - 1):
        return None
    camera = viewer.scene.camera
    height, width = viewer.canvas.size
    y, x = (np.asarray(layer.data) - np.asarray(camera.center)[-2:]).T * camera.zoom
    places = np.stack([width / 2 + x, height / 2 + y], axis=1)
    places[~np.asarray(layer.shown)] = np.nan
    return places


def show_condition(
    viewer: object, protocol: StimulusProtocol, condition: tuple[int, int], frame: int, remark: str = ""
) -> None:
    """Write stimulus, direction and time on the canvas, in two lines if it is narrow, and a remark below."""
    text, said = viewer.canvas.overlays.text, condition_text(protocol, condition, frame)
    if len(said) * LETTER > viewer.canvas.size[1]:
        said = said.replace("   ", "\n", 1)
    text.text = said + (f"\n{remark}" if remark else "")
    text.position = "top_left"
    text.font_size = 10
    text.visible = True


def _units_name(session: Session, points: UnitPoints) -> str:
    hidden = f" · {points.hidden} see no place in the stimulus" if points.hidden else ""
    return f"Units of {session.stage} ({len(points.shown)}){hidden}"


def _show_plane(viewer: object) -> None:
    viewer.dims.ndisplay = 2
    viewer.dims.set_current_step(range(len(AXES) - 2), (0,) * (len(AXES) - 2))
