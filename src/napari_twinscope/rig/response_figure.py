"""Responses of units as a figure: over time, as maps of direction and time, and as polar tuning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import direction_color
from napari_twinscope.rig.figure_file import DARK_INK, INK, new_figure
from napari_twinscope.rig.layers import arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panel = Literal["psth", "map", "polar"]
PANELS: tuple[Panel, ...] = get_args(Panel)
"""The mean response over time, the map of direction and time, and tuning in polar form."""
_COLUMNS = 6
_WIDTH, _GAP = 1.6, 0.32  # inches
_HEIGHTS = {"psth": 1.3, "map": 1.1, "polar": 1.55}
_ROUND = 1.05  # diameter of polar panels, with room for the angles around
_LEFT, _TOP, _BOTTOM, _RIGHT = 0.75, 0.95, 0.55, 0.75
_SIGNED, _POSITIVE = "RdBu_r", "viridis"


def response_figure(
    mean: xr.Dataset,
    labels: Sequence[str],
    title: str,
    *,
    panels: Sequence[Panel] = PANELS,
    lines: Sequence[str] = (),
    emphasised: int | None = None,
    dark: bool = False,
) -> Figure:
    """Draw the mean response of some units to every stimulus.

    Parameters
    ----------
    mean
        From `psth.mean_response`: ``mean`` and ``sem``, dims (stimulus, direction, time), with directions
        in degrees and times in seconds; ``attrs`` ``units`` and ``non_finite``.
    labels
        What the stimuli are called.
    title
        The first line.
    panels
        What is drawn of each stimulus, of `PANELS`, from top to bottom.
    lines
        More lines below the title.
    emphasised
        Position of the direction that is drawn thick, with its standard error.
    dark
        Whether the background is black.

    Returns
    -------
    matplotlib.figure.Figure
        Panels of one kind have one scale. The radius of polar tuning is the response averaged over time;
        where it is negative the circle of zero is drawn.

    Raises
    ------
    InvalidInput
        If no unit has finite responses, or a panel is unknown.
    """
    unknown = set(panels) - set(PANELS)
    if unknown or not panels:
        raise InvalidInput("There is no such panel.", given=", ".join(unknown), needed=", ".join(PANELS))
    if not mean.attrs.get("units", 1) or not np.isfinite(mean["mean"].values).any():
        raise InvalidInput("There is no response to draw.", given="no unit with finite responses")
    order = np.argsort(mean["direction"].values.astype(float) % 360, kind="stable")
    mean = mean.isel(direction=order)  # around the circle, in whatever order they were shown
    emphasised = None if emphasised is None else int(np.flatnonzero(order == emphasised)[0])
    ink, scales = DARK_INK if dark else INK, _Scales(mean)
    if "polar" in panels:
        zero = "; the dashed circle is zero" if scales.radius[0] < 0 else ""
        lines = (*lines, f"Polar: response averaged over time{zero}.")
    count = mean.sizes["stimulus"]
    columns, rows = min(_COLUMNS, count), -(-count // _COLUMNS)
    block = sum(_HEIGHTS[panel] + _GAP for panel in panels) + 0.25
    top = _TOP + 0.19 * len(lines)
    width = _LEFT + columns * _WIDTH + (columns - 1) * _GAP + _RIGHT
    height = top + rows * block + _BOTTOM
    figure = new_figure(max(width, 5.0), height, dark)
    wide = max(width, 5.0)
    page = _Page(figure, wide, height, ink)
    page.write(0.25, 0.22, title, size=11, weight="bold")
    for number, line in enumerate(lines):
        page.write(0.25, 0.5 + 0.19 * number, line)
    directions = mean["direction"].values.astype(float)
    if len(directions) > 1:
        _draw_key(page, directions, 0.52 + 0.19 * len(lines))
    drawers = {"psth": _draw_psth, "map": _draw_map, "polar": _draw_polar}
    for place in range(count):
        row, column = divmod(place, _COLUMNS)
        left, down = _LEFT + column * (_WIDTH + _GAP), top + row * block
        page.write(left + _WIDTH / 2, down + 0.02, str(labels[place]), size=9, ha="center")
        down += 0.25
        for panel in panels:
            kind: Any = {"projection": "polar"} if panel == "polar" else {}
            size = (left, down, _WIDTH, _HEIGHTS[panel])
            if panel == "polar":
                size = (left + (_WIDTH - _ROUND) / 2, down + _HEIGHTS[panel] - _ROUND - 0.15, _ROUND, _ROUND)
            area = page.axes(*size, **kind)
            _dress(area, ink, first=column == 0, polar=panel == "polar")
            image = drawers[panel](area, mean.isel(stimulus=place), scales, emphasised, ink)
            last = place + _COLUMNS >= count
            if panel != "polar" and last and panel == [p for p in panels if p != "polar"][-1]:
                area.set_xlabel("time (s)", fontsize=8, color=ink)
            if column == 0 and panel != "polar":
                named = "activation (a.u.)" if panel == "psth" else "direction (°)"
                area.set_ylabel(named, fontsize=8, color=ink)
            if image is not None and column == columns - 1 and row == 0:
                bar = page.axes(left + _WIDTH + 0.12, down, 0.09, _HEIGHTS[panel])
                figure.colorbar(image, cax=bar)
                bar.tick_params(labelsize=7, colors=ink)
            down += _HEIGHTS[panel] + _GAP
    return figure


class _Page:
    """A figure in inches from the left and from the top."""

    def __init__(self, figure: Figure, width: float, height: float, ink: str) -> None:
        self.figure, self.width, self.height, self.ink = figure, width, height, ink

    def write(self, left: float, top: float, text: str, size: float = 8, **style: Any) -> None:
        """Write a text whose upper edge lies there."""
        self.figure.text(
            left / self.width, 1 - top / self.height, text, color=self.ink, fontsize=size, va="top", **style
        )

    def axes(self, left: float, top: float, width: float, height: float, **kind: Any) -> Axes:
        """Make axes there."""
        at = (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )
        return self.figure.add_axes(at, **kind)


class _Scales:
    """The scales that all panels of one kind share."""

    def __init__(self, mean: xr.Dataset) -> None:
        values, error = mean["mean"].values, mean["sem"].values
        low, high = float(np.nanmin(values - error)), float(np.nanmax(values + error))
        margin = 0.05 * (high - low) or 0.5
        self.time = (low - margin, high + margin)
        reach = float(np.nanmax(np.abs(values))) or 1.0
        self.signed = bool((values < 0).any())
        self.map = (-reach, reach) if self.signed else (0.0, reach)
        over_time = np.nanmean(values, axis=-1)
        furthest = float(np.nanmax(np.abs(over_time))) or 1.0
        self.radius = (min(float(np.nanmin(over_time)) * 1.25, 0.0), max(float(over_time.max()), 0) * 1.05)
        if self.radius[1] <= self.radius[0]:
            self.radius = (self.radius[0], self.radius[0] + furthest)


def _draw_psth(area: Axes, mean: xr.Dataset, scales: _Scales, emphasised: int | None, ink: str) -> None:
    times = mean["time"].values
    for place, direction in enumerate(mean["direction"].values):
        color = _hex(float(direction))
        values, error = mean["mean"].values[place], mean["sem"].values[place]
        thick = place == emphasised or mean.sizes["direction"] == 1
        if thick:
            area.fill_between(times, values - error, values + error, color=color, alpha=0.25, linewidth=0)
        area.plot(times, values, color=color, linewidth=1.8 if thick else 0.8, zorder=3 if thick else 2)
    area.axhline(0, color=ink, alpha=0.3, linewidth=0.5)
    area.set(ylim=scales.time, xlim=(float(times[0]), float(times[-1]) if len(times) > 1 else 1.0))


def _draw_map(area: Axes, mean: xr.Dataset, scales: _Scales, emphasised: int | None, ink: str) -> Any:
    del emphasised, ink
    times, directions = mean["time"].values, mean["direction"].values.astype(float)
    step = float(times[1] - times[0]) if len(times) > 1 else 1.0
    edges = np.append(times, times[-1] + step)
    rows = np.arange(len(directions) + 1) - 0.5
    image = area.pcolormesh(
        edges,
        rows,
        mean["mean"].values,
        cmap=_SIGNED if scales.signed else _POSITIVE,
        vmin=scales.map[0],
        vmax=scales.map[1],
        edgecolors="face",
        linewidth=0.1,  # else some viewers show gaps
    )
    shown = range(0, len(directions), 2 if len(directions) > 4 else 1)
    area.set_yticks(list(shown), [f"{directions[place]:g}" for place in shown])
    return image


def _draw_polar(area: Axes, mean: xr.Dataset, scales: _Scales, emphasised: int | None, ink: str) -> None:
    del emphasised
    angles = np.radians(mean["direction"].values.astype(float))
    over_time = mean["mean"].mean("time").values
    around = np.arange(len(angles) + 1) % len(angles)
    area.plot(angles[around], over_time[around], color=ink, linewidth=1.2, clip_on=False)
    for angle, value, direction in zip(angles, over_time, mean["direction"].values, strict=True):
        area.plot([angle], [value], "o", color=_hex(float(direction)), markersize=4, clip_on=False)
    area.set_ylim(*scales.radius)
    if scales.radius[0] < 0:
        circle = np.linspace(0, 2 * np.pi, 181)
        area.plot(circle, np.zeros_like(circle), color=ink, alpha=0.5, linewidth=0.6, linestyle="--")
    area.set_xticks(np.radians([0, 90, 180, 270]), ["0°", "90°", "180°", "270°"])
    area.set_yticks([scales.radius[1]], [f"{scales.radius[1]:.2g}"])


def _dress(area: Axes, ink: str, first: bool, polar: bool) -> None:
    area.set_facecolor("none")
    area.tick_params(labelsize=7, colors=ink, length=2, pad=1 if polar else 2)
    for name, spine in area.spines.items():
        spine.set(color=ink, alpha=0.5, linewidth=0.6)
        spine.set_visible(polar or name in ("left", "bottom"))
    if polar:
        area.grid(color=ink, alpha=0.2, linewidth=0.5)
    elif not first:
        area.tick_params(labelleft=False)


def _draw_key(page: _Page, directions: npt.NDArray[np.float64], down: float) -> None:
    left = 0.25
    for direction in directions:
        text = f"{arrow(float(direction))} {direction:g}°"
        page.figure.text(
            left / page.width, 1 - down / page.height, text, color=_hex(float(direction)), fontsize=8,
            va="top", weight="bold",
        )  # fmt: skip
        left += 0.085 * len(text) + 0.14


def _hex(direction: float) -> str:
    return "#{:02x}{:02x}{:02x}".format(*direction_color(direction))
