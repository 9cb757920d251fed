from __future__ import annotations

import gc

import numpy as np
from PIL import Image

from napari_twinscope.views.figures import draw_views


def test_the_views_of_a_recording_are_drawn_to_files(recording, tmp_path, qapp):
    pictures = draw_views(recording, tmp_path / "views")
    assert [path.name for path in pictures] == [
        "window.png",
        "movie-and-map.png",
        "manifold.png",
        "responses.png",
    ]
    for path in pictures:
        assert np.asarray(Image.open(path).convert("L")).std() > 5, f"{path.name} is empty"
    qapp.processEvents()
    gc.collect()  # the viewer was closed within the call
