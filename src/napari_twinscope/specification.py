"""Frozen specifications: validated on construction, JSON in and out, a stable hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from dataclasses import Field


class Specification:
    """Base of the frozen dataclasses that say what is to be done.

    A subclass is a frozen dataclass whose fields are numbers, strings, booleans, ``None``, other
    specifications, or tuples of these. It checks its own values in ``__post_init__``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Flash(Specification):
    ...     frames: int = 10
    >>> Flash.from_json(Flash(12).to_json())
    Flash(frames=12)
    >>> Flash().hash == Flash(10).hash
    True
    """

    if TYPE_CHECKING:  # every subclass is a dataclass
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    _kinds: ClassVar[dict[str, type[Specification]]] = {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        Specification._kinds[cls.__name__] = cls

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, with the class name under ``kind``."""
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"kind": type(self).__name__, **values}

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no spaces."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that identify these values."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build the specification from what `to_dict` returned.

        Raises
        ------
        InvalidInput
            If the kind is unknown or another one than the class asks for, or if a field is missing
            or unknown.
        """
        value = _revive(data)
        if not isinstance(value, cls):
            raise InvalidInput(
                "The specification is of another kind.",
                given=type(value).__name__,
                needed=cls.__name__,
            )
        return value

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Build the specification from JSON text.

        Raises
        ------
        InvalidInput
            If the text is no JSON object, and as `from_dict`.
        """
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise InvalidInput("The specification is not valid JSON.", given=str(error)) from error
        return cls.from_dict(data)


def _plain(value: Any) -> Any:
    if isinstance(value, Specification):
        return value.to_dict()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a specification cannot hold a {type(value).__name__}: {value!r}")


def _revive(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_revive(item) for item in value)
    if not isinstance(value, dict):
        return value
    kind = Specification._kinds.get(str(value.get("kind")))
    if kind is None:
        raise InvalidInput(
            "The specification is of an unknown kind.",
            given=value.get("kind"),
            needed="one of " + ", ".join(sorted(Specification._kinds)),
            remedy="open it with the version of napari-twinscope that wrote it",
        )
    values = {name: _revive(item) for name, item in value.items() if name != "kind"}
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidInput(f"The fields of {kind.__name__} do not fit.", given=str(error)) from error
