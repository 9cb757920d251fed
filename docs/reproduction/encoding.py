"""Encoding manifolds of the stages (both papers, figures of units coloured by feature map).

python docs/reproduction/encoding.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from drawing import bare, grid
from reproduce import RANKS, STAGES, Findings, Page, Subject
from statements import (
    FAILS,
    HOLDS,
    NOTES,
    RUN,
    UNKNOWN,
    Statement,
    above,
    all_of,
    below,
    between,
    number,
    table,
)

from napari_twinscope.manifolds import activity_arm, degrees

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from napari_twinscope.manifolds import EncodingManifold

PRINTED = {"objective": "9.262 %", "components": "8", "high": "62 %", "degree": "949.1 of 986"}
"""Of the output stage at rank 14, 1000 units, in the stored notebook of December 2025."""

ENCODER = ("inputs0", "blocks0", "inputs1", "blocks1", "inputs2", "blocks2")
PURE = 0.95


def describe(subject: Subject) -> Findings:
    """Make the manifolds, and compare with what is published."""
    found = {stage: subject.manifold(stage) for stage in subject.stages}
    rows = []
    for stage, one in found.items():
        there, purity, labels = one.on_map, one.purity, one.clusters
        rows.append(
            (
                STAGES[stage],
                f"{there.sum()} of {len(one.units)}",
                f"{one.rank} ({RANKS[stage]})",
                f"{one.error_percent:.1f}",
                f"{one.results['neural_matrix'].sizes['coordinate']}",
                f"{_high(one).mean():.0%}",
                f"{_kernel_degree(one).mean():.0f}, {degrees(one.edges, len(there))[there].mean():.1f}",
                number(np.nanmedian(one.local_dimension), 1),
                f"{labels.max(initial=-1) + 1}",
                f"{number(purity.weighted_purity)} ({number(_chance(one))})",
                f"{number(purity.edge_share)} ({number(purity.chance_share)})",
            )
        )
    head = (
        "stage",
        "units",
        "rank (2025)",
        "misfit, %",
        "components",
        "high set",
        "degree on kernel, on graph",
        "dimension",
        "clusters",
        "purity (95 % of shuffles below)",
        "edges within a map (by chance)",
    )
    arms = {stage: _arm(subject, stage, one) for stage, one in found.items()}
    arm_head = ("stage", "coordinate", "with activity", "with OSI", "with distance to the border")
    arm_rows = [
        (
            STAGES[stage],
            str(one.attrs["component"]),
            *(_correlation(one, name) for name in ("activity", "osi", "border")),
        )
        for stage, one in arms.items()
    ]
    printed = (
        "Of Output at rank 14 the stored run of 2025 prints "
        f"a misfit of {PRINTED['objective']}, {PRINTED['components']} components, {PRINTED['high']} of units "
        f"in the set of high spatial frequencies and a mean degree of {PRINTED['degree']} on the kernel. "
        "Here, with the rank of the notebook of 2025 in brackets where fewer components were taken:"
    )
    arm_note = (
        "Rank correlations along the coordinate that follows mean activity best (95 % over units drawn "
        "again). Units at the border were not recorded (the symmetric crop), so that an arm of border units "
        "should be gone:"
    )
    return Findings(
        {"Encoding manifolds, three of their coordinates, coloured by feature map": _drawn(found)},
        statements(found, arms),
        {printed: table(head, rows), arm_note: table(arm_head, arm_rows)},
    )


def statements(found: dict[str, EncodingManifold], arms: dict[str, xr.Dataset]) -> list[Statement]:
    """Answer what is published of encoding manifolds."""
    told = [
        _pure(found.get("readout")),
        _mixed(found),
        _dense(found.get("output")),
        _prefers(found.get("output")),
    ]
    answers, numbers = [], []
    for stage in ENCODER:
        if stage in arms:
            at = arms[stage].sel(measure="osi")
            answers.append(below(float(at["lower"]), float(at["upper"])))
            numbers.append(f"{STAGES[stage]} {_correlation(arms[stage], 'osi')}")
    told.append(
        Statement(
            "In the encoder an arm of active units is unselective (with OSI, along activity, negative)",
            NOTES,
            all_of(answers),
            "; ".join(numbers) or "not recorded",
        )
    )
    return told


def _pure(readout: EncodingManifold | None) -> Statement:
    text = (
        f"Each cluster of the readout is of one feature map (purity at least {PURE:.0%}, by colour in print)"
    )
    if readout is None or not np.isfinite(readout.purity.weighted_purity):
        return Statement(text, NOTES, UNKNOWN, "not recorded" if readout is None else "no clusters")
    purity = readout.purity
    answer = HOLDS if purity.weighted_purity >= PURE else FAILS
    alone = np.sum(readout.clusters[readout.on_map] < 0)
    return Statement(
        text,
        NOTES,
        answer,
        f"purity {purity.weighted_purity:.2f} in {len(purity.cluster_size)} clusters, of which "
        f"{purity.pure_share:.0%} are pure; 95 % of shuffles below {_chance(readout):.2f}; {alone} of "
        f"{readout.on_map.sum()} units in none",
    )


def _mixed(found: dict[str, EncodingManifold]) -> Statement:
    """Answer whether neighbours share a map more often in the readout than in the recurrent state."""
    text = "Neighbours in Readout share a feature map more often than by chance"
    if "readout" not in found:
        return Statement(text, NOTES, UNKNOWN, "not recorded")
    one = found["readout"]
    channel = one.units["channel"].to_numpy()
    same = channel[one.edges[:, 0]] == channel[one.edges[:, 1]]
    # Edges share units: groups of edges by their first unit are drawn again, not edges.
    owner, random = one.edges[:, 0], np.random.default_rng(0)
    units = np.unique(owner)
    counts = np.array([[np.sum(same[owner == unit]), np.sum(owner == unit)] for unit in units])
    drawn = counts[random.integers(len(units), size=(1000, len(units)))].sum(1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    chance = one.purity.chance_share
    return Statement(
        text,
        NOTES,
        above(low, high, chance),
        f"{between(one.purity.edge_share, low, high)}, by chance {chance:.2f}",
    )


def _dense(output: EncodingManifold | None) -> Statement:
    text = (
        "The kernel, on which the public code counts degrees, joins nearly all units of Output (949 of 986)"
    )
    if output is None:
        return Statement(text, RUN, UNKNOWN, "not recorded")
    there = output.on_map
    kernel, graph = _kernel_degree(output).mean(), degrees(output.edges, len(there))[there].mean()
    share = kernel / (there.sum() - 1)
    return Statement(
        text,
        RUN,
        HOLDS if share > 0.9 else FAILS,
        f"mean degree {kernel:.0f} of {there.sum() - 1} on the kernel ({share:.0%}), {graph:.1f} on "
        f"the graph",
    )


def _prefers(output: EncodingManifold | None) -> Statement:
    from scipy.stats import binomtest

    text = "Most units of Output answer more to the set of high spatial frequencies (62 %)"
    if output is None:
        return Statement(text, RUN, UNKNOWN, "not recorded")
    high = _high(output)
    found = binomtest(int(high.sum()), len(high)).proportion_ci(method="wilson")
    return Statement(
        text, RUN, above(found.low, found.high, 0.5), between(high.mean(), found.low, found.high)
    )


def _arm(subject: Subject, stage: str, one: EncodingManifold) -> xr.Dataset:
    info, units, measures = subject.recording.stage_info(stage), one.units, one.unit_measures()
    row, column = (units[name].to_numpy(dtype=float) for name in ("row", "column"))
    border = np.minimum.reduce([row, column, info["rows"] - 1 - row, info["columns"] - 1 - column])
    others = {"osi": measures["osi"]} | ({"border": border} if info["columns"] > 1 else {})
    activity = subject.responses(stage).clip(min=0).mean(("stimulus", "direction", "time"))
    return activity_arm(
        one.coordinates.values[:, :10], activity.values, others, draws=10 * subject.effort.draws
    )


def _correlation(arm: xr.Dataset, name: str) -> str:
    if name not in arm["measure"].values:
        return "–"
    at = arm.sel(measure=name)
    return between(*(float(at[key]) for key in ("correlation", "lower", "upper")), signed=True)


def _high(one: EncodingManifold) -> np.ndarray:
    sets = one.unit_measures().get("spatial_frequency")
    return np.zeros(1) if sets is None else (sets[one.on_map] == "high").to_numpy()


def _chance(one: EncodingManifold) -> float:
    null = one.purity.null[np.isfinite(one.purity.null)]
    return float(np.quantile(null, 0.95)) if len(null) else np.nan


def _kernel_degree(one: EncodingManifold) -> np.ndarray:
    return (np.diff(one.kernel.tocsr().indptr) - 1)[one.on_map]


def _drawn(found: dict[str, EncodingManifold]) -> Figure:
    from matplotlib import colormaps

    figure, axes = grid(len(found), size=2.1, solid=True)
    palette = np.concatenate([colormaps[name].colors for name in ("tab20", "tab20b")])
    for axis, (stage, one) in zip(axes, found.items(), strict=True):
        there = one.on_map
        _, place = np.unique(one.units["channel"].to_numpy()[there], return_inverse=True)
        shown = one.rotated.values[there, :3]
        several = place.max(initial=0) > 0
        color = palette[place % len(palette)] if several else "0.4"
        axis.scatter(*shown.T, c=color, s=4, alpha=0.8, linewidths=0, depthshade=False)
        bare(axis)
        axis.set_title(f"{STAGES[stage]}: {there.sum()} units", fontsize=9)
    return figure


PAGE = Page("encoding", "Encoding manifolds of the stages", describe)

if __name__ == "__main__":
    PAGE.main()
