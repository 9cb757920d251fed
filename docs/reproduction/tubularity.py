"""Tubularity by stage (arXiv 2512.07869, figure of S_tight and S_cross).

python docs/reproduction/tubularity.py [--twin file:PATH] [--recording NAME.twinscope.zarr]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reproduce import ABSENT, STAGES, Statement, compared, reproduce, table

from napari_twinscope.manifolds import published_tubularity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_twinscope.manifolds import StageComparison
    from napari_twinscope.recording import Recording

# Read from the published figure: the former stage is tighter than the latter.
TIGHTER = (("recurrent", "inputs0"), ("inputs0", "blocks2"), ("recurrent_out", "readout"))


def describe(recording: Recording, draws: int) -> tuple[StageComparison, str, list[Statement]]:
    """Measure, and compare with what is published."""
    corrected = compared(recording, "tubularity", "corrected", draws)
    repeated = compared(recording, "tubularity", "published-2026", draws)
    printed = published_tubularity().sel(bundles="stimulus", measure="s_tight")
    rows = []
    for stage in corrected.names:
        at = corrected.dataset.sel(population=stage, measure="s_tight")
        known = printed.sel(population=STAGES[stage])
        rows.append(
            (
                STAGES[stage],
                f"{float(known['mean']):.3f} ± {float(known['standard_error']):.3f}",
                f"{float(repeated.wide.loc[stage, 's_tight']):.3f}",
                f"{float(at['value']):.3f} ({float(at['lower']):.3f} to {float(at['upper']):.3f})",
            )
        )
    head = ("stage", "printed (*uncertain*)", "here, published-2026", "here, corrected (95 %)")
    return corrected, table(head, rows), statements(corrected)


def statements(corrected: StageComparison) -> list[Statement]:
    """Say of each published order whether it holds; undecided where the interval of differences has zero."""
    told = []
    differences = corrected.tubularity_differences.query("measure == 's_tight'")
    for one, other in TIGHTER:
        text = f"{STAGES[one]} is tighter than {STAGES[other]} (*uncertain*)"
        if not {one, other} <= set(corrected.names):
            told.append(Statement(text, None, ABSENT))
            continue
        pair = differences[
            differences["population"].isin((one, other)) & differences["other"].isin((one, other))
        ].iloc[0]
        sign = 1 if pair["population"] == one else -1
        low, high = sorted((sign * pair["lower"], sign * pair["upper"]))
        holds = None if not pair["differs"] else high < 0
        numbers = f"difference {sign * pair['difference']:+.3f} (95 %: {low:+.3f} to {high:+.3f})"
        told.append(Statement(text, holds, numbers))
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Do it from the command line."""
    reproduce("tubularity", describe, arguments)


if __name__ == "__main__":
    main()
