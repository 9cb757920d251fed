"""Each unit enters the encoding manifold by the shape and the relative strength of its responses alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import TensorOptions, response_tensor
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
CLASSES = ["LF-grating", "HF-grating", "−1dot", "−3dot", "+1dot", "+3dot"]
EIGHT = np.arange(0, 360, 45.0)
DIMS = ("unit", "stimulus", "direction", "time")
PUBLISHED = ["published-2025", "published-2026"]
PRESETS = ["corrected", *PUBLISHED]
FEW = settings(max_examples=15, deadline=None)


def labelled(values: np.ndarray, names: list[str] = NAMES) -> xr.DataArray:
    return xr.DataArray(
        values,
        dims=DIMS,
        coords={
            "stimulus": names,
            "direction": EIGHT[: values.shape[2]],
            "time": np.arange(values.shape[3]) / 30,
            "unit_id": ("unit", [f"u{unit}" for unit in range(len(values))]),
        },
    )


def golden_responses(name: str = "tensor.npz", key: str = "counts") -> xr.DataArray:
    with np.load(GOLDEN / name) as file:
        return labelled(file[key] / 10000)


def random_responses(seed: int = 0, units: int = 5, frames: int = 6) -> xr.DataArray:
    return labelled(np.random.default_rng(seed).gamma(1.0, size=(units, 11, 8, frames)))


def flat(tensor: xr.DataArray) -> np.ndarray:
    """Return the tensor as the papers store it: direction fastest."""
    values = tensor.transpose("unit", "stimulus", "time", "direction").values
    return values.reshape(*values.shape[:2], -1)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_tensor_is_that_of_the_papers(preset: str) -> None:
    made = response_tensor(golden_responses(), TensorOptions(preset))
    with np.load(GOLDEN / "relnorm.npz") as golden:
        np.testing.assert_allclose(flat(made.tensor)[:8], golden["tensorX_first8"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(flat(made.tensor), golden["tensorX_f32"], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(made.relative_strength, golden["relFR"], rtol=0, atol=1e-12)
        np.testing.assert_array_equal(made.spatial_frequency == "high", golden["sf_is_high"])
    assert list(made.stimulus.values) == CLASSES


def test_the_papers_other_scales_are_reproduced() -> None:
    few = golden_responses().isel(unit=slice(4))
    with np.load(GOLDEN / "relnorm.npz") as golden:
        for options, key in (
            (TensorOptions(scale="maximum"), "relFR_method_first4"),
            (TensorOptions(scale="mean"), "Norm_method_first4"),
            (TensorOptions(smoothing=0.0), "nosmooth_first4"),
        ):
            made = response_tensor(few, options)
            np.testing.assert_allclose(flat(made.tensor), golden[key], rtol=1e-12, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("preset", ["corrected", "published-2026"])
def test_all_stimuli_can_be_taken(preset: str) -> None:
    made = response_tensor(golden_responses().isel(unit=slice(3)), TensorOptions(preset, stimuli="all"))
    with np.load(GOLDEN / "relnorm.npz") as golden:
        np.testing.assert_allclose(flat(made.tensor), golden["optSF_false_fixed_first3"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            made.relative_strength, golden["optSF_false_fixed_relFR"], rtol=0, atol=1e-12
        )
    assert list(made.stimulus.values) == NAMES
    assert "spatial_frequency" not in made.coords


@pytest.mark.parametrize("preset", PUBLISHED)
def test_the_published_presets_keep_silent_units_as_not_numbers(preset: str) -> None:
    made = response_tensor(golden_responses("relnorm.npz", "edge_tensor_is_counts"), TensorOptions(preset))
    with np.load(GOLDEN / "relnorm.npz") as golden:
        np.testing.assert_allclose(flat(made.tensor), golden["edge_tensorX"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(made.relative_strength, golden["edge_relFR"], rtol=0, atol=1e-12)
        high = made.spatial_frequency.values == "high"
        np.testing.assert_array_equal(high[: len(golden["edge_sf_is_high"])], golden["edge_sf_is_high"])
    assert np.isnan(made.tensor[3]).all()
    assert made.attrs["silent_units"] == []


def test_the_corrected_preset_leaves_silent_units_out_and_says_so() -> None:
    made = response_tensor(golden_responses("relnorm.npz", "edge_tensor_is_counts"))
    with np.load(GOLDEN / "relnorm.npz") as golden:
        np.testing.assert_allclose(flat(made.tensor), golden["edge_tensorX"][:3], rtol=0, atol=1e-12)
    assert list(made.unit_id.values) == ["u0", "u1", "u2"]
    assert made.attrs["silent_units"] == ["u3"]


def test_a_constant_unit_is_constant_and_its_tie_goes_to_high() -> None:
    made = response_tensor(golden_responses("relnorm.npz", "edge_tensor_is_counts"))
    constant = made.isel(unit=2)
    np.testing.assert_allclose(constant.tensor, 1 / np.sqrt(8 * 37), rtol=1e-12)
    assert constant.spatial_frequency == "high"


def test_each_map_has_the_norm_of_its_relative_strength() -> None:
    made = response_tensor(random_responses())
    norms = np.sqrt((made.tensor**2).sum(("direction", "time")))
    np.testing.assert_allclose(norms, made.relative_strength, rtol=1e-12)
    np.testing.assert_array_equal(made.relative_strength.max("stimulus"), 1.0)
    assert made.tensor.dims == DIMS


@FEW
@given(st.randoms(use_true_random=False), st.sampled_from(PRESETS))
def test_nothing_depends_on_the_order_in_which_responses_are_stored(random, preset: str) -> None:
    responses = random_responses()
    order = {dim: random.sample(range(size), size) for dim, size in responses.sizes.items()}
    stored = responses.isel(order).transpose(*random.sample(DIMS, 4))
    stored = stored.assign_coords(direction=stored.direction - 360)
    expected = response_tensor(responses, TensorOptions(preset)).isel(unit=order["unit"])
    made = response_tensor(stored, TensorOptions(preset))
    np.testing.assert_array_equal(made.tensor, expected.tensor)
    xr.testing.assert_equal(made, expected)


@FEW
@given(st.floats(1e-9, 1e9), st.integers(0, 4), st.sampled_from(["strength", "norm", "maximum", "mean"]))
def test_the_gain_of_a_unit_does_not_matter(gain: float, unit: int, scale: str) -> None:
    responses = random_responses() + 0.5
    gains = xr.ones_like(responses.unit_id, dtype=float)
    gains[unit] = gain
    options = TensorOptions(scale=scale)
    made, expected = response_tensor(responses * gains, options), response_tensor(responses, options)
    np.testing.assert_allclose(made.tensor, expected.tensor, rtol=1e-9)


@FEW
@given(st.integers(0, 7), st.integers(0, 4))
def test_turning_a_unit_turns_its_maps(turn: int, unit: int) -> None:
    responses = random_responses()
    turned = responses.copy(deep=True)
    turned[unit] = np.roll(responses[unit], turn, axis=1)
    made, expected = response_tensor(turned), response_tensor(responses)
    np.testing.assert_allclose(made.tensor[unit], np.roll(expected.tensor[unit], turn, axis=1), rtol=1e-9)
    np.testing.assert_array_equal(made.relative_strength, expected.relative_strength)


def test_a_row_depends_on_its_own_unit_alone() -> None:
    responses = random_responses() + 0.5
    alone = response_tensor(responses.isel(unit=[2]))
    together = response_tensor(responses)
    np.testing.assert_array_equal(alone.tensor, together.tensor[[2]])
    published = TensorOptions("published-2026")
    assert not np.allclose(response_tensor(responses, published).tensor, together.tensor)


def test_each_unit_takes_the_spatial_frequencies_it_answers_to() -> None:
    responses = xr.full_like(random_responses(units=2), 0.1)
    responses.loc[{"stimulus": list(PAPER_SETS["medium"][1:4])}] = [[[[1.0]]] * 3, [[[0.0]]] * 3]
    made = response_tensor(responses, TensorOptions(smoothing=0.0))
    assert list(made.spatial_frequency.values) == ["medium", "high"]
    np.testing.assert_allclose(made.strength[0], [0.1, 1, 1, 1, 0.1, 0.1])
    np.testing.assert_allclose(made.strength[1], 0.1)


@pytest.mark.parametrize("which", ["medium", "high"])
def test_one_set_can_be_taken_for_all_units(which: str) -> None:
    responses = random_responses()
    made = response_tensor(responses, TensorOptions(stimuli=which))
    chosen = responses.sel(stimulus=list(PAPER_SETS[which]))
    xr.testing.assert_equal(made.tensor, response_tensor(chosen, TensorOptions(stimuli="all")).tensor)
    assert tuple(made.stimulus.values) == PAPER_SETS[which]


def test_negative_responses_count_as_none() -> None:
    signed = random_responses() - 0.7
    xr.testing.assert_equal(response_tensor(signed), response_tensor(signed.clip(min=0)))


def test_a_class_without_response_is_zero() -> None:
    responses = random_responses()
    responses.loc[{"stimulus": "grat_W12"}] = 0.0
    made = response_tensor(responses)
    assert (made.tensor.sel(stimulus="LF-grating") == 0).all()
    assert (made.relative_strength.sel(stimulus="LF-grating") == 0).all()
    assert made.significant.all()


def test_classes_that_do_not_count_are_zeroed_and_units_without_any_left_out() -> None:
    responses = random_responses(units=3)
    counts = xr.DataArray(
        [[True] * 6, [True, False, True, False, True, False], [False] * 6],
        dims=("unit", "stimulus"),
        coords={"stimulus": CLASSES},
    )
    made = response_tensor(responses, significant=counts.isel(stimulus=[3, 1, 0, 5, 4, 2]).T)
    everything = response_tensor(responses)
    xr.testing.assert_equal(made.normalized, everything.normalized.isel(unit=[0, 1]))
    np.testing.assert_array_equal(made.significant, counts[:2])
    np.testing.assert_array_equal(made.tensor, made.normalized.where(made.significant, 0))
    assert made.attrs["insignificant_units"] == ["u2"]
    with pytest.raises(InvalidInput, match="does not fit the responses"):
        response_tensor(responses, significant=counts.isel(unit=[0]))
    with pytest.raises(InvalidInput, match="does not fit the responses"):
        response_tensor(responses, significant=counts.astype(float))
    with pytest.raises(InvalidInput, match="No unit is left"):
        response_tensor(responses, significant=xr.zeros_like(counts))


def test_one_class_and_two_frames_are_enough() -> None:
    two = random_responses(frames=2).isel(stimulus=[3])
    made = response_tensor(two, TensorOptions(stimuli="all"))
    np.testing.assert_array_equal(made.relative_strength, 1.0)
    np.testing.assert_allclose((made.tensor**2).sum(DIMS[1:]), 1.0)
    with pytest.raises(InvalidInput, match=r"missing[\s\S]*stimuli='all'"):
        response_tensor(two)


@pytest.mark.parametrize("preset", ["corrected", "published-2025"])
def test_missing_responses_are_refused(preset: str) -> None:
    responses = random_responses()
    responses[1, 2, 3, 4] = np.nan
    with pytest.raises(InvalidInput, match=r"missing or infinite[\s\S]*1 of 2640, in 1 units"):
        response_tensor(responses, TensorOptions(preset))


def test_the_code_of_2026_takes_missing_frames_for_zero() -> None:
    responses = random_responses()
    responses[0, :, :, 4:] = np.nan
    responses[1, 0, 2] = np.nan
    responses[2, 0] = np.nan
    responses[3, 0, 0, 0] = 0.0  # the smallest
    options = TensorOptions("published-2026", stimuli="medium", smoothing=0.0)
    made = response_tensor(responses, options)
    assert (made.tensor[0, :, :, 4:] == 0).all()
    medium = responses.sel(stimulus=list(PAPER_SETS["medium"]))
    np.testing.assert_allclose(made.strength[0], medium[0, :, :, :4].mean("time").max("direction"))
    np.testing.assert_allclose(made.strength[1], medium[1].mean("time").max("direction"))
    assert made.strength[2, 0] == 0
    assert np.isfinite(made.tensor).all()
    responses[4, 0, 0, 0] = np.inf
    with pytest.raises(InvalidInput, match="infinite"):
        response_tensor(responses, options)


def test_silence_throughout_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"No unit is left[\s\S]*5 silent"):
        response_tensor(random_responses() * 0)


def test_responses_must_be_labelled() -> None:
    responses = random_responses()
    with pytest.raises(InvalidInput, match="dims of a response tensor"):
        response_tensor(responses.isel(time=0))
    with pytest.raises(InvalidInput, match="dims of a response tensor"):
        response_tensor(responses.isel(time=[]))
    with pytest.raises(InvalidInput, match="dims of a response tensor"):
        response_tensor(responses.expand_dims(instance=3))
    with pytest.raises(InvalidInput, match="not named"):
        response_tensor(responses.drop_vars("stimulus"))
    with pytest.raises(InvalidInput, match="named twice"):
        response_tensor(responses.assign_coords(stimulus=["a", "a", *NAMES[2:]]))
    with pytest.raises(InvalidInput, match="directions are not known"):
        response_tensor(responses.drop_vars("direction"))


def test_a_result_says_how_it_was_made() -> None:
    options = TensorOptions("published-2026", stimuli="high", smoothing=2.0)
    made = response_tensor(random_responses().assign_attrs(stage="recurrent", units="a.u."), options)
    assert made.attrs["stage"] == "recurrent"
    assert made.attrs["preset"] == "published-2026"
    assert Specification.from_json(made.attrs["options"]) == options
    assert made.strength.attrs["units"] == "a.u."
    json.dumps(made.attrs)
    assert response_tensor(random_responses()).attrs["preset"] == "corrected"


def test_units_left_out_are_named_by_what_is_known_of_them() -> None:
    responses = random_responses()
    responses[3] = 0
    bare = responses.drop_vars("unit_id")
    assert response_tensor(bare).attrs["silent_units"] == [3]
    assert response_tensor(bare.assign_coords(unit=np.arange(5) * 10)).attrs["silent_units"] == [30]


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "published"},
        {"stimuli": "low"},
        {"strength": "sum"},
        {"scale": "L2"},
        {"smoothing": -1.0},
        {"smoothing": float("nan")},
        {"preset": "published-2025", "stimuli": "all"},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(InvalidInput):
        TensorOptions(**wrong)
