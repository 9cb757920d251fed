"""Feature maps with their units at one frame, as a figure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.feature_maps import (
    BY_NUMBER,
    activations,
    feature_maps,
    map_pixels,
    moment_text,
)
from napari_twinscope.rig.figure_file import DARK_INK, INK, new_figure
from napari_twinscope.rig.gallery_layout import GalleryLayout
from napari_twinscope.rig.maps import MapChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.colors import RGBA
    from napari_twinscope.rig.feature_maps import FeatureMaps
    from napari_twinscope.rig.map_source import MapSource
    from napari_twinscope.rig.session import Session

_COLUMNS = 5
_WIDTH, _GAP, _TITLE = 1.4, 0.12, 0.2  # inches
_EDGE, _TOP, _BOTTOM, _LINE = 0.25, 0.5, 0.65, 0.19
_NARROWEST = 4.2
DOT = 1.9  # points across, of a unit that is not selected


def feature_map_figure(
    shown: FeatureMaps,
    values: npt.NDArray[np.float32],
    colors: RGBA,
    lines: Sequence[str] = (),
    *,
    dark: bool = False,
) -> Figure:
    """Draw all feature maps side by side, with a ring around each selected unit and a dot on each other.

    Parameters
    ----------
    shown
        The maps.
    values
        float32 [maps, rows, columns], their activation at one frame.
    colors
        float32 [units of the stage, 4], of the rings.
    lines
        What is said below the title.
    dark
        Whether the background is black.

    Returns
    -------
    matplotlib.figure.Figure
        Its first axes hold all maps, in inches from the upper left corner of the first.
    """
    ink = DARK_INK if dark else INK
    columns = min(_COLUMNS, len(shown.maps))
    layout = GalleryLayout(
        columns, -(-len(shown.maps) // columns), _WIDTH, _WIDTH * shown.aspect, _TITLE, _GAP
    )
    wide = columns * (_WIDTH + _GAP) - _GAP
    tall = layout.rows * (layout.title + layout.height + _GAP) - _GAP
    width = max(wide + 2 * _EDGE, _NARROWEST)
    rule = (
        f"Each map on its grid of {shown.grid[0]} × {shown.grid[1]} cells, over grey; limits of the colours: "
        f"{shown.style.rule}, rounded up."
    )
    room = int((width - 2 * _EDGE) / 0.066)
    said = [part for line in (*lines, rule) for part in textwrap.wrap(line, room)]
    heading = textwrap.wrap(shown.title, int(room * 0.78))
    top = _TOP + _LINE * (len(said) + len(heading) - 1)
    height = top + tall + _BOTTOM
    figure = new_figure(width, height, dark)
    for number, line in enumerate((*heading, *said)):
        size, weight = (10, "bold") if number < len(heading) else (8, "normal")
        down = 0.2 + number * _LINE
        figure.text(_EDGE / width, 1 - down / height, line, color=ink, fontsize=size, weight=weight, va="top")
    area = figure.add_axes((_EDGE / width, _BOTTOM / height, wide / width, tall / height))
    for place, (one, pixels) in enumerate(zip(shown.maps, map_pixels(values, shown.style), strict=True)):
        left, down = layout.corner(place)
        area.imshow(
            pixels,
            extent=(left, left + layout.width, down + layout.height, down),
            interpolation="none",
            aspect="auto",
        )
        area.text(left, down - 0.05, one.title, color=ink, fontsize=7.5)
        if len(one.others):
            _draw_dots(area, layout.cells(place, one.other_cells, shown.grid))
        if len(one.units):
            cells = layout.cells(place, one.cells, shown.grid)
            _draw_rings(area, cells, colors[one.units], layout.width / shown.grid[1])
    area.set(xlim=(0, wide), ylim=(tall, 0))
    area.set_axis_off()
    _draw_bar(figure, shown, ink)
    return figure


def session_feature_maps(
    session: Session,
    source: MapSource | None,
    order: str = BY_NUMBER,
    *,
    every: bool = False,
    compute: bool = False,
    dark: bool = False,
) -> tuple[Figure, str]:
    """Draw the feature maps that a session's selection lies on, at the frame it shows.

    Parameters
    ----------
    session
        With a recording.
    source
        Holds the maps.
    order, every, dark
        As of `feature_maps` and `feature_map_figure`.
    compute
        Whether maps that the source lacks are computed here, which may take a while.

    Returns
    -------
    figure, title

    Raises
    ------
    InvalidInput
        As `feature_maps`, or if the maps are not in memory and are not to be computed.
    TwinscopeError
        As `MapSource.compute`.
    """
    recording, shown = session.require_recording(), feature_maps(session, source, order, every=every)
    needed = MapChoice(shown.stage, channel=0)
    if compute and source is not None and source.lacks(needed, session.condition, False):
        source.keep(source.compute(needed, session.condition, False))
    values = activations(source, shown.stage, shown.maps, session.condition, session.frame)
    if values is None:
        raise InvalidInput(
            "The feature maps are not computed yet.",
            given=moment_text(session, shown),
            remedy="open the dock Feature maps, and wait until they are there",
        )
    lines = [f"{recording.name} · {moment_text(session, shown)}"]
    if recording.status:
        lines.append(f"Recorded from a {recording.status} twin.")
    rings = f"Rings: selected units, coloured by {session.measure}. " if shown.selected else ""
    lines.append(f"{rings}Dots: recorded units{' that are not selected' if shown.selected else ''}.")
    return feature_map_figure(shown, values, session.colors()[0], lines, dark=dark), shown.title


def _draw_dots(area: Axes, cells: npt.NDArray[np.float64]) -> None:
    area.scatter(cells[:, 0], cells[:, 1], s=DOT**2, facecolors="white", edgecolors="black", linewidths=0.4)


def _draw_rings(area: Axes, cells: npt.NDArray[np.float64], colors: RGBA, cell: float) -> None:
    size = (72 * cell * 1.7) ** 2  # points
    for edges, wide in ((["black"], 2.2), (["white"], 1.8), (list(map(tuple, colors)), 1.0)):
        area.scatter(cells[:, 0], cells[:, 1], s=size, facecolors="none", edgecolors=edges, linewidths=wide)


def _draw_bar(figure: Figure, shown: FeatureMaps, ink: str) -> None:
    width, height = (float(inches) for inches in figure.get_size_inches())
    area = figure.add_axes((_EDGE / width, 0.32 / height, 1.9 / width, 0.11 / height))
    low, high = shown.style.limits
    pixels = map_pixels(np.linspace(low, high, 256)[None], shown.style)
    area.imshow(pixels, aspect="auto", extent=(low, high, 0.0, 1.0), interpolation="none")
    area.set_yticks([])
    area.set_xticks([low, *([0.0] if low < 0 < high else []), high])
    area.tick_params(labelsize=7, colors=ink, length=2)
    for spine in area.spines.values():
        spine.set(color=ink, alpha=0.5, linewidth=0.5)
    figure.text((_EDGE + 2.05) / width, 0.33 / height, "activation (a.u.)", color=ink, fontsize=7)
