from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.rig import Session
from napari_twinscope.rig.encoding import components_look
from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.point_style import OPACITIES, SIZES, can_scale, diameter, point_style
from napari_twinscope.rig.saved_session import shared_fields
from napari_twinscope.rig.session_picture import session_picture, unit_colors


def measured(values, **more):
    return Measure("DSI", np.asarray(values, float), **more)


def test_size_grows_in_proportion_between_the_percentiles_and_stays_beyond():
    values = np.linspace(0.0, 100.0, 101)
    style = point_style(101, size_by=measured(values))
    assert style.size_legend.limits == (1.0, 99.0)
    assert style.size_legend.ends == ("≤ 1", "≥ 99")
    assert style.sizes[0] == style.sizes[1] == SIZES[0]
    assert style.sizes[100] == style.sizes[99] == SIZES[1]
    assert style.sizes[50] == pytest.approx(np.mean(SIZES))
    assert (style.opacities == 1).all()


def test_units_without_a_value_are_rings_of_the_usual_size_and_counted():
    style = point_style(4, measured([0, np.nan, 1, 2]), measured([0, 1, 2, np.nan]))
    assert style.hollow.tolist() == [False, True, False, True]
    assert style.sizes[1] == 1.0
    assert style.opacities[3] == 1.0
    assert style.opacities[0] == OPACITIES[0]
    assert style.size_legend.missing == style.opacity_legend.missing == 1


def test_a_measure_of_one_value_or_of_none_makes_all_alike():
    assert (point_style(3, measured([2, 2, 2])).sizes == 1).all()
    nothing = point_style(3, measured([np.nan] * 3))
    assert nothing.size_legend.limits is None
    assert nothing.hollow.all()


def test_only_numbers_with_two_ends_can_be_a_size():
    assert can_scale(measured([1]))
    assert not can_scale(measured([0], labels=("a",)))
    assert not can_scale(measured([0], period=360.0))


def test_the_usual_size_follows_the_extent_of_the_cloud():
    points = np.array([[0, 0, 0], [10, 1, 1], [np.nan] * 3])
    assert diameter(points) == pytest.approx(0.18)
    assert diameter(points, 2.0) == pytest.approx(0.36)


def test_the_session_keeps_what_size_and_opacity_show():
    assert {"size_by", "opacity_by"} <= set(shared_fields())


def test_the_session_styles_units_and_says_what_it_means(recording):
    session = Session()
    session.open(recording)
    session.show_look(session.stage, components_look(session.responses()))
    assert session.point_style().plain
    session.size_by = session.opacity_by = "mean activity"
    style = session.point_style()
    assert style is session.point_style()
    assert style.size_legend.title == "mean activity (a.u.)"
    picture = session_picture(session)
    np.testing.assert_allclose(picture.diameters / picture.diameters[0], style.sizes / style.sizes[0])
    np.testing.assert_allclose(picture.colors[:, 3], style.opacities, rtol=1e-6)
    assert [name for name, _ in picture.scales] == ["Size", "Opacity"]
    session.size_by = "no such measure"
    assert session.point_style().size_legend.limits is None
    nothing = np.zeros(len(style.sizes), bool)
    assert unit_colors(session, nothing).shape == (24, 4)
