"""The papers' way to move a picture, against frames made with the authors' recipe."""

from pathlib import Path

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli.picture import check_seam, picture_movie, scaled_size, shift_per_frame

GOLDEN = Path(__file__).parents[1] / "golden" / "paper" / "stimuli.npz"


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN) as file:
        return {name: file[name] for name in file}


@pytest.fixture(scope="module")
def picture(golden):
    x, y = np.arange(800)[None, :], np.arange(600)[:, None]
    stripes = 60 * np.sign(np.sin(2 * np.pi * (0.8 * x + 0.6 * y) / golden["period_px"]))
    grey = 128 + stripes + 50 * np.sin(x / 37) * np.cos(y / 23)
    return np.clip(grey, 0, 255).astype(np.uint8)


def test_the_test_picture_is_the_one_of_the_golden_file(golden, picture):
    x, y = np.arange(800)[None, :], np.arange(600)[:, None]
    assert np.array_equal(picture[0], golden["image_row0"])
    assert [picture.sum(dtype=int), (picture.astype(int) * (x + 7 * y)).sum()] == list(
        golden["image_checksum"]
    )


def test_every_golden_frame_is_reproduced_exactly(golden, picture):
    names = [name for name in golden if name.startswith("dir")]
    assert len(names) == 10
    for name in names:
        direction, frame = name.removeprefix("dir").split("_t")
        movie = picture_movie(picture, float(direction), 37)
        assert np.array_equal(movie[int(frame)], golden[name]), name


def test_the_reduced_picture_has_the_golden_size(golden):
    assert scaled_size(0.7) == tuple(golden["scaled_size"])[::-1]


def test_a_picture_that_is_not_reduced_moves_by_whole_pixels():
    picture = np.random.default_rng(0).integers(0, 256, (600, 800), dtype=np.uint8)
    movie = picture_movie(picture, 45, 5, scale=1)
    assert np.array_equal(movie[4, :-4, 4:], movie[0, 4:, :-4])


@pytest.mark.parametrize("direction", [0, 90, 180, 270])
def test_opposite_directions_shift_oppositely(direction):
    x, y = shift_per_frame(direction)
    assert shift_per_frame(direction + 180) == (-x, -y)


@pytest.mark.parametrize("direction", [30, 44.9, 359.5])
def test_directions_off_the_grid_are_refused(direction):
    with pytest.raises(InvalidInput, match="multiple of 45"):
        shift_per_frame(direction)


def test_the_seam_is_refused_just_where_it_would_enter():
    check_seam(0.41, 37, 144, 256)
    with pytest.raises(InvalidInput, match="seam"):
        check_seam(0.355, 37, 144, 256)
    check_seam(0.7, 139, 144, 256)
    with pytest.raises(InvalidInput, match="at most 139 frames"):
        check_seam(0.7, 140, 144, 256)


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(InvalidInput, match=r"\[600, 800\]"):
        picture_movie(np.zeros((800, 600), np.uint8), 0, 37)
