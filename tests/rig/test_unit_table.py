from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.rig import Session
from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.unit_table import MISSING, unit_table

NAMES = ("Grating", "Flash")


def measures(count):
    values = np.linspace(-1, 1, count)
    values[3] = np.nan
    return {
        "OSI": Measure("OSI", values, description="How selective."),
        "mean activity": Measure("mean activity (a.u.)", np.arange(count) * 0.5),
        "preferred stimulus": Measure("preferred stimulus", np.arange(count) % 2.0, NAMES),
        "feature map": Measure("feature map", np.zeros(count), ("map 0",)),
    }


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording, "recurrent_out")
    return session


def table_of(session, stage="recurrent_out", kind="map"):
    units, known = session.recording.units(stage), session.selection.known(stage)
    return unit_table(stage, units, measures(len(units)), session.selection.groups, known, kind)


def named(table, name):
    return table.columns[table.names[name]]


def test_the_table_says_who_a_unit_is_and_all_that_is_measured_of_it(session):
    table = table_of(session)
    headings = [column.heading for column in table.columns]
    assert headings == [
        "unit",
        "channel",
        "row",
        "column",
        "index",
        "OSI",
        "mean activity (a.u.)",
        "preferred stimulus",
    ]
    assert [column.text(17) for column in table.columns[:5]] == ["recurrent_out:1:1:1", "1", "1", "1", "17"]
    assert all(column.description for column in table.columns[:6])


def test_units_of_the_output_have_a_readout_id_and_no_map(session):
    session.show_stage("output")
    table = table_of(session, "output", "units")
    assert [column.name for column in table.columns[:4]] == ["unit", "readout id", "index", "OSI"]
    assert named(table, "readout id").text(4) == "4"


def test_positions_are_in_degrees(recording):
    units = recording.units("recurrent_out").assign(azimuth=-12.25, elevation=3.0)
    table = unit_table("recurrent_out", units, {})
    assert named(table, "azimuth").heading == "azimuth (°)"
    assert named(table, "azimuth").text(0) == "-12.25"


def test_units_without_a_value_come_last_in_either_order(session):
    osi = named(table_of(session), "osi")
    for descending in (False, True):
        order = osi.order(descending)
        assert order[-1] == 3
        known = osi.values[order[:-1]]
        assert (np.diff(known) * (-1 if descending else 1) > 0).all()
    assert osi.text(3) == MISSING


def test_equal_values_stay_in_the_order_of_the_recording(session):
    channel = named(table_of(session), "channel")
    np.testing.assert_array_equal(channel.order(descending=True), [*range(12, 24), *range(12)])


def test_a_unit_may_be_in_several_groups(session):
    selection = session.selection
    for name, units in (("b", [1, 2]), ("a", [2, 3])):
        selection.apply("recurrent_out", units)
        selection.group("recurrent_out", name)
    groups = named(table_of(session), "groups")
    assert [groups.text(unit) for unit in range(5)] == [MISSING, "b", "b; a", "a", MISSING]


def test_more_groups_than_bits_of_a_number_are_told_apart(session):
    for number in range(70):
        session.selection.apply("recurrent_out", [number % 24])
        session.selection.group("recurrent_out", f"g{number}")
    groups = named(table_of(session), "groups")
    assert groups.text(5) == "g5; g29; g53"
    assert groups.text(23) == "g23; g47"


def test_groups_of_other_stages_are_no_column(session):
    session.show_stage("output")
    session.selection.apply("output", [1])
    session.selection.group("output")
    session.show_stage("recurrent_out")
    assert "groups" not in table_of(session).names


def test_copied_rows_can_be_read_back_with_all_digits(session):
    from io import StringIO

    import pandas as pd

    table = table_of(session)
    rows = np.array([5, 3, 20])
    back = pd.read_csv(StringIO(table.to_tsv(rows)), sep="\t")
    assert list(back["unit"]) == ["recurrent_out:0:1:1", "recurrent_out:0:0:3", "recurrent_out:1:2:0"]
    np.testing.assert_array_equal(back["OSI"], named(table, "osi").values[rows])
    assert list(back["preferred stimulus"]) == ["Flash", "Flash", "Grating"]
    assert back["channel"].dtype.kind == "i"
