"""Work that follows the hand: the newest question is answered, and no other."""

import threading

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
    qtbot.waitUntil(lambda: worked == [0])
    assert latest.busy
    gate.set()
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [3]
    assert worked == [0, 3]  # those in between were never begun
    assert not latest.busy


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


def test_an_answer_that_comes_in_time_is_there_at_once_and_once_only(qtbot):
    answers = []
    latest = Latest(Background(), "test")
    latest.ask(lambda _: 1, lambda outcome: answers.append(outcome.value), patience=10)
    assert answers == [1]  # although the window had no turn
    assert not latest.busy
    qtbot.wait(50)
    assert answers == [1]


def test_nobody_waits_longer_than_said_nor_behind_an_older_question(qtbot):
    gate, answers = threading.Event(), []
    latest = Latest(Background(), "test")
    latest.ask(lambda _: gate.wait(10), lambda outcome: answers.append(outcome.value), patience=0.01)
    assert answers == []
    latest.ask(lambda _: 2, lambda outcome: answers.append(outcome.value), patience=1000)
    assert answers == []
    gate.set()
    qtbot.waitUntil(lambda: answers == [2])
