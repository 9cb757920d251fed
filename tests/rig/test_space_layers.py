"""Stimuli in activity space as a table and as ordinary layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.activity_space import SpaceOptions
from napari_twinscope.rig.space_choice import SpaceChoice, chosen_space
from napari_twinscope.rig.space_layers import space_layers
from napari_twinscope.rig.space_style import movie_colors
from napari_twinscope.rig.space_table import space_frame
from napari_twinscope.rig.unit_csv import write_units

FRAMES, MOVIES = 6, 8


@pytest.fixture
def session(recording):
    shown = Session()
    shown.open(recording)
    return shown


@pytest.fixture
def computed(session):
    def make(picture="manifold", by="stimulus", **how):
        choice = SpaceChoice(SpaceOptions(picture), coloured_by=by, **how)
        return chosen_space(session, choice), choice

    return make


def test_the_table_has_a_row_for_each_movie_with_its_identity_and_place(session, computed, tmp_path):
    space, _ = computed()
    path = write_units(space_frame(session, space), tmp_path / "a.csv")
    table = pd.read_csv(path)
    assert len(table) == MOVIES
    assert set(table["recording"]) == {"made-up"}
    assert set(table["stage"]) == {"recurrent_out"}
    assert set(table["units"]) == {24}
    assert table["movie"].tolist() == list(range(MOVIES))
    assert table["stimulus"].tolist() == ["grating"] * 4 + ["flash"] * 4
    assert table["direction"].tolist() == [0, 90, 180, 270] * 2
    assert table["group"].tolist() == ["Grating"] * 4 + ["Flash"] * 4
    np.testing.assert_array_equal(table[["PC 1", "PC 2", "PC 3"]].to_numpy(), space.paths[:, 0])
    assert set(table["preset"]) == {"corrected"}
    assert "frame" not in table.columns


def test_trajectories_have_a_row_for_each_recorded_frame_and_its_time(session, computed):
    space, _ = computed("trajectories")
    paths = space.paths.copy()
    paths[3, 4:] = np.nan
    table = space_frame(session, replace(space, paths=paths), "direction")
    assert len(table) == MOVIES * FRAMES - 2
    assert table[table["movie"] == 3]["frame"].tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(table["seconds"], table["frame"] / 30)
    assert table[table["direction"] == 90]["group"].unique().tolist() == ["↑ 90°"]
    for _, row in table.iterrows():
        np.testing.assert_array_equal(
            row[["PC 1", "PC 2", "PC 3"]].to_numpy(float), space.paths[row["movie"], row["frame"]]
        )


def test_axes_that_were_turned_and_published_names_are_told(session, computed):
    session.selection.apply(session.stage, [1, 5, 7, 8, 20])
    space, _ = computed()
    assert {"axis 1", "axis 2", "axis 3"} <= set(space_frame(session, space).columns)
    kept, _ = computed(turns=False)
    assert {"PC 1", "PC 2", "PC 3"} <= set(space_frame(session, kept).columns)
    published = replace(space, shown_as=("LF-grating",) * 4 + ("bar",) * 4)
    assert space_frame(session, published)["shown_as"].tolist() == ["LF-grating"] * 4 + ["bar"] * 4


@pytest.mark.parametrize("by", ["stimulus", "direction"])
def test_movies_become_points_with_features_in_their_colours(session, computed, by):
    space, choice = computed(by=by)
    [(points, how, kind)] = space_layers(session, space, choice, 2.0)
    assert kind == "points"
    np.testing.assert_allclose(points[:, ::-1] * space.spread, space.paths[:, 0], rtol=1e-6)
    pd.testing.assert_frame_equal(how["features"], space_frame(session, space, by))
    np.testing.assert_array_equal(how["face_color"], movie_colors(space, session.recording.protocol, by)[0])
    assert how["axis_labels"] == ("PC 3", "PC 2", "PC 1")
    assert how["metadata"]["unit"] == space.spread
    assert how["size"] == pytest.approx(0.2)
    lie_within_movie(points, how, session)


def test_trajectories_become_a_point_for_each_frame_and_paths(session, computed):
    space, choice = computed("trajectories", halves=True)
    paths = space.paths.copy()
    paths[2, 2] = np.nan  # a gap: two pieces, of which one is a single frame
    paths[5] = np.nan
    paths[6] = paths[6, 0]  # a movie that rests has points, and no path
    space = replace(space, paths=paths)
    (pieces, look, shapes), (points, how, kind) = space_layers(session, space, choice)
    assert (shapes, kind) == ("shapes", "points")
    assert len(points) == MOVIES * FRAMES - 1 - FRAMES
    assert how["features"]["frame"].tolist()[:8] == [0, 1, 2, 3, 4, 5, 0, 1]
    assert look["features"]["movie"].tolist() == [0, 1, 2, 2, 3, 4, 7]
    assert look["features"]["direction"].tolist() == [0, 90, 180, 180, 270, 0, 270]
    assert [len(piece) for piece in pieces] == [6, 6, 2, 3, 6, 6, 6]
    assert len(look["edge_color"]) == len(pieces)
    np.testing.assert_allclose(pieces[1][:, ::-1] * space.spread, paths[1] * (1, 1, 0.5), rtol=1e-6)
    assert (look["scale"], tuple(look["translate"])) == (how["scale"], tuple(how["translate"]))
    lie_within_movie(np.concatenate(pieces), look, session)
    lie_within_movie(points, how, session)


def test_nothing_becomes_no_layer(session, computed):
    space, choice = computed()
    with pytest.raises(InvalidInput, match="No stimulus has a place"):
        space_layers(session, replace(space, paths=np.full_like(space.paths, np.nan)), choice)


def lie_within_movie(points, how, session):
    protocol = session.recording.protocol
    placed = points * np.array(how["scale"]) + np.array(how["translate"])
    room = np.array([protocol.frames, protocol.screen.height, protocol.screen.width]) - 1.0
    assert (placed > -1e-9).all()
    assert (placed < room + 1e-9).all()
    assert min(how["scale"]) >= 1
