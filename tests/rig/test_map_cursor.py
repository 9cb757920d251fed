"""The cursor on feature maps, without a window."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.rig.feature_maps import FeatureMap
from napari_twinscope.rig.map_cursor import MapCursor, first_cursor, next_unit, other_map, unit_under

GRID = (6, 9)
ARROWS = ((1, 0), (-1, 0), (0, 1), (0, -1))


def feature_map(channel=3, selected=(), others=()):
    """Return a map whose units are numbered as their cells are, along the rows."""

    def of(cells):
        cells = np.reshape(np.array(cells, np.int64), (-1, 2))
        return (cells @ (GRID[1], 1)).astype(np.intp), cells

    return FeatureMap(channel, *of(selected), *of(others))


def cells(least=0):
    cell = st.tuples(st.integers(0, GRID[0] - 1), st.integers(0, GRID[1] - 1))
    return st.lists(cell, min_size=least, max_size=20, unique=True)


def test_it_begins_at_the_picked_unit_or_a_selected_one_or_any_or_in_the_middle():
    one = feature_map(selected=[(0, 0), (5, 1)], others=[(3, 5), (0, 8)])
    assert first_cursor(one, GRID, 8) == MapCursor(3, 0, 8)
    assert first_cursor(one, GRID, None) == MapCursor(3, 5, 1)  # of two selected ones closest to the middle
    assert first_cursor(one, GRID, 999) == MapCursor(3, 5, 1)  # a unit of another map was picked
    assert first_cursor(feature_map(others=[(3, 5), (0, 8)]), GRID, None) == MapCursor(3, 3, 5)
    assert first_cursor(feature_map(), GRID, 8) == MapCursor(3, 3, 4)


def test_it_knows_the_unit_in_its_cell():
    one = feature_map(selected=[(0, 0)], others=[(3, 5)])
    assert unit_under(one, MapCursor(3, 0, 0)) == 0
    assert unit_under(one, MapCursor(3, 3, 5)) == 3 * GRID[1] + 5
    assert unit_under(one, MapCursor(3, 5, 3)) is None


@settings(deadline=None)
@given(st.integers(-12, 12), st.integers(-12, 12))
def test_it_never_leaves_the_grid_and_goes_where_it_is_sent_within(down, across):
    moved = MapCursor(3, 2, 4).moved(down, across, GRID)
    assert 0 <= moved.row < GRID[0]
    assert 0 <= moved.column < GRID[1]
    if 0 <= 2 + down < GRID[0]:
        assert moved.row == 2 + down
    if 0 <= 4 + across < GRID[1]:
        assert moved.column == 4 + across


@settings(deadline=None)
@given(cells(1), st.integers(0, GRID[0] - 1), st.integers(0, GRID[1] - 1), st.sampled_from(ARROWS))
def test_the_next_unit_lies_ahead_and_none_that_lies_rather_ahead_is_closer(recorded, row, column, arrow):
    one, cursor = feature_map(others=recorded), MapCursor(3, row, column)
    found = next_unit(one, cursor, *arrow)
    apart = np.array(recorded) - (row, column)
    ahead, beside = apart @ arrow, np.abs(apart @ arrow[::-1])
    if not (ahead > 0).any():
        assert found == cursor
        return
    way = np.array([found.row - row, found.column - column])
    assert (found.row, found.column) in recorded
    assert way @ arrow > 0
    rather = (ahead > 0) & (beside <= ahead)
    if rather.any():
        assert np.hypot(*way) <= np.hypot(*apart[rather].T).min() + 1e-9


def test_it_goes_to_the_same_cell_of_other_maps_and_stays_at_both_ends():
    maps = [feature_map(channel) for channel in (7, 2, 9)]
    at = MapCursor(2, 1, 4)
    assert other_map(maps, at, 1) == MapCursor(9, 1, 4)
    assert other_map(maps, at, -1) == other_map(maps, at, -5) == MapCursor(7, 1, 4)
    assert other_map(maps, other_map(maps, at, 1), 1) == MapCursor(9, 1, 4)


def test_where_its_map_is_not_shown_any_more_it_goes_to_the_one_in_its_place():
    before = [feature_map(channel) for channel in (1, 4, 6, 8)]
    at = MapCursor(6, 0, 0)
    assert other_map([before[0], before[1], before[3]], at, 0, before) == MapCursor(8, 0, 0)
    assert other_map(before[:2], at, 0, before) == MapCursor(4, 0, 0)
