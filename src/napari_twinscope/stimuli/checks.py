"""Checks that every stimulus and protocol makes on its own values."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from napari_twinscope.errors import InvalidInput


def settle_numbers(specification: Any) -> None:
    """Turn every field annotated ``float`` or ``int`` into exactly that, so that equal values hash equally.

    Parameters
    ----------
    specification
        A dataclass that is under construction.

    Raises
    ------
    InvalidInput
        If such a field is no number, not finite, or not whole where a whole number is needed.
    """
    for field in dataclasses.fields(specification):
        value = getattr(specification, field.name)
        if field.type == "float":
            object.__setattr__(specification, field.name, _number(field.name, value))
        elif field.type == "int":
            number = _number(field.name, value)
            if number != int(number):
                raise InvalidInput(f"{field.name} is not a whole number.", given=value)
            object.__setattr__(specification, field.name, int(number))


def require(holds: bool, problem: str, *, given: object, needed: object, remedy: str | None = None) -> None:
    """Raise `InvalidInput` where a condition does not hold."""
    if not holds:
        raise InvalidInput(problem, given=given, needed=needed, remedy=remedy)


def _number(name: str, value: Any) -> float:
    if isinstance(value, (bool, str)):
        raise InvalidInput(f"{name} is not a number.", given=repr(value))
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} is not a number.", given=repr(value)) from error
    if not math.isfinite(number):
        raise InvalidInput(f"{name} is not finite.", given=number)
    return number
