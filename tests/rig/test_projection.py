import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.rig.projection import View, inside_box, nearest, project


def front(perspective=0.0):
    return View((0, 0, 0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), 10.0, perspective, (400, 300))


def test_the_centre_is_in_the_middle_and_zoom_is_pixels_per_unit():
    centre, right, down = project(np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]], float), front())
    assert centre.tolist() == [200, 150]
    assert right.tolist() == [210, 150]
    assert down.tolist() == [200, 160]


def test_depth_matters_in_perspective_only():
    points = np.array([[5.0, 0, 1], [-5.0, 0, 1]])
    near, far = project(points, front())
    assert near.tolist() == far.tolist()
    near, far = project(points, front(perspective=40))
    assert near[0] > 210 > far[0]


@given(st.tuples(*[st.floats(-5, 5)] * 4))
def test_a_box_may_be_drawn_from_any_corner(corners):
    points = np.random.default_rng(0).uniform(-5, 5, (50, 2))
    a, b, c, d = corners
    boxes = [((a, b), (c, d)), ((c, d), (a, b)), ((a, d), (c, b)), ((c, b), (a, d))]
    found = [inside_box(points, *box).tolist() for box in boxes]
    assert all(one == found[0] for one in found)


def test_the_nearest_point_is_picked_within_reach_only():
    points = np.array([[0.0, 0.0], [10.0, 0.0], [np.nan, np.nan]])
    assert nearest(points, (9, 0), 8) == 1
    assert nearest(points, (30, 0), 8) is None
    assert nearest(np.zeros((0, 2)), (0, 0), 8) is None
    assert inside_box(points, (-100, -100), (100, 100)).tolist() == [0, 1]


@pytest.mark.parametrize("perspective", [0, 30])
def test_a_rotation_about_the_view_leaves_distances_from_the_middle(perspective):
    points = np.random.default_rng(0).normal(size=(20, 3))
    turned = View((0, 0, 0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), 10.0, perspective, (400, 300))
    offsets = [np.hypot(*(project(points, view) - (200, 150)).T) for view in (front(perspective), turned)]
    np.testing.assert_allclose(*offsets)
