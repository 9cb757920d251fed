"""One table says of every unit what it prefers, how it moves, and what that means in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import response_tensor, unit_measures
from napari_twinscope.population.components import unit_components
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
DIMS = ("unit", "stimulus", "direction", "time")
EIGHT = np.arange(0, 360, 45.0)
PRESETS = ["corrected", "published-2025", "published-2026"]


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def labelled(values: np.ndarray, names: list[str], directions: np.ndarray = EIGHT) -> xr.DataArray:
    coords = {"stimulus": names, "direction": directions, "time": np.arange(values.shape[3]) / 30}
    return xr.DataArray(values, dims=DIMS, coords=coords)


def golden_responses() -> xr.DataArray:
    return labelled(golden("tensor")["counts"] / 10000, NAMES)


def tuned(preferred: float, frames: int = 12) -> np.ndarray:
    """Return a response that prefers one direction of the second of two stimuli, (1, 2, 8, frames)."""
    curve = np.exp(np.cos(np.radians(EIGHT - preferred)))
    rise = 1 - np.exp(-np.arange(frames) / 3)
    return (np.array([0.2, 1.0])[:, None, None] * curve[:, None] * rise)[None]


def test_the_published_measures_are_those_of_the_papers() -> None:
    expected = golden("tuning")
    normalized = response_tensor(golden_responses())["normalized"]
    older, later = (unit_measures(normalized, preset=f"published-{year}") for year in (2025, 2026))
    for found, published in (
        (older["osi_two_point"], "osi_published"),
        (later["dsi_two_point"], "dsi_published"),
        (older["temporal_variance"], "log_temporal_var_2025"),
        (later["temporal_variance"], "log_temporal_var_2026"),
        (later["mean_activity"], "mean_activation"),
    ):
        np.testing.assert_allclose(found, expected[published], atol=1e-12)
    classes = normalized["stimulus"].values[expected["pref_stim_published"]]
    np.testing.assert_array_equal(older["preferred_class"], classes)
    assert "dsi_two_point" not in older


def test_the_published_vectors_and_loadings_of_raw_responses_are_those_of_the_papers() -> None:
    expected, found = golden("tuning"), unit_measures(golden_responses(), preset="published-2025")
    np.testing.assert_allclose(found["osi"], expected["vector_osi_mean"], atol=1e-12)
    np.testing.assert_allclose(found["dsi"], expected["vector_dsi_mean"], atol=1e-12)
    loadings = np.stack([found[f"loading_{number}"] for number in (1, 2, 3)])
    signs = np.sign((loadings * expected["pc_loadings_zero_frame"]).sum(1, keepdims=True))
    np.testing.assert_allclose(loadings * signs, expected["pc_loadings_zero_frame"], atol=1e-8)


def test_the_contribution_is_that_of_the_papers() -> None:
    medium = golden_responses().sel(stimulus=list(PAPER_SETS["medium"]))
    expected = golden("dynamics")["raw_medium__pc_contrib"]
    for preset in PRESETS:
        found = unit_measures(medium, preset=preset)
        np.testing.assert_allclose(found["contribution"], expected, atol=1e-8)
    normalized = response_tensor(golden_responses())["normalized"]
    expected = golden("dynamics")["processed__pc_contrib"]
    np.testing.assert_allclose(unit_measures(normalized)["contribution"], expected, atol=1e-8)
    long = golden("dynamics")
    shown = labelled(long["long_counts"] / 10000, ["a", "b"], EIGHT[::2])
    np.testing.assert_allclose(unit_measures(shown)["contribution"], long["long__pc_contrib"], atol=1e-8)


def test_corrected_selectivity_is_the_papers_with_the_axes_right() -> None:
    expected = golden("tuning")
    found = unit_measures(response_tensor(golden_responses())["normalized"])
    np.testing.assert_allclose(found["osi_two_point"], expected["osi_fixed"], atol=1e-12)
    np.testing.assert_allclose(found["dsi_two_point"], expected["dsi_fixed"], atol=1e-12)


@pytest.mark.parametrize("preferred", [0.0, 100.0, 350.0])
def test_a_unit_is_measured_as_it_was_made(preferred: float) -> None:
    found = unit_measures(labelled(tuned(preferred), ["dots", "grating"])).isel(unit=0)
    assert str(found["preferred_class"].values) == "grating"
    assert float(found["preferred_direction"]) == pytest.approx(preferred, abs=0.5)
    assert float(found["dsi"]) == pytest.approx(0.446, abs=0.001)  # I1(1) / I0(1)
    assert float(found["speed"]) > float(found["stability"]) > 0
    assert float(found["contribution"]) == pytest.approx(1)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_measure_says_in_one_sentence_what_it_is(preset: str) -> None:
    found = unit_measures(golden_responses(), preset=preset)
    assert len(found.data_vars) == 17 - (preset == "published-2025")
    assert found.attrs["left_out"] == []
    for measured in found.data_vars.values():
        assert measured.dims == ("unit",)
        text = measured.attrs["description"]
        assert text.endswith(".")
        assert ". " not in text
        assert measured.attrs["source"]
        assert measured.attrs["long_name"]


def test_the_text_of_a_published_error_differs_from_that_of_its_correction() -> None:
    corrected, published = (unit_measures(golden_responses(), preset=preset) for preset in PRESETS[:2])
    for name in ("osi", "osi_two_point", "speed", "stability", "temporal_variance"):
        assert corrected[name].attrs["description"] != published[name].attrs["description"]


def test_the_order_of_the_store_does_not_matter() -> None:
    responses = golden_responses()
    random = np.random.default_rng(0)
    shuffled = responses.isel(stimulus=random.permutation(11), direction=random.permutation(8))
    for preset in PRESETS:
        found = unit_measures(shuffled.transpose("direction", "time", "unit", "stimulus"), preset=preset)
        xr.testing.assert_allclose(found, unit_measures(responses, preset=preset))


def test_silent_and_missing_units_are_unknown_and_change_nothing_for_others() -> None:
    responses = golden_responses().isel(unit=slice(6))
    spoilt = responses.copy(deep=True)
    spoilt[1], spoilt[4, 3, 2, 1] = 0.0, np.nan
    found = unit_measures(spoilt)
    assert np.isnan(found["osi"][[1, 4]]).all()
    assert float(found["mean_activity"][1]) == float(found["contribution"][1]) == 0
    assert np.isnan(found["temporal_variance"][1])
    numbers = found.drop_vars("preferred_class").isel(unit=4)
    assert all(np.isnan(measured) for measured in numbers.data_vars.values())
    kept = unit_measures(responses.isel(unit=[0, 2, 3, 5]))
    xr.testing.assert_allclose(found.isel(unit=[0, 2, 3, 5]), kept)


def test_measures_that_a_recording_does_not_allow_are_left_out_with_the_reason() -> None:
    four = golden_responses().isel(stimulus=[0], direction=[0, 2, 4, 6], time=[0, 1])
    found = unit_measures(four)
    assert set(found.data_vars) == {
        *("mean_activity", "temporal_variance", "contribution"),
        *("loading_1", "loading_2", "loading_3"),
    }
    assert [line.split(":")[0] for line in found.attrs["left_out"]] == [
        "selectivity",
        "two point",
        "dynamics",
    ]


def test_signed_responses_are_rectified_unless_asked_not_to() -> None:
    signed = golden_responses() - 0.5
    xr.testing.assert_equal(unit_measures(signed), unit_measures(signed.clip(min=0)))
    plain = unit_measures(signed, rectify=False)
    assert float(plain["mean_activity"].min()) < 0
    assert "osi_two_point" not in plain


def test_components_of_a_large_population_are_those_of_a_singular_value_decomposition() -> None:
    rows = np.random.default_rng(1).normal(size=(450, 420)) * np.linspace(1, 3, 420)
    found = unit_components(rows)
    _, sizes, vectors = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    np.testing.assert_allclose(np.abs(found.loadings), np.abs(vectors[:3]), atol=1e-10)
    np.testing.assert_allclose(found.explained, (sizes**2 / np.sum(sizes**2))[:3])
    assert (found.loadings.max(1) == np.abs(found.loadings).max(1)).all()


def test_components_beyond_the_rank_are_zero() -> None:
    found = unit_components(np.outer(np.arange(4.0), [1.0, 2.0, 2.0]))
    np.testing.assert_allclose(found.loadings, [[1 / 3, 2 / 3, 2 / 3], [0, 0, 0], [0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.explained, [1, 0, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unit_measures(golden_responses(), preset="draft"), "no such preset"),
        (lambda: unit_measures(golden_responses().isel(unit=0)), "cannot be measured"),
        (lambda: unit_components(np.ones((5, 3))), "ever changes"),
        (lambda: unit_components(np.ones((1, 3))), "nothing to find components of"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
