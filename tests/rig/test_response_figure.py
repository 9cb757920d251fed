from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import Session
from napari_twinscope.rig.colors import direction_color
from napari_twinscope.rig.figure_file import save_figure
from napari_twinscope.rig.psth import mean_response
from napari_twinscope.rig.response_figure import response_figure
from napari_twinscope.rig.selected_responses import MAPS, TUNING, SelectedResponses
from napari_twinscope.rig.session_responses import session_responses

SVG = "{http://www.w3.org/2000/svg}"
DIRECTIONS = (0.0, 90.0, 180.0, 270.0)
LABELS = ("Grating", "Flash", "Dots")


def shown_of(units, labels=LABELS, directions=DIRECTIONS):
    responses = xr.DataArray(
        np.random.default_rng(0).normal(size=(units, len(labels), len(directions), 6)),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"direction": list(directions), "time": np.arange(6) / 30},
    )
    ids = np.array([f"unit {number}" for number in range(units)])
    directional = tuple(label != "Flash" for label in labels)
    return SelectedResponses(responses, np.arange(units), ids, tuple(labels), directional, np.arange(6) / 30)


@pytest.fixture
def shown():
    return shown_of(7)


def images(figure):
    return [np.asarray(area.get_images()[0].get_array()) for area in figure.axes if area.get_images()]


def curves(figure):
    polar = [area for area in figure.axes if area.name == "polar"]
    return [np.asarray(line.get_ydata()) for area in polar for line in area.get_lines()]


def words(figure):
    return {text.get_text() for text in figure.findobj(match=lambda item: hasattr(item, "get_text"))}


def test_the_lines_are_the_mean_response_of_each_direction_in_its_colour(shown):
    mean = mean_response(shown.responses, shown.units)
    figure = response_figure(shown, "title", panels=["psth"], emphasised=2)
    for place, area in enumerate(figure.axes):
        lines = [line for line in area.lines if len(line.get_xdata()) == 6]
        for direction, line in enumerate(lines):
            np.testing.assert_array_equal(line.get_ydata(), mean["mean"].values[place, direction])
            expected = "#{:02x}{:02x}{:02x}".format(*direction_color(DIRECTIONS[direction]))
            assert line.get_color() == expected
        assert max(lines, key=lambda line: line.get_linewidth()) is lines[2]
    assert len({area.get_ylim() for area in figure.axes}) == 1


@pytest.mark.parametrize("units", [2, 7])
def test_maps_and_tuning_curves_are_those_of_the_dock(units):
    shown = shown_of(units)
    figure = response_figure(shown, "title")
    on_screen = shown.figure(MAPS, 9.0)
    assert len(images(figure)) == len(images(on_screen)) == (3 if units == 7 else 6)
    np.testing.assert_array_equal(images(figure), images(on_screen))
    assert {text for text in words(on_screen) if "preferred" in text} <= words(figure)
    for ours, theirs in zip(curves(figure), curves(shown.figure(TUNING, 9.0)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_key_has_directions_around_the_circle_in_whatever_order_they_were_shown():
    figure = response_figure(shown_of(2, directions=(180.0, 0.0, 270.0, 90.0)), "title", panels=["psth"])
    key = [text.get_text() for text in figure.subfigs[0].texts if "°" in text.get_text()]
    assert key == ["→ 0°", "↑ 90°", "← 180°", "↓ 270°"]


def test_its_text_stays_text(shown, tmp_path):
    figure = response_figure(shown, "Responses of 7 units", lines=("made-up",))
    root = ElementTree.parse(save_figure(figure, tmp_path / "a.svg")).getroot()
    texts = {"".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert {"Responses of 7 units", "made-up", *LABELS, "↑ 90°", "time (s)", "Mean of 7 units"} <= texts


def test_on_black_its_frame_is_light_and_the_directions_keep_their_colours(shown):
    figure = response_figure(shown, "title", panels=["psth"], dark=True)
    assert figure.get_facecolor()[:3] == (0.0, 0.0, 0.0)
    area = figure.axes[0]
    assert np.mean(area.spines["left"].get_edgecolor()[:3]) > 0.8
    key = next(text for text in figure.subfigs[0].texts if text.get_text() == "↑ 90°")
    assert key.get_color() == "#{:02x}{:02x}{:02x}".format(*direction_color(90.0))


def test_more_stimuli_than_fit_beside_one_another_go_on_below():
    figure = response_figure(shown_of(2, "abcdefgh", [0.0]), "t", panels=["psth"])
    figure.canvas.draw()
    assert len({round(area.get_position().y0, 2) for area in figure.axes}) == 2


def test_there_is_no_figure_of_no_response(shown, recording):
    with pytest.raises(InvalidInput, match="no such panel"):
        response_figure(shown, "t", panels=["bars"])
    shown.responses[:] = np.nan
    with pytest.raises(InvalidInput, match="no response"):
        response_figure(shown, "t")
    session = Session()
    with pytest.raises(InvalidInput, match="no recording"):
        session_responses(session)
    session.open(recording)
    with pytest.raises(InvalidInput, match="no response"):
        session_responses(session)
    session.selection.apply(session.stage, [1])
    assert session_responses(session, panels=["psth"])[1].startswith("Response of recurrent_out:0:0:1")
