from __future__ import annotations

from threading import Event

import pytest

from napari_twinscope.rig.psth import mean_lines
from napari_twinscope.rig.selected_responses import MAPS, PSTH, TUNING, SelectedResponses
from napari_twinscope.views import responses as responses_module
from napari_twinscope.views.pinned import dock_around


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
    assert responses.pages.currentWidget() is responses.scroll


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


def test_another_stage_is_averaged_once_somebody_looks(responses, qtbot, monkeypatch):
    session, asked, real = responses.session, [], responses.latest.ask
    session.selection.clear()
    dock = dock_around(responses)
    dock.hide()
    monkeypatch.setattr(responses.latest, "ask", lambda *question: asked.append(1) or real(*question))
    session.show_stage("output")
    session.selection.apply("output", [2, 3])
    session.show_stage("recurrent_out")
    session.show_stage("output")
    assert not asked
    dock.show()
    qtbot.waitUntil(lambda: responses.mean is not None, timeout=20_000)
    assert "2 units" in responses.title.text()
    assert responses.title.text().endswith("of output")


def test_a_picture_of_another_selection_turns_grey_while_the_next_takes_long(responses, qtbot, monkeypatch):
    choose(responses, MAPS)
    qtbot.waitUntil(lambda: not responses.pictures.picture.pixmap().isNull(), timeout=20_000)
    wait(responses, qtbot)
    assert responses.pictures.picture.isEnabled()
    go_on, draw = Event(), SelectedResponses.pixels

    def slowly(*given):
        go_on.wait(20)
        return draw(*given)

    monkeypatch.setattr(SelectedResponses, "pixels", slowly)
    responses.session.selection.apply("recurrent_out", [3])
    qtbot.waitUntil(lambda: not responses.pictures.picture.isEnabled(), timeout=5000)
    go_on.set()
    qtbot.waitUntil(responses.pictures.picture.isEnabled, timeout=20_000)


def test_a_mean_that_comes_too_late_is_not_shown(responses, qtbot, monkeypatch):
    go_on = Event()

    def slowly(values, units):
        if len(units) == 3:
            go_on.wait(20)
        return mean_lines(values, units)

    monkeypatch.setattr(responses_module, "mean_lines", slowly)
    responses.session.selection.apply("recurrent_out", [1, 2, 3])
    qtbot.wait(150)
    assert responses.latest.busy
    assert responses.mean.units == 2
    assert "2 units" in responses.title.text()
    responses.session.selection.apply("recurrent_out", [1, 2, 3, 4, 5])
    qtbot.wait(100)
    go_on.set()
    qtbot.waitUntil(lambda: not responses.latest.busy, timeout=5000)
    assert responses.mean.units == 5
    responses.session.selection.clear()
    qtbot.waitUntil(lambda: responses.mean is None, timeout=2000)


def test_responses_that_cannot_be_read_are_said_to_have_no_mean(responses, qtbot, monkeypatch):
    def unreadable(*_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(responses_module, "mean_lines", unreadable)
    responses.session.selection.apply("recurrent_out", [1, 2, 3])
    qtbot.waitUntil(lambda: responses.pages.currentWidget() is responses.hint, timeout=5000)
    assert "the disk is gone" in responses.hint._text.text()


def test_the_mode_is_kept_in_the_session(responses):
    choose(responses, TUNING)
    state = responses.view_state()
    choose(responses, PSTH)
    responses.restore_view(state)
    assert responses.mode.currentData() == TUNING
