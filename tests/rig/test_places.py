from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import EncodingOptions
from napari_twinscope.rig import Session
from napari_twinscope.rig.companion import Companion
from napari_twinscope.rig.encoding import Look, components_look
from napari_twinscope.rig.frame_activity import ONE_SCALE
from napari_twinscope.rig.places import select_same_places, units_at_same_places


@pytest.fixture
def make(recording):
    """Two stages on a grid of 3 x 4, one on a grid of 6 x 8, and read-out units."""

    class Stages(type(recording)):
        def __init__(self, name="made-up"):
            super().__init__(name)
            self.stages = ("recurrent_out", "recurrent", "fine", "output")

        def stage_info(self, stage):
            info = super().stage_info(stage)
            return {**info, "rows": 6, "columns": 8} if stage == "fine" else info

        def units(self, stage):
            table = super().units(stage)
            if stage == "fine":
                table = table.assign(row=table["row"] * 2 + 1, column=table["column"] * 2)
            return table

    return Stages


@pytest.fixture
def session(make):
    session = Session()
    session.open(make())
    return session


def test_units_of_any_feature_map_at_the_same_row_and_column_are_followed(session):
    units = session.units()
    session.selection.apply("recurrent_out", [5])
    row, column = units["row"][5], units["column"][5]
    found = units_at_same_places(session, "recurrent_out", "recurrent")
    expected = np.flatnonzero((units["row"] == row) & (units["column"] == column))
    np.testing.assert_array_equal(found, expected)
    assert len(found) == 2


@pytest.mark.parametrize(("one", "other"), [("recurrent_out", "fine"), ("fine", "recurrent_out")])
def test_grids_of_different_size_are_compared_on_the_coarser(session, one, other):
    session.show_stage(one)
    session.selection.apply(one, [3, 6])
    found = units_at_same_places(session, one, other)
    np.testing.assert_array_equal(found, [3, 6, 15, 18])


def test_following_is_one_step_that_says_how_it_was_made(session):
    session.selection.apply("recurrent_out", [0])
    assert select_same_places(session, "recurrent_out", "recurrent") == 2
    assert session.selection.indices("recurrent").tolist() == [0, 12]
    step = session.selection.made("recurrent")[-1]
    assert (step.tool, step.parameters) == ("same places", (("as in", "recurrent_out"),))
    session.selection.undo()
    assert session.selection.count("recurrent") == 0
    assert session.selection.count("recurrent_out") == 1


def test_what_has_no_place_cannot_be_followed(session):
    with pytest.raises(InvalidInput, match="no unit to follow"):
        select_same_places(session, "recurrent_out", "recurrent")
    session.selection.apply("recurrent_out", [0])
    with pytest.raises(InvalidInput, match="lie on no grid"):
        units_at_same_places(session, "recurrent_out", "output")
    with pytest.raises(InvalidInput, match="no such stage"):
        units_at_same_places(session, "recurrent_out", "nowhere")


def test_a_companion_looks_at_another_stage_with_the_same_selection(session):
    companion = Companion(session)
    other = companion.session
    assert other.recording is session.recording
    assert other.stage != session.stage
    other.selection.apply(other.stage, [1])
    assert session.selection.indices(other.stage).tolist() == [1]
    other.measure = "preferred stimulus"
    assert session.measure == "mean activity"
    session.show_stage(other.stage)
    assert other.stage == session.stage


def test_what_one_knows_of_a_stage_both_know(session):
    companion = Companion(session)
    other = companion.session
    companion.look(other.stage, components_look(other.responses()), {})
    assert session.looks[other.stage].components is not None
    session.show_look(session.stage, components_look(session.responses()))
    assert other.looks[session.stage] is session.looks[session.stage]


def test_a_companion_follows_to_another_recording_and_ends(session, make):
    companion = Companion(session)
    session.open(make("another"))
    assert companion.session.recording is session.recording
    companion.release()
    session.open(make("third"))
    assert companion.session.recording is not session.recording


def test_a_companion_waits_for_a_recording(recording):
    main = Session()
    companion = Companion(main)
    assert companion.session.recording is None
    main.open(recording)
    assert companion.session.recording is recording


def test_each_of_several_companions_looks_at_a_stage_of_its_own_while_there_are_any(session, make):
    beside = set()
    made = [Companion(session, beside) for _ in range(4)]
    stages = [each.session.stage for each in made]
    assert session.stage not in stages
    assert stages[:3] == ["output", "recurrent", "fine"]
    assert stages[3] in stages[:3]
    made[0].release()
    assert Companion(session, beside).session.stage in ("output", stages[3])
    session.open(make("another"))
    now = [each.session.stage for each in made[1:]]
    assert set(now) == {"recurrent", "fine", "output"}


def test_a_companion_shows_the_frame_that_is_on_the_screen(session):
    session.frame = 2
    companion = Companion(session)
    other, heard = companion.session, []
    other.measure = ONE_SCALE
    other.events.measure.connect(lambda *_: heard.append(other.frame))
    session.condition, session.frame = (1, 3), 4
    assert heard[-1] == 4
    expected = other.responses().values[:, 1, 3, 4]
    np.testing.assert_allclose(other.measured().values, expected)
    companion.release()
    session.frame = 5
    assert other.frame == 4


def test_what_several_look_at_is_read_once_and_let_go_with_the_last(session):
    one, other = Companion(session), Companion(session)
    for each in (one, other):
        each.session.show_stage("fine")
    assert one.session.responses() is other.session.responses()
    assert one.session.units() is other.session.units()
    last = weakref.ref(one.session.responses())
    for each in (one, other):
        each.release()
    del each, one, other
    gc.collect()
    assert last() is None


def test_a_companion_can_show_another_manifold_of_a_stage_until_the_main_session_shows_the_same(session):
    companion = Companion(session)
    other, stage = companion.session, companion.session.stage
    manifold = SimpleNamespace(options=EncodingOptions(rank=2))
    components = replace(components_look(other.responses()), stored=(manifold.options,))
    companion.look(stage, components, {})
    companion.choose(stage, components, {})
    assert not companion.has_own_look
    companion.choose(stage, Look(manifold=manifold, stored=components.stored), {})
    assert companion.has_own_look
    assert (other.look.shown, session.looks[stage].shown) == (manifold.options, None)
    session.add_measures(stage, {"found later": None})
    assert (other.look.shown, list(other.look.recorded)) == (manifold.options, ["found later"])
    session.show_look(stage, Look(manifold=manifold, stored=components.stored))
    assert not companion.has_own_look
    session.show_look(stage, components)
    assert other.look.shown is None
