"""As many manifolds side by side as are wanted, with one selection."""

from __future__ import annotations

import gc
import json
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from napari_twinscope.rig.colors import DIMMED
from napari_twinscope.rig.saved_session import SUFFIX
from napari_twinscope.views.arrangement import close_dock, is_open, open_dock
from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.pinned import dock_around
from napari_twinscope.views.window_state import open_pages

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Docks


def bright(dock):
    return np.flatnonzero(~np.isclose(np.asarray(dock.cloud.layer.face_color), DIMMED).all(axis=1)).tolist()


def drawn(docks):
    return all(dock.cloud.layer is not None for dock in docks)


@pytest.fixture
def manifolds(viewer, recording, qtbot):
    """The docks Manifold and Second manifold, and one more of which there are two presses of "+"."""
    bench_of(viewer).open(recording)
    opened = Docks([open_dock(viewer, "Manifold")])
    viewer.window.resize(1900, 1000)
    for _ in range(2):
        opened[-1].another_button.click()
        opened.append(list(open_pages(viewer).values())[-1])
    qtbot.waitUntil(lambda: drawn(opened), timeout=20_000)
    yield opened
    opened.clear()


def test_every_press_opens_one_more_and_all_show_one_selection(manifolds, viewer, qtbot):
    assert list(open_pages(viewer)) == ["Manifold", "Second manifold", "Manifold 3"]
    assert [dock.session.stage for dock in manifolds] == ["recurrent_out", "output", "output"]
    manifolds[2].session.show_stage("recurrent_out")
    qtbot.waitUntil(lambda: len(manifolds[2].cloud.layer.data) == len(manifolds[0].cloud.layer.data))
    manifolds[2].session.selection.apply("recurrent_out", [3, 5])
    assert bright(manifolds[0]) == bright(manifolds[2]) == [3, 5]
    manifolds[2].session.selection.apply("output", [7])
    manifolds[2].session.show_stage("output")
    qtbot.waitUntil(lambda: bright(manifolds[2]) == [7])
    open_dock(viewer, "Second manifold")  # which may lie behind the other
    qtbot.waitUntil(lambda: bright(manifolds[1]) == [7])
    manifolds[0].session.selection.undo()
    assert len(bright(manifolds[1])) == len(manifolds[1].session.units())
    assert manifolds[1].session.responses() is manifolds[2].session.responses()


def test_a_closed_manifold_leaves_no_memory_behind_and_its_number_is_free(manifolds, viewer, qtbot):
    third = manifolds.pop()
    gone = [weakref.ref(each) for each in (third, third.cloud.model, third.session)]
    close_dock(viewer, "Manifold 3")
    del third
    qtbot.wait(100)
    gc.collect()
    assert [ref() for ref in gone] == [None, None, None]
    assert not is_open(viewer, "Manifold 3")
    manifolds[0].session.selection.apply("output", [1])
    manifolds[1].another_button.click()
    assert list(open_pages(viewer)) == ["Manifold", "Second manifold", "Manifold 3"]
    manifolds.append(open_dock(viewer, "Manifold 3"))
    qtbot.waitUntil(lambda: drawn(manifolds), timeout=20_000)


def test_a_session_brings_all_of_them_back(manifolds, viewer, make_napari_viewer, qtbot, tmp_path):
    third = manifolds[2]
    third.session.show_stage("recurrent_out")
    third.session.measure = "preferred stimulus"
    third.tools.choose("lasso")
    third.cloud.model.scene.camera.angles = (20.0, 30.0, 40.0)
    file = bench_of(viewer).file
    assert file.save(tmp_path / "work")
    saved = json.loads((tmp_path / f"work{SUFFIX}").read_text())
    assert list(saved["docks"]) == ["Manifold", "Second manifold", "Manifold 3"]
    other = make_napari_viewer(show=True)
    again, shown = bench_of(other).file, []
    again.shown.connect(lambda: shown.append(True))
    again.open(file.path)
    qtbot.waitUntil(lambda: bool(shown), timeout=20_000)
    pages = open_pages(other)
    assert set(pages) == set(saved["docks"])
    after, before = pages["Manifold 3"].view_state(), saved["docks"]["Manifold 3"]
    assert after.pop("camera")["angles"] == pytest.approx(before.pop("camera")["angles"])
    assert after == before
    assert pages["Second manifold"].session.stage == "output"
    pages.clear()


@pytest.mark.parametrize(
    ("width", "height", "place"), [(1900, 1000, "beside"), (1500, 1000, "tab"), (1150, 1000, "tab")]
)
def test_a_further_manifold_is_seen_beside_the_others_where_there_is_room(
    viewer, recording, qtbot, width, height, place
):
    bench_of(viewer).open(recording)
    viewer.window.resize(width, height)
    opened = Docks([open_dock(viewer, "Manifold")])
    qtbot.wait(100)
    opened.append(open_dock(viewer, "Second manifold"))
    first, second = (dock_around(page) for page in opened)
    tabs = second.parent().tabifiedDockWidgets(second)
    assert (place == "tab") == (first in tabs)
    qtbot.wait(100)
    assert viewer.canvas.size[1] >= 240
    opened.clear()
