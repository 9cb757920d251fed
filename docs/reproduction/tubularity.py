"""Tubularity by stage (arXiv 2512.07869, figures of S_tight and S_cross).

python docs/reproduction/tubularity.py [--twin file:CORE.pt,SCAN.pt] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawing import Panel, by_stage
from reproduce import CELLS, STAGES, Findings, Page, Subject
from statements import (
    ABSENT,
    CODE,
    FIGURE,
    HOLDS,
    UNKNOWN,
    Statement,
    above,
    all_of,
    below,
    between,
    judged,
    table,
)

from napari_twinscope.manifolds import TubularityOptions, published_tubularity, tubularity_sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from napari_twinscope.manifolds import StageComparison

SHOWN = ("inputs0", "blocks2", "recurrent", "recurrent_out", "readout", "output")
"""Stages of the published figures."""

LATE = SHOWN[2:]
_MEASURES = {"s_tight": "S_tight (low is tight)", "crossing": "crossing, without dimension"}


def describe(subject: Subject) -> Findings:
    """Measure, and compare with what is published."""
    found = {who: subject.compared("tubularity", who=who, stages=SHOWN) for who in subject.recordings}
    if subject.beside:
        found["network"] = subject.compared("tubularity", stages=SHOWN, beside=True)
    stages = [stage for stage in SHOWN if stage in subject.stages]
    names = [STAGES[stage] for stage in stages]
    loose = subject.compared(
        "tubularity", stages=SHOWN, bundles="hdbscan", bootstraps=max(4, subject.effort.draws // 3)
    )
    repeated = subject.compared("tubularity", stages=SHOWN, preset="published-2026", bootstraps=0, seed=0)
    panels = [
        Panel(
            title,
            {who: _course(one, stages, measure) for who, one in found.items()}
            | ({"printed": _printed(stages)} if measure == "s_tight" else {}),
            logarithmic=True,
        )
        for measure, title in _MEASURES.items()
    ]
    values = table(
        ("stage", "printed", "published-2026", "corrected (95 %)", "by HDBSCAN, printed", "corrected (95 %)"),
        [
            (
                STAGES[stage],
                _known("stimulus", stage),
                f"{float(repeated.wide.loc[stage, 's_tight']):.3f}",
                _interval(found["network"], stage),
                _known("hdbscan", stage),
                _interval(loose, stage),
            )
            for stage in stages
        ]
        + [(name, *_beside(name, found["network"])) for name in subject.beside],
    )
    said = statements(subject, found, loose)
    return Findings(
        {"S_tight and crossing by stage; bars are 95 % over units drawn again": by_stage(names, panels, 2)},
        said,
        {
            "S_tight in bundles by stimulus, and in those of HDBSCAN; printed values are *uncertain*:": (
                values
            ),
        },
    )


def statements(
    subject: Subject, found: dict[str, StageComparison], loose: StageComparison
) -> list[Statement]:
    """Answer what the published figures show; undecided where the interval of differences holds zero."""

    def orders(text: str, measure: str, pairs: Sequence[tuple[str, str]], source: str = FIGURE) -> Statement:
        return judged(text, source, lambda who: ordered(found[who], measure, pairs), list(found))

    others = [stage for stage in SHOWN if stage not in ("recurrent", "recurrent_out")]
    return [
        orders("Rec is tighter than L1", "s_tight", [("recurrent", "inputs0")]),
        orders(
            "Rec and RecOut are tighter than all other stages",
            "s_tight",
            [(one, other) for one in ("recurrent", "recurrent_out") for other in others],
        ),
        orders("L8 is the loosest stage", "s_tight", [(one, "blocks2") for one in SHOWN if one != "blocks2"]),
        orders("RecOut is tighter than Readout", "s_tight", [("recurrent_out", "readout")]),
        orders("Output is tighter than Readout", "s_tight", [("output", "readout")]),
        orders(
            "Trajectories cross less in Rec, RecOut, Readout and Output than in L1 (in print per length)",
            "crossing",
            [(one, "inputs0") for one in LATE],
        ),
        _looser(found["network"], loose),
        *(_neurons(subject, found["network"], name) for name in ("retina", "V1")),
        _sensitivity(subject),
    ]


def ordered(found: StageComparison, measure: str, pairs: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Answer whether the first of each pair has the lower score."""
    answers, numbers = [], []
    for one, other in pairs:
        if not {one, other} <= set(found.names):
            continue
        low, high, apart = difference(found, measure, one, other)
        answers.append(below(low, high))
        numbers.append(f"{STAGES[one]} less {STAGES[other]} {between(apart, low, high, 3, signed=True)}")
    if not answers:
        return None
    return all_of(answers), "; ".join(numbers)


def difference(found: StageComparison, measure: str, one: str, other: str) -> tuple[float, float, float]:
    """Return the interval of the one's score less the other's, and that difference."""
    every = found.tubularity_differences
    rows = every[every["measure"] == measure]
    pair = rows[rows["population"].isin((one, other)) & rows["other"].isin((one, other))].iloc[0]
    sign = 1 if pair["population"] == one else -1
    low, high = sorted((sign * pair["lower"], sign * pair["upper"]))
    return low, high, sign * pair["difference"]


def _looser(found: StageComparison, loose: StageComparison) -> Statement:
    """Answer whether bundles by HDBSCAN are looser, as in the printed figures at every stage."""
    answers, numbers = [], []
    for stage in loose.names:
        of_both = [one.dataset.sel(population=stage, measure="s_tight") for one in (loose, found)]
        looser, tighter = of_both
        answers.append(
            above(float(looser["lower"] - tighter["upper"]), float(looser["upper"] - tighter["lower"]))
        )
        numbers.append(f"{STAGES[stage]} {float(looser['value']):.2f} and {float(tighter['value']):.2f}")
    text = "Bundles that HDBSCAN finds are looser than those by stimulus, at every stage"
    return Statement(text, FIGURE, all_of(answers), "; ".join(numbers))


def _neurons(subject: Subject, found: StageComparison, name: str) -> Statement:
    """Answer whether neurons are tighter than the stages than which they are printed to be."""
    printed = published_tubularity().sel(bundles="stimulus", measure="s_tight")["mean"]
    own = float(printed.sel(population=name))
    looser = [stage for stage in SHOWN if own < float(printed.sel(population=STAGES[stage]))]
    listed = ", ".join(STAGES[stage] for stage in looser)
    text = f"{name} is tighter than {listed}"
    if name not in subject.populations:
        return Statement(text, FIGURE, UNKNOWN, f"no neurons given (`--population {name}=FILE`)")
    neurons = found.dataset.sel(population=name, measure="s_tight")
    answers = []
    for stage in looser:
        if stage in found.names:
            at = found.dataset.sel(population=stage, measure="s_tight")
            answers.append(
                below(float(neurons["lower"] - at["upper"]), float(neurons["upper"] - at["lower"]))
            )
    return Statement(text, FIGURE, all_of(answers), f"{name} {_interval(found, name)}")


def _sensitivity(subject: Subject) -> Statement:
    """Answer whether the order of Rec and L1 depends on the two free numbers of the definition."""
    text = "The order of Rec and L1 is the same for all quantiles and smoothings of the sweep"
    pair = ("recurrent", "inputs0")
    if not set(pair) <= set(subject.stages):
        return Statement(text, CODE, UNKNOWN, "not recorded")
    how = TubularityOptions(bootstraps=0, bins=20)
    one, other = (tubularity_sensitivity(subject.responses(stage), how)["s_tight"] for stage in pair)
    tighter = (one < other).values
    share = float(tighter.mean())
    answer = HOLDS if share in (0.0, 1.0) else "does not hold"
    return Statement(text, CODE, answer, f"Rec is tighter in {tighter.sum()} of {tighter.size} combinations")


def _course(found: StageComparison, stages: Sequence[str], measure: str) -> list[np.ndarray]:
    at = found.dataset.sel(population=list(stages), measure=measure)
    return [at[name].values for name in ("value", "lower", "upper")]


def _printed(stages: Sequence[str]) -> np.ndarray:
    known = published_tubularity().sel(bundles="stimulus", measure="s_tight")["mean"]
    return known.sel(population=[STAGES[stage] for stage in stages]).values


def _known(bundles: str, stage: str) -> str:
    known = published_tubularity().sel(bundles=bundles, measure="s_tight", population=STAGES[stage])
    return f"{float(known['mean']):.3f} ± {float(known['standard_error']):.3f}"


def _interval(found: StageComparison, population: str) -> str:
    at = found.dataset.sel(population=population, measure="s_tight")
    return between(*(float(at[name]) for name in ("value", "lower", "upper")), 3)


def _beside(name: str, found: StageComparison) -> tuple[str, ...]:
    known = published_tubularity().sel(bundles="stimulus", measure="s_tight")
    printed = ABSENT
    if name != CELLS and name in known["population"].values:
        at = known.sel(population=name)
        printed = f"{float(at['mean']):.3f} ± {float(at['standard_error']):.3f}"
    return printed, ABSENT, _interval(found, name), ABSENT, ABSENT


PAGE = Page("tubularity", "Tubularity of stages, retina and V1", describe)

if __name__ == "__main__":
    PAGE.main()
