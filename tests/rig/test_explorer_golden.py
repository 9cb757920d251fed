"""Selections and response maps are those of the authors' explorer, where the explorer is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from napari_twinscope.population import unit_dynamics
from napari_twinscope.rig.projection import within_ball
from napari_twinscope.rig.ranges import extreme, in_range
from napari_twinscope.rig.response_maps import SINGLE, response_maps
from napari_twinscope.stimuli import PAPER_SETS, paper_stimuli

FOLDER = Path(__file__).parents[1] / "golden" / "paper"
EMPTY_COLUMNS = 5  # that the explorer draws before each strip


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{name}.npz") as file:
        return dict(file)


def medium() -> xr.DataArray:
    whole = xr.DataArray(
        golden("tensor")["counts"] / 10000,
        dims=("unit", "stimulus", "direction", "time"),
        coords={
            "stimulus": [stimulus.name for stimulus in paper_stimuli()],
            "direction": np.arange(8) * 45.0,
            "time": np.arange(37) / 30,
        },
    )
    return whole.sel(stimulus=list(PAPER_SETS["medium"]))


@pytest.mark.parametrize(
    ("units", "strip"), [([3], "psth_strip_unit3"), (range(12), "psth_strip_mean_first12")]
)
def test_response_maps_are_rolled_as_in_the_notebook(units, strip: str) -> None:
    expected = golden("explorer")[strip]
    assert not expected[..., :EMPTY_COLUMNS].any()
    shown = response_maps(medium(), np.asarray(units), np.arange(60).astype(str), [True] * 6)
    assert shown.is_mean == (len(units) > SINGLE)
    panels = np.stack([panel.values for panel in shown.panels[0]])
    np.testing.assert_allclose(panels, expected[..., EMPTY_COLUMNS:], atol=1e-12)
    assert all(panel.row == 2 for panel in shown.panels[0])


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 3, 4)])
def test_a_box_takes_the_units_within_its_ranges_of_the_axes_shown(axes: tuple[int, int, int]) -> None:
    cases = golden("explorer")
    inside = [
        in_range(cases["embedding"][:, axis], float(low), float(high))
        for axis, low, high in zip(axes, cases["bbox_lo"], cases["bbox_hi"], strict=True)
    ]
    found = sorted(set(inside[0]) & set(inside[1]) & set(inside[2]))
    expected = np.flatnonzero(cases["bbox_axes_" + "".join(map(str, axes))])
    assert 0 < len(expected) < 60
    np.testing.assert_array_equal(found, expected)


def test_a_ball_measures_in_all_axes_or_in_those_shown() -> None:
    cases = golden("explorer")
    places, seed = cases["embedding"], int(cases["radius_seed"])
    for columns, radius, key in (
        (slice(None), cases["radius"], "radius_all10"),
        (slice(0, 3), cases["radius_shown3_value"], "radius_shown3"),
    ):
        found = within_ball(places[:, columns], places[seed, columns], float(radius))
        np.testing.assert_array_equal(found, np.flatnonzero(cases[key]))


def test_the_highest_and_lowest_units_of_a_measure_are_the_explorers() -> None:
    curvature = unit_dynamics(medium(), preset="published-2025")["curvature"].mean("stimulus").values
    cases = golden("explorer")
    for top, name in ((True, "top"), (False, "low")):
        expected = np.sort(cases[f"metric_{name}20pct_curvature"])
        np.testing.assert_array_equal(extreme(curvature, 20, top), expected)
