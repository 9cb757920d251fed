"""How alike stages are to one another and to neurons (arXiv 2601.21508, alignment with V1 and retina).

python docs/reproduction/alignment.py [--twin file:CORE.pt,SCAN.pt] [--population V1=v1.npz]
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from drawing import Panel, by_stage, grid, matrix
from reproduce import CELLS, STAGES, Findings, Page, Subject
from statements import (
    FAILS,
    HOLDS,
    RUN,
    UNDECIDED,
    UNKNOWN,
    Statement,
    above,
    all_of,
    between,
    judged,
    table,
)

from napari_twinscope.manifolds import AlignmentOptions, alignment

if TYPE_CHECKING:
    import xarray as xr

MEASURES = {
    "rsa": "RSA",
    "cca": "CCA, directions left out",
    "encoding": "prediction R², directions left out",
    "cka": "linear CKA",
}
"""Those that are compared with neurons, without dynamics."""

BETWEEN = {"rsa": "RSA", "cka": "linear CKA", "cca": "CCA", "procrustes": "Procrustes disparity"}

PRINTED = {
    "V1": {
        "inputs0": (-0.110, 0.289, 0.038, 0.986),
        "blocks0": (-0.267, 0.310, 0.029, 0.940),
        "inputs1": (-0.159, 0.325, 0.159, 0.991),
        "blocks1": (-0.223, 0.392, 0.260, 0.963),
        "blocks2": (0.081, 0.350, 0.275, 0.888),
        "recurrent": (0.458, 0.395, 0.374, 0.990),
        "readout": (0.082, 0.288, 0.232, 0.992),
        "output": (0.411, 0.378, 0.228, 0.993),
    },
    "retina": {
        "inputs0": (-0.042, 0.194, 0.032, 0.976),
        "blocks0": (-0.033, 0.251, 0.041, 0.959),
        "inputs1": (-0.027, 0.248, 0.176, 0.972),
        "blocks1": (-0.011, 0.296, 0.267, 0.978),
        "blocks2": (0.027, 0.255, 0.264, 0.921),
        "recurrent": (0.030, 0.344, 0.421, 0.964),
        "readout": (0.054, 0.245, 0.231, 0.945),
        "output": (-0.007, 0.323, 0.249, 0.961),
    },
}
"""RSA, CCA, prediction and 1 - distance of dynamics, at each frame: of the authors' own run, in which the
stimuli of the network are not those of the neurons (error 1), so uncertain."""

_UNCERTAIN = f"{RUN}, on other stimuli than named, *uncertain*"


def describe(subject: Subject) -> Findings:
    """Compare all stages with one another, and with neurons or with the cells that stand for them."""
    names = [STAGES[stage] for stage in subject.stages]
    pairs = _pairs(subject)
    figure, axes = grid(len(BETWEEN), columns=2, size=3.4)
    for axis, (name, title) in zip(axes, BETWEEN.items(), strict=True):
        matrix(axis, pairs[name], names, title, alike_high=name != "procrustes")
    figures = {
        "How alike stages are to one another (dark is alike), on mean responses to the medium set": figure
    }
    tables, told = {}, [_most_alike(pairs)]
    found: dict[str, dict[str, dict[str, xr.Dataset]]] = {}
    for other, responses in subject.beside.items():
        found[other] = {
            who: {stage: _scores(subject, stage, who, responses) for stage in subject.stages}
            for who in subject.recordings
        }
        panels = [
            Panel(
                title,
                {who: _course(one, name) for who, one in found[other].items()},
                limits=(-1.05, 1.05) if name == "encoding" else None,  # below, it is worse than nothing
            )
            for name, title in MEASURES.items()
        ]
        panels.append(
            Panel(
                "dynamics (DSA), z over shuffled frames",
                {
                    who: [float(at["z"].sel(measure="dsa")) for at in one.values()]
                    for who, one in found[other].items()
                },
            )
        )
        figures[f"How alike stages are to {other}; bars are 95 % over units of both drawn again"] = by_stage(
            names, panels
        )
        tables[_note(other)] = _table(found[other], other)
    for name in ("V1", "retina"):
        told += _highest(found.get(name), name)
    told.append(_saturated(found))
    if CELLS in found:
        told += _highest(found[CELLS], CELLS)
    return Findings(figures, told, tables)


def _pairs(subject: Subject) -> dict[str, np.ndarray]:
    """Return the scores of all pairs of stages."""
    how = AlignmentOptions(measures=tuple(BETWEEN), bootstraps=0, shuffles=0)
    count = len(subject.stages)
    found = {name: np.full((count, count), np.nan) for name in BETWEEN}
    taken = [subject.responses(stage).load() for stage in subject.stages]
    for i, j in combinations(range(count), 2):
        scores = alignment(taken[i], taken[j], how)["score"]
        for name in BETWEEN:
            found[name][i, j] = found[name][j, i] = float(scores.sel(measure=name))
    for name, values in found.items():
        np.fill_diagonal(values, 0.0 if name == "procrustes" else 1.0)
    return found


def _scores(subject: Subject, stage: str, who: str, other: xr.DataArray) -> xr.Dataset:
    import xarray as xr

    # Dynamics take longest: no intervals, but chance levels, which the papers show too.
    still = AlignmentOptions(
        measures=tuple(MEASURES), bootstraps=subject.effort.draws, shuffles=subject.effort.shuffles
    )
    moving = AlignmentOptions(measures=("dsa",), bootstraps=0, shuffles=min(20, subject.effort.shuffles))
    responses = subject.responses(stage, who).load()
    return xr.concat([alignment(responses, other, how) for how in (still, moving)], "measure")


def _course(found: dict[str, xr.Dataset], measure: str) -> list[np.ndarray]:
    return [
        np.array([float(at[name].sel(measure=measure)) for at in found.values()])
        for name in ("score", "lower", "upper")
    ]


def _note(other: str) -> str:
    if other == CELLS:
        return (
            "Stages beside the simulated cells that the twin was fitted to, which stand here for the neurons "
            "of the papers (95 %; in brackets with conditions shuffled), on mean responses:"
        )
    return (
        f"Stages beside {other} (95 %; in brackets with conditions shuffled), on mean responses; printed "
        "values are *uncertain*, of each frame:"
    )


def _table(found: dict[str, dict[str, xr.Dataset]], other: str) -> str:
    rows = []
    for stage, at in found["network"].items():
        cells = []
        for name in MEASURES:
            one = at.sel(measure=name)
            told = between(*(float(one[key]) for key in ("score", "lower", "upper")))
            cells.append(f"{told} [{float(one['chance']):.2f}]")
        moved = at.sel(measure="dsa")
        cells.append(f"{1 - float(moved['score']):.3f}, z {float(moved['z']):.1f}")
        printed = PRINTED.get(other, {}).get(stage)
        cells += [" · ".join(f"{value:.3f}" for value in printed)] if printed else []
        cells += ["–"] if other in PRINTED and not printed else []
        rows.append((STAGES[stage], *cells))
    head = ["stage", *MEASURES.values(), "dynamics: 1 − distance, z"]
    head += ["printed RSA · CCA · R² · dynamics"] if other in PRINTED else []
    return table(head, rows)


def _highest(found: dict[str, dict[str, xr.Dataset]] | None, name: str) -> list[Statement]:
    """Answer for each measure whether Rec is the stage most like a population."""
    stand_in = name == CELLS
    told = []
    for measure, title in (("rsa", "RSA"), ("cca", "CCA"), ("encoding", "prediction R²")):
        printed = PRINTED["V1" if stand_in else name]
        place = ("rsa", "cca", "encoding").index(measure)
        best = max(printed, key=lambda stage: printed[stage][place])
        listed = f"{STAGES[best]} is the stage most like {name} by {title}"
        text = (
            f"{listed} (as printed for V1; a stand-in)"
            if stand_in
            else f"{listed} ({printed[best][place]:.3f})"
        )
        if found is None:
            told.append(
                Statement(text, _UNCERTAIN, UNKNOWN, f"no neurons given (`--population {name}=FILE`)")
            )
        else:
            told.append(
                judged(text, _UNCERTAIN, lambda who, b=best, m=measure: _best(found[who], b, m), list(found))
            )
    return told


def _best(found: dict[str, xr.Dataset], best: str, measure: str) -> tuple[str, str] | None:
    """Answer whether a stage lies above all others: decided only where the intervals do not overlap."""
    if best not in found or len(found) < 2:
        return None
    values = {
        stage: [float(at[key].sel(measure=measure)) for key in ("score", "lower", "upper")]
        for stage, at in found.items()
    }
    own = values.pop(best)
    answer = all_of([above(own[1] - other[2], own[2] - other[1]) for other in values.values()])
    first = max(values, key=lambda stage: values[stage][0])
    return answer, f"{STAGES[best]} {between(*own)}, highest other {STAGES[first]} {between(*values[first])}"


def _saturated(found: dict[str, dict[str, dict[str, xr.Dataset]]]) -> Statement:
    text = "The published score of dynamics saturates: it is .89 or more for every stage (V1 and retina)"
    if not found:
        return Statement(text, RUN, UNKNOWN, "nothing to compare with")
    other = next((name for name in ("V1", "retina") if name in found), CELLS)

    def high(who: str) -> tuple[str, str]:
        values = {
            STAGES[stage]: 1 - float(at["score"].sel(measure="dsa"))
            for stage, at in found[other][who].items()
        }
        lowest = min(values, key=lambda stage: values[stage])
        ends = f"{min(values.values()):.3f} to {max(values.values()):.3f} with {other}, lowest {lowest}"
        return (HOLDS if min(values.values()) >= 0.885 else FAILS), ends

    return judged(text, RUN, high, list(found[other]))


def _most_alike(pairs: dict[str, np.ndarray]) -> Statement:
    """Answer whether stages are most like the stage before or after, by each measure."""
    shares, numbers = [], []
    for name in ("rsa", "cka"):
        values = pairs[name].copy()
        np.fill_diagonal(values, -np.inf)
        nearest = np.argmax(values, axis=1)
        share = float((np.abs(nearest - np.arange(len(nearest))) == 1).mean())
        shares.append(share)
        numbers.append(f"{BETWEEN[name]} {share:.0%}")
    answer = HOLDS if min(shares) == 1 else FAILS if max(shares) < 1 else UNDECIDED
    return Statement(
        "Every stage is most like the one before or after it",
        "our question, *no value known*",
        answer,
        "share of stages: " + ", ".join(numbers),
    )


PAGE = Page("alignment", "Alignment between stages, and with V1 and retina", describe)

if __name__ == "__main__":
    PAGE.main()
