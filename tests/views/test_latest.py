"""Work that follows the hand: the newest question is answered, and no other."""

import threading
from functools import partial

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_twinscope.views.background import Background
from napari_twinscope.views.latest import Latest


def test_only_the_newest_answer_arrives(qtbot):
    gate, answers, worked = threading.Event(), [], []
    latest = Latest(Background(), "test")

    def work(number):
        def go(_):
            worked.append(number)
            gate.wait(10)
            return number

        return go

    for number in range(4):
        latest.ask(work(number), lambda outcome: answers.append(outcome.value))
        if number == 0:
            qtbot.waitUntil(lambda: worked == [0])
    assert latest.busy
    gate.set()
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [3]
    assert worked == [0, 3]  # those in between were never begun
    assert not latest.busy


def test_of_what_is_asked_at_once_only_the_last_is_worked_on(qtbot):
    answers, worked = [], []
    latest = Latest(Background(), "test")
    for number in range(3):
        latest.ask(lambda _, n=number: worked.append(n), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert worked == [2]


def test_what_is_forgotten_is_never_answered(qtbot):
    gate, answers = threading.Event(), []
    latest = Latest(Background(), "test")
    latest.ask(lambda _: gate.wait(10), answers.append)
    latest.ask(lambda _: 1, answers.append)
    latest.forget()
    gate.set()
    qtbot.waitUntil(lambda: not latest.busy)
    assert answers == []
    latest.ask(lambda _: 2, lambda outcome: answers.append(outcome.value))
    qtbot.waitUntil(lambda: answers == [2])


class Painted(QWidget):
    """Notes when it is painted."""

    def __init__(self, noted):
        super().__init__()
        self._noted = noted

    def paintEvent(self, _):  # noqa: N802
        self._noted.append("painted")


def test_an_answer_that_comes_in_time_is_painted_with_all_the_rest_and_comes_once_only(qtbot):
    noted = []
    latest, window = Latest(Background(), "test"), Painted(noted)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: noted == ["painted"])
    noted.clear()
    gate = threading.Event()
    latest.ask(lambda _: gate.wait(10), lambda _: noted.append("answered"), patience=10)
    window.update()
    noted.append("all was told")  # nothing waited until here
    gate.set()
    qtbot.waitUntil(lambda: len(noted) == 3)
    assert noted == ["all was told", "answered", "painted"]
    assert not latest.busy
    qtbot.wait(50)
    assert noted.count("answered") == 1


def test_what_is_asked_in_answer_to_an_event_begins_before_the_window_waits_for_it(qtbot):
    """As every gesture is; a thread that begins in the loop of events would begin after the wait."""
    noted = []
    latest, window = Latest(Background(), "test"), Painted(noted)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: noted == ["painted"])
    noted.clear()

    def gesture():
        latest.ask(lambda _: 1, lambda _: noted.append("answered"), patience=2)
        window.update()

    QTimer.singleShot(0, gesture)
    qtbot.waitUntil(lambda: len(noted) == 2)
    assert noted == ["answered", "painted"]


def test_the_threads_of_two_questions_run_while_the_window_waits_for_the_first(qtbot):
    background, gate, answers = Background(), threading.Event(), []
    first, second = Latest(background, "first"), Latest(background, "second")
    first.ask(lambda _: gate.wait(10), lambda outcome: answers.append(outcome.value), patience=10)
    second.ask(lambda _: gate.set(), lambda _: answers.append("second"), patience=10)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=5_000)
    assert answers == [True, "second"]


def test_nobody_waits_longer_than_said_nor_behind_an_older_question(qtbot):
    gate, answers = threading.Event(), []
    latest = Latest(Background(), "test")
    latest.ask(lambda _: gate.wait(10), lambda outcome: answers.append(outcome.value), patience=0.01)
    qtbot.wait(50)
    assert answers == []
    latest.ask(lambda _: 2, lambda outcome: answers.append(outcome.value), patience=1000)
    qtbot.wait(50)
    assert answers == []
    gate.set()
    qtbot.waitUntil(lambda: answers == [2])


def test_an_answer_that_is_stale_by_then_is_not_painted(qtbot):
    answers = []
    latest = Latest(Background(), "test")
    for number in range(3):
        latest.ask(
            lambda _, number=number: number, lambda outcome: answers.append(outcome.value), patience=10
        )
    qtbot.waitUntil(lambda: not latest.busy)
    assert answers == [2]
    latest.ask(lambda _: 3, lambda outcome: answers.append(outcome.value), patience=10)
    latest.forget()
    qtbot.waitUntil(lambda: not latest.busy)
    qtbot.wait(50)
    assert answers == [2]


def test_asking_does_not_print_what_is_worked_on(qtbot):
    """As a worker's name would, if it were made of all that a job holds; of many units that takes long."""

    class Responses:
        printed = False

        def __repr__(self):
            Responses.printed = True
            return "many numbers"

    latest, responses, answers = Latest(Background(), "test"), Responses(), []
    latest.ask(partial(lambda units, _: id(units), responses), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].value == id(responses)
    assert not Responses.printed
