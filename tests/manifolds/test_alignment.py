"""Two populations are compared on what both were shown, at the times at which both saw it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import AlignmentOptions, alignment
from napari_twinscope.manifolds.comparison.alignment_options import MEASURES
from napari_twinscope.manifolds.comparison.pairing import paired
from napari_twinscope.progress import SilentProgress
from napari_twinscope.specification import Specification
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
LABELS = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}
MEDIUM = list(PAPER_SETS["medium"])
DIMS = ("unit", "stimulus", "direction", "time")
CHEAP = ("rsa", "cka", "cca", "procrustes")
ONCE = AlignmentOptions(bootstraps=0, shuffles=0)


def labelled(values: np.ndarray, names: list[str], step: float = 1 / 30) -> xr.DataArray:
    angles = np.arange(values.shape[2]) * 360 / values.shape[2]
    coords = {"stimulus": names, "direction": angles, "time": np.arange(values.shape[3]) * step}
    return xr.DataArray(values, dims=DIMS, coords=coords)


def network() -> xr.DataArray:
    with np.load(GOLDEN / "tensor.npz") as file:
        return labelled(file["counts"] / 10000, NAMES)


def biology() -> xr.DataArray:
    with np.load(GOLDEN / "alignment.npz") as file:
        return labelled(file["bio_counts"] / 10000, MEDIUM, 36 / 30 / 40)


def score(found: xr.Dataset, measure: str) -> float:
    return float(found["score"].sel(measure=measure))


def test_the_published_preset_gives_the_papers_scores_of_the_same_six_stimuli() -> None:
    options = AlignmentOptions("published-2025", ("rsa", "cca"), bootstraps=0, shuffles=0)
    found = alignment(network().sel(stimulus=MEDIUM), biology(), options)
    with np.load(GOLDEN / "alignment.npz") as golden:
        for name in options.measures:
            assert score(found, name) == pytest.approx(float(golden[f"{name}_mean"]), abs=1e-6)


def test_the_published_preset_pairs_other_stimuli_and_the_corrected_one_pairs_names() -> None:
    published = alignment(
        network(), biology(), AlignmentOptions("published-2025", ("rsa",), bootstraps=0, shuffles=0)
    )
    with np.load(GOLDEN / "alignment.npz") as golden:
        assert score(published, "rsa") == pytest.approx(float(golden["rsa_mismatched_first6"]), abs=1e-6)
    assert published.attrs["stimuli"] == NAMES[:6]
    assert published.attrs["paired_with"] == MEDIUM
    corrected = alignment(network(), biology(), AlignmentOptions(measures=("rsa",), bootstraps=0, shuffles=0))
    assert corrected.attrs["stimuli"] == corrected.attrs["paired_with"] == MEDIUM


def test_a_population_is_aligned_with_itself_by_every_measure() -> None:
    responses = network()
    found = alignment(responses, responses, ONCE)
    for name in ("rsa", "cka"):
        assert score(found, name) == pytest.approx(1)
    assert score(found, "cca") > 0.95
    for name in ("procrustes", "gromov_wasserstein"):
        assert score(found, name) == pytest.approx(0, abs=1e-3)
    assert score(found, "dsa") < 1e-3
    assert dict(zip(found["measure"].values, found["alike"].values, strict=True)) == {
        **dict.fromkeys(("rsa", "cka", "cca"), "high"),
        **dict.fromkeys(("procrustes", "dsa", "gromov_wasserstein"), "low"),
    }


def test_a_rotated_copy_is_aligned_and_needs_not_be_positive() -> None:
    responses = network()
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(60, 60)))[0]
    copy = responses.copy(data=np.einsum("usdt,uv->vsdt", responses.values, turn))
    options = AlignmentOptions(measures=("cka", "procrustes", "dsa"), rectify=False, bootstraps=0, shuffles=0)
    found = alignment(responses, copy, options)
    assert score(found, "cka") == pytest.approx(1)
    assert score(found, "procrustes") == pytest.approx(0, abs=1e-9)
    assert score(found, "dsa") < 1e-3


def test_shuffled_labels_score_at_chance_and_true_ones_far_from_it() -> None:
    options = AlignmentOptions(measures=CHEAP, bootstraps=0, shuffles=100)
    responses, other = network(), biology()
    true = alignment(responses, other, options)
    assert (true["z"] > 3).all()
    flat = other.stack(condition=("stimulus", "direction"))
    order = np.random.default_rng(5).permutation(48)
    shuffled = other.copy(data=flat.values[..., order].reshape(*flat.shape[:2], 6, 8).transpose(0, 2, 3, 1))
    found = alignment(responses, shuffled, options)
    assert (found["chance_lower"] <= found["score"]).all()
    assert (found["score"] <= found["chance_upper"]).all()


def test_bootstraps_are_seeded_and_their_interval_has_a_width() -> None:
    def drawn(seed: int) -> xr.Dataset:
        options = AlignmentOptions(measures=CHEAP, bootstraps=20, shuffles=3, seed=seed)
        return alignment(network(), biology(), options)

    one, same, other = drawn(0), drawn(0), drawn(1)
    xr.testing.assert_identical(one, same)
    assert (one["lower"] < one["upper"]).all()
    assert (one["lower"] != other["lower"]).any()
    np.testing.assert_array_equal(one["score"], other["score"])


def test_the_order_of_the_store_does_not_matter() -> None:
    random = np.random.default_rng(0)
    options = AlignmentOptions(measures=(*CHEAP, "encoding"), bootstraps=0, shuffles=0)
    responses, other = network(), biology()
    shuffled = responses.isel(stimulus=random.permutation(11), direction=random.permutation(8))
    again = other.isel(stimulus=random.permutation(6), direction=random.permutation(8))
    found = alignment(shuffled.transpose("time", ...), again, options)
    xr.testing.assert_allclose(found, alignment(responses, other, options))


def test_class_names_stand_for_the_stimuli_of_the_papers() -> None:
    other = biology()
    named = other.assign_coords(stimulus=[LABELS[name] for name in MEDIUM])
    shuffled = named.isel(stimulus=[3, 0, 5, 1, 4, 2])
    options = AlignmentOptions(measures=("rsa", "cka"), bootstraps=0, shuffles=0)
    xr.testing.assert_allclose(
        alignment(network(), shuffled, options)["score"], alignment(network(), other, options)["score"]
    )


def test_frames_are_paired_by_their_time_in_seconds() -> None:
    ramp = labelled(np.ones((3, 6, 8, 1)) * np.arange(37) / 30, MEDIUM)
    fast = labelled(np.ones((2, 6, 8, 1)) * (np.arange(135) / 100 - 0.1), MEDIUM, 0.01)
    fast = fast.assign_coords(time=np.arange(135) * 0.01 - 0.1)
    one, other = paired(ramp, fast, "corrected", None, rectify=False)
    assert one.sizes["time"] == 37
    np.testing.assert_allclose(one.values[0], other.values[0], atol=1e-12)
    _, squeezed = paired(ramp, fast, "published-2025", None, rectify=False)
    assert squeezed.sizes["time"] == 37
    assert np.abs(squeezed.values[0] - ramp.values[0]).mean() > 0.05


def test_frames_before_the_first_response_are_left_out_or_as_published_spoil_the_score() -> None:
    responses = network()
    responses[..., :2] = 0.0
    settings = {"measures": ("rsa", "cka"), "time": "each", "bootstraps": 0, "shuffles": 0}
    corrected = alignment(responses, responses, AlignmentOptions(**settings))
    np.testing.assert_allclose(corrected["score"], 1)
    assert corrected["frames"].values.tolist() == [35, 35]
    published = alignment(responses, responses, AlignmentOptions("published-2025", **settings))
    assert np.isnan(published["score"]).all()


def test_the_result_carries_its_options() -> None:
    options = AlignmentOptions(measures=("cka",), bootstraps=0, shuffles=0)
    found = alignment(network(), biology(), options)
    assert Specification.from_json(found.attrs["options"]) == options
    assert found.attrs["units"] == [60, 45]


def test_a_canceled_job_stops() -> None:
    progress = SilentProgress()
    progress.cancel()
    with pytest.raises(Canceled):
        alignment(network(), biology(), ONCE, progress=progress)


def other_directions() -> xr.DataArray:
    return biology().isel(direction=slice(4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: alignment(network(), other_directions()), "not shown the same"),
        (lambda: alignment(network(), biology().isel(stimulus=slice(5))), "same stimuli"),
        (lambda: alignment(network(), biology().drop_vars("time")), "do not say when"),
        (lambda: alignment(network().isel(time=[0]), network().isel(time=[0])), "One frame|No unit"),
        (
            lambda: alignment(*(biology().isel(direction=[0]) for _ in range(2))),
            "No direction can be left out",
        ),
        (lambda: alignment(*(biology().isel(stimulus=[0], direction=[0, 1]) for _ in range(2))), "Too few"),
        (lambda: alignment(0 * network(), biology()), "No unit responds differently"),
        (lambda: alignment(network(), biology().where(biology() > 0.01)), "missing"),
        (lambda: AlignmentOptions(measures=("rsa", "rsa")), "cannot be taken"),
        (lambda: AlignmentOptions(measures=("soap",)), ", ".join(MEASURES)),
        (lambda: AlignmentOptions(time="late"), "no such time"),
        (lambda: AlignmentOptions(bootstraps=-1), "number of bootstraps"),
        (lambda: AlignmentOptions(preset="draft"), "no such preset"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
