from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.playback import Playback

FRAMES = 12


@pytest.fixture
def playback(recording):
    recording.protocol.frames = FRAMES  # of the fixture
    session = Session()
    session.open(recording)
    return Playback(session)


def shown(playback):
    return playback._session.frame


def test_time_runs_at_the_frame_rate_of_the_recording_times_the_speed(playback):
    playback.play()
    playback.tick(100.0)
    assert shown(playback) == 0
    playback.tick(100.0 + 3 / 30)
    assert shown(playback) == 3
    playback.set_speed(0.5)
    playback.tick(200.0)
    playback.tick(200.0 + 4 / 30)
    assert shown(playback) == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_however_late_the_ticks_come_the_movie_keeps_to_the_clock(playback, gaps):
    playback.rewind()
    playback.play()
    playback.tick(0.0)
    quarters = 0  # of a frame
    for gap in gaps:
        quarters += gap
        playback.tick(quarters / 4 / 30)
        assert shown(playback) == quarters // 4 % FRAMES
    playback.pause()


def test_without_a_loop_it_stops_at_the_last_frame_and_begins_anew(playback):
    playback.set_loop(False)
    playback.play()
    playback.tick(0.0)
    playback.tick(60.0)
    assert shown(playback) == FRAMES - 1
    assert not playback.playing
    playback.play()
    assert shown(playback) == 0


def test_in_a_loop_it_goes_round(playback):
    playback.play()
    playback.tick(0.0)
    playback.tick((FRAMES + 2) / 30)
    assert shown(playback) == 2
    assert playback.playing


def test_stepping_pauses_and_goes_round_only_in_a_loop(playback):
    playback.play()
    playback.step(-1)
    assert not playback.playing
    assert shown(playback) == FRAMES - 1
    playback.set_loop(False)
    playback.step(1)
    assert shown(playback) == FRAMES - 1
    playback.rewind()
    playback.step(-1)
    assert shown(playback) == 0


def test_a_frame_that_someone_else_chose_is_where_it_goes_on(playback):
    playback.play()
    playback.tick(0.0)
    playback.tick(2 / 30)
    playback._session.frame = 7
    playback.tick(3 / 30)
    assert shown(playback) == 7
    playback.tick(5 / 30)
    assert shown(playback) == 9


def test_there_is_nothing_to_play_without_a_recording():
    playback = Playback(Session())
    playback.play()
    playback.step(1)
    playback.rewind()
    assert not playback.playing


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_time_cannot_stand_still_or_run_backwards(playback, speed):
    with pytest.raises(InvalidInput, match="no such speed"):
        playback.set_speed(speed)
