"""The whole window by keyboard alone: every dock, everything in it, and the deeds of a first sitting."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from qtpy.compat import isalive
from qtpy.QtCore import Qt, QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollBar,
    QWidget,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.views.arrangement import dock_names, open_all, open_another
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dialogs import ErrorDialog
from napari_twinscope.views.fold import Fold
from napari_twinscope.views.report_dialog import ReportDialog
from napari_twinscope.views.roles import find_layer
from napari_twinscope.views.window_state import open_pages

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
PATIENCE = 120_000  # milliseconds
STOPS = 600  # more than the window has
USED = (
    QAbstractButton,
    QComboBox,
    QAbstractSpinBox,
    QAbstractSlider,
    QLineEdit,
    QAbstractItemView,
    QAbstractScrollArea,  # plots of pyqtgraph too
    QOpenGLWidget,
)
INNER = (QAbstractSpinBox, QComboBox, QLineEdit)  # whose own parts have no stop of their own


def press(key, modifiers=NONE):
    """Press a key wherever the keyboard is."""
    receiver = QApplication.focusWidget()
    assert receiver is not None, "the keyboard is nowhere"
    QTest.keyClick(receiver, key, modifiers)


def type_text(text):
    QTest.keyClicks(QApplication.focusWidget(), text)


def tab_to(wanted, key=Qt.Key.Key_Tab, modifiers=NONE):
    """Press Tab until the keyboard is where it is wanted."""
    for _ in range(STOPS):
        if QApplication.focusWidget() is wanted:
            return
        press(key, modifiers)
    raise AssertionError(f"Tab does not reach {described(wanted)}")


def within(page):
    focused = QApplication.focusWidget()
    return focused is not None and (focused is page or page.isAncestorOf(focused))


def go_to(page, qtbot):
    """Press F6 until the keyboard is in a dock."""
    for _ in range(30):
        if within(page):
            return
        before = QApplication.focusWidget()
        press(Qt.Key.Key_F6)
        qtbot.waitUntil(lambda before=before: QApplication.focusWidget() is not before, timeout=PATIENCE)
    raise AssertionError(f"F6 does not reach {page.name}")


def command(text, qtbot):
    """Do something by the command palette."""
    press(Qt.Key.Key_P, CTRL | SHIFT)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit), timeout=PATIENCE)
    type_text(text)
    press(Qt.Key.Key_Return)


def spoken(widget):
    """Return what a screen reader can say of a widget: its own name, its label or the words on it."""
    labels = widget.window().findChildren(QLabel)
    buddies = [label.text() for label in labels if label.buddy() is widget]
    words = widget.text() if isinstance(widget, QAbstractButton) else ""
    return " ".join([widget.accessibleName(), *buddies, words.replace("&", "")]).strip()


def described(widget):
    above = type(widget.parent()).__name__
    return f"{type(widget).__name__} {spoken(widget)!r} {widget.toolTip()[:40]!r} in {above}"


def is_inner(widget):
    """Return whether a widget is a part of another one, or none that anybody uses."""
    parent = widget.parent()
    header = isinstance(widget, (QScrollBar, QHeaderView))
    part = isinstance(parent, INNER) or (
        isinstance(parent, QWidget) and isinstance(parent.parent(), QComboBox)
    )
    return header or part or widget.objectName().startswith("qt_")


def used(page):
    """Return everything in a page that hands can use, whether or not it can be seen now."""
    found = [widget for widget in page.findChildren(QWidget) if isinstance(widget, USED) or _painted(widget)]
    return [widget for widget in found if not is_inner(widget) and not _of_napari(widget, page)]


def _painted(widget):
    """Return whether it is one of our own that takes clicks."""
    kind = type(widget)
    ours = kind.__module__.startswith("napari_twinscope")
    return ours and any(name in vars(kind) for name in ("mousePressEvent", "mouseReleaseEvent"))


def _of_napari(widget, page):
    """Return whether it is within napari's own viewer in a page, other than its canvas."""
    parent = widget.parent()
    while parent is not None and parent is not page:
        if type(parent).__module__.startswith("napari."):
            return not isinstance(widget, QOpenGLWidget)
        parent = parent.parent()
    return False


def takes_tab(widget):
    return widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus


def open_everything(page):
    """Unfold all that is folded."""
    for fold in page.findChildren(Fold):
        fold.set_open(True)
    for button in page.findChildren(QAbstractButton):
        if button.isCheckable() and button.text() in ("Options", "More", "Range", "Ball"):
            button.setChecked(True)


def main_canvas(viewer):
    return viewer.window._qt_window.centralWidget().findChildren(QOpenGLWidget)[0]


@pytest.fixture
def window(viewer, qtbot):
    """A window that is active, its keyboard on the main canvas; a fixture must not hold it."""
    viewer.window._qt_window.activateWindow()
    qtbot.waitUntil(viewer.window._qt_window.isActiveWindow, timeout=PATIENCE)
    main_canvas(viewer).setFocus()


@pytest.fixture
def pages(viewer, window, recording, qtbot):  # noqa: ARG001
    """All docks, with a recording in them."""
    open_all(viewer)
    bench_of(viewer).open(recording)
    open_another(viewer)
    pages = open_pages(viewer)
    qtbot.waitUntil(lambda: pages["Manifold"].cloud.layer is not None, timeout=PATIENCE)
    session = bench_of(viewer).session
    session.selection.apply(session.stage, range(12))
    qtbot.wait(200)
    yield pages
    pages.clear()


def test_whatever_hands_can_use_has_a_name_and_a_stop_of_the_tab_key(pages, qtbot):
    assert set(pages) == set(dock_names())
    mute, deaf, missed = [], [], []
    for name, page in pages.items():
        go_to(page, qtbot)
        qtbot.waitUntil(page.isVisible, timeout=PATIENCE)
        open_everything(page)
        qtbot.wait(50)
        parts = used(page)
        assert parts, name
        mute += [f"{name}: {described(part)}" for part in parts if not any(map(str.isalpha, spoken(part)))]
        deaf += [f"{name}: {described(part)}" for part in parts if not takes_tab(part)]
        wanted = {part for part in parts if part.isVisible() and part.isEnabled() and takes_tab(part)}
        missed += [f"{name}: {described(part)}" for part in wanted - stops(page)]
    assert not mute, "without a name:\n" + "\n".join(mute)
    assert not deaf, "without a stop:\n" + "\n".join(deaf)
    assert not missed, "Tab never comes to:\n" + "\n".join(missed)


@pytest.fixture(params=["known", "unknown", "report"])
def dialog(request, qtbot):
    """A dialog of ours, its window active."""
    dropped = pd.DataFrame({"unit_id": ["a:1", "a:2"], "reason": ["silent"] * 2, "duplicate_of": [""] * 2})
    dialog = {
        "known": lambda: ErrorDialog("Fitting", InvalidInput("It does not fit.", given="a square")),
        "unknown": lambda: ErrorDialog("Fitting", KeyError("x")),
        "report": lambda: ReportDialog(SimpleNamespace(stage="a", report=lambda: "said", dropped=dropped)),
    }[request.param]()
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=PATIENCE)
    holder = [dialog]
    del dialog
    yield holder
    if holder:
        holder.pop().close()


def test_tab_leads_through_a_dialog_whose_parts_have_names(dialog):
    parts, found = used(dialog[0]), set()
    for _ in range(2 * len(parts)):
        found.add(QApplication.focusWidget())
        press(Qt.Key.Key_Tab)
    assert found == {part for part in parts if part.isVisible()}
    assert all(any(map(str.isalpha, spoken(part))) for part in parts)


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_a_dialog_that_tells_something_is_put_away_by_a_key(dialog, key, qtbot):
    told = dialog.pop()
    press(key)
    qtbot.waitUntil(lambda: not isalive(told), timeout=PATIENCE)


def stops(page):
    """Return where Tab stops in a page until it leaves it, and Shift+Tab on the way back to the other end.

    Not all the way around the window: napari's sliders never let Tab go on to what follows them.
    """
    found = set()
    for key, modifiers, back in ((Qt.Key.Key_Tab, NONE, SHIFT), (Qt.Key.Key_Backtab, SHIFT, NONE)):
        for _ in range(STOPS):
            if not within(page):
                break
            found.add(QApplication.focusWidget())
            press(key, modifiers)
        else:
            raise AssertionError(f"Tab is caught at {described(QApplication.focusWidget())}")
        press(Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab, back)
    return found


@pytest.mark.usefixtures("window")
def test_a_first_sitting_needs_no_mouse(viewer, qtbot):
    command("Open all docks", qtbot)
    qtbot.waitUntil(lambda: "Rig" in open_pages(viewer), timeout=PATIENCE)
    pages = open_pages(viewer)
    session = bench_of(viewer).session
    rig, manifold, units = (pages[name] for name in ("Rig", "Manifold", "Units"))
    go_to(rig, qtbot)
    tab_to(rig.sample_button)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: manifold.cloud.layer is not None, timeout=PATIENCE)
    select_by_the_range_of_a_measure(manifold, qtbot)
    name_the_selection_and_take_it_back(manifold, qtbot)
    pick_units_of_a_table(units, viewer, qtbot)
    play_and_step(pages["Responses"], qtbot)
    open_the_export_menu(pages["Responses"], qtbot)
    pick_a_unit_of_a_map(pages["Feature maps"], session, qtbot)
    go_around(pages, main_canvas(viewer), qtbot)
    step_by_napari_s_keys(viewer)
    pages.clear()


def select_by_the_range_of_a_measure(manifold, qtbot):
    session, tools = manifold.session, manifold.tools
    go_to(manifold, qtbot)
    tab_to(manifold.stage_choice, Qt.Key.Key_Backtab, SHIFT)
    stage, measure = session.stage, session.measure
    press(Qt.Key.Key_Up)
    assert session.stage != stage
    qtbot.waitUntil(lambda: session.look.is_ready, timeout=PATIENCE)
    while session.stage != "recurrent_out":
        press(Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: session.look.is_ready, timeout=PATIENCE)
    tab_to(manifold.measure_choice)
    press(Qt.Key.Key_Down)
    assert session.measure != measure
    for key, tool in ((Qt.Key.Key_B, "box"), (Qt.Key.Key_L, "lasso"), (Qt.Key.Key_P, "pick")):
        press(key)
        assert tools.chosen[0] == tool
    press(Qt.Key.Key_R)
    tab_to(tools.range_panel.percent)
    press(Qt.Key.Key_Up)
    tab_to(tools.range_panel.take)
    press(Qt.Key.Key_Space)
    assert session.selection.count(session.stage) > 1


def name_the_selection_and_take_it_back(manifold, qtbot):
    selection = manifold.session.selection
    press(Qt.Key.Key_G, CTRL)
    type_text("uppermost")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: selection.groups.names == ("uppermost",), timeout=PATIENCE)
    count, steps = selection.count(manifold.session.stage), 0
    while selection.history.undo_label is not None:
        press(Qt.Key.Key_Z, CTRL)
        steps += 1
    assert steps >= 2
    assert (len(selection.groups), selection.count(manifold.session.stage)) == (0, 0)
    for _ in range(steps):
        press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert selection.groups.names == ("uppermost",)
    assert selection.count(manifold.session.stage) == count


def pick_units_of_a_table(units, viewer, qtbot):
    """Select rows; the unit that is found and picked stands out on the movie and in three dimensions."""
    session = units.session
    go_to(units, qtbot)
    qtbot.waitUntil(lambda: units.table is not None, timeout=PATIENCE)
    tab_to(units.rows)
    press(Qt.Key.Key_Home)
    press(Qt.Key.Key_Down, SHIFT)
    assert session.selection.indices(session.stage).tolist() == sorted(units.model.rows[:2].tolist())
    press(Qt.Key.Key_Right)
    for rising in (True, False):
        press(Qt.Key.Key_S)
        values = units.table.columns[1].values[units.model.rows]
        assert values.tolist() == sorted(values.tolist(), reverse=not rising)
    wanted = len(units.model.rows) // 2
    press(Qt.Key.Key_F, CTRL)
    type_text(str(session.selection.known(session.stage)[wanted]))
    press(Qt.Key.Key_Return)
    tab_to(units.rows)
    press(Qt.Key.Key_Space)
    assert session.selection.indices(session.stage).tolist() == [wanted]
    manifold = open_pages(viewer)["Manifold"]
    go_to(manifold, qtbot)
    qtbot.waitUntil(manifold.isVisible, timeout=PATIENCE)
    for layer in (find_layer(viewer, "units"), manifold.cloud.layer):
        assert np.argmax(layer.size) == wanted


def play_and_step(responses, qtbot):
    session, bar = responses.session, responses.time_bar
    go_to(responses, qtbot)
    frame = session.frame
    tab_to(bar.on_button)
    press(Qt.Key.Key_Space)
    assert session.frame == frame + 1
    press(Qt.Key.Key_Right)
    assert session.frame == frame + 2
    tab_to(bar.play_button, Qt.Key.Key_Backtab, SHIFT)
    press(Qt.Key.Key_Space)
    assert bar.playback.playing
    press(Qt.Key.Key_Space)
    assert not bar.playback.playing


def open_the_export_menu(page, qtbot):
    seen = []

    def look():
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            seen.extend(action.text() for action in menu.actions())
            QTest.keyClick(menu, Qt.Key.Key_Escape)

    tab_to(page.export_button)
    QTimer.singleShot(200, look)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE)
    assert "Responses as figure …" in seen


def pick_a_unit_of_a_map(maps, session, qtbot):
    go_to(maps, qtbot)
    qtbot.waitUntil(lambda: maps.grid.isVisible() and bool(maps.grid.page), timeout=PATIENCE)
    tab_to(maps.grid)
    press(Qt.Key.Key_Return)
    unit, _ = maps.grid.under_cursor
    press(Qt.Key.Key_Space, ALT)
    assert unit not in session.selection.indices(session.stage)
    press(Qt.Key.Key_Z, CTRL)
    assert unit in session.selection.indices(session.stage)


def go_around(pages, canvas, qtbot):
    """F6 comes to every dock, and Shift+F6 goes the other way round."""
    for key in ((Qt.Key.Key_F6, NONE), (Qt.Key.Key_F6, SHIFT)):
        seen = []
        for _ in range(len(pages) + 1):
            before = QApplication.focusWidget()
            press(*key)
            qtbot.waitUntil(lambda b=before: QApplication.focusWidget() is not b, timeout=PATIENCE)
            seen += [name for name, page in pages.items() if within(page)]
        assert sorted(seen) == sorted(pages)
    for _ in range(len(pages) + 1):
        if canvas.hasFocus():
            break
        press(Qt.Key.Key_F6)
        qtbot.wait(50)
    assert canvas.hasFocus()


def step_by_napari_s_keys(viewer):
    session = bench_of(viewer).session
    before = (session.condition, session.frame)
    press(Qt.Key.Key_Right)
    assert (session.condition, session.frame) != before
