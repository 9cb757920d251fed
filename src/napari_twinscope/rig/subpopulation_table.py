"""Scores of sub-populations in rows and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from napari_twinscope.rig.subpopulations import PartScores, ShareSweep

    Floats = npt.NDArray[np.float64]

SCORE_NAMES = {
    "accuracy": (
        "decoding accuracy",
        "Share of movies whose stimulus the 5 nearest other movies name, in the first three principal "
        "components of these units.",
    ),
    "procrustes_r2": (
        "Procrustes R²",
        "What the best rotation, reflection and scale make the decoding manifold of these units explain of "
        "that of all.",
    ),
    "variance_reproduced": (
        "variance reproduced",
        "Variance along the three components of these units over that of all; it grows with their number.",
    ),
    "rdm_correlation": (
        "RDM correlation (RSA)",
        "Spearman correlation of the distances between movies, among these units and among all.",
    ),
    "linear_cka": ("linear CKA", "Agreement of the inner products of movies, among these units and all."),
}
SOURCE = "arXiv 2601.21508, public code"
LEVEL = 95.0
"""Percent of the random sets between the ends of intervals."""


@dataclass(frozen=True)
class ScoreRow:
    """One score of the selected units beside that of as many random ones.

    Parameters
    ----------
    name, title, tip
        Which score, in words, and what it is.
    value, median, lower, upper
        Of the units, and of the random sets; not a number where it is undefined.
    below, draws
        How many random sets score lower, of how many.
    """

    name: str
    title: str
    tip: str
    value: float
    median: float
    lower: float
    upper: float
    below: int
    draws: int


def score_rows(part: PartScores) -> tuple[ScoreRow, ...]:
    """Return each score with the interval of the random sets."""
    rows = []
    for name, (title, tip) in SCORE_NAMES.items():
        value, drawn = float(part.scores[name]), part.scores[f"random_{name}"].values
        lower, median, upper = between(drawn)
        below = int((drawn < value - 1e-12).sum())
        rows.append(ScoreRow(name, title, tip, value, median, lower, upper, below, len(drawn)))
    return tuple(rows)


def between(drawn: Floats) -> tuple[float, float, float]:
    """Return what 95 % of the finite values lie between, with their median in the middle."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return np.nan, np.nan, np.nan
    edge = (100 - LEVEL) / 2
    lower, median, upper = np.percentile(known, [edge, 50, 100 - edge])
    return float(lower), float(median), float(upper)


def subpopulation_frame(part: PartScores | None, sweep: ShareSweep | None) -> pd.DataFrame:
    """Return all scores as a table, one row for each score of each set of units.

    Returns
    -------
    DataFrame
        ``taken`` (``selected``, ``random`` or ``MEASURE high`` and ``MEASURE low``), ``fraction`` and
        ``units`` taken, ``score``, its ``value`` (of random sets the median), and of random sets what 95 %
        of the ``draws`` lie between, ``lower`` and ``upper``. Then the options: ``preset``, ``stimuli``,
        ``rectify``, ``seed``.

    Raises
    ------
    InvalidInput
        If there is neither.
    """
    import pandas as pd

    if part is None and sweep is None:
        raise InvalidInput(
            "There are no scores to save yet.", remedy="open a recording, and wait for the scores"
        )
    rows: list[dict[str, Any]] = []

    def add(taken: str, fraction: float, units: int, name: str, values: Floats) -> None:
        lower, median, upper = between(values)
        drawn = taken == "random"
        ends = {"lower": lower, "upper": upper, "draws": len(values)} if drawn else {"draws": 0}
        row = {"taken": taken, "fraction": fraction, "units": units, "score": name}
        rows.append({**row, "value": median if drawn else float(values[0]), **ends})

    if part is not None:
        for name in SCORE_NAMES:
            size = (part.units / part.total, part.units, name)
            add("selected", *size, np.atleast_1d(part.scores[name].values))
            add("random", *size, part.scores[f"random_{name}"].values)
    if sweep is not None:
        for strategy, taken in _strategies(sweep).items():
            for place, fraction in enumerate(sweep.options.fractions):
                units = int(sweep.scores["units"].sel(strategy=strategy)[place])
                for name in SCORE_NAMES:
                    values = sweep.scores[name].sel(strategy=strategy).isel(fraction=place).values
                    add(taken, fraction, units, name, values)
    one = part or sweep
    assert one is not None
    columns = ["taken", "fraction", "units", "score", "value", "lower", "upper", "draws"]
    frame = pd.DataFrame(rows).reindex(columns=columns)
    how = one.options
    return frame.assign(
        preset=how.preset, stimuli=how.stimuli or "by preset", rectify=how.rectify, seed=how.seed
    )


def units_line(part: PartScores | None, sweep: ShareSweep | None) -> str:
    """Return of which units the scores are, in one or two sentences."""
    said = []
    if part is not None:
        share = 100 * part.units / part.total
        said.append(f"{part.units} of {part.total} units ({share:.3g} %) against all")
        if part.left_out:
            said.append(f"{part.left_out} selected left out: a response is missing or infinite")
    elif sweep is not None:
        said.append("No unit is selected")
    if sweep is not None and sweep.unranked:
        said.append(f"{sweep.unranked} without a value of {sweep.measure}")
    return "; ".join(said) + ("." if said else "")


def _strategies(sweep: ShareSweep) -> dict[str, str]:
    """Return the strategies of a sweep with what they are called in words."""
    named = {"measure high": f"{sweep.measure} high", "measure low": f"{sweep.measure} low"}
    return {name: named.get(name, name) for name in map(str, sweep.scores["strategy"].values)}
