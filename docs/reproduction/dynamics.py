"""How the responses of single units move in time, by stage (arXiv 2601.21508, unit dynamics).

python docs/reproduction/dynamics.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

import numpy as np
from drawing import distributions
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, FAILS, HOLDS, judged, table

from napari_twinscope.population import unit_dynamics, unit_measures

SHOWN = {
    "speed": "speed, over mean activity",
    "stability": "stability (high is restless), over mean activity",
    "curvature": "curvature, over mean activity",
    "temporal_variance": "temporal variance (log)",
}


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what the public code measures."""
    names = [STAGES[stage] for stage in subject.stages]
    frames = {who: subject.frames(who) for who in subject.recordings}
    measured = {who: [unit_measures(one) for one in stages] for who, stages in frames.items()}
    panels = {
        title: {
            who: [_relative(one, name) if "over" in title else one[name].values for one in stages]
            for who, stages in measured.items()
        }
        for name, title in SHOWN.items()
    }
    medians = subject.compared("units").dataset
    shown = [name for name in (*SHOWN, "classifiability") if f"median_{name}" in medians["measure"].values]
    rows = []
    for stage in subject.stages:
        cells = []
        for name in shown:
            at = medians.sel(population=stage, measure=f"median_{name}")
            cells.append(" ".join(_short(*(float(at[key]) for key in ("value", "lower", "upper")))))
        rows.append((STAGES[stage], *cells))

    def same(who: str) -> tuple[str, str]:
        apart = max(
            float(abs(moved["speed"] - moved["stability"]).max())
            for moved in (unit_dynamics(one, preset="published-2026") for one in frames[who])
        )
        long = frames[who][0].sizes["time"]
        return (HOLDS if apart < 1e-9 else FAILS), f"at most {apart:.1g} apart in trials of {long} frames"

    def calmer(who: str) -> tuple[str, str]:
        ratios = {}
        for stage, one in zip(subject.stages, measured[who], strict=True):
            speed, stability = one["speed"].values, one["stability"].values
            moving = speed > 0
            ratios[STAGES[stage]] = (
                float(np.median(stability[moving] / speed[moving])) if moving.any() else np.nan
            )
        answer = HOLDS if all(ratio < 1 for ratio in ratios.values()) else FAILS
        return answer, "median ratio, last to first third: " + ", ".join(
            f"{n} {r:.2f}" for n, r in ratios.items()
        )

    whom = list(frames)
    told = [
        judged(
            "Speed and stability of a unit are the same number (windows longer than the trial)",
            CODE,
            same,
            whom,
        ),
        judged(
            "Movies begin from a reset state: units change less at the end of a trial than at its beginning",
            "follows from the public code",
            calmer,
            whom,
        ),
    ]
    note = (
        "Medians over units (95 % over units drawn again), in the unit of the responses, which differs "
        "between stages, so that only the figure, relative to mean activity, compares them:"
    )
    return Findings(
        {
            "Dynamics of the units by stage: median, quartiles (thick) and 5 to 95 % (thin)": distributions(
                names, panels
            )
        },
        told,
        {note: table(("stage", *(name.replace("_", " ") for name in shown)), rows)},
    )


def _relative(one: object, name: str) -> np.ndarray:
    activity = one["mean_activity"].values
    return np.divide(one[name].values, activity, out=np.full(activity.shape, np.nan), where=activity > 0)


def _short(value: float, low: float, high: float) -> tuple[str, str]:
    return f"{value:.2g}", f"({low:.2g} to {high:.2g})"


PAGE = Page("dynamics", "Speed, stability, curvature and temporal variance of units", describe)

if __name__ == "__main__":
    PAGE.main()
