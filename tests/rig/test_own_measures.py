"""Measures of one's own: what a table says of units, whatever the order of its rows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from encoding_recordings import on_a_line, write_recording
from napari_twinscope.errors import InvalidInput, StoreError
from napari_twinscope.rig import Session
from napari_twinscope.rig.loaded_session import load_session, restore_session
from napari_twinscope.rig.own_measures import OF_TABLES, own_measure, read_measures
from napari_twinscope.rig.saved_session import SavedSession, write_session
from napari_twinscope.rig.unit_csv import unit_frame
from napari_twinscope.rig.unit_words import unit_words

STAGE = "recurrent_out"


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording, STAGE)
    return session


def table(session, path, **columns):
    """Write a table with the units in an order of its own, and one that nobody knows."""
    ids = session.units()["unit_id"].to_numpy()
    frame = pd.DataFrame({"stage": STAGE, "unit_id": ids, **columns})
    shuffled = frame.sample(frac=1, random_state=3)
    stranger = frame.iloc[[0]].assign(unit_id="recurrent_out:99:0:0")
    pd.concat([shuffled, stranger]).to_csv(path, index=False)
    return path


def taken(session, path):
    found = read_measures(path, session)
    for stage, measures in found.measures.items():
        session.add_own_measures(stage, measures)
    return found


def test_columns_of_a_table_become_measures_of_the_units_they_name(session, tmp_path):
    count = len(session.units())
    depth = np.linspace(0.25, 9, count)
    depth[4] = np.nan
    layer = np.where(np.arange(count) % 3, "L2/3", "L4")
    cluster = np.arange(count) % 5 * 10
    found = taken(
        session, table(session, tmp_path / "a.csv", depth=depth, layer=layer, cluster_of_mine=cluster)
    )
    assert (found.units, found.unknown) == (count, 1)
    assert "depth, layer, cluster_of_mine of 24 units of a.csv; 1 units are not" in found.sentence
    measures = session.measures()
    np.testing.assert_allclose(measures["depth"].values, depth)
    assert measures["depth"].section == OF_TABLES
    names = np.array(measures["layer"].labels)[measures["layer"].values.astype(int)]
    assert names.tolist() == layer.tolist()
    assert measures["cluster_of_mine"].labels == ("0", "10", "20", "30", "40")
    numbers = np.array(measures["cluster_of_mine"].labels)[measures["cluster_of_mine"].values.astype(int)]
    assert numbers.astype(int).tolist() == cluster.tolist()
    session.measure = "layer"
    assert session.colors()[1] is not None
    assert "depth" in unit_frame(session).columns


def test_what_is_known_of_units_is_not_taken_as_new_but_ones_own_measure_can_be_replaced(session, tmp_path):
    written = tmp_path / "all.csv"
    unit_frame(session).to_csv(written, index=False)
    with pytest.raises(InvalidInput, match="no measure that is not known"):
        read_measures(written, session)
    count = len(session.units())
    for value in (0.5, 1.5):
        taken(session, table(session, tmp_path / "a.csv", depth=np.arange(count) + value))
    assert session.measures()["depth"].values.min() == 1.5


def test_units_that_are_not_named_have_no_value_and_other_stages_keep_theirs(session, tmp_path):
    ids = session.units()["unit_id"].to_numpy()
    path = tmp_path / "few.csv"
    pd.DataFrame({"stage": STAGE, "unit_id": ids[:3], "depth": [0.1, 0.2, 0.3]}).to_csv(path, index=False)
    taken(session, path)
    assert np.isfinite(session.measures()["depth"].values).sum() == 3
    session.show_stage("output")
    assert "depth" not in session.measures()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "stage,unit_id,a\nrecurrent_out,recurrent_out:0:0:0,1\nrecurrent_out,recurrent_out:0:0:0,2\n",
            "twice",
        ),
        ("stage,unit_id,a\nnowhere,nowhere:0:0:0,1\n", "none of the units"),
        ("stage,unit_id\nrecurrent_out,recurrent_out:0:0:0\n", "no measure"),
        ("depth,layer\n1,2\n", "which units"),
    ],
)
def test_a_table_that_does_not_fit_is_explained(session, tmp_path, text, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        read_measures(path, session)
    with pytest.raises(StoreError):
        read_measures(tmp_path / "absent.csv", session)


def test_own_measures_are_in_a_saved_session_and_must_fit_the_units(tmp_path):
    recording = write_recording(tmp_path / "line.twinscope.zarr", on_a_line(12))
    session, path = Session(), tmp_path / "a.twinscope.json"
    session.open(recording)
    stage, count = session.stage, len(session.units())
    values = np.arange(count, dtype=float) + 0.5
    values[2] = np.nan
    own = {
        "depth": own_measure("depth", values, (), "From the pia."),
        "layer": own_measure("layer", np.arange(count) % 2, ("L4", "L5")),
    }
    session.add_own_measures(stage, own)
    session.measure = "layer"
    write_session(path, SavedSession.of(session, tmp_path))
    again, loaded = Session(), load_session(path)
    again.open(loaded.opened, looks=loaded.looks)
    restore_session(again, loaded)
    assert again.measure == "layer"
    for name, one in own.items():
        restored = again.measures()[name]
        np.testing.assert_array_equal(restored.values, one.values)
        assert (restored.labels, restored.description) == (one.labels, one.description)
    data = json.loads(path.read_text())
    for bad in ([1.0], ["a"] * count, [5] * count):
        data["own_measures"][stage]["layer"]["values"] = bad
        path.write_text(json.dumps(data))
        with pytest.raises(InvalidInput, match=r"own_measures.*layer.*values"):
            load_session(path)


def test_a_unit_in_words_is_named_placed_and_measured(session):
    session.selection.apply(STAGE, [17])
    session.add_own_measures(STAGE, {"layer": own_measure("layer", np.arange(24) % 2, ("L4", "L5"))})
    session.measure = "layer"
    assert unit_words(session, 17) == (
        "Unit recurrent_out:1:1:1, selected\nindex 17 of 24 recorded · map 1, row 1, column 1\nlayer: L5"
    )
    session.show_stage("output")
    assert "output 3" in unit_words(session, 3)
    assert "selected" not in unit_words(session, 3)
    assert "layer: not known" in unit_words(session, 3)
