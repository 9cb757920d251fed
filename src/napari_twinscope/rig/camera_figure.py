"""The frame around what a camera sees: canvas, axes, title and legends of a figure of a 3D scene."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig import figure_legend
from napari_twinscope.rig.figure_file import DARK_INK, DARK_PAPER, INK, PAPER, new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.projection import View

SCREEN_DPI = 96.0
"""At how many pixels per inch a canvas becomes a figure."""
_EDGE, _LINE, _TITLE = 0.2, 0.19, 0.26  # inches
_NARROWEST = 3.0  # inches
_TRIAD = 0.075  # length of an axis, as a part of the canvas's diagonal


def camera_figure(
    title: str,
    lines: Sequence[str],
    legends: Sequence[figure_legend.Part],
    labels: tuple[str, str, str],
    view: View,
    *,
    width: float | None = None,
    dark: bool = False,
) -> tuple[Figure, Axes, float]:
    """Return a figure of a canvas on which nothing is drawn yet but the directions of its axes.

    Parameters
    ----------
    title, lines
        The first line, and those below it.
    legends
        What stands below the canvas.
    labels
        Of the first to third axis, which are the last to first of the view.
    view
        Camera and canvas.
    width
        In inches; that of the canvas at `SCREEN_DPI` if not given.
    dark
        Whether the background is black, as on napari's canvas; else it is white.

    Returns
    -------
    figure, area
        The area has the coordinates of the canvas: pixels, rightwards and downwards.
    float
        Points of the figure for each pixel of the canvas.
    """
    width = max(view.size[0] / SCREEN_DPI if width is None else width, _NARROWEST)
    room = width - 2 * _EDGE
    per_pixel = room / view.size[0]  # inches
    heading = textwrap.wrap(title, max(int(room / 0.1), 16))
    said = [part for line in lines for part in textwrap.wrap(line, max(int(room / 0.066), 20))]
    below = figure_legend.height(legends, room)
    above = _EDGE + _TITLE * len(heading) + _LINE * len(said) + 0.1
    tall = view.size[1] * per_pixel
    height = above + tall + 0.15 + below + _EDGE
    figure = new_figure(width, height, dark)
    ink = DARK_INK if dark else INK
    area = figure.add_axes(
        (_EDGE / width, (height - above - tall) / height, 1 - 2 * _EDGE / width, tall / height)
    )
    area.set(xlim=(0, view.size[0]), ylim=(view.size[1], 0), xticks=[], yticks=[], facecolor="none")
    for spine in area.spines.values():
        spine.set(color=ink, alpha=0.3, linewidth=0.6)
    _draw_triad(area, labels, view, ink, DARK_PAPER if dark else PAPER)
    left, top = _EDGE / width, 1 - _EDGE / height
    for line in heading:
        figure.text(left, top, line, color=ink, va="top", fontsize=11, weight="bold")
        top -= _TITLE / height
    for line in said:
        figure.text(left, top, line, color=ink, va="top", fontsize=8)
        top -= _LINE / height
    figure_legend.draw(figure, legends, _EDGE, _EDGE + below, ink)
    return figure, area, per_pixel * 72


def _draw_triad(area: Axes, labels: tuple[str, str, str], view: View, ink: str, paper: str) -> None:
    """Draw the directions of the three axes in a corner, as napari does; the nearest to the eye last."""
    right, up, forward = view.axes
    length = _TRIAD * float(np.hypot(*view.size))
    corner = np.array([1.55 * length, view.size[1] - 1.55 * length])
    # what would make a halo turns text into curves
    around = {"facecolor": paper, "alpha": 0.6, "edgecolor": "none", "pad": 0.8}
    for axis in sorted(range(3), key=lambda axis: -forward[2 - axis]):
        way = np.array([right[2 - axis], -up[2 - axis]])
        tip = corner + length * way
        area.annotate(
            "",
            xy=(tip[0], tip[1]),
            xytext=(corner[0], corner[1]),
            arrowprops={"arrowstyle": "-|>", "color": ink, "lw": 1.3, "shrinkA": 0, "shrinkB": 0},
        )
        spot = corner + 1.22 * length * way
        area.text(
            spot[0],
            spot[1],
            labels[axis],
            color=ink,
            fontsize=8,
            ha="left" if way[0] > 0.3 else "right" if way[0] < -0.3 else "center",
            va="bottom" if way[1] < -0.3 else "top" if way[1] > 0.3 else "center",
            bbox=around,
        )
