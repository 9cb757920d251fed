"""How many components the factorisation of each stage needs (arXiv 2601.21508, rank curves).

python docs/reproduction/ranks.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from drawing import grid
from reproduce import RANKS, STAGES, Findings, Page, Subject
from statements import UNKNOWN, Statement, above, between, table

from napari_twinscope.manifolds import permuted_factorization, plot_rank_choice, rank_choice
from napari_twinscope.population import TensorOptions, response_tensor

if TYPE_CHECKING:
    from napari_twinscope.manifolds import RankChoice

SHOWN = ("inputs0", "blocks2", "recurrent", "recurrent_out", "readout", "output")
"""Stages whose curves are drawn: every rank takes a factorisation."""

LATER = {"inputs0": 13, "blocks2": 5, "recurrent": 10, "output": 14}
"""Ranks of the graph files that were used in 2026."""


def describe(subject: Subject) -> Findings:
    """Factorise at every rank, and compare with the ranks that were chosen."""
    found = {stage: _choices(subject, stage) for stage in SHOWN if stage in subject.stages}
    figure, axes = grid(len(found), columns=4, size=2.5)
    for axis, (stage, choices) in zip(axes, found.items(), strict=True):
        plot_rank_choice(choices[0], axis)
        axis.axvline(RANKS[stage], color="#D55E00", linewidth=1, linestyle="--")
        axis.set_title(f"{STAGES[stage]}: {choices[0].rank}, in 2025 {RANKS[stage]}", fontsize=9)
        axis.get_legend().remove()
        for one in figure.axes:
            one.tick_params(labelsize=6)
            one.yaxis.label.set_size(7)
            one.xaxis.label.set_size(7)
    rows = []
    for stage, choices in found.items():
        here = _interval(choices)
        rows.append(
            (
                STAGES[stage],
                str(RANKS[stage]),
                str(LATER.get(stage, "–")),
                between(*here, 0),
                f"{choices[0].error_percent[0]:.1f} to {choices[0].error_percent[-1]:.1f}",
            )
        )
    highest = next(iter(found.values()))[0].ranks[-1]
    note = (
        f"Ranks in the notebook of 2025 and in graph files of 2026, of 2000 units (*uncertain*: they changed "
        f"between versions, and were chosen by eye), and the rank proposed here among 2 to {highest} with "
        "95 % over restarts drawn again; misfit in percent at the lowest and the highest rank:"
    )
    head = ("stage", "2025", "2026", "proposed here (95 %)", "misfit")
    return Findings(
        {
            "Variance of the loadings against the rank, its slope, the rank proposed (dotted) and that of "
            "the notebook of 2025 (dashed)": figure
        },
        [_more(found), _falls(found)],
        {note: table(head, rows)},
    )


def _choices(subject: Subject, stage: str) -> list[RankChoice]:
    """Return the choice of all restarts, and those of restarts drawn again."""
    effort = subject.effort
    made = response_tensor(subject.responses(stage), TensorOptions())
    tensor = made["normalized"].where(made["significant"], 0.0)
    ranks = range(2, min(effort.ranks, tensor.sizes["unit"] // 2) + 1)
    runs, errors = [], []
    for rank in ranks:
        fit = permuted_factorization(tensor, rank, restarts=effort.rank_restarts, device="cpu")
        runs.append(fit.restarts["variance"].to_numpy())
        errors.append(fit.error_percent)
    random = np.random.default_rng(0)
    again = [
        rank_choice(ranks, [random.choice(one, size=len(one)) for one in runs], errors)
        for _ in range(10 * effort.draws)
    ]
    return [rank_choice(ranks, runs, errors), *again]


def _interval(choices: list[RankChoice]) -> tuple[float, float, float]:
    low, high = np.quantile([one.rank for one in choices[1:]], [0.025, 0.975])
    return float(choices[0].rank), float(low), float(high)


def _more(found: dict[str, list[RankChoice]]) -> Statement:
    text = f"Readout needs more components than L1 ({RANKS['readout']} and {RANKS['inputs0']})"
    if not {"readout", "inputs0"} <= set(found):
        return Statement(text, "notebook of 2025, *uncertain*", UNKNOWN, "not recorded")
    apart = np.subtract(*([one.rank for one in found[stage]] for stage in ("readout", "inputs0")))
    low, high = np.quantile(apart[1:], [0.025, 0.975])
    return Statement(
        text,
        "notebook of 2025, *uncertain*",
        above(float(low), float(high)),
        between(apart[0], low, high, 0, signed=True),
    )


def _falls(found: dict[str, list[RankChoice]]) -> Statement:
    inside = [
        low <= RANKS[stage] <= high for stage, (_, low, high) in ((s, _interval(c)) for s, c in found.items())
    ]
    return Statement(
        "The ranks of the notebook are those that the curves propose",
        "notebook of 2025, *uncertain*",
        "holds" if all(inside) else "does not hold",
        f"{sum(inside)} of {len(inside)} lie in the interval of the proposal",
    )


PAGE = Page("ranks", "Rank curves of the factorisation", describe)

if __name__ == "__main__":
    PAGE.main()
