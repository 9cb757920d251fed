from __future__ import annotations

import gc
import threading
import weakref

import pytest
from qtpy.QtCore import QObject, Qt

from napari_twinscope.rig import Job
from napari_twinscope.rig.colors import Legend
from napari_twinscope.views.background import Background
from napari_twinscope.views.checklist import CheckList
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.legend import LegendView


def test_a_checklist_tells_what_is_checked_and_how_many(qtbot):
    names = CheckList("Stages")
    qtbot.addWidget(names)
    names.set_items([("a", "A", ""), ("b", "B", ""), ("c", "C", "")], ("a", "b"))
    assert names.checked() == ("a", "b")
    with qtbot.waitSignal(names.changed):
        names.list.item(2).setCheckState(Qt.CheckState.Checked)
    assert names.checked() == ("a", "b", "c")
    assert "3 of 3" in names._heading.text()


def test_a_box_shortens_long_names_in_the_middle_and_opens_as_wide_as_they_are(qtbot):
    names = [f"recurrent connections of the second block, {end}" for end in ("input", "output")]
    box = Combo()
    qtbot.addWidget(box)
    box.addItems(names)
    box.resize(160, box.sizeHint().height())
    box.show()
    box.setCurrentIndex(1)
    begin, _, end = box.shown_text.partition("…")
    assert names[1].startswith(begin)
    assert names[1].endswith(end)
    assert "output" in end
    box.showPopup()
    widest = max(box.fontMetrics().horizontalAdvance(name) for name in names)
    assert box.view().viewport().width() >= widest > box.width()
    box.hidePopup()
    box.resize(900, box.height())
    assert box.shown_text == names[1]


@pytest.mark.parametrize(
    "legend",
    [
        Legend("activity (a.u.)", (-1.0, 2.0), (), 0),
        Legend("stimulus", None, tuple((f"a long name {i}", "#E69F00") for i in range(8)), 3),
    ],
)
def test_a_legend_is_as_high_as_it_needs(qtbot, legend):
    view = LegendView()
    qtbot.addWidget(view)
    view.resize(300, 50)
    view.show()
    view.show_legend(legend)
    assert view.height() >= view.fontMetrics().height()
    wide = view.height()
    view.resize(120, 50)
    assert view.height() >= wide
    assert not view.grab().isNull()
    view.show_legend(None)
    assert view.height() == 0


def test_units_stay_where_they_are_while_colourings_are_compared(qtbot):
    view = LegendView()
    qtbot.addWidget(view)
    view.resize(120, 50)
    view.show()
    few = Legend("cluster", None, (("cluster 1", "#E69F00"),), 0)
    many = Legend("cluster", None, tuple((f"cluster {i}", "#E69F00") for i in range(10)), 0)
    view.show_legend(few)
    low = view.height()
    view.show_legend(many)
    high = view.height()
    view.show_legend(few)
    assert view.height() == high > low
    view.resize(300, high)
    assert view.height() == low


def test_an_outcome_is_not_delivered_after_stop(qtbot):
    background = Background()
    heard = []
    background.start(Job("one", lambda _: 1), heard.append)
    background.stop()
    qtbot.wait(200)
    assert heard == []
    background.start(Job("two", lambda _: 2), heard.append)
    qtbot.waitUntil(lambda: bool(heard), timeout=5_000)
    assert heard[0].value == 2


def test_the_thread_of_a_job_keeps_nobody_alive_who_waits_for_it(qapp):
    class Waiting:
        def hear(self, outcome):
            pass

    background, waiting, begun, end = Background(), Waiting(), threading.Event(), threading.Event()
    gone, running = weakref.ref(waiting), Job("long", lambda _: begun.set() or end.wait(20))
    background.start(running, waiting.hear)
    while not begun.wait(0.01):
        qapp.processEvents()
    # to a Qt object that is garbage Qt could be handing an event when Python collects it
    assert not isinstance(background, QObject)
    background.stop()
    del background, waiting
    gc.collect()
    try:
        assert gone() is None
    finally:
        end.set()


def test_cancel_in_the_activity_dock_stops_the_job(qtbot):
    background = Background()
    heard = []

    def work(progress):
        progress.begin(10, "steps")
        while not progress.canceled:
            pass
        return "stopped"

    background.start(Job("endless", work), heard.append, show=True)
    (awaited,) = background._running.values()
    awaited.bar.cancel()
    qtbot.waitUntil(lambda: bool(heard), timeout=5_000)
    assert heard[0].value == "stopped"
