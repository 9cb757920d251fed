"""Scores of sub-populations as the window, figures and tables show them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1]))
from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import selection_sweep, subpopulation_scores
from napari_twinscope.progress import SilentProgress
from napari_twinscope.rig.measures import Measure
from napari_twinscope.rig.subpopulation_figure import subpopulation_figure
from napari_twinscope.rig.subpopulation_table import SCORE_NAMES, score_rows, subpopulation_frame, units_line
from napari_twinscope.rig.subpopulations import (
    SubpopulationOptions,
    extreme_part,
    part_scores,
    rankings_of,
    share_sweep,
)
from stage_recordings import DIRECTIONS, stage_responses

UNITS = 40
OPTIONS = SubpopulationOptions(fractions=(0.1, 0.5, 1.0), draws=8)


def responses(seed: int = 0) -> xr.DataArray:
    return xr.DataArray(
        stage_responses(seed, units=UNITS),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["grating", "flow", "bar"], "direction": list(DIRECTIONS)},
    )


def ranked(values: np.ndarray | None = None, **more: object) -> Measure:
    return Measure("OSI", np.arange(UNITS, dtype=float) if values is None else values, **more)


def test_the_selection_is_scored_beside_as_many_random_units() -> None:
    part = part_scores(responses(), np.array([1, 4, 30]), OPTIONS)
    assert (part.units, part.total, part.left_out) == (3, UNITS, 0)
    again = subpopulation_scores(responses(), [1, 4, 30])
    random = np.random.default_rng(0)
    drawn = [
        float(
            subpopulation_scores(responses(), random.choice(UNITS, size=3, replace=False))["rdm_correlation"]
        )
        for _ in range(8)
    ]
    rows = {row.name: row for row in score_rows(part)}
    assert set(rows) == set(SCORE_NAMES)
    for name, row in rows.items():
        assert row.value == float(again[name])
    found = rows["rdm_correlation"]
    np.testing.assert_allclose(
        [found.lower, found.median, found.upper], np.percentile(drawn, [2.5, 50, 97.5])
    )
    assert found.below == sum(value < found.value for value in drawn)


def test_the_highest_part_lies_on_the_curve_of_the_highest() -> None:
    values = np.random.default_rng(1).normal(size=UNITS)
    sweep = share_sweep(responses(), "OSI", ranked(values), OPTIONS)
    for highest, end in ((True, "high"), (False, "low")):
        part = part_scores(responses(), extreme_part(responses(), ranked(values), 50, highest), OPTIONS)
        curve = sweep.scores.sel(strategy=f"measure {end}", fraction=0.5).isel(draw=0)
        for name in SCORE_NAMES:
            assert float(curve[name]) == pytest.approx(float(part.scores[name]))


def test_units_with_missing_responses_are_left_out_of_both_and_counted() -> None:
    broken = responses()
    broken[[0, 7], 1, 2, 3] = np.nan
    kept = broken.isel(unit=[unit for unit in range(UNITS) if unit not in (0, 7)])
    part = part_scores(broken, np.array([0, 8, 9]), OPTIONS)
    assert (part.units, part.total, part.left_out) == (2, UNITS - 2, 1)
    expected = subpopulation_scores(kept, [6, 7])
    for name in SCORE_NAMES:
        assert float(part.scores[name]) == float(expected[name])
    assert "1 selected left out" in units_line(part, None)
    lowest = extreme_part(broken, ranked(), 5, highest=False)
    assert lowest.tolist() == [1, 2]  # two of 38, and unit 0 is none of them
    sweep = share_sweep(broken, "OSI", ranked(), OPTIONS)
    xr.testing.assert_equal(
        sweep.scores["linear_cka"],
        selection_sweep(
            kept, {"measure": np.delete(np.arange(UNITS), [0, 7])}, fractions=(0.1, 0.5, 1.0), draws=8
        )["linear_cka"],
    )


def test_units_without_a_value_are_counted_and_never_extreme() -> None:
    values = np.arange(UNITS, dtype=float)
    values[-5:] = np.nan
    sweep = share_sweep(responses(), "OSI", ranked(values), OPTIONS)
    assert sweep.unranked == 5
    assert units_line(None, sweep) == "No unit is selected; 5 without a value of OSI."
    assert extreme_part(responses(), ranked(values), 100, highest=True).tolist() == list(range(35))
    frame = subpopulation_frame(None, sweep)
    whole = frame[(frame["fraction"] == 1.0) & (frame["score"] == "linear_cka")].set_index("taken")
    assert whole["units"].to_dict() == {"random": UNITS, "OSI high": 35, "OSI low": 35}


def test_the_table_holds_every_score_of_every_set_with_the_options() -> None:
    part = part_scores(responses(), np.arange(10), OPTIONS)
    sweep = share_sweep(responses(), "OSI", ranked(), OPTIONS)
    frame = subpopulation_frame(part, sweep)
    assert len(frame) == len(SCORE_NAMES) * (2 + 3 * 3)
    assert set(frame["taken"]) == {"selected", "random", "OSI high", "OSI low"}
    chosen = frame[(frame["taken"] == "selected") & (frame["score"] == "linear_cka")].iloc[0]
    assert chosen["value"] == float(part.scores["linear_cka"])
    assert (chosen["units"], chosen["fraction"], chosen["preset"], chosen["seed"]) == (
        10,
        0.25,
        "corrected",
        0,
    )
    assert np.isnan(chosen["lower"])
    drawn = frame[(frame["taken"] == "random") & (frame["fraction"] == 0.5)]
    assert (drawn["lower"] <= drawn["value"]).all()
    assert (drawn["value"] <= drawn["upper"]).all()
    with pytest.raises(InvalidInput, match="no scores to save"):
        subpopulation_frame(None, None)


def test_the_figure_draws_what_the_scores_say() -> None:
    part = part_scores(responses(), np.arange(10), OPTIONS)
    sweep = share_sweep(responses(), "OSI", ranked(), OPTIONS)
    figure = subpopulation_figure(part, sweep, "Units of readout")
    panels = {panel.get_title(): panel for panel in figure.axes}
    panel = panels["linear CKA"]
    lines = {line.get_marker(): line for line in panel.lines}
    share, value = lines["D"].get_xydata()[0]
    assert (share, value) == (25.0, pytest.approx(float(part.scores["linear_cka"])))
    highest = next(line for line in panel.lines if line.get_color() == "#D55E00")
    np.testing.assert_allclose(highest.get_xdata(), [10, 50, 100])
    curve = sweep.scores["linear_cka"].sel(strategy="measure high").isel(draw=0)
    np.testing.assert_allclose(highest.get_ydata(), curve)
    key = [text.get_text() for one in figure.axes if one.get_legend() for text in one.get_legend().texts]
    assert key[:2] == ["selected", "as many random, 95 %"]
    assert "highest OSI" in key
    alone = subpopulation_figure(None, sweep, "Units of readout", dark=True)
    assert not any(line.get_marker() == "D" for panel in alone.axes for line in panel.lines)
    with pytest.raises(InvalidInput, match="no scores to draw"):
        subpopulation_figure(None, None, "")


def test_only_numbers_rank() -> None:
    measures = {
        "OSI": ranked(),
        "cluster": ranked(labels=("a", "b")),
        "preferred direction": ranked(period=360.0),
        "nothing": ranked(np.full(UNITS, np.nan)),
    }
    assert list(rankings_of(measures)) == ["OSI"]


def test_a_job_stops_when_asked() -> None:
    progress = SilentProgress()
    progress.cancel()
    with pytest.raises(Canceled):
        part_scores(responses(), np.arange(3), OPTIONS, progress)
    with pytest.raises(Canceled):
        share_sweep(responses(), "OSI", ranked(), OPTIONS, progress)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SubpopulationOptions(draws=1), "random sets"),
        (lambda: SubpopulationOptions(fractions=(0.0,)), "shares"),
        (lambda: SubpopulationOptions(fractions=()), "shares"),
        (lambda: SubpopulationOptions("corrected", stimuli="first-six"), "stimuli"),
        (
            lambda: part_scores(xr.full_like(responses(), np.inf), np.arange(3), OPTIONS),
            "No unit has responses",
        ),
        (lambda: extreme_part(responses(), ranked(), 0, highest=True), "no such share"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(make, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_options_come_back_from_json() -> None:
    assert SubpopulationOptions.from_json(OPTIONS.to_json()) == OPTIONS
