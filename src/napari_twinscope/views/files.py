"""Recordings opened through napari's File menu."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import napari
from qtpy.QtCore import QTimer

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.sample import sample_path
from napari_twinscope.rig.saved_session import SUFFIX as SESSION
from napari_twinscope.views import canvas
from napari_twinscope.views.arrangement import open_views
from napari_twinscope.views.bench import bench_of, existing_bench
from napari_twinscope.views.roles import find_layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.types import LayerDataTuple

SUFFIXES = (".twinscope.zarr", ".twinscope.zarr.zip")


def get_reader(path: str | list[str]) -> Callable[[str], list[LayerDataTuple]] | None:
    """Return the reader of recordings, ``None`` for anything else."""
    if isinstance(path, list):
        path = path[0] if len(path) == 1 else ""
    return read_layers if str(path).rstrip("/").endswith(SUFFIXES) else None


def read_layers(path: str | Path) -> list[LayerDataTuple]:
    """Return movie and units of a recording as layers.

    Where one of our docks is open already, the recording is opened there instead, with its maps and
    links, and no layer is returned. A dock opened later takes the layers over.
    """
    from napari_twinscope.recording import open_recording
    from napari_twinscope.rig import Session

    path = path[0] if isinstance(path, list) else path
    recording = open_recording(path)
    viewer = napari.current_viewer()
    bench = None if viewer is None else existing_bench(viewer)
    if bench is not None and bench.docks:
        bench.open(recording)
        return [(None,)]
    session = Session()
    session.open(recording)
    return [canvas.movie_layer(recording), canvas.units_layer(session)]


def get_session_reader(path: str | list[str]) -> Callable[[str], list[LayerDataTuple]] | None:
    """Return the reader of saved sessions, ``None`` for anything else."""
    if isinstance(path, list):
        path = path[0] if len(path) == 1 else ""
    return read_session_layers if str(path).endswith(SESSION) else None


def read_session_layers(path: str | list[str]) -> list[LayerDataTuple]:
    """Open a session with its docks in the viewer, unless groups would be lost; no layer is returned.

    Raises
    ------
    InvalidInput
        If there is no viewer to open it in.
    """
    path = Path(path[0] if isinstance(path, list) else path)
    viewer = napari.current_viewer()
    if viewer is None:
        raise InvalidInput(
            "A session opens in a viewer, and there is none.",
            given=path,
            remedy=f"twinscope view {path.name}",
        )
    file = bench_of(viewer).file
    if file.may_lose_groups():
        file.open(path)
    return [(None,)]


def sample_layers() -> list[LayerDataTuple]:
    """Return the layers of the sample recording; the docks that show it open next."""
    from napari_twinscope.recording import open_recording
    from napari_twinscope.rig import Session

    recording = open_recording(sample_path())
    session = Session()
    # the sample holds no maps: of the output none is computed before a unit is picked
    session.open(recording, "output")
    layers = [canvas.movie_layer(recording, session.stage), canvas.units_layer(session)]
    viewer = napari.current_viewer()
    if viewer is None:
        return layers
    viewer = getattr(viewer, "__wrapped__", viewer)
    if find_layer(viewer, "movie") is not None:
        # napari insists on a layer; those of the last recording are used again, but for the movie
        viewer.layers.remove(find_layer(viewer, "movie"))
        layers = layers[:1]
    known = weakref.ref(viewer)
    QTimer.singleShot(0, lambda: _show_sample(known()))
    return layers


def _show_sample(viewer: object | None) -> None:
    if viewer is not None and find_layer(viewer, "movie") is not None:
        bench_of(viewer).adopt()
        open_views(viewer)
