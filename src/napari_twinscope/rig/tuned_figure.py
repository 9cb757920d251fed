"""Response maps and tuning curves of the selected units as figures of a given width, or as parts of one."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.rig.colors import direction_color
from napari_twinscope.rig.figure_file import INK, new_figure
from napari_twinscope.rig.gallery_layout import even_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from napari_twinscope.rig.response_maps import ResponseMap, ResponseMaps
    from napari_twinscope.rig.tuning_curves import TuningCurve, TuningCurves

COLUMNS = 6
_NARROWEST = {"map": 1.15, "tuning": 1.35}  # inches that a panel needs
_HEIGHT = {"map": 1.35, "tuning": 2.2}
_ABOVE, _BESIDE = 0.55, 0.95
_LETTER = 0.078  # inches
_NOTE = 22  # letters that fit below a panel
_COLORS = {"sequential": "viridis", "diverging": "RdBu_r"}


def map_figure(
    maps: ResponseMaps, labels: Sequence[str], times: npt.NDArray[np.float64], width: float
) -> Figure:
    """Draw maps of direction against time: a row for each unit, or the mean, and a column a stimulus.

    Parameters
    ----------
    maps
        From `response_maps`.
    labels
        What the stimuli are called.
    times
        Seconds of the frames, ascending.
    width
        In inches; more is taken where the panels would be too narrow to read.

    Returns
    -------
    matplotlib.figure.Figure
        All panels have one range of colours. Directions run upwards; where a map was rolled they are
        degrees from the preferred direction, which the panel's title tells.
    """
    figure = _page(*map_size(maps, len(labels), width))
    draw_maps(figure, maps, labels, times, width)
    return figure


def draw_maps(
    figure: Figure | SubFigure,
    maps: ResponseMaps,
    labels: Sequence[str],
    times: npt.NDArray[np.float64],
    width: float,
) -> None:
    """Draw what `map_figure` draws into an empty figure or a part of one, of `map_size`."""
    count, columns = len(labels), _columns("map", len(labels), width)
    areas = panel_grid(figure, len(maps.panels), count, columns)
    for number, area in enumerate(areas):
        unit, stimulus = divmod(number, count)
        shown = maps.panels[unit][stimulus]
        begins = stimulus % columns == 0
        labelled = begins or shown.angles != maps.panels[unit][stimulus - 1].angles
        image = _draw_map(area, shown, times, maps, labelled)
        preferred = "" if shown.preferred is None else f"\npreferred {shown.preferred:g}°"
        room = int((width - _BESIDE) / columns / _LETTER)
        name = textwrap.fill(labels[stimulus], room, break_long_words=False)
        area.set_title(f"{name}{preferred}", fontsize=8, color=INK)
        if begins:
            what = "from preferred (°)" if shown.preferred is not None else "direction (°)"
            named = "" if maps.is_mean else f"{maps.names[unit]}\n"
            area.set_ylabel(f"{named}{what}", fontsize=7.5, color=INK)
        if number >= len(areas) - columns:
            area.set_xlabel("time (s)", fontsize=8, color=INK)
    bar = figure.colorbar(image, ax=areas, fraction=0.02, pad=0.01)
    bar.set_label("activation (a.u.)", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=7)
    several = f"Mean of {maps.units} units" if maps.is_mean else "Units one by one"
    _entitle(figure, "One unit" if len(maps.names) == 1 else several, maps.non_finite)


def map_size(maps: ResponseMaps, count: int, width: float) -> tuple[float, float]:
    """Return width and height in inches of the maps for a number of stimuli; see `map_figure`."""
    return _size("map", len(maps.panels), count, width)


def tuning_figure(curves: TuningCurves, labels: Sequence[str], width: float) -> Figure:
    """Draw tuning curves in polar form, one for each stimulus, with what they prefer.

    Parameters
    ----------
    curves
        From `tuning_curves`.
    labels
        What the stimuli are called.
    width
        In inches, as of `map_figure`.

    Returns
    -------
    matplotlib.figure.Figure
        The radius is the response averaged over time, on one scale; 0 degrees is rightwards, 90 upwards.
        Thin lines are single units; the dashed radius is the preferred direction, the angle of the mean
        response vector. The numbers are those of the mean, and below them medians over the units.
    """
    figure = _page(*tuning_size(len(labels), width))
    draw_tuning(figure, curves, labels, width)
    return figure


def draw_tuning(
    figure: Figure | SubFigure, curves: TuningCurves, labels: Sequence[str], width: float
) -> None:
    """Draw what `tuning_figure` draws into an empty figure or a part of one, of `tuning_size`."""
    areas = panel_grid(figure, 1, len(labels), _columns("tuning", len(labels), width), "polar")
    reach = curves.highest or 1.0
    for label, curve, area in zip(labels, curves.curves, areas, strict=True):
        _draw_tuning(area, curve, reach)
        area.set_title(label, fontsize=8, color=INK)
        area.set_xlabel(_in_words(curve, several=curves.units > 1), fontsize=7.5, color=INK)
    several = f"Mean of {curves.units} units (shade: ± s.e.m.), and medians over units"
    what = "One unit" if curves.units == 1 else several
    zero = ", negative as zero" if curves.rectified else ""
    _entitle(figure, f"{what}; radius: mean over time (a.u.){zero}", curves.non_finite)


def tuning_size(count: int, width: float) -> tuple[float, float]:
    """Return width and height in inches of tuning curves for a number of stimuli; see `tuning_figure`."""
    return _size("tuning", 1, count, width)


def _columns(kind: str, count: int, width: float) -> int:
    """Return how many panels side by side can be read in a width, with rows as even as they can be."""
    return even_columns(count, int(np.clip((width - _BESIDE) // _NARROWEST[kind], 1, COLUMNS)))


def _size(kind: str, blocks: int, count: int, width: float) -> tuple[float, float]:
    columns = _columns(kind, count, width)
    rows = -(-count // columns)
    return max(width, columns * _NARROWEST[kind] + _BESIDE), blocks * rows * _HEIGHT[kind] + _ABOVE


def _page(width: float, height: float) -> Figure:
    figure = new_figure(width, height)
    figure.set_layout_engine("constrained")
    return figure


def panel_grid(
    figure: Figure | SubFigure, blocks: int, count: int, columns: int, projection: str | None = None
) -> list[Axes]:
    """Return some panels for each block, which begins a new row, in the order of reading."""
    rows = -(-count // columns)
    grid = figure.add_gridspec(blocks * rows, columns)
    areas = []
    for block in range(blocks):
        for place in range(count):
            row, column = divmod(place, columns)
            areas.append(figure.add_subplot(grid[block * rows + row, column], projection=projection))
            areas[-1].tick_params(labelsize=7, pad=1)
    return areas


def settle(figure: Figure) -> None:
    """Lay a figure out; polar panels, which stay round, need it more than once, else texts are cut off."""
    engine = figure.get_layout_engine()
    if engine is not None:
        for _ in range(2):
            engine.execute(figure)


def _entitle(figure: Figure | SubFigure, what: str, lost: int) -> None:
    left_out = f"; {lost} with missing responses left out" if lost else ""
    room = int(figure.bbox.width / figure.dpi / _LETTER)
    figure.suptitle(textwrap.fill(f"{what}{left_out}", room), x=0.01, ha="left", fontsize=9, color=INK)


def _draw_map(
    area: Axes,
    shown: ResponseMap,
    times: npt.NDArray[np.float64],
    maps: ResponseMaps,
    labelled: bool,
) -> Any:
    step = float(times[1] - times[0]) if len(times) > 1 else 1.0
    rows = len(shown.values)
    image = area.imshow(
        shown.values,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(float(times[0]), float(times[-1]) + step, -0.5, rows - 0.5),
        cmap=_COLORS[maps.style.colormap],
        vmin=maps.style.limits[0],
        vmax=maps.style.limits[1],
    )
    ticks = range(0, rows, 2 if rows > 4 else 1)
    area.set_yticks(list(ticks), [f"{shown.angles[row]:g}".replace("-", "−") for row in ticks])
    area.tick_params(labelleft=labelled)
    return image


def _draw_tuning(area: Axes, curve: TuningCurve, reach: float) -> None:
    angles = np.radians(curve.angles)
    around = np.arange(len(angles) + 1) % len(angles)
    many = len(curve.units) > 1
    for unit in curve.units if many else ():
        area.plot(angles[around], unit[around], color="#888888", linewidth=0.7)
    area.plot(angles[around], curve.mean[around], color="#0072B2", linewidth=1.6)
    low, high = np.maximum(curve.mean - curve.sem, 0)[around], (curve.mean + curve.sem)[around]
    area.fill_between(angles[around], low, high, color="#0072B2", alpha=0.25, linewidth=0)
    for angle, value, degrees in zip(angles, curve.mean, curve.angles, strict=True):
        color = "#{:02x}{:02x}{:02x}".format(*direction_color(float(degrees)))
        area.plot([angle], [value], "o", color=color, markersize=4, clip_on=False)
    if np.isfinite(curve.preferred_direction):
        toward = np.radians(curve.preferred_direction)
        area.plot([toward, toward], [0, reach], color="#D55E00", linewidth=1.0, linestyle="--")
    area.set_ylim(0, reach * 1.05)
    area.set_xticks(np.radians([0, 90, 180, 270]), ["0°", "90°", "180°", "270°"])
    area.set_yticks([reach], [f"{reach:.2g}"])
    area.grid(color="#888888", alpha=0.3, linewidth=0.5)


def _in_words(curve: TuningCurve, several: bool) -> str:
    if curve.note:
        return textwrap.fill(curve.note, _NOTE)
    none = np.isnan(curve.preferred_direction)
    preferred = "no preferred direction" if none else f"prefers {curve.preferred_direction:.0f}°"
    lines = [preferred, f"DSI {curve.dsi:.2f}   OSI {curve.osi:.2f}"]
    if several:  # of units that prefer different directions the mean is not selective
        lines.append(f"units: DSI {curve.units_dsi:.2f}   OSI {curve.units_osi:.2f}")
    return "\n".join(lines)
