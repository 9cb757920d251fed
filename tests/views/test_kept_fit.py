"""Canvases that show everything at whatever size they have, until somebody moves the camera."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt

from napari_twinscope.rig.json_fields import Fields
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.kept_fit import KeptFit
from napari_twinscope.views.pinned import dock_around

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks
from gestures import drag, turn_wheel

THREE = ("Manifold", "Second manifold", "Stimuli in activity space")


def canvas_of(page):
    return page.canvas if hasattr(page, "canvas") else page.cloud


def fills(canvas):
    """Return how much of the canvas its points take along x and y; more than one lie beyond the edge."""
    places = canvas.positions()
    size = np.array(canvas.model.canvas.size[::-1])
    assert size.tolist() == [canvas.native.width(), canvas.native.height()]
    return np.nanmax(np.abs(places / size - 0.5), axis=0) * 2


@pytest.fixture
def alone(viewer, recording, qtbot):
    """Return a function that opens one dock on the recording; it forgets the dock before leaks are sought."""
    bench_of(viewer).open(recording)
    viewer.window.resize(1500, 900)
    opened = Docks()

    def open_one(name):
        opened.append(open_dock(viewer, name))
        qtbot.waitUntil(lambda: canvas_of(opened[0]).positions() is not None, timeout=20_000)
        return opened[0]

    yield open_one
    opened.clear()


@pytest.mark.parametrize("name", THREE)
def test_points_stay_within_their_canvas_at_any_size_until_the_camera_is_turned(name, alone, viewer, qtbot):
    page = alone(name)
    canvas, dock = canvas_of(page), dock_around(page)
    for width, height in ((800, 900), (420, 900), (600, 600)):
        viewer.window.resize(1500, height)
        dock.parent().resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        qtbot.waitUntil(lambda width=width: abs(dock.width() - width) < 40)
        qtbot.wait(50)
        assert fills(canvas).max() == pytest.approx(0.85, abs=0.02)
    drag(canvas.native, (60, 60), (110, 80))
    turned = canvas.fit.state()
    assert not turned["fitted"]
    dock.parent().resizeDocks([dock], [450], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: dock.width() < 500)
    qtbot.wait(50)
    assert canvas.fit.state() == turned
    page.reset_button.click()
    assert fills(canvas).max() == pytest.approx(0.85, abs=0.02)


def test_stimuli_that_a_selection_moves_beyond_the_edge_are_shown_again(alone):
    page = alone("Stimuli in activity space")
    paths = page.canvas._paths[..., ::-1].copy()
    page.canvas.show_paths(3 * paths, page.canvas._colors, ("a", "b", "c"))
    assert fills(page.canvas).max() <= 1


def test_the_movie_fits_beside_whatever_docks_are_open_until_it_is_zoomed(docks, viewer, qtbot):
    manifold, fit = docks[1], docks[0].bench.canvas_fit
    dock = dock_around(manifold)
    viewer.window.resize(1500, 900)
    qtbot.waitUntil(lambda: fit.holds)
    camera, movie = viewer.scene.camera, np.array([144, 256])

    def share():
        return float(np.max(movie * camera.zoom / viewer.canvas.size))

    for width in (700, 450):
        before = viewer.canvas.size
        dock.parent().resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        qtbot.waitUntil(lambda before=before: viewer.canvas.size != before)
        qtbot.waitUntil(lambda: share() == pytest.approx(0.8))
    viewer.screenshot(size=(300, 200), flash=False)  # which changes the canvas for a moment
    qtbot.wait(50)
    assert share() == pytest.approx(0.8)
    before = viewer.canvas.size
    canvas = dock.parent().centralWidget().findChild(type(manifold.cloud.native))
    turn_wheel(canvas, (100, 100), 2)
    qtbot.waitUntil(lambda: not fit.holds)
    zoom = camera.zoom
    dock.parent().resizeDocks([dock], [650], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: viewer.canvas.size != before)
    qtbot.wait(50)
    assert camera.zoom == pytest.approx(zoom)


@pytest.fixture
def fit():
    """A camera that shows 10 units along the shorter edge, and its viewer model."""
    model = ViewerModel(ndisplay=3)

    def show_all():
        model.scene.camera.center, model.scene.camera.zoom = (0, 0, 0), min(model.canvas.size) / 10

    kept = KeptFit(model, show_all)
    kept.apply()
    return kept, model


@pytest.mark.parametrize(
    ("field", "value"), [("center", (0, 0, 1)), ("zoom", 61), ("angles", (5, 0, 90)), ("perspective", 20)]
)
def test_a_camera_that_was_moved_in_any_way_stays_where_it_is(fit, field, value):
    kept, model = fit
    model.canvas.size = (400, 300)
    assert (kept.holds, model.scene.camera.zoom) == (True, 30)
    setattr(model.scene.camera, field, value)
    moved = kept.state()
    model.canvas.size = (200, 100)
    assert kept.state() == moved
    assert not kept.holds


def test_a_fit_comes_back_from_a_session_at_the_size_of_the_new_canvas_and_a_camera_as_it_was(fit):
    kept, model = fit
    fitted = kept.state()
    assert fitted["zoom"] == 60
    model.scene.camera.zoom = 7
    turned = kept.state()
    model.canvas.size = (200, 100)
    kept.restore(Fields(fitted))
    assert (kept.holds, model.scene.camera.zoom) == (True, 10)
    kept.restore(Fields(turned))
    assert (kept.holds, model.scene.camera.zoom) == (False, 7)
    del fitted["fitted"]  # as files of earlier versions have it
    kept.restore(Fields(fitted))
    assert (kept.holds, model.scene.camera.zoom) == (False, 60)
