"""Published statements, and the rules by which numbers answer them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ABSENT = "–"
HOLDS, FAILS, UNDECIDED, UNKNOWN = ANSWERS = ("holds", "does not hold", "undecided", "cannot be told")

RUN = "printed by the authors' own run"
CODE = "public code"
FIGURE = "read from a figure, *uncertain*"
NOTES = "notes on the papers, *uncertain*"


@dataclass(frozen=True)
class Statement:
    """A published statement, and whether it holds for the network at hand.

    Attributes
    ----------
    text
        What is published.
    source
        Where it is from, and how certain that is.
    answer
        One of `ANSWERS`: undecided where intervals do not decide, and cannot be told where something is
        lacking.
    numbers
        On which the answer rests, or what is lacking.
    control
        The same answer for the untrained network.
    """

    HEAD: ClassVar[tuple[str, ...]] = ("published", "from", "this network", "numbers", "untrained control")

    text: str
    source: str
    answer: str
    numbers: str
    control: str = ABSENT

    def row(self) -> tuple[str, ...]:
        """Return the statement as a row of a table."""
        return (self.text, self.source, f"**{self.answer}**", self.numbers, self.control)

    def to_dict(self) -> dict[str, str]:
        """Return the statement as plain values."""
        return asdict(self)


def judged(
    text: str, source: str, test: Callable[[str], tuple[str, str] | None], whom: Sequence[str]
) -> Statement:
    """Answer a statement for the network at hand and, where there is one, for its control.

    Parameters
    ----------
    text, source
        As of `Statement`.
    test
        From ``network`` or ``control`` to the answer and its numbers; ``None`` where nothing can be said.
    whom
        Those that were recorded.
    """
    answers = {who: test(who) or (UNKNOWN, "not recorded") for who in whom}
    answer, numbers = answers["network"]
    control = ": ".join(answers["control"]) if "control" in answers else ABSENT
    return Statement(text, source, answer, numbers, control)


def below(lower: float, upper: float, bound: float = 0.0) -> str:
    """Answer whether something is below a bound, from its interval.

    Examples
    --------
    >>> below(-2, -1), below(-1, 1), below(1, 2)
    ('holds', 'undecided', 'does not hold')
    """
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return UNDECIDED
    if upper < bound:
        return HOLDS
    return FAILS if lower > bound else UNDECIDED


def above(lower: float, upper: float, bound: float = 0.0) -> str:
    """Answer whether something is above a bound, from its interval.

    Examples
    --------
    >>> above(1, 2), above(-1, 1), above(-2, -1)
    ('holds', 'undecided', 'does not hold')
    """
    return below(-upper, -lower, -bound)


def all_of(answers: Sequence[str]) -> str:
    """Answer a statement that says several things at once.

    Examples
    --------
    >>> all_of(["holds", "holds"]), all_of(["holds", "undecided"]), all_of(["undecided", "does not hold"])
    ('holds', 'undecided', 'does not hold')
    """
    if not answers:
        return UNKNOWN
    for one in (FAILS, UNKNOWN, UNDECIDED):
        if one in answers:
            return one
    return HOLDS


def between(value: float, lower: float, upper: float, digits: int = 2, *, signed: bool = False) -> str:
    """Write a number with its interval.

    Examples
    --------
    >>> between(0.5, 0.25, 0.75)
    '0.50 (0.25 to 0.75)'
    >>> between(math.nan, 0.25, 0.75)
    '–'
    """
    if not math.isfinite(value):
        return ABSENT
    sign = "+" if signed else ""
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return f"{value:{sign}.{digits}f}"
    return f"{value:{sign}.{digits}f} ({lower:{sign}.{digits}f} to {upper:{sign}.{digits}f})"


def number(value: float, digits: int = 2) -> str:
    """Write a number, or that there is none.

    Examples
    --------
    >>> number(0.5), number(math.nan)
    ('0.50', '–')
    """
    return f"{value:.{digits}f}" if math.isfinite(value) else ABSENT


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
