"""Ranges of activation by stage, and their course in time (arXiv 2601.21508, figure of activation ranges).

python docs/reproduction/activation.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

import numpy as np
from drawing import COLORS, LABELS, distributions, grid, legend
from reproduce import STAGES, Findings, Page, Subject
from statements import CODE, FAILS, HOLDS, UNKNOWN, judged, table

ONSET = 9
"""Frames in which the transient of the onset is expected."""


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what is published."""
    names = [STAGES[stage] for stage in subject.stages]
    found = {
        who: {stage: subject.responses(stage, who).load() for stage in subject.stages}
        for who in subject.recordings
    }
    panels = {
        "activation of all units at all frames, before rectification": {
            who: [one.values.ravel() for one in stages.values()] for who, stages in found.items()
        },
        "range of a unit (highest less lowest response)": {
            who: [np.ptp(one.values.reshape(len(one), -1), axis=1) for one in stages.values()]
            for who, stages in found.items()
        },
    }
    rows = []
    for stage, one in found["network"].items():
        values = one.values
        low, middle, high = np.percentile(values, [1, 50, 99])
        course = np.clip(values, 0, None).mean((0, 1, 2))
        rows.append(
            (
                STAGES[stage],
                f"{low:.2g} to {high:.2g}",
                f"{middle:.2g}",
                f"{(values < 0).mean():.0%}",
                f"{int(course.argmax())}",
                f"{course.max() / course[-ONSET:].mean():.2f}" if course[-ONSET:].mean() else "–",
            )
        )

    def there(who: str) -> tuple[str, str]:
        if "blocks2" not in found[who]:
            return UNKNOWN, "not recorded"
        values = found[who]["blocks2"].values
        silent = not np.ptp(values)
        return (HOLDS if silent else FAILS), f"range of L8 {np.ptp(values):.3g}"

    def transient(who: str) -> tuple[str, str]:
        peaks = {
            STAGES[stage]: int(np.clip(one.values, 0, None).mean((0, 1, 2)).argmax())
            for stage, one in found[who].items()
        }
        early = [peak <= ONSET for peak in peaks.values()]
        answer = HOLDS if all(early) else FAILS
        return answer, "mean response highest at frame " + ", ".join(f"{n} {p}" for n, p in peaks.items())

    told = [
        judged("L8 is not active (in the published figure it is missing or zero)", CODE, there, list(found)),
        judged(
            f"Movies begin from a reset state: the mean response is highest within the first {ONSET} frames",
            "follows from the public code",
            transient,
            list(found),
        ),
    ]
    head = (
        "stage",
        "1 to 99 %",
        "median",
        "negative",
        "highest at frame",
        f"highest over last {ONSET} frames",
    )
    return Findings(
        {
            "Activation by stage: median, quartiles (thick) and 5 to 95 % (thin)": distributions(
                names, panels
            ),
            "Mean response, negative values as zero, over its own mean": _courses(found),
        },
        told,
        {
            "Before rectification; the last two columns are of the mean response, rectified:": table(
                head, rows
            )
        },
    )


def _courses(found: dict[str, dict[str, object]]) -> object:
    figure, axes = grid(len(found["network"]), size=1.9)
    handles: dict[str, object] = {}
    for axis, stage in zip(axes, found["network"], strict=True):
        for who, stages in found.items():
            course = np.clip(stages[stage].values, 0, None).mean((0, 1, 2))
            if course.mean() > 0:
                (line,) = axis.plot(stages[stage]["time"].values, course / course.mean(), color=COLORS[who])
                handles.setdefault(LABELS[who], line)
        axis.axhline(1, color="0.6", linestyle=":", linewidth=1)
        axis.set_title(STAGES[stage], fontsize=9)
        axis.set_ylim(bottom=0)
        axis.tick_params(labelsize=7)
    figure.supxlabel("time from onset (s)", fontsize=9)
    legend(figure, handles)
    return figure


PAGE = Page("activation", "Ranges of activation", describe)

if __name__ == "__main__":
    PAGE.main()
