"""Protocols: their movies, parts, names and records."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import (
    DotFlow,
    DriftingGrating,
    FullFieldFlash,
    PaperGrating,
    Screen,
    SparseNoise,
    StimulusProtocol,
    protocol,
    protocol_names,
)

SMALL = Screen(height=36, width=64)


@pytest.fixture
def mixed():
    stimuli = (DriftingGrating("grating"), DotFlow("dots"), FullFieldFlash("flash"), SparseNoise("noise"))
    return StimulusProtocol("mixed", stimuli, directions=(0, 120, 240), instances=2, frames=12, screen=SMALL)


def test_the_papers_protocol_is_eleven_by_eight_by_three():
    paper = protocol("paper")
    assert paper.shape == (11, 8, 3)
    assert paper.frames == 37
    assert paper.directions == (0, 45, 90, 135, 180, 225, 270, 315)
    assert paper.unique_instances("grat_W12") == 1
    assert paper.unique_instances(3) == 3


def test_paper_6_is_the_medium_set():
    assert protocol("paper-6") == protocol("paper-6-medium")


@pytest.mark.parametrize("name", protocol_names())
def test_every_named_protocol_draws_describes_and_survives_json(name):
    named = protocol(name)
    assert named.name == name
    assert StimulusProtocol.from_json(named.to_json()) == named
    movie = named.movie(len(named.stimuli) - 1, 0, 0)
    assert movie.shape == (named.frames, 144, 256)
    assert movie.std() > 0
    for stimulus in named.stimuli:
        assert stimulus.name in named.describe()


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(InvalidInput, match="paper-6-physiologist"):
        protocol("papers")


def test_the_physiologists_classes_share_one_temporal_frequency():
    gratings, flows = (
        protocol("paper-6-physiologist").stimuli[:2],
        protocol("paper-6-physiologist").stimuli[2:],
    )
    assert {grating.temporal_frequency for grating in gratings} == {4.0}
    # The lattice's pitch is twice the diameter.
    assert {flow.speed / (2 * flow.diameter) for flow in flows} == {4.0}


def test_movies_are_labelled_in_names_degrees_and_seconds(mixed):
    movies = mixed.movies()
    assert movies.dims == ("stimulus", "direction", "instance", "time", "y", "x")
    assert movies.shape == (4, 3, 2, 12, 36, 64)
    assert movies.dtype == np.uint8
    assert list(movies.stimulus.values) == ["grating", "dots", "flash", "noise"]
    assert list(movies.direction.values) == [0, 120, 240]
    assert movies.time.values[3] == pytest.approx(0.1)
    assert movies.attrs["hash"] == mixed.hash
    assert StimulusProtocol.from_json(movies.attrs["protocol"]) == mixed


def test_movies_hold_what_movie_draws(mixed):
    movies = mixed.movies().values
    for s in range(4):
        for d in range(3):
            for i in range(2):
                assert np.array_equal(movies[s, d, i], mixed.movie(s, d, i))


def test_instances_and_directions_differ_only_where_they_should(mixed):
    movies = mixed.movies().values
    for s, stimulus in enumerate(mixed.stimuli):
        assert np.array_equal(movies[s, :, 0], movies[s, :, 1]) != stimulus.varies
        assert np.array_equal(movies[s, 0], movies[s, 1]) != stimulus.directional
    assert [mixed.unique_instances(s) for s in range(4)] == [1, 2, 1, 2]
    assert [mixed.unique_directions(s) for s in range(4)] == [3, 3, 1, 1]


def test_a_part_shows_the_movies_of_the_whole(mixed):
    part = mixed.subset(stimuli=["dots"], directions=[240], instances=1)
    assert part.shape == (1, 1, 1)
    assert part.name == "mixed (part)"
    assert np.array_equal(part.movie("dots", 0, 0), mixed.movie("dots", 2, 0))
    assert part.hash != mixed.hash


def test_a_part_that_leaves_nothing_out_is_the_whole(mixed):
    assert mixed.subset() is mixed
    assert mixed.subset(directions=(0, 120, 600)) is mixed


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"stimuli": ["bars"]}, "does not hold this stimulus"),
        ({"stimuli": []}, "no stimulus"),
        ({"directions": [45]}, "does not hold this direction"),
        ({"instances": 3}, "1 to 2"),
        ({"instances": 0}, "1 to 2"),
    ],
)
def test_parts_that_are_not_there_are_refused(mixed, part, message):
    with pytest.raises(InvalidInput, match=message):
        mixed.subset(**part)


def test_places_that_are_not_there_are_refused(mixed):
    for place in (("bars", 0, 0), (4, 0, 0), (-1, 0, 0), (0, 3, 0), (0, 0, 2)):
        with pytest.raises(InvalidInput, match="does not hold"):
            mixed.movie(*place)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stimuli": ()}, "no stimulus"),
        ({"stimuli": (DriftingGrating("a"), FullFieldFlash("a"))}, "share a name"),
        ({"stimuli": ("grating",)}, "no stimulus"),
        ({"directions": ()}, "no direction"),
        ({"directions": (0, 360)}, "twice"),
        ({"directions": (float("nan"),)}, "not finite"),
        ({"directions": ("up",)}, "not numbers"),
        ({"instances": 0}, "instances"),
        ({"frames": 0}, "frames"),
        ({"seed": -1}, "seed"),
        ({"stimuli": (PaperGrating("p"),), "directions": (0, 30)}, "multiple of 45"),
        ({"stimuli": (PaperGrating("p"),), "frames": 200}, "at most 139 frames"),
    ],
)
def test_impossible_protocols_are_refused_before_anything_is_drawn(options, message):
    with pytest.raises(InvalidInput, match=message):
        StimulusProtocol(**{"name": "p", "stimuli": (DriftingGrating("g"),), **options})


@settings(max_examples=30, deadline=None)
@given(
    directions=st.lists(st.integers(0, 359), min_size=1, max_size=12, unique=True),
    instances=st.integers(1, 9),
    frames=st.integers(1, 99),
    seed=st.integers(0, 2**32),
    spatial_frequency=st.floats(0.01, 0.5),
)
def test_a_protocol_survives_json_with_its_hash(directions, instances, frames, seed, spatial_frequency):
    stimuli = (DriftingGrating("g", spatial_frequency=spatial_frequency), DotFlow("d"))
    first = StimulusProtocol("p", stimuli, tuple(directions), instances, frames, seed=seed)
    again = StimulusProtocol.from_json(first.to_json())
    assert again == first
    assert again.hash == first.hash
    assert hash(again) == hash(first)


def test_the_hash_of_the_papers_protocol_is_stable():
    assert protocol("paper").hash == "3095d973e30e48e1"
