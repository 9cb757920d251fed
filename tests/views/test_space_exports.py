"""What the dock "Stimuli in activity space" and the histogram of units give out of the window."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from qtpy.QtWidgets import QFileDialog

from napari_twinscope.rig.activity_space import SpaceOptions, stimulus_space
from napari_twinscope.rig.projection import depths, project
from napari_twinscope.rig.space_figure import space_figure
from napari_twinscope.views import commands, space_exports
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks

SVG = "{http://www.w3.org/2000/svg}"
NAME = "Stimuli in activity space"


@pytest.fixture
def opened(viewer, recording, qtbot):
    """A recording with this dock alone, in a list that is emptied before the viewer looks for leaks."""
    bench_of(viewer).open(recording)
    pages = Docks([open_dock(viewer, NAME)])
    settled(pages[-1], qtbot)
    yield pages
    pages.clear()


@pytest.fixture
def answer(monkeypatch):
    def give(path):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))

    return give


def settled(dock, qtbot):
    qtbot.waitUntil(lambda: dock.space is not None and not dock.latest.busy, timeout=20_000)


def choose(box, value):
    box.setCurrentIndex(box.findData(value))


def action(dock, text):
    return next(a for a in dock.export_button.menu().actions() if a.text().startswith(text))


def texts_of(path):
    root = ElementTree.parse(path).getroot()
    return " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_the_figure_shows_the_stimuli_from_the_camera_of_the_dock(opened, answer, tmp_path, monkeypatch):
    dock = opened[-1]
    drawn = []
    real = space_figure
    monkeypatch.setattr(
        space_exports, "space_figure", lambda *a, **k: drawn.append((a, real(*a, **k))) or drawn[-1][1]
    )
    dock.bench.show_frame((1, 2), 5)
    dock.canvas.model.scene.camera.angles = (20.0, 30.0, 40.0)
    choose(dock.form.colour, "direction")
    answer(tmp_path / "a.svg")
    action(dock, "Figure …").trigger()
    (picture, view), figure = drawn[-1]
    assert view == dock.canvas.view()
    np.testing.assert_allclose(picture.paths, dock.canvas._paths[..., ::-1])
    collections = {one.get_gid(): one for one in figure.axes[0].collections}
    assert set(collections) == {"movies", "marked"}
    order = np.argsort(-depths(picture.world, view))
    np.testing.assert_allclose(
        collections["movies"].get_facecolors(), dock.canvas.points.face_color[order], atol=1e-6
    )
    centres = [p.get_extents().get_points().mean(axis=0) for p in collections["movies"].get_paths()]
    np.testing.assert_allclose(centres, project(picture.world, view)[order], atol=1e-3)
    said = texts_of(tmp_path / "a.svg")
    assert "direction of motion" in said
    assert str(dock.session.recording.name) in said
    action(dock, "Mark the movie").trigger()
    answer(tmp_path / "b.svg")
    action(dock, "Figure …").trigger()
    assert [one.get_gid() for one in drawn[-1][1].axes[0].collections] == ["movies"]


def test_the_table_has_the_coordinates_of_the_picture_of_the_selected_units(opened, answer, tmp_path, qtbot):
    dock = opened[-1]
    dock.session.selection.apply(dock.session.stage, range(0, 60, 3))
    settled(dock, qtbot)
    answer(tmp_path / "a.csv")
    action(dock, "Table …").trigger()
    table = pd.read_csv(tmp_path / "a.csv")
    np.testing.assert_allclose(table[["axis 1", "axis 2", "axis 3"]].to_numpy(), dock.space.paths[:, 0])
    assert set(table["units"]) == {20}


def test_points_become_a_layer_that_napari_saves_without_us_and_no_slider_is_longer(opened, tmp_path):
    from napari.layers import Layer

    dock = opened[-1]
    viewer = dock.bench.viewer
    dock.bench.show_frame((1, 2), 5)
    before, sliders = list(viewer.layers), viewer.dims.nsteps
    action(dock, "Add as layers").trigger()
    [layer] = [layer for layer in viewer.layers if layer not in before]
    assert viewer.dims.nsteps == sliders
    assert viewer.status == "Added 1 layer."
    assert type(layer).__name__ == "Points"
    np.testing.assert_allclose(layer.data * dock.space.spread, dock.space.paths[:, 0, ::-1], rtol=1e-6)
    np.testing.assert_allclose(layer.face_color, dock.canvas.points.face_color, atol=1e-6)
    assert layer.features["stimulus"].nunique() == len(dock.session.recording.protocol.stimuli)
    assert (dock.session.condition, dock.session.frame) == ((1, 2), 5)
    saved = pd.read_csv(layer.save(str(tmp_path / "a.csv"))[0])
    assert {"stimulus", "direction", "movie", "group"} <= set(saved.columns)
    again = Layer.create(*layer.as_layer_data_tuple())
    np.testing.assert_array_equal(again.data, layer.data)


def test_trajectories_become_points_and_paths_and_no_slider_is_longer(opened, qtbot, tmp_path):
    dock = opened[-1]
    viewer = dock.bench.viewer
    choose(dock.form.picture, "trajectories")
    settled(dock, qtbot)
    before, sliders, range_ = list(viewer.layers), viewer.dims.nsteps, viewer.dims.range
    action(dock, "Add as layers").trigger()
    paths, points = [layer for layer in viewer.layers if layer not in before]
    assert (type(paths).__name__, type(points).__name__) == ("Shapes", "Points")
    assert viewer.dims.nsteps == sliders
    np.testing.assert_allclose(viewer.dims.range, range_, atol=1e-9)
    movies, frames = dock.space.paths.shape[:2]
    assert len(points.data) == movies * frames
    assert len(paths.data) == movies
    assert set(paths.shape_type) == {"path"}
    assert paths.features["movie"].tolist() == list(range(movies))
    for path, expected in zip(paths.data, dock.space.paths, strict=True):
        np.testing.assert_allclose(path[:, ::-1] * dock.space.spread, expected, rtol=1e-5)
    viewer.dims.ndisplay = 3  # the layers can be looked at in three dimensions
    qtbot.wait(50)
    assert Path(paths.save(str(tmp_path / "a.csv"))[0]).exists()


def test_without_the_dock_or_while_it_is_hidden_the_units_selected_now_are_taken(opened, answer, tmp_path):
    dock = opened[-1]
    viewer, session = dock.bench.viewer, dock.session
    choose(dock.form.colour, "direction")
    from napari_twinscope.views.pinned import dock_around

    dock_around(dock).hide()
    units = np.arange(0, 40, 4)
    session.selection.apply(session.stage, units)
    answer(tmp_path / "a.csv")
    commands.save_space_table(viewer)
    assert set(pd.read_csv(tmp_path / "a.csv")["units"]) == {10}
    opened.clear()
    viewer.window.remove_dock_widget(dock)
    session.selection.clear()
    answer(tmp_path / "b.csv")
    commands.save_space_table(viewer)
    whole = stimulus_space(session.responses(), SpaceOptions())
    table = pd.read_csv(tmp_path / "b.csv")
    np.testing.assert_allclose(table[["PC 1", "PC 2", "PC 3"]].to_numpy(), whole.paths[:, 0])
    answer(tmp_path / "b.svg")
    commands.save_space_figure(viewer)
    assert "Stimuli in activity space" in texts_of(tmp_path / "b.svg")


def test_nothing_is_exported_where_nothing_is_shown(viewer):
    dock = open_dock(viewer, NAME)
    assert not dock.export_button.isEnabled()


def test_the_histogram_of_the_units_dock_becomes_a_figure_and_a_table(viewer, recording, answer, tmp_path):
    bench_of(viewer).open(recording)
    units = open_dock(viewer, "Units")
    session = units.session
    session.selection.apply(session.stage, range(7))
    units.histogram.choose("mean activity")
    units.histogram.density.setChecked(False)
    menu = units.histogram.export_button.menu()
    figure, table = (next(a for a in menu.actions() if kind in a.text()) for kind in ("figure", "table"))
    answer(tmp_path / "a.svg")
    figure.trigger()
    said = texts_of(tmp_path / "a.svg")
    assert "7 selected, median" in said
    assert "mean activity (a.u.)" in said
    answer(tmp_path / "a.csv")
    table.trigger()
    counted = pd.read_csv(tmp_path / "a.csv")
    assert counted["selected"].sum() == 7
    np.testing.assert_array_equal(counted["selected"], units.histogram.shown.inside)
