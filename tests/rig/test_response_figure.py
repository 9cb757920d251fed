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
from napari_twinscope.rig.session_responses import session_responses

SVG = "{http://www.w3.org/2000/svg}"
DIRECTIONS = (0.0, 90.0, 180.0, 270.0)


@pytest.fixture
def mean():
    responses = xr.DataArray(
        np.random.default_rng(0).normal(size=(5, 3, 4, 6)),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["a", "b", "c"], "direction": list(DIRECTIONS), "time": np.arange(6) / 30},
    )
    return mean_response(responses, np.arange(5))


def test_the_lines_are_the_mean_response_of_each_direction_in_its_colour(mean):
    figure = response_figure(mean, ["A", "B", "C"], "title", panels=["psth"])
    for place, area in enumerate(figure.axes):
        lines = [line for line in area.lines if len(line.get_xdata()) == 6]
        for direction, line in enumerate(lines):
            np.testing.assert_array_equal(line.get_ydata(), mean["mean"].values[place, direction])
            expected = "#{:02x}{:02x}{:02x}".format(*direction_color(DIRECTIONS[direction]))
            assert line.get_color() == expected
    assert len({area.get_ylim() for area in figure.axes}) == 1


def test_the_map_has_a_row_for_each_direction_and_one_scale_around_zero(mean):
    figure = response_figure(mean, ["A", "B", "C"], "title", panels=["map"])
    meshes = [mesh for area in figure.axes for mesh in area.collections if mesh.get_array() is not None]
    values = [np.asarray(mesh.get_array()).reshape(4, 6) for mesh in meshes[:3]]
    np.testing.assert_array_equal(values, mean["mean"].values)
    reach = np.abs(mean["mean"].values).max()
    assert {mesh.get_clim() for mesh in meshes[:3]} == {(-reach, reach)}


def test_polar_tuning_is_the_mean_over_time_at_the_angle_of_motion(mean):
    figure = response_figure(mean, ["A", "B", "C"], "title", panels=["polar"])
    for place, area in enumerate(figure.axes):
        outline = area.lines[0]
        np.testing.assert_allclose(outline.get_xdata()[:4], np.radians(DIRECTIONS))
        np.testing.assert_allclose(outline.get_ydata()[:4], mean["mean"].mean("time").values[place])


def test_directions_lie_around_the_circle_in_whatever_order_they_were_shown(mean):
    shown = mean.isel(direction=[2, 0, 3, 1])
    figure = response_figure(shown, ["A", "B", "C"], "title", panels=["psth", "polar"], emphasised=0)
    outline = next(area for area in figure.axes if area.name == "polar").lines[0]
    np.testing.assert_allclose(outline.get_xdata()[:4], np.radians(DIRECTIONS))
    thick = max(figure.axes[0].lines, key=lambda line: line.get_linewidth())
    assert thick.get_color() == "#{:02x}{:02x}{:02x}".format(*direction_color(180.0))


def test_its_text_stays_text(mean, tmp_path):
    figure = response_figure(mean, ["Grating", "Flash", "Dots"], "Mean of 5 units", lines=("made-up",))
    root = ElementTree.parse(save_figure(figure, tmp_path / "a.svg")).getroot()
    texts = {"".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert {"Mean of 5 units", "made-up", "Grating", "Flash", "Dots", "↑ 90°", "time (s)"} <= texts
    assert any("dashed circle is zero" in text for text in texts)


def test_more_stimuli_than_fit_beside_one_another_go_on_below():
    responses = xr.DataArray(
        np.random.default_rng(0).random((2, 8, 1, 6)),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": list("abcdefgh"), "direction": [0.0], "time": np.arange(6) / 30},
    )
    figure = response_figure(mean_response(responses, np.arange(2)), list("abcdefgh"), "t", panels=["psth"])
    assert len({round(area.get_position().y0, 6) for area in figure.axes}) == 2


def test_there_is_no_figure_of_no_response(mean, recording):
    with pytest.raises(InvalidInput, match="no such panel"):
        response_figure(mean, ["A", "B", "C"], "t", panels=["bars"])
    with pytest.raises(InvalidInput, match="no response"):
        response_figure(mean * np.nan, ["A", "B", "C"], "t")
    session = Session()
    with pytest.raises(InvalidInput, match="no recording"):
        session_responses(session)
    session.open(recording)
    with pytest.raises(InvalidInput, match="no response"):
        session_responses(session)
    session.selection.apply(session.stage, [1])
    assert session_responses(session, panels=["map"])[1].startswith("Response of recurrent_out:0:0:1")
