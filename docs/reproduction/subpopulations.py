"""How few units stand for a stage: sub-populations by measure (arXiv 2601.21508, sweep of selections).

python docs/reproduction/subpopulations.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from drawing import grid, legend
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, FAILS, HOLDS, Statement, between, number, table

from napari_twinscope.manifolds import selection_sweep
from napari_twinscope.manifolds.decoding.conditions import conditions
from napari_twinscope.population import unit_measures

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

RANKINGS = {
    "speed": "speed",
    "curvature": "curvature",
    "stability": "stability",
    "classifiability": "classifiability",
    "osi_two_point": "OSI",
    "contribution": "contribution to component 1",
}
"""The six measures of the published notebook, each from its high and from its low end."""

SCORES = {
    "accuracy": "share of movies named right",
    "procrustes_r2": "Procrustes R²",
    "variance_reproduced": "variance reproduced",
    "rdm_correlation": "correlation of distances",
    "linear_cka": "linear CKA",
}
FRACTIONS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0)
FEW = 0.1
CHOSEN = ("recurrent", "output")


def describe(subject: Subject) -> Findings:
    """Sweep the share of units that are taken."""
    stages = [stage for stage in CHOSEN if stage in subject.stages] or list(subject.stages[-1:])
    found = {stage: _sweep(subject, stage) for stage in stages}
    figures, tables = {}, {}
    for stage, one in found.items():
        figures[
            f"{STAGES[stage]}: scores of growing shares of the units, by the highest (lines) and lowest "
            "(dashed) of a measure, and at random (grey, band from the lowest to the highest draw)"
        ] = _drawn(one)
        at = one.sel(fraction=FEW)
        rows = []
        for name in one["strategy"].values:
            cells = []
            for score in SCORES:
                drawn = at[score].sel(strategy=name).values
                cells.append(
                    between(*(one(drawn) for one in (np.nanmean, np.nanmin, np.nanmax)))
                    if name == "random"
                    else f"{number(drawn[0])}{_beyond(drawn[0], at[score].sel(strategy='random').values)}"
                )
            rows.append((_named(str(name)), *cells))
        note = (
            f"{STAGES[stage]}, {FEW:.0%} of the units; (↑) above and (↓) below all random draws, of which "
            "the mean and the range are given:"
        )
        tables[note] = table(("units taken", *SCORES.values()), rows)
    return Findings(figures, [_whole(found), *_ends(found)], tables)


def _whole(found: dict[str, xr.Dataset]) -> Statement:
    apart = max(
        float(abs(one[score].sel(fraction=1.0) - 1).max())
        for one in found.values()
        for score in list(SCORES)[1:]
    )
    return Statement(
        "With all units every score but the accuracy is 1",
        CODE,
        HOLDS if apart < 1e-6 else FAILS,
        f"at most {apart:.1g} away",
    )


def _ends(found: dict[str, xr.Dataset]) -> list[Statement]:
    """Say how many selections differ from random ones; nothing printed is known."""
    told = []
    for stage, one in found.items():
        at = one["procrustes_r2"].sel(fraction=FEW)
        random = at.sel(strategy="random").values
        outside = [
            _named(f"{name} {end}") + _beyond(value, random)
            for name in RANKINGS
            for end in ("high", "low")
            if _beyond(value := float(at.sel(strategy=f"{name} {end}", draw=0)), random)
        ]
        told.append(
            Statement(
                f"{STAGES[stage]}: which units are taken matters for the shape of the manifold",
                "our question, *no value known*",
                HOLDS if len(outside) > 1 else FAILS,
                f"{len(outside)} of {2 * len(RANKINGS)} selections of {FEW:.0%} lie beyond all "
                f"{len(random)} random ones: " + (", ".join(outside) or "none"),
            )
        )
    return told


def _sweep(subject: Subject, stage: str) -> xr.Dataset:
    responses = subject.responses(stage).load()
    frames = conditions(responses, "corrected", None, rectify=True)
    measured = unit_measures(frames)
    rankings = {name: measured[name].values for name in RANKINGS}
    return selection_sweep(
        responses, rankings, fractions=FRACTIONS, draws=max(4, subject.effort.draws // 4), seed=0
    )


def _beyond(value: float, random: np.ndarray) -> str:
    if value > np.nanmax(random):
        return " (↑)"
    return " (↓)" if value < np.nanmin(random) else ""


def _named(strategy: str) -> str:
    name, _, end = strategy.rpartition(" ")
    return f"{RANKINGS[name]}, {end}" if name else "at random"


def _drawn(found: xr.Dataset) -> Figure:
    figure, axes = grid(len(SCORES), columns=3, size=2.7)
    handles: dict[str, object] = {}
    fractions = found["fraction"].values
    for axis, (score, title) in zip(axes, SCORES.items(), strict=True):
        random = found[score].sel(strategy="random")
        axis.fill_between(
            fractions, random.min("draw"), random.max("draw"), color="0.6", alpha=0.4, linewidth=0
        )
        (line,) = axis.plot(fractions, random.mean("draw"), color="0.4", linewidth=1)
        handles.setdefault("at random", line)
        for place, (name, long_name) in enumerate(RANKINGS.items()):
            for end, style in (("high", "-"), ("low", "--")):
                course = found[score].sel(strategy=f"{name} {end}", draw=0)
                (line,) = axis.plot(fractions, course, style, color=_OKABE[place], linewidth=1.1)
                if end == "high":
                    handles.setdefault(long_name, line)
        axis.set_xscale("log")
        axis.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5, 1], ["2", "5", "10", "20", "50", "100"], minor=False)
        axis.set_xticks([], minor=True)
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=7)
    figure.supxlabel("units taken (%)", fontsize=9)
    legend(figure, handles, 4)
    return figure


_OKABE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

PAGE = Page("subpopulations", "Sub-populations by measure", describe)

if __name__ == "__main__":
    PAGE.main()
