"""Conditions on units that a user types, such as ``OSI > 0.5 and preferred stimulus = Grating``."""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.unit_table import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig.unit_set import Mask
    from napari_twinscope.rig.unit_table import UnitTable

Floats = npt.NDArray[np.float64]

HELP = "a condition such as  OSI > 0.5 and not groups = “Group 1”"
_SIGNS = {
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "<>": "!=",
    "=": "==",
    "&&": " and ",
    "||": " or ",
    "&": " and ",
    "|": " or ",
    "!": " not ",
    "−": "-",
}
_PLAIN = ("<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ",")
_SIGN = re.compile("|".join(map(re.escape, sorted((*_SIGNS, *_PLAIN), key=len, reverse=True))))
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`|“([^”]*)”")
_UNIT = re.compile(r"\w+(?::\d+)+")
_WORD = re.compile(r"\w+|\S")
_WORDS = ("and", "or", "not", "missing", "abs")
_ORDER: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def is_condition(text: str) -> bool:
    """Return whether a text is meant as a condition, and not as something to look for in names.

    Examples
    --------
    >>> is_condition("OSI > 0.5"), is_condition("grating"), is_condition("missing(OSI)")
    (True, False, True)
    """
    return re.search(r"[<>=≤≥≠]|\bmissing\s*\(", text) is not None


def matching(text: str, table: UnitTable) -> Mask:
    """Return the units that a text means: those that fulfil a condition, or of which a name holds the text.

    A condition compares columns and numbers by ``< <= > >= = !=``, columns of names by ``=`` and ``!=``
    (or to any part of several groups), adds and multiplies columns, and joins comparisons by ``and``,
    ``or``, ``not`` and parentheses; ``missing(OSI)`` are the units without a value. A unit without a value
    fulfils neither a comparison nor its opposite. Nothing but this is understood, so that no text can do
    anything else.

    Parameters
    ----------
    text
        What was typed; an empty one means all units.
    table
        Of the units.

    Returns
    -------
    bool [units]

    Raises
    ------
    InvalidInput
        If a condition cannot be understood, with what is wrong in it.
    """
    text = text.strip()
    if not text:
        return np.ones(table.count, bool)
    if not is_condition(text):
        return table.containing(text)
    source, texts = _Reader(table).read(text)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise InvalidInput("This condition is not complete.", given=text, needed=HELP) from error
    with np.errstate(all="ignore"):
        answer = _Answer(table, texts).of(tree.body)
    if not isinstance(answer, _Truth):
        raise InvalidInput("This is no condition.", given=text, needed=HELP)
    return np.broadcast_to(answer.true, (table.count,)).copy()


class _Reader:
    """Turns what was typed into an expression whose only names are those of columns and texts."""

    def __init__(self, table: UnitTable) -> None:
        self._table = table
        labels = {
            str(label): None
            for column in table.columns[1:]
            for group in (column.labels, *column.parts)
            for label in group
        }
        known = [(name, f" _c{place} ") for name, place in table.names.items()]
        known += [(label.casefold(), "") for label in labels]
        self._known = sorted(known, key=lambda item: (-len(item[0]), item[1] == ""))

    def read(self, text: str) -> tuple[str, list[str]]:
        texts: list[str] = []
        parts: list[str] = []
        folded, at = text.casefold(), 0
        if len(folded) != len(text):
            folded = text.lower() if len(text.lower()) == len(text) else text
        while at < len(text):
            if text[at].isspace():
                parts.append(" ")
                at += 1
                continue
            part, at = self._next(text, folded, at, texts)
            parts.append(part)
        return "".join(parts), texts

    def _next(self, text: str, folded: str, at: int, texts: list[str]) -> tuple[str, int]:
        quoted = _QUOTED.match(text, at)
        if quoted:
            inside = next(part for part in quoted.groups() if part is not None)
            return self._quoted(inside, texts, quoted.group(3) is not None), quoted.end()
        for name, source in self._known:
            end = at + len(name)
            if name and folded.startswith(name, at) and not _goes_on(text, end, name):
                return source or _text(name, texts), end
        unit = _UNIT.match(text, at)
        if unit:
            return _text(unit.group(), texts), unit.end()
        number = _NUMBER.match(text, at)
        if number:
            return f" {float(number.group())!r} ", number.end()
        sign = _SIGN.match(text, at)
        if sign:
            return _SIGNS.get(sign.group(), sign.group()), sign.end()
        word = _WORD.match(text, at)
        found = word.group() if word else text[at]
        if found.casefold() in _WORDS:
            return f" {found.casefold()} ", at + len(found)
        close = get_close_matches(found.casefold(), list(self._table.names), 1, 0.5)
        meant = f"; is “{close[0]}” meant?" if close else "."
        raise InvalidInput(f"There is no such column or name{meant}", given=found, needed=HELP)

    def _quoted(self, inside: str, texts: list[str], column: bool) -> str:
        place = self._table.names.get(inside.casefold())
        if place is not None:
            return f" _c{place} "
        if column:
            raise InvalidInput("There is no such column.", given=inside)
        return _text(inside, texts)


def _text(text: str, texts: list[str]) -> str:
    texts.append(text)
    return f" _t{len(texts) - 1} "


def _goes_on(text: str, end: int, name: str) -> bool:
    """Return whether a word goes on after a name that was found in it."""
    return name[-1].isalnum() and end < len(text) and (text[end].isalnum() or text[end] == "_")


@dataclass(frozen=True, eq=False)
class _Truth:
    """For each unit whether something is true, and whether it is false; neither where it is unknown."""

    true: Any
    false: Any


class _Answer:
    """Answers an expression, node by node; what is not listed here is refused."""

    def __init__(self, table: UnitTable, texts: list[str]) -> None:
        self._table, self._texts = table, texts

    def of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=float() as value):
                return np.float64(value)
            case ast.Name(id=name) if name.startswith("_c"):
                return self._table.columns[int(name[2:])]
            case ast.Name(id=name) if name.startswith("_t"):
                return self._texts[int(name[2:])]
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                found = self._truth(inner)
                return _Truth(found.false, found.true)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self._number(inner)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._number(inner)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SUMS:
                return _SUMS[type(sign)](self._number(left), self._number(right))
            case ast.BoolOp(op=joint, values=values):
                return _joined([self._truth(value) for value in values], isinstance(joint, ast.And))
            case ast.Compare(left=left, ops=signs, comparators=others):
                ends = [left, *others]
                steps = zip(ends[:-1], signs, ends[1:], strict=True)
                return _joined([self._compared(a, sign, b) for a, sign, b in steps], True)
            case ast.Call(func=ast.Name(id="abs"), args=[inner], keywords=[]):
                return abs(self._number(inner))
            case ast.Call(func=ast.Name(id="missing"), args=[inner], keywords=[]):
                return self._missing(inner)
        raise InvalidInput("This condition is not understood.", needed=HELP)

    def _truth(self, node: ast.expr) -> _Truth:
        found = self.of(node)
        if not isinstance(found, _Truth):
            raise InvalidInput("“and”, “or” and “not” join conditions.", needed=HELP)
        return found

    def _number(self, node: ast.expr) -> Any:
        found = self.of(node)
        if isinstance(found, Column) and not found.has_names:
            return found.values
        if isinstance(found, Column | str | _Truth):
            raise InvalidInput("This is no number.", given=getattr(found, "name", found), needed=HELP)
        return found

    def _missing(self, node: ast.expr) -> _Truth:
        found = self.of(node)
        if not isinstance(found, Column):
            raise InvalidInput("“missing” needs a column.", needed="such as missing(OSI)")
        none = ~np.isfinite(found.values)
        return _Truth(none, ~none)

    def _compared(self, a: ast.expr, sign: ast.cmpop, b: ast.expr) -> _Truth:
        if type(sign) not in _ORDER:
            raise InvalidInput("This condition is not understood.", needed=HELP)
        left, right = self.of(a), self.of(b)
        if isinstance(right, Column) and right.has_names:
            left, right = right, left
        if isinstance(left, Column) and left.has_names:
            return _named(left, sign, right)
        if isinstance(left, str) or isinstance(right, str):
            other = right if isinstance(left, str) else left
            raise InvalidInput(
                "Names are compared to a column of names.",
                given=getattr(other, "name", left if isinstance(left, str) else right),
                needed=HELP,
            )
        x, y = self._number(a), self._number(b)
        true = _ORDER[type(sign)](x, y)
        known = np.isfinite(x) & np.isfinite(y)
        return _Truth(true & known, ~true & known)


def _named(column: Column, sign: ast.cmpop, value: Any) -> _Truth:
    """Compare a column of names with a name, or with the number at the end of one."""
    if not isinstance(sign, ast.Eq | ast.NotEq):
        raise InvalidInput("Names are compared by = and !=.", given=column.name)
    wanted = f"{value:g}" if isinstance(value, float) else value
    if not isinstance(wanted, str):
        raise InvalidInput("A column of names is compared to a name.", given=column.name, needed=HELP)
    folded = wanted.casefold()
    parts = column.parts or tuple((str(label),) for label in column.labels)
    numbered = isinstance(value, float)
    fits = np.array([any(_is_called(name, folded, numbered) for name in names) for names in parts], bool)
    if not fits.any():
        raise InvalidInput(
            f"No unit has this {column.name}.",
            given=wanted,
            needed=", ".join(map(str, column.labels[:6])) + (" …" if len(column.labels) > 6 else ""),
        )
    known = np.isfinite(column.values)
    true = np.zeros(len(column.values), bool)
    true[known] = fits[column.values[known].astype(np.intp)]
    false = known & ~true
    return _Truth(true, false) if isinstance(sign, ast.Eq) else _Truth(false, true)


def _is_called(name: str, wanted: str, numbered: bool) -> bool:
    name = name.casefold()
    return name == wanted or (numbered and name.rpartition(" ")[2] == wanted)


def _joined(parts: list[_Truth], all_of_them: bool) -> _Truth:
    """Join truths: one that is unknown leaves open what it could decide."""
    true, false = parts[0].true, parts[0].false
    for part in parts[1:]:
        if all_of_them:
            true, false = true & part.true, false | part.false
        else:
            true, false = true | part.true, false & part.false
    return _Truth(true, false)
