"""Fields of a JSON object, read one by one; the one that does not fit is named."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REQUIRED: Any = object()


class Fields:
    """Reads a JSON object that a user may have edited.

    Every method takes the name of a field, and a default for where it is absent; without one the field is
    required.

    Parameters
    ----------
    data
        What ``json.load`` returned.
    where
        Of what it is a part: ``"docks.Manifold"``; errors name fields with it.

    Raises
    ------
    InvalidInput
        If it is no object; and from each method if the field is of another kind.

    Examples
    --------
    >>> Fields({"axes": [1, 2, 3]}, "looked_at").integers("axes", 3)
    (1, 2, 3)
    >>> Fields({"open": "yes"}, "docks.Manifold").boolean("open")
    Traceback (most recent call last):
    ...
    napari_twinscope.errors.InvalidInput: The field docks.Manifold.open does not fit.
      given:  "yes"
      needed: true or false
    """

    def __init__(self, data: object, where: str = "") -> None:
        if not isinstance(data, Mapping):
            raise unfit(where or "the document", data, "an object with named fields")
        self._data, self._where = data, where

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def path(self, name: str) -> str:
        """Return what errors call a field."""
        return f"{self._where}.{name}" if self._where else name

    def boolean(self, name: str, default: bool = _REQUIRED) -> bool:
        """Return true or false."""
        return bool(self._value(name, default, lambda v: isinstance(v, bool), "true or false"))

    def integer(self, name: str, default: int = _REQUIRED, low: int = 0, high: int | None = None) -> int:
        """Return a whole number from `low` to `high`, both included."""
        needed = f"a whole number from {low}" + ("" if high is None else f" to {high}")

        def within(value: Any) -> bool:
            return is_whole(value) and low <= value and (high is None or value <= high)

        return int(self._value(name, default, within, needed))

    def number(self, name: str, default: float = _REQUIRED) -> float:
        """Return a finite number."""
        return float(self._value(name, default, is_number, "a number"))

    def text(self, name: str, default: str = _REQUIRED, among: Sequence[str] | None = None) -> str:
        """Return a text, one of several if these are given."""
        needed = "a text" if among is None else "one of " + ", ".join(among)

        def known(value: Any) -> bool:
            return isinstance(value, str) and (among is None or value in among)

        return str(self._value(name, default, known, needed))

    def texts(self, name: str, default: Sequence[str] = _REQUIRED) -> tuple[str, ...]:
        """Return a list of texts."""

        def are_texts(value: Any) -> bool:
            return _is_list(value) and all(isinstance(item, str) for item in value)

        return tuple(self._value(name, default, are_texts, "a list of texts"))

    def numbers(
        self, name: str, count: int | None, default: Sequence[float] = _REQUIRED
    ) -> tuple[float, ...]:
        """Return a list of so many finite numbers, of any number of them if `count` is ``None``."""
        needed = "a list of numbers" if count is None else f"a list of {count} numbers"
        return tuple(map(float, self._value(name, default, _list_of(is_number, count), needed)))

    def integers(self, name: str, count: int, default: Sequence[int] = _REQUIRED) -> tuple[int, ...]:
        """Return a list of so many whole numbers."""
        needed = f"a list of {count} whole numbers"
        return tuple(self._value(name, default, _list_of(is_whole, count), needed))

    def like(self, name: str, default: Any) -> Any:
        """Return a value of the kind of the default: a number, a text, a tuple of these and so on."""
        value = self._value(name, default, lambda v: _is_like(v, default), f"something like {default!r}")
        return _tuples(value)

    def part(self, name: str) -> Self:
        """Return the fields of an object within this one; of an empty one where it is absent."""
        return type(self)(self._data.get(name, {}), self.path(name))

    def parts(self, name: str) -> list[Self]:
        """Return the fields of each object of a list; of none where it is absent."""
        items = self._value(name, (), _is_list, "a list")
        return [type(self)(item, f"{self.path(name)}[{place}]") for place, item in enumerate(items)]

    def plain(self, name: str, default: Any = _REQUIRED) -> Any:
        """Return whatever JSON value there is."""
        return self._value(name, default, lambda _: True, "a value")

    def to_dict(self) -> dict[str, Any]:
        """Return all fields."""
        return dict(self._data)

    def _value(self, name: str, default: Any, fits: Callable[[Any], bool], needed: str) -> Any:
        if name not in self._data:
            if default is _REQUIRED:
                raise InvalidInput(f"The field {self.path(name)} is missing.", needed=needed)
            return default
        value = self._data[name]
        if not fits(value):
            raise unfit(self.path(name), value, needed)
        return value


def unfit(path: str, given: object, needed: str) -> InvalidInput:
    """Return the error that says which field does not fit."""
    from json import dumps

    text = dumps(given, default=str)
    short = text if len(text) <= 80 else text[:77] + "..."
    return InvalidInput(f"The field {path} does not fit.", given=short, needed=needed)


def is_whole(value: object) -> bool:
    """Return whether a JSON value is a whole number, which true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Return whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _list_of(fits: Callable[[Any], bool], count: int | None) -> Callable[[Any], bool]:
    return lambda value: _is_list(value) and count in (None, len(value)) and all(map(fits, value))


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int):
        return is_whole(value)
    if isinstance(default, float):
        return is_number(value)
    if isinstance(default, str):
        return isinstance(value, str)
    if not isinstance(default, tuple) or not isinstance(value, list | tuple):
        return False
    return not default or (len(value) == len(default) and all(map(_is_like, value, default)))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
