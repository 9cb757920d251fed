"""Pages with parts that a script writes, between ``<!-- NAME -->`` and ``<!-- end of NAME -->``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def fill_blocks(page: Path, blocks: Mapping[str, str]) -> None:
    """Write text between the markers of each block.

    Raises
    ------
    ValueError
        If the page lacks a marker.
    """
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{page} has no markers of the block {name}")
        text = "".join((before, start, block, "\n", end, after))
    page.write_text(text, encoding="utf-8")
