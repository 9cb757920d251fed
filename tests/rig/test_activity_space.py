"""Stimuli in activity space: which units make the picture, how it is held steady, and how it is drawn."""

import dataclasses
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import special_ortho_group

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import decoding_manifold, decoding_trajectories
from napari_twinscope.rig.activity_space import (
    PICTURES,
    SpaceOptions,
    complete_units,
    held_steady,
    stimulus_space,
)
from napari_twinscope.rig.colors import category_color, hex_rgba
from napari_twinscope.rig.space_style import (
    axis_labels,
    drawn_paths,
    movie_colors,
    movie_name,
    numbers_text,
    tubes,
    units_text,
    vertices_of_each_path,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from stage_recordings import DIRECTIONS, stage_responses

NAMES = ("grating", "flow", "bar")


def responses_of(seed=0, order=(0, 1, 2), turn=0):
    """Return invented responses, stored in some order of stimuli and directions."""
    directions = np.roll(np.arange(8), turn)
    values = stage_responses(seed)[:, list(order)][:, :, directions]
    return xr.DataArray(
        values,
        dims=("unit", "stimulus", "direction", "time"),
        coords={
            "stimulus": [NAMES[place] for place in order],
            "direction": [DIRECTIONS[place] for place in directions],
            "time": np.arange(values.shape[-1]) / 30,
        },
    )


def protocol_of(responses):
    names = [str(name) for name in responses["stimulus"].values]
    return SimpleNamespace(
        stimuli=tuple(SimpleNamespace(name=name, label=name.title(), directional=True) for name in names),
        directions=tuple(responses["direction"].values.tolist()),
    )


@pytest.fixture(scope="module")
def whole():
    return stimulus_space(responses_of(), SpaceOptions())


@pytest.mark.parametrize("picture", PICTURES)
def test_the_picture_of_some_units_is_that_of_the_analysis(picture):
    responses, units = responses_of(), np.array([3, 4, 9, 17, 20])
    space = stimulus_space(responses, SpaceOptions(picture), units)
    some = responses.isel(unit=units)
    if picture == "trajectories":
        expected = decoding_trajectories(some)
        coordinates = expected["coordinates"].values.reshape(24, 12, 3)
    else:
        expected = decoding_manifold(some, method="pca" if picture == "manifold" else "diffusion")
        coordinates = expected["coordinates"].values.reshape(24, 1, 3)
    np.testing.assert_allclose(space.paths, coordinates)
    assert space.is_still == (picture != "trajectories")
    assert (space.units, space.left_out) == (5, 0)
    if picture == "diffusion":
        assert space.shares is None
        np.testing.assert_allclose(space.eigenvalues, expected["eigenvalue"])
    else:
        np.testing.assert_allclose(space.shares, expected["explained_variance_ratio"])


@pytest.mark.parametrize("picture", ["manifold", "trajectories"])
def test_each_movie_keeps_its_place_in_the_recording_whatever_the_order(picture):
    plain = responses_of()
    other = responses_of(order=(2, 0, 1), turn=3)
    one, two = (stimulus_space(responses, SpaceOptions(picture)) for responses in (plain, other))
    for movie, (stimulus, direction) in enumerate(one.movies):
        name, angle = str(plain["stimulus"].values[stimulus]), plain["direction"].values[direction]
        there = (list(other["stimulus"].values).index(name), list(other["direction"].values).index(angle))
        place = two.place_of(there)
        np.testing.assert_allclose(two.paths[place], one.paths[movie], atol=1e-9)
        assert movie_name(one, movie, protocol_of(plain)) == movie_name(two, place, protocol_of(other))


def test_a_movie_that_was_not_taken_has_no_place(whole):
    assert whole.place_of((0, 0)) is not None
    assert whole.place_of((3, 0)) is None


def test_units_with_a_missing_response_are_left_out_and_counted():
    responses = responses_of()
    responses[4, 1, 2, 3] = np.nan
    responses[7, 0, 0, 0] = np.inf
    responses[:, 2, 5, 10:] = np.nan  # a shorter trial is no missing response
    assert np.flatnonzero(~complete_units(responses)).tolist() == [4, 7]
    space = stimulus_space(responses, SpaceOptions("trajectories"))
    assert (space.units, space.left_out) == (22, 2)
    assert np.isnan(space.paths).all(axis=-1).sum() == 2
    assert "2 left out" in units_text(space, 0, 24, "output", False)
    with pytest.raises(InvalidInput, match="finite"):
        stimulus_space(responses, SpaceOptions(), np.array([4, 7]))


@pytest.mark.parametrize("bad", [{"picture": "cloud"}, {"preset": "best"}, {"stimuli": "first-six"}])
def test_options_that_do_not_exist_are_refused(bad):
    with pytest.raises(InvalidInput):
        SpaceOptions(**bad)


def test_options_survive_their_file():
    options = SpaceOptions("trajectories", "published-2026", "first-six", False)
    assert SpaceOptions.from_json(options.to_json()) == options


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.booleans())
def test_a_rotated_or_mirrored_copy_is_turned_back(seed, mirrored):
    space = stimulus_space(responses_of(), SpaceOptions("trajectories"))
    rotation = special_ortho_group.rvs(3, random_state=seed) @ np.diag([1, 1, -1 if mirrored else 1])
    copy = dataclasses.replace(space, paths=space.paths @ rotation + 5.0)
    back = held_steady(copy, space, turn=True)
    centered = [one.paths - one.paths.mean(axis=(0, 1)) for one in (back, space)]
    np.testing.assert_allclose(*centered, atol=1e-8)
    assert back.turned


def test_turning_changes_no_distance_and_hides_no_variance(whole):
    part = stimulus_space(responses_of(), SpaceOptions(), np.arange(0, 24, 3))
    turned = held_steady(part, whole, turn=True)
    np.testing.assert_allclose(pdist(turned.paths[:, 0]), pdist(part.paths[:, 0]))
    assert turned.shares.sum() == pytest.approx(part.shares.sum())
    unlike = [np.linalg.norm(one.paths - whole.paths) for one in (turned, part)]
    assert unlike[0] < unlike[1]
    assert axis_labels(turned)[0] == "axis 1"
    assert "along axes 1 to 3" in numbers_text(turned)


def test_without_turning_only_signs_are_chosen(whole):
    part = stimulus_space(responses_of(), SpaceOptions(), np.arange(0, 24, 3))
    flipped = dataclasses.replace(part, paths=part.paths * (-1.0, 1.0, -1.0))
    one, two = (held_steady(space, whole, turn=False) for space in (part, flipped))
    np.testing.assert_array_equal(one.paths, two.paths)
    np.testing.assert_allclose(np.abs(one.paths), np.abs(part.paths))
    assert (np.einsum("mfc,mfc->c", one.paths, whole.paths) >= 0).all()
    assert axis_labels(one) == ("PC 1", "PC 2", "PC 3")


def test_the_picture_of_all_units_is_not_turned(whole):
    assert held_steady(whole, whole, turn=True).paths is not None
    assert not held_steady(whole, whole, turn=True).turned
    np.testing.assert_array_equal(held_steady(whole, whole, turn=True).paths, whole.paths)


def test_pictures_of_other_movies_are_left_as_they_are(whole):
    fewer = stimulus_space(responses_of().isel(stimulus=[0, 1]), SpaceOptions())
    assert held_steady(fewer, whole, turn=True) is fewer


def test_one_unit_spans_a_line(whole):
    space = held_steady(stimulus_space(responses_of(), SpaceOptions(), np.array([5])), whole, turn=False)
    np.testing.assert_array_equal(space.paths[..., 1:], 0.0)
    assert "100, 0, 0 %" in numbers_text(space)


def test_colours_are_those_of_stimuli_or_of_directions(whole):
    protocol = protocol_of(responses_of())
    colors, legend = movie_colors(whole, protocol, "stimulus")
    assert [name for name, _ in legend.entries] == ["Grating", "Flow", "Bar"]
    for movie, (stimulus, _) in enumerate(whole.movies):
        np.testing.assert_allclose(colors[movie], hex_rgba(category_color(int(stimulus))), atol=1e-6)
    colors, legend = movie_colors(whole, protocol, "direction")
    assert [name for name, _ in legend.entries][:2] == ["→ 0°", "↗ 45°"]
    for direction in range(8):
        of_one = colors[whole.movies[:, 1] == direction]
        assert (of_one == of_one[0]).all()
    assert len(np.unique(colors, axis=0)) == 8


def test_stimuli_that_were_cut_by_position_say_what_they_were_published_as(whole):
    published = dataclasses.replace(whole, shown_as=("LF-grating",) * 8 + ("HF-grating",) * 16)
    _, legend = movie_colors(published, protocol_of(responses_of()), "stimulus")
    assert legend.entries[0][0] == "Grating (published as LF-grating)"


def test_a_halved_axis_is_halved_and_says_so(whole):
    drawn = drawn_paths(whole, halve_third=True)
    np.testing.assert_array_equal(drawn[..., 2], whole.paths[..., 2] / 2)
    np.testing.assert_array_equal(drawn[..., :2], whole.paths[..., :2])
    assert axis_labels(whole, halve_third=True)[2] == "PC 3 (× 0.5)"
    assert axis_labels(whole)[2] == "PC 3"


def test_the_line_below_says_of_which_units_it_is(whole):
    assert units_text(whole, 0, 24, "output", True) == "No unit is selected: all 24 units of output"
    assert units_text(whole, 5, 24, "output", True) == "5 of 24 units of output"
    assert units_text(whole, 5, 24, "output", False) == "All 24 units of output"


def test_tubes_lie_around_their_paths_and_break_where_nothing_was_recorded():
    turns = np.linspace(0, 4 * np.pi, 40)
    helix = np.stack([np.cos(turns), np.sin(turns), turns / 5], axis=-1)
    paths = np.stack([helix, helix + 10])
    paths[1, 20] = np.nan
    vertices, faces = tubes(paths, np.array([0.1, 0.3]))
    of_each = vertices_of_each_path(40)
    assert len(vertices) == 2 * of_each
    sides = of_each // 40
    first = vertices[:of_each].reshape(40, sides, 3) - helix[:, None]
    np.testing.assert_allclose(np.linalg.norm(first, axis=-1), 0.1, rtol=1e-5)
    assert len(faces) == 2 * sides * (39 + 37)
    broken = of_each + 20 * sides + np.arange(sides)
    assert not np.isin(faces, broken).any()
    # neighbouring rings do not twist
    steps = np.linalg.norm(np.diff(first, axis=0), axis=-1)
    assert steps.max() < 0.1


def test_a_movie_that_rests_has_a_tube_without_length():
    vertices, faces = tubes(np.zeros((1, 5, 3)), np.array([0.2]))
    assert np.isfinite(vertices).all()
    assert faces.max() < len(vertices)
