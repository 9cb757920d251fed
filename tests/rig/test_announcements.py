"""The model before stand-ins for views: what they are told, and what holds when they are told."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest

from napari_twinscope.rig.selection import Selection


@pytest.fixture
def selection():
    selection = Selection()
    selection.register("output", [f"output:0:{i}:0" for i in range(10)])
    selection.register("core", [f"core:0:{i}:0" for i in range(6)])
    return selection


def told(selection):
    """Connect a view to everything, and return what it is told."""
    view = Mock()
    selection.changed.connect(
        lambda stage: view.changed(stage, selection.indices(stage).tolist(), picked(selection))
    )
    selection.picked.connect(lambda key: view.picked(key and key.unit_id))
    selection.updated.connect(view.updated)
    selection.history.changed.connect(lambda: view.history(selection.history.undo_label))
    return view


def picked(selection):
    return selection.last_picked and selection.last_picked.unit_id


def names(view):
    return [name for name, *_ in view.method_calls]


def test_one_action_is_told_once_and_all_of_it_holds_then(selection):
    view = told(selection)
    selection.apply("output", [2, 3, 4], picked=3)
    view.changed.assert_called_once_with("output", [2, 3, 4], "output:0:3:0")
    view.picked.assert_called_once_with("output:0:3:0")
    assert names(view) == ["changed", "picked", "updated", "history"]


def test_what_changes_nothing_is_not_told(selection):
    selection.apply("output", [2, 3], picked=3)
    view = told(selection)
    selection.apply("output", [2, 3], picked=3)
    selection.apply("core", [], "add")
    selection.undo()
    selection.redo()
    assert names(view).count("changed") == 2  # of undo and redo


def test_a_view_that_draws_all_is_told_of_each_step_once(selection):
    selection.apply("output", [2, 3], picked=3)
    selection.apply("core", [1])
    view = told(selection)
    selection.apply("output", [2, 3], picked=2)  # the unit pointed at is all that differs
    assert names(view) == ["picked", "updated", "history"]
    selection.clear()
    assert names(view).count("updated") == 1 + 2  # a step with two stages in it
    selection.undo()
    assert names(view).count("updated") == 1 + 2 + 1


def test_undo_tells_of_every_stage_once_when_all_have_gone_back(selection):
    selection.apply("output", [1], picked=1)
    selection.apply("core", [2], picked=2)
    selection.clear()
    view = told(selection)
    seen = []
    selection.changed.connect(lambda _: seen.append((selection.count("output"), selection.count("core"))))
    selection.undo()
    assert sorted(call.args[0] for call in view.changed.mock_calls) == ["core", "output"]
    assert seen == [(1, 1), (1, 1)]


def test_a_view_that_fails_leaves_the_model_whole(selection):
    def fail(_):
        raise RuntimeError("a view broke")

    selection.changed.connect(fail)
    with pytest.raises(Exception, match="a view broke"):
        selection.apply("output", [1, 2])
    selection.changed.disconnect(fail)
    np.testing.assert_array_equal(selection.indices("output"), [1, 2])
    selection.apply("output", [5])
    assert selection.undo() is not None
    np.testing.assert_array_equal(selection.indices("output"), [1, 2])
