from __future__ import annotations

import json
import shutil

import pytest

from encoding_recordings import STAGE, on_a_line, write_recording
from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.manifolds import EncodingOptions
from napari_twinscope.rig import Session
from napari_twinscope.rig.loaded_session import load_session, restore_session
from napari_twinscope.rig.saved_recording import LostRecording
from napari_twinscope.rig.saved_session import SavedSession, read_session, shared_fields, write_session


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return write_recording(tmp_path_factory.mktemp("made") / "line.twinscope.zarr", on_a_line(12))


@pytest.fixture
def session(recording):
    """Someone has looked around."""
    session = Session()
    session.open(recording)
    session.channel, session.show_map, session.in_stimulus_coordinates = 2, False, False
    session.measure, session.axes, session.turned = "feature map", (2, 1, 4), True
    session.condition, session.frame = (1, 3), 7
    session.selection.apply(STAGE, [1, 2, 3], picked=2, tool="box", parameters=(("low", 0.5),))
    session.selection.group(STAGE, "a few", "#aa0000")
    return session


@pytest.fixture
def saved(session, tmp_path):
    path = tmp_path / "work.twinscope.json"
    write_session(path, SavedSession.of(session, tmp_path))
    return path


def reopened(path, elsewhere=None):
    session, loaded = Session(), load_session(path, elsewhere)
    session.open(loaded.opened, looks=loaded.looks)
    restore_session(session, loaded)
    return session


def changed(path, **changes):
    """Edit the file by hand: fields by their path, with two underscores for a dot."""
    data = json.loads(path.read_text())
    for name, value in changes.items():
        *parents, last = name.split("__")
        part = data
        for parent in parents:
            part = part[parent]
        part[last] = value
    path.write_text(json.dumps(data))
    return path


def test_a_session_saved_and_reopened_is_the_same(session, saved):
    again = reopened(saved)
    for name in shared_fields():
        assert getattr(again, name) == getattr(session, name), name
    assert again.selection.state() == session.selection.state()
    assert again.selection.groups.state() == session.selection.groups.state()
    assert again.selection.last_picked == session.selection.last_picked
    folder = saved.parent
    assert SavedSession.of(again, folder).to_dict() == SavedSession.of(session, folder).to_dict()


def test_the_state_that_views_share_is_kept_without_a_list_of_names():
    kept = set(shared_fields())
    assert {"stage", "channel", "measure", "axes", "turned", "condition", "frame"} <= kept
    assert not kept & {"recording", "looks", "selection", "recordings"}


def test_what_cannot_be_undone_by_the_user_is_not_undone_after_opening(saved):
    assert reopened(saved).selection.undo() is None


def test_new_selections_name_their_recording(session):
    assert session.selection.made(STAGE)[0].source == "line.twinscope.zarr"


def test_groups_are_at_risk_until_they_are_saved(session, saved):
    assert [group.name for group in session.selection.groups.unkept] == ["a few"]
    again = reopened(saved)
    assert again.selection.groups.unkept == ()
    again.selection.groups.rename("a few", "some")
    assert [group.name for group in again.selection.groups.unkept] == ["some"]


def test_a_manifold_that_is_not_there_any_more_is_told_and_the_components_are_shown(saved):
    look = reopened(changed(saved, manifolds={STAGE: EncodingOptions(rank=3).to_dict()})).look
    assert look.manifold is None
    assert look.components is not None
    assert look.problem is not None


def test_the_principal_components_are_a_choice_too(saved):
    look = reopened(changed(saved, manifolds={STAGE: None})).look
    assert look.components is not None
    assert look.problem is None


def test_a_recording_is_found_beside_the_file_when_both_were_moved(saved, recording, tmp_path):
    new = tmp_path / "elsewhere"
    new.mkdir()
    shutil.copytree(recording.path, new / recording.path.name)
    moved = changed(saved, recordings=[json.loads(saved.read_text())["recordings"][0]])
    data = json.loads(moved.read_text())
    data["recordings"][0].update(path="/nowhere/line.twinscope.zarr", beside="")
    target = new / moved.name
    target.write_text(json.dumps(data))
    assert reopened(target).recording.path == new / recording.path.name


def gone(saved):
    data = json.loads(saved.read_text())["recordings"][0]
    return changed(saved, recordings=[data | {"path": "/nowhere/line.twinscope.zarr", "beside": ""}])


def test_a_lost_recording_is_named_and_can_be_located(saved, recording):
    with pytest.raises(LostRecording, match=r"line\.twinscope\.zarr") as caught:
        load_session(gone(saved))
    assert caught.value.place == 0
    assert reopened(saved, {0: recording.path}).recording.path == recording.path


def test_another_recording_in_its_place_is_not_taken_for_it(saved, tmp_path):
    other = write_recording(tmp_path / "line.twinscope.zarr", on_a_line(8, frames=10))
    other.close()
    with pytest.raises(LostRecording, match="not the recording"):
        load_session(gone(saved))
    with pytest.raises(LostRecording, match="not the recording"):
        load_session(gone(saved), {0: tmp_path / "line.twinscope.zarr"})


def test_what_was_pointed_at_must_be_a_recording(saved, tmp_path):
    with pytest.raises(StoreError, match="no recording"):
        load_session(gone(saved), {0: tmp_path / "absent.twinscope.zarr"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("looked_at__frame", "third"),
        ("looked_at__frame", 1000),
        ("looked_at__channel", -1),
        ("looked_at__condition", [0, 8]),
        ("looked_at__axes", [1, 1, 2]),
        ("looked_at__axes", [1, 2]),
        ("looked_at__turned", 1),
        ("manifolds__pixels", {"kind": "EncodingOptions", "rank": -1}),
        ("manifolds__pixels", 3),
        ("recordings", {}),
        ("shown", 5),
        ("window", []),
        ("docks", {"Rig": 1}),
        ("version", "1"),
    ],
)
def test_a_field_that_does_not_fit_is_named(saved, field, value):
    with pytest.raises(InvalidInput) as caught:
        load_session(changed(saved, **{field: value}))
    assert field.replace("__", ".") in caught.value.problem


def test_a_stage_that_was_not_recorded_is_refused(saved):
    with pytest.raises(InvalidInput, match="no such stage"):
        load_session(changed(saved, looked_at__stage="retina"))


def test_a_damaged_selection_is_refused_before_anything_changes(saved):
    with pytest.raises(InvalidInput, match="selection"):
        read_session(changed(saved, selection={"selected": 3}))


def test_a_field_that_is_lacking_or_unknown_is_no_obstacle(saved):
    data = json.loads(saved.read_text())
    del data["looked_at"]["turned"], data["docks"]
    data["looked_at"]["colour of the sky"] = "blue"
    saved.write_text(json.dumps(data))
    assert reopened(saved).turned is False


def test_no_json_another_file_and_a_later_version_are_refused(saved, tmp_path):
    with pytest.raises(StoreError, match="no session"):
        read_session(tmp_path / "absent.json")
    with pytest.raises(InvalidInput, match="later version"):
        read_session(changed(saved, version=99))
    saved.write_text('{"kind": "recipe"}')
    with pytest.raises(InvalidInput, match="not the file of a session"):
        read_session(saved)
    saved.write_text("{")
    with pytest.raises(InvalidInput, match="not valid JSON"):
        read_session(saved)
    saved.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="no text"):
        read_session(saved)


def test_a_session_that_cannot_be_written_leaves_the_old_file(session, saved, tmp_path):
    before = saved.read_text()
    with pytest.raises(StoreError, match="cannot be saved"):
        write_session(tmp_path / "absent" / "work.twinscope.json", SavedSession.of(session, tmp_path))
    assert saved.read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]


def test_a_session_without_a_recording_can_be_saved_too(tmp_path):
    path = tmp_path / "empty.twinscope.json"
    write_session(path, SavedSession.of(Session(), tmp_path))
    loaded = load_session(path)
    assert loaded.opened is None
    restore_session(Session(), loaded)
