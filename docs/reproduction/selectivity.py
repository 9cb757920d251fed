"""Orientation and direction selectivity of the units of each stage (both papers, colour of the manifolds).

python docs/reproduction/selectivity.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

import numpy as np
from drawing import distributions
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, FAILS, HOLDS, UNDECIDED, between, judged, number, table

from napari_twinscope.population import paper_selectivity, unit_measures

SHOWN = {
    "osi": "orientation selectivity, vector, preferred class",
    "dsi": "direction selectivity, vector, preferred class",
    "osi_two_point": "orientation selectivity, two-point, highest of the classes",
    "dsi_two_point": "direction selectivity, two-point, highest of the classes",
}


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what the public code measures."""
    names = [STAGES[stage] for stage in subject.stages]
    frames = {who: subject.frames(who) for who in subject.recordings}
    measured = {who: [unit_measures(one) for one in stages] for who, stages in frames.items()}
    panels = {
        title: {who: [one[name].values for one in stages] for who, stages in measured.items()}
        for name, title in SHOWN.items()
    }
    code = [paper_selectivity(one, preset="published-2026")["osi"].values for one in frames["network"]]
    right = [one["osi_two_point"].values for one in measured["network"]]
    medians = subject.compared("units").dataset
    heads = ["stage", *(f"median {name.upper()} (95 %), untrained" for name in ("osi", "dsi"))]
    rows = []
    for place, stage in enumerate(subject.stages):
        cells = []
        for name in ("osi", "dsi"):
            at = medians.sel(population=stage, measure=f"median_{name}")
            text = between(*(float(at[key]) for key in ("value", "lower", "upper")))
            if "control" in measured:
                text += f", {number(np.nanmedian(measured['control'][place][name]))}"
            cells.append(text)
        r, low, high = _correlated(code[place], right[place])
        cells += [number(np.nanmean(right[place])), number(np.nanmean(code[place])), between(r, low, high)]
        rows.append((STAGES[stage], *cells))
    heads += ["mean two-point OSI", "the same by the public code", "correlation of both (95 %)"]

    def follows(who: str) -> tuple[str, str]:
        answers, numbers = [], []
        for stage, one, given in zip(subject.stages, frames[who], measured[who], strict=True):
            index = paper_selectivity(one, preset="published-2026")["osi"].values
            r, low, high = _correlated(index, given["osi_two_point"].values)
            # An index that measures selectivity shares at least half of its variance with selectivity.
            answers.append(HOLDS if low > np.sqrt(0.5) else FAILS if high < np.sqrt(0.5) else UNDECIDED)
            numbers.append(f"{STAGES[stage]} {r:.2f}")
        answer = FAILS if FAILS in answers else UNDECIDED if UNDECIDED in answers else HOLDS
        return answer, "correlation with the right index: " + ", ".join(numbers)

    told = [
        judged(
            "The OSI that colours the manifolds measures orientation selectivity", CODE, follows, list(frames)
        )
    ]
    note = (
        "Selectivity in the medium set. Intervals are over units drawn again; for correlations by Fisher's z:"
    )
    return Findings(
        {
            "Selectivity by stage: median, quartiles (thick) and 5 to 95 % (thin)": distributions(
                names, panels
            )
        },
        told,
        {note: table(heads, rows)},
    )


def _correlated(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Return Pearson's correlation and its 95 % interval by Fisher's z."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 4 or not (np.ptp(one[known]) and np.ptp(other[known])):
        return (np.nan,) * 3
    r = float(np.corrcoef(one[known], other[known])[0, 1])
    ends = np.tanh(
        np.arctanh(np.clip(r, -0.999999, 0.999999)) + np.array([-1.96, 1.96]) / np.sqrt(known.sum() - 3)
    )
    return r, float(ends[0]), float(ends[1])


PAGE = Page("selectivity", "Orientation and direction selectivity by stage", describe)

if __name__ == "__main__":
    PAGE.main()
