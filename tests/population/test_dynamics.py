"""Speed is of the beginning, stability of the end, and the published windows make them one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.population import classifiability, response_tensor, unit_dynamics
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
DIMS = ("unit", "stimulus", "direction", "time")
MEASURES = ("speed", "stability", "curvature")


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def labelled(values: np.ndarray, names: list[str] | None = None) -> xr.DataArray:
    stimuli = names or [f"s{place}" for place in range(values.shape[1])]
    angles = np.arange(values.shape[2]) * 360 / values.shape[2]
    return xr.DataArray(values, dims=DIMS, coords={"stimulus": stimuli, "direction": angles})


def golden_responses() -> xr.DataArray:
    return labelled(golden("tensor")["counts"] / 10000, NAMES)


def medium() -> xr.DataArray:
    return golden_responses().sel(stimulus=list(PAPER_SETS["medium"]))


def course(values: object) -> xr.DataArray:
    """Return one unit that answers to one stimulus in one direction."""
    return labelled(np.array(values, np.float64)[None, None, None])


def random_responses(seed: int = 0, frames: int = 37) -> xr.DataArray:
    return labelled(np.random.default_rng(seed).gamma(1.0, size=(5, 3, 4, frames)))


@pytest.mark.parametrize("preset", ["published-2025", "published-2026"])
@pytest.mark.parametrize("case", ["raw_medium", "processed", "long"])
def test_the_published_dynamics_are_those_of_the_papers(case: str, preset: str) -> None:
    expected = golden("dynamics")
    responses = {
        "raw_medium": medium,
        "processed": lambda: response_tensor(golden_responses())["normalized"],
        "long": lambda: labelled(expected["long_counts"] / 10000),
    }[case]()
    found = unit_dynamics(responses, preset=preset)
    for name in MEASURES:
        np.testing.assert_allclose(found[name].mean("stimulus"), expected[f"{case}__{name}"], atol=1e-12)
    apart = classifiability(found)
    np.testing.assert_allclose(apart, expected[f"{case}__classifiability"], atol=1e-12)


@pytest.mark.parametrize("case", ["raw_medium", "processed"])
def test_the_dynamics_of_one_stimulus_are_those_of_the_papers(case: str) -> None:
    responses = medium() if case == "raw_medium" else response_tensor(golden_responses())["normalized"]
    found, expected = unit_dynamics(responses, preset="published-2025"), golden("dynamics")
    for name in MEASURES:
        one = found[name].isel(stimulus=2)
        np.testing.assert_allclose(one, expected[f"{case}__stim2__{name}"], atol=1e-12)
    apart = classifiability(found, responses["stimulus"].values[2])
    np.testing.assert_allclose(apart, expected[f"{case}__stim2__classifiability"], atol=1e-12)


def test_with_37_frames_published_speed_and_stability_are_one_and_corrected_are_two() -> None:
    published = unit_dynamics(medium(), preset="published-2025")
    corrected = unit_dynamics(medium())
    np.testing.assert_array_equal(published["speed"], published["stability"])
    assert published.attrs["window"] == 36
    assert corrected.attrs["window"] == 12
    assert np.abs(corrected["speed"] - corrected["stability"]).min() > 0


def test_long_trials_are_measured_in_forty_frames_by_every_preset() -> None:
    long = random_responses(frames=150)
    published, corrected = unit_dynamics(long, preset="published-2026"), unit_dynamics(long)
    for name in (*MEASURES, "steady"):
        np.testing.assert_array_equal(published[name], corrected[name])


def test_a_unit_that_moves_only_at_the_onset_is_fast_and_settled() -> None:
    found = unit_dynamics(course(np.minimum(np.arange(30), 5.0)))
    assert float(found["speed"][0, 0]) == pytest.approx(0.5)  # five steps of one in ten frames
    assert float(found["stability"][0, 0]) == 0


def test_a_straight_response_has_hardly_a_curvature_and_an_arch_has_one() -> None:
    time = np.arange(40.0)
    straight, arch = course(time), course(0.1 * (time - 19.5) ** 2)
    line = float(unit_dynamics(straight)["curvature"][0, 0])
    assert line < 0.3  # the filter's mirror bends only the ends
    assert float(unit_dynamics(arch)["curvature"][0, 0]) > 30 * line


def test_a_constant_unit_does_not_move() -> None:
    found = unit_dynamics(course(np.full(37, 2.0)))
    assert [float(found[name][0, 0]) for name in (*MEASURES, "steady")] == [0, 0, 0, 2]


def test_a_missing_frame_makes_only_its_own_unit_unknown() -> None:
    responses = random_responses()
    spoilt = responses.copy(deep=True)
    spoilt[1, 0, 0, 3] = np.nan
    whole, found = unit_dynamics(responses), unit_dynamics(spoilt)
    assert np.isnan([float(found[name][1, 0]) for name in ("speed", "curvature")]).all()
    others = [0, 2, 3, 4]
    xr.testing.assert_equal(found.isel(unit=others), whole.isel(unit=others))


def test_the_order_of_the_store_does_not_matter() -> None:
    responses = random_responses().assign_coords(time=np.arange(37) / 30)
    shuffled = responses.isel(stimulus=[2, 0, 1], direction=[3, 1, 0, 2], time=np.arange(37)[::-1])
    found = unit_dynamics(shuffled.transpose("time", "direction", "stimulus", "unit"))
    xr.testing.assert_allclose(found.sortby("stimulus"), unit_dynamics(responses))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unit_dynamics(course([1.0, 2.0])), "3 frames or more"),
        (lambda: unit_dynamics(random_responses().isel(unit=0)), "do not move in time"),
        (lambda: unit_dynamics(random_responses(), preset="draft"), "no such preset"),
        (lambda: classifiability(xr.Dataset()), "no steady responses"),
        (lambda: classifiability(unit_dynamics(course(range(9)))), "two stimuli"),
        (lambda: classifiability(unit_dynamics(random_responses()), "dots"), "no such stimulus"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
