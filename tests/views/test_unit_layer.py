"""The layer of units: those that stand out are never hidden by others."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtTest import QTest

from napari_twinscope.rig.colors import highlight
from napari_twinscope.views.unit_layer import UnitLayer, paint_units

ORANGE = np.array((1.0, 0.5, 0.0, 1.0), np.float32)


def test_a_selected_unit_is_seen_through_those_before_it(page):
    cloud = page.cloud
    points = np.array([(0, 0, 0), (0, 0, 0), (0, 0, 0), (-2, -2, -2), (2, 2, 2)], float)
    selected = np.arange(5) == 2
    cloud.show_points(points, ("x", "y", "z"))
    along = np.array(cloud.model.scene.camera.view_direction)[::-1]
    points[0], points[1] = along, -along  # one before the third and one behind it, whichever that is
    cloud.show_points(points, ("x", "y", "z"))
    cloud.paint(highlight(np.tile(ORANGE, (5, 1)), selected), selected)
    QTest.qWait(100)
    places = np.round(cloud.positions()).astype(int)
    assert np.ptp(places[:3], axis=0).max() <= 1
    red, green, blue, _ = cloud.native.grabFramebuffer().pixelColor(*places[2].tolist()).getRgb()
    assert red > green > blue + 40


def test_units_without_a_place_are_not_drawn(page):
    cloud = page.cloud
    points = np.array([(1, 1, 1), (np.nan, 0, 0), (-1, -1, -1)], float)
    cloud.show_points(points, ("x", "y", "z"))
    cloud.paint(np.tile(ORANGE, (3, 1)), np.zeros(3, bool))
    assert cloud.layer._view_indices.tolist() == [0, 2]  # as napari's canvas asks for them
    QTest.qWait(100)
    place = np.round(cloud.positions()[[0, 2]].mean(axis=0)).astype(int)
    seen, empty = (cloud.native.grabFramebuffer().pixelColor(*at) for at in (place.tolist(), (5, 5)))
    assert seen.getRgb() == empty.getRgb()


@pytest.mark.parametrize("axes", [2, 3])
def test_whatever_is_drawn_of_a_unit_comes_in_the_same_order(axes):
    viewer, rng = ViewerModel(ndisplay=axes), np.random.default_rng(0)
    layer = viewer.add_layer(UnitLayer(rng.normal(size=(20, axes)), shown=np.arange(20) != 7))
    colors, sizes = rng.random((20, 4)).astype(np.float32), rng.uniform(1, 2, 20)
    selected = np.arange(20) % 3 == 0
    paint_units(layer, colors, sizes, selected)
    order = layer._view_indices
    assert sorted(order) == [unit for unit in range(20) if unit != 7]
    np.testing.assert_array_equal(layer._view_data, layer.data[order])
    np.testing.assert_array_equal(layer._view_face_color, layer.face_color[order])
    np.testing.assert_array_equal(layer._view_size, layer.size[order])
    drawn = selected[order].tolist()
    assert drawn == sorted(drawn, reverse=axes == 3)  # in three dimensions first, in two on top
    paint_units(layer, colors[::-1], sizes, np.zeros(20, bool))
    assert np.all(np.diff(layer._view_indices) > 0)


def test_a_layer_that_napari_made_of_a_file_shows_the_same():
    viewer = ViewerModel()
    shown, selected = np.arange(9) != 4, np.arange(9) < 3
    layer = viewer.add_points(np.random.default_rng(0).normal(size=(9, 2)), shown=shown)
    paint_units(layer, np.tile(ORANGE, (9, 1)), np.where(selected, 2.0, 1.0), selected)
    assert layer._view_size[:3].tolist() == [2.0] * 3
    assert layer.face_color[~shown, 3].tolist() == [0.0]  # napari draws it all the same
    assert (layer.face_color[shown] == ORANGE).all()
