from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import os
import subprocess
import sys

import npe2

from napari_twinscope.views import files
from napari_twinscope.views.arrangement import open_dock
from napari_twinscope.views.rig_dock import sample_path
from napari_twinscope.views.roles import find_layer


def test_napari_finds_every_contribution():
    manifest = npe2.PluginManifest.from_distribution("napari-twinscope")
    manifest.validate_imports()
    names = [widget.display_name for widget in manifest.contributions.widgets]
    docks = ["Rig", "Manifold", "Second manifold", "Responses", "Feature maps"]
    assert names == [*docks, "Stimuli in activity space", "Units", "Compare stages", "Sub-populations"]
    assert importlib.metadata.entry_points(group="napari.manifest", name="napari-twinscope")


def test_what_the_command_palette_offers_needs_nothing_but_the_viewer():
    contributions = npe2.PluginManifest.from_distribution("napari-twinscope").contributions
    needs_file = {given.command for given in (*contributions.readers, *contributions.writers)}
    for command in contributions.commands:
        if command.id in needs_file:
            assert command.enablement == "False"  # else it is offered, and fails without a file
            continue
        assert command.enablement is None
        module, name = command.python_name.split(":")
        called = inspect.signature(getattr(importlib.import_module(module), name))
        assert set(called.parameters) <= {"viewer"}, command.id


def test_only_recordings_are_read():
    assert files.get_reader("a.twinscope.zarr") is files.read_layers
    assert files.get_reader(["a.twinscope.zarr.zip"]) is files.read_layers
    assert files.get_reader("a.zarr") is None
    assert files.get_reader(["a.twinscope.zarr", "b.twinscope.zarr"]) is None


def test_a_recording_opens_from_the_file_menu(viewer, recording_path):
    viewer.open(str(recording_path), plugin="napari-twinscope")
    assert find_layer(viewer, "movie").data.shape[:3] == (2, 4, 12)
    assert len(find_layer(viewer, "units").data) == 200


def test_a_dock_opened_later_takes_the_layers_over(viewer, recording_path, qtbot):
    viewer.open(str(recording_path), plugin="napari-twinscope")
    movie, units = find_layer(viewer, "movie"), find_layer(viewer, "units")
    manifold = open_dock(viewer, "Manifold")
    qtbot.waitUntil(lambda: manifold.cloud.layer is not None, timeout=20_000)
    assert find_layer(viewer, "movie") is movie
    assert find_layer(viewer, "units") is units
    assert str(manifold.session.recording.path) == str(recording_path)
    qtbot.waitUntil(lambda: not manifold.bench.background.busy, timeout=20_000)


def test_with_a_dock_open_the_file_menu_opens_into_it(docks, viewer, recording_path):
    before = len(viewer.layers)
    session = docks[0].bench.session
    session.recording = None
    viewer.open(str(recording_path), plugin="napari-twinscope")
    assert session.recording is not None
    assert len([layer for layer in viewer.layers if layer.name.startswith("Stimulus")]) == 1
    assert len(viewer.layers) <= before + 1


def test_the_sample_opens_without_computing_anything(viewer, qtbot):
    from napari_twinscope.views.bench import bench_of

    viewer.open_sample("napari-twinscope", "sample")
    assert len(find_layer(viewer, "units").data) > 50
    qtbot.waitUntil(lambda: bench_of(viewer).session.stage == "output", timeout=5_000)
    qtbot.wait(300)
    qtbot.waitUntil(lambda: not bench_of(viewer).background.busy, timeout=20_000)
    assert bench_of(viewer).source._twin is None


def test_the_sample_can_take_the_place_of_another_recording(docks, viewer, qtbot):
    session = docks[0].session
    viewer.open_sample("napari-twinscope", "sample")
    qtbot.waitUntil(lambda: session.recording.name == "sample", timeout=5_000)
    assert len([layer for layer in viewer.layers if layer.name.startswith(("Stimulus", "Units"))]) == 2
    qtbot.waitUntil(lambda: not docks[0].bench.background.busy, timeout=20_000)


def test_the_sample_was_recorded_from_todays_demonstration_twin():
    from napari_twinscope.recording import open_recording
    from napari_twinscope.twins import load_twin

    sample = open_recording(sample_path())
    sample.close()
    assert sample.twin["checksum"] == load_twin("demo").checksum, "run docs/make_sample.py"


def test_opening_all_docks_imports_neither_torch_nor_what_only_recordings_need(tmp_path):
    code = (
        "import sys, napari\n"
        "viewer = napari.Viewer()\n"
        "before = {name.split('.')[0] for name in sys.modules}\n"
        "from napari_twinscope.views.arrangement import open_all\n"
        "opened = open_all(viewer)\n"
        "assert len(opened) >= 8\n"
        "added = {name.split('.')[0] for name in sys.modules} - before\n"
        "heavy = {'torch', 'xarray', 'pandas', 'zarr', 'scipy', 'sklearn', 'matplotlib'}\n"
        "assert not added & heavy, added & heavy\n"
        "viewer.close()\n"
    )
    settings = {"NAPARI_CONFIG": str(tmp_path / "napari.yaml")}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env={**os.environ, **settings})
