"""Stimuli are named from activity as in the papers, or without their dependence on draws and order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import ClassificationOptions, classification_over_time
from napari_twinscope.manifolds.comparison.classifiers import neighbor_predictions
from napari_twinscope.progress import SilentProgress
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli import paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
DIMS = ("unit", "stimulus", "direction", "time")
NEIGHBORS = ClassificationOptions(classifier="neighbors")


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def labelled(values: np.ndarray) -> xr.DataArray:
    names = NAMES[: values.shape[1]]
    angles = np.arange(values.shape[2]) * 360 / values.shape[2]
    coords = {"stimulus": names, "direction": angles, "time": np.arange(values.shape[3]) / 30}
    return xr.DataArray(values, dims=DIMS, coords=coords)


def golden_responses(units: int = 60) -> xr.DataArray:
    return labelled(golden("tensor")["counts"][:units] / 10000)


def noise(seed: int, stimuli: int = 6, frames: int = 2) -> xr.DataArray:
    return labelled(np.random.default_rng(seed).normal(5, 1, size=(20, stimuli, 8, frames)))


def with_a_gap() -> xr.DataArray:
    responses = noise(0)
    responses[3, 0, 0, 1] = np.nan
    return responses


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("units", [60, 8])
def test_three_neighbours_name_the_stimuli_as_in_the_papers(units: int, year: int) -> None:
    options = ClassificationOptions(f"published-{year}", "neighbors", windows=("growing", "shrinking"))
    found, expected = classification_over_time(golden_responses(units), options), golden("classification")
    for window, name in (("growing", "grow"), ("shrinking", "shrink")):
        accuracy = found["accuracy"].sel(window=window)
        np.testing.assert_array_equal(accuracy, expected[f"units{units}__knn3_{name}"])


@pytest.mark.parametrize("units", [60, 8])
def test_logistic_regression_scores_as_in_the_papers_fold_by_fold(units: int) -> None:
    options = ClassificationOptions("published-2025", windows=("growing", "shrinking"), step=18)
    found, expected = classification_over_time(golden_responses(units), options), golden("classification")
    for window, name in (("growing", "grow"), ("shrinking", "shrink")):
        one = found.sel(window=window)
        folds = expected[f"units{units}__lr_{name}_folds"].swapaxes(0, 1)[::18]
        np.testing.assert_allclose(one["fold_accuracy"], folds, atol=0.06)
        means = expected[f"units{units}__lr_{name}_mean"][::18]
        np.testing.assert_allclose(one["accuracy"], means, atol=0.03)
        bars = expected[f"units{units}__lr_{name}_std"][::18] / np.sqrt(5)
        np.testing.assert_allclose(one["upper"] - one["accuracy"], bars, atol=0.01)


def test_many_units_are_read_out_as_if_they_were_not_rotated_first() -> None:
    from sklearn.linear_model import LogisticRegression

    responses = noise(0).isel(direction=slice(3), time=[0], unit=np.arange(200) % 20)
    found = classification_over_time(responses, ClassificationOptions(windows=("frame",)))
    samples = responses.sel(stimulus=sorted(NAMES[:6])).isel(time=0)
    samples = samples.transpose("direction", "stimulus", "unit").values
    labels = np.tile(np.arange(6), 2)
    for left_out in range(3):
        train = np.delete(samples, left_out, axis=0).reshape(12, -1)
        model = LogisticRegression(max_iter=5000).fit(train, labels)
        score = (model.predict(samples[left_out]) == np.arange(6)).mean()
        assert float(found["fold_accuracy"][0, 0, 0, left_out]) == pytest.approx(score)


def test_stimuli_that_evoke_separate_activity_are_always_told_apart() -> None:
    values = np.eye(4)[:, :, None, None] * np.ones((1, 1, 8, 3))
    for classifier in ("logistic", "neighbors"):
        found = classification_over_time(labelled(values), ClassificationOptions(classifier=classifier))
        for name in ("accuracy", "lower", "upper", "correct", "fold_accuracy"):
            assert (found[name] == 1).all()


@pytest.mark.parametrize("classifier", ["logistic", "neighbors"])
def test_shuffled_labels_are_named_at_chance(classifier: str) -> None:
    options = ClassificationOptions(classifier=classifier, windows=("frame",))
    responses = golden_responses().isel(time=[18])
    assert float(classification_over_time(responses, options)["accuracy"][0, 0]) > 0.9
    random, covered, scores = np.random.default_rng(3), 0, []
    for _ in range(12):
        shuffled = responses.values.copy()
        for direction in range(8):
            shuffled[:, :, direction] = shuffled[:, random.permutation(11), direction]
        found = classification_over_time(responses.copy(data=shuffled), options)
        scores.append(float(found["accuracy"][0, 0]))
        covered += float(found["lower"][0, 0]) <= found.attrs["chance"] <= float(found["upper"][0, 0])
    assert np.mean(scores) == pytest.approx(1 / 11, abs=0.03)
    assert covered >= 9
    assert np.mean(np.array(scores) <= found.attrs["chance_upper"]) >= 0.75


@pytest.mark.parametrize("classifier", ["logistic", "neighbors"])
def test_the_order_of_the_store_does_not_matter(classifier: str) -> None:
    responses = golden_responses(8).isel(time=slice(6))
    options = ClassificationOptions(classifier=classifier, step=3)
    random = np.random.default_rng(0)
    shuffled = responses.isel(stimulus=random.permutation(11), direction=random.permutation(8))
    found = classification_over_time(shuffled.transpose("time", "direction", "unit", "stimulus"), options)
    expected = classification_over_time(responses, options)
    assert list(found["stimulus"].values) == list(shuffled["stimulus"].values)
    xr.testing.assert_equal(found.sel(stimulus=responses["stimulus"]), expected)


def test_stratified_folds_do_not_depend_on_the_order_of_the_store_either() -> None:
    responses = golden_responses(8).isel(time=[10])
    options = ClassificationOptions(split="stratified", windows=("frame",))
    shuffled = responses.isel(stimulus=np.arange(11)[::-1], direction=np.arange(8)[::-1])
    one, other = (classification_over_time(given, options) for given in (responses, shuffled))
    xr.testing.assert_equal(one["fold_accuracy"], other["fold_accuracy"])


def test_windows_grow_from_the_first_frame_and_shrink_to_the_last() -> None:
    found = classification_over_time(golden_responses(8).isel(time=slice(5)), NEIGHBORS)
    growing, shrinking, frame = (found["accuracy"].sel(window=name).values for name in found["window"].values)
    assert growing[0] == frame[0]
    assert shrinking[-1] == frame[-1]
    assert growing[-1] == shrinking[0]


def test_constant_units_change_nothing() -> None:
    responses = golden_responses(8).isel(time=[12])
    silent = xr.concat([responses, 0 * responses], dim="unit")
    for options in (NEIGHBORS, ClassificationOptions()):
        one, other = (classification_over_time(given, options) for given in (responses, silent))
        xr.testing.assert_equal(one["correct"], other["correct"])


def test_of_equal_votes_the_nearest_wins_or_as_published_the_smallest() -> None:
    samples = np.array([[0.0], [2.0], [1.0]])
    labels, fold = np.array([2, 0, 1]), np.array([0, 0, 1])
    samples[2] = 0.9
    assert neighbor_predictions(samples, labels, fold, 2, nearest_wins=True)[2] == 2
    assert neighbor_predictions(samples, labels, fold, 2, nearest_wins=False)[2] == 0


def test_the_result_carries_its_options_and_one_frame_is_enough() -> None:
    found = classification_over_time(noise(0, frames=1), NEIGHBORS)
    assert Specification.from_json(found.attrs["options"]) == NEIGHBORS
    assert json.loads(found.attrs["options"])["preset"] == found.attrs["preset"] == "corrected"
    assert found.attrs["chance"] == 1 / 6
    assert found.sizes["time"] == 1


def test_a_canceled_job_stops() -> None:
    progress = SilentProgress()
    progress.cancel()
    with pytest.raises(Canceled):
        classification_over_time(noise(0), NEIGHBORS, progress=progress)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: classification_over_time(noise(0, stimuli=1)), "two stimuli or more"),
        (lambda: classification_over_time(noise(0).isel(direction=[0])), "2 directions or more"),
        (
            lambda: classification_over_time(
                noise(0).isel(direction=[0, 1]), ClassificationOptions("published-2025")
            ),
            "5 directions or more",
        ),
        (
            lambda: classification_over_time(noise(0).where(np.arange(20).reshape(20, 1, 1, 1) != 3)),
            "missing",
        ),
        (lambda: classification_over_time(0 * noise(0)), "No unit responds differently"),
        (lambda: ClassificationOptions(classifier="forest"), "no such classifier"),
        (lambda: ClassificationOptions(windows=("sliding",)), "no such window"),
        (lambda: ClassificationOptions(windows=()), "named once"),
        (lambda: ClassificationOptions(split="unit"), "no such split"),
        (lambda: ClassificationOptions(preset="draft"), "no such preset"),
        (lambda: ClassificationOptions(folds=1), "number of folds"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
