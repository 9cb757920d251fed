"""What napari's menus and command palette can do with our docks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 - the annotation tells napari to pass the viewer

from napari_twinscope.views.arrangement import open_all, open_another, open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dock_keys import go_to_dock
from napari_twinscope.views.exports import Exports
from napari_twinscope.views.histogram_exports import HistogramExports
from napari_twinscope.views.space_exports import SpaceExports

if TYPE_CHECKING:
    from napari_twinscope.views.rig_dock import RigDock


def open_all_docks(viewer: napari.viewer.Viewer) -> None:
    """Open all our docks."""
    open_all(viewer)


def open_another_manifold(viewer: napari.viewer.Viewer) -> None:
    """Open one more manifold beside those that are open."""
    open_another(viewer)


def go_to_next_dock(viewer: napari.viewer.Viewer) -> None:
    """Bring the keyboard to the next of our docks."""
    go_to_dock(viewer, 1)


def go_to_last_dock(viewer: napari.viewer.Viewer) -> None:
    """Bring the keyboard to the one of our docks before."""
    go_to_dock(viewer, -1)


def open_recording(viewer: napari.viewer.Viewer) -> None:
    """Ask for a recording and open it in the docks."""
    _rig(viewer).choose_recording()


def open_session(viewer: napari.viewer.Viewer) -> None:
    """Ask for the file of a session and open it."""
    rig = _rig(viewer)
    bench_of(viewer).file.choose_and_open(rig)


def save_session(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the session."""
    bench_of(viewer).file.choose_and_save()


def save_manifold_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the manifold as a figure."""
    Exports(viewer).manifold_figure()


def save_response_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the responses of the selected units as a figure."""
    Exports(viewer).response_figure()


def save_map_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save frames with the activation map as a figure."""
    Exports(viewer).map_figure()


def save_feature_map_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the feature maps of the selected units as a figure."""
    Exports(viewer).feature_map_figure()


def save_space_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save stimuli in activity space as a figure."""
    SpaceExports(viewer).figure()


def save_space_table(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save where stimuli lie in activity space."""
    SpaceExports(viewer).table()


def add_space_layers(viewer: napari.viewer.Viewer) -> None:
    """Add stimuli in activity space as ordinary layers."""
    SpaceExports(viewer).layers()


def save_histogram_figure(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the histogram of a measure as a figure."""
    HistogramExports(viewer).figure()


def save_map_film(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the movie with the activation map as a film."""
    Exports(viewer).map_film()


def save_map_frames(viewer: napari.viewer.Viewer) -> None:
    """Ask for a folder and save each frame with the activation map as a picture."""
    Exports(viewer).map_frames()


def save_unit_table(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save everything known of the units of the stage."""
    Exports(viewer).unit_table()


def save_selection(viewer: napari.viewer.Viewer) -> None:
    """Ask for a file and save the selected units."""
    Exports(viewer).selection_table()


def open_selection(viewer: napari.viewer.Viewer) -> None:
    """Ask for a table and select the units that it names."""
    Exports(viewer).open_selection()


def open_measures(viewer: napari.viewer.Viewer) -> None:
    """Ask for a table and take its columns as measures of the units."""
    Exports(viewer).open_measures()


def add_layers(viewer: napari.viewer.Viewer) -> None:
    """Add what the views show as ordinary layers."""
    Exports(viewer).add_layers()


def add_trajectories(viewer: napari.viewer.Viewer) -> None:
    """Add decoding trajectories as an ordinary layer."""
    Exports(viewer).add_trajectories()


def _rig(viewer: object) -> RigDock:
    return open_dock(viewer, "Rig")
