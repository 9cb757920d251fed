"""Stimuli told apart over time, by stage (arXiv 2601.21508, figure of classification).

python docs/reproduction/classification.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawing import COLORS, LABELS, grid, legend
from reproduce import STAGES, Findings, Page, Subject
from statements import NOTES, Statement, above, all_of, between, judged, table

from napari_twinscope.manifolds import ClassificationOptions, classification_over_time, compare_accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.figure import Figure

PRINTED = {
    "inputs0": (0.59, 0.41),
    "blocks0": (0.62, 0.66),
    "inputs1": (0.66, 0.58),
    "blocks2": (0.74, 0.61),
    "recurrent": (0.89, 0.73),
    "recurrent_out": (0.90, 0.64),
    "readout": (0.88, 0.63),
    "output": (0.77, 0.67),
}
"""Logistic regression and nearest neighbours, from machine-written notes on the paper: uncertain."""

ENCODER = ("inputs0", "blocks0", "inputs1", "blocks1", "inputs2", "blocks2")
CLASSIFIERS = {"logistic": "logistic regression", "neighbors": "3 nearest neighbours"}
_LINES = {"growing": "-", "shrinking": "--"}


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what is published."""
    found = {
        who: {
            classifier: {stage: _over_time(subject, stage, who, classifier) for stage in subject.stages}
            for classifier in CLASSIFIERS
        }
        for who in subject.recordings
    }
    figures = {
        f"Told apart by {title}: windows from the first frame on (lines) and to the last frame (dashed); "
        "bands are 95 % over directions": _drawn({who: one[classifier] for who, one in found.items()})
        for classifier, title in CLASSIFIERS.items()
    }
    heads = [f"{short}, {who}" for short in ("LR", "NN") for who in ("printed", "here (95 %)", "untrained")]
    rows = []
    for stage in subject.stages:
        row = [STAGES[stage]]
        for place, classifier in enumerate(CLASSIFIERS):
            row.append(f"{PRINTED[stage][place]:.2f}" if stage in PRINTED else "–")
            row.append(between(*_whole(found["network"][classifier][stage])))
            row.append(f"{_whole(found['control'][classifier][stage])[0]:.2f}" if "control" in found else "–")
        rows.append(tuple(row))
    one = next(iter(found["network"]["logistic"].values()))
    above_table = (
        f"Share of movies named right from the mean of all frames, each direction left out in turn; guessing "
        f"is {one.attrs['chance']:.3f}, and 95 % of those who guess do not exceed "
        f"{one.attrs['chance_upper']:.3f}. Printed values are *uncertain*, and of another split:"
    )
    return Findings(figures, statements(found), {above_table: table(("stage", *heads), rows)})


def statements(found: dict[str, dict[str, dict[str, xr.Dataset]]]) -> list[Statement]:
    """Answer the published order of the stages, by differences within each direction."""

    def orders(text: str, better: Sequence[str], worse: Sequence[str]) -> Statement:
        return judged(text, NOTES, lambda who: _ordered(found[who]["logistic"], better, worse), list(found))

    def chance(who: str) -> tuple[str, str] | None:
        stages = found[who]["logistic"]
        level = next(iter(stages.values())).attrs["chance_upper"]
        values = {STAGES[stage]: _whole(one) for stage, one in stages.items()}
        lowest = min(values, key=lambda name: values[name][1])
        answer = all_of([above(low, high, level) for _, low, high in values.values()])
        return answer, f"lowest: {lowest} {between(*values[lowest])}, guessing up to {level:.3f}"

    return [
        judged("Every stage tells the stimuli apart", NOTES, chance, list(found)),
        orders(
            "Rec, RecOut and Readout are above Output", ("recurrent", "recurrent_out", "readout"), ("output",)
        ),
        orders("Output is above every stage of the encoder", ("output",), ENCODER),
        orders("Rec is above L1", ("recurrent",), ("inputs0",)),
    ]


def _ordered(
    found: dict[str, xr.Dataset], better: Sequence[str], worse: Sequence[str]
) -> tuple[str, str] | None:
    answers, numbers = [], []
    for one in better:
        for other in worse:
            if one in found and other in found:
                at = compare_accuracy(found[one], found[other]).sel(window="shrinking").isel(time=0)
                apart, low, high = (float(at[name]) for name in ("difference", "lower", "upper"))
                # Without any spread an interval has no width, and zero is neither above nor below.
                answers.append(above(low, high))
                numbers.append(f"{STAGES[one]} less {STAGES[other]} {between(apart, low, high, signed=True)}")
    return (all_of(answers), "; ".join(numbers)) if answers else None


def _over_time(subject: Subject, stage: str, who: str, classifier: str) -> xr.Dataset:
    how = ClassificationOptions(
        "corrected", classifier, tuple(_LINES), stimuli="all", step=subject.effort.step
    )
    return classification_over_time(subject.responses(stage, who), how)


def _whole(found: xr.Dataset) -> tuple[float, float, float]:
    """Return the accuracy from the first frame to the last, with its interval."""
    at = found.sel(window="shrinking").isel(time=0)
    return float(at["accuracy"]), float(at["lower"]), float(at["upper"])


def _drawn(found: dict[str, dict[str, xr.Dataset]]) -> Figure:
    stages = list(found["network"])
    figure, axes = grid(len(stages), size=1.9)
    handles: dict[str, object] = {}
    for axis, stage in zip(axes, stages, strict=True):
        for who, one in found.items():
            for window, line in _LINES.items():
                course = one[stage].sel(window=window)
                time = course["time"].values
                axis.fill_between(
                    time, course["lower"], course["upper"], color=COLORS[who], alpha=0.13, linewidth=0
                )
                (drawn,) = axis.plot(time, course["accuracy"], line, color=COLORS[who], linewidth=1.2)
                handles.setdefault(f"{LABELS[who]}, {window}", drawn)
        axis.axhline(found["network"][stage].attrs["chance"], color="0.4", linestyle=":", linewidth=1)
        axis.set_title(STAGES[stage], fontsize=9)
        axis.set_ylim(0, 1.03)
        axis.tick_params(labelsize=7)
    figure.supylabel("share named right", fontsize=9)
    figure.supxlabel("end of a growing, begin of a shrinking window (s)", fontsize=9)
    legend(figure, handles, 4)
    return figure


PAGE = Page("classification", "Stimuli told apart over time", describe)

if __name__ == "__main__":
    PAGE.main()
