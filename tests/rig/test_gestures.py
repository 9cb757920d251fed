import numpy as np
import pytest

from napari_twinscope.rig.ball import Ball, Scene
from napari_twinscope.rig.gestures import Box, Lasso, camera_parameters, manner_of
from napari_twinscope.rig.projection import View, inside_polygon, project
from napari_twinscope.rig.ranges import extreme, in_range, same_value

RNG = np.random.default_rng(3)


def front(perspective=0.0):
    return View((0, 0, 0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), 50.0, perspective, (400, 300))


def draw(shape, points):
    for point in points:
        shape.move(point)
    return shape


@pytest.mark.parametrize(
    ("held", "manner"),
    [
        ((), "intersect"),
        (("Shift",), "add"),
        (("Alt",), "subtract"),
        (("Control",), "subtract"),
        (("Shift", "Control"), "intersect"),
    ],
)
def test_held_keys_go_before_the_chosen_manner(held, manner):
    assert manner_of(held, "intersect") == manner


def test_a_box_follows_the_mouse():
    box = draw(Box(np.array([[1.0, 1.0], [5.0, 5.0], [9.0, 1.0]]), (0, 0)), [(10, 10), (6, 6)])
    assert box.units().tolist() == [0, 1]
    assert box.focus == (3, 3)
    assert box.parameters == (("corners", (0, 0, 6, 6)),)


def test_a_lasso_catches_what_its_closed_outline_contains_at_every_moment():
    positions = RNG.uniform(0, 300, (400, 2))
    angles = np.linspace(0, 6, 60)
    line = np.stack([150 + 100 * np.cos(angles), 150 + 70 * np.sin(3 * angles)], axis=1)
    lasso = Lasso(positions, tuple(line[0]))
    for point in line[1:]:
        lasso.move(tuple(point))
        assert lasso.units().tolist() == inside_polygon(positions, lasso.outline).tolist()
    assert len(lasso.units()) > 20


def test_a_lasso_leaves_out_corners_too_close_to_matter():
    lasso = draw(Lasso(np.zeros((0, 2)), (0, 0)), [(1, 0), (2, 0), (4, 0), (4.5, 0)])
    assert lasso.outline.tolist() == [[0, 0], [4, 0]]


@pytest.mark.parametrize("perspective", [0, 50])
def test_a_ball_is_centred_on_the_foremost_unit_under_the_pointer(perspective):
    view = front(perspective)
    world = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0.8, 0.1, 0], [1.0, 1.0, 1.0]])
    ball = Ball(Scene(world, view), 0.5, (200.0, 150.0))
    assert ball.units().tolist() == [0, 2]
    assert dict(ball.parameters)["centre"] == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("perspective", [0, 50])
def test_beside_all_units_a_ball_is_on_the_view_ray_as_deep_as_the_closest(perspective):
    view = front(perspective)
    world = np.array([[-1.0, 0.0, 0.0], [1.0, 2.0, 2.0]])
    place = project(world, view)[0] + (20.0, 0.0)
    ball = Ball(Scene(world, view), 0.6, tuple(place))
    centre = np.array(dict(ball.parameters)["centre"])
    assert centre[0] == pytest.approx(-1.0)
    np.testing.assert_allclose(project(centre[None], view)[0], place)
    assert ball.units().tolist() == [0]
    assert Ball(Scene(world, view), 0.1, tuple(place)).units().tolist() == []


def test_a_dragged_ball_catches_all_on_its_way_even_when_the_mouse_jumps():
    world = np.zeros((41, 3))
    world[:, 2] = np.linspace(-2, 2, 41)
    places = project(world, front())
    ball = draw(Ball(Scene(world, front()), 0.15, tuple(places[0])), [tuple(places[-1])])
    assert ball.units().tolist() == list(range(41))


def test_with_more_axes_than_shown_only_units_are_centres():
    world = RNG.normal(size=(30, 3))
    every = np.concatenate([world, 10 * RNG.normal(size=(30, 4))], axis=1)
    place = tuple(project(world, front())[4])
    foremost = Ball(Scene(world, front()), 0.01, place).units()
    ball = Ball(Scene(world, front(), every), 5.0, place)
    near = np.flatnonzero(np.linalg.norm(every - every[foremost[0]], axis=1) <= 5.0)
    assert ball.units().tolist() == near.tolist()
    far = Ball(Scene(world, front(), every), 5.0, (-500.0, -500.0))
    assert far.units().tolist() == []
    assert "centre" not in dict(far.parameters)


def test_hidden_units_are_not_caught_by_a_ball():
    world = np.array([[0.0, 0, 0], [np.nan, 0, 0]])
    assert Ball(Scene(world, front()), 100.0, (200.0, 150.0)).units().tolist() == [0]


def test_a_ball_looks_as_large_as_it_is():
    ball = Ball(Scene(np.zeros((1, 3)), front()), 0.4, (200.0, 150.0))
    np.testing.assert_allclose(np.hypot(*(ball.outline - (200, 150)).T), 0.4 * 50)


def test_the_camera_is_noted_in_plain_numbers():
    noted = dict(camera_parameters(front(40)))
    assert noted["camera zoom and perspective"] == (50.0, 40.0)
    assert noted["canvas size"] == (400.0, 300.0)


def test_a_range_has_its_ends_and_leaves_out_missing_values():
    values = np.array([1.0, 2.0, 3.0, np.nan])
    assert in_range(values, 2, 3).tolist() == [1, 2]
    assert in_range(values, -np.inf, np.inf).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("percent", "count"), [(1, 1), (20, 2), (24, 2), (100, 10)])
def test_a_part_of_the_units_with_values_is_taken_from_either_end(percent, count):
    values = np.append(RNG.permutation(10).astype(float), [np.nan, np.nan])
    highest, lowest = extreme(values, percent, top=True), extreme(values, percent, top=False)
    assert sorted(values[highest]) == list(range(10 - count, 10))
    assert sorted(values[lowest]) == list(range(count))


def test_without_values_nothing_is_extreme():
    assert extreme(np.full(3, np.nan), 50, top=True).size == 0


def test_a_unit_without_a_category_is_alone_with_nobody():
    values = np.array([0.0, 1.0, 0.0, np.nan])
    assert same_value(values, 0).tolist() == [0, 2]
    assert same_value(values, 3).tolist() == []
