"""Start napari with our docks around a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QCoreApplication, Qt
from qtpy.QtWidgets import QApplication

from napari_twinscope.recording import open_recording
from napari_twinscope.rig.saved_session import SUFFIX

if TYPE_CHECKING:
    from napari_twinscope.recording import Recording


def share_contexts() -> None:
    """Let docks with an OpenGL canvas float; possible only before there is a Qt application."""
    if QApplication.instance() is None:
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


def window_with(recording: Recording, stage: str | None = None, show: bool = True) -> object:
    """Return a napari viewer with all docks open and a recording in them."""
    share_contexts()
    import napari

    from napari_twinscope.views.arrangement import open_dock, open_views
    from napari_twinscope.views.bench import bench_of

    viewer = napari.Viewer(title=f"Twinscope: {recording.name}", show=show)
    open_dock(viewer, "Rig")
    bench_of(viewer).open(recording, stage)
    open_views(viewer)
    return viewer


def window_of_session(path: Path, show: bool = True) -> object:
    """Return a napari viewer into which a session is being opened; recordings that are lost are asked for."""
    share_contexts()
    import napari

    from napari_twinscope.views.arrangement import open_dock
    from napari_twinscope.views.bench import bench_of

    name = path.name.removesuffix(SUFFIX)
    viewer = napari.Viewer(title=f"Twinscope: {name}", show=show)
    rig = open_dock(viewer, "Rig")
    bench_of(viewer).file.open(path, rig)
    return viewer


def view(path: str | Path) -> None:
    """Open a recording, or a session, in napari and stay until the window is closed.

    Raises
    ------
    StoreError
        If it is no recording, or not finished; what is wrong with a session is told in the window.
    """
    path = Path(path)
    if path.suffix == ".json":
        window_of_session(path)
    else:
        window_with(open_recording(path))
    import napari

    napari.run()
