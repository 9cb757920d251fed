from __future__ import annotations

import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.recording import Behaviour, RecordingPlan
from napari_twinscope.stimuli import protocol


def test_a_plan_survives_json(plan: RecordingPlan) -> None:
    assert RecordingPlan.from_json(plan.to_json()) == plan


def test_every_condition_is_in_exactly_one_task(plan: RecordingPlan) -> None:
    conditions = [condition for task in plan.tasks() for condition in task.conditions]
    grating, flow, flash = range(3)
    assert sorted(conditions) == [(grating, 0), (grating, 1), (flow, 0), (flow, 1), (flash, 0)]
    assert [task.row for task in plan.tasks()] == list(range(len(plan.tasks())))


def test_a_task_holds_at_most_a_batch_of_movies_or_one_condition(plan: RecordingPlan) -> None:
    assert [task.sequences for task in plan.tasks()] == [2, 2, 3]


def test_instances_that_are_identical_are_shown_once() -> None:
    six = RecordingPlan(protocol=protocol("paper-6"))
    gratings, flows = 2 * 8, 4 * 8 * 3
    assert six.sequences == gratings + flows


def test_the_task_table_names_stimuli_and_directions(plan: RecordingPlan) -> None:
    table = plan.task_table().splitlines()
    assert len(table) == 1 + len(plan.tasks())
    assert "grating at 0, 90 deg" in table[1]
    assert table[3].endswith("flow at 90 deg; flash")


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch": 0},
        {"batch": True},
        {"dtype": "int8"},
        {"seed": -1},
        {"stages": ("output", "output")},
        {"stages": ("output",), "store_maps": ("blocks0",)},
    ],
)
def test_impossible_plans_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        RecordingPlan(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "fast"])
def test_behaviour_that_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="treadmill is not a finite number"):
        Behaviour(treadmill=value)  # type: ignore[arg-type]
