import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.rig.projection import (
    View,
    depths,
    inside_box,
    inside_polygon,
    nearest,
    project,
    unproject,
    within_ball,
)


def front(perspective=0.0):
    return View((0, 0, 0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), 10.0, perspective, (400, 300))


def oblique(perspective):
    forward = np.array([-1.0, 2.0, 0.5]) / np.linalg.norm([-1.0, 2.0, 0.5])
    up = np.cross(forward, [0.3, 0.1, 1.0])
    up /= np.linalg.norm(up)
    return View((1.0, -2.0, 0.5), tuple(forward), tuple(up), 35.0, perspective, (640, 420))


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
    assert depths(points, front()).tolist() == [-5, 5]


def test_what_is_behind_the_eye_is_nowhere_on_the_canvas():
    view = front(perspective=60)
    behind = np.array([[view.eye_distance + 1.0, 0.0, 0.0]])
    assert np.isnan(project(behind, view)).all()
    assert inside_box(project(behind, view), (0, 0), view.size).size == 0
    assert np.isfinite(project(behind, front())).all()


@pytest.mark.parametrize("perspective", [0, 20, 70])
def test_a_canvas_point_and_its_depth_lead_back_to_the_world(perspective):
    view = oblique(perspective)
    points = np.random.default_rng(0).normal(size=(30, 3))
    places = project(points, view)
    for point, place, depth in zip(points, places, depths(points, view), strict=True):
        np.testing.assert_allclose(unproject(tuple(place), depth, view), point, atol=1e-9)


@settings(deadline=None)
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


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12), st.integers(0, 11)
)
def test_a_polygon_is_the_same_from_any_corner_and_in_either_sense(corners, shift):
    points = np.random.default_rng(1).uniform(-9, 9, (60, 2))
    polygon = np.array(corners, float)
    expected = inside_polygon(points, polygon).tolist()
    assert inside_polygon(points, np.roll(polygon, shift, axis=0)).tolist() == expected
    assert inside_polygon(points, polygon[::-1]).tolist() == expected


def test_a_polygon_agrees_with_its_definition():
    rng = np.random.default_rng(2)
    points = rng.uniform(-1, 1, (500, 2))
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radii = rng.uniform(0.3, 1, 40)
    star = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    # the winding number by the sum of the angles under which the edges are seen
    seen = star[None] - points[:, None]
    direction = np.arctan2(seen[..., 1], seen[..., 0])
    turned = np.diff(direction, axis=1, append=direction[:, :1])
    turned = (turned + np.pi) % (2 * np.pi) - np.pi
    expected = np.flatnonzero(np.abs(turned.sum(axis=1)) > np.pi)
    assert 50 < len(expected) < 450
    assert inside_polygon(points, star).tolist() == expected.tolist()


def test_a_line_that_goes_round_twice_encloses_its_middle():
    angles = np.linspace(0, 4 * np.pi, 50)
    twice = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert inside_polygon(np.array([[0.0, 0.0], [2.0, 0.0]]), twice).tolist() == [0]


def test_hidden_points_are_in_no_polygon_and_in_no_ball():
    hidden = np.full((2, 2), np.nan)
    assert inside_polygon(hidden, np.array([[-9.0, -9], [9, -9], [0, 9]])).size == 0
    assert within_ball(hidden, np.zeros(2), 100.0).size == 0


@pytest.mark.parametrize("axes", [3, 10])
def test_a_ball_includes_its_surface_in_any_number_of_axes(axes):
    points = np.zeros((3, axes))
    points[:, -1] = 1.0, 2.0, 2.1
    assert within_ball(points, np.zeros(axes), 2.0).tolist() == [0, 1]
