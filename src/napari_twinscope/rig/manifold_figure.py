"""A cloud of units as a figure: what the 3D canvas shows from its camera, as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig import figure_legend
from napari_twinscope.rig.camera_figure import camera_figure
from napari_twinscope.rig.projection import depths, project

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.colors import RGBA, Legend
    from napari_twinscope.rig.point_style import ScaleLegend
    from napari_twinscope.rig.projection import View

_RING = 0.16  # width of a group's ring, as a part of a point's diameter


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
        In inches; that of the canvas at `camera_figure.SCREEN_DPI` if not given.
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
    figure, area, per_pixel = camera_figure(
        picture.title,
        (*picture.lines, *_outside(places, view)),
        _legend_parts(picture),
        picture.labels,
        view,
        width=width,
        dark=dark,
    )
    _draw_points(area, picture, drawn, places, diameters * per_pixel)
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
