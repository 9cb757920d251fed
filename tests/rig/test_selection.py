import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Selection, UnitKey

units = st.sets(st.integers(0, 9))


def ten_units():
    selection = Selection()
    selection.register("output", [f"unit {i}" for i in range(10)])
    return selection


@given(units, units)
def test_the_manners_are_the_operations_of_sets(first, second):
    for manner, expected in {
        "replace": second,
        "add": first | second,
        "subtract": first - second,
        "toggle": first ^ second,
    }.items():
        selection = ten_units()
        selection.apply("output", first)
        selection.apply("output", second, manner)
        assert set(selection.indices("output")) == expected
        assert selection.count("output") == len(expected)


@given(units)
def test_the_last_picked_unit_is_always_selected(chosen):
    selection = ten_units()
    selection.apply("output", range(10), picked=3)
    selection.apply("output", chosen)
    last = selection.last_picked
    assert (last is None) == (not chosen)
    assert last is None or selection.index(last) in chosen


def test_a_picked_unit_is_remembered_until_it_is_taken_out():
    selection = ten_units()
    selection.apply("output", [2, 5], picked=5)
    assert selection.last_picked == UnitKey("output", "unit 5")
    selection.apply("output", [7], "add")
    assert selection.last_picked == UnitKey("output", "unit 5")
    selection.apply("output", [5], "subtract")
    assert selection.last_picked == UnitKey("output", "unit 2")


def test_a_change_is_announced_once_and_no_change_is_not():
    selection = ten_units()
    heard = []
    selection.changed.connect(heard.append)
    selection.apply("output", [1, 2])
    selection.apply("output", [2, 1])
    assert heard == ["output"]


def test_identities_survive_another_order_of_the_units():
    selection = ten_units()
    selection.apply("output", [0, 9])
    selection.register("output", [f"unit {i}" for i in reversed(range(10))])
    assert set(selection.ids("output")) == {"unit 0", "unit 9"}


def test_each_stage_has_its_own_selection():
    selection = ten_units()
    selection.register("retina", ["a", "b"])
    selection.apply("output", [1])
    selection.apply("retina", [0])
    selection.clear("retina")
    assert selection.count("output") == 1
    assert selection.count("retina") == 0
    selection.clear()
    assert selection.count("output") == 0
    assert selection.last_picked is None


def test_views_cannot_change_the_selection_through_its_mask():
    selection = ten_units()
    selection.mask("output")[:] = True
    assert selection.count("output") == 0


def test_units_that_do_not_exist_are_refused():
    selection = ten_units()
    with pytest.raises(InvalidInput, match="outside stage"):
        selection.apply("output", np.array([10]))
    with pytest.raises(InvalidInput, match="No units are known"):
        selection.apply("nowhere", [0])
    with pytest.raises(InvalidInput, match="same identifier"):
        selection.register("retina", ["a", "a"])
