"""What is said of every measure that units can be coloured by."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.population.measured_units import unit_measures
from napari_twinscope.rig import Session
from napari_twinscope.rig.measures import EXPLANATIONS, MEASURE_NAMES, SOURCES, measures_of_responses

FROM = re.compile(r"doi 10\.\d{4,}/\S+|arXiv \d{4}\.\d{5}|this package|the (groups|twin)")


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording)
    return session


def responses():
    """Of units to 3 stimuli in 8 directions, which allow every measure."""
    return xr.DataArray(
        np.random.default_rng(0).random((24, 3, 8, 12)),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": list("abc"), "direction": np.arange(0.0, 360.0, 45.0)},
    )


def test_every_measure_on_offer_has_a_sentence_and_a_source(session):
    session.add_measures(session.stage, measures_of_responses(responses()))
    offered = session.colorings()
    assert {"OSI", "DSI, two-point", "speed", "loading on PC 3", "groups", "mean activity"} <= set(offered)
    for name, found in offered.items():
        assert found.description.endswith("."), name
        assert FROM.search(found.source), name
        assert found.explained == f"{found.description} Source: {found.source}.", name


def test_measures_seen_at_once_say_the_same_before_there_is_a_recording(session):
    assert EXPLANATIONS.keys() == SOURCES.keys() == set(MEASURE_NAMES)
    for name in MEASURE_NAMES:
        assert session.measures()[name].description == EXPLANATIONS[name]
        assert session.measures()[name].source == SOURCES[name]


def test_a_measure_that_mends_the_papers_says_so_and_a_published_one_does_not():
    mended = {preset: unit_measures(responses(), preset=preset) for preset in ("corrected", "published-2026")}
    assert "mended" in mended["corrected"]["speed"].attrs["source"]
    assert "mended" not in mended["published-2026"]["speed"].attrs["source"]
