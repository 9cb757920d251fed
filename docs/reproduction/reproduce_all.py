"""Reproduce every published figure and table that this folder has a page of, from one recording.

python docs/reproduction/reproduce_all.py [--recordings FOLDER] [--twin file:CORE.pt,SCAN.pt --out FOLDER]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import reproduce

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGES = tuple(import_module(name).PAGE for name in reproduce.ORDER)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do it from the command line."""
    reproduce.run(PAGES, arguments, "Reproduce the published figures and tables.")


if __name__ == "__main__":
    main()
