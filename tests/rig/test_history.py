from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.rig.history import History


class Counter:
    """A part with one number."""

    def __init__(self, history):
        self.value, self.restored = 0, []
        self._history = history
        history.watch(self)

    def become(self, value):
        self.value = value
        self._history.record(f"became {value}")

    def state(self):
        return self.value

    def restore(self, state):
        self.value = state
        self.restored.append(state)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3))))
def test_undo_is_the_inverse_of_every_step(done):
    history = History()
    parts = Counter(history), Counter(history)
    seen = [(0, 0)]
    for which, value in done:
        parts[which].become(value)
        now = tuple(part.value for part in parts)
        if now != seen[-1]:
            seen.append(now)
    for earlier in reversed(seen[:-1]):
        history.undo()
        assert tuple(part.value for part in parts) == earlier
    assert history.undo_label is None


def test_a_step_that_changes_nothing_is_none():
    history = History()
    part = Counter(history)
    part.become(0)
    assert history.undo() is None


def test_a_new_action_cuts_off_what_could_be_done_again():
    history = History()
    part = Counter(history)
    for value in (1, 2, 3):
        part.become(value)
    history.undo()
    history.undo()
    assert history.redo_label == "became 2"
    part.become(7)
    assert history.redo() is None
    assert history.undo_label == "became 7"


def test_all_that_happens_within_one_action_is_one_step():
    history = History()
    part = Counter(history)
    with history.one_step("a drag"):
        for value in range(50):
            part.become(value)
        with history.one_step("inside"):
            part.become(99)
    assert history.undo() == "a drag"
    assert part.value == 0
    assert history.undo() is None


def test_an_action_that_fails_half_way_can_be_undone():
    history = History()
    part = Counter(history)
    try:
        with history.one_step("a drag"):
            part.become(5)
            raise RuntimeError
    except RuntimeError:
        pass
    history.undo()
    assert part.value == 0


def test_a_thousand_steps_are_kept():
    history = History()
    part = Counter(history)
    for value in range(1, 1001):
        part.become(value)
    steps = 0
    while history.undo():
        steps += 1
    assert (steps, part.value) == (1000, 0)


def test_every_move_along_the_line_is_announced():
    history = History()
    part = Counter(history)
    heard = []
    history.changed.connect(lambda: heard.append(history.undo_label))
    part.become(1)
    history.undo()
    history.redo()
    history.forget()
    assert heard == ["became 1", None, "became 1", None]
    assert history.undo() is None
