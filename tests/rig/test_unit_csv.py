from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig import Session
from napari_twinscope.rig.encoding import components_look
from napari_twinscope.rig.unit_csv import (
    IDENTITY,
    read_units,
    select_units,
    selection_frame,
    unit_frame,
    write_units,
)
from napari_twinscope.rig.unit_table import unit_table


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording)
    session.show_look(session.stage, components_look(session.responses()))
    return session


def test_the_table_names_each_unit_for_good_and_holds_all_that_is_known(session):
    frame = unit_frame(session)
    assert tuple(frame.columns[: len(IDENTITY)]) == IDENTITY
    assert frame["unit_id"].tolist() == session.units()["unit_id"].tolist()
    assert frame["readout_id"].isna().all()
    assert {"PC 1", "PC 2", "PC 3", "mean activity (a.u.)", "preferred stimulus"} <= set(frame.columns)
    assert set(frame["preferred stimulus"]) <= {"Grating", "Flash"}
    np.testing.assert_array_equal(frame["PC 2"], session.cloud().coordinates[:, 1])


def test_read_out_units_have_the_number_of_the_neuron(session):
    frame = unit_frame(session, "output")
    assert frame["readout_id"].tolist() == [0, 1, 2, 3, 4]
    assert "PC 1" not in frame.columns  # known of the stage that is looked at alone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 23), min_size=1), st.sets(st.integers(0, 4)))
def test_a_selection_comes_back_from_its_table(session, tmp_path, some, others):
    selection = session.selection
    selection.clear()
    session.show_stage("output")
    session.show_stage("recurrent_out")
    selection.apply("recurrent_out", sorted(some))
    selection.apply("output", sorted(others))
    path = write_units(selection_frame(session), tmp_path / "a.csv", overwrite=True)
    whole = write_units(unit_frame(session), tmp_path / "b.csv", overwrite=True)
    selection.clear()
    select_units(session, read_units(path, session))
    assert set(selection.indices("recurrent_out").tolist()) == some
    assert set(selection.indices("output").tolist()) == others
    selection.undo()  # one step for all stages
    assert selection.count("recurrent_out") == selection.count("output") == 0
    select_units(session, read_units(whole, session))
    assert set(selection.indices("recurrent_out").tolist()) == some


def test_numbers_come_back_with_all_their_digits(session, tmp_path):
    frame = unit_frame(session)
    back = pd.read_csv(write_units(frame, tmp_path / "a.csv"))
    np.testing.assert_array_equal(back["PC 1"], frame["PC 1"])
    np.testing.assert_array_equal(back["mean activity (a.u.)"], frame["mean activity (a.u.)"])


def test_groups_are_named_in_the_table(session):
    session.selection.apply(session.stage, [0, 1])
    session.selection.group(session.stage, "one")
    session.selection.apply(session.stage, [1, 2])
    session.selection.group(session.stage, "two")
    assert unit_frame(session)["groups"].tolist()[:4] == ["one", "one; two", "two", ""]


def test_the_file_holds_what_the_table_in_the_window_holds(session):
    session.selection.apply(session.stage, [2, 5])
    session.selection.group(session.stage, "mine")
    table = unit_table(session.stage, session.units(), session.measures(), session.selection.groups)
    shown, written = table.to_frame(np.arange(table.count)), unit_frame(session)
    assert set(shown.columns) - {"unit"} <= set(written.columns)
    assert shown["unit"].tolist() == written["unit_id"].tolist()
    for name in ("mean activity (a.u.)", "channel"):
        np.testing.assert_array_equal(shown[name], written[name])
    assert shown["preferred stimulus"].tolist() == written["preferred stimulus"].tolist()
    assert shown["groups"].fillna("").tolist() == written["groups"].tolist()


def test_a_table_of_another_program_needs_only_the_places(session, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("stage,channel,row,column,note\nrecurrent_out,1,2,3,x\nrecurrent_out,0,0,1,\n")
    found = read_units(path, session)
    select_units(session, found)
    assert sorted(session.selection.ids("recurrent_out")) == ["recurrent_out:0:0:1", "recurrent_out:1:2:3"]
    assert found.sentence == "2 units of mine.csv: 2 of recurrent_out"


def test_units_that_the_recording_lacks_are_counted(session, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "stage,unit_id\nrecurrent_out,recurrent_out:0:0:0\nrecurrent_out,recurrent_out:9:9:9\nblocks0,a\n"
    )
    found = read_units(path, session)
    assert (found.count, found.unknown) == (1, 2)
    assert "2 are not in this recording" in found.sentence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "does not say which units"),
        ("stage,unit_id\nblocks0,a\n", "none of the units"),
        ("stage,unit_id,selected\nrecurrent_out,recurrent_out:0:0:0,maybe\n", "true and false"),
        ("stage,unit_id,selected\nrecurrent_out,recurrent_out:0:0:0,False\n", "names no unit"),
        ("stage,channel,row,column\nrecurrent_out,a,b,c\n", "whole numbers"),
        ("", "no CSV table"),
    ],
)
def test_a_table_that_does_not_fit_changes_nothing(session, tmp_path, text, message):
    session.selection.apply(session.stage, [7])
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_units(path, session)
    assert session.selection.indices(session.stage).tolist() == [7]


def test_there_is_no_table_of_nothing_and_none_is_overwritten(session, tmp_path):
    with pytest.raises(InvalidInput, match="no selection"):
        selection_frame(session)
    with pytest.raises(InvalidInput, match="no recording"):
        unit_frame(Session())
    with pytest.raises(InvalidInput, match="no such stage"):
        unit_frame(session, "nowhere")
    with pytest.raises(StoreError, match="cannot be read"):
        read_units(tmp_path / "none.csv", session)
    path = write_units(unit_frame(session), tmp_path / "a.csv")
    with pytest.raises(StoreError, match="already"):
        write_units(unit_frame(session), path)
