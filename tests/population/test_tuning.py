"""Tuning is measured as defined, whatever the order in which stimuli and directions are stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import i0, i1, iv

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import (
    circular_difference,
    direction_tuning,
    paper_selectivity,
    preferred,
    preferred_class,
    selectivity,
)
from napari_twinscope.stimuli import DriftingGrating
from napari_twinscope.twins import SimulatedCortex
from napari_twinscope.twins.simulated.cells import DIRECTION_SELECTIVE, UNORIENTED

EIGHT = np.arange(0, 360, 45.0)
INDICES = ("osi", "dsi", "osi_two_point", "dsi_two_point")
ANGLES = ("preferred_direction", "preferred_orientation", "peak_direction")

FEW = settings(max_examples=25, deadline=None)
GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
FRAMES = 36  # 0.4 s, and two cycles of 2.5 Hz
MEDIUM = [0, 2, 5, 6, 9, 10]
HIGH = [0, 1, 3, 4, 7, 8]


def curves(*values: object, directions: np.ndarray = EIGHT) -> xr.DataArray:
    """Return tuning curves of several units to one class."""
    return xr.DataArray(
        np.array(values, np.float64)[:, None],
        dims=("unit", "stimulus", "direction"),
        coords={"stimulus": ["grating"], "direction": directions},
    )


def one(measures: xr.Dataset, name: str) -> float:
    return float(measures[name][0, 0])


def random_responses(seed: int = 0, dtype: type = np.float64) -> xr.DataArray:
    values = np.random.default_rng(seed).gamma(1.0, size=(6, 3, 8, 5)).astype(dtype)
    return xr.DataArray(
        values,
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["a", "b", "c"], "direction": EIGHT, "time": np.arange(5) / 30},
    )


def golden_responses(stimuli: list[int]) -> xr.DataArray:
    with np.load(GOLDEN / "tensor.npz") as file:
        values = file["counts"][:, stimuli] / 10000
    return xr.DataArray(
        values,
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": stimuli, "direction": EIGHT},
    )


def test_tuning_is_the_mean_over_time_in_float64() -> None:
    responses = random_responses(dtype=np.float32)
    tuning = direction_tuning(responses)
    assert tuning.dtype == np.float64
    assert tuning.dims == ("unit", "stimulus", "direction")
    np.testing.assert_array_equal(tuning.values, responses.values.astype(np.float64).mean(-1))


def test_the_onset_can_be_left_out_in_seconds() -> None:
    responses = random_responses()
    np.testing.assert_allclose(direction_tuning(responses, skip=0.1), responses.values[..., 3:].mean(-1))
    for skip in (-0.1, 5 / 30):
        with pytest.raises(InvalidInput, match="skipped"):
            direction_tuning(responses, skip=skip)


@pytest.mark.parametrize("preference", [0.0, 30.0, 200.0, 359.0])
def test_a_cosine_has_a_dsi_of_half_its_modulation_and_no_osi(preference: float) -> None:
    measured = selectivity(curves(2 * (1 + 0.6 * np.cos(np.radians(EIGHT - preference)))))
    assert one(measured, "dsi") == pytest.approx(0.3)
    assert one(measured, "osi") == pytest.approx(0, abs=1e-12)
    assert circular_difference(one(measured, "preferred_direction"), preference) == pytest.approx(0, abs=1e-9)
    assert np.isnan(one(measured, "preferred_orientation"))


def test_a_curve_with_two_equal_lobes_has_orientation_and_no_direction() -> None:
    measured = selectivity(curves(1 + np.cos(np.radians(2 * (EIGHT - 30)))))
    assert one(measured, "osi") == pytest.approx(0.5)
    assert one(measured, "dsi") == pytest.approx(0, abs=1e-12)
    assert one(measured, "preferred_orientation") == pytest.approx(120)  # bars are perpendicular to motion
    assert np.isnan(one(measured, "preferred_direction"))


def test_vertical_bars_that_move_rightwards_have_orientation_90() -> None:
    assert one(selectivity(curves([5, 1, 0, 1, 2, 1, 0, 1])), "preferred_orientation") == pytest.approx(90)
    assert one(selectivity(curves([0, 1, 5, 1, 0, 1, 2, 1])), "preferred_orientation") == pytest.approx(0)


@pytest.mark.parametrize("kappa", [0.5, 2.0])
def test_a_von_mises_curve_has_the_selectivity_of_its_concentration(kappa: float) -> None:
    directions = np.arange(0, 360, 15.0)
    measured = selectivity(curves(np.exp(kappa * np.cos(np.radians(directions - 72))), directions=directions))
    assert one(measured, "dsi") == pytest.approx(i1(kappa) / i0(kappa))
    assert one(measured, "osi") == pytest.approx(iv(2, kappa) / i0(kappa))
    assert one(measured, "preferred_direction") == pytest.approx(72)
    assert one(measured, "peak_direction") == 75


def test_two_point_indices_compare_the_peak_with_opposite_and_orthogonal_responses() -> None:
    measured = selectivity(curves([1, 2, 8, 2, 3, 1, 2, 1]))
    assert one(measured, "peak_direction") == 90
    assert one(measured, "dsi_two_point") == pytest.approx((8 - 2) / (8 + 2))
    assert one(measured, "osi_two_point") == pytest.approx((8 - 2) / (8 + 2))  # orthogonal: mean of 1 and 3


def test_a_two_point_index_needs_that_its_directions_were_shown() -> None:
    six = selectivity(curves([1, 2, 8, 2, 3, 1], directions=np.arange(0, 360, 60)))
    assert np.isnan(one(six, "osi_two_point"))
    assert one(six, "dsi_two_point") == pytest.approx((8 - 1) / (8 + 1))
    five = selectivity(curves([1, 2, 8, 2, 3], directions=np.arange(0, 360, 72)))
    assert np.isnan(one(five, "dsi_two_point"))
    assert one(five, "dsi") > 0


positive = st.lists(st.floats(0.01, 100), min_size=8, max_size=8)


@FEW
@given(positive, st.floats(-720, 720))
def test_turning_all_directions_turns_what_is_preferred_and_nothing_else(
    values: list[float], turn: float
) -> None:
    before = selectivity(curves(values))
    after = selectivity(curves(values, directions=EIGHT + turn))
    for name in ("osi", "dsi"):
        assert one(after, name) == pytest.approx(one(before, name), abs=1e-9)
    for name, index, period in (("direction", "dsi", 360), ("orientation", "osi", 180)):
        if one(before, index) > 1e-3:
            turned = one(before, f"preferred_{name}") + turn
            difference = circular_difference(one(after, f"preferred_{name}"), turned, period)
            assert difference == pytest.approx(0, abs=1e-6)


@FEW
@given(positive, st.floats(1e-3, 1e6))
def test_selectivity_does_not_depend_on_the_scale_of_the_responses(values: list[float], scale: float) -> None:
    before, after = selectivity(curves(values)), selectivity(curves(np.array(values) * scale))
    for name in INDICES:
        assert one(after, name) == pytest.approx(one(before, name), abs=1e-9)


@FEW
@given(st.lists(st.floats(0, 1e30), min_size=8, max_size=8))
def test_indices_lie_between_nothing_and_everything(values: list[float]) -> None:
    measured = selectivity(curves(values))
    if sum(values) == 0:
        assert all(np.isnan(one(measured, name)) for name in (*INDICES, *ANGLES))
        return
    assert 0 <= one(measured, "osi") <= 1
    assert 0 <= one(measured, "dsi") <= 1
    assert -1 <= one(measured, "osi_two_point") <= 1
    assert 0 <= one(measured, "dsi_two_point") <= 1
    for name, period in (("preferred_direction", 360), ("preferred_orientation", 180)):
        assert np.isnan(one(measured, name)) or 0 <= one(measured, name) < period


@FEW
@given(st.permutations(range(8)), st.permutations(range(3)), st.integers(0, 1000))
def test_the_order_in_which_directions_and_stimuli_are_stored_does_not_matter(
    directions: list[int], stimuli: list[int], seed: int
) -> None:
    responses = random_responses(seed)
    shuffled = responses.isel(direction=directions, stimulus=stimuli).transpose(
        "time", "direction", "stimulus", "unit"
    )
    before, after = direction_tuning(responses), direction_tuning(shuffled)
    one_way, other_way = selectivity(before), selectivity(after).sel(stimulus=responses.stimulus)
    for name in (*INDICES, *ANGLES):
        np.testing.assert_array_equal(one_way[name].values, other_way[name].values)
    for by in ("peak", "mean"):
        np.testing.assert_array_equal(preferred_class(before, by=by), preferred_class(after, by=by))
    for preset in ("corrected", "published-2025", "published-2026"):
        expected = paper_selectivity(responses, preset=preset)
        np.testing.assert_allclose(paper_selectivity(shuffled, preset=preset).osi, expected.osi, rtol=1e-12)


@pytest.mark.parametrize(
    "curve",
    [
        pytest.param(np.zeros(8), id="silent"),
        pytest.param([1, 2, 3, np.nan, 1, 1, 1, 1], id="a value missing"),
        pytest.param([1, 2, 3, -0.1, 1, 1, 1, 1], id="a negative value"),
        pytest.param([1, 2, 3, np.inf, 1, 1, 1, 1], id="a value not finite"),
    ],
)
def test_what_is_not_defined_is_not_a_number(curve: object) -> None:
    measured = selectivity(curves(curve, [1, 2, 3, 1, 1, 1, 1, 1]))
    for name in (*INDICES, *ANGLES):
        assert np.isnan(one(measured, name))
        assert np.isfinite(float(measured[name][1, 0]))  # the other unit is none the worse


def test_a_constant_curve_is_not_selective_and_prefers_nothing() -> None:
    measured = selectivity(curves(np.full(8, np.float32(0.1)), np.full(8, 3.0)))
    for name in INDICES:
        np.testing.assert_allclose(measured[name], 0, atol=1e-12)
    for name in ANGLES:
        assert np.isnan(measured[name]).all()


def test_negative_means_are_rectified_only_if_asked() -> None:
    signed = curves([4, 1, -1, -2, 0, 0, -1, 1])
    rectified = selectivity(signed, rectify=True)
    assert np.isnan(one(selectivity(signed), "osi"))
    assert one(rectified, "dsi") == pytest.approx(one(selectivity(signed.clip(min=0)), "dsi"))
    assert rectified.attrs["rectified"] == 1
    assert np.isnan(one(selectivity(curves(-np.ones(8)), rectify=True), "osi"))


@pytest.mark.parametrize(
    "directions", [EIGHT / 2, [0, 45, 90, 135, 180, 225, 270, 314], [0, 90, 180, 270], [0, 120, 240]]
)
def test_directions_that_are_not_evenly_spread_are_refused(directions: object) -> None:
    directions = np.asarray(directions, np.float64)
    with pytest.raises(InvalidInput, match="evenly spread"):
        selectivity(curves(np.ones(len(directions)), directions=directions))


def test_directions_that_are_missing_or_repeated_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not known"):
        selectivity(curves(np.ones(8)).drop_vars("direction"))
    with pytest.raises(InvalidInput, match="not usable"):
        selectivity(curves(np.ones(3), directions=np.array([0.0, 45.0, 360.0])))
    with pytest.raises(InvalidInput, match="lacks a dimension"):
        selectivity(curves(np.ones(8)).isel(stimulus=0))
    with pytest.raises(InvalidInput, match="lacks a dimension"):
        direction_tuning(curves(np.ones(8)))


def test_a_unit_prefers_the_class_with_the_largest_peak_or_mean() -> None:
    peaked, broad = np.array([9, 1, 0, 0, 0, 0, 0, 0.0]), np.full(8, 3.0)
    tuning = xr.concat(
        [curves(peaked, broad, broad, broad), curves(broad, peaked, broad, np.full(8, np.nan))],
        xr.Variable("stimulus", ["first", "second"]),
    )
    assert list(preferred_class(tuning).values) == ["first", "second", "", ""]
    assert list(preferred_class(tuning, by="mean").values) == ["second", "first", "", ""]
    with pytest.raises(InvalidInput, match="rule"):
        preferred_class(tuning, by="median")  # type: ignore[arg-type]


def test_measures_are_picked_in_the_class_that_a_unit_prefers() -> None:
    responses = random_responses().assign_coords(row=("unit", np.arange(6)))
    measures = selectivity(direction_tuning(responses))
    wanted = ["a", "b", "c", "", "a", "b"]
    classes = xr.DataArray(wanted, dims="unit")
    picked = preferred(measures, classes)
    for unit, name in enumerate(wanted):
        expected = measures.osi.sel(stimulus=name)[unit] if name else np.nan
        np.testing.assert_array_equal(picked.osi[unit], expected)
    assert picked.osi.dims == ("unit",)
    assert list(picked["preferred_class"].values) == wanted
    np.testing.assert_array_equal(picked["row"], np.arange(6))
    np.testing.assert_array_equal(preferred(measures.osi, classes), picked.osi)
    with pytest.raises(InvalidInput, match="labelled arrays"):
        preferred(measures, wanted)
    with pytest.raises(InvalidInput, match="without stimulus"):
        preferred(measures.isel(stimulus=0), classes)
    for wrong in (["a"] * 5, ["a"] * 5 + ["d"]):
        with pytest.raises(InvalidInput, match="preferred classes"):
            preferred(measures, xr.DataArray(wrong, dims="unit"))


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.sampled_from([180.0, 360.0]))
def test_a_circular_difference_is_the_short_way_round(a: float, b: float, period: float) -> None:
    difference = circular_difference(a, b, period)
    assert -period / 2 <= difference < period / 2
    assert np.cos(2 * np.pi * (a - b - difference) / period) == pytest.approx(1)
    for wrong in (0.0, -period, np.nan):
        with pytest.raises(InvalidInput, match="no such period"):
            circular_difference(a, b, wrong)


def test_the_papers_indices_are_those_of_the_golden_vectors() -> None:
    with np.load(GOLDEN / "tuning.npz") as golden:
        responses = golden_responses(MEDIUM)
        measured = paper_selectivity(responses)
        np.testing.assert_allclose(measured.osi, golden["osi_raw_medium"], rtol=1e-10)
        np.testing.assert_allclose(measured.dsi, golden["dsi_raw_medium"], rtol=1e-10)
        order = {str(stimulus): place for place, stimulus in enumerate(MEDIUM)}
        classes = preferred_class(direction_tuning(responses), by="mean")
        np.testing.assert_array_equal(
            [order[name] for name in classes.values], golden["pref_stim_raw_medium"]
        )
        vectors = selectivity(direction_tuning(golden_responses(list(range(11)))))
        np.testing.assert_allclose(vectors.osi, golden["vector_osi_11"], atol=1e-7)
        np.testing.assert_allclose(vectors.dsi, golden["vector_dsi_11"], atol=1e-7)


def test_the_published_error_is_reproduced_on_request() -> None:
    """On the smoothed responses, of either set of frequencies; their scale does not matter."""
    from scipy.ndimage import gaussian_filter1d

    smooth = gaussian_filter1d(golden_responses(list(range(11))).values, 3, axis=-1)
    strength = smooth.mean(-1).max(-1)
    medium = (strength[:, MEDIUM] > strength[:, HIGH]).sum(1) > (strength[:, MEDIUM] < strength[:, HIGH]).sum(
        1
    )
    chosen = np.where(medium[:, None, None, None], smooth[:, MEDIUM], smooth[:, HIGH])
    responses = golden_responses(MEDIUM).copy(data=chosen)
    with np.load(GOLDEN / "tuning.npz") as golden:
        corrected = paper_selectivity(responses)
        np.testing.assert_allclose(corrected.osi, golden["osi_fixed"], rtol=1e-6)
        np.testing.assert_allclose(corrected.dsi, golden["dsi_fixed"], rtol=1e-6)
        by_class = selectivity(direction_tuning(responses))
        np.testing.assert_allclose(by_class["osi_two_point"], golden["osi_fixed_per_stim"], atol=1e-6)
        np.testing.assert_allclose(by_class["dsi_two_point"], golden["dsi_fixed_per_stim"], atol=1e-6)
        published = paper_selectivity(responses, preset="published-2026")
        np.testing.assert_allclose(published.osi, golden["osi_published"], rtol=1e-6)
        np.testing.assert_allclose(published.dsi, golden["dsi_published"], rtol=1e-6)
    assert "dsi" not in paper_selectivity(responses, preset="published-2025")
    assert abs(np.corrcoef(published.osi, corrected.osi)[0, 1]) < 0.1


def test_the_papers_indices_refuse_what_they_are_not_defined_for() -> None:
    responses = random_responses()
    with pytest.raises(InvalidInput, match="preset"):
        paper_selectivity(responses, preset="published")
    with pytest.raises(InvalidInput, match="not negative"):
        paper_selectivity(responses - 1)
    with pytest.raises(InvalidInput, match="eight directions"):
        paper_selectivity(responses.isel(direction=slice(4)))


def test_simulated_cells_measure_as_their_labels_say() -> None:
    cortex = SimulatedCortex(40, seed=2)
    cells = cortex.cells
    frequencies = (0.03, 0.08, 0.2)
    gratings = [DriftingGrating(f"{f:g}", spatial_frequency=f, temporal_frequency=2.5) for f in frequencies]
    values = np.empty((len(cells), len(gratings), len(EIGHT), FRAMES))

    for place, grating in enumerate(gratings):
        movies = np.stack([grating.render(angle, 0, FRAMES, cortex.screen, 0) for angle in EIGHT])

        def sink(_: str, first: int, rates: Any, place: int = place) -> None:
            part = rates[:, :, 0, :, 0].permute(2, 0, 1)
            values[:, place, :, first : first + part.shape[-1]] = part

        cortex.record(movies, ["output"], sink)
    responses = xr.DataArray(
        values - cells.spontaneous[:, None, None, None],
        dims=("unit", "stimulus", "direction", "time"),
        coords={
            "stimulus": [grating.name for grating in gratings],
            "direction": EIGHT,
            "time": np.arange(FRAMES) / 30,
        },
    )
    tuning = direction_tuning(responses, skip=0.4)
    measured = preferred(selectivity(tuning, rectify=True), preferred_class(tuning))
    directed, unoriented = cells.of_type(*DIRECTION_SELECTIVE), cells.of_type(*UNORIENTED)
    error = circular_difference(measured.preferred_direction.values, cells.direction)
    assert (np.abs(error[directed]) < 22.5).all()
    bars = circular_difference(measured.preferred_orientation.values, cells.direction + 90, 180)
    assert (np.abs(bars[~unoriented]) < 22.5).all()
    assert measured.osi[~unoriented].min() > 0.3
    assert measured.osi[unoriented].max() < 0.3
    assert np.median(measured.osi[unoriented]) < 0.15
    assert np.median(measured.dsi[directed]) > 0.4
    assert measured.dsi[directed].min() > 0.2
    assert measured.dsi[~directed].max() < 0.1
