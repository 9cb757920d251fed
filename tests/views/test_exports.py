from __future__ import annotations

import sys
import threading
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from qtpy.compat import isalive
from qtpy.QtWidgets import QFileDialog

from napari_twinscope.views import commands
from napari_twinscope.views.dialogs import ErrorDialog
from napari_twinscope.views.exports import Exports

sys.path.insert(0, str(Path(__file__).parent))

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def answer(monkeypatch):
    """Answer the dialogs that ask for a file."""

    def give(path, chosen=""):
        said = lambda *_: (str(path), chosen)  # noqa: E731
        monkeypatch.setattr(QFileDialog, "getSaveFileName", said)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", said)

    return give


@pytest.fixture
def problem(qapp):
    """Return the text of the error dialog that is open, and close it."""

    def text():
        dialogs = [w for w in qapp.topLevelWidgets() if isinstance(w, ErrorDialog) and w.isVisible()]
        said = [dialog.details.toPlainText() for dialog in dialogs]
        for dialog in dialogs:
            dialog.close()
        return "\n".join(said)

    return text


def action(dock, text):
    return next(a for a in dock.export_button.menu().actions() if a.text().startswith(text))


def test_the_figure_shows_the_manifold_from_the_camera_of_the_dock(docks, answer, tmp_path, problem):
    _, manifold, _ = docks
    session = manifold.session
    session.selection.apply(session.stage, range(20), picked=4)
    session.selection.group(session.stage, "twenty")
    manifold.cloud.model.scene.camera.angles = (40, 10, 5)
    answer(tmp_path / "figure", "SVG: vectors, text stays text (*.svg)")
    action(manifold, "Manifold as figure").trigger()
    assert problem() == ""
    root = ElementTree.parse(tmp_path / "figure.svg").getroot()
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert "20 selected" in " ".join(texts)
    assert {"twenty (20)", "PC 1", "PC 2", "PC 3"} <= set(texts)
    points = next(g for g in root.iter(f"{SVG}g") if g.get("id") == "units")
    drawn = [e for e in points.iter() if e.tag in (f"{SVG}use", f"{SVG}path") and e.get("style")]
    assert len(drawn) == len(session.units())
    before = (tmp_path / "figure.svg").read_bytes()
    answer(tmp_path / "figure", "SVG: vectors, text stays text (*.svg)")
    action(manifold, "Manifold as figure").trigger()  # the name without its suffix was never asked about
    assert "already" in problem()
    assert (tmp_path / "figure.svg").read_bytes() == before


def test_tables_go_out_and_selections_come_back(docks, answer, tmp_path, problem):
    _, manifold, _ = docks
    session = manifold.session
    session.selection.apply(session.stage, [3, 5, 8])
    answer(tmp_path / "selection.csv")
    action(manifold, "Selection").trigger()
    answer(tmp_path / "units.csv")
    action(manifold, "Unit table").trigger()
    assert len(pd.read_csv(tmp_path / "selection.csv")) == 3
    assert pd.read_csv(tmp_path / "units.csv")["selected"].sum() == 3
    session.selection.clear()
    answer(tmp_path / "selection.csv")
    action(manifold, "Select units").trigger()
    assert problem() == ""
    assert session.selection.indices(session.stage).tolist() == [3, 5, 8]


def test_what_the_docks_show_becomes_layers_that_napari_saves_without_us(docks, qtbot, tmp_path):
    from napari.layers import Layer

    rig, manifold, _ = docks
    viewer, session = manifold.bench.viewer, manifold.session
    rig.bench.show_frame((1, 2), 5)
    qtbot.waitUntil(lambda: not rig.bench.background.busy, timeout=20_000)
    before, sliders = list(viewer.layers), viewer.dims.nsteps
    action(manifold, "Add as layers").trigger()
    assert viewer.dims.nsteps == sliders
    added = [layer for layer in viewer.layers if layer not in before]
    assert [type(layer).__name__ for layer in added] == ["Image", "Image", "Points", "Points"]
    movie, _, units, cloud = added
    np.testing.assert_array_equal(movie.data, session.recording.movie().values[1, 2, 0])
    assert cloud.features["unit_id"].tolist() == session.units()["unit_id"].tolist()
    np.testing.assert_allclose(cloud.data[:, ::-1], session.cloud().points)
    assert len(np.unique(np.asarray(cloud.face_color), axis=0)) > 10
    assert len(units.data) == len(units.features)
    # our own layers and the slider are as before
    assert session.condition == (1, 2)
    assert session.frame == 5
    rig.bench.show_frame((0, 1), 3)
    assert (session.condition, session.frame) == ((0, 1), 3)
    saved = cloud.save(str(tmp_path / "cloud.csv"))
    assert len(pd.read_csv(saved[0])) == len(cloud.data)
    again = Layer.create(*cloud.as_layer_data_tuple())
    np.testing.assert_array_equal(again.data, cloud.data)
    assert all("twinscope" not in layer.metadata for layer in added)


def test_trajectories_become_tracks(docks, qtbot):
    _, manifold, _ = docks
    viewer, session = manifold.bench.viewer, manifold.session
    session.selection.apply(session.stage, range(30))
    before = len(viewer.layers)
    action(manifold, "Add trajectories").trigger()
    qtbot.waitUntil(lambda: len(viewer.layers) > before, timeout=20_000)
    tracks = viewer.layers[-1]
    assert "slider of direction" in viewer.status  # frames of tracks come three axes before the last
    protocol = session.recording.protocol
    movies = len(protocol.stimuli) * len(protocol.directions)
    assert len(np.unique(tracks.data[:, 0])) == movies
    assert len(tracks.data) == movies * protocol.frames
    assert "30 units" in tracks.name
    assert set(tracks.features["direction"]) == set(protocol.directions)


def test_trajectories_of_a_stage_that_is_left_meanwhile_pass_for_those_of_no_other(docks, qtbot):
    _, manifold, _ = docks
    viewer, session = manifold.bench.viewer, manifold.session
    stage, before = session.stage, len(viewer.layers)
    action(manifold, "Add trajectories").trigger()
    session.show_stage("output")
    qtbot.waitUntil(lambda: "trajectories" in viewer.status, timeout=20_000)
    assert viewer.status.startswith(f"No trajectories of {stage}")
    assert len(viewer.layers) == before


def test_what_fails_after_its_dock_was_closed_is_told_even_so(docks, qtbot, problem):
    rig, manifold, responses = docks
    exports = Exports(manifold.bench.viewer, responses)
    gate = threading.Event()

    def write(_):
        gate.wait(20)
        raise OSError("No space left on device")

    exports.in_background("Saving the film", write)
    responses = None
    manifold.bench.viewer.window.remove_dock_widget(docks.pop())
    qtbot.waitUntil(lambda: not isalive(exports.parent), timeout=10_000)
    gate.set()
    qtbot.waitUntil(lambda: not rig.bench.background.busy, timeout=20_000)
    assert "No space left on device" in problem()


@pytest.mark.parametrize(
    "command",
    [
        commands.save_manifold_figure,
        commands.save_unit_table,
        commands.save_selection,
        commands.open_selection,
        commands.add_layers,
        commands.add_trajectories,
        commands.save_space_figure,
        commands.save_space_table,
        commands.add_space_layers,
        commands.save_histogram_figure,
    ],
)
def test_with_nothing_to_export_every_command_says_so(viewer, answer, tmp_path, problem, command):
    answer(tmp_path / "a.csv")
    command(viewer)
    assert "There is no recording to look at yet." in problem()
    assert list(tmp_path.glob("a.*")) == []
    assert len(viewer.layers) == 0


def test_nothing_is_written_if_the_user_thinks_better_of_it(docks, answer, tmp_path, problem):
    _, manifold, _ = docks
    answer("")
    exports = Exports(manifold.bench.viewer)
    exports.manifold_figure()
    exports.unit_table()
    assert problem() == ""
    assert list(tmp_path.glob("*.svg")) == []


def test_sizes_and_rings_are_drawn_and_explained(docks):
    _, manifold, _ = docks
    session = manifold.session
    manifold.style_button.click()
    choice = manifold.style_choice.lists["Size"]
    choice.setCurrentIndex(choice.findData("mean activity"))
    choice.activated.emit(choice.currentIndex())
    assert session.size_by == "mean activity"
    sizes = np.asarray(manifold.cloud.layer.size)
    np.testing.assert_allclose(sizes / sizes.min(), session.point_style().sizes / 0.5, rtol=1e-5)
    assert "mean activity" in manifold.style_choice.meaning.text()
    session.opacity_by = "not known here"
    assert set(map(str, manifold.cloud.layer.symbol)) == {"ring"}
    assert f"○ no value ({len(sizes)})" in manifold.style_choice.meaning.text()
    session.size_by = session.opacity_by = ""
    assert len(np.unique(np.asarray(manifold.cloud.layer.size))) == 1
    assert set(map(str, manifold.cloud.layer.symbol)) == {"disc"}
    assert manifold.style_choice.meaning.isHidden()
