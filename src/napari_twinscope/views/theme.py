"""The colours of a viewer's theme, for what napari does not paint itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.theme import get_theme

if TYPE_CHECKING:
    from napari_twinscope.rig.figure_pixels import Color


def theme_colors(viewer: object) -> tuple[Color, Color]:
    """Return the colours of text and background, red, green and blue from 0 to 1."""
    theme = get_theme(viewer.theme)
    text, background = (
        tuple(value / 255 for value in color.as_rgb_tuple()[:3]) for color in (theme.text, theme.background)
    )
    return text, background


LINK = "#4A90D9"  # legible on dark and on light


def link(target: str, text: str) -> str:
    """Return a link for a label; Qt's own colour cannot be read on dark."""
    return f'<a href="{target}" style="color: {LINK}">{text}</a>'
