import numpy as np
import pytest

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import DIMMED, direction_color, highlight, measure_colors
from napari_twinscope.rig.layers import arrow, condition_text, stimulus_labels, unit_points
from napari_twinscope.rig.measures import MEASURE_NAMES, Measure, measure
from napari_twinscope.rig.psth import mean_response


def test_every_measure_gives_one_value_and_one_colour_for_each_unit(recording):
    units, responses = recording.units("recurrent_out"), recording.responses("recurrent_out")
    for name in MEASURE_NAMES:
        found = measure(name, responses, units)
        colors, legend = measure_colors(found)
        assert colors.shape == (len(units), 4)
        assert colors.dtype == np.float32
        assert legend.title == found.name
        assert (legend.limits is None) == bool(found.labels)


def test_the_preferred_stimulus_is_the_one_with_the_largest_response(recording):
    responses = recording.responses("output") * 0
    responses[2, 1, 3] = 5.0
    responses[3, 0, 1] = 5.0
    responses[4, 0, 0, 0] = np.nan
    found = measure("preferred stimulus", responses, recording.units("output"))
    assert [found.labels[int(v)] for v in found.values[2:4]] == ["flash", "grating"]
    assert np.isnan(found.values[4])
    assert measure_colors(found)[1].missing == 1


def test_an_unknown_measure_is_refused(recording):
    with pytest.raises(InvalidInput, match="unknown"):
        measure("charm", recording.responses("output"), recording.units("output"))


def test_equal_values_still_have_a_colour_bar():
    _, legend = measure_colors(Measure("m", np.ones(4)))
    assert legend.limits == (0.5, 1.5)


def test_the_selection_keeps_its_colours_and_the_rest_is_dimmed():
    colors, _ = measure_colors(Measure("m", np.arange(4.0)))
    selected = np.array([True, False, False, True])
    shown = highlight(colors, selected)
    np.testing.assert_array_equal(shown[selected], colors[selected])
    np.testing.assert_allclose(shown[~selected], [DIMMED] * 2)
    np.testing.assert_array_equal(highlight(colors, np.zeros(4, bool)), colors)


def test_eight_directions_have_eight_colours():
    assert len({direction_color(45.0 * i) for i in range(8)}) == 8
    assert direction_color(0.0) == direction_color(360.0)


def test_the_mean_response_and_its_error_are_over_units(recording):
    responses = recording.responses("output")
    found = mean_response(responses, np.array([0, 3, 4]))
    chosen = responses.values[[0, 3, 4]]
    np.testing.assert_allclose(found["mean"], chosen.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found["sem"], chosen.std(axis=0, ddof=1) / np.sqrt(3), rtol=1e-5)
    assert found.attrs["units"] == 3
    assert not mean_response(responses, np.array([1]))["sem"].any()


def test_units_with_non_finite_responses_are_left_out_of_the_mean_and_counted(recording):
    responses = recording.responses("output")
    responses[3, 0, 0, 0] = np.inf
    found = mean_response(responses, np.array([0, 3]))
    assert (found.attrs["units"], found.attrs["non_finite"]) == (1, 1)
    assert np.isfinite(found["mean"]).all()
    assert np.isnan(mean_response(responses, np.zeros(0, np.intp))["mean"]).all()


def test_units_lie_where_they_look_or_on_the_plain_grid(recording):
    units = recording.units("recurrent_out")
    looking = unit_points(units, (3, 4), (144, 256), in_stimulus_coordinates=True)
    np.testing.assert_array_equal(looking.positions, units[["y", "x"]])
    plain = unit_points(units, (3, 4), (144, 256), in_stimulus_coordinates=False)
    np.testing.assert_allclose(plain.positions[0], [23.5, 31.5])
    assert plain.hidden == 0


def test_a_unit_outside_the_frame_is_a_point_and_one_without_a_place_is_hidden(recording):
    units = recording.units("recurrent_out")
    units.loc[0, ["y", "x"]] = -40.0
    units.loc[1, ["y", "x"]] = np.nan
    points = unit_points(units, (3, 4), (144, 256), in_stimulus_coordinates=True)
    assert points.positions[0].tolist() == [-40, -40]
    assert points.shown[0]
    assert not points.shown[1]
    assert np.isfinite(points.positions).all()
    assert points.hidden == 1


def test_the_condition_is_told_in_words(recording):
    assert condition_text(recording.protocol, (0, 1), 15) == "Grating   ↑ 90°   0.50 s"
    assert condition_text(recording.protocol, (1, 0), 0) == "Flash   no direction   0.00 s"
    assert arrow(225) == "↙"


def test_stimuli_of_the_same_label_are_told_apart_by_their_names():
    from napari_twinscope.stimuli import protocol

    labels = stimulus_labels(protocol("paper"))
    assert len(set(labels)) == 11
    assert labels[0] == "LF-grating"
