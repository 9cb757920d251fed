"""Scores of sub-populations as a figure: by the share of units taken, with the selection marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.figure_file import DARK_INK, INK, new_figure
from napari_twinscope.rig.subpopulation_table import LEVEL, SCORE_NAMES, between

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.subpopulations import PartScores, ShareSweep

# Of Okabe & Ito's colours, which are told apart with any colour vision.
HIGH, LOW, SELECTED, RANDOM = "#D55E00", "#3A9BDC", "#E69F00", "#8A93A6"
NARROWEST = 4.4  # inches
_COLUMNS, _HEIGHT = 2, 1.85
_TICKS = (1, 2, 5, 10, 20, 50, 100)


def subpopulation_figure(
    part: PartScores | None, sweep: ShareSweep | None, title: str, width: float = 7.0, dark: bool = False
) -> Figure:
    """Draw each score against the share of units taken.

    Parameters
    ----------
    part
        The selected units; ``None`` if there are none.
    sweep
        Random units, and those with the highest and lowest values of a measure; ``None`` leaves them out.
    title
        The first line.
    width
        In inches; the height follows.
    dark
        Whether the background is black.

    Returns
    -------
    matplotlib.figure.Figure
        Shares are on a logarithmic axis. The grey band holds 95 % of the random sets; the dotted line is
        the score of the whole population; the whisker beside the selected units holds 95 % of as many
        random ones.

    Raises
    ------
    InvalidInput
        If there is nothing to draw.
    """
    if part is None and sweep is None:
        raise InvalidInput("There are no scores to draw yet.", remedy="wait for the scores")
    ink = DARK_INK if dark else INK
    rows = -(-(len(SCORE_NAMES) + 1) // _COLUMNS)
    width = max(width, NARROWEST)
    figure = new_figure(width, rows * _HEIGHT + 0.35, dark)
    figure.set_layout_engine("constrained", w_pad=0.05, h_pad=0.04)
    figure.suptitle(title, fontsize=9.5, color=ink, x=0.02, ha="left")
    panels = figure.subplots(rows, _COLUMNS).ravel()
    least = min(
        [1.0 if sweep is None else min(sweep.options.fractions)]
        + ([] if part is None else [part.units / part.total])
    )
    for place, (name, (called, _)) in enumerate(SCORE_NAMES.items()):
        panel = panels[place]
        if sweep is not None:
            _draw_sweep(panel, sweep, name)
        if part is not None:
            _draw_part(panel, part, name, ink)
        whole = _whole(name, part, sweep)
        panel.axhline(whole, color=ink, lw=0.8, ls=":")
        _dress(panel, called, ink, 100 * least, last=place >= len(SCORE_NAMES) - _COLUMNS)
    _draw_key(panels[len(SCORE_NAMES)], part, sweep, ink)
    for spare in panels[len(SCORE_NAMES) + 1 :]:
        spare.set_axis_off()
    return figure


def _draw_sweep(panel: Axes, sweep: ShareSweep, name: str) -> None:
    shares = 100 * np.asarray(sweep.options.fractions)
    order = np.argsort(shares)
    scores = sweep.scores[name]
    band = np.array([between(values) for values in scores.sel(strategy="random").values])[order]
    panel.fill_between(shares[order], band[:, 0], band[:, 2], color=RANDOM, alpha=0.4, lw=0)
    panel.plot(shares[order], band[:, 1], color=RANDOM, lw=1.2)
    for end, color in (("high", HIGH), ("low", LOW)):
        values = scores.sel(strategy=f"measure {end}").isel(draw=0).values
        panel.plot(shares[order], values[order], color=color, lw=1.4, marker="o", ms=2.6)


def _draw_part(panel: Axes, part: PartScores, name: str, ink: str) -> None:
    share = 100 * part.units / part.total
    lower, _, upper = between(part.scores[f"random_{name}"].values)
    panel.plot([share, share], [lower, upper], color=ink, lw=1.0, marker="_", ms=5, zorder=3)
    value = float(part.scores[name])
    panel.plot([share], [value], marker="D", ms=6, color=SELECTED, mec=ink, mew=0.8, ls="", zorder=4)


def _whole(name: str, part: PartScores | None, sweep: ShareSweep | None) -> float:
    """Return the score of the whole population."""
    if name != "accuracy":
        return 1.0
    if part is not None:
        return float(part.scores["reference_accuracy"])
    assert sweep is not None
    whole = np.asarray(sweep.options.fractions) == 1.0
    scores = sweep.scores[name].sel(strategy="random").isel(draw=0).values
    return float(scores[whole][0]) if whole.any() else np.nan


def _dress(panel: Axes, title: str, ink: str, least: float, last: bool) -> None:
    panel.set_title(title, fontsize=9.5, color=ink)
    panel.set_xscale("log")
    panel.set_xlim(0.85 * min(least, 50.0), 118)
    ticks = [tick for tick in _TICKS if tick >= 0.85 * least]
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_xticks([], minor=True)
    low, high = panel.get_ylim()
    panel.set_ylim(min(low, 0.0), max(high, 1.05))
    panel.tick_params(labelsize=8.5, colors=ink)
    if last:
        panel.set_xlabel("units taken (%)", fontsize=9, color=ink)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(ink)


def _draw_key(panel: Axes, part: PartScores | None, sweep: ShareSweep | None, ink: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    panel.set_axis_off()
    entries: list[Any] = []
    if part is not None:
        entries += [
            Line2D([], [], marker="D", ms=6, color=SELECTED, mec=ink, mew=0.8, ls="", label="selected"),
            Line2D([], [], color=ink, lw=1.0, marker="_", ms=5, label=f"as many random, {LEVEL:g} %"),
        ]
    if sweep is not None:
        called = sweep.measure if len(sweep.measure) <= 22 else sweep.measure[:21] + "…"
        entries += [
            Line2D([], [], color=HIGH, lw=1.4, marker="o", ms=2.6, label=f"highest {called}"),
            Line2D([], [], color=LOW, lw=1.4, marker="o", ms=2.6, label=f"lowest {called}"),
            Patch(color=RANDOM, alpha=0.4, lw=0, label=f"random, {LEVEL:g} %"),
        ]
    entries.append(Line2D([], [], color=ink, lw=0.8, ls=":", label="all units"))
    key = panel.legend(handles=entries, loc="center left", fontsize=9, frameon=False, borderpad=0)
    for text in key.get_texts():
        text.set_color(ink)
