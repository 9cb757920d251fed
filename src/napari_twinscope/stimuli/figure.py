"""A figure of everything that a protocol shows."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.stimuli.stimulus import unit_vector

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from napari_twinscope.stimuli.protocol import StimulusProtocol
    from napari_twinscope.stimuli.stimulus import Stimulus

_LABEL_INCHES, _TILE_INCHES, _GAP_INCHES = 2.5, 1.45, 0.08
_TOP_INCHES, _BOTTOM_INCHES, _EDGE_INCHES = 0.95, 0.55, 0.25
_INK, _ACCENT = "#222222", "#d1495b"
_STILLS = 6


def gallery(protocol: StimulusProtocol, path: str | Path | None = None) -> Figure:
    """Draw the whole ensemble of a protocol.

    One row per stimulus. A directional stimulus shows, for every direction, the frame a third of the way
    through and an arrow of the motion; another shows frames over time. On the right is a space-time slice
    for the first direction: the screen's middle row (column, if the motion is more upright than level)
    against time.

    Parameters
    ----------
    protocol
        What to draw; its first instances are shown.
    path
        Where to save the figure, in the format of its suffix; not saved if left out.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, so nothing has to be closed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    in_directions = [s.directional and len(protocol.directions) > 1 for s in protocol.stimuli]
    columns = max(len(protocol.directions) if many else _STILLS for many in in_directions)
    layout = _Layout(protocol, columns)
    x, y = unit_vector(protocol.directions[0])
    upright = abs(y) > abs(x)
    figure = Figure(figsize=layout.size, facecolor="white")
    FigureCanvasAgg(figure)
    for row, stimulus in enumerate(protocol.stimuli):
        movie = protocol.movie(row, 0, 0)
        _write_label(figure, layout, row, stimulus)
        if in_directions[row]:
            for column, direction in enumerate(protocol.directions):
                tile = figure.add_axes(layout.tile(row, column))
                shown = movie if column == 0 else protocol.movie(row, column, 0)
                _show(tile, shown[protocol.frames // 3])
                _draw_arrow(tile, direction)
        else:
            for column, frame in enumerate(_stills(protocol.frames)):
                tile = figure.add_axes(layout.tile(row, column))
                _show(tile, movie[frame])
                _write_corner(tile, f"{protocol.times[frame]:.2f} s")
                if stimulus.directional:
                    _draw_arrow(tile, protocol.directions[0])
        _draw_slice(figure.add_axes(layout.tile(row, columns)), movie, protocol, upright)
    _write_head(figure, layout, protocol)
    if all(in_directions):
        for column, direction in enumerate(protocol.directions):
            _head(figure, layout, column, f"{direction:g}°")
    _head(figure, layout, columns, f"middle {'column' if upright else 'row'} over time (s)")
    _draw_scale_bar(figure, layout, protocol)
    if path is not None:
        figure.savefig(path, dpi=160)
    return figure


class _Layout:
    """Places on the figure, in fractions of it, from sizes in inches."""

    def __init__(self, protocol: StimulusProtocol, columns: int) -> None:
        self.columns = columns
        self.rows = len(protocol.stimuli)
        self.tile_height = _TILE_INCHES * protocol.screen.height / protocol.screen.width
        # Two lines of text have to fit beside a flat tile.
        self.row_height = max(self.tile_height, 0.62) + _GAP_INCHES
        width = _EDGE_INCHES + _LABEL_INCHES + (columns + 1) * (_TILE_INCHES + _GAP_INCHES) + 0.3 + 0.55
        height = _TOP_INCHES + self.rows * self.row_height + _BOTTOM_INCHES
        self.size = (max(width, 8.2), height)

    def at(self, left: float, top: float) -> tuple[float, float]:
        """Return the fractions for inches from the left and from the top."""
        return left / self.size[0], 1 - top / self.size[1]

    def tile(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Return the rectangle of a tile; the column after the last is that of the slices."""
        left = self.left(column)
        x, y = self.at(left, _TOP_INCHES + row * self.row_height + self.tile_height)
        return x, y, _TILE_INCHES / self.size[0], self.tile_height / self.size[1]

    def left(self, column: int) -> float:
        """Return a column's left border in inches."""
        extra = 0.3 if column == self.columns else 0.0
        return _EDGE_INCHES + _LABEL_INCHES + column * (_TILE_INCHES + _GAP_INCHES) + extra


def _stills(frames: int) -> list[int]:
    return sorted({round(position) for position in np.linspace(0, frames - 1, min(_STILLS, frames))})


def _show(axes: Axes, frame: NDArray[np.uint8]) -> None:
    axes.imshow(frame, cmap="gray", vmin=0, vmax=255, interpolation="antialiased", aspect="auto")
    axes.set_axis_off()


def _draw_arrow(axes: Axes, direction: float) -> None:
    from matplotlib.patheffects import withStroke

    rows, columns = np.asarray(axes.get_images()[0].get_array()).shape
    x, y = unit_vector(direction)
    centre = np.array([columns / 2, rows / 2])
    reach = 0.3 * rows * np.array([x, y])
    arrow = axes.annotate(
        "",
        xy=tuple(centre + reach),
        xytext=tuple(centre - reach),
        arrowprops={"arrowstyle": "-|>", "color": _ACCENT, "lw": 1.8, "shrinkA": 0, "shrinkB": 0},
    )
    assert arrow.arrow_patch is not None
    arrow.arrow_patch.set_path_effects([withStroke(linewidth=4, foreground="white")])


def _write_corner(axes: Axes, text: str) -> None:
    axes.text(
        0.04,
        0.06,
        text,
        transform=axes.transAxes,
        fontsize=7,
        color=_INK,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.2},
    )


def _draw_slice(axes: Axes, movie: NDArray[np.uint8], protocol: StimulusProtocol, upright: bool) -> None:
    middle = movie[:, :, movie.shape[2] // 2] if upright else movie[:, movie.shape[1] // 2]
    axes.imshow(
        middle,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="antialiased",
        aspect="auto",
        extent=(0, middle.shape[1], protocol.duration, 0),
    )
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks([0, protocol.duration], ["0", f"{protocol.duration:.2f}"])
    axes.tick_params(labelsize=7, length=0, colors=_INK)
    first, last = axes.get_yticklabels()
    first.set_verticalalignment("top")
    last.set_verticalalignment("bottom")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _write_label(figure: Figure, layout: _Layout, row: int, stimulus: Stimulus) -> None:
    title = stimulus.label if stimulus.label == stimulus.name else f"{stimulus.label}  ({stimulus.name})"
    top = _TOP_INCHES + row * layout.row_height
    _write(figure, layout, _EDGE_INCHES, top, title, fontsize=9, weight="bold")
    _write(figure, layout, _EDGE_INCHES, top + 0.19, textwrap.fill(stimulus.summary, 45), fontsize=7)


def _write_head(figure: Figure, layout: _Layout, protocol: StimulusProtocol) -> None:
    screen = protocol.screen
    facts = (
        _counted(len(protocol.directions), "direction"),
        _counted(protocol.instances, "instance"),
        f"{protocol.duration:.2f} s at {screen.frame_rate:g} Hz",
        f"{screen.width} × {screen.height} pixels",
        f"{screen.degrees_per_pixel:.3g}° per pixel at the centre",
    )
    _write(figure, layout, _EDGE_INCHES, 0.18, f"Protocol “{protocol.name}”", fontsize=13, weight="bold")
    _write(figure, layout, _EDGE_INCHES, 0.46, ", ".join(facts), fontsize=8)


def _head(figure: Figure, layout: _Layout, column: int, text: str) -> None:
    left = layout.left(column) + _TILE_INCHES / 2
    _write(figure, layout, left, _TOP_INCHES - 0.08, text, fontsize=8, ha="center", va="bottom")


def _draw_scale_bar(figure: Figure, layout: _Layout, protocol: StimulusProtocol) -> None:
    from matplotlib.lines import Line2D

    width = protocol.screen.width * protocol.screen.degrees_per_pixel
    degrees = _round_length(width / 3)
    length = _TILE_INCHES * degrees / width
    left, top = layout.left(0), _TOP_INCHES + layout.rows * layout.row_height + 0.12
    (x0, y), (x1, _) = layout.at(left, top), layout.at(left + length, top)
    figure.add_artist(Line2D([x0, x1], [y, y], color=_INK, lw=2.5, solid_capstyle="butt"))
    _write(figure, layout, left + length + 0.08, top, f"{degrees:g}° at the centre", fontsize=8, va="center")


def _write(figure: Figure, layout: _Layout, left: float, top: float, text: str, **style: Any) -> None:
    """Write a text at inches from the left and from the top."""
    x, y = layout.at(left, top)
    figure.text(x, y, text, **{"color": _INK, "va": "top", **style})


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _round_length(length: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not longer."""
    power = 10.0 ** math.floor(math.log10(length))
    return max(step * power for step in (1, 2, 5) if step * power <= length)
