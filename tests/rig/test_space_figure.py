"""Stimuli in activity space as a figure: every movie, where the camera sees it, the farthest first."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.activity_space import SpaceOptions
from napari_twinscope.rig.colors import category_color, hex_rgba
from napari_twinscope.rig.figure_file import INK, save_figure
from napari_twinscope.rig.projection import View, depths, project
from napari_twinscope.rig.space_choice import SpaceChoice, chosen_space, saved_choice
from napari_twinscope.rig.space_figure import space_figure
from napari_twinscope.rig.space_marks import CURRENT, POINT, TUBE, current_mark, movie_marks
from napari_twinscope.rig.space_picture import space_picture
from napari_twinscope.rig.viewpoint import viewpoint

SVG = "{http://www.w3.org/2000/svg}"
FRAMES, MOVIES = 6, 8


@pytest.fixture
def session(recording):
    shown = Session()
    shown.open(recording)
    return shown


@pytest.fixture
def picture_of(session):
    def make(picture="manifold", by="stimulus", halves=False, **marked):
        choice = SpaceChoice(SpaceOptions(picture), coloured_by=by, halves=halves)
        return space_picture(session, chosen_space(session, choice), choice, **marked)

    return make


def strokes(figure, name="movies"):
    return next((drawn for drawn in figure.axes[0].collections if drawn.get_gid() == name), None)


def middles(drawn):
    """Return the middle of each disc or piece of a path, on the canvas."""
    return np.array([path.get_extents().get_points().mean(axis=0) for path in drawn.get_paths()])


def texts_of(figure, tmp_path):
    root = ElementTree.parse(save_figure(figure, tmp_path / "a.svg", overwrite=True)).getroot()
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("perspective", [0, 50])
def test_every_movie_is_one_disc_the_farthest_first_where_the_camera_sees_it(picture_of, perspective):
    picture = picture_of()
    view = viewpoint(picture.world, (30.0, 40.0, 5.0), perspective, (600, 400))
    drawn = strokes(space_figure(picture, view))
    behind = depths(picture.world, view)
    order = np.argsort(-behind)
    np.testing.assert_allclose(middles(drawn), project(picture.world, view)[order], atol=1e-6)
    np.testing.assert_allclose(drawn.get_facecolors(), picture.colors[order], atol=1e-6)
    sizes = [np.ptp(path.get_extents().get_points(), axis=0) for path in drawn.get_paths()]
    expected = POINT * view.scale(behind[order])
    np.testing.assert_allclose(sizes, np.stack([expected, expected], axis=1), rtol=1e-3)


def test_the_colours_are_those_of_stimuli_or_of_directions_and_the_legend_says_so(picture_of, tmp_path):
    stimuli = picture_of()
    np.testing.assert_allclose(stimuli.colors[0], hex_rgba(category_color(0)), atol=1e-6)
    texts = texts_of(space_figure(stimuli, viewpoint(stimuli.world)), tmp_path)
    assert {"stimulus", "Grating", "Flash", "PC 1", "PC 2", "PC 3"} <= set(texts)
    directions = picture_of(by="direction")
    figure = space_figure(directions, viewpoint(directions.world))
    assert {"direction of motion", "→ 0°", "↑ 90°", "← 180°", "↓ 270°"} <= set(texts_of(figure, tmp_path))
    assert len(np.unique(strokes(figure).get_facecolors().round(4), axis=0)) == 4


def test_trajectories_are_pieces_from_frame_to_frame_sorted_by_depth_with_their_ends(picture_of):
    picture = picture_of("trajectories", frame=3)
    view = viewpoint(picture.world, (10.0, -30.0, 20.0), 40.0)
    drawn = strokes(space_figure(picture, view))
    pieces = np.array([len(path.vertices) == 2 for path in drawn.get_paths()])
    assert pieces.sum() == MOVIES * (FRAMES - 1)
    assert (~pieces).sum() == 3 * MOVIES  # start, end, now
    behind = depths(picture.world, view).reshape(MOVIES, FRAMES)
    of_pieces = (behind[:, :-1] + behind[:, 1:]) / 2
    of_discs = behind[:, [0, -1, 3]]
    expected = -np.sort(-np.concatenate([of_pieces.ravel(), of_discs.ravel()]))
    ends = project(picture.world, view).reshape(MOVIES, FRAMES, 2)
    known = {tuple(np.round(ends[m, f], 5)): behind[m, f] for m in range(MOVIES) for f in range(FRAMES)}
    found = []
    for path, piece in zip(drawn.get_paths(), pieces, strict=True):
        if piece:
            found.append(np.mean([known[tuple(np.round(point, 5))] for point in path.vertices]))
        else:
            found.append(known[tuple(np.round(path.get_extents().get_points().mean(axis=0), 5))])
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_pieces_are_as_wide_as_tubes_on_the_canvas_and_have_the_colour_of_their_movie(picture_of):
    picture = picture_of("trajectories")
    view = viewpoint(picture.world, size=(960, 720))
    drawn = strokes(space_figure(picture, view, width=10.4))
    pieces = np.array([len(path.vertices) == 2 for path in drawn.get_paths()])
    points_per_pixel = 10.0 / 960 * 72
    np.testing.assert_allclose(
        np.asarray(drawn.get_linewidths())[pieces], 2 * TUBE * view.zoom * points_per_pixel
    )
    colors, counts = np.unique(drawn.get_edgecolors()[pieces].round(5), axis=0, return_counts=True)
    assert counts.tolist() == [4 * (FRAMES - 1)] * 2
    starts = drawn.get_facecolors()[~pieces]
    assert np.isclose(starts, hex_rgba(INK)).all(axis=1).sum() == MOVIES
    assert len(colors) == 2


def test_the_marked_movie_lies_over_all_others_and_is_named(picture_of, tmp_path):
    picture = picture_of(condition=(0, 1))
    figure = space_figure(picture, viewpoint(picture.world))
    drawn = figure.axes[0].collections
    assert [one.get_gid() for one in drawn] == ["movies", "marked"]
    marked = strokes(figure, "marked")
    np.testing.assert_allclose(marked.get_facecolors(), picture.colors[[1]], atol=1e-6)
    view = viewpoint(picture.world)
    assert np.ptp(marked.get_paths()[0].get_extents().get_points()[:, 0]) == pytest.approx(
        CURRENT * POINT * view.zoom, rel=1e-3
    )
    assert "Grating ↑ 90°" in texts_of(figure, tmp_path)
    plain = picture_of()
    assert strokes(space_figure(plain, view), "marked") is None


def test_the_marked_trajectory_is_thicker_and_times_are_told(picture_of, tmp_path):
    picture = picture_of("trajectories", condition=(1, 2), frame=3)
    view = viewpoint(picture.world)
    figure = space_figure(picture, view)
    marked = strokes(figure, "marked")
    assert len(marked.get_paths()) == FRAMES - 1 + 1
    others = strokes(figure)
    thin = np.asarray(others.get_linewidths())[[len(path.vertices) == 2 for path in others.get_paths()]]
    assert min(marked.get_linewidths()) > thin.max()
    assert {"start, 0.00 s", "end, 0.17 s", "at 0.10 s", "Flash"} <= set(texts_of(figure, tmp_path))
    without = picture_of("trajectories", condition=(1, 2))
    assert len(strokes(space_figure(without, view), "marked").get_paths()) == FRAMES - 1
    assert not any(text.startswith("at ") for text in texts_of(space_figure(without, view), tmp_path))


def test_what_was_not_recorded_interrupts_a_path_and_no_end_is_promised(picture_of, tmp_path):
    picture = picture_of("trajectories")
    paths = picture.paths.copy()
    paths[2, 3:] = np.nan
    paths[4, 2] = np.nan
    picture = replace(picture, paths=paths)
    figure = space_figure(picture, viewpoint(picture.world))
    pieces = [path for path in strokes(figure).get_paths() if len(path.vertices) == 2]
    assert len(pieces) == MOVIES * (FRAMES - 1) - 3 - 2
    assert "end" in texts_of(figure, tmp_path)


def test_what_is_computed_of_which_units_is_written(session, picture_of, tmp_path):
    session.selection.apply(session.stage, [1, 2, 3, 8, 9])
    picture = picture_of("trajectories", halves=True)
    said = " ".join(texts_of(space_figure(picture, viewpoint(picture.world)), tmp_path))
    assert "made-up · 5 of 24 units of recurrent_out" in said
    assert "frame by frame · corrected" in said
    assert "axis 3 (× 0.5)" in said
    assert re.search(r"Variance along axes 1 to 3: \d+, \d+, \d+ %", said)
    whole = picture_of("diffusion")
    assert "Eigenvalues" in " ".join(whole.lines)


def test_what_lies_outside_the_section_is_said(picture_of, tmp_path):
    picture = picture_of()
    view = viewpoint(picture.world)
    near = replace(view, zoom=view.zoom * 2)
    places = project(picture.world, near)
    outside = int(((places < 0) | (places > near.size)).any(axis=1).sum())
    assert 1 < outside < MOVIES
    said = " ".join(texts_of(space_figure(picture, near), tmp_path))
    assert f"{outside} movies lie outside this section" in said


def test_there_is_no_figure_of_nothing(picture_of):
    picture = picture_of()
    with pytest.raises(InvalidInput, match="no stimulus to draw"):
        space_figure(replace(picture, paths=np.full_like(picture.paths, np.nan)), viewpoint(picture.world))
    behind = View((0, 0, 1000.0), (0, 0, 1), (0, -1, 0), 1.0, 90.0, (100, 100))
    with pytest.raises(InvalidInput, match="behind the camera"):
        space_figure(picture, behind)


def test_dark_figures_have_light_starts(picture_of):
    picture = picture_of("trajectories")
    figure = space_figure(picture, viewpoint(picture.world), dark=True)
    assert figure.get_facecolor() == (0.0, 0.0, 0.0, 1.0)
    faces = strokes(figure).get_facecolors()
    assert np.isclose(faces, hex_rgba("#E6E6E6")).all(axis=1).sum() == MOVIES


def test_marks_after_the_last_frame_stay_there():
    paths = np.arange(2 * 4 * 3, dtype=float).reshape(2, 4, 3)
    colors = np.ones((2, 4), np.float32)
    marks = movie_marks(paths, colors, colors[0], 99)
    np.testing.assert_array_equal(marks.places[4:], paths[:, -1])
    np.testing.assert_array_equal(current_mark(paths, colors, 1, 2).places, paths[[1], 2])
    assert len(movie_marks(paths, colors, colors[0], None).places) == 4
    assert len(current_mark(paths, colors, 1, None).places) == 0


def test_a_choice_comes_back_from_the_state_of_the_dock():
    from napari_twinscope.rig.json_fields import Fields

    assert saved_choice(Fields({})) == SpaceChoice()
    state = {
        "picture": "trajectories", "units": "all", "colour_by": "direction", "preset": "published-2026",
        "stimuli": "first-six", "steady": False, "rectify": False, "halve_third": True,
    }  # fmt: skip
    options = SpaceOptions("trajectories", "published-2026", "first-six", False)
    chosen = saved_choice(Fields(state))
    assert chosen == SpaceChoice(options, False, False, "direction", True)
    assert SpaceChoice.from_json(chosen.to_json()) == chosen
    with pytest.raises(InvalidInput, match="coloured by this"):
        SpaceChoice(coloured_by="beauty")
