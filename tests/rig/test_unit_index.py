"""There is one index of a unit, and everything that tells one tells that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_twinscope.rig import Session
from napari_twinscope.rig.components import PrincipalComponents
from napari_twinscope.rig.encoding import Look
from napari_twinscope.rig.unit_csv import unit_frame
from napari_twinscope.rig.unit_index import INDEX, first_indices, indices_as_code
from napari_twinscope.rig.unit_table import unit_table
from napari_twinscope.rig.unit_words import unit_words


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording)
    return session


def look_without(session, lost):
    count = len(session.units())
    scores = np.random.default_rng(0).normal(size=(count, 3))
    scores[lost] = np.nan
    found = PrincipalComponents(scores, np.array([0.5, 0.2, 0.1]), np.array(lost), np.array([], int))
    return Look(components=found)


def test_the_index_is_the_place_among_all_recorded_units_whether_or_not_all_are_shown(session):
    session.show_look(session.stage, look_without(session, [0, 4]))
    session.measure = INDEX
    np.testing.assert_array_equal(session.measured().values, np.arange(len(session.units())))
    assert not session.measured().labels
    assert session.colors()[1].title == INDEX
    assert session.colors()[1].limits == (0, len(session.units()) - 1)
    assert session.colors()[0] is session.colors()[0], "it is not coloured anew each time"


def test_hover_table_csv_and_colour_tell_the_same_index(session):
    session.measure = INDEX
    units = session.units()
    table = unit_table(session.stage, units, session.measures())
    column = table.columns[table.names[INDEX]]
    frame = unit_frame(session)
    for unit in (0, 7, 23):
        assert column.text(unit) == str(unit)
        assert frame[INDEX].tolist()[unit] == unit
        assert f"index {unit} of 24 recorded" in unit_words(session, unit)
        assert int(session.measured().values[unit]) == unit
        assert units["unit_id"].iloc[unit] == frame["unit_id"].iloc[unit]


def test_the_place_among_the_units_shown_is_told_beside_it_where_it_differs(session):
    assert "shown" not in unit_words(session, 7)
    session.show_look(session.stage, look_without(session, []))
    assert "shown" not in unit_words(session, 7)
    session.show_look(session.stage, replace(look_without(session, [0, 4])))
    assert "index 7 of 24 recorded, 5 of the 22 shown ·" in unit_words(session, 7)
    assert "index 4 of 24 recorded, not shown in the manifold ·" in unit_words(session, 4)


def test_ten_indices_are_told_and_all_can_be_taken_along():
    assert first_indices(np.array([], int)) == ""
    assert first_indices(np.arange(10)).endswith("8, 9")
    assert first_indices(np.arange(11)).endswith("8, 9, …")
    assert eval(indices_as_code(np.arange(0, 300, 7))) == list(range(0, 300, 7))
