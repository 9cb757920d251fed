"""Decoding manifolds and trajectories of the stages (both papers, figures of stimuli in activity space).

python docs/reproduction/decoding.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from drawing import STIMULUS_COLORS, Panel, bare, by_stage, grid, legend
from matplotlib.lines import Line2D
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, FAILS, HOLDS, RUN, Statement, below, between, judged, table

from napari_twinscope.manifolds import decoding_manifold, decoding_trajectories
from napari_twinscope.stimuli import paper_stimuli

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

PRINTED_L1 = 0.479
_GROUPS = 10
_LABELS = {stimulus.name: stimulus.label for stimulus in paper_stimuli()}
_CUT = {"inputs0": "first-six", "inputs2": "first-six", "blocks2": "first-six"}
"""Stimuli that the public code cuts for these stages; for the others the first and the last five."""


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what is published."""
    names = [STAGES[stage] for stage in subject.stages]
    made = {
        who: {stage: decoding_manifold(subject.responses(stage, who)) for stage in subject.stages}
        for who in subject.recordings
    }
    paths = {stage: decoding_trajectories(subject.responses(stage)) for stage in subject.stages}
    shares = {
        who: np.array([_explained(one) for one in of_stages.values()]) for who, of_stages in made.items()
    }
    spread = {who: [_over_units(subject, stage, who) for stage in subject.stages] for who in made}
    panels = [
        Panel(
            "variance in three components, movies",
            {who: (shares[who], *np.transpose(spread[who])) for who in made},
            limits=(0, 1.03),
        ),
        Panel(
            "the same over all frames",
            {"network": np.array([_explained(one) for one in paths.values()])},
            limits=(0, 1.03),
        ),
    ]
    rows = []
    for place, stage in enumerate(subject.stages):
        published = decoding_manifold(
            subject.responses(stage), preset="published-2026", stimuli=_cut(stage), seed=0
        )
        rows.append(
            (
                STAGES[stage],
                f"{PRINTED_L1:.3f}" if stage == "inputs0" else "–",
                f"{_explained(published):.3f}",
                between(shares["network"][place], *spread["network"][place], 3),
                between(shares["control"][place], *spread["control"][place], 3) if "control" in made else "–",
                f"{_explained(paths[stage]):.3f}",
            )
        )
    head = ("stage", "printed", "published-2026", "corrected (95 %)", "untrained (95 %)", "all frames")
    note = (
        "Share of variance in three components, between movies and over all frames. Intervals are over "
        "units, by leaving out a tenth of them in turn:"
    )
    return Findings(
        {
            "Decoding manifolds: one point a movie, a line through the directions of a stimulus": _points(
                made["network"]
            ),
            "Decoding trajectories: one line a movie, from the black dot on": _lines(paths),
            "Variance in three components": by_stage(names, panels, 2),
        },
        statements(subject, shares, spread),
        {note: table(head, rows)},
    )


def statements(
    subject: Subject, shares: dict[str, np.ndarray], spread: dict[str, list[tuple[float, float]]]
) -> list[Statement]:
    """Answer what is printed of decoding manifolds."""

    def half(who: str) -> tuple[str, str] | None:
        if "inputs0" not in subject.stages:
            return None
        place = subject.stages.index("inputs0")
        value, (low, high) = shares[who][place], spread[who][place]
        return below(low, high, 0.5), f"{between(value, low, high, 3)}; printed {PRINTED_L1}"

    told = [
        judged(
            "At L1 three components explain less than half of the variance (.479)", RUN, half, list(shares)
        )
    ]
    wrong, total = 0, 0
    for stage in subject.stages:
        shown = decoding_manifold(
            subject.responses(stage), preset="published-2026", stimuli=_cut(stage), seed=0
        )
        pairs = zip(shown["stimulus"].values, shown["shown_as"].values, strict=True)
        wrong += sum(_LABELS[str(true)] != str(said) for true, said in pairs)
        total += shown.sizes["stimulus"]
    told.append(
        Statement(
            "The six names in the figures are those of the stimuli shown",
            CODE,
            FAILS if wrong else HOLDS,
            f"{wrong} of {total} names over all stages are those of other stimuli",
        )
    )
    return told


def _cut(stage: str) -> str:
    return _CUT.get(stage, "first-and-last-five")


def _explained(made: xr.Dataset) -> float:
    return float(made["explained_variance_ratio"].sum())


def _over_units(subject: Subject, stage: str, who: str) -> tuple[float, float]:
    """Return a 95 % interval of the explained share, by leaving out a tenth of the units in turn."""
    from scipy.stats import t

    responses = subject.responses(stage, who).load()
    group = np.random.default_rng(0).permutation(responses.sizes["unit"]) % _GROUPS
    whole = _explained(decoding_manifold(responses))
    left = [_explained(decoding_manifold(responses.isel(unit=group != one))) for one in range(_GROUPS)]
    error = np.sqrt((_GROUPS - 1) * np.var(left))  # of the delete-a-group jackknife (Efron & Tibshirani 1993)
    bar = float(t.ppf(0.975, _GROUPS - 1) * error)
    return whole - bar, whole + bar


def _points(made: dict[str, xr.Dataset]) -> Figure:
    figure, axes = grid(len(made), size=2.1, solid=True)
    handles: dict[str, object] = {}
    for axis, (stage, one) in zip(axes, made.items(), strict=True):
        for place, stimulus in enumerate(one["stimulus"].values):
            ring = one["coordinates"].sel(stimulus=stimulus).values
            ring = np.concatenate([ring, ring[:1]])
            color = STIMULUS_COLORS[place % len(STIMULUS_COLORS)]
            (line,) = axis.plot(*ring.T, "o-", color=color, markersize=2.5, linewidth=0.6, alpha=0.85)
            handles.setdefault(_LABELS.get(str(stimulus), str(stimulus)), line)
        bare(axis)
        axis.set_title(f"{STAGES[stage]}: {_explained(one):.0%}", fontsize=9)
    legend(figure, handles)
    return figure


def _lines(paths: dict[str, xr.Dataset]) -> Figure:
    figure, axes = grid(len(paths), size=2.1, solid=True)
    handles: dict[str, object] = {}
    for axis, (stage, one) in zip(axes, paths.items(), strict=True):
        for place, stimulus in enumerate(one["stimulus"].values):
            color = STIMULUS_COLORS[place % len(STIMULUS_COLORS)]
            for path in one["coordinates"].sel(stimulus=stimulus).values:
                axis.plot(*path.T, color=color, linewidth=0.6, alpha=0.6)
                axis.plot(*path[:1].T, "o", color="k", markersize=1)
            label = _LABELS.get(str(stimulus), str(stimulus))
            handles.setdefault(label, Line2D([], [], color=color, linewidth=2))
        bare(axis)
        axis.set_title(f"{STAGES[stage]}: {_explained(one):.0%}", fontsize=9)
    legend(figure, handles)
    return figure


PAGE = Page("decoding", "Decoding manifolds and trajectories", describe)

if __name__ == "__main__":
    PAGE.main()
