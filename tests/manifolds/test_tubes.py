"""Lower is tighter: what each measure says of tubes whose tightness is known, and of the golden ones."""

from __future__ import annotations

import numpy as np
import pytest
from paper_golden import golden

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    TubularityOptions,
    crossing_tubes,
    curve_tubularity,
    inflating_tube,
    parallel_tubes,
    single_tube,
)
from napari_twinscope.manifolds.tubes.bundles import curve_bundles
from napari_twinscope.manifolds.tubes.curves import curve_distances, derivatives, resample
from napari_twinscope.manifolds.tubes.tubes import CenterLine

SHORT = {"samples": 80, "bins": 20}
CORRECTED = TubularityOptions(**SHORT)
SIMULATED = {"samples": 160, "bins": 30, "smallest_bundle": 6}
KINDS = ["single", "parallel", "crossing"]


def score(tubes, options=CORRECTED, measure="s_tight", labels="own") -> float:
    curves, own = tubes
    given = {"own": own, "one": 0 * own, "hdbscan": None}[labels]
    return float(curve_tubularity(curves, given, options).score.sel(measure=measure))


def golden_curves(kind: str) -> list[np.ndarray]:
    tubes = golden("tubes_simulated")
    return np.split(tubes[f"{kind}__points"], np.cumsum(tubes[f"{kind}__lengths"])[:-1])


# The direction of the measure


@pytest.mark.parametrize("preset", ["corrected", "published-2025", "published-2026"])
def test_a_wider_tube_is_less_tight(preset):
    options = TubularityOptions(preset, **SHORT)
    tight = [score(single_tube(radius=radius, seed=4), options) for radius in (0.01, 0.02, 0.04, 0.08)]
    assert np.all(np.diff(tight) > 0.2 * np.array(tight[:-1]))


def test_tightness_is_the_radius_over_the_length():
    circle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    way = np.linspace(0, 1, 80)
    straight = [np.stack([way, 0 * way + 0.1 * np.cos(a), 0.1 * np.sin(a) + 0 * way], axis=1) for a in circle]
    fine = TubularityOptions(samples=80, bins=40)
    found = curve_tubularity(straight, np.zeros(24, dtype=int), fine)
    assert float(found.score[0]) == pytest.approx(0.1, rel=0.02)
    np.testing.assert_allclose(found.radius, 0.1, rtol=0.05)
    assert float(found.length[0]) == pytest.approx(1)


def test_a_tube_that_inflates_is_less_tight_and_its_radius_grows_along_it():
    even, inflating = (inflating_tube(widening=factor) for factor in (1.0, 4.0))
    assert score(inflating) > 1.5 * score(even)
    assert score(inflating_tube(widening=8.0)) > 1.5 * score(inflating)
    radius = curve_tubularity(*inflating, CORRECTED).radius.values[0]
    assert np.all(np.diff(radius) > 0)
    assert radius[-1] > 2.5 * radius[0]
    flat = curve_tubularity(*even, CORRECTED).radius.values[0]
    np.testing.assert_allclose(flat, flat.mean(), rtol=0.1)


def test_two_parallel_tubes_are_tight_each_and_loose_as_one():
    tubes = parallel_tubes()
    assert score(tubes, labels="one") > 3 * score(tubes)


def test_parallel_tubes_farther_apart_are_looser_as_one_and_as_tight_each():
    near, far = parallel_tubes(gap=0.4), parallel_tubes(gap=0.8)
    assert score(far, labels="one") > 1.7 * score(near, labels="one")
    assert score(far) == pytest.approx(score(near), rel=1e-9)


def test_two_crossing_tubes_are_tight_each_and_loose_as_one():
    tubes = crossing_tubes()
    assert score(tubes, labels="one") > 3 * score(tubes)


def test_lines_that_cross_have_more_crossing_than_lines_that_do_not():
    way = np.linspace(-1, 1, 80)
    fan = [np.stack([way, slope * way], axis=1) for slope in np.linspace(-0.5, 0.5, 8)]
    sheaf = [np.stack([way, 0 * way + height], axis=1) for height in np.linspace(-0.5, 0.5, 8)]
    together = np.zeros(8, dtype=int)
    crossing = [float(curve_tubularity(one, together, CORRECTED).score[2]) for one in (fan, sheaf)]
    assert crossing[0] > 1e-4
    assert crossing[1] == pytest.approx(0, abs=1e-12)


# What must not matter


def test_neither_place_nor_orientation_matters():
    curves, labels = crossing_tubes()
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    moved = [curve @ turn + [5.0, -3.0] for curve in curves]
    expected = curve_tubularity(curves, labels, CORRECTED).bundle_score
    np.testing.assert_allclose(curve_tubularity(moved, labels, CORRECTED).bundle_score, expected, rtol=0.02)


def test_the_size_of_the_coordinates_matters_only_as_published():
    curves, labels = single_tube(count=10, radius=0.03)
    large = [1000 * curve for curve in curves]

    def change(preset: str) -> np.ndarray:
        options = TubularityOptions(preset, **SHORT)
        results = [curve_tubularity(which, labels, options).score.values for which in (large, curves)]
        return results[0] / results[1]

    np.testing.assert_allclose(change("corrected"), [1, 0.001, 1], rtol=1e-6)
    assert change("published-2026")[0] < 0.9


def test_the_direction_in_which_all_curves_run_does_not_matter():
    curves, labels = single_tube()
    backwards = [curve[::-1] for curve in curves]
    expected = curve_tubularity(curves, labels, CORRECTED).score
    np.testing.assert_allclose(curve_tubularity(backwards, labels, CORRECTED).score, expected, rtol=0.02)


# The published definition


@pytest.mark.parametrize("kind", KINDS)
def test_curves_are_sampled_and_compared_as_published(kind):
    expected = golden("tubes_simulated")
    even = resample(golden_curves(kind), 160)
    np.testing.assert_allclose(even[:2], expected[f"{kind}__uX_first2"], atol=1e-12)
    np.testing.assert_allclose(derivatives(even)[:2], expected[f"{kind}__dX_first2"], atol=1e-10)
    pairs = np.triu_indices(len(even), 1)
    distances = expected[f"{kind}__H1"]
    scale = np.median(distances[pairs])
    np.testing.assert_allclose(curve_distances(even) * scale, distances, rtol=1e-5, atol=1e-6)
    places = expected[f"{kind}__L2_first5"]
    found = curve_distances(even, "l2")[:5, :5]
    np.testing.assert_allclose(found * places[0, 1] / found[0, 1], places, rtol=1e-6, atol=1e-9)
    labels, fell_back = curve_bundles(curve_distances(even), smallest=6)
    np.testing.assert_array_equal(labels, expected[f"{kind}__labels_hdbscan"])
    assert fell_back == (kind != "crossing")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("preset", "tag"), [("published-2025", "s0p01"), ("published-2026", "s2")])
@pytest.mark.parametrize("bundles", ["hdb", "true", "one"])
def test_bundles_of_simulated_tubes_are_scored_as_published(kind, preset, tag, bundles):
    expected = golden("tubes_simulated")
    if kind == "single" and bundles == "one":
        bundles = "true"
    table = expected[f"{kind}__{tag}__{bundles}"]
    table = table[np.argsort(table[:, 0])]
    curves = golden_curves(kind)
    true = np.arange(len(curves)) * len(table) // len(curves)
    labels = {"hdb": None, "true": true, "one": 0 * true}[bundles]
    found = curve_tubularity(curves, labels, TubularityOptions(preset, **SIMULATED))
    np.testing.assert_array_equal(found.bundle, table[:, 0])
    np.testing.assert_array_equal(found["size"], table[:, 1])
    np.testing.assert_allclose(found.epsilon, table[:, 2], rtol=1e-6)
    np.testing.assert_allclose(found.bundle_score[:, :2], table[:, 3:5], rtol=1e-6)
    np.testing.assert_allclose(found.length, table[:, 5], rtol=1e-6)
    aggregate = expected[f"{kind}__{tag}__{bundles}__agg"]
    np.testing.assert_allclose(found.score[:2], aggregate[:2], rtol=1e-6)
    np.testing.assert_allclose(found.bundle_variance[:2], aggregate[2:], rtol=1e-5, atol=1e-20)
    if bundles == "true":
        np.testing.assert_allclose(found.radius, expected[f"{kind}__{tag}__true__Rq"], rtol=1e-6)


def test_center_lines_are_the_published_ones():
    expected = golden("tubes_simulated")
    even = resample(golden_curves("parallel"), 160)
    for place, allowance in (("s0p01", 0.01), ("s2", 2.0)):
        lines = expected[f"parallel__{place}__true__centre50"]
        for curves, line in zip((even[:20], even[20:]), lines, strict=True):
            np.testing.assert_allclose(CenterLine(curves, allowance)(np.linspace(0, 1, 50)), line, atol=1e-9)


def test_crossing_is_the_published_one_without_its_length():
    found = curve_tubularity(*parallel_tubes(), CORRECTED)
    scores = found.bundle_score.sel(measure="s_cross") * found.length
    np.testing.assert_allclose(scores, found.bundle_score.sel(measure="crossing"), rtol=1e-9)


# The errors, and what has become of them


def test_noise_counts_as_a_bundle_as_published_and_is_left_out_and_counted_where_corrected():
    curves = golden_curves("crossing")
    published = curve_tubularity(curves, None, TubularityOptions("published-2026", **SIMULATED))
    corrected = curve_tubularity(curves, None, TubularityOptions(**SIMULATED))
    assert published.bundle.values.tolist() == [-1, 0, 1]
    assert corrected.bundle.values.tolist() == [0, 1]
    assert int(published.noise) == int(corrected.noise) == 3
    np.testing.assert_array_equal(published["size"], [3, 15, 18])
    assert float(published.bundle_score[0, 0]) > float(published.bundle_score[1:, 0].max())


def test_the_second_published_crossing_tube_is_too_thin():
    def widths(preset: str) -> tuple[float, float]:
        curves, labels = crossing_tubes(count=60, preset=preset, seed=1)
        first = np.concatenate([c for c, label in zip(curves, labels, strict=True) if label == 0])
        second = np.concatenate([c for c, label in zip(curves, labels, strict=True) if label == 1])
        return float(first[:, 1].std()), float(second[:, 0].std())

    first, second = widths("corrected")
    assert second == pytest.approx(first, rel=0.05)
    first, second = widths("published-2026")
    assert second == pytest.approx(first / 5, rel=0.05)


def test_a_bundle_that_does_not_move_has_no_tightness():
    still = [np.full((10, 2), value) for value in (0.0, 0.1, 0.2)]
    moving = [np.stack([np.arange(10.0), np.full(10, value)], axis=1) for value in (0.0, 0.1, 0.2)]
    labels = np.repeat([0, 1], 3)
    found = curve_tubularity(still + moving, labels, CORRECTED)
    assert found.bundle_score.isnull().all("measure").values.tolist() == [True, False]
    np.testing.assert_allclose(found.score, found.bundle_score[1])
    published = curve_tubularity(still + moving, labels, TubularityOptions("published-2025", **SHORT))
    assert float(published.score[0]) > 1e9
    assert curve_tubularity(still, labels[:3], CORRECTED).score.isnull().all()


def test_without_a_bundle_of_two_all_curves_are_one():
    curves, _ = single_tube(count=5)
    alone = curve_tubularity(curves, np.arange(5), CORRECTED)
    assert bool(alone.fell_back)
    expected = curve_tubularity(curves, np.zeros(5, dtype=int), CORRECTED)
    np.testing.assert_array_equal(alone.score, expected.score)
    assert not bool(expected.fell_back)
    assert bool(curve_tubularity(single_tube(count=3).curves, None, CORRECTED).fell_back)


def test_the_same_seed_draws_the_same_tubes():
    one, same, other = (single_tube(count=3, seed=seed).curves for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: curve_tubularity([]), "no curve"),
        (lambda: curve_tubularity(single_tube(count=1).curves), "One curve is no bundle"),
        (lambda: curve_tubularity([np.zeros((2, 2))] * 3), "Curve 0 is no curve"),
        (lambda: curve_tubularity([np.zeros((5, 2)), np.zeros((5, 3))]), "Curve 1 is no curve"),
        (lambda: curve_tubularity([np.full((5, 2), np.nan)] * 3), "not finite"),
        (lambda: curve_tubularity(single_tube(count=4).curves, [0, 0, 1]), "not those of these curves"),
        (lambda: curve_tubularity(single_tube(count=2).curves, [0.5, 0.5]), "not those of these curves"),
        (lambda: curve_tubularity([["a"] * 3] * 3), "no numbers"),
        (lambda: curve_tubularity(None), "no numbers"),
        (lambda: single_tube(count=0), "no such tube"),
        (lambda: single_tube(count=2.5), "no such tube"),
        (lambda: single_tube(radius=np.nan), "no such tube"),
        (lambda: single_tube(bend=np.nan), "no such tube"),
        (lambda: single_tube(seed=-1), "no such tube"),
        (lambda: parallel_tubes(gap=np.inf), "no such tube"),
        (lambda: crossing_tubes(angle=np.nan), "no such tube"),
        (lambda: single_tube(radius=-1.0), "no such tube"),
        (lambda: inflating_tube(widening=-1.0), "no such tube"),
        (lambda: crossing_tubes(preset="2025"), "no such preset"),
        (lambda: curve_distances(np.zeros((2, 3, 2)), "l3"), "no such distance"),
        (lambda: curve_bundles(np.zeros((2, 3))), "square matrix"),
        (lambda: curve_bundles(np.zeros((5, 5)), smallest=1), "at least two"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()
