"""Some units stand for the whole population as well as the papers say, whoever chose them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import extreme_units, selection_sweep, subpopulation_scores
from napari_twinscope.manifolds.comparison.subpopulation import SCORES
from napari_twinscope.population import response_tensor, unit_dynamics, unit_measures
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
NAMES = [stimulus.name for stimulus in paper_stimuli()]
DIMS = ("unit", "stimulus", "direction", "time")


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def responses() -> xr.DataArray:
    coords = {"stimulus": NAMES, "direction": np.arange(8) * 45.0, "time": np.arange(37) / 30}
    return xr.DataArray(golden("tensor")["counts"] / 10000, dims=DIMS, coords=coords)


def test_the_scores_are_those_of_the_papers() -> None:
    expected = golden("decoding")
    rows = zip(expected["subset_indices"], expected["subset_sizes"], expected["subset_scores"], strict=True)
    for indices, size, scores in rows:
        found = subpopulation_scores(responses(), indices[:size], preset="published-2025", stimuli="medium")
        np.testing.assert_allclose([float(found[name]) for name in SCORES], scores, atol=1e-8)
        assert float(found["reference_accuracy"]) == expected["medium__loo5nn"]


def test_the_sweep_is_that_of_the_authors_explorer() -> None:
    expected = golden("decoding")
    measured = unit_measures(response_tensor(responses())["normalized"], preset="published-2025")
    names = {
        "speed": "speed",
        "curvature": "curvature",
        "classifiability": "classifiability",
        "contribution": "pc_contrib",
    }
    found = selection_sweep(
        responses(), {name: measured[name] for name in names}, preset="published-2025", stimuli="medium"
    )
    np.testing.assert_array_equal(
        found["units"].sel(strategy="random"), (found["random_units"][:, 0] >= 0).sum("place")
    )
    np.testing.assert_array_equal(found["random_units"], expected["sweep_random_indices"])
    random = found.sel(strategy="random")
    np.testing.assert_array_equal(random["accuracy"], expected["sweep_random_acc"])
    np.testing.assert_allclose(random["procrustes_r2"], expected["sweep_random_r2"], atol=1e-8)
    for name, published in names.items():
        for end, table in zip(("high", "low"), expected[f"sweep_{published}"], strict=True):
            one = found.sel(strategy=f"{name} {end}").isel(draw=0)
            np.testing.assert_array_equal(one["accuracy"], table[:, 0])
            np.testing.assert_allclose(one["procrustes_r2"], table[:, 1], atol=1e-8)


def test_the_extreme_units_are_those_of_the_papers() -> None:
    medium = responses().sel(stimulus=list(PAPER_SETS["medium"]))
    moved = unit_dynamics(medium, preset="published-2025").mean("stimulus")
    explorer, dynamics = golden("explorer"), golden("dynamics")
    for highest, curved, fast in ((True, "top", "high"), (False, "low", "low")):
        curvature = extreme_units(moved["curvature"], 0.2, highest=highest)
        assert sorted(curvature) == sorted(explorer[f"metric_{curved}20pct_curvature"])
        speed = extreme_units(moved["speed"], 10 / 60, highest=highest)
        np.testing.assert_array_equal(speed, dynamics[f"top10_speed_{fast}_raw"])


def test_the_whole_population_stands_for_itself() -> None:
    found = subpopulation_scores(responses(), np.ones(60, dtype=bool))
    for name in SCORES[1:]:
        assert float(found[name]) == pytest.approx(1)
    assert float(found["accuracy"]) == float(found["reference_accuracy"])
    assert found.attrs["units"] == 60


def test_the_order_of_the_store_does_not_matter() -> None:
    random = np.random.default_rng(0)
    shuffled = responses().isel(stimulus=random.permutation(11), direction=random.permutation(8))
    found = subpopulation_scores(shuffled.transpose("time", ...), [3, 8, 21, 40])
    xr.testing.assert_allclose(found, subpopulation_scores(responses(), [3, 8, 21, 40]))


def test_units_that_never_respond_stand_for_nothing() -> None:
    silent = responses()
    silent[:3] = 0.0
    found = subpopulation_scores(silent, [0, 1, 2])
    assert float(found["variance_reproduced"]) == 0
    assert np.isnan([float(found[name]) for name in ("procrustes_r2", "rdm_correlation", "linear_cka")]).all()


def test_units_without_a_value_are_never_extreme() -> None:
    assert extreme_units([np.nan, 2.0, 1.0, np.nan], 1.0).tolist() == [2, 1]
    assert extreme_units([3.0, 1.0, 2.0], 0.01, highest=False).tolist() == [1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: subpopulation_scores(responses(), []), "no units of this population"),
        (lambda: subpopulation_scores(responses(), [60]), "from 0 to 59"),
        (lambda: subpopulation_scores(responses(), [1, 1]), "different places"),
        (lambda: extreme_units([1.0], 0.0), "no such share"),
        (lambda: extreme_units([np.nan], 0.5), "nothing to rank"),
        (lambda: extreme_units(["fast", "slow"], 0.5), "nothing to rank"),
        (lambda: extreme_units(3.0, 0.5), "nothing to rank"),
        (lambda: selection_sweep(responses(), {"speed": np.ones((60, 2))}), "not of these units"),
        (lambda: selection_sweep(responses(), {}, draws=0), "number of draws"),
        (lambda: selection_sweep(responses(), {}, seed=-1), "number of seed"),
        (lambda: selection_sweep(responses(), {}, fractions=()), "at least one share"),
        (lambda: selection_sweep(responses(), {}, fractions=(0.5, 0.5)), "given once"),
        (lambda: selection_sweep(responses(), {}, fractions=(np.nan,)), "no such share"),
        (lambda: selection_sweep(responses(), {"speed": [1.0, 2.0]}), "not of these units"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
