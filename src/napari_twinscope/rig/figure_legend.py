"""The legends below a figure: a colour bar, named colours, sizes and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.rig.colors import MISSING, colormap, cyclic_colors
from napari_twinscope.rig.point_style import OPACITIES, SIZES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.figure import Figure

    from napari_twinscope.rig.colors import Legend
    from napari_twinscope.rig.point_style import ScaleLegend

    Color = str | tuple[float, float, float, float]

_LINE, _GAP = 0.2, 0.1  # inches
_LETTER = 0.072  # how wide a letter is, at 8 points
_DOT = 6.5  # diameter in points
_BAR = 1.7  # inches
_STEPS = 64


@dataclass(frozen=True)
class Entry:
    """A mark and what it means: colours of face and edge, diameter in points."""

    text: str
    face: Color
    edge: Color = "none"
    diameter: float = _DOT


@dataclass(frozen=True)
class Part:
    """A title, and below it a colour bar or marks with their meaning.

    Parameters
    ----------
    title
        What is shown.
    entries
        The marks; beside the bar if there is one.
    bar
        The texts at its two ends, and whether its colours come back to the first.
    """

    title: str
    entries: tuple[Entry, ...] = ()
    bar: tuple[str, str, bool] | None = None

    def columns(self, width: float) -> int:
        """Return how many entries stand side by side, within a width in inches."""
        longest = max((len(entry.text) for entry in self.entries), default=1)
        return max(int(width / (longest * _LETTER + 0.35)), 1)

    def height(self, width: float) -> float:
        """Return the height in inches."""
        rows = 1 if self.bar is not None else -(-len(self.entries) // self.columns(width))
        return _LINE * (1 + rows) + _GAP


def colors(legend: Legend) -> Part:
    """Return the legend of colours."""
    missing = (Entry(f"{legend.missing_name} ({legend.missing})", MISSING),) if legend.missing else ()
    if legend.limits is None:
        return Part(legend.title, (*missing, *(Entry(name, color) for name, color in legend.entries)))
    low, high = (f"{value:.3g}" for value in legend.limits)
    ends = f"≤ {low}" if legend.beyond[0] else low, f"≥ {high}" if legend.beyond[1] else high
    return Part(legend.title, missing, (*ends, legend.cyclic))


def scale(name: str, found: ScaleLegend) -> Part:
    """Return the legend of sizes (``"Size"``) or opacities (``"Opacity"``)."""
    grey = (0.5, 0.5, 0.5, 1.0)
    entries = []
    if found.limits is not None:
        for end, text in enumerate(found.ends):
            by_size = name == "Size"
            opacity = 1.0 if by_size else OPACITIES[end]
            entries.append(Entry(text, (*grey[:3], opacity), diameter=_DOT * (SIZES[end] if by_size else 1)))
    if found.missing:
        entries.append(Entry(f"no value ({found.missing})", "none", grey))
    return Part(f"{name}: {found.title}", tuple(entries))


def groups(found: Sequence[tuple[str, str, npt.NDArray[np.bool_]]]) -> Part:
    """Return the legend of groups, given by name, colour and members."""
    entries = tuple(
        Entry(f"{name} ({int(np.count_nonzero(members))})", "none", color) for name, color, members in found
    )
    several = int(np.count_nonzero(np.sum([members for _, _, members in found], axis=0) > 1))
    note = (Entry(f"{several} in several: ring of the last", "none"),) if several else ()
    return Part("Groups", (*entries, *note))


def height(parts: Sequence[Part], width: float) -> float:
    """Return how high legends are that are so wide, in inches."""
    return sum(part.height(width) for part in parts)


def draw(figure: Figure, parts: Sequence[Part], left: float, top: float, ink: str) -> None:
    """Draw legends one below the other, from a place in inches from the left and from the bottom."""
    wide, high = (float(value) for value in figure.get_size_inches())
    room = wide - 2 * left
    for part in parts:
        figure.text(left / wide, top / high, part.title, color=ink, fontsize=8, va="top", weight="bold")
        line = top - 1.45 * _LINE
        start = left
        if part.bar is not None:
            start = _draw_bar(figure, part.bar, left, line, ink) + 0.3
            positions = [(start, line)]
        else:
            columns = part.columns(room)
            step = room / columns if columns > 1 else room
            positions = [
                (left + (place % columns) * step, line - (place // columns) * _LINE)
                for place in range(len(part.entries))
            ]
        for entry, (x, y) in zip(part.entries, positions, strict=False):
            _draw_entry(figure, entry, x, y, ink)
        top -= part.height(room)


def _draw_entry(figure: Figure, entry: Entry, left: float, y: float, ink: str) -> None:
    from matplotlib.lines import Line2D

    wide, high = figure.get_size_inches()
    mark = Line2D(
        [(left + 0.1) / wide],
        [y / high],
        marker="o",
        linestyle="none",
        markersize=entry.diameter,
        markerfacecolor=entry.face,
        markeredgecolor=entry.edge,
        markeredgewidth=0.0 if entry.edge == "none" else 1.4,
    )
    figure.add_artist(mark)
    figure.text((left + 0.25) / wide, y / high, entry.text, color=ink, fontsize=8, va="center_baseline")


def _draw_bar(figure: Figure, bar: tuple[str, str, bool], left: float, y: float, ink: str) -> float:
    """Draw a colour bar with its ends; return where it ends, in inches."""
    from matplotlib.patches import Rectangle

    wide, high = figure.get_size_inches()
    low, end, cyclic = bar
    start = left + len(low) * _LETTER + 0.08
    at = (np.arange(_STEPS) + 0.5) / _STEPS
    for place, color in enumerate(cyclic_colors(at) if cyclic else colormap(at)):
        # each goes on beneath those that follow, else some viewers show gaps, and others edges
        done = place * _BAR / _STEPS
        step = Rectangle(
            ((start + done) / wide, (y - 0.055) / high),
            (_BAR - done) / wide,
            0.11 / high,
            facecolor=tuple(map(float, color)),
            linewidth=0,
        )
        figure.add_artist(step)
    figure.text(left / wide, y / high, low, color=ink, fontsize=8, va="center_baseline")
    figure.text((start + _BAR + 0.08) / wide, y / high, end, color=ink, fontsize=8, va="center_baseline")
    return float(start + _BAR + 0.08 + len(end) * _LETTER)
