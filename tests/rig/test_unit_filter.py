from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.unit_filter import matching
from napari_twinscope.rig.unit_table import Column, UnitTable

COUNT = 8
OSI = np.array([0.1, 0.5, 0.9, np.nan, 0.3, 0.7, 0.5, 0.0])
ACTIVITY = np.array([-2.0, -1, 0, 1, 2, 3, 4, np.nan])
STIMULUS = np.array([0.0, 1, 2, 0, 1, 2, np.nan, 0])
CLUSTER = np.array([0.0, 1, 1, 0, 10, 10, np.nan, 1])
GROUPS = np.array([0.0, 1, np.nan, np.nan, 0, 1, np.nan, np.nan])
TABLE = UnitTable(
    (
        Column("unit", np.arange(COUNT, dtype=float), labels=[f"L1:0:{row}:0" for row in range(COUNT)]),
        Column("OSI", OSI),
        Column("mean activity", ACTIVITY, "mean activity (a.u.)"),
        Column("stimulus", STIMULUS, labels=("Grating", "LF-grating", "−1 dot")),
        Column(
            "cluster", np.array([0.0, 1, 1, 0, 10, 10, np.nan, 1]), labels=[f"cluster {n}" for n in range(11)]
        ),
        Column("groups", GROUPS, labels=("mine", "mine, R & D"), parts=(("mine",), ("mine", "R & D"))),
    ),
    COUNT,
)


def found(text):
    return np.flatnonzero(matching(text, TABLE)).tolist()


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", list(range(8))),
        ("OSI > 0.5", [2, 5]),
        ("osi>=.5", [1, 2, 5, 6]),
        ("OSI ≥ 0.5 and mean activity < 3", [1, 2]),
        ("OSI = 0.5", [1, 6]),
        ("OSI ≠ 0.5", [0, 2, 4, 5, 7]),
        ("0.1 < OSI <= 0.5", [1, 4, 6]),
        ("mean activity (a.u.) = -2", [0]),
        ("`mean activity` > 1 & OSI > 0.4 | OSI = 0", [5, 6, 7]),
        ("(OSI > 0.8 or OSI < 0.2) and not unit = L1:0:7:0", [0, 2]),
        ("abs(mean activity) = 2", [0, 4]),
        ("mean activity * 2 - OSI > 5", [5, 6]),
        ("-OSI > -0.1", [7]),
        ("1e-1 = OSI", [0]),
        ("stimulus = grating", [0, 3, 7]),
        ("stimulus = LF-grating", [1, 4]),
        ("stimulus = '−1 dot'", [2, 5]),
        ("stimulus != Grating", [1, 2, 4, 5]),
        ("cluster = 1", [1, 2, 7]),
        ("cluster = cluster 10", [4, 5]),
        ("groups = mine", [0, 1, 4, 5]),
        ("groups = “R & D”", [1, 5]),
        ("missing(OSI) or missing(stimulus)", [3, 6]),
        ("not missing(OSI) and missing(groups)", [2, 6, 7]),
        ("grating", [0, 1, 3, 4, 7]),
        ("l1:0:7", [7]),
        ("r & d", [1, 5]),
    ],
)
def test_units_are_found_by_condition_or_name(text, units):
    assert found(text) == units


def test_a_unit_without_a_value_fulfils_neither_a_comparison_nor_its_opposite():
    assert 3 not in found("OSI > 0.5")
    assert 3 not in found("not OSI > 0.5")
    assert 3 in found("not OSI > 0.5 or mean activity = 1")
    assert 3 in found("not (OSI > 0.5 and mean activity = 0)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OSI > 0.5 and", "not complete"),
        ("(OSI > 0.5", "not complete"),
        ("OSI >", "not complete"),
        ("OIS > 0.5", "is “osi” meant"),
        ("DSI > 0.5", "no such column"),
        ("OSI > 0.5 + Grating", "no number"),
        ("OSI = Grating", "compared to a column of names"),
        ("stimulus > Grating", "by = and !="),
        ("stimulus = 'Gabor'", "No unit has this stimulus"),
        ("OSI + (mean activity > 3)", "no number"),
        ("abs(OSI), OSI > 1", "no condition|not understood"),
        ("missing(3)", "needs a column"),
        ("missing(OSI) + 1", "no number"),
        ("OSI and OSI > 0.2", "join conditions"),
        ("OSI ** 2 > 3", "not understood"),
        ("OSI // 2 > 3", "not understood"),
        ("OSI(3) > 1", "not understood"),
        ("abs(OSI, OSI) > 1", "not understood"),
        ("__import__('os').system('true') > 1", "no such column"),
        ("_c1 > 0", "no such column"),
        ("OSI.__class__ = 3", "no such column"),
        ("[OSI > 1 for OSI]", "no such column"),
        ("(" * 3000 + "OSI > 1" + ")" * 3000, "not complete|not understood"),
    ],
)
def test_what_is_not_understood_is_told(text, said):
    with pytest.raises(InvalidInput, match=said):
        matching(text, TABLE)


@given(st.text(alphabet="OSI grat<>=!()&|'\"`.0123+-*/_[]{}:,andortmisg@λß\n\\", max_size=40))
def test_whatever_is_typed_gives_units_or_a_readable_error(text):
    try:
        mask = matching(text, TABLE)
    except InvalidInput:
        return
    assert mask.shape == (COUNT,)
    assert mask.dtype == bool


@given(st.floats(-1, 2, width=32), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_not_gives_all_the_others_with_a_value(limit, sign):
    positive, negative = found(f"OSI {sign} {limit!r}"), found(f"not OSI {sign} {limit!r}")
    assert sorted(positive + negative) == [0, 1, 2, 4, 5, 6, 7]
