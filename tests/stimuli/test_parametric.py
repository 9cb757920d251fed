"""The parametric families: what moves, where to, how fast and how strongly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import (
    EIGHT_DIRECTIONS,
    DotFlow,
    DriftingGrating,
    FullFieldFlash,
    MovingBar,
    NaturalMovie,
    PaperDotFlow,
    PaperGrating,
    Plaid,
    Screen,
    SparseNoise,
    StaticGrating,
    Stimulus,
)

SCREEN = Screen()
MOVING = [
    PaperGrating("paper grating", bars="W2"),
    PaperDotFlow("paper dots", dots=1, size="D2"),
    PaperDotFlow("paper triplets", dots=3, size="D2", light=True),
    DriftingGrating("sine", spatial_frequency=0.03, temporal_frequency=1),
    DriftingGrating("square", spatial_frequency=0.03, temporal_frequency=1, wave="square"),
    Plaid("plaid", spatial_frequency=0.03, temporal_frequency=1),
    MovingBar("bar", width=20, speed=40),
    DotFlow("dots", dots=1, diameter=10),
    DotFlow("triplets", dots=3, diameter=10, light=True),
]
STILL = [
    StaticGrating("static"),
    FullFieldFlash("flash"),
    SparseNoise("noise"),
    NaturalMovie("natural"),
]


def velocity(movie):
    """Return the columns and rows per frame that explain the change between frames best."""
    smooth = gaussian_filter(movie.astype(float), (0, 3, 3))
    before, after = smooth[:-1], smooth[1:]
    down, right = np.gradient((before + after) / 2, axis=(1, 2))
    slopes = np.stack([right.ravel(), down.ravel()])
    change = (after - before).ravel()
    # Along a grating's bars nothing is seen to move: the least-norm solution leaves that axis out.
    return -np.linalg.pinv(slopes @ slopes.T, rcond=0.02) @ (slopes @ change)


@pytest.mark.parametrize("stimulus", MOVING, ids=lambda s: s.name)
@pytest.mark.parametrize("direction", EIGHT_DIRECTIONS)
def test_a_movie_moves_in_its_direction(stimulus, direction):
    movie = stimulus.render(direction, 0, 14, SCREEN, 1)[8:]
    columns, rows = velocity(movie)
    angle = np.degrees(np.arctan2(-rows, columns))
    assert abs((angle - direction + 180) % 360 - 180) < 8


def test_a_flow_is_equally_fast_in_every_direction():
    flow = DotFlow("dots", diameter=10, speed=20)
    expected = 20 / SCREEN.degrees_per_pixel / SCREEN.frame_rate
    for direction in (0, 30, 45, 200):
        speed = np.hypot(*velocity(flow.render(direction, 0, 6, SCREEN, 1)))
        assert speed == pytest.approx(expected, rel=0.08)


def test_dots_come_in_from_upstream_as_densely_as_they_leave():
    movie = DotFlow("dots", diameter=8, speed=120).render(0, 0, 37, SCREEN, 1)
    coverage = (movie < 64).mean(axis=(1, 2))
    assert coverage[-1] == pytest.approx(coverage[0], abs=0.02)
    assert coverage.mean() == pytest.approx(np.pi / 16, abs=0.02)


@pytest.mark.parametrize("spatial_frequency", [0.0349, 0.0698])
@pytest.mark.parametrize("temporal_frequency", [1.0, 3.0])
@pytest.mark.parametrize("wave", ["sine", "square"])
def test_a_grating_has_the_frequencies_it_states(spatial_frequency, temporal_frequency, wave):
    grating = DriftingGrating(
        "g", spatial_frequency=spatial_frequency, temporal_frequency=temporal_frequency, wave=wave
    )
    movie = grating.render(0, 0, 60, SCREEN, 1)[:, 0].astype(float)
    power = np.abs(np.fft.rfft2((movie - movie.mean()).T)) ** 2
    space, time = np.unravel_index(power.argmax(), power.shape)
    cycles_per_degree = abs(np.fft.fftfreq(256, SCREEN.degrees_per_pixel)[space])
    hertz = np.fft.rfftfreq(60, 1 / 30)[time]
    assert cycles_per_degree == pytest.approx(spatial_frequency, abs=0.5 / (256 * SCREEN.degrees_per_pixel))
    assert hertz == pytest.approx(temporal_frequency)


@pytest.mark.parametrize("wave", ["sine", "square"])
def test_a_grating_has_the_contrast_it_states(wave):
    grating = DriftingGrating("g", spatial_frequency=0.02, contrast=0.4, mean=100, wave=wave)
    movie = grating.render(0, 0, 30, SCREEN, 1).astype(float)
    assert (movie.max() - movie.min()) / (movie.max() + movie.min()) == pytest.approx(0.4, abs=0.005)
    assert movie.mean() == pytest.approx(100, abs=1)


def test_the_phase_is_that_at_the_centre_of_the_screen():
    odd = Screen(height=101, width=201)
    for phase, level in ((0, 100), (90, 150), (270, 50)):
        grating = StaticGrating("g", contrast=0.5, mean=100, phase=phase)
        assert grating.render(45, 0, 1, odd, 1)[0, 50, 100] == level


def test_a_static_grating_stands_still_and_shows_its_orientation():
    movie = StaticGrating("g").render(0, 0, 5, SCREEN, 1)
    assert np.array_equal(movie, movie[:1].repeat(5, axis=0))
    assert np.array_equal(movie[0], movie[0][:1].repeat(144, axis=0))


def test_a_bar_enters_in_the_first_frame_and_crosses_at_its_speed():
    bar = MovingBar("bar", width=9, speed=60)
    movie = bar.render(180, 0, 60, SCREEN, 1)
    assert (movie[0] == movie[0, 0, 0]).all()
    centre = [
        np.average(np.arange(256), weights=frame[0] - 127.0 - (frame[0] == 128)) for frame in movie[10:]
    ]
    assert np.diff(centre).mean() * 30 * SCREEN.degrees_per_pixel == pytest.approx(-60, rel=0.01)


def test_a_flash_is_lit_from_its_onset_for_its_duration():
    movie = FullFieldFlash("flash", onset=0.3, duration=0.5).render(0, 0, 45, SCREEN, 1)
    assert np.array_equal(np.flatnonzero(movie[:, 0, 0] > 200), np.arange(9, 24))
    assert (movie == movie[:, :1, :1]).all()


def test_sparse_noise_is_sparse_balanced_and_as_fast_as_it_states():
    noise = SparseNoise("noise", size=9, rate=10, density=0.1)
    movie = noise.render(0, 0, 90, SCREEN, 1)
    assert (movie > 128).mean() == pytest.approx(0.05, abs=0.01)
    assert (movie < 127).mean() == pytest.approx(0.05, abs=0.01)
    changes = np.flatnonzero((movie[1:] != movie[:-1]).any(axis=(1, 2))) + 1
    assert np.array_equal(changes, np.arange(3, 90, 3))


def test_a_natural_movie_jumps_at_saccades_and_creeps_between_them():
    movie = NaturalMovie("n", saccade_rate=1.5)
    gaze = movie.gaze(0, 600, SCREEN, 1)
    steps = np.hypot(*np.diff(gaze, axis=0).T) * SCREEN.degrees_per_pixel
    assert (steps > 6).sum() / 20 == pytest.approx(1.5, abs=0.6)
    assert np.median(steps) < 2
    still = NaturalMovie("n", saccade_rate=0, drift=0).render(0, 0, 3, SCREEN, 1)
    assert np.array_equal(still[0], still[2])


@pytest.mark.parametrize("stimulus", MOVING + STILL, ids=lambda s: s.name)
def test_a_movie_is_uint8_of_the_screens_size(stimulus):
    movie = stimulus.render(0, 0, 11, SCREEN, 1)
    assert movie.dtype == np.uint8
    assert movie.shape == (11, 144, 256)


@pytest.mark.parametrize("stimulus", MOVING + STILL, ids=lambda s: s.name)
def test_the_same_seed_gives_the_same_bytes_and_another_instance_differs_if_it_varies(stimulus):
    first, again, other = (stimulus.render(0, instance, 11, SCREEN, 5) for instance in (0, 0, 1))
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) != stimulus.varies
    reseeded = stimulus.render(0, 0, 11, SCREEN, 6)
    assert np.array_equal(first, reseeded) != stimulus.varies


@pytest.mark.parametrize("stimulus", MOVING + STILL, ids=lambda s: s.name)
def test_only_a_directional_stimulus_depends_on_the_direction(stimulus):
    first, turned = (stimulus.render(direction, 0, 11, SCREEN, 5) for direction in (0, 90))
    assert np.array_equal(first, turned) != stimulus.directional


@pytest.mark.parametrize("stimulus", MOVING + STILL, ids=lambda s: s.name)
def test_a_stimulus_survives_json_and_describes_itself(stimulus):
    assert Stimulus.from_json(stimulus.to_json()) == stimulus
    assert len(stimulus.summary) > 10


@settings(max_examples=20, deadline=None)
@given(
    spatial_frequency=st.floats(0.01, 0.5),
    temporal_frequency=st.floats(0, 15),
    contrast=st.floats(0, 1),
    direction=st.floats(0, 360),
)
def test_gratings_stay_within_their_grey_levels(spatial_frequency, temporal_frequency, contrast, direction):
    grating = DriftingGrating("g", "", spatial_frequency, temporal_frequency, contrast)
    movie = grating.render(direction, 0, 3, Screen(36, 64, 30.0, 2.0), 1)
    assert movie.min() >= np.floor(127.5 * (1 - contrast))
    assert movie.max() <= np.ceil(127.5 * (1 + contrast))
    assert Stimulus.from_json(grating.to_json()) == grating


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), instance=st.integers(0, 50), direction=st.floats(0, 359.9))
def test_flows_of_both_signs_share_their_dots(seed, instance, direction):
    small = Screen(36, 64)
    dark = DotFlow("dark", mean=128, contrast=0.5).render(direction, instance, 2, small, seed)
    light = DotFlow("light", mean=128, contrast=0.5, light=True).render(direction, instance, 2, small, seed)
    assert np.abs(light.astype(int) + dark - 256).max() <= 1


def test_equal_values_hash_equally_whatever_their_type():
    assert (
        DriftingGrating("g", temporal_frequency=2).hash == DriftingGrating("g", temporal_frequency=2.0).hash
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DriftingGrating(""), "no name"),
        (lambda: DriftingGrating("g", spatial_frequency=0), "not positive"),
        (lambda: DriftingGrating("g", spatial_frequency=float("nan")), "not finite"),
        (lambda: DriftingGrating("g", spatial_frequency="fast"), "not a number"),
        (lambda: DriftingGrating("g", temporal_frequency=-1), "turn the direction"),
        (lambda: DriftingGrating("g", contrast=1.2), "0 to 1"),
        (lambda: DriftingGrating("g", mean=200), "clipped"),
        (lambda: StaticGrating("g", wave="triangle"), "sine or square"),
        (lambda: Plaid("p", angle=180), "below 180"),
        (lambda: MovingBar("b", speed=0), "not positive"),
        (lambda: FullFieldFlash("f", duration=0), "no duration"),
        (lambda: SparseNoise("n", density=0), "density"),
        (lambda: DotFlow("d", dots=2), "1 or 3"),
        (lambda: DotFlow("d", dots=1.5), "whole number"),
        (lambda: NaturalMovie("n", photograph="moon"), "china or flower"),
        (lambda: Screen(distance=0), "not positive"),
    ],
)
def test_impossible_values_are_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()


@pytest.mark.parametrize(
    ("stimulus", "message"),
    [
        (DriftingGrating("g", spatial_frequency=0.6), "half a cycle per pixel"),
        (DriftingGrating("g", temporal_frequency=16), "half a cycle per frame"),
        (Plaid("p", spatial_frequency=0.6), "half a cycle per pixel"),
        (MovingBar("b", width=0.5), "one pixel"),
        (DotFlow("d", diameter=0.5), "diameter of at least"),
        (SparseNoise("n", rate=60), "frame rate"),
        (FullFieldFlash("f", onset=3), "end of the movie"),
    ],
)
def test_what_the_screen_cannot_show_is_refused(stimulus, message):
    with pytest.raises(InvalidInput, match=message):
        stimulus.check((0.0,), 37, SCREEN)


def test_a_screen_larger_than_the_photograph_is_refused():
    with pytest.raises(InvalidInput, match="too small for the screen"):
        NaturalMovie("n").render(0, 0, 3, Screen(600, 800), 1)
