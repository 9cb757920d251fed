import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Selection
from napari_twinscope.rig.groups import Group, Groups
from napari_twinscope.rig.history import History
from napari_twinscope.rig.unit_set import UnitSet


def selected(*units):
    selection = Selection()
    selection.register("output", [f"unit {i}" for i in range(10)])
    selection.apply("output", units, tool="lasso", parameters=(("corners", (1.0, 2.0, 3.0)),))
    return selection


def test_a_group_holds_the_selected_units_and_how_they_were_found():
    selection = selected(1, 4)
    selection.apply("output", [7], "add", tool="pick")
    group = selection.group("output", "edge", "#aabbcc")
    assert list(group.units.ids) == ["unit 1", "unit 4", "unit 7"]
    assert (group.name, group.color, group.stage) == ("edge", "#aabbcc", "output")
    assert [step.tool for step in group.made] == ["lasso", "pick"]
    selection.clear()
    assert len(selection.groups["edge"].units) == 3


def test_groups_without_a_name_are_numbered_and_differ_in_colour():
    selection = selected(1)
    made = [selection.group("output") for _ in range(12)]
    assert [group.name for group in made[:2]] == ["Group 1", "Group 2"]
    assert len({group.color for group in made}) == 12
    selection.groups.delete(["Group 1"])
    assert selection.group("output").name == "Group 1"


@settings(deadline=None)
@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9), min_size=1))
def test_a_group_meets_the_selection_as_any_set_of_units(before, in_group):
    for manner, expected in {
        "replace": in_group,
        "add": before | in_group,
        "subtract": before - in_group,
        "intersect": before & in_group,
    }.items():
        selection = selected(*in_group)
        selection.group("output", "g")
        selection.apply("output", before)
        selection.apply_group("g", manner)
        assert set(selection.indices("output").tolist()) == expected


def test_every_edit_of_a_group_can_be_undone():
    selection = selected(2, 3)
    groups = selection.groups
    selection.group("output", "a", "#000000")
    groups.rename("a", "b")
    groups.recolor("b", "#ffffff")
    groups.delete(["b"])
    assert selection.undo() == "deleted “b”"
    assert groups["b"].color == "#ffffff"
    assert selection.undo() == "recoloured group “b”"
    assert groups["b"].color == "#000000"
    selection.undo()
    assert groups.names == ("a",)
    assert selection.undo() == "new group “a”"
    assert len(groups) == 0
    assert set(selection.indices("output")) == {2, 3}
    selection.redo()
    assert groups.names == ("a",)


def test_edits_are_announced_and_no_edit_is_not():
    selection = selected(2)
    heard = []
    selection.groups.changed.connect(lambda: heard.append(selection.groups.names))
    selection.group("output", "a", "#000000")
    selection.groups.rename("a", "a")
    selection.groups.recolor("a", "#000000")
    assert heard == [("a",)]
    assert selection.history.undo_label == "new group “a”"


def test_groups_survive_reloading():
    selection = selected(5, 6)
    selection.group("output", "grating cells")
    other = Groups(History())
    other.load(selection.groups.to_list())
    assert list(other) == list(selection.groups)
    assert other["grating cells"].made[0].parameters == (("corners", (1.0, 2.0, 3.0)),)


def test_wrong_names_colours_and_files_are_refused():
    selection = selected(1)
    selection.group("output", "a")
    selection.group("output", "b")
    before = list(selection.groups)
    for refused, match in (
        (lambda: selection.groups.rename("a", "b"), "has this name"),
        (lambda: selection.groups.rename("a", "  "), "needs a name"),
        (lambda: selection.groups.rename("c", "d"), "no such group"),
        (lambda: selection.groups.recolor("a", "blue"), "no colour"),
        (lambda: selection.group("output", "a"), "has this name"),
        (lambda: selection.groups.load([before[0].to_dict()] * 2), "same name"),
        (lambda: Group.from_dict({"name": "c"}), "cannot be read"),
    ):
        with pytest.raises(InvalidInput, match=match):
            refused()
    assert list(selection.groups) == before


def test_nothing_selected_makes_no_group():
    with pytest.raises(InvalidInput, match="needs units"):
        selected().group("output")


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_a_set_of_units_reads_the_same_on_any_order(members):
    known = np.array([f"u{i}" for i in range(len(members))], dtype=np.str_)
    mask = np.array(members, bool)
    units = UnitSet.of_mask("output", known, mask)
    assert len(units) == mask.sum()
    np.testing.assert_array_equal(units.mask_on(known), mask)
    np.testing.assert_array_equal(units.mask_on(known[::-1].copy()), mask[::-1])
    assert units == UnitSet.of_ids("output", known[::-1][mask[::-1]])
    assert units != UnitSet.of_mask("retina", known, mask)
