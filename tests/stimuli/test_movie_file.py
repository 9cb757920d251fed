"""Movies of one's own, from files and arrays."""

import imageio.v3 as imageio
import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import MovieFile, Screen, Stimulus, movie_from_array

SMALL = Screen(height=36, width=64)


@pytest.fixture
def film():
    """Return a film of the small screen's size in which every frame is different."""
    x, y = np.arange(64), np.arange(36)[:, None]
    return np.stack([(x * 2 + y + 4 * frame) % 256 for frame in range(12)]).astype(np.uint8)


def show(path, frames=12, screen=SMALL, **options):
    return MovieFile("own", path=str(path), **options).render(0.0, 0, frames, screen, 1)


@pytest.mark.parametrize("suffix", ["npy", "npz", "tif", "tiff", "png folder"])
def test_lossless_files_come_back_exactly(film, tmp_path, suffix):
    path = tmp_path / f"film.{suffix}"
    if suffix == "npy":
        np.save(path, film)
    elif suffix == "npz":
        np.savez_compressed(path, film=film)
    elif suffix == "png folder":
        path.mkdir()
        for number, frame in enumerate(film):
            Image.fromarray(frame).save(path / f"frame{number}.png")
    else:
        tifffile.imwrite(path, film, photometric="minisblack")
    assert np.array_equal(show(path), film)


def test_a_gif_comes_back_at_the_rate_it_states(film, tmp_path):
    path = tmp_path / "film.gif"
    pictures = [Image.fromarray(frame) for frame in film]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    movie = show(path, frames=36)
    assert np.array_equal(movie[::3], film)
    assert np.array_equal(movie[1::3], film)


def test_a_video_comes_back_nearly(tmp_path):
    x, y = np.arange(64), np.arange(32)[:, None]
    film = np.stack([128 + 60 * np.sin((x + 2 * frame) / 9) + y for frame in range(15)]).astype(np.uint8)
    path = tmp_path / "film.mp4"
    imageio.imwrite(path, film[..., None].repeat(3, axis=-1), plugin="pyav", codec="libx264", fps=15)
    movie = show(path, frames=30, screen=Screen(32, 64))
    assert np.abs(movie[::2].astype(int) - film).mean() < 4
    assert np.array_equal(movie[::2], movie[1::2])


def test_floats_become_grey_levels(film, tmp_path):
    np.save(tmp_path / "film.npy", film / 255)
    assert np.array_equal(show(tmp_path / "film.npy"), film)


@pytest.mark.parametrize("scale", [1, 1 / 255])
def test_colour_becomes_luma(tmp_path, scale):
    colours = np.tile([200.0, 100.0, 50.0, 7.0], (2, 36, 64, 1))
    film = colours * scale if scale != 1 else colours.astype(np.uint8)
    np.save(tmp_path / "film.npy", film)
    assert (show(tmp_path / "film.npy", frames=2) == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)).all()


def test_a_film_at_another_rate_shows_the_frame_that_is_on(film, tmp_path):
    np.save(tmp_path / "film.npy", film)
    movie = show(tmp_path / "film.npy", frames=6, frame_rate=60)
    assert np.array_equal(movie, film[::2])
    slow = show(tmp_path / "film.npy", frames=10, frame_rate=20)
    assert np.array_equal(slow, film[[0, 0, 1, 2, 2, 3, 4, 4, 5, 6]])


def test_a_film_of_another_size_is_scaled_and_cut_centrally(tmp_path):
    wide = np.zeros((2, 72, 228), np.uint8)
    wide[:, :, 50:178] = 255
    np.save(tmp_path / "film.npy", wide)
    movie = show(tmp_path / "film.npy", frames=2)
    assert movie.shape == (2, 36, 64)
    assert (movie[:, :, 1:-1] == 255).all()


def test_another_size_is_refused_if_asked(tmp_path):
    np.save(tmp_path / "film.npy", np.zeros((2, 30, 64), np.uint8))
    with pytest.raises(InvalidInput, match="36 x 64") as caught:
        show(tmp_path / "film.npy", frames=2, resize="none")
    assert "30 x 64" in str(caught.value)


def test_a_film_that_is_too_short_is_refused_held_or_looped(film, tmp_path):
    np.save(tmp_path / "film.npy", film)
    with pytest.raises(InvalidInput, match="at most 12 frames"):
        show(tmp_path / "film.npy", frames=13)
    held = show(tmp_path / "film.npy", frames=14, ending="hold")
    assert np.array_equal(held[11:], film[[11, 11, 11]])
    looped = show(tmp_path / "film.npy", frames=14, ending="loop")
    assert np.array_equal(looped[12:], film[:2])


def test_an_array_becomes_a_movie_that_knows_its_checksum(film, tmp_path):
    stimulus = movie_from_array(film, tmp_path / "new", name="layer")
    assert stimulus.name == "layer"
    assert stimulus.sha256 in stimulus.path
    assert np.array_equal(stimulus.render(0.0, 0, 12, SMALL, 1), film)
    assert Stimulus.from_json(stimulus.to_json()) == stimulus
    assert movie_from_array(film / 255, tmp_path / "new").sha256 == stimulus.sha256


def test_a_file_that_has_changed_is_refused(film, tmp_path):
    stimulus = movie_from_array(film, tmp_path)
    np.save(stimulus.path, film[::-1])
    with pytest.raises(InvalidInput, match="has changed"):
        stimulus.check_source(12, SMALL)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 4, 4), np.uint8), "empty"),
        (np.zeros((1, 4, 4), np.uint8), "two frames"),
        (np.zeros((4, 4), np.uint8), "stack"),
        (np.zeros((3, 4, 4, 5), np.uint8), "3 or 4"),
        (np.zeros((3, 4, 4), np.uint16), "uint16"),
        (np.zeros((3, 4, 4), bool), "bool"),
        (np.full((3, 4, 4), np.nan), "not finite"),
        (np.full((3, 4, 4), 7.0), "out of range"),
        (np.full((3, 4, 4), -0.1), "out of range"),
    ],
)
def test_arrays_that_are_no_movie_are_refused(array, message, tmp_path):
    with pytest.raises(InvalidInput, match=message):
        movie_from_array(array, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["film.npy", "film.npz", "film.tif", "film.gif", "film.mp4"])
def test_damaged_files_are_refused(name, tmp_path):
    (tmp_path / name).write_bytes(b"this is no movie")
    with pytest.raises(InvalidInput, match="cannot be read"):
        show(tmp_path / name)


def test_files_that_are_absent_or_of_another_kind_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no such file"):
        show(tmp_path / "absent.npy")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InvalidInput, match=r"\.npy, \.npz"):
        show(tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="holds no PNG"):
        show(tmp_path / "empty")
    np.savez(tmp_path / "two.npz", a=np.zeros(1), b=np.zeros(1))
    with pytest.raises(InvalidInput, match="one array"):
        show(tmp_path / "two.npz")


def test_a_pickle_is_never_loaded(tmp_path):
    np.save(tmp_path / "film.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InvalidInput, match="cannot be read"):
        show(tmp_path / "film.npy")


def test_pictures_of_different_size_are_refused(tmp_path):
    for number, width in enumerate((8, 9)):
        Image.fromarray(np.zeros((8, width), np.uint8)).save(tmp_path / f"{number}.png")
    with pytest.raises(InvalidInput, match="differ in size"):
        show(tmp_path, frames=2)


@pytest.mark.parametrize(
    "options", [{"resize": "stretch"}, {"ending": "fade"}, {"frame_rate": -1}, {"path": ""}]
)
def test_impossible_options_are_refused(options):
    with pytest.raises(InvalidInput):
        MovieFile("own", **{"path": "film.npy", **options})
