import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session, UnitKey
from napari_twinscope.rig.maps import MapChoice, map_style
from napari_twinscope.rig.session_maps import shown_map, shown_readout, style_of_map


def test_opening_a_recording_shows_the_core_and_knows_its_units(recording):
    session = Session()
    heard = []
    session.events.stage.connect(heard.append)
    session.open(recording)
    assert session.stage == "recurrent_out"
    assert session.selection.stages == ("recurrent_out",)
    assert heard == ["recurrent_out"]
    assert session.recordings == [recording]


def test_an_empty_session_says_what_to_do():
    with pytest.raises(InvalidInput, match="no recording"):
        Session().require_recording()
    assert shown_map(Session()) is None


def test_a_stage_that_was_not_recorded_is_refused(recording):
    with pytest.raises(InvalidInput, match="no such stage"):
        Session().open(recording, "retina")


def test_another_recording_starts_without_a_selection(recording, other_recording):
    session = Session()
    session.open(recording)
    session.selection.apply("recurrent_out", [3])
    session.open(other_recording)
    assert session.selection.count("recurrent_out") == 0
    assert session.recordings == [recording, other_recording]


def test_the_same_stage_of_another_recording_is_announced(recording, other_recording):
    session = Session()
    session.open(recording)
    heard = []
    session.events.stage.connect(heard.append)
    session.open(other_recording)
    assert heard[-1] == "recurrent_out"


def test_a_picked_unit_of_a_map_shows_its_feature_map(recording):
    session = Session()
    session.open(recording)
    session.selection.apply("recurrent_out", [20], picked=20)
    session.follow_picked_unit()
    assert shown_map(session) == MapChoice("recurrent_out", channel=1)
    assert shown_readout(session) is None


def test_an_area_leaves_the_feature_map_that_holds_selected_units(recording):
    session = Session()
    session.open(recording)  # units 0 to 11 lie on map 0, the others on map 1
    session.selection.picked.connect(session.follow_picked_unit)
    session.selection.apply("recurrent_out", [3, 20, 21], picked=20, tool="box")
    assert session.channel == 0
    session.selection.apply("recurrent_out", [20, 21], picked=21, tool="box")
    assert session.channel == 1
    session.selection.apply("recurrent_out", [3], "add", picked=3, tool="pick")
    assert session.channel == 0


def test_a_picked_readout_unit_shows_its_readout_everywhere(recording):
    session = Session()
    session.open(recording, "output")
    assert shown_map(session) is None
    session.selection.apply("output", [4, 2], picked=2)
    assert session.picked_unit() == UnitKey("output", "output:0:2:0")
    assert shown_readout(session) == MapChoice("recurrent_out", unit=2)


def test_the_selection_of_a_stage_is_still_there_after_looking_at_another(recording):
    session = Session()
    session.open(recording)
    session.selection.apply("recurrent_out", [1, 2])
    session.show_stage("output")
    session.show_stage("recurrent_out")
    assert session.selection.indices("recurrent_out").tolist() == [1, 2]


def test_simulated_cells_have_no_core_to_read(recording):
    recording.plan.twin = "simulated"
    session = Session()
    session.open(recording, "output")
    session.selection.apply("output", [2], picked=2)
    assert shown_readout(session) is None


def test_the_limits_of_a_map_are_what_was_recorded_of_its_stage(recording):
    session = Session()
    session.open(recording)
    style = style_of_map(session, shown_map(session))
    reach = np.abs(recording.responses("recurrent_out").values).max()
    assert style == map_style([-reach], style.rule)
    assert style.limits[1] >= reach
    assert "recorded in recurrent_out" in style.rule
    session.channel, session.condition = 1, (1, 3)
    assert style_of_map(session, shown_map(session)) == style


def test_the_limits_of_a_readout_map_are_those_of_the_units_recorded_logarithm(recording):
    responses = np.exp(recording.responses("output"))
    recording.responses = lambda _: responses
    session = Session()
    session.open(recording, "output")
    session.selection.apply("output", [2], picked=2)
    reach = np.abs(np.log(responses.values[2])).max()
    assert style_of_map(session, shown_readout(session)).limits == map_style([-reach]).limits


def test_a_recording_that_cannot_be_read_leaves_the_last_one(recording, other_recording):
    session = Session()
    session.open(recording)
    session.selection.apply("recurrent_out", [1])

    def fail(_stage):
        raise RuntimeError("damaged")

    other_recording.units = fail
    with pytest.raises(RuntimeError, match="damaged"):
        session.open(other_recording)
    assert session.recording is recording
    assert session.selection.count("recurrent_out") == 1
