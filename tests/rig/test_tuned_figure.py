"""Response maps and tuning curves as figures, and as pixels in the colours of a theme."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.rig.selected_responses import MAPS, MODES, PSTH, TUNING, SelectedResponses

ANGLES = np.arange(0.0, 360.0, 45.0)
TIMES = np.arange(6) / 30


def shown(*preferred, selected=None):
    """Units tuned to directions of a grating; a flash has no direction."""
    curves = np.exp(2 * (np.cos(np.radians(ANGLES - np.array(preferred)[:, None])) - 1))
    grating = curves[:, :, None] * np.linspace(0.2, 1, len(TIMES))
    responses = xr.DataArray(
        np.stack([grating, np.full_like(grating, 0.3)], axis=1),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"direction": ANGLES, "time": TIMES},
    )
    ids = np.array([f"unit {number}" for number in range(len(preferred))])
    units = np.arange(len(preferred)) if selected is None else np.array(selected)
    return SelectedResponses(responses, units, ids, ("grating", "flash"), (True, False), TIMES)


def panels(figure):
    return [area for area in figure.axes if area.get_images() or area.name == "polar"]


def words(figure):
    return " ".join(text.get_text() for text in figure.findobj(match=lambda item: hasattr(item, "get_text")))


def test_up_to_five_units_have_a_row_of_maps_each_with_one_range_of_colours():
    figure = shown(90.0, 225.0).figure(MAPS, 8.0)
    found = panels(figure)
    assert len(found) == 4
    assert len({area.get_images()[0].get_clim() for area in found}) == 1
    assert "unit 0" in words(figure)
    assert "unit 1" in words(figure)


@pytest.mark.parametrize("width", [4.4, 9.0])
def test_long_names_of_stimuli_do_not_run_into_each_other(width):
    one = shown(90.0, 225.0)
    many = xr.concat([one.responses.isel(stimulus=[0])] * 11, "stimulus")
    labels = tuple(f"−1dot (neg1dotflow_D{number})" for number in range(11))
    named = replace(one, responses=many, labels=labels, directional=(True,) * 11)
    figure = named.figure(MAPS, width)
    figure.canvas.draw()
    titles = [area.title for area in panels(figure)[:11]]
    assert " ".join(titles[3].get_text().split()) == f"{labels[3]} preferred 90°"
    boxes = [title.get_window_extent() for title in titles]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))


@pytest.mark.parametrize("preferred", [0.0, 90.0, 225.0])
def test_the_preferred_direction_is_named_and_drawn_in_its_row(preferred):
    figure = shown(preferred).figure(MAPS, 8.0)
    area = panels(figure)[0]
    values = np.asarray(area.get_images()[0].get_array())
    assert f"preferred {preferred:g}°" in area.get_title()
    assert values.mean(axis=1).argmax() == 2
    assert area.get_images()[0].origin == "lower"
    low, high = area.get_images()[0].get_extent()[2:]
    ticks = dict(zip(area.get_yticks(), [text.get_text() for text in area.get_yticklabels()], strict=True))
    assert (low, high) == (-0.5, 7.5)
    assert (ticks[0], ticks[2]) == ("−90", "0")


def test_a_stimulus_without_direction_is_not_rolled():
    area = panels(shown(90.0).figure(MAPS, 8.0))[1]
    assert area.get_title() == "flash"
    assert area.get_yticklabels()[0].get_text() == "0"


def test_of_more_units_the_mean_is_drawn_and_their_number_said():
    figure = shown(*[90.0] * 6).figure(MAPS, 8.0)
    assert len(panels(figure)) == 2
    assert "Mean of 6 units" in words(figure)


def test_a_tuning_curve_points_where_the_unit_prefers_and_tells_its_selectivity():
    figure = shown(135.0).figure(TUNING, 8.0)
    grating, flash = panels(figure)
    dashed = next(line for line in grating.get_lines() if line.get_linestyle() == "--")
    np.testing.assert_allclose(np.degrees(dashed.get_xdata()), 135.0)
    assert "prefers 135°" in grating.get_xlabel()
    assert "DSI" in grating.get_xlabel()
    assert "no direction" in flash.get_xlabel()
    assert not [line for line in flash.get_lines() if line.get_linestyle() == "--"]


def test_of_units_that_prefer_opposite_directions_it_tells_that_each_is_selective():
    said = panels(shown(0.0, 180.0).figure(TUNING, 8.0))[0].get_xlabel()
    of_mean, of_units = (float(line.split("DSI ")[1].split()[0]) for line in said.split("\n")[1:])
    assert "no preferred direction" in said
    assert of_mean == 0
    assert of_units > 0.4


def test_the_shade_is_the_standard_error_over_units():
    drawn = shown(0.0, 90.0, 90.0)
    over_time = drawn.responses[:, 0].mean("time").values
    error = over_time.std(axis=0, ddof=1) / np.sqrt(3)
    corners = panels(drawn.figure(TUNING, 8.0))[0].collections[0].get_paths()[0].vertices
    assert corners[:, 1].max() == pytest.approx((over_time.mean(axis=0) + error).max())


def test_the_curve_has_the_mean_over_time_at_each_direction_and_closes():
    drawn = shown(45.0)
    curve = panels(drawn.figure(TUNING, 8.0))[0].get_lines()[0]
    expected = drawn.responses[0, 0].mean("time").values
    np.testing.assert_allclose(curve.get_ydata(), np.append(expected, expected[0]))
    np.testing.assert_allclose(np.degrees(curve.get_xdata()), [*ANGLES, 0.0])


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != PSTH])
def test_pixels_have_the_background_of_the_theme_and_the_width_that_was_asked_for(mode):
    pixels = shown(90.0, 0.0).pixels(mode, 760, 2.0, (0.9, 0.9, 0.9), (0.2, 0.4, 0.6))
    assert pixels.shape[1] == pytest.approx(2 * 760, abs=2)
    np.testing.assert_array_equal(pixels[0, 0], [51, 102, 153, 255])
