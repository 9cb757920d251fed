"""A cloud of units as a figure: what the 3D canvas shows from its camera, as vectors."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import figure_legend
from napari_twinscope.rig.figure_file import DARK_INK, DARK_PAPER, INK, PAPER, new_figure
from napari_twinscope.rig.projection import depths, project

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.colors import RGBA, Legend
    from napari_twinscope.rig.point_style import ScaleLegend
    from napari_twinscope.rig.projection import View

_EDGE, _LINE, _TITLE = 0.2, 0.19, 0.26  # inches
_TRIAD = 0.075  # length of an axis, as a part of the canvas's diagonal
_RING = 0.16  # width of a group's ring, as a part of a point's diameter
SCREEN_DPI = 96.0
"""At how many pixels per inch a canvas becomes a figure."""


@dataclass(frozen=True, eq=False)
class ManifoldPicture:
    """What is drawn of the units of a stage; `session_picture` makes it of a session.

    Parameters
    ----------
    points
        float64 [units, 3], first to third axis; NaN for units that are not shown.
    labels
        Names of the three axes.
    colors
        float32 [units, 4], red, green, blue and opacity from 0 to 1, as on the canvas.
    diameters
        float64 [units], in the units of the coordinates.
    title
        The first line.
    lines
        More of it, as the preset, and what must be known about the cloud.
    legend
        What the colours mean.
    hollow
        bool [units], drawn as rings; none if not given.
    groups
        Name, colour and members, bool [units], of each named group; members have a ring of that colour.
    scales
        What size and opacity mean, by what they are called.
    """

    points: npt.NDArray[np.float64]
    labels: tuple[str, str, str]
    colors: RGBA
    diameters: npt.NDArray[np.float64]
    title: str
    lines: tuple[str, ...] = ()
    legend: Legend | None = None
    hollow: npt.NDArray[np.bool_] | None = None
    groups: tuple[tuple[str, str, npt.NDArray[np.bool_]], ...] = ()
    scales: tuple[tuple[str, ScaleLegend], ...] = ()

    @property
    def world(self) -> npt.NDArray[np.float64]:
        """The points in the order of napari's displayed axes, where the last runs rightwards."""
        return self.points[:, ::-1]


def manifold_figure(
    picture: ManifoldPicture, view: View, *, width: float | None = None, dark: bool = False
) -> Figure:
    """Draw units as a camera sees them, the farthest first, with axes, legends and a title.

    Parameters
    ----------
    picture
        The units.
    view
        Camera and canvas. What the canvas shows is what the figure shows: the same section at the same
        ratio of the sides.
    width
        In inches; that of the canvas at `SCREEN_DPI` if not given.
    dark
        Whether the background is black, as on napari's canvas; else it is white.

    Returns
    -------
    matplotlib.figure.Figure
        The points are one collection with the identifier ``units``, in the order in which they are drawn.

    Raises
    ------
    InvalidInput
        If no unit has a place, or none lies before the camera.
    """
    drawn, places, diameters = _drawn(picture, view)
    width = max(view.size[0] / SCREEN_DPI if width is None else width, 3.0)
    per_pixel = (width - 2 * _EDGE) / view.size[0]  # inches
    title = textwrap.wrap(picture.title, max(int((width - 2 * _EDGE) / 0.1), 16))
    lines = _wrapped((*picture.lines, *_outside(places, view)), width)
    entries = _legend_parts(picture)
    below = figure_legend.height(entries, width - 2 * _EDGE)
    above = _EDGE + _TITLE * len(title) + _LINE * len(lines) + 0.1
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
    _draw_points(area, picture, drawn, places, diameters * per_pixel * 72)
    _draw_triad(area, picture.labels, view, ink, DARK_PAPER if dark else PAPER)
    left, top = _EDGE / width, 1 - _EDGE / height
    for line in title:
        figure.text(left, top, line, color=ink, va="top", fontsize=11, weight="bold")
        top -= _TITLE / height
    for line in lines:
        figure.text(left, top, line, color=ink, va="top", fontsize=8)
        top -= _LINE / height
    figure_legend.draw(figure, entries, _EDGE, _EDGE + below, ink)
    return figure


def _drawn(
    picture: ManifoldPicture, view: View
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return which units are drawn, in their order, where (pixels), and how large (pixels)."""
    there = np.flatnonzero(np.isfinite(picture.points).all(axis=1))
    if not len(there):
        raise InvalidInput(
            "There is no unit to draw.",
            given=f"{len(picture.points)} units, none of which has a place on the manifold",
            remedy="show another stage or manifold",
        )
    world = picture.world[there]
    places, behind = project(world, view), depths(world, view)
    seen = np.isfinite(places).all(axis=1)
    if not seen.any():
        raise InvalidInput("All units lie behind the camera.", remedy="reset the view")
    # the farthest first; those equally far as they were recorded
    order = np.flatnonzero(seen)[np.argsort(-behind[seen], kind="stable")]
    drawn = there[order]
    return drawn, places[order], picture.diameters[drawn] * view.scale(behind[order])


def _draw_points(
    area: Axes,
    picture: ManifoldPicture,
    drawn: npt.NDArray[np.intp],
    places: npt.NDArray[np.float64],
    diameters: npt.NDArray[np.float64],
) -> None:
    faces = np.array(picture.colors[drawn], np.float64)
    edges = np.zeros_like(faces)
    widths = np.zeros(len(drawn))
    if picture.hollow is not None:
        rings = picture.hollow[drawn]
        edges[rings] = faces[rings]
        faces[rings, 3] = 0.0
        widths[rings] = 1.4 * _RING * diameters[rings]
    for _, color, members in picture.groups:
        from matplotlib.colors import to_rgba

        inside = members[drawn]
        edges[inside] = to_rgba(color)
        widths[inside] = np.maximum(_RING * diameters[inside], 0.7)
    sizes = diameters**2
    same = len(sizes) > 0 and float(np.ptp(sizes)) <= 1e-9 * float(sizes.max())
    points = area.scatter(
        places[:, 0],
        places[:, 1],
        s=float(sizes[0]) if same else sizes,  # one shape for all where they are all alike
        c=faces,
        edgecolors="none",
        linewidths=0.0,
    )
    if widths.any():
        points.set_edgecolor(list(map(tuple, edges)))
        points.set_linewidth(widths.tolist())
    points.set_gid("units")


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


def _legend_parts(picture: ManifoldPicture) -> list[figure_legend.Part]:
    parts: list[figure_legend.Part] = [] if picture.legend is None else [figure_legend.colors(picture.legend)]
    parts += [figure_legend.scale(name, found) for name, found in picture.scales]
    if picture.groups:
        parts.append(figure_legend.groups(picture.groups))
    return parts


def _outside(places: npt.NDArray[np.float64], view: View) -> tuple[str, ...]:
    beyond = ((places < 0) | (places > view.size)).any(axis=1)
    count = int(np.count_nonzero(beyond))
    return (f"{count} units lie outside this section.",) if count else ()


def _wrapped(lines: tuple[str, ...], width: float) -> list[str]:
    room = max(int((width - 2 * _EDGE) / 0.066), 20)
    return [part for line in lines for part in textwrap.wrap(line, room)]
