from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_twinscope.rig.histogram import FEWEST, MOST, bins_of, histogram
from napari_twinscope.rig.measures import Measure

VALUES = arrays(np.float64, 40, elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)))


@given(VALUES, arrays(bool, 40))
def test_every_unit_is_counted_once_inside_or_outside_or_as_missing(values, selected):
    shown = histogram(bins_of(Measure("x", values)), selected)
    assert shown.inside.sum() + shown.missing[0] == selected.sum()
    assert shown.outside.sum() + shown.missing[1] == (~selected).sum()
    assert sum(shown.missing) == np.isnan(values).sum()


@given(VALUES)
def test_the_bins_are_those_of_numpy(values):
    bins = bins_of(Measure("x", values))
    expected, _ = np.histogram(values[np.isfinite(values)], bins.edges)
    np.testing.assert_array_equal(histogram(bins, np.zeros(40, bool)).outside, expected)


@given(VALUES, st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_range_holds_both_its_ends_and_no_unit_without_a_value(values, low, width):
    units = bins_of(Measure("x", values)).from_to(low, low + width)
    assert units.tolist() == [i for i, v in enumerate(values) if low <= v <= low + width]


def test_densities_have_an_area_of_one_each():
    rng = np.random.default_rng(0)
    bins = bins_of(Measure("x", rng.normal(size=3000)))
    assert FEWEST < bins.count < MOST
    selected = np.arange(3000) < 40
    for heights in histogram(bins, selected).heights(density=True):
        assert (heights * np.diff(bins.edges)).sum() == pytest.approx(1)
    nothing, everything = histogram(bins, np.zeros(3000, bool)).heights(density=True)
    assert nothing.sum() == 0
    assert (everything * np.diff(bins.edges)).sum() == pytest.approx(1)


def test_categories_have_a_bar_each_and_a_range_takes_all_it_touches():
    measure = Measure("class", np.array([0.0, 1, 2, 2, np.nan, 0]), ("a", "b", "c"))
    bins = bins_of(measure)
    shown = histogram(bins, np.array([1, 1, 0, 0, 1, 0], bool))
    assert shown.inside.tolist() == [1, 1, 0]
    assert shown.outside.tolist() == [1, 0, 2]
    assert shown.missing == (1, 0)
    assert bins.from_to(0.9, 1.7).tolist() == [1, 2, 3]
    assert shown.heights(density=True)[0].tolist() == [0.5, 0.5, 0]


def test_whole_numbers_have_a_bin_each():
    bins = bins_of(Measure("degree", np.array([3.0, 5, 5, 4, 9])))
    assert histogram(bins, np.zeros(5, bool)).outside.tolist() == [1, 1, 2, 0, 0, 0, 1]
    assert bins.members(2, 2).tolist() == [1, 2]


def test_directions_run_over_the_whole_circle():
    bins = bins_of(Measure("preferred direction", np.array([10.0, 350.0]), period=360.0))
    assert (bins.edges[0], bins.edges[-1]) == (0, 360)
    assert bins.count % 8 == 0


@pytest.mark.parametrize(
    "values", [[], [np.nan, np.nan], [0.3, 0.3], [1e300, -1e300], [1.0, np.nextafter(1, 2)]]
)
def test_strange_values_are_counted_all_the_same(values):
    values = np.array(values, np.float64)
    bins = bins_of(Measure("x", values))
    assert (np.diff(bins.edges) > 0).all()
    assert histogram(bins, np.zeros(len(values), bool)).outside.sum() == np.isfinite(values).sum()
