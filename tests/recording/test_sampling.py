from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fake_twin import FakeTwin, make_stage
from napari_twinscope.errors import InvalidInput
from napari_twinscope.recording.sampling import (
    Sampling,
    candidates,
    choose_units,
    draw_by_activity,
    draw_output_units,
)

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "paper" / "sampling.npz")
ONE_SIDED_AND_SYMMETRIC = {"published": "one_sided", "corrected": "symmetric"}
ROWS_COLUMNS_MAPS = {"published": (6, 10, 12), "corrected": (4, 8, 12)}


@pytest.mark.parametrize("rule", ["published", "corrected"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_draw_by_activity_is_the_published_one(rule: str, seed: int) -> None:
    name = ONE_SIDED_AND_SYMMETRIC[rule]
    maps, positions = draw_by_activity(GOLDEN[f"{name}_unit_score"], seed, maps=6, units_per_map=7)
    np.testing.assert_array_equal(maps, GOLDEN[f"{name}_seed{seed}_units"][:, 0])
    np.testing.assert_array_equal(positions, GOLDEN[f"{name}_seed{seed}_units"][:, 1])


@pytest.mark.parametrize(("seed", "count", "units"), [(3, 9941, 2000), (3, 8221, 2000), (2, 9941, 1000)])
def test_the_draw_of_output_units_is_the_published_one(seed: int, count: int, units: int) -> None:
    drawn = draw_output_units(count, units, seed)
    assert len(drawn) == units
    np.testing.assert_array_equal(drawn[:20], GOLDEN[f"output_units_seed{seed}_n{count}_first20"])


@pytest.mark.parametrize("rule", ["published", "corrected"])
def test_the_crop_is_one_sided_as_published_and_symmetric_when_corrected(rule: str) -> None:
    stage = make_stage("blocks0", channels=12, rows=8, columns=12)
    maps, rows, columns = (s.stop - s.start for s in candidates(stage, rule))
    np.testing.assert_array_equal([rows, columns, maps], ROWS_COLUMNS_MAPS[rule])
    assert rows * columns == GOLDEN[f"{ONE_SIDED_AND_SYMMETRIC[rule]}_unit_score"].shape[1]


def test_drawn_units_are_named_by_their_place_in_the_whole_map() -> None:
    stage = make_stage("blocks0", channels=12, rows=8, columns=12)
    score = GOLDEN["symmetric_unit_score"].reshape(12, 4, 8)
    sampling = Sampling("corrected", maps=6, units_per_map=7)
    units = choose_units(stage, sampling, 1, lambda: score)
    used = GOLDEN["symmetric_seed1_neurons_used"]  # layer, map, row, column of the cropped map
    np.testing.assert_array_equal(units[:, 0], used[:, 1])
    np.testing.assert_array_equal(units[:, 1], used[:, 2] + 2)
    np.testing.assert_array_equal(units[:, 2], used[:, 3] + 2)


def test_silent_units_are_never_drawn() -> None:
    score = np.zeros((3, 10))
    score[1, 4:6] = 1.0
    maps, positions = draw_by_activity(score, seed=1)
    assert set(maps) == {1}
    assert set(positions) == {4, 5}


def test_a_stage_without_an_active_unit_is_named() -> None:
    stage = FakeTwin().stage("pixels")
    with pytest.raises(InvalidInput, match="No unit of stage pixels responded"):
        choose_units(stage, Sampling("corrected"), 1, lambda: np.zeros((2, 2, 6), np.float32))


def test_all_means_every_unit_once() -> None:
    stage = FakeTwin().stage("pixels")
    units = choose_units(stage, Sampling("all"), seed=1)
    assert len(np.unique(units, axis=0)) == 2 * 4 * 8


def test_a_uniform_draw_has_the_size_of_the_papers_and_depends_on_the_seed_and_the_stage() -> None:
    stage = make_stage("blocks0", channels=128, rows=32, columns=48)
    first, again, other = (choose_units(stage, Sampling("uniform"), seed) for seed in (1, 1, 2))
    assert len(np.unique(first, axis=0)) == 2000
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    elsewhere = choose_units(make_stage("blocks1", channels=128, rows=32, columns=48), Sampling("uniform"), 1)
    assert not np.array_equal(first, elsewhere)


@pytest.mark.parametrize("rule", ["published", "corrected"])
def test_pixels_of_the_retina_are_drawn_evenly_since_they_may_all_be_negative(rule: str) -> None:
    stage = make_stage("retina", channels=1, rows=96, columns=144)
    units = choose_units(stage, Sampling(rule, maps=3, units_per_map=20), 1)
    assert len(np.unique(units, axis=0)) == 60


def test_listed_units_are_recorded_in_their_order() -> None:
    stage = FakeTwin().stage("pixels")
    sampling = Sampling("explicit", units=(("pixels", 1, 3, 7), ("output", 0, 2, 0), ("pixels", 0, 0, 0)))
    np.testing.assert_array_equal(choose_units(stage, sampling, 1), [[1, 3, 7], [0, 0, 0]])


def test_a_listed_unit_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no such unit"):
        choose_units(FakeTwin().stage("pixels"), Sampling("explicit", units=(("pixels", 0, 4, 0),)), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "some"},
        {"maps": 0},
        {"units_per_map": 2.5},
        {"rule": "explicit"},
        {"units": (("output", 0, 1, 0),)},
        {"rule": "explicit", "units": (("output", 0, 1, 0), ("output", 0, 1, 0))},
    ],
)
def test_impossible_samplings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Sampling(**wrong)  # type: ignore[arg-type]
