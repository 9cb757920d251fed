"""The histogram of a measure inside and outside a selection: as a figure and as a table."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.figure_file import DARK_INK, INK, new_figure
from napari_twinscope.rig.histogram import bins_of, gapped, histogram

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.rig.histogram import Bins, Histogram
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.session import Session
    from napari_twinscope.rig.unit_set import Mask

# Of Okabe & Ito's colours, and a grey; told apart on dark and on light, with any colour vision.
INSIDE, OUTSIDE = "#E69F00", "#8A93A6"
NARROWEST = 3.0  # inches
_HEIGHT, _LINE, _EDGE = 2.6, 0.19, 0.12  # inches
_LEFT, _RIGHT = 0.76, 0.2  # inches
_LETTER = 0.075  # how wide a letter is, at 9 points
_LONGEST = 18  # letters of a category's name


def histogram_figure(
    measure: Measure,
    selected: Mask,
    *,
    title: str,
    lines: tuple[str, ...] = (),
    density: bool = True,
    width: float = 5.0,
    dark: bool = False,
) -> Figure:
    """Draw how a measure is distributed over the selected units and over all others.

    Parameters
    ----------
    measure
        What is counted.
    selected
        bool [units]. Where none is selected, or all are, there is one histogram.
    title, lines
        The first line, and those below it.
    density
        Whether both have an area of one, else units are counted; see `Histogram.heights`.
    width
        In inches.
    dark
        Whether the background is black.

    Returns
    -------
    matplotlib.figure.Figure
        The steps have the identifiers ``others`` and ``selected``, the latter in front; dashed lines are
        medians, of numbers that are not cyclic.

    Raises
    ------
    InvalidInput
        If no unit has a value.
    """
    shown = shown_histogram(measure, selected)
    bins, ink = shown.bins, DARK_INK if dark else INK
    width = max(width, NARROWEST)
    letters = max(int((width - 2 * _EDGE) / 0.066), 20)
    heading = textwrap.wrap(title, max(int((width - 2 * _EDGE) / 0.095), 16))
    said = [part for line in lines for part in textwrap.wrap(line, letters)]
    parts = [part for part in key(measure, selected, shown) if part[1] or part[2]]
    above = _EDGE + 0.24 * len(heading) + _LINE * (len(said) + len(parts)) + 0.08
    slanted = bool(measure.labels) and _slanted(measure, width)
    below = 0.55 + (0.055 * max(map(len, map(_short, measure.labels))) if slanted else 0.0)
    height = above + _HEIGHT + below
    figure = new_figure(width, height, dark)
    area = figure.add_axes(
        (_LEFT / width, below / height, 1 - (_LEFT + _RIGHT) / width, _HEIGHT / height), facecolor="none"
    )
    _draw_steps(area, shown, density)
    _draw_medians(area, measure, selected, shown)
    _dress(area, bins, _unit(measure, density), ink, slanted)
    top = 1 - _EDGE / height
    for line in heading:
        figure.text(_EDGE / width, top, line, color=ink, va="top", fontsize=10.5, weight="bold")
        top -= 0.24 / height
    for line in said:
        figure.text(_EDGE / width, top, line, color=ink, va="top", fontsize=8)
        top -= _LINE / height
    for name, count, text in parts:
        color = INSIDE if name == "selected" else OUTSIDE
        figure.text(_EDGE / width, top, "■", color=color, va="top", fontsize=8)
        called = name if len(parts) > 1 or name == "selected" else "units"
        figure.text((_EDGE + 0.16) / width, top, f"{count} {called}{text}", color=ink, va="top", fontsize=8)
        top -= _LINE / height
    return figure


def session_histogram(
    session: Session, measure: Measure, *, density: bool = True, dark: bool = False
) -> tuple[Figure, str]:
    """Draw a measure of the stage that a session looks at, inside and outside its selection.

    Returns
    -------
    figure, title

    Raises
    ------
    InvalidInput
        If there is no recording, or no unit has a value.
    """
    recording = session.require_recording()
    info = recording.stage_info(session.stage)
    title = f"{measure.name} · {info['label']} ({info['paper_name']})"
    lines = [str(recording.name)]
    if recording.status:
        lines.append(f"Recorded from a {recording.status} twin.")
    mask = session.selection.mask(session.stage)
    figure = histogram_figure(measure, mask, title=title, lines=tuple(lines), density=density, dark=dark)
    return figure, title


def histogram_frame(session: Session, measure: Measure) -> pd.DataFrame:
    """Return the counts of each bin inside and outside the selection of a session, and both densities.

    Returns
    -------
    DataFrame
        ``recording``, ``stage`` and ``measure``; of categories the ``category``, else the edges ``from``
        and ``to``, of which the upper one belongs to the last bin alone; ``selected`` and ``others`` count
        units, ``selected_density`` and ``others_density`` are as of `Histogram.heights`. The last row
        counts units without a value, if there are any.

    Raises
    ------
    InvalidInput
        If there is no recording, or no unit has a value.
    """
    import pandas as pd

    recording = session.require_recording()
    shown = shown_histogram(measure, session.selection.mask(session.stage))
    bins, (inside, outside) = shown.bins, shown.heights(density=True)
    columns: dict[str, Any] = {
        "recording": str(recording.name),
        "stage": session.stage,
        "measure": measure.name,
    }
    if measure.labels:
        columns["category"] = list(measure.labels)
    else:
        columns |= {"from": bins.edges[:-1], "to": bins.edges[1:]}
    columns |= {
        "selected": shown.inside,
        "others": shown.outside,
        "selected_density": inside,
        "others_density": outside,
    }
    table = pd.DataFrame(columns)
    if not any(shown.missing):
        return table
    last = {name: table[name].iloc[0] for name in ("recording", "stage", "measure")}
    last |= {"selected": shown.missing[0], "others": shown.missing[1]}
    if measure.labels:
        last["category"] = measure.missing
    return pd.concat([table, pd.DataFrame([last])], ignore_index=True)


def shown_histogram(measure: Measure, selected: Mask) -> Histogram:
    """Count a measure inside and outside a selection.

    Raises
    ------
    InvalidInput
        If no unit has a value.
    """
    if not np.isfinite(measure.values).any():
        raise InvalidInput(
            "There is nothing to count.",
            given=f"{measure.name}, of {len(measure.values)} units none with a value",
            remedy="choose another measure or stage",
        )
    return histogram(bins_of(measure), selected)


def key(measure: Measure, selected: Mask, shown: Histogram) -> tuple[tuple[str, int, str], ...]:
    """Return for selected and other units what they are called, how many have a value, and more of them.

    That is the median, of numbers that are not cyclic, and how many have no value.
    """
    said = []
    counted = (("selected", shown.inside, selected), ("others", shown.outside, ~selected))
    for (name, counts, mask), missing in zip(counted, shown.missing, strict=True):
        count, text = int(counts.sum()), ""
        if _has_median(measure) and count:
            text = f", median {_median(measure, mask):.3g}"
        said.append((name, count, text + (f", {missing} {_without(measure)}" if missing else "")))
    return tuple(said)


def _without(measure: Measure) -> str:
    """Return what is said of units without a value, as "with no value" or "in no cluster"."""
    return f"with {measure.missing}" if measure.missing.startswith("no ") else measure.missing


def _has_median(measure: Measure) -> bool:
    return not measure.labels and measure.period is None


def _median(measure: Measure, mask: Mask) -> float:
    """Return the median of the units that have a value."""
    values = measure.values[mask]
    return float(np.median(values[np.isfinite(values)]))


def _draw_steps(area: Axes, shown: Histogram, density: bool) -> None:
    gap = bool(shown.bins.measure.labels)
    inside, outside = shown.heights(density)
    drawn = (("others", outside, OUTSIDE, 1.0, 0.4), ("selected", inside, INSIDE, 1.4, 0.45))
    for fill in (True, False):  # all outlines over both fills
        for name, heights, color, line, opacity in drawn:
            if not heights.any():
                continue
            edges, tall = gapped(shown.bins.edges, heights) if gap else (shown.bins.edges, heights)
            look: dict[str, Any] = {"alpha": opacity, "linewidth": 0.0} if fill else {"linewidth": line}
            step = area.stairs(tall, edges, fill=fill, color=color, **look)
            if not fill:
                step.set_gid(name)
    top = max(float(inside.max(initial=0)), float(outside.max(initial=0))) or 1.0
    area.set(xlim=(shown.bins.edges[0], shown.bins.edges[-1]), ylim=(0, 1.05 * top))


def _draw_medians(area: Axes, measure: Measure, selected: Mask, shown: Histogram) -> None:
    if not _has_median(measure):
        return
    both = ((selected, shown.inside, INSIDE), (~selected, shown.outside, OUTSIDE))
    for mask, counts, color in both:
        if counts.any():
            area.axvline(_median(measure, mask), color=color, lw=1.2, ls="--")


def _dress(area: Axes, bins: Bins, unit: str, ink: str, slanted: bool) -> None:
    measure = bins.measure
    if measure.labels:
        ticks = np.arange(len(measure.labels))
        turn: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
        area.set_xticks(ticks, [_short(label) for label in measure.labels], **turn)
    elif measure.period is not None:
        area.set_xticks(np.linspace(0, measure.period, 5))
    area.set_ylabel(unit, fontsize=9, color=ink)
    if not slanted:
        area.set_xlabel(measure.name, fontsize=9, color=ink)
    area.tick_params(labelsize=8.5, colors=ink)
    for side in ("top", "right"):
        area.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        area.spines[side].set_color(ink)


def _unit(measure: Measure, density: bool) -> str:
    if not density:
        return "units"
    return "fraction of units" if measure.labels else "density"


def _slanted(measure: Measure, width: float) -> bool:
    """Return whether the names of categories find no room side by side."""
    room = (width - _LEFT - _RIGHT) / len(measure.labels)
    return max(len(_short(label)) for label in measure.labels) * _LETTER > room - 0.05


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
