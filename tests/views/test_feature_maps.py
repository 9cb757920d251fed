"""The dock "Feature maps", driven by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt

from napari_twinscope.rig.feature_maps import map_pixels
from napari_twinscope.rig.session_maps import shown_map
from napari_twinscope.views.arrangement import close_dock, open_dock
from napari_twinscope.views.bench import bench_of

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click

STAGE = "recurrent_out"
PATIENCE = 120_000  # milliseconds


@pytest.fixture
def maps(docks, qtbot):
    page = open_dock(docks[0].bench.viewer, "Feature maps")
    qtbot.waitUntil(lambda: page.grid.has_pictures, timeout=PATIENCE)
    qtbot.wait(300)  # the dock finds its size
    settled(page, qtbot)
    return page


def of_channels(session, *places):
    """Return two units of each of these channels, counted among those of which two were recorded."""
    channel = session.units()["channel"].to_numpy()
    found, counts = np.unique(channel, return_counts=True)
    numbers = found[counts >= 2][list(places)]
    return numbers, [np.flatnonzero(channel == number)[:2] for number in numbers]


def settled(maps, qtbot):
    qtbot.waitUntil(lambda: not maps._later.isActive(), timeout=PATIENCE)


def test_maps_follow_selection_time_and_pages_and_say_how_many_there_are(maps, qtbot):
    session, grid = maps.session, maps.grid
    recorded = len(np.unique(session.units()["channel"]))
    assert f"all {recorded} recorded" in maps.title.text()
    seen = [one.channel for one in grid.page]
    while maps.forth.isEnabled():
        qtbot.mouseClick(maps.forth, Qt.MouseButton.LeftButton)
        settled(maps, qtbot)
        seen += [one.channel for one in grid.page]
    assert seen == sorted(np.unique(session.units()["channel"]))  # every map on one page, none twice
    numbers, units = of_channels(session, 1, 4, 6)
    session.selection.apply(STAGE, np.concatenate(units))
    count = session.selection.count(STAGE)
    settled(maps, qtbot)
    assert [one.channel for one in grid.page] == numbers.tolist()
    assert (
        maps.title.text() == f"{STAGE}: {count} selected units are on 3 of {recorded} recorded feature maps"
    )
    assert maps.page_label.text() == "all 3 shown"
    maps.bench.show_frame((1, 2), 7)
    qtbot.waitUntil(lambda: grid.has_pictures and "0.23 s" in maps.moment.text(), timeout=PATIENCE)
    stored = maps.bench.source.lookup(shown_map(session), (1, 2))
    assert stored is not None
    pixels = map_pixels(maps.bench.source._cache.get((STAGE, (1, 2)))[7, numbers[1]], maps.shown.style)
    picture = grid._pictures[1]
    shown = np.array(
        [[picture.pixelColor(x, y).getRgb() for x in range(picture.width())] for y in range(picture.height())]
    )
    np.testing.assert_array_equal(shown, pixels)


def test_a_click_shows_the_map_over_the_movie_and_one_on_a_ring_picks_the_unit(maps, qtbot):
    session, grid = maps.session, maps.grid
    numbers, units = of_channels(session, 2, 5)
    session.selection.apply(STAGE, np.concatenate(units))
    session.show_map = False
    settled(maps, qtbot)
    free = [
        x for x in range(4, int(grid.layout_of_page.width), 4) if grid._under(_point(grid, 1, x))[1] is None
    ]
    click(grid, _at(grid, 1, free[0]))
    assert (session.channel, session.show_map) == (numbers[1], True)
    wanted = int(units[0][1])
    x, y = grid.unit_place(wanted)
    click(grid, (x, y), Qt.KeyboardModifier.ShiftModifier)
    settled(maps, qtbot)
    assert session.picked_unit() == session.selection.key(STAGE, wanted)
    assert session.selection.count(STAGE) == 4
    assert grid.marks.picked == wanted
    click(grid, (x, y))
    settled(maps, qtbot)
    assert session.selection.indices(STAGE).tolist() == [wanted]
    session.selection.undo()
    settled(maps, qtbot)
    assert len(grid.page) == 2


def test_units_that_are_not_selected_are_marked_and_a_click_selects_them(maps, qtbot):
    session, grid = maps.session, maps.grid
    one = next(one for one in grid.page if len(one.others) >= 2)
    first, second = (int(unit) for unit in one.others[:2])

    def selected():
        return session.selection.indices(STAGE).tolist()

    click(grid, grid.unit_place(first))
    settled(maps, qtbot)
    assert selected() == [first]
    assert session.picked_unit() == session.selection.key(STAGE, first)
    assert session.channel == one.channel
    click(grid, grid.unit_place(second), Qt.KeyboardModifier.ShiftModifier)
    settled(maps, qtbot)
    assert selected() == sorted([first, second])
    click(grid, grid.unit_place(first), Qt.KeyboardModifier.AltModifier)
    settled(maps, qtbot)
    assert selected() == [second]
    assert len(grid.page) == 1
    maps.every.setChecked(True)
    assert len(maps.shown.maps) == maps.shown.recorded
    far = next(unit for other in grid.page if other.channel != one.channel for unit in other.others.tolist())
    click(grid, grid.unit_place(far), Qt.KeyboardModifier.ShiftModifier)
    assert selected() == sorted([second, far])


def test_a_second_viewer_and_a_second_recording_have_maps_of_their_own(
    maps, recording, qtbot, make_napari_viewer
):
    first, shown = maps.session, maps.shown
    other = make_napari_viewer(show=True)
    bench_of(other).open(recording)
    page = open_dock(other, "Feature maps")
    qtbot.waitUntil(lambda: page.grid.has_pictures, timeout=PATIENCE)
    page.session.selection.apply(STAGE, [0])
    page.bench.show_frame((0, 0), 3)
    assert (first.selection.count(STAGE), first.frame, maps.shown) == (0, 0, shown)
    assert len(page.grid.page) == 1
    maps.turn(1)
    assert maps.first > 0
    first.selection.apply(STAGE, [1, 2])
    maps.bench.open(recording)
    qtbot.waitUntil(lambda: maps.grid.has_pictures, timeout=PATIENCE)
    assert "no unit is selected" in maps.title.text()
    assert (page.session.selection.count(STAGE), page.session.frame) == (1, 3)


def _at(grid, place, x):
    left, top = grid.layout_of_page.corner(place)
    return left + 1 + x, top + 1 + grid.layout_of_page.height / 2


def _point(grid, place, x):
    return QPointF(*_at(grid, place, x))


def test_the_keyboard_goes_from_map_to_map_and_plays_the_movie(maps, qtbot):
    session, grid = maps.session, maps.grid
    session.channel = grid.page[0].channel
    settled(maps, qtbot)
    maps.window().activateWindow()
    qtbot.waitUntil(maps.window().isActiveWindow)
    grid.setFocus()
    frame = session.frame
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert (session.channel, session.frame) == (grid.page[1].channel, frame)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert maps.bench.playback.playing
    moments = set()

    def is_played():
        moments.add(maps.moment.text())
        return len(moments) > 2

    qtbot.waitUntil(is_played, timeout=PATIENCE)
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert not maps.bench.playback.playing


def test_a_hidden_dock_does_nothing_and_catches_up(maps, qtbot):
    session, viewer = maps.session, maps.bench.viewer
    open_dock(viewer, "Manifold")
    qtbot.waitUntil(lambda: not maps.isVisible(), timeout=PATIENCE)
    session.show_map = False
    before = maps.shown
    session.selection.apply(STAGE, [0])
    maps.bench.show_frame((0, 3), 5)
    qtbot.wait(150)
    assert maps.shown is before
    assert maps.bench.source.lookup(shown_map(session), (0, 3)) is None  # nobody sees maps: none is computed
    open_dock(viewer, "Feature maps")
    qtbot.waitUntil(lambda: len(maps.grid.page) == 1 and maps.grid.has_pictures, timeout=PATIENCE)


def test_picking_a_unit_marks_it_without_drawing_the_maps_again(maps, qtbot, monkeypatch):
    session = maps.session
    session.selection.apply(STAGE, [0, 1, 2])
    settled(maps, qtbot)
    pictures = []
    monkeypatch.setattr(maps.grid, "show_values", pictures.append)
    session.selection.apply(STAGE, [2], "add", picked=2, tool="pick")
    assert maps.grid.marks.picked == 2
    assert not pictures


def test_no_map_of_another_condition_is_shown_while_one_is_computed(maps, qtbot):
    maps.bench.show_frame((1, 3), 2)
    settled(maps, qtbot)
    there = maps.bench.source.lookup(shown_map(maps.session), (1, 3)) is not None
    assert maps.grid.has_pictures == there
    assert ("computing" in maps.moment.text()) != there
    qtbot.waitUntil(lambda: maps.grid.has_pictures, timeout=PATIENCE)
    assert "computing" not in maps.moment.text()


def test_stages_without_maps_are_explained_and_the_view_is_kept(maps, qtbot):
    session = maps.session
    maps.order.setCurrentIndex(1)
    state = maps.view_state()
    session.show_stage("output")
    settled(maps, qtbot)
    assert maps.pages.currentWidget() is maps.hint
    session.show_stage(STAGE)
    maps.order.setCurrentIndex(0)
    maps.restore_view(state)
    qtbot.waitUntil(lambda: maps.grid.has_pictures, timeout=PATIENCE)
    assert maps.view_state() == state
    close_dock(maps.bench.viewer, "Feature maps")
    session.selection.apply(STAGE, [1])  # nobody is left who could fail


def test_maps_that_cannot_be_recomputed_say_why(maps, qtbot, monkeypatch):
    from napari_twinscope.views import bench

    monkeypatch.setattr(bench, "show_error", lambda *_: None)

    def fail(*_):
        raise RuntimeError("the weights are gone")

    monkeypatch.setattr(maps.bench.source, "compute", fail)
    maps.session.show_map = False
    maps.bench.show_frame((0, 2), 0)
    qtbot.waitUntil(lambda: maps.pages.currentWidget() is maps.hint, timeout=PATIENCE)
    assert "weights are gone" in maps.hint._text.text()
    maps.bench.show_frame((0, 0), 0)  # of which the maps are there
    qtbot.waitUntil(lambda: maps.grid.has_pictures and maps.grid.isVisible(), timeout=PATIENCE)


ARROWS = (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Up)
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def keyboard(maps, qtbot):
    """Feature maps that the keyboard acts on."""
    maps.window().activateWindow()
    qtbot.waitUntil(maps.window().isActiveWindow, timeout=PATIENCE)
    maps.grid.setFocus()
    return maps


def enter(maps, qtbot, least=2):
    """Go to the units of the first map with so many of them; return the map."""
    one = next(one for one in maps.grid.page if one.recorded >= least)
    maps.session.channel = one.channel
    settled(maps, qtbot)
    qtbot.keyClick(maps.grid, Qt.Key.Key_Return)
    return one


def chosen(maps):
    return maps.session.selection.indices(STAGE).tolist()


def to_another_unit(grid, qtbot):
    """Move the cursor to another unit, in whatever direction there is one; return it."""
    first, _ = grid.under_cursor
    for arrow in ARROWS:
        qtbot.keyClick(grid, arrow, CTRL)
        if grid.under_cursor[0] != first:
            return grid.under_cursor[0]
    raise AssertionError("no other unit was reached")


def test_keys_move_a_cursor_over_a_map_and_pick_units_as_clicks_do(keyboard, qtbot):
    maps, session, grid = keyboard, keyboard.session, keyboard.grid
    without = grid.grab().toImage()
    one = enter(maps, qtbot)
    assert grid.grab().toImage() != without
    first, value = grid.under_cursor
    cursor = grid.keys.cursor
    assert first in one.others.tolist()
    known = maps.bench.source.lookup(shown_map(session), session.condition)
    assert value == known[session.frame][cursor.row, cursor.column]
    assert "a unit, not selected · Space selects it" in maps.where.text()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    settled(maps, qtbot)
    assert (chosen(maps), session.picked_unit()) == ([first], session.selection.key(STAGE, first))
    assert not maps.bench.playback.playing
    assert len(grid.page) == 1  # only the map of the selected unit is left, and the cursor is still there
    assert (grid.keys.cursor, grid.under_cursor[0]) == (cursor, first)
    assert "a selected unit" in maps.where.text()
    second = to_another_unit(grid, qtbot)
    qtbot.keyClick(grid, Qt.Key.Key_Return, SHIFT)
    assert chosen(maps) == sorted([first, second])
    qtbot.keyClick(grid, Qt.Key.Key_Space, ALT)
    assert chosen(maps) == [first]
    qtbot.keyClick(grid, Qt.Key.Key_Z, CTRL)
    assert chosen(maps) == sorted([first, second])
    session.selection.group(STAGE, "by keys")
    assert [step.tool for step in session.selection.groups["by keys"].made] == ["pick", "pick"]
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.keys.cursor is None
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert maps.bench.playback.playing
    qtbot.keyClick(grid, Qt.Key.Key_Space)


def test_the_cursor_goes_cell_by_cell_and_to_the_maps_of_other_pages(keyboard, qtbot):
    maps, grid = keyboard, keyboard.grid
    maps.window().resize(1000, 700)
    qtbot.wait(50)
    settled(maps, qtbot)
    enter(maps, qtbot, least=1)
    frame, at = maps.session.frame, grid.keys.cursor
    rows, columns = maps.shown.grid
    for arrow, (down, across) in zip(ARROWS, ((0, 1), (0, -1), (1, 0), (-1, 0)), strict=True):
        before = grid.keys.cursor
        qtbot.keyClick(grid, arrow)
        after = grid.keys.cursor
        assert after.row == min(max(before.row + down, 0), rows - 1)
        assert after.column == min(max(before.column + across, 0), columns - 1)
    assert maps.session.frame == frame
    numbers = [one.channel for one in maps.shown.maps]
    place = numbers.index(at.channel)
    while numbers.index(grid.keys.cursor.channel) < len(numbers) - 1:
        qtbot.keyClick(grid, Qt.Key.Key_PageDown)
        place += 1
        cursor = grid.keys.cursor
        assert (cursor.channel, cursor.row, cursor.column) == (numbers[place], *_cell(after))
        assert grid.pointed is not None  # on the page that is shown
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert grid.keys.cursor == cursor
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.keys.cursor.channel == numbers[-2]
    maps.turn(-1)  # as by the wheel
    assert grid.keys.cursor is None


def _cell(cursor):
    return cursor.row, cursor.column


def test_a_cursor_whose_map_goes_stays_on_one_that_is_shown_and_on_no_other_stage(keyboard, qtbot):
    maps, session, grid = keyboard, keyboard.session, keyboard.grid
    numbers, units = of_channels(session, 1, 3)
    session.selection.apply(STAGE, [units[0][0], units[1][0]])
    session.channel = int(numbers[1])
    settled(maps, qtbot)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.under_cursor[0] == units[1][0]
    qtbot.keyClick(grid, Qt.Key.Key_Space, ALT)
    settled(maps, qtbot)
    assert chosen(maps) == [units[0][0]]
    assert grid.keys.cursor.channel == numbers[0]
    session.show_stage("output")
    settled(maps, qtbot)
    assert grid.keys.cursor is None
    assert maps.where.text() == ""


def test_a_click_or_the_tab_key_puts_the_cursor_away(keyboard, qtbot):
    maps, grid = keyboard, keyboard.grid
    enter(maps, qtbot)
    click(grid, (2, 2))
    assert grid.keys.cursor is None
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.keys.cursor is not None
    qtbot.keyClick(grid, Qt.Key.Key_Tab)
    assert not grid.hasFocus()
    assert grid.keys.cursor is None
