"""Figures of what the demonstration twin is worth."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from demo_twin.scores import NEAR, curve_correlations, direction_errors
from napari_twinscope.population import preferred
from napari_twinscope.population.comparison import PREFERRED
from napari_twinscope.twins.simulated.cells import CELL_TYPES, DIRECTION_SELECTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from demo_twin.scores import Tuning
    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins.simulated import Cells

# Okabe & Ito's colours, which the colour-blind can tell apart: dark for direction-selective cells.
TYPE_COLORS = dict(
    zip(CELL_TYPES, ("#56B4E9", "#0072B2", "#E69F00", "#D55E00", "#999999", "#000000"), strict=True)
)
TWIN = "#0072B2"

STYLE: dict[str, Any] = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.titlesize": 8,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "savefig.dpi": 160,
}
WIDTH = 7.2  # inches


@contextmanager
def figure(path: Path, height: float, width: float = WIDTH) -> Iterator[Figure]:
    """Draw on a figure that is saved at the end."""
    with rc_context(STYLE):
        drawn = Figure(figsize=(width, height), layout="constrained")
        yield drawn
        drawn.savefig(path)


def correlation_figure(path: Path, r: NDArray[np.float64], cells: Cells, shown: str) -> None:
    """Draw correlations of twin and cell: distribution, by type, against preferred spatial frequency."""
    known = np.isfinite(r)
    lowest = min(0.0, np.floor(np.nanmin(r) * 10) / 10)
    with figure(path, 2.5) as drawn:
        left, middle, right = drawn.subplots(1, 3, width_ratios=(1, 1.2, 1.1))
        left.hist(
            r[known], np.arange(lowest, 1.0001, 0.05), color="#BBBBBB", edgecolor="white", linewidth=0.3
        )
        median = np.median(r[known])
        left.axvline(median, color="black", linewidth=1)
        left.set_title(f"median {median:.2f}, n = {known.sum()} cells")
        left.set(xlabel="correlation of twin and cell", ylabel="cells", xlim=(lowest, 1))
        for place, kind in enumerate(CELL_TYPES):
            values = np.sort(r[known & cells.of_type(kind)])
            if not len(values):
                continue
            # spread in steps that fill the column evenly, whatever the order
            aside = (np.arange(len(values)) * 0.618 % 1 - 0.5) * 0.6
            middle.scatter(place + aside, values, 5, TYPE_COLORS[kind], linewidths=0, alpha=0.7)
            middle.hlines(np.median(values), place - 0.4, place + 0.4, color="black", linewidth=1.5)
        counts = [int((known & cells.of_type(kind)).sum()) for kind in CELL_TYPES]
        labels = [f"{kind} ({n})" for kind, n in zip(CELL_TYPES, counts, strict=True)]
        middle.set_xticks(range(len(CELL_TYPES)), labels, rotation=40, ha="right", rotation_mode="anchor")
        middle.set(ylabel="correlation", ylim=(lowest - 0.02, 1.02))
        middle.set_title("by type (number of cells; bar: median)")
        for kind in CELL_TYPES:
            chosen = known & cells.of_type(kind)
            right.scatter(
                cells.spatial_frequency[chosen], r[chosen], 6, TYPE_COLORS[kind], linewidths=0, alpha=0.7
            )
        edges = np.geomspace(cells.spatial_frequency.min(), cells.spatial_frequency.max() * 1.001, 6)
        bins = np.digitize(cells.spatial_frequency, edges)
        centres = np.sqrt(edges[:-1] * edges[1:])
        medians = [
            np.median(r[known & (bins == b)]) if (known & (bins == b)).any() else np.nan for b in range(1, 6)
        ]
        right.plot(centres, medians, color="black", linewidth=1.2)
        right.set(xscale="log", xlabel="spatial frequency (cycles/deg)", ylabel="correlation")
        right.set(ylim=(lowest - 0.02, 1.02))
        right.set_xticks([0.02, 0.05, 0.1, 0.2], ["0.02", "0.05", "0.1", "0.2"])
        right.minorticks_off()
        right.set_title("line: median")
        drawn.suptitle(shown, fontsize=9)


def direction_figure(path: Path, tunings: Mapping[str, Tuning], cells: Cells) -> None:
    """Draw the preferred direction of direction-selective units, in each one's preferred class."""
    directed = cells.of_type(*DIRECTION_SELECTIVE)
    with figure(path, 2.7, WIDTH / 3 * max(2, len(tunings))) as drawn:
        for axes, (name, tuning) in zip(_row(drawn, len(tunings)), tunings.items(), strict=True):
            truth = preferred(tuning.truth_selectivity.preferred_direction, tuning.classes).values
            errors = direction_errors(tuning, cells)
            known = np.isfinite(errors)
            near = np.abs(errors[known]) <= NEAR
            for offset in (-NEAR, 0, NEAR):
                style = "-" if offset == 0 else ":"
                axes.plot([-45, 405], [-45 + offset, 405 + offset], style, color="#999999", linewidth=0.7)
            for kind in DIRECTION_SELECTIVE:
                chosen = cells.of_type(kind)[directed] & known
                x = truth[directed][chosen]
                # the error is kept, so that 359 and 1 degrees lie next to one another
                axes.scatter(x, x + errors[chosen], 8, TYPE_COLORS[kind], linewidths=0, alpha=0.8, label=kind)
            axes.set(
                xlim=(-5, 365), ylim=(-45, 405), aspect="equal", xlabel="cell (deg)", ylabel="twin (deg)"
            )
            axes.set_xticks(range(0, 361, 90))
            axes.set_yticks(range(0, 361, 90))
            axes.set_title(f"{name}\nwithin {NEAR:g} deg: {near.mean():.0%} of n = {known.sum()}")
        axes.legend(loc="lower right", handletextpad=0.1)
        drawn.suptitle("Preferred direction in the preferred class", fontsize=9)


def preferred_figure(path: Path, tunings: Mapping[str, Tuning], cells: Cells) -> None:
    """Draw OSI and DSI in each cell's preferred class."""
    with figure(path, 4.6, WIDTH / 3 * max(2, len(tunings))) as drawn:
        grid = drawn.subplots(2, len(tunings), squeeze=False, sharex=True, sharey=True)
        for column, (name, tuning) in enumerate(tunings.items()):
            for row, index in enumerate(("osi", "dsi")):
                found, right = (
                    preferred(side[index], tuning.classes).values
                    for side in (tuning.twin_selectivity, tuning.truth_selectivity)
                )
                _scatter(grid[row, column], found, right, cells, index, tuning.table.loc[PREFERRED], 6)
            grid[0, column].set_title(f"{name}\n{grid[0, column].get_title()}")
        _legend(drawn)


def classes_figure(path: Path, name: str, tuning: Tuning, cells: Cells) -> None:
    """Draw OSI and DSI in each class of a protocol."""
    stimuli = list(map(str, tuning.truth.stimulus.values))
    labels = dict(zip(stimuli, map(str, tuning.truth.label.values), strict=True))
    with figure(path, 3.2, WIDTH * max(1.0, len(stimuli) / 5)) as drawn:
        grid = drawn.subplots(2, len(stimuli), squeeze=False, sharex=True, sharey=True)
        for column, stimulus in enumerate(stimuli):
            for row, index in enumerate(("osi", "dsi")):
                found, right = (
                    side[index].sel(stimulus=stimulus).values
                    for side in (tuning.twin_selectivity, tuning.truth_selectivity)
                )
                _scatter(grid[row, column], found, right, cells, index, tuning.table.loc[stimulus], 4)
            grid[0, column].set_title(f"{labels[stimulus]}\n{grid[0, column].get_title()}")
        for axes in grid[:, 1:].flat:
            axes.set_ylabel("")
        _legend(drawn)
        drawn.suptitle(f"Selectivity in every class, {name}", fontsize=9)


def curves_figure(path: Path, tuning: Tuning, cells: Cells, name: str) -> None:
    """Draw tuning curves of two cells of each type: the quartiles of how well the curves agree."""
    agree = curve_correlations(tuning)
    curves = [preferred(side, tuning.classes) for side in (tuning.truth, tuning.twin)]
    angles = tuning.truth.direction.values
    with figure(path, 4.4) as drawn:
        grid = drawn.subplots(3, 4, sharex=True)
        # beside one another: both cells of a type
        for pair, kind in zip(grid.reshape(-1, 2), CELL_TYPES, strict=True):
            units = np.flatnonzero(cells.of_type(kind) & np.isfinite(agree))
            ranked = units[np.argsort(agree[units])]
            for axes, quantile in zip(pair, (0.25, 0.75), strict=True):
                if not len(ranked):
                    axes.set_axis_off()
                    continue
                unit = int(ranked[round(quantile * (len(ranked) - 1))])
                cell, twin = (curve.isel(unit=unit).values for curve in curves)
                axes.plot(
                    angles, cell / cell.mean(), "o-", color="black", markersize=3, linewidth=1, label="cell"
                )
                axes.plot(
                    angles,
                    twin / twin.mean(),
                    "s--",
                    color=TWIN,
                    markersize=3,
                    linewidth=1,
                    label="twin",
                )
                axes.set(ylim=(0, None), xticks=range(0, 360, 90))
                shown = str(curves[0].preferred_class.values[unit])
                axes.set_title(f"{kind}, unit {unit}\n{_label(tuning, shown)}, r = {agree[unit]:.2f}")
        for axes in grid[-1]:
            axes.set_xlabel("direction (deg)")
        for axes in grid[:, 0]:
            axes.set_ylabel("rate / mean")
        handles, titles = grid[0, 0].get_legend_handles_labels()
        drawn.legend(handles, titles, loc="outside lower center", ncols=2)
        drawn.suptitle(
            f"Tuning curves, {name}: of each type the cells at the first and third quartile of r", fontsize=9
        )


def position_figure(
    path: Path, errors: NDArray[np.float64], cells: Cells, screen: Screen, sizes: NDArray[np.float64]
) -> None:
    """Draw where each unit reads, beside its cell's receptive field, and the distances."""
    right = (cells.x - (screen.width - 1) / 2) * screen.degrees_per_pixel
    up = -(cells.y - (screen.height - 1) / 2) * screen.degrees_per_pixel
    with figure(path, 2.6) as drawn:
        left, side = drawn.subplots(1, 2, width_ratios=(2, 1))
        left.scatter(right, up, 9, "none", edgecolors="black", linewidths=0.6, label="cell")
        left.quiver(
            right, up, errors[:, 1], errors[:, 0], angles="xy", scale_units="xy", scale=1, width=0.0025,
            color=TWIN, headwidth=0, headlength=0, headaxislength=0,
        )  # fmt: skip
        left.scatter(right + errors[:, 1], up + errors[:, 0], 4, TWIN, linewidths=0, label="unit of the twin")
        left.set(aspect="equal")
        left.set(xlabel="right of the middle (deg at the centre)", ylabel="above (deg)")
        left.legend(loc="upper right", bbox_to_anchor=(1, 1.16), ncols=2, handletextpad=0.1)
        distance = np.hypot(*errors.T)
        side.hist(distance, 25, color="#BBBBBB", edgecolor="white", linewidth=0.3)
        side.axvline(np.median(distance), color="black", linewidth=1)
        side.axvline(np.median(sizes), color="black", linewidth=1, linestyle=":")
        side.set(xlabel="distance (deg)", ylabel="cells")
        side.set_title(
            f"median {np.median(distance):.1f} deg, n = {len(distance)}\n"
            f"(dotted: median size of a field, {np.median(sizes):.1f} deg)"
        )


def _row(drawn: Figure, count: int) -> list[Axes]:
    return list(drawn.subplots(1, count, squeeze=False)[0])


def _scatter(
    axes: Axes,
    found: NDArray[np.float64],
    right: NDArray[np.float64],
    cells: Cells,
    index: str,
    row: Any,
    size: int,
) -> None:
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.7)
    for kind in CELL_TYPES:
        chosen = cells.of_type(kind)
        axes.scatter(right[chosen], found[chosen], size, TYPE_COLORS[kind], linewidths=0, alpha=0.7)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set(xlabel=f"{index.upper()} of the cell", ylabel=f"{index.upper()} of the twin")
    axes.set_title(f"r = {row[f'{index}_pearson']:.2f}, n = {int(row[f'{index}_n'])}")


def _legend(drawn: Figure) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="o", linestyle="none", markersize=4, color=color, label=kind)
        for kind, color in TYPE_COLORS.items()
    ]
    drawn.legend(handles=handles, loc="outside lower center", ncols=len(handles), handletextpad=0.1)


def _label(tuning: Tuning, stimulus: str) -> str:
    names = list(map(str, tuning.truth.stimulus.values))
    return str(tuning.truth.label.values[names.index(stimulus)])
