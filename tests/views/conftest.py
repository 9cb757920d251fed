"""Viewers on a virtual display, a small recording of the demonstration twin, and a watch on leaks."""

from __future__ import annotations

import dataclasses
import gc
import sys
from pathlib import Path

import pytest
from qtpy.QtCore import QEvent


@pytest.fixture(scope="session")
def recording_path(tmp_path_factory):
    """Two stimuli, four directions, one instance, twelve frames; the core and the output."""
    from napari_twinscope.recording import RecordingPlan, Sampling, record
    from napari_twinscope.stimuli import protocol

    whole = protocol("paper-6")
    small = dataclasses.replace(
        whole, stimuli=whole.stimuli[:2], directions=(0.0, 90.0, 180.0, 270.0), instances=1, frames=12
    )
    plan = RecordingPlan(
        protocol=small,
        stages=("recurrent_out", "output"),
        sampling=Sampling("uniform", maps=10, units_per_map=20),
        device="cpu",
    )
    path = tmp_path_factory.mktemp("recordings") / "small.twinscope.zarr"
    record(plan, path)
    return path


@pytest.fixture
def recording(recording_path):
    from napari_twinscope.recording import open_recording

    opened = open_recording(recording_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def modules_are_no_garbage():
    """Leave what was imported out of the many searches for leaks, which then take a third of the time."""
    import torch  # noqa: F401

    import napari_twinscope.views.rig_dock  # noqa: F401 - and with it most of napari

    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def hands_faster_than_a_double_click(qapp):
    """Let two presses at one place be two presses, however quickly the tests make them."""
    qapp.setDoubleClickInterval(1)


@pytest.fixture(scope="module", autouse=True)
def nothing_of_another_module():
    """Let go of the canvases that modules before this one left to the garbage collector."""
    gc.collect()


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    """Keep the plugin's settings of each test apart, and away from the user's."""
    import napari.settings

    monkeypatch.setattr(napari.settings, "_CFG_PATH", str(tmp_path / "settings" / "napari.yaml"))
    napari.settings._clear_plugin_settings_cache()
    yield
    napari.settings._clear_plugin_settings_cache()


def our_windows(qapp, before):
    """Return our windows that were not there before."""
    windows = [w for w in qapp.topLevelWidgets() if type(w).__module__.startswith("napari_twinscope")]
    return [w for w in windows if w not in before]


@pytest.fixture(autouse=True)
def no_leaked_widgets(qapp):
    """Fail a test that leaves a window of ours behind; napari's own fixture watches its canvases."""
    before = set(qapp.topLevelWidgets())
    yield
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if our_windows(qapp, before):
        gc.collect()
        qapp.processEvents()
    left = our_windows(qapp, before)
    assert not left, f"leaked: {left}"


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1300, 800)
    return viewer


class Docks(list):
    """The docks Rig, Manifold and Responses; emptied before the viewer looks for leaks."""


@pytest.fixture
def docks(viewer, recording, qtbot):
    """A viewer with all docks open on the recording, and its manifold drawn."""
    from napari_twinscope.views.arrangement import open_dock, open_views
    from napari_twinscope.views.bench import bench_of

    opened = Docks([open_dock(viewer, "Rig")])
    bench_of(viewer).open(recording)
    opened += open_views(viewer)
    qtbot.waitUntil(lambda: opened[1].cloud.layer is not None, timeout=20_000)
    qtbot.wait(300)  # the window settles
    yield opened
    opened.clear()


@pytest.fixture
def page(qapp):
    """A cloud of made-up units with its tools, without a viewer."""
    sys.path.insert(0, str(Path(__file__).parent))
    from cloud_page import Page

    page = Page()
    page.settle()
    yield page
    page.leave()
    qapp.processEvents()
