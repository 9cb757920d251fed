import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Selection, UnitKey
from napari_twinscope.rig.saved_selection import load_selection, selection_to_dict

units = st.sets(st.integers(0, 9))
manners = st.sampled_from(["replace", "add", "subtract", "intersect", "toggle"])
actions = st.lists(st.tuples(st.sampled_from(["output", "retina"]), units, manners), max_size=8)


def ten_units(*stages):
    selection = Selection()
    for stage in stages or ("output",):
        selection.register(stage, [f"unit {i}" for i in range(10)])
    return selection


def chosen(selection, stage="output"):
    return set(selection.indices(stage).tolist())


@settings(deadline=None)
@given(units, units)
def test_the_manners_are_the_operations_of_sets(first, second):
    for manner, expected in {
        "replace": second,
        "add": first | second,
        "subtract": first - second,
        "intersect": first & second,
        "toggle": first ^ second,
    }.items():
        selection = ten_units()
        selection.apply("output", first)
        selection.apply("output", second, manner)
        assert chosen(selection) == expected
        assert selection.count("output") == len(expected)


@settings(deadline=None)
@given(units)
def test_inverting_takes_the_complement_and_twice_brings_back(first):
    selection = ten_units()
    selection.apply("output", first)
    selection.invert("output")
    assert chosen(selection) == set(range(10)) - first
    selection.invert("output")
    assert chosen(selection) == first


@settings(deadline=None)
@given(units)
def test_the_last_picked_unit_is_always_selected(some):
    selection = ten_units()
    selection.apply("output", range(10), picked=3)
    selection.apply("output", some)
    last = selection.last_picked
    assert (last is None) == (not some)
    assert last is None or selection.index(last) in some


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
    selection.undo()
    assert heard == ["output", "output"]


@settings(deadline=None)
@given(actions)
def test_undo_takes_back_every_action_and_redo_does_them_again(done):
    selection = ten_units("output", "retina")
    seen = [selection.state()]
    for stage, some, manner in done:
        selection.apply(stage, some, manner)
        if selection.state() != seen[-1]:
            seen.append(selection.state())
    for earlier in reversed(seen[:-1]):
        assert selection.undo() is not None
        assert selection.state() == earlier
    assert selection.undo() is None
    for later in seen[1:]:
        assert selection.redo() is not None
        assert selection.state() == later
    assert selection.redo() is None


def test_undo_names_what_it_takes_back():
    selection = ten_units()
    selection.apply("output", [1, 2, 3], tool="lasso")
    selection.apply("output", [1], "subtract", tool="pick")
    assert selection.history.undo_label == "pick took away 1 unit"
    assert selection.undo() == "pick took away 1 unit"
    assert selection.history.redo_label == "pick took away 1 unit"
    assert selection.undo() == "lasso selected 3 units"


def test_undo_brings_units_back_by_identity_after_another_order():
    selection = ten_units()
    selection.apply("output", [0, 9])
    selection.clear("output")
    selection.register("output", [f"unit {i}" for i in reversed(range(10))])
    selection.undo()
    assert set(selection.ids("output")) == {"unit 0", "unit 9"}


def test_another_recording_cannot_be_undone_but_keeps_the_groups():
    selection = ten_units()
    selection.apply("output", [4])
    selection.group("output", "kept")
    selection.forget()
    assert selection.undo() is None
    selection.register("output", [f"unit {i}" for i in range(3, 8)])
    selection.apply_group("kept")
    assert list(selection.ids("output")) == ["unit 4"]


def test_a_selection_remembers_the_actions_since_the_last_new_one():
    selection = ten_units()
    selection.source = "first.zarr"
    selection.apply("output", [1, 2, 3], tool="box", parameters=(("corners", (0.0, 1.0)),))
    selection.apply("output", [4, 5], tool="ball", parameters=(("radius", 0.25),))
    selection.apply("output", [6], "add", tool="pick")
    ball, pick = selection.made("output")
    assert (ball.tool, ball.stage, ball.count, ball.source) == ("ball", "output", 2, "first.zarr")
    assert ball.sentence.startswith("ball selected 2 units; radius 0.25 (output of first.zarr, ")
    assert pick.label == "pick added 1 unit"
    selection.undo()
    assert selection.made("output") == (ball,)
    selection.clear("output")
    assert selection.made("output") == ()


def test_identities_survive_another_order_of_the_units():
    selection = ten_units()
    selection.apply("output", [0, 9])
    selection.register("output", [f"unit {i}" for i in reversed(range(10))])
    assert set(selection.ids("output")) == {"unit 0", "unit 9"}
    assert selection.index(UnitKey("output", "unit 0")) == 9


def test_each_stage_has_its_own_selection():
    selection = ten_units()
    selection.register("retina", ["a", "b"])
    selection.apply("output", [1])
    selection.apply("retina", [0])
    selection.clear("retina")
    assert selection.count("output") == 1
    assert selection.count("retina") == 0
    selection.apply("retina", [0])
    selection.clear()
    assert selection.count("output") == 0
    assert selection.last_picked is None
    selection.undo()
    assert (selection.count("output"), selection.count("retina")) == (1, 1)


@settings(deadline=None)
@given(actions)
def test_a_saved_selection_is_the_same_in_another_session(done):
    selection = ten_units("output", "retina")
    for stage, some, manner in done:
        selection.apply(stage, some, manner)
    if selection.count("output"):
        selection.group("output")
    other = Selection()
    other.register("retina", [f"unit {i}" for i in range(10)])
    load_selection(other, selection_to_dict(selection))
    other.register("output", [f"unit {i}" for i in reversed(range(10))])
    for stage in ("output", "retina"):
        assert set(other.ids(stage)) == set(selection.ids(stage))
        assert other.made(stage) == selection.made(stage)
    assert other.last_picked == selection.last_picked
    assert list(other.groups) == list(selection.groups)
    assert other.undo() is None


def test_what_is_no_saved_selection_is_refused_and_changes_nothing():
    selection = ten_units()
    selection.apply("output", [1])
    for wrong in ({}, {"selected": 3, "made": {}, "picked": None, "groups": []}, {"selected": {}}):
        with pytest.raises(InvalidInput, match="cannot be read"):
            load_selection(selection, wrong)
    broken = selection_to_dict(selection) | {"groups": [{"name": "x"}], "selected": {}}
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_selection(selection, broken)
    assert chosen(selection) == {1}


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


def test_only_a_unit_that_was_pointed_at_counts_as_such():
    selection = Selection()
    selection.register("output", [f"unit {i}" for i in range(10)])
    selection.apply("output", [3, 5])
    assert selection.last_picked == selection.key("output", 3)  # the first of them
    assert selection.pointed is None
    selection.apply("output", [5, 7], picked=7)
    assert selection.pointed == selection.key("output", 7)
    selection.apply("output", [1, 2], tool="box", picked=2)  # in the middle of the box
    assert selection.pointed is None
    selection.undo()
    assert selection.pointed == selection.key("output", 7)
