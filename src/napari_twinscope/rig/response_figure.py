"""Responses of the selected units as one figure: over time, and as the dock shows maps and tuning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import direction_color, hex_rgba
from napari_twinscope.rig.figure_file import DARK_INK, DARK_PAPER, INK, PAPER, new_figure
from napari_twinscope.rig.figure_pixels import dress
from napari_twinscope.rig.layers import arrow
from napari_twinscope.rig.psth import mean_response
from napari_twinscope.rig.response_maps import response_maps
from napari_twinscope.rig.tuned_figure import (
    COLUMNS,
    draw_maps,
    draw_tuning,
    map_size,
    panel_grid,
    settle,
    tuning_size,
)
from napari_twinscope.rig.tuning_curves import tuning_curves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from napari_twinscope.rig.selected_responses import SelectedResponses

Panel = Literal["psth", "map", "polar"]
PANELS: tuple[Panel, ...] = get_args(Panel)
"""The mean response over time, the maps of direction and time, and tuning in polar form."""
_WIDTH, _BESIDE, _NARROWEST = 1.75, 1.2, 6.0  # inches of a panel, beside all of them, and at least
_ABOVE, _BELOW, _PSTH = 0.3, 0.2, 1.45
_LINE, _TITLE = 0.19, 0.34


def response_figure(
    shown: SelectedResponses,
    title: str,
    *,
    panels: Sequence[Panel] = PANELS,
    lines: Sequence[str] = (),
    emphasised: int | None = None,
    dark: bool = False,
) -> Figure:
    """Draw the responses of some units to every stimulus.

    Parameters
    ----------
    shown
        The units, their responses and what the stimuli are called.
    title
        The first line.
    panels
        What is drawn of each stimulus, of `PANELS`, from top to bottom.
    lines
        More lines below the title.
    emphasised
        Position of the direction that is drawn thick over time, with its standard error.
    dark
        Whether the background is black.

    Returns
    -------
    matplotlib.figure.Figure
        Over time the mean on one scale; maps and tuning curves as of `tuned_figure.map_figure` and
        `tuned_figure.tuning_figure`, which the dock shows too.

    Raises
    ------
    InvalidInput
        If no unit has finite responses, or a panel is unknown.
    """
    unknown = set(panels) - set(PANELS)
    if unknown or not panels:
        raise InvalidInput("There is no such panel.", given=", ".join(unknown), needed=", ".join(PANELS))
    mean = mean_response(shown.responses, shown.units)
    if not np.isfinite(mean["mean"].values).any():
        raise InvalidInput("There is no response to draw.", given="no unit with finite responses")
    count = len(shown.labels)
    width = max(min(COLUMNS, count) * _WIDTH + _BESIDE, _NARROWEST)
    sections = [_section(panel, shown, mean, emphasised, width) for panel in panels]
    heading = _TITLE + _LINE * (len(lines) + 1) + 0.12
    heights = [heading, *(height for height, _ in sections)]
    figure = new_figure(width, sum(heights), dark)
    figure.set_layout_engine("constrained", hspace=0.0, h_pad=0.08)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (_, draw) in zip(parts[1:], sections, strict=True):
        draw(part)
    ink, paper = (DARK_INK, DARK_PAPER) if dark else (INK, PAPER)
    dress(figure, hex_rgba(ink)[:3], hex_rgba(paper)[:3])
    _entitle(parts[0], title, lines, mean["direction"].values.tolist(), heading, width, ink)
    settle(figure)
    figure.set_layout_engine("none")  # laid out once more when it is saved, panels would shrink to nothing
    return figure


def _section(
    panel: Panel, shown: SelectedResponses, mean: xr.Dataset, emphasised: int | None, width: float
) -> tuple[float, Callable[[SubFigure], None]]:
    """Return the height of a kind of panels in inches, and what draws them."""
    labels = shown.labels
    if panel == "map":
        maps = response_maps(shown.responses, shown.units, shown.ids, shown.directional)
        height = map_size(maps, len(labels), width)[1]
        return height, lambda part: draw_maps(part, maps, labels, shown.times, width)
    if panel == "polar":
        curves = tuning_curves(shown.responses, shown.units, shown.directional)
        return tuning_size(len(labels), width)[1], lambda part: draw_tuning(part, curves, labels, width)
    rows = -(-len(labels) // COLUMNS)
    height = rows * _PSTH + _ABOVE + _BELOW
    return height, lambda part: _draw_psths(part, shown, mean, emphasised)


def _draw_psths(part: SubFigure, shown: SelectedResponses, mean: xr.Dataset, emphasised: int | None) -> None:
    columns = min(COLUMNS, len(shown.labels))
    areas = panel_grid(part, 1, len(shown.labels), columns)
    values, error = mean["mean"].values, mean["sem"].values
    low, high = float(np.nanmin(values - error)), float(np.nanmax(values + error))
    margin = 0.05 * (high - low) or 0.5
    for place, area in enumerate(areas):
        _draw_psth(area, mean.isel(stimulus=place), shown, emphasised)
        area.set(ylim=(low - margin, high + margin))
        area.set_title(shown.labels[place], fontsize=8)
        area.spines[["top", "right"]].set_visible(False)
        if place % columns == 0:
            area.set_ylabel("activation (a.u.)", fontsize=8)
        area.tick_params(labelleft=place % columns == 0)
        if place >= len(areas) - columns:
            area.set_xlabel("time (s)", fontsize=8)
    count, lost = int(mean.attrs["units"]), int(mean.attrs["non_finite"])
    what = f"Mean of {count} units over time" if count > 1 else "One unit over time"
    shade = " (shade: ± s.e.m., at the direction under the slider)" if count > 1 else ""
    left_out = f"; {lost} with missing responses left out" if lost else ""
    part.suptitle(f"{what}{shade}{left_out}", x=0.01, ha="left", fontsize=9)


def _draw_psth(area: Axes, mean: xr.Dataset, shown: SelectedResponses, emphasised: int | None) -> None:
    times = shown.times
    for place, direction in enumerate(mean["direction"].values):
        color = _hex(float(direction))
        values, error = mean["mean"].values[place], mean["sem"].values[place]
        thick = place == emphasised or mean.sizes["direction"] == 1
        if thick:
            area.fill_between(times, values - error, values + error, color=color, alpha=0.25, linewidth=0)
        area.plot(times, values, color=color, linewidth=1.8 if thick else 0.8, zorder=3 if thick else 2)
    area.axhline(0, color="#888888", alpha=0.5, linewidth=0.5)
    area.set(xlim=(float(times[0]), float(times[-1]) if len(times) > 1 else 1.0))


def _entitle(
    part: SubFigure,
    title: str,
    lines: Sequence[str],
    directions: Sequence[float],
    height: float,
    width: float,
    ink: str,
) -> None:
    """Write the title, further lines and the colours of directions, each in a line."""
    left, top = 0.12, 0.1
    part.text(left / width, 1 - top / height, title, color=ink, fontsize=11, weight="bold", va="top")
    top += _TITLE - 0.06
    for line in lines:
        part.text(left / width, 1 - top / height, line, color=ink, fontsize=8, va="top")
        top += _LINE
    if len(directions) < 2:
        return
    for direction in sorted(float(angle) % 360 for angle in directions):
        text = f"{arrow(direction)} {direction:g}°"
        color = _hex(direction)
        part.text(left / width, 1 - top / height, text, color=color, fontsize=8, weight="bold", va="top")
        left += 0.085 * len(text) + 0.14


def _hex(direction: float) -> str:
    return "#{:02x}{:02x}{:02x}".format(*direction_color(direction))
