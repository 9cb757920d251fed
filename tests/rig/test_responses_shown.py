from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.population import unit_measures
from napari_twinscope.rig.peak import Peak, peak_of, peak_of_units
from napari_twinscope.rig.psth import mean_response
from napari_twinscope.rig.response_maps import response_maps, rolled
from napari_twinscope.rig.tuning_curves import tuning_curves

ANGLES = np.arange(0.0, 360.0, 45.0)
FRAMES = 5
DIRECTIONAL = (True, False)


def tuned(*preferred, kappa=2.0, angles=ANGLES):
    """Units tuned to directions, whose response grows in time; the second stimulus has no direction."""
    apart = np.radians(angles - np.array(preferred)[:, None])
    curves = np.exp(kappa * (np.cos(apart) - 1))
    grating = curves[:, :, None] * np.linspace(0.2, 1, FRAMES)
    flash = np.full_like(grating, 0.3)
    return xr.DataArray(
        np.stack([grating, flash], axis=1),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["grating", "flash"], "direction": angles, "time": np.arange(FRAMES) / 30},
    )


def ids_of(responses):
    return np.array([f"unit {number}" for number in range(responses.sizes["unit"])])


def maps_of(responses, units, **options):
    return response_maps(responses, units, ids_of(responses), DIRECTIONAL, **options)


@pytest.mark.parametrize("preferred", ANGLES)
def test_the_preferred_direction_of_a_unit_lies_in_the_third_row_and_the_next_ones_around_it(preferred):
    responses = tuned(preferred + 5)  # so that its two sides differ
    shown = maps_of(responses, [0]).panels[0][0]
    assert shown.preferred == preferred
    assert (shown.row, shown.angles[shown.row]) == (2, 0)
    for row, relative in enumerate(shown.angles):
        expected = responses.sel(direction=(preferred + relative) % 360, stimulus="grating")[0]
        np.testing.assert_array_equal(shown.values[row], expected)
    assert shown.values[3].sum() > shown.values[1].sum()  # 45 degrees counter-clockwise comes above


def test_each_panel_is_rolled_to_its_own_preference_and_one_without_direction_is_not():
    found = maps_of(tuned(90, 270), [0, 1])
    assert found.names == ("unit 0", "unit 1")
    assert [row[0].preferred for row in found.panels] == [90, 270]
    assert [row[1].preferred for row in found.panels] == [None, None]
    assert found.panels[0][1].angles == tuple(ANGLES)


def test_directions_in_any_order_are_put_in_order():
    responses = tuned(135).isel(direction=[3, 0, 7, 1, 5, 2, 6, 4])
    shown = maps_of(responses, [0], roll=False).panels[0][0]
    assert shown.angles == tuple(ANGLES)
    assert shown.angles[int(np.argmax(shown.values.mean(axis=1)))] == 135
    assert maps_of(responses, [0]).panels[0][0].preferred == 135


def test_uneven_directions_are_not_rolled():
    responses = tuned(90, angles=np.array([0.0, 30, 90, 270]))
    assert maps_of(responses, [0]).panels[0][0].preferred is None


def test_six_units_are_shown_as_their_mean_and_five_one_by_one():
    responses = tuned(*range(0, 270, 45))
    assert len(maps_of(responses, range(5)).panels) == 5
    mean = maps_of(responses, range(6), roll=False)
    assert (mean.is_mean, mean.units, len(mean.panels)) == (True, 6, 1)
    np.testing.assert_allclose(mean.panels[0][0].values, responses.values[:, 0].mean(axis=0))


def test_all_panels_have_one_range_of_colours():
    responses = tuned(0, 90)
    responses[1] *= 7
    assert maps_of(responses, [0, 1]).style.limits == (0, 8)
    assert maps_of(-responses, [0, 1]).style.limits == (-8, 8)


@given(st.integers(1, 12), st.integers(0, 11))
def test_rolling_loses_nothing(count, best):
    values = np.random.default_rng(count).uniform(size=(count, 3))
    values[best % count] += 10
    shown = rolled(values, np.arange(count) * 360 / count)
    assert shown.row == count // 4
    np.testing.assert_array_equal(np.roll(shown.values, best % count - shown.row, axis=0), values)


def test_a_map_with_a_missing_response_is_not_rolled():
    values = np.ones((8, 2))
    values[3, 1] = np.nan
    assert rolled(values, ANGLES).preferred is None


def test_a_tuning_curve_points_to_what_the_unit_prefers():
    curve = tuning_curves(tuned(100), [0], DIRECTIONAL).curves[0]
    assert curve.preferred_direction == pytest.approx(100, abs=0.5)
    assert curve.preferred_orientation == pytest.approx(10, abs=0.5)
    assert curve.mean[2] == curve.mean.max()
    assert curve.units.shape == (1, 8)


def test_of_one_unit_the_numbers_are_those_of_the_table():
    responses = tuned(200, 30) - 0.05
    table = unit_measures(responses)
    for unit in (0, 1):
        found = tuning_curves(responses, [unit], DIRECTIONAL)
        assert found.rectified
        for name in ("osi", "dsi", "preferred_direction", "preferred_orientation"):
            assert getattr(found.curves[0], name) == pytest.approx(float(table[name][unit]))
        assert found.curves[0].units_osi == pytest.approx(found.curves[0].osi)


def test_units_of_opposite_preference_are_selective_though_their_mean_is_not():
    curve = tuning_curves(tuned(0, 180), [0, 1], DIRECTIONAL).curves[0]
    assert curve.dsi == pytest.approx(0, abs=1e-9)
    assert np.isnan(curve.preferred_direction)
    assert curve.units_dsi > 0.5
    assert curve.osi > 0.2


def test_a_stimulus_without_direction_has_a_curve_and_no_preference():
    flash = tuning_curves(tuned(0), [0], DIRECTIONAL).curves[1]
    assert "no direction" in flash.note
    assert np.isnan([flash.osi, flash.dsi, flash.preferred_direction, flash.units_osi]).all()
    np.testing.assert_allclose(flash.mean, 0.3)


def test_too_few_directions_and_silence_are_told():
    few = tuning_curves(tuned(0, angles=np.array([0.0, 90, 180, 270])), [0], DIRECTIONAL).curves[0]
    assert few.note == "Too few directions are evenly spread over the circle"
    assert np.isnan(few.osi)
    silent = tuning_curves(-tuned(0), [0], DIRECTIONAL)
    assert silent.curves[0].note == "no positive response"
    assert silent.highest == 0


def test_units_with_missing_responses_are_left_out_and_counted():
    responses = tuned(0, 90, 180)
    responses[1, 0, 3, 2] = np.nan
    found = tuning_curves(responses, [0, 1, 2], DIRECTIONAL)
    assert (found.units, found.non_finite) == (2, 1)
    assert np.isfinite(found.curves[0].mean).all()
    nothing = tuning_curves(responses, [1], DIRECTIONAL)
    assert nothing.curves[0].note == "no unit with finite responses"


def test_many_units_are_averaged_in_parts_without_losing_digits(monkeypatch):
    from napari_twinscope.rig import psth

    rng = np.random.default_rng(0)
    values = rng.normal(1e4, 1, size=(50, 2, 8, 3))
    values[7, 1, 0, 0] = np.inf
    responses = xr.DataArray(values, dims=("unit", "stimulus", "direction", "time"))
    units = np.arange(3, 47)
    monkeypatch.setattr(psth, "BLOCK", 8)
    found = mean_response(responses, units)
    kept = values[[unit for unit in units if unit != 7]]
    np.testing.assert_allclose(found["mean"], kept.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found["sem"], kept.std(axis=0, ddof=1) / np.sqrt(43), rtol=1e-9)
    assert (found.attrs["units"], found.attrs["non_finite"]) == (43, 1)


def test_the_peak_is_the_largest_finite_response():
    responses = tuned(0, 225).values
    responses[1, 0, 2, 2] = np.nan
    assert peak_of(responses[1]) == Peak(0, 5, FRAMES - 1, 1.0)
    assert peak_of(np.full((2, 8, 5), np.nan)) is None
    assert peak_of(-np.arange(8.0).reshape(2, 2, 2)) == Peak(0, 0, 0, 0.0)


def test_the_peak_shown_is_that_of_the_unit_picked_or_of_the_only_one_else_of_the_mean():
    responses, ids = tuned(45, 225, 90), np.array(["a", "b", "c"])
    responses[0] *= 3
    assert peak_of_units(responses, [1], ids).peak.direction == 5
    assert peak_of_units(responses, [1], ids).whose == "unit b"
    picked = peak_of_units(responses, [0, 1, 2], ids, picked=2)
    assert (picked.peak.direction, picked.of_unit) == (2, True)
    assert picked.whose == "unit c (picked last, of 3 selected)"
    mean = peak_of_units(responses, [0, 1, 2], ids)
    assert (mean.peak.direction, mean.of_unit, mean.whose) == (1, False, "the mean of 3 units")
    assert mean.peak.value == pytest.approx(responses.values.mean(axis=0).max())
    responses[2, 0, 0, 0] = np.nan
    assert peak_of_units(responses, [0, 2], ids).whose == "the mean of 1 unit (1 left out)"


def test_the_peak_is_told_in_words(recording):
    protocol = recording.protocol
    said = peak_of_units(tuned(180)[:, :, ::2], [0], ["a"]).sentence(protocol)
    assert said == "Peak of unit a: Grating ← 180°, 0.13 s, 1 a.u."  # frame 4 of 30 a second
    lost = peak_of_units(tuned(0) * np.nan, [0], ["a"])
    assert lost.peak is None
    assert lost.sentence(protocol) == "There is no finite response of unit a."
