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
