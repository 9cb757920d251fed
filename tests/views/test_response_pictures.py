from __future__ import annotations

import pytest

from napari_twinscope.rig.selected_responses import MAPS, PSTH, TUNING


def choose(responses, mode):
    responses.mode.setCurrentIndex(responses.mode.findData(mode))


def drawn(responses):
    return responses.pictures.picture.pixmap().cacheKey()


@pytest.fixture
def responses(docks, qtbot):
    docks[2].parent().raise_()
    docks[2].session.selection.apply("recurrent_out", [0, 1])
    qtbot.waitUntil(lambda: docks[2].mean is not None, timeout=10_000)
    return docks[2]


def wait(responses, qtbot):
    qtbot.waitUntil(lambda: not responses.pictures.latest.busy, timeout=20_000)


@pytest.mark.parametrize("mode", [MAPS, TUNING])
def test_another_mode_draws_the_selected_units_and_follows_the_selection(responses, qtbot, mode):
    choose(responses, mode)
    assert responses.pages.currentWidget() is responses.pictures
    qtbot.waitUntil(lambda: not responses.pictures.picture.pixmap().isNull(), timeout=20_000)
    wait(responses, qtbot)
    before = drawn(responses)
    responses.session.selection.apply("recurrent_out", range(8))
    qtbot.waitUntil(lambda: drawn(responses) != before, timeout=20_000)
    wait(responses, qtbot)
    choose(responses, PSTH)
    assert responses.pages.currentWidget() is responses.plots


def test_nothing_is_drawn_while_the_lines_are_shown(responses, qtbot):
    choose(responses, MAPS)
    qtbot.waitUntil(lambda: not responses.pictures.picture.pixmap().isNull(), timeout=20_000)
    wait(responses, qtbot)
    choose(responses, PSTH)
    before = drawn(responses)
    responses.session.selection.apply("recurrent_out", [5])
    qtbot.wait(200)
    assert not responses.pictures.latest.busy
    assert drawn(responses) == before


def test_the_mode_is_kept_in_the_session(responses):
    choose(responses, TUNING)
    state = responses.view_state()
    choose(responses, PSTH)
    responses.restore_view(state)
    assert responses.mode.currentData() == TUNING
