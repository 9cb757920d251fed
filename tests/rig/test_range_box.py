from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.rig.range_box import RangeBox, whole_box, words_of_box

LABELS = ("axis 4", "axis 1", "axis 9")


def cloud():
    points = np.random.default_rng(1).normal(size=(60, 3)) * (3, 1, 0.1)
    points[11] = np.nan
    return points


def test_the_whole_box_holds_every_unit_that_is_shown_and_no_other():
    points = cloud()
    box = whole_box(points, LABELS)
    assert box.units(points).tolist() == [unit for unit in range(60) if unit != 11]
    np.testing.assert_array_equal(box.limits, np.stack([np.nanmin(points, 0), np.nanmax(points, 0)], axis=1))


@given(st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)).map(sorted), min_size=3, max_size=3))
def test_a_box_is_what_its_three_ranges_have_in_common(ranges):
    points = cloud()
    limits = whole_box(points, LABELS).limits
    alone = []
    for axis in range(3):
        ends = list(limits)
        ends[axis] = tuple(ranges[axis])
        alone.append(set(RangeBox(LABELS, limits, tuple(ends)).units(points).tolist()))
    together = RangeBox(LABELS, limits, tuple(map(tuple, ranges))).units(points)
    assert set(together.tolist()) == set.intersection(*alone)


def test_both_ends_of_a_range_are_inside():
    points = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]])
    box = RangeBox(LABELS, ((0, 3), (0, 0), (0, 0)), ((1, 2), (0, 0), (0, 0)))
    assert box.units(points).tolist() == [1, 2]


def test_the_wire_frame_has_twelve_edges_each_along_one_axis():
    ends = ((-1.0, 2.0), (0.0, 0.5), (3.0, 7.0))
    edges = RangeBox(LABELS, ends, ends).edges.reshape(12, 2, 3)
    lengths = np.abs(edges[:, 1] - edges[:, 0])
    assert (np.count_nonzero(lengths, axis=1) == 1).all()
    assert sorted(lengths.max(axis=1).tolist()) == [0.5] * 4 + [3.0] * 4 + [4.0] * 4
    assert len({tuple(sorted(map(tuple, edge))) for edge in edges.tolist()}) == 12
    np.testing.assert_array_equal(edges.min(axis=(0, 1)), [-1, 0, 3])
    np.testing.assert_array_equal(edges.max(axis=(0, 1)), [2, 0.5, 7])


def test_the_parameters_name_the_axes_and_leave_out_one_without_extent():
    ends = ((-1.0, 2.0), (0.0, 0.0), (3.0, 7.0))
    assert RangeBox(LABELS, ends, ends).parameters == (
        ("axis 4 from", -1.0),
        ("axis 4 to", 2.0),
        ("axis 9 from", 3.0),
        ("axis 9 to", 7.0),
    )


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.full((4, 3), np.nan)])
def test_without_units_there_is_no_box(points):
    assert whole_box(points, LABELS) is None


def test_the_units_within_are_counted_in_words():
    assert words_of_box(0, 7) == "0 of the 7 units shown are within all three ranges"
