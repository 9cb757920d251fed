"""Two populations are compared unit by unit, and what is undefined is counted and left out."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import agreement, correlation, selectivity
from napari_twinscope.population.comparison import PREFERRED

UNITS = 40
EIGHT = np.arange(0, 360, 45.0)
BOTH = xr.DataArray(np.ones(UNITS, bool), dims="unit")


def tuned(seed: int = 0, turn: float = 0.0) -> xr.Dataset:
    """Return the selectivity of random units to two classes, their preferences turned by an angle."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 360, (UNITS, 2, 1)) + turn
    width, opposite = rng.uniform(0.2, 3, (UNITS, 2, 1)), rng.uniform(0, 1, (UNITS, 2, 1))
    delta = np.radians(EIGHT - angle)
    values = np.exp(width * np.cos(delta)) + opposite * np.exp(-width * np.cos(delta))
    tuning = xr.DataArray(
        values,
        dims=("unit", "stimulus", "direction"),
        coords={"stimulus": ["coarse", "fine"], "direction": EIGHT},
    )
    return selectivity(tuning)


def classes(*names: str) -> xr.DataArray:
    return xr.DataArray(np.resize(names, UNITS), dims="unit")


def compare(measured: xr.Dataset, truth: xr.Dataset, **changed: object) -> object:
    given: dict[str, object] = {
        "classes": classes("coarse", "fine"),
        "direction_selective": BOTH,
        "orientation_selective": BOTH,
    }
    return agreement(measured, truth, **(given | changed))


def series(*values: float, dtype: type = np.float64) -> xr.DataArray:
    return xr.DataArray(np.array(values, dtype), dims="time")


def test_correlation_is_pearson_s_over_the_dimensions_named() -> None:
    rng = np.random.default_rng(1)
    a = xr.DataArray(rng.normal(size=(3, 4, 5)), dims=("unit", "stimulus", "time"))
    b = xr.DataArray(rng.normal(size=(5, 3, 4)), dims=("time", "unit", "stimulus"))
    expected = [
        np.corrcoef(a.values[u].ravel(), b.transpose(*a.dims).values[u].ravel())[0, 1] for u in range(3)
    ]
    np.testing.assert_allclose(correlation(a, b, ("stimulus", "time")), expected)
    assert correlation(a, b, "time").dims == ("unit", "stimulus")


@given(st.floats(0.01, 100), st.floats(-100, 100), st.sampled_from([-1, 1]))
def test_correlation_does_not_depend_on_scale_or_offset(scale: float, offset: float, sign: int) -> None:
    a = series(0.3, 1.4, -2.0, 0.7)
    assert float(correlation(a, sign * scale * a + offset, "time")) == pytest.approx(sign)


def test_correlation_of_float32_survives_a_large_offset() -> None:
    small = np.array([0, 1, 2, 3, 2, 1], np.float64)
    a = series(*(small + 1e4), dtype=np.float32)
    assert float(correlation(a, series(*small), "time")) == pytest.approx(1)


@pytest.mark.parametrize("side", ["first", "second"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correlation_with_a_constant_is_not_a_number(side: str, dtype: type) -> None:
    third = dtype(1) / dtype(3)
    flat = series(third, third, np.nextafter(third, dtype(1)), dtype=dtype)
    varied = series(1, 2, 4)
    pair = (flat, varied) if side == "first" else (varied, flat)
    assert np.isnan(correlation(*pair, "time"))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_correlation_with_a_value_missing_is_not_a_number(value: float) -> None:
    assert np.isnan(correlation(series(1, value, 4), series(1, 2, 3), "time"))


def test_correlation_refuses_arrays_of_other_shapes_or_labels() -> None:
    a = series(1, 2, 3).assign_coords(time=[0, 1, 2])
    for b in (series(1, 2), a.rename(time="unit"), a.assign_coords(time=[0, 1, 3])):
        with pytest.raises(InvalidInput, match="cannot be correlated"):
            correlation(a, b, "time")
    for dim in ("unit", ()):
        with pytest.raises(InvalidInput, match="nothing to correlate"):
            correlation(a, a, dim)


def test_a_population_agrees_with_itself_whatever_the_order_of_its_stimuli() -> None:
    truth = tuned()
    for measured in (truth, truth.isel(stimulus=[1, 0])):
        table = compare(measured, truth)
        assert list(table.index) == [*measured.stimulus.values, PREFERRED]
        for name in ("osi_pearson", "osi_spearman", "dsi_pearson", "dsi_spearman"):
            np.testing.assert_allclose(table[name], 1)
        np.testing.assert_allclose(table[["direction_error", "orientation_error"]], 0, atol=1e-9)
        assert (table[["direction_within", "orientation_within"]] == 1).all(axis=None)
        assert (table[["osi_n", "direction_n"]] == UNITS).all(axis=None)


@pytest.mark.parametrize(("turn", "share"), [(20.0, 1.0), (25.0, 0.0)])
def test_a_turned_population_is_off_by_the_turn(turn: float, share: float) -> None:
    table = compare(tuned(turn=turn), tuned(), within=22.5)
    np.testing.assert_allclose(table["direction_error"], turn, atol=4)  # eight directions sample coarsely
    np.testing.assert_allclose(table["orientation_error"], turn, atol=4)
    assert abs(table["direction_within"] - share).max() < 0.3


def test_a_unit_is_measured_in_the_class_that_it_prefers_by_the_truth() -> None:
    truth, other = tuned(), tuned(seed=1)
    mixed = truth.copy(deep=True)
    for name in mixed.data_vars:
        mixed[name][:, 1] = other[name][:, 1]  # agrees in the coarse class alone
    coarse = compare(mixed, truth, classes=classes("coarse"))
    fine = compare(mixed, truth, classes=classes("fine"))
    assert coarse.loc[PREFERRED].equals(coarse.loc["coarse"].rename(PREFERRED))
    assert coarse.loc[PREFERRED, "osi_pearson"] == pytest.approx(1)
    assert fine.loc[PREFERRED, "osi_pearson"] == pytest.approx(fine.loc["fine", "osi_pearson"])
    assert abs(fine.loc[PREFERRED, "osi_pearson"]) < 0.5
    nobody = compare(mixed, truth, classes=classes(""))
    assert nobody.loc[PREFERRED, "osi_n"] == 0
    assert nobody.loc[PREFERRED, "osi_dropped"] == UNITS
    assert np.isnan(nobody.loc[PREFERRED, "osi_pearson"])


def test_units_that_are_undefined_on_either_side_are_dropped_and_counted() -> None:
    truth, measured = tuned(), tuned()
    truth["osi"][:3, 0] = np.nan
    measured["osi"][2:5, 0] = np.nan
    measured["preferred_direction"][0, 0] = np.nan
    table = compare(measured, truth)
    assert table.loc["coarse", "osi_dropped"] == 5
    assert table.loc["coarse", "osi_n"] == UNITS - 5
    assert table.loc["coarse", "osi_pearson"] == pytest.approx(1)
    assert table.loc["fine", "osi_dropped"] == 0
    assert table.loc["coarse", ["direction_n", "direction_dropped"]].to_list() == [UNITS - 1, 1]


def test_angles_are_compared_for_the_units_named_alone() -> None:
    measured, truth = tuned(), tuned()
    measured["preferred_direction"][10:] = (measured["preferred_direction"][10:] + 180) % 360
    few = xr.DataArray(np.arange(UNITS) < 10, dims="unit")
    table = compare(measured, truth, direction_selective=few)
    assert (table["direction_n"] == 10).all()
    assert (table["direction_within"] == 1).all()
    assert (compare(measured, truth)["direction_within"] == 0.25).all()
    by_class = few & xr.DataArray([True, False], dims="stimulus", coords={"stimulus": ["coarse", "fine"]})
    table = compare(measured, truth, direction_selective=by_class)
    assert table["direction_n"].to_list() == [10, 0, 5]
    assert np.isnan(table.loc["fine", "direction_within"])


def test_populations_of_other_units_or_stimuli_are_refused() -> None:
    truth = tuned()
    for other in (truth.isel(unit=slice(5)), truth.assign_coords(stimulus=["coarse", "other"])):
        with pytest.raises(InvalidInput, match="cannot be compared"):
            compare(other, truth)
