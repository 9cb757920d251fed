"""Units coloured by their activity at the frame on the screen."""

import numpy as np
import pytest

from napari_twinscope.rig import Session
from napari_twinscope.rig.colors import colormap, measure_colors
from napari_twinscope.rig.frame_activity import (
    FRAME_MEASURES,
    ONE_SCALE,
    OWN_SCALE,
    activity_limits,
    frame_activity,
)


@pytest.fixture
def session(recording):
    session = Session()
    session.open(recording)
    return session


def test_the_values_are_those_of_the_movie_and_frame_on_the_screen(session):
    for condition, frame in (((0, 0), 0), ((1, 3), 5), ((0, 2), 4)):
        session.condition, session.frame = condition, frame
        for name in FRAME_MEASURES:
            session.measure = name
            expected = session.responses().values[:, condition[0], condition[1], frame]
            np.testing.assert_array_equal(session.measured().values, expected)


def test_one_scale_is_that_of_all_movies_and_the_other_that_of_each_frame(session):
    responses = session.responses()
    low, high = np.percentile(responses.values, (1, 99))
    assert activity_limits(responses) == pytest.approx((low, high))
    session.measure = ONE_SCALE
    legends = []
    for frame in (0, 3):
        session.frame = frame
        colors, legend = session.colors()
        legends.append(legend.limits)
        values = responses.values[:, 0, 0, frame]
        np.testing.assert_allclose(colors, colormap((values - low) / (high - low)))
    assert legends[0] == legends[1] == pytest.approx((low, high))
    session.measure = OWN_SCALE
    own = session.colors()[1].limits
    session.frame = 0
    assert session.colors()[1].limits != own


def test_views_hear_of_another_frame_only_while_units_are_coloured_by_it(session):
    heard = []
    session.events.measure.connect(lambda: heard.append(session.frame))
    session.frame = 2
    assert heard == []
    session.measure = ONE_SCALE
    session.frame = 3
    session.condition = (1, 1)
    assert heard == [2, 3, 3]


def test_a_missing_response_has_no_value_and_silence_has_no_limits(session):
    responses = session.responses().copy()
    responses[1, 0, 0, 0] = np.inf
    found = frame_activity(ONE_SCALE, responses, (0, 0), 0, activity_limits(responses))
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [1]
    assert activity_limits(responses * 0) is None
    assert measure_colors(frame_activity(ONE_SCALE, responses[2:] * 0, (0, 0), 0, None))[1].limits is not None
