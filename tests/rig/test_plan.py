import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import PlanDraft, resolve_path, resolve_plan, resolve_protocol
from napari_twinscope.stimuli import protocol


def small_draft(**changes):
    settings = {
        "stages": ("retina", "output"),
        "protocol": "paper",
        "stimuli": ("LF-grating",),
        "directions": (0.0, 90.0),
        "instances": 1,
        "frames": 12,
        "rule": "uniform",
        "maps": 2,
        "units_per_map": 5,
    }
    return PlanDraft(**settings | changes)


def names():
    return protocol("paper").names


def test_a_draft_resolves_to_the_plan_it_describes():
    draft = small_draft(stimuli=names()[:2], seed=7, store_maps=("retina", "recurrent"))
    plan = resolve_plan(draft)
    assert plan.protocol.names == names()[:2]
    assert plan.protocol.shape == (2, 2, 1)
    assert plan.protocol.frames == 12
    assert set(plan.stages) == {"retina", "output"}
    assert plan.store_maps == ("retina",)
    assert plan.sampling.rule == "uniform"
    assert plan.seed == 7


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"stages": ()}, "at least one stage"),
        ({"stimuli": ()}, "at least one stimulus"),
        ({"directions": ()}, "at least one direction"),
        ({"protocol": "unheard of"}, "choose one of these"),
    ],
)
def test_what_is_missing_is_told_with_advice(change, advice):
    with pytest.raises(InvalidInput, match=advice):
        resolve_plan(small_draft(**{"stimuli": names()[:1]} | change))


def test_stimuli_of_a_subset_keep_the_order_of_the_protocol():
    draft = small_draft(stimuli=tuple(reversed(names()[:3])))
    assert resolve_protocol(draft).names == names()[:3]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "paper"),
        ({"directions": (0.0, 90.0)}, "paper (part)"),
        ({"instances": 1, "frames": 12}, "paper (part, 12 frames)"),
        ({"frames": 12}, "paper (12 frames)"),
        ({"instances": 4}, "paper (4 instances)"),
    ],
)
def test_the_name_of_a_protocol_says_what_differs(change, name):
    whole = protocol("paper")
    same = {
        "stimuli": whole.names,
        "directions": whole.directions,
        "instances": whole.instances,
        "frames": whole.frames,
    }
    assert resolve_protocol(small_draft(**same | change)).name == name


def test_changes_of_a_draft_are_announced():
    draft = small_draft()
    heard = []
    draft.events.connect(lambda info: heard.append(info.signal.name))
    draft.frames = 20
    draft.stages = ("output",)
    assert heard == ["frames", "stages"]


def test_a_recording_gets_its_suffix_and_needs_a_folder(tmp_path):
    assert resolve_path(PlanDraft(path=str(tmp_path / "one"))) == tmp_path / "one.twinscope.zarr"
    assert resolve_path(PlanDraft(path=str(tmp_path / "one.zarr"))) == tmp_path / "one.twinscope.zarr"
    with pytest.raises(InvalidInput, match="folder"):
        resolve_path(PlanDraft(path=str(tmp_path / "absent" / "one")))
    with pytest.raises(InvalidInput, match="no place"):
        resolve_path(PlanDraft())
