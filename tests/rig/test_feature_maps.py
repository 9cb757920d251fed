"""The feature maps of a selection without a window: which, how many, where, in what colours."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.feature_map_figure import session_feature_maps
from napari_twinscope.rig.feature_maps import BY_COUNT, activations, feature_maps, map_pixels, moment_text
from napari_twinscope.rig.gallery_layout import even_columns, gallery_layout
from napari_twinscope.rig.map_colors import map_colors
from napari_twinscope.rig.map_source import MapSource
from napari_twinscope.rig.maps import MapChoice, MapStyle
from napari_twinscope.rig.session_maps import shown_map, style_of_map


@pytest.fixture
def session(recording):
    recording.protocol.screen = SimpleNamespace(frame_rate=30.0, height=30, width=40)
    recording.stored_maps = ()
    session = Session()
    session.open(recording, "recurrent_out")
    return session


@pytest.fixture
def source(session):
    """Holds maps of condition (1, 2) alone: activation = 100 channel + 10 row + column - 100 + frame."""
    source = MapSource(session.recording, None)
    frame, channel, row, column = np.indices((6, 2, 3, 4))
    maps = (100 * channel + 10 * row + column - 100 + frame).astype(np.float32)
    source.keep({("recurrent_out", (1, 2)): maps})
    return source


def test_without_a_selection_all_recorded_maps_are_shown_and_said_to_be(session):
    shown = feature_maps(session)
    assert [one.channel for one in shown.maps] == [0, 1]
    assert [(len(one.units), one.recorded) for one in shown.maps] == [(0, 12), (0, 12)]
    assert shown.title == "recurrent_out: all 2 recorded of 2 feature maps; no unit is selected"
    assert shown.page_text(0, 9) == "all 2 shown"
    assert [shown.page_text(first, 1) for first in (0, 1)] == ["1 of 2", "2 of 2"]
    assert (shown.grid, shown.aspect) == ((3, 4), 0.75)


def test_only_maps_with_selected_units_are_shown_with_these_units_in_their_cells(session):
    session.selection.apply("recurrent_out", [13, 23, 18])
    shown = feature_maps(session)
    (one,) = shown.maps
    assert shown.title == "recurrent_out: 3 selected units are on 1 of 2 recorded feature maps"
    assert (one.channel, one.title) == (1, "map 1 · 3 selected")
    units = session.units()
    for unit, cell in zip(one.units, one.cells, strict=True):
        assert tuple(cell) == (units["row"][unit], units["column"][unit])
    assert sorted(one.units) == [13, 18, 23]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.integers(0, 23)), st.booleans())
def test_every_recorded_unit_of_a_shown_map_is_marked_once_as_selected_or_not(session, selected, every):
    session.selection.apply("recurrent_out", sorted(selected))
    shown = feature_maps(session, every=every)
    units = session.units()
    for one in shown.maps:
        on_it = np.flatnonzero(units["channel"].to_numpy() == one.channel)
        assert sorted([*one.units, *one.others]) == on_it.tolist()
        assert set(one.units) == selected.intersection(on_it)
        where = units.loc[one.others, ["row", "column"]].to_numpy()
        np.testing.assert_array_equal(one.other_cells, where)


def test_maps_without_a_selected_unit_are_shown_when_asked_for_and_not_counted(session):
    session.selection.apply("recurrent_out", [13, 23])
    shown = feature_maps(session, every=True)
    assert [one.channel for one in shown.maps] == [0, 1]
    assert shown.title == "recurrent_out: 2 selected units are on 1 of 2 recorded feature maps"
    by_count = feature_maps(session, order=BY_COUNT, every=True)
    assert [one.channel for one in by_count.maps] == [1, 0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.integers(0, 23)))
def test_every_selected_unit_is_on_exactly_one_map_in_either_order(session, selected):
    session.selection.apply("recurrent_out", sorted(selected))
    for order in ("number", BY_COUNT):
        shown = feature_maps(session, order=order)
        assert sorted(unit for one in shown.maps for unit in one.units) == sorted(selected)
        counts = [len(one.units) for one in shown.maps]
        assert counts == sorted(counts, reverse=True) or order != BY_COUNT
        channels = session.units()["channel"].to_numpy()
        assert all((channels[one.units] == one.channel).all() for one in shown.maps)


def test_the_values_are_those_of_the_condition_and_frame_and_of_no_other(session, source):
    shown = feature_maps(session)
    values = activations(source, "recurrent_out", shown.maps, (1, 2), 4)
    np.testing.assert_array_equal(values[1], source.lookup(MapChoice("recurrent_out", 1), (1, 2))[4])
    assert values[1, 2, 3] == 27.0
    assert activations(source, "recurrent_out", shown.maps, (1, 1), 4) is None
    assert activations(None, "recurrent_out", shown.maps, (1, 2), 4) is None


def test_the_scale_and_the_colours_are_those_of_the_map_over_the_movie(session):
    shown = feature_maps(session)
    assert shown.style == style_of_map(session, shown_map(session))
    style = MapStyle((-2.0, 2.0), "diverging")
    values = np.array([-2.0, -0.7, 0.0, 1.3, 5.0, np.nan])
    pixels, over = map_pixels(values, style), map_colors(values, style)
    mixed = 0.5 * (1 - over[:, 3:]) + over[:, :3] * over[:, 3:]
    np.testing.assert_allclose(pixels[:, :3], 255 * mixed, atol=0.51)
    assert pixels[:, 3].tolist() == [255] * 5 + [0]
    negative, positive = pixels[0].astype(int), pixels[4].astype(int)
    assert negative[2] > negative[0]  # blue below zero
    assert positive[0] > positive[2]  # orange above


def test_it_is_said_whether_maps_are_means_or_of_one_instance(session, source):
    assert feature_maps(session, source).instances == ""
    session.recording.protocol.shape = (2, 4, 3)
    assert feature_maps(session, source).instances == "instance 1 of 3"
    session.recording.stored_maps = ("recurrent_out",)
    shown = feature_maps(session, source)
    assert "mean of 3 instances" in moment_text(session, shown)


def test_read_out_units_lie_on_no_map(session):
    session.show_stage("output")
    with pytest.raises(InvalidInput, match="no feature maps"):
        feature_maps(session)


def test_the_figure_draws_every_map_a_ring_for_every_selected_unit_and_a_dot_for_each_other(session, source):
    with pytest.raises(InvalidInput, match="not computed yet"):
        session_feature_maps(session, source)
    session.condition, session.frame = (1, 2), 4
    session.selection.apply("recurrent_out", [0, 5, 13])
    figure, title = session_feature_maps(session, source)
    area = figure.axes[0]
    assert len(area.images) == 2
    expected = map_pixels(
        activations(source, "recurrent_out", feature_maps(session).maps, (1, 2), 4)[1],
        feature_maps(session).style,
    )
    np.testing.assert_array_equal(area.images[1].get_array(), expected)
    assert {text.get_text() for text in area.texts} == {"map 0 · 2 selected", "map 1 · 1 selected"}
    dots, rings = area.collections[::4], area.collections[3::4]
    assert [len(ring.get_offsets()) for ring in rings] == [2, 1]
    assert [len(dot.get_offsets()) for dot in dots] == [10, 11]
    left, right, low, high = area.images[0].get_extent()
    x, y = rings[0].get_offsets()[1]  # unit 5: row 1, column 1 of 3 x 4
    np.testing.assert_allclose((x - left) / (right - left), 1.5 / 4)
    np.testing.assert_allclose((y - high) / (low - high), 1.5 / 3)
    assert title in " ".join(text.get_text() for text in figure.texts)


@given(st.floats(1, 2500), st.floats(1, 1500), st.integers(1, 300), st.floats(0.3, 1.5), st.floats(0, 20))
def test_a_page_fits_and_shows_all_maps_wherever_they_fit(width, height, count, aspect, title):
    layout = gallery_layout((width, height), count, aspect, title)
    assert layout.places >= 1
    assert layout.width >= 1
    right, bottom = (np.max([layout.corner(p)[i] for p in range(layout.places)]) for i in (0, 1))
    if layout.width > 1:
        assert right + layout.width <= width + 1e-6
        assert bottom + layout.height <= height + 1e-6
    if layout.places < count:  # then they would be too small to be read
        assert layout.columns * 140 + (layout.columns - 1) * 10 <= max(width, 140) + 1e-6
    for place in range(min(layout.places, 30)):
        first, last = layout.cells(place, [(0, 0), (2, 3)], (3, 4))
        assert layout.place_at(*first) == layout.place_at(*last) == place
        middle = np.add(layout.corner(place), (layout.width / 2, layout.height / 2))
        np.testing.assert_allclose((first + last) / 2, middle)


@given(st.integers(1, 40), st.integers(1, 12))
def test_rows_of_panels_are_as_few_and_as_even_as_they_can_be(count, most):
    columns = even_columns(count, most)
    rows = -(-count // columns)
    assert 1 <= columns <= most
    assert rows == -(-count // most)
    assert columns == 1 or rows * (columns - 1) < count  # one column less would need another row
