"""Training movies follow from a seed and a number, move as they say, and differ from one another."""

from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import Screen
from napari_twinscope.training import movies, textures
from napari_twinscope.training.movies import held_out_movie, training_movie

SMALL = Screen(height=36, width=64, distance=2.0)


def test_the_same_seed_and_number_give_the_same_movie() -> None:
    np.testing.assert_array_equal(training_movie(3, 5, 12, SMALL), training_movie(3, 5, 12, SMALL))


def test_another_seed_or_number_gives_another_movie() -> None:
    shown = [training_movie(seed, number, 12, SMALL) for seed, number in ((3, 5), (3, 6), (4, 5))]
    shown += [held_out_movie(0, 12, SMALL), held_out_movie(2, 12, SMALL)]
    for first in range(len(shown)):
        for second in range(first):
            assert (shown[first] != shown[second]).any()


def test_movies_are_of_the_size_asked_for() -> None:
    for frames in (1, 7, 36):
        movie = training_movie(0, frames, frames, SMALL)
        assert movie.shape == (frames, 36, 64)
        assert movie.dtype == np.uint8


def test_movies_are_grey_in_the_mean_and_have_contrast() -> None:
    shown = np.stack([training_movie(1, number, 12, SMALL) for number in range(60)]) / 127.5 - 1
    assert abs(shown.mean()) < 0.1
    assert np.median(shown.std((1, 2, 3))) > 0.15


def test_some_movies_change_once_and_some_show_one_thing() -> None:
    """A cut changes most pixels at once, where motion changes few."""
    jumps = []
    for number in range(40):
        movie = training_movie(2, number, 30, SMALL).astype(float)
        steps = np.abs(np.diff(movie, axis=0)).mean((1, 2))
        jumps.append(steps.max() > 4 * np.median(steps) + 1)
    assert 5 < sum(jumps) < 35


@pytest.mark.parametrize("kind", textures.TEXTURES)
def test_a_texture_moves_as_a_whole_and_continues_endlessly(kind: str) -> None:
    canvas = textures.Canvas.draw(kind, np.random.default_rng(1), SMALL)
    still = canvas.window(0, 0)
    np.testing.assert_array_equal(canvas.window(3, 5)[:-3, :-5], still[3:, 5:])
    np.testing.assert_array_equal(canvas.window(canvas.period[0], -canvas.period[1]), still)
    between = canvas.window(0.5, 0)[:-1]
    np.testing.assert_allclose(between, (still[:-1] + still[1:]) / 2, atol=1e-6)
    assert np.abs(still).max() <= 1
    assert still.std() > 0.01


def test_a_path_of_direction_90_goes_upwards() -> None:
    """What the window shows moves against the window: the corner goes down, the picture up."""

    class Fixed(np.random.Generator):
        def uniform(self, low: float = 0.0, high: float = 1.0, size: object = None) -> float:
            del low, high, size
            return -np.pi / 2

    path = movies._path(Fixed(np.random.PCG64(5)), 10, SMALL, (5.0, 50.0))
    moving = np.abs(np.diff(path, axis=0)).sum() > 0
    assert moving
    assert path[-1, 0] > path[0, 0]


def test_dead_leaves_hide_one_another() -> None:
    """Occlusion leaves flat regions with sharp borders: most steps between neighbours are nothing."""
    canvas = textures.Canvas.draw("leaves", np.random.default_rng(3), Screen())
    steps = np.abs(np.diff(canvas.window(0, 0), axis=1))
    assert np.median(steps) < 0.01
    assert steps.max() > 0.2


@pytest.mark.parametrize("given", [(-1, 0, 5), (0, -1, 5), (0, 0, 0)])
def test_impossible_movies_are_refused(given: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput, match="no such training movie"):
        training_movie(*given, SMALL)
