from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from qtpy.QtTest import QTest

sys.path.insert(0, str(Path(__file__).parent))
from gestures import click


def test_the_peak_button_moves_the_movie_to_the_largest_mean_response_and_marks_its_time(docks, recording):
    responses = docks[2]
    session = responses.session
    assert not responses.peak_button.isEnabled()
    session.selection.apply("recurrent_out", [4, 9, 11])
    QTest.qWait(150)
    mean = recording.responses("recurrent_out").values[[4, 9, 11]].mean(axis=0)
    stimulus, direction, frame = map(int, np.unravel_index(np.argmax(mean), mean.shape))
    button = responses.peak_button
    click(button, (button.width() / 2, button.height() / 2))
    assert (session.condition, session.frame) == ((stimulus, direction), frame)
    marked = [panel.peak.isVisible() for panel in responses._panels]
    assert marked == [s == stimulus for s in range(2)]
    assert responses._panels[stimulus].peak.value() == frame / 30
    session.selection.apply("recurrent_out", [5])
    QTest.qWait(150)
    assert not any(panel.peak.isVisible() for panel in responses._panels)


def test_the_peak_of_a_picked_unit_is_its_own_and_the_dock_says_which(docks, recording):
    responses = docks[2]
    session = responses.session
    session.selection.apply("recurrent_out", [4, 9, 11], picked=9)
    QTest.qWait(150)
    own = recording.responses("recurrent_out").values[9]
    stimulus, direction, frame = map(int, np.unravel_index(np.argmax(own), own.shape))
    responses.go_to_peak()
    assert (session.condition, session.frame) == ((stimulus, direction), frame)
    identity = session.units()["unit_id"].iloc[9]
    assert responses.peak_said.isVisible()
    assert f"unit {identity} (picked last, of 3 selected)" in responses.peak_said.text()
    session.selection.apply("recurrent_out", [4], "add", picked=4)
    assert not responses.peak_said.isVisible()
    assert not any(panel.peak.isVisible() for panel in responses._panels)
