"""The figures of this folder, in colours that any colour vision tells apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

COLORS = {
    "network": "#0072B2",
    "control": "#E69F00",
    "printed": "#7F7F7F",
    "corrected": "#0072B2",
    "public code": "#D55E00",
    "random": "#7F7F7F",
}
LABELS = {
    "network": "this network",
    "control": "untrained control",
    "printed": "printed (uncertain)",
}
STIMULUS_COLORS = ("#0070C0", "#00B0F0", "#00B050", "#92D050", "#FF0000", "#FFC000")
"""Of the papers' figures, in the order of their classes."""
MARKERS = ("o", "s", "D", "^", "v")
PANELS = 5


@dataclass(frozen=True)
class Panel:
    """One measure by stage.

    Attributes
    ----------
    title
        Of the panel.
    series
        By name: values, or values with the lower and the upper end of their intervals, one a stage.
    chance
        A level at which there is nothing.
    logarithmic
        Whether the axis is.
    """

    title: str
    series: dict[str, Sequence[ArrayLike]]
    chance: float | None = None
    logarithmic: bool = False
    limits: tuple[float, float] | None = field(default=None)


def by_stage(names: Sequence[str], panels: Sequence[Panel], columns: int = 3) -> Figure:
    """Draw measures by stage, each in a panel, with intervals."""
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(3.1 * columns + 0.4, 2.5 * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    handles: dict[str, object] = {}
    for axis, panel in zip(axes, panels, strict=False):
        count = len(panel.series)
        for number, (name, given) in enumerate(panel.series.items()):
            value, lower, upper = _bounds(given)
            places = np.arange(len(names)) + 0.14 * (number - (count - 1) / 2)
            color = COLORS.get(name, f"C{number + 4}")
            axis.vlines(places, lower, upper, color=color, linewidth=1.4)
            (line,) = axis.plot(
                places, value, marker=MARKERS[number], color=color, markersize=4, linewidth=0.6, alpha=0.9
            )
            handles.setdefault(LABELS.get(name, name), line)
        if panel.chance is not None:
            axis.axhline(panel.chance, color="0.4", linestyle=(0, (1, 2)), linewidth=1)
        if panel.logarithmic:
            axis.set_yscale("log")
        if panel.limits:
            axis.set_ylim(*panel.limits)
        axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axis.tick_params(axis="y", which="both", labelsize=7)
        axis.set_title(panel.title, fontsize=9)
    for axis in axes[len(panels) :]:
        axis.remove()
    legend(figure, handles)
    return figure


def _bounds(given: Sequence[ArrayLike]) -> tuple[NDArray[np.float64], ...]:
    if len(given) == 3 and np.ndim(given[0]):
        return tuple(np.asarray(one, dtype=np.float64) for one in given)
    value = np.asarray(given, dtype=np.float64)
    return value, value, value


def distributions(
    names: Sequence[str], panels: dict[str, dict[str, list[NDArray[np.float64]]]], columns: int = 2
) -> Figure:
    """Draw the quartiles and the range from 5 to 95 % of the units of each stage, by measure and series."""
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(4.4 * columns + 0.3, 2.5 * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    handles: dict[str, object] = {}
    for axis, (title, series) in zip(axes, panels.items(), strict=False):
        for number, (name, stages) in enumerate(series.items()):
            places = np.arange(len(names)) + 0.26 * (number - (len(series) - 1) / 2)
            color = COLORS.get(name, f"C{number + 4}")
            ends = np.array(
                [
                    np.nanpercentile(one, [5, 25, 50, 75, 95]) if _known(one) else [np.nan] * 5
                    for one in stages
                ]
            )
            axis.vlines(places, ends[:, 0], ends[:, 4], color=color, linewidth=1)
            axis.vlines(places, ends[:, 1], ends[:, 3], color=color, linewidth=5, alpha=0.5)
            (line,) = axis.plot(places, ends[:, 2], marker=MARKERS[number], color=color, markersize=4, ls="")
            handles.setdefault(LABELS.get(name, name), line)
        axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axis.tick_params(axis="y", labelsize=8)
        axis.set_title(title, fontsize=9)
    for axis in axes[len(panels) :]:
        axis.remove()
    legend(figure, handles)
    return figure


def _known(values: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(values).any())


def grid(
    count: int, *, columns: int = PANELS, size: float = 2.0, solid: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels side by side, in three dimensions if `solid`."""
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(size * columns + 0.3, size * rows + 0.5), layout="constrained")
    kind = {"projection": "3d"} if solid else {}
    axes = [figure.add_subplot(rows, columns, place + 1, **kind) for place in range(count)]
    return figure, axes


def legend(figure: Figure, handles: dict[str, object], columns: int = 6) -> None:
    """Put a legend above the panels, unless there is one thing only."""
    if len(handles) > 1:
        figure.legend(
            handles.values(), handles, loc="outside upper center", ncols=columns, fontsize=8, frameon=False
        )


def bare(axis: Axes) -> None:
    """Take ticks and labels off a panel in three dimensions."""
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_zticks([])


def matrix(
    axis: Axes, values: NDArray[np.float64], names: Sequence[str], title: str, *, alike_high: bool
) -> None:
    """Draw a matrix of stages against one another with its numbers, dark where they are alike."""
    image = axis.imshow(values, cmap="cividis_r" if alike_high else "cividis", interpolation="nearest")
    axis.set_facecolor("0.9")
    for place in np.ndindex(values.shape):
        value = values[place]
        text = f"{value:.2f}".replace("0.", ".", 1) if np.isfinite(value) else "–"
        light = np.isfinite(value) and sum(image.cmap(image.norm(value))[:3]) > 1.5
        axis.text(*place[::-1], text, ha="center", va="center", fontsize=5.5, color="k" if light else "w")
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.set_title(title, fontsize=9)
