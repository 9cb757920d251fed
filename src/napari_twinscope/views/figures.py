"""The linked views as pictures, made by opening the window, selecting, and looking."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import QApplication

from napari_twinscope.rig.projection import inside_box, nearest
from napari_twinscope.views.arrangement import open_views
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.launch import window_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.recording import Recording

SIZE = (1600, 950)
PATIENCE = 120.0  # seconds for a map to be computed


def draw_views(recording: Recording, out_dir: str | Path) -> list[Path]:
    """Open a recording in a window, select units in a box, and save what each view shows.

    A display must be present; see `napari_twinscope.virtual_display`.

    Parameters
    ----------
    recording
        The recording; its preferred stage is shown.
    out_dir
        Folder for the pictures; made if absent.

    Returns
    -------
    list of Path
        PNG files: the whole window, the movie with the activation map and the units, the manifold, and
        the mean responses of the selected units.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    viewer = window_with(recording)
    try:
        viewer.window.resize(*SIZE)
        return _draw(viewer, recording, folder)
    finally:
        viewer.close()
        settle(0.2)


def _draw(viewer: object, recording: Recording, folder: Path) -> list[Path]:
    bench = bench_of(viewer)
    manifold, responses = open_views(viewer)
    wait_for(lambda: not bench.background.busy)
    settle(0.5)
    manifold.cloud.reset_view()
    bench.fit()
    bench.show_frame((0, 0), recording.protocol.frames // 2)
    if manifold.cloud.layer is not None:
        select_middle(manifold)
    wait_for(lambda: not bench.background.busy)
    settle(0.5)
    names = ("window", "movie-and-map", "manifold", "responses")
    paths = [folder / f"{name}.png" for name in names]
    viewer.screenshot(str(paths[0]), canvas_only=False, flash=False)
    viewer.screenshot(str(paths[1]), canvas_only=True, flash=False)
    manifold.cloud.widget.screenshot(str(paths[2]), flash=False)
    responses.grab().save(str(paths[3]))
    return [path for path in paths if path.exists()]


def select_middle(manifold: object, low: float = 0.25, high: float = 0.6) -> None:
    """Select the units in a box over the middle of the cloud."""
    places = manifold.cloud.positions()
    start, end = (tuple(np.nanquantile(places, fraction, axis=0)) for fraction in (low, high))
    units = inside_box(places, start, end)
    middle = nearest(places[units], (np.array(start) + end) / 2, np.inf)
    picked = None if middle is None else int(units[middle])
    manifold.session.selection.apply(manifold.session.stage, units, picked=picked)


def settle(seconds: float) -> None:
    """Let the window draw itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def wait_for(condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Let the window work until a condition holds; return whether it does."""
    end = time.monotonic() + patience
    while not condition() and time.monotonic() < end:
        settle(0.05)
    return condition()
