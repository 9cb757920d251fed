"""A further manifold chooses what it shows of its stage, and is saved as a figure of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.window_state import open_pages

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks

PATIENCE = 120_000  # milliseconds
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def recording(recording_path, tmp_path):
    """A copy, for manifolds are stored beside the responses."""
    from napari_twinscope.recording import open_recording

    opened = open_recording(shutil.copytree(recording_path, tmp_path / "copy.twinscope.zarr"))
    yield opened
    opened.close()


@pytest.fixture
def manifolds(viewer, recording, qtbot):
    """Manifold, Second manifold and Manifold 3; that of the first dock is computed."""
    bench_of(viewer).open(recording)
    opened = Docks([open_dock(viewer, "Manifold")])
    panel = opened[0].encoding
    panel.form.restarts.setValue(1)
    panel.compute_button.click()
    qtbot.waitUntil(lambda: panel.job is None, timeout=PATIENCE)
    assert opened[0].session.look.manifold is not None, panel.message.text()
    for _ in range(2):
        qtbot.mouseClick(opened[-1].another_button, Qt.MouseButton.LeftButton)
        opened.append(list(open_pages(viewer).values())[-1])
    qtbot.waitUntil(lambda: all(dock.cloud.layer is not None for dock in opened), timeout=PATIENCE)
    yield opened
    opened.clear()


def choose(box, text, qtbot):
    """Go through a list by the keyboard until it says what is wanted."""
    box.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        for _ in range(box.count()):
            if text in box.currentText():
                return
            qtbot.keyClick(box, key)
    assert text in box.currentText()


def texts(path):
    root = ElementTree.parse(path).getroot()
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_it_shows_another_embedding_than_the_first_and_saves_what_it_shows(
    manifolds, qtbot, tmp_path, monkeypatch
):
    first, third = manifolds[0], manifolds[2]
    assert third.name == "Manifold 3"
    assert not third.shown.isVisible()  # of its stage nothing was computed
    choose(third.stage_choice, first.stage_choice.currentText(), qtbot)
    qtbot.waitUntil(lambda: third.session.look.manifold is not None, timeout=PATIENCE)
    assert third.shown.isVisible()
    choose(third.look_choice, "Principal components", qtbot)
    qtbot.waitUntil(lambda: third.session.look.manifold is None, timeout=PATIENCE)
    assert third.session.look.is_ready
    assert first.session.look.manifold is not None
    np.testing.assert_array_equal(third.cloud.layer.data[:, ::-1], third.session.cloud().points)
    on_map = np.flatnonzero(first.session.look.manifold.on_map)
    first.session.selection.apply(first.session.stage, on_map[:3])
    third.cloud.model.scene.camera.angles = (50, 20, 10)

    def saved(name):
        said = lambda *_: (str(tmp_path / name), "")  # noqa: E731
        monkeypatch.setattr(QFileDialog, "getSaveFileName", said)
        qtbot.mouseClick(third.figure_button, Qt.MouseButton.LeftButton)
        return texts(tmp_path / name)

    assert {"PC 1", "PC 2", "PC 3"} <= set(saved("components.svg"))
    choose(third.look_choice, "rank 4", qtbot)
    qtbot.waitUntil(lambda: third.session.look.manifold is not None, timeout=PATIENCE)
    words = saved("manifold.svg")
    assert "PC 1" not in words
    assert "3 selected" in " ".join(words), words
