from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from napari_twinscope.errors import Canceled, InvalidInput, StoreError
from napari_twinscope.progress import SilentProgress
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.film_figure import film_figure, write_film, write_frames
from napari_twinscope.rig.map_colors import map_colors
from napari_twinscope.rig.map_film import MapFilm
from napari_twinscope.rig.maps import MapStyle

STYLE = MapStyle((-2.0, 2.0), "diverging", "largest absolute value recorded in made-up")


@pytest.fixture
def film():
    random = np.random.default_rng(0)
    return MapFilm(
        random.integers(0, 256, (5, 12, 20), dtype=np.uint8),
        random.normal(size=(5, 3, 4)).astype(np.float32),
        STYLE,
        30.0,
        "Activation (a.u.): made-up map 3",
        ("made-up · Grating ↑ 90° · 30 frames per second",),
        np.array([[2.0, 3.0], [5.0, 18.0]]),
        np.ones((2, 4), np.float32),
    )


def test_the_map_lies_over_the_movie_cell_by_cell(film):
    picture = film.blended(2).astype(float)
    for row, column, cell in ((0, 0, (0, 0)), (11, 19, (2, 3)), (4, 10, (1, 2)), (3, 9, (0, 1))):
        color = map_colors(film.maps[2][cell], STYLE)
        expected = film.movie[2, row, column] * (1 - color[3]) + 255 * color[:3] * color[3]
        np.testing.assert_allclose(picture[row, column], expected, atol=0.51)


def test_where_nothing_is_known_or_nothing_happens_the_movie_is_seen(film):
    unknown = replace(film, maps=np.full_like(film.maps, np.nan))
    silent = replace(film, maps=np.zeros_like(film.maps))
    for other in (unknown, silent):
        np.testing.assert_array_equal(other.blended(1), np.repeat(film.movie[1][..., None], 3, axis=-1))


def test_a_figure_has_a_panel_for_each_frame_with_its_time(film):
    figure = film_figure(film, [0, 3])
    pictures = [area.images[0].get_array() for area in figure.axes if area.images][:2]
    np.testing.assert_array_equal(pictures, [film.blended(0), film.blended(3)])
    texts = [text.get_text() for text in figure.texts]
    assert {"0.00 s", "0.10 s", film.title, film.lines[0]} <= set(texts)
    assert "largest absolute value" in " ".join(texts)
    rings = figure.axes[0].collections[-1].get_offsets()
    np.testing.assert_array_equal(rings, film.units[:, ::-1])


def test_a_frame_that_is_not_there_is_refused(film):
    with pytest.raises(InvalidInput, match="no such frame"):
        film_figure(film, [5])


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_a_film_has_every_frame_at_the_rate_that_was_asked_for(film, tmp_path, speed):
    path = write_film(film, tmp_path / "a.mp4", speed=speed)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert len(list(container.decode(stream))) == 5
        assert float(stream.average_rate) == pytest.approx(30 * speed)
        assert container.metadata["title"] == film.title
        assert "30 frames per second" in container.metadata["comment"]


def test_a_gif_lasts_as_long_as_the_movie(film, tmp_path):
    path = write_film(film, tmp_path / "a.gif")
    with Image.open(path) as picture:
        lasting = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            lasting.append(picture.info["duration"])
    assert sum(lasting) == pytest.approx(1000 * 5 / 30, abs=10)


def test_pictures_are_numbered_and_said_to_be_how_fast(film, tmp_path):
    paths = write_frames(film, tmp_path / "frames")
    assert [path.name for path in paths] == [f"frame-{number:03d}.png" for number in range(5)] + [
        "frames.txt"
    ]
    assert "30 frames per second" in paths[-1].read_text(encoding="utf-8")
    with pytest.raises(StoreError, match="holds something"):
        write_frames(film, tmp_path / "frames")


def test_nothing_is_overwritten_or_left_half_done(film, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"mine")
    with pytest.raises(StoreError, match="already"):
        write_film(film, path)
    assert path.read_bytes() == b"mine"
    stopped = SilentProgress()
    stopped.cancel()
    with pytest.raises(Canceled):
        write_film(film, tmp_path / "b.mp4", progress=stopped)
    with pytest.raises(InvalidInput, match="no such speed"):
        write_film(film, tmp_path / "b.mp4", speed=0)
    with pytest.raises(InvalidInput, match="kind of file"):
        write_film(film, tmp_path / "b.avi")
    assert [other.name for other in tmp_path.iterdir()] == ["a.mp4"]


def test_a_figure_of_maps_can_be_saved_as_vectors(film, tmp_path):
    assert save_figure(film_figure(film), tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"
