from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_twinscope.rig import Session
from napari_twinscope.views.group_list import COLOR, COUNT, NAME, STEPS, GroupList, how_made


@pytest.fixture
def session():
    session = Session()
    session.selection.register("output", [f"unit {i}" for i in range(10)])
    session.stage = "output"
    return session


@pytest.fixture
def groups(session, qtbot):
    shown = GroupList(session, choose_color=lambda *_: "#123456")
    qtbot.addWidget(shown)
    shown.show()
    return shown


def rows(groups):
    tree = groups.list
    return [[tree.topLevelItem(i).text(c) for c in (1, 2, 3)] for i in range(tree.topLevelItemCount())]


def test_a_group_is_made_of_the_selection_and_named_by_typing(groups, session, qtbot):
    assert not groups.make_button.isEnabled()
    assert groups.list.isHidden()
    session.selection.apply("output", [1, 2, 3], tool="lasso")
    groups.make_button.click()
    assert rows(groups) == [["Group 1", "3", "output"]]
    editor = groups.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "edge cells")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.selection.groups.names == ("edge cells",), timeout=1000)
    assert rows(groups) == [["edge cells", "3", "output"]]
    session.selection.undo()
    assert rows(groups) == [["Group 1", "3", "output"]]


def test_keys_recolour_select_and_forget_a_group(groups, session):
    session.selection.apply("output", [1, 2, 3])
    session.selection.group("output", "edge")
    session.selection.clear("output")
    groups.list.setCurrentItem(groups.list.topLevelItem(0))
    QTest.keyClick(groups.list, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection.groups["edge"].color == "#123456"
    groups.list.setCurrentItem(groups.list.topLevelItem(0))
    QTest.keyClick(groups.list, Qt.Key.Key_Return)
    assert session.selection.indices("output").tolist() == [1, 2, 3]
    QTest.keyClick(groups.list, Qt.Key.Key_Delete)
    assert session.selection.groups.names == ()


def test_a_taken_name_is_refused_in_words(groups, session):
    session.selection.apply("output", [1])
    session.selection.group("output", "a")
    session.selection.group("output", "b")
    groups.list.topLevelItem(1).setText(NAME, "a")
    assert session.selection.groups.names == ("a", "b")
    assert rows(groups)[1][0] == "b"
    assert "Another group has this name" in groups.message.text()
    groups.list.topLevelItem(1).setText(NAME, "c")
    assert session.selection.groups.names == ("a", "c")
    assert groups.message.isHidden()


def test_the_units_of_a_group_are_selected_by_button_key_and_double_click(groups, session):
    session.selection.apply("output", [4, 5])
    session.selection.group("output", "a")
    groups.list.setCurrentItem(groups.list.topLevelItem(0))
    for act in (
        groups.select_button.click,
        lambda: QTest.keyClick(groups.list, Qt.Key.Key_Return),
        lambda: groups.list.itemDoubleClicked.emit(groups.list.topLevelItem(0), COUNT),
    ):
        session.selection.apply("output", [0])
        act()
        assert set(session.selection.indices("output")) == {4, 5}


def test_marked_groups_are_deleted_by_key_and_come_back_by_undo(groups, session):
    session.selection.apply("output", [4])
    for name in "abc":
        session.selection.group("output", name)
    for row in (0, 2):
        groups.list.topLevelItem(row).setSelected(True)
    QTest.keyClick(groups.list, Qt.Key.Key_Delete)
    assert session.selection.groups.names == ("b",)
    session.selection.undo()
    assert [name for name, *_ in rows(groups)] == ["a", "b", "c"]


def test_the_colour_is_shown_and_chosen(groups, session):
    session.selection.apply("output", [4])
    session.selection.group("output", "a")
    groups.list.itemDoubleClicked.emit(groups.list.topLevelItem(0), COLOR)
    assert session.selection.groups["a"].color == "#123456"
    pixel = groups.list.topLevelItem(0).icon(COLOR).pixmap(14, 14).toImage().pixelColor(5, 5)
    assert pixel.name() == "#123456"


def test_a_tooltip_tells_how_the_group_was_made(groups, session):
    session.selection.apply("output", [4], tool="ball", parameters=(("radius", 0.25),))
    for unit in (0, 1, 2, 3, 5, 6):
        session.selection.apply("output", [unit], "add", tool="pick")
    group = session.selection.group("output", "<a>")
    told = groups.list.topLevelItem(0).toolTip(NAME)
    assert told == how_made(group)
    assert "&lt;a&gt;" in told
    assert "after 1 more:" in told
    assert "radius 0.25" not in told
    assert told.count("pick added 1 unit") == STEPS
    assert "radius 0.25" in group.made[0].sentence


def test_a_group_of_another_recording_is_explained(groups, session):
    session.selection.apply("output", [4])
    session.selection.group("output", "a")
    session.selection.forget()
    groups.list.setCurrentItem(groups.list.topLevelItem(0))
    groups.select()
    assert "No units are known for this stage" in groups.message.text()


def test_a_closed_list_no_longer_listens(groups, session):
    groups.links.release()
    session.selection.apply("output", [4])
    session.selection.group("output", "a")
    assert rows(groups) == []
