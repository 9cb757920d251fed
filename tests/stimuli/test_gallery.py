"""The figure of a protocol."""

import numpy as np
import pytest
from PIL import Image

from napari_twinscope.stimuli import DriftingGrating, FullFieldFlash, Screen, StimulusProtocol, gallery


@pytest.fixture
def mixed():
    stimuli = (DriftingGrating("grating"), FullFieldFlash("flash"))
    return StimulusProtocol("mixed", stimuli, instances=1, screen=Screen(36, 64))


def test_the_gallery_shows_every_direction_and_every_stimulus(mixed):
    figure = gallery(mixed)
    texts = [text.get_text() for text in figure.texts]
    assert {"grating", "flash", "Protocol “mixed”"} <= set(texts)
    assert any(text.endswith("° at the centre") for text in texts)
    # Eight directions and six stills, and a slice for each.
    assert len(figure.axes) == 8 + 6 + 2


def test_no_text_of_the_gallery_leaves_the_figure(mixed):
    figure = gallery(mixed)
    figure.canvas.draw()
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text()):
        if text.get_visible():
            box = text.get_window_extent()
            assert box.x0 >= 0, text
            assert box.y0 >= 0, text
            assert box.x1 <= figure.bbox.x1, text
            assert box.y1 <= figure.bbox.y1, text


def test_the_gallery_is_saved_where_asked(mixed, tmp_path):
    gallery(mixed, tmp_path / "gallery.png")
    with Image.open(tmp_path / "gallery.png") as image:
        assert np.asarray(image.convert("L")).std() > 10


def test_vertical_motion_is_sliced_along_a_column(mixed):
    texts = [text.get_text() for text in gallery(mixed.subset(directions=[90])).texts]
    assert "middle column over time (s)" in texts
