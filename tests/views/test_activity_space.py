"""The dock "Stimuli in activity space", driven by hand."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import activity_space
from napari_twinscope.rig.activity_space import SpaceOptions, held_steady, stimulus_space
from napari_twinscope.views.pinned import dock_around
from napari_twinscope.views.stimulus_canvas import StimulusCanvas

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks
from gestures import click

NAME = "Stimuli in activity space"


@pytest.fixture
def opened(viewer, recording, qtbot):
    """A recording with this dock alone, in a list that is emptied before the viewer looks for leaks."""
    from napari_twinscope.views.arrangement import open_dock
    from napari_twinscope.views.bench import bench_of

    bench_of(viewer).open(recording)
    pages = Docks([open_dock(viewer, NAME)])
    settled(pages[-1], qtbot)
    qtbot.wait(200)  # the window settles
    yield pages
    pages.clear()


def settled(dock, qtbot):
    qtbot.waitUntil(lambda: dock.space is not None and not dock.latest.busy, timeout=20_000)


def choose(box, value):
    box.setCurrentIndex(box.findData(value))


def drawn(dock):
    """Return the coordinates of what is drawn, first axis first, float [movies, frames, 3]."""
    return dock.canvas._paths[..., ::-1]


def test_selecting_units_recomputes_the_picture_of_just_those_and_the_camera_stays(opened, qtbot):
    dock = opened[-1]
    session = dock.session
    whole = stimulus_space(session.responses(), SpaceOptions())
    np.testing.assert_allclose(drawn(dock), whole.paths / whole.spread)
    total = len(session.units())
    assert f"all {total} units" in dock.status.text()
    points = dock.canvas.points
    camera = dock.canvas.model.scene.camera
    camera.angles = (20.0, 30.0, 40.0)
    before = (camera.angles, camera.zoom, camera.center)
    units = np.arange(3, total, 7)
    session.selection.apply(session.stage, units)
    settled(dock, qtbot)
    part = held_steady(stimulus_space(session.responses(), SpaceOptions(), units), whole, turn=True)
    np.testing.assert_allclose(drawn(dock), part.paths / part.spread)
    np.testing.assert_allclose(points.data[:, ::-1], drawn(dock)[:, 0])
    assert dock.status.text() == f"{len(units)} of {total} units of {session.stage}"
    assert f"together {100 * part.shares.sum():.0f} %" in dock.numbers.text()
    choose(dock.form.units, "all")
    settled(dock, qtbot)
    np.testing.assert_allclose(drawn(dock), whole.paths / whole.spread)
    assert dock.canvas.points is points
    qtbot.wait(50)
    assert (camera.angles, camera.zoom, camera.center) == before


def test_a_click_on_a_point_shows_that_movie(opened):
    dock = opened[-1]
    dock.bench.show_frame((0, 0), 5)
    places = dock.canvas.positions()
    alone = [np.sort(np.linalg.norm(places - place, axis=1))[1] for place in places]
    movie = int(np.argmax(alone))
    click(dock.canvas.native, places[movie])
    assert dock.session.condition == tuple(dock.space.movies[movie])
    assert dock.session.frame == 5
    np.testing.assert_allclose(dock.canvas.current_point.data[0, ::-1], drawn(dock)[movie, 0])
    assert dock.now.text().startswith("On the screen: ")
    click(dock.canvas.native, (2, 2))
    assert dock.session.condition == tuple(dock.space.movies[movie])


def test_markers_move_along_the_trajectories_and_a_click_shows_that_movie_at_that_frame(opened, qtbot):
    dock = opened[-1]
    choose(dock.form.picture, "trajectories")
    settled(dock, qtbot)
    paths = drawn(dock)
    movies, frames = paths.shape[:2]
    assert frames == 12
    for frame in (0, 7, 11):
        dock.bench.show_frame((1, 2), frame)
        markers = np.asarray(dock.canvas.points.data)[2 * movies :, ::-1]
        np.testing.assert_allclose(markers, paths[:, frame])
        current = dock.space.place_of((1, 2))
        np.testing.assert_allclose(dock.canvas.current_point.data[0, ::-1], paths[current, frame])
    assert dock.canvas.lines.visible
    assert dock.canvas.current_line.visible
    qtbot.wait(50)
    places = dock.canvas.positions()
    alone = np.array([np.sort(np.linalg.norm(places - place, axis=1))[1] for place in places])
    place = int(np.argmax(alone))
    click(dock.canvas.native, places[place])
    movie, frame = divmod(place, drawn(dock).shape[1])
    assert dock.session.condition == tuple(dock.space.movies[movie])
    assert dock.session.frame == frame


def test_a_late_answer_is_never_shown(opened, qtbot, monkeypatch):
    dock = opened[-1]
    gate, begun = threading.Event(), []
    real = activity_space.stimulus_space

    def slow(responses, options, units=None):
        begun.append(0 if units is None else len(units))
        if begun[-1] == 3:
            gate.wait(10)
        return real(responses, options, units)

    monkeypatch.setattr(activity_space, "stimulus_space", slow)
    before, selection, stage = drawn(dock).copy(), dock.session.selection, dock.session.stage
    shown = []
    monkeypatch.setattr(StimulusCanvas, "show_paths", lambda _, paths, *__: shown.append(np.array(paths)))
    selection.apply(stage, [1, 2, 3])
    qtbot.waitUntil(lambda: begun == [3])
    selection.apply(stage, [4, 5, 6, 7])
    selection.apply(stage, [4, 5, 6, 7, 8])
    qtbot.wait(50)
    assert not shown
    gate.set()
    settled(dock, qtbot)
    qtbot.waitUntil(lambda: bool(shown))
    assert begun == [3, 5]
    assert len(shown) == 1
    assert not np.allclose(shown[0], before)
    assert dock.space.units == 5


def test_a_picture_that_is_not_yet_of_the_selection_says_of_which_units_it_is(opened, qtbot, monkeypatch):
    dock, gate = opened[-1], threading.Event()
    selection, stage = dock.session.selection, dock.session.stage
    selection.apply(stage, [1, 2, 3])
    settled(dock, qtbot)
    qtbot.waitUntil(lambda: dock.status.text().startswith("3 of"))
    real = activity_space.stimulus_space
    monkeypatch.setattr(activity_space, "stimulus_space", lambda *how: gate.wait(10) and real(*how))
    selection.apply(stage, [4, 5, 6, 7])
    choose(dock.form.colour, dock.form.colour.itemData(1))
    assert dock.status.text().startswith("3 of")
    qtbot.waitUntil(lambda: dock.status.text().endswith("computing another one …"), timeout=5_000)
    gate.set()
    qtbot.waitUntil(lambda: dock.status.text().startswith("4 of"), timeout=10_000)
    assert "computing" not in dock.status.text()


def test_colours_follow_the_choice_and_a_diffusion_map_can_be_asked_for(opened, qtbot):
    dock = opened[-1]
    choose(dock.form.colour, "direction")
    assert len(np.unique(dock.canvas.points.face_color, axis=0)) == 4
    assert dock.legend._legend.title == "direction of motion"
    choose(dock.form.colour, "stimulus")
    assert len(np.unique(dock.canvas.points.face_color, axis=0)) == 2
    choose(dock.form.picture, "diffusion")
    dock.form.rectify.setChecked(False)
    settled(dock, qtbot)
    expected = stimulus_space(dock.session.responses(), SpaceOptions("diffusion", rectify=False))
    np.testing.assert_allclose(dock.space.paths, expected.paths)
    assert dock.numbers.text().startswith("Eigenvalues")


def test_stimuli_that_were_not_recorded_are_explained_and_another_stage_has_its_own_units(opened, qtbot):
    dock = opened[-1]
    choose(dock.form.preset, "published-2025")
    qtbot.waitUntil(lambda: dock.pages.currentWidget() is dock.hint, timeout=10_000)
    assert "To do: take what was recorded" in dock.hint._text.text()
    choose(dock.form.preset, "corrected")
    settled(dock, qtbot)
    assert dock.pages.currentWidget() is dock.canvas.widget
    choose(dock.form.stimuli, "first-six")
    assert "preset takes" in dock.hint._text.text()
    choose(dock.form.stimuli, "")
    layers = list(dock.canvas.model.layers)
    dock.session.show_stage("output")
    qtbot.waitUntil(lambda: dock.space is not None and "output" in dock.status.text(), timeout=10_000)
    assert dock.space.units == len(dock.session.units())
    assert list(dock.canvas.model.layers) == layers


def test_a_hidden_dock_does_no_work_and_catches_up(opened, qtbot, monkeypatch):
    dock = opened[-1]
    computed = []
    real = activity_space.stimulus_space
    monkeypatch.setattr(activity_space, "stimulus_space", lambda *a: computed.append(a) or real(*a))
    page = dock_around(dock)
    page.hide()
    dock.session.selection.apply(dock.session.stage, [1, 2, 3, 4])
    dock.bench.show_frame((1, 1), 3)
    qtbot.wait(100)
    assert not computed
    page.show()
    qtbot.waitUntil(lambda: dock.space.units == 4, timeout=10_000)
    assert "4 of" in dock.status.text()
    current = dock.space.place_of((1, 1))
    np.testing.assert_allclose(dock.canvas.current_point.data[0, ::-1], drawn(dock)[current, 0])


def test_a_still_picture_is_not_drawn_again_while_the_movie_plays(opened, monkeypatch):
    dock = opened[-1]
    drawn_again = []
    monkeypatch.setattr(StimulusCanvas, "_draw_marks", lambda *_: drawn_again.append(1))
    dock.bench.show_frame(dock.session.condition, 7)
    assert "0.23 s" in dock.now.text()
    assert not drawn_again
    dock.bench.show_frame((1, 2), 7)
    assert drawn_again == [1]


def test_a_selection_is_told_without_waiting_for_its_stimuli(opened, qtbot, monkeypatch):
    dock = opened[-1]
    gate, real, told = threading.Event(), activity_space.stimulus_space, []

    def slow(*asked):
        gate.wait(10)
        return real(*asked)

    monkeypatch.setattr(activity_space, "stimulus_space", slow)
    before = drawn(dock).copy()
    dock.session.selection.changed.connect(told.append)
    dock.session.selection.apply(dock.session.stage, [1, 2, 3])
    assert told == [dock.session.stage]  # though nothing is computed
    np.testing.assert_array_equal(drawn(dock), before)
    gate.set()
    settled(dock, qtbot)
    assert dock.space.units == 3


def test_without_a_recording_it_says_what_to_do(viewer):
    from napari_twinscope.views.arrangement import open_dock

    dock = open_dock(viewer, NAME)
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.reset_button.isEnabled()


def test_what_is_shown_comes_back_from_a_session(opened, qtbot):
    dock = opened[-1]
    choose(dock.form.picture, "trajectories")
    choose(dock.form.colour, "direction")
    dock.form.halve.setChecked(True)
    settled(dock, qtbot)
    dock.canvas.model.scene.camera.angles = (11.0, 22.0, 33.0)
    state = dock.view_state()
    dock.restore_view({})
    settled(dock, qtbot)
    assert dock.space.is_still
    dock.restore_view(state)
    settled(dock, qtbot)
    assert not dock.space.is_still
    qtbot.waitUntil(lambda: np.allclose(dock.canvas.model.scene.camera.angles, (11.0, 22.0, 33.0)))
    after = dock.view_state()
    np.testing.assert_allclose(after["camera"].pop("angles"), state["camera"].pop("angles"))
    assert after.pop("camera")["zoom"] == pytest.approx(state.pop("camera")["zoom"])
    assert after == state
    with pytest.raises(InvalidInput, match="picture"):
        dock.restore_view({"picture": "cloud"})


def test_a_closed_dock_no_longer_listens(opened, qtbot):
    dock = opened[-1]
    session, viewer = dock.session, dock.bench.viewer
    asked = []
    dock.latest.ask = lambda *question: asked.append(question)
    dock.canvas.show_current = lambda *place: asked.append(place)
    viewer.window.remove_dock_widget(dock)
    qtbot.wait(50)
    session.selection.apply(session.stage, [1, 2, 3])
    session.frame = 3
    viewer.theme = "light"
    session.show_stage("output")
    assert not asked
