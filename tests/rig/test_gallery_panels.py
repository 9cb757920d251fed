"""Panels are put side by side so that they can be read."""

from __future__ import annotations

import pytest

from napari_twinscope.rig.gallery_layout import panel_columns


@pytest.mark.parametrize(
    ("size", "columns"),
    [((900, 150), 6), ((660, 150), 6), ((660, 300), 3), ((430, 280), 3), ((300, 150), 3), ((90, 900), 1)],
)
def test_six_panels_share_rows_that_are_neither_low_nor_crowded(size: tuple[int, int], columns: int) -> None:
    assert panel_columns(6, size) == columns
