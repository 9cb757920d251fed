"""While a job runs, cycles are collected in the main thread alone, where Qt objects may be destroyed."""

from __future__ import annotations

import gc
import threading
import weakref

from napari_twinscope.rig import Job
from napari_twinscope.views.background import Background
from napari_twinscope.views.threads import threads


class Ring:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self):
        self.me = self


def many_rings(end):
    while not end.wait(0.001):
        [Ring() for _ in range(1000)]


def test_cycles_are_collected_in_the_main_thread_and_python_goes_on_afterwards(qtbot):
    threads, end, outcomes = set(), threading.Event(), []

    def noted(*_):
        threads.add(threading.current_thread())

    background = Background()
    qtbot.waitUntil(gc.isenabled, timeout=5000)
    gc.callbacks.append(noted)
    try:
        background.start(Job("Rings", lambda _: many_rings(end)), outcomes.append)
        ring = weakref.ref(Ring())
        qtbot.waitUntil(lambda: ring() is None, timeout=5000)
    finally:
        end.set()
        gc.callbacks.remove(noted)
    assert threads == {threading.main_thread()}
    qtbot.waitUntil(lambda: bool(outcomes) and gc.isenabled(), timeout=5000)


def test_two_jobs_at_once_are_both_waited_for(qtbot):
    background, ends, outcomes = Background(), [threading.Event(), threading.Event()], []
    qtbot.waitUntil(gc.isenabled, timeout=5000)
    for end in ends:
        background.start(Job("Waiting", lambda _, end=end: end.wait(5)), outcomes.append)
    ends[0].set()
    qtbot.waitUntil(lambda: len(outcomes) == 1, timeout=5000)
    assert not gc.isenabled()
    ends[1].set()
    qtbot.waitUntil(gc.isenabled, timeout=5000)


def test_a_script_that_goes_on_after_the_window_was_closed_is_left_no_paused_collector(qtbot):
    """When Qt's application ends no event tells any more that a job has ended."""
    background, begun, outcomes = Background(), threading.Event(), []

    def work(progress):
        begun.set()
        while not progress.canceled:
            pass

    qtbot.waitUntil(gc.isenabled, timeout=5000)
    background.start(Job("Recording", work), outcomes.append)
    qtbot.waitUntil(begun.is_set, timeout=5000)
    threads().stop()  # as the end of the application does
    assert gc.isenabled()
    assert outcomes == []
    qtbot.waitUntil(lambda: bool(outcomes), timeout=5000)  # where the loop goes on it is told even so
    assert gc.isenabled()
