"""Rooms that offer their names at their door and open a module only when one is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a module-level ``__getattr__`` that imports each name from its module on first use.

    Parameters
    ----------
    package
        The package's ``__name__``.
    homes
        For each public name the module below the package that defines it, dotted where it lies
        deeper. A name must not be that of a module or package there, which would hide it once imported.
    """
    if clash := set(homes) & {home.partition(".")[0] for home in homes.values()}:
        raise ValueError(f"names hidden by modules of {package}: {', '.join(sorted(clash))}")

    def get(name: str) -> Any:
        if name in homes:
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
