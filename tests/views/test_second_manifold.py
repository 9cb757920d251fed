from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtTest import QTest

from napari_twinscope.rig.colors import DIMMED
from napari_twinscope.views.arrangement import close_dock, open_dock


@pytest.fixture
def with_second(docks, qtbot):
    """All docks, the second manifold the last of them; a fixture must hold no dock itself."""
    docks.append(open_dock(docks[1].bench.viewer, "Second manifold"))
    qtbot.waitUntil(lambda: docks[-1].cloud.layer is not None, timeout=20_000)


def bright(dock):
    return np.flatnonzero(~np.isclose(np.asarray(dock.cloud.layer.face_color), DIMMED).all(axis=1))


@pytest.mark.usefixtures("with_second")
def test_two_stages_are_seen_at_once_and_each_shows_its_own_selection(docks):
    first, second = docks[1], docks[-1]
    assert second.session.stage == "output"
    assert first.session.stage == "recurrent_out"
    assert len(second.cloud.layer.data) == len(second.session.units())
    second.session.selection.apply("output", [2, 4])
    QTest.qWait(80)
    assert bright(second).tolist() == [2, 4]
    assert first.session.selection.count("recurrent_out") == 0
    assert first.session.selection.count("output") == 2
    second.session.measure = "preferred stimulus"
    assert first.session.measure == "mean activity"


@pytest.mark.usefixtures("with_second")
def test_read_out_units_are_said_to_have_no_place(docks):
    second = docks[-1]
    assert not second.follow.isEnabled()
    assert "no grid" in second.followed.text()


@pytest.mark.usefixtures("with_second")
def test_a_second_manifold_closes_and_opens_again(docks, qtbot):
    viewer, second = docks[1].bench.viewer, docks.pop()
    second.session.measure = "preferred stimulus"
    state = second.view_state()
    close_dock(viewer, "Second manifold")
    again = open_dock(viewer, "Second manifold")
    qtbot.waitUntil(lambda: again.cloud.layer is not None, timeout=20_000)
    again.restore_view(state)
    assert again.session.measure == "preferred stimulus"
    assert again.view_state() == state | {"camera": again.view_state()["camera"]}


def test_without_a_recording_it_waits(viewer):
    dock = open_dock(viewer, "Second manifold")
    assert dock.pages.currentWidget() is dock.hint
    assert not dock.select_button.isEnabled()


def test_units_at_the_selected_places_are_shown_and_can_be_selected(viewer, qtbot, tmp_path):
    from napari_twinscope.recording import RecordingPlan, Sampling, open_recording, record
    from napari_twinscope.rig.plan import part_of
    from napari_twinscope.stimuli import protocol
    from napari_twinscope.views.bench import bench_of

    few = part_of(protocol("paper-6"), stimuli=[0], instances=1, frames=6)
    plan = RecordingPlan(
        protocol=few, stages=("recurrent", "recurrent_out"), device="cpu",
        sampling=Sampling("uniform", maps=6, units_per_map=40),
    )  # fmt: skip
    record(plan, tmp_path / "a.twinscope.zarr").close()
    open_dock(viewer, "Manifold")
    bench_of(viewer).open(open_recording(tmp_path / "a.twinscope.zarr"), "recurrent_out")
    second = open_dock(viewer, "Second manifold")
    qtbot.waitUntil(lambda: second.cloud.layer is not None, timeout=20_000)
    first = bench_of(viewer).session
    assert second.session.stage == "recurrent"
    first.selection.apply("recurrent_out", [0, 9, 30])
    second.follow.click()
    place = first.units()[["row", "column"]].to_numpy()[[0, 9, 30]]
    others = second.session.units()[["row", "column"]].to_numpy()
    expected = np.flatnonzero((others[:, None] == place).all(axis=-1).any(axis=1))
    assert 0 < len(expected) < len(others)
    assert bright(second).tolist() == expected.tolist()
    assert second.followed.text().startswith(f"{len(expected)} units at the places of the 3 selected")
    assert first.selection.count("recurrent") == 0
    second.select_button.click()
    assert first.selection.indices("recurrent").tolist() == expected.tolist()
    first.selection.undo()
    assert first.selection.count("recurrent") == 0
