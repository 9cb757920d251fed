"""The colours of units: safe for colour-blind eyes, with the selection standing out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from napari_twinscope.rig.measures import Measure

RGBA = npt.NDArray[np.float32]

# Okabe and Ito's palette without black, then six tones of Paul Tol's "muted" scheme; both are made to
# be told apart with any colour vision deficiency. In three tones they serve the papers' forty feature maps.
CATEGORIES = (
    "#56B4E9",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#BBBBBB",
    "#882255",
    "#999933",
    "#332288",
    "#44AA99",
    "#AA4499",
    "#117733",
)
TONES = (0.0, -0.45, 0.55)  # towards black or white; the palette is used in each of them
DISTINCT = len(CATEGORIES) * len(TONES)
"""So many categories have colours of their own."""
MISSING = (0.5, 0.5, 0.5, 1.0)
DIMMED = (0.55, 0.55, 0.55, 0.35)
COLORMAP = "viridis"
BRIGHTEST = 0.55  # relative luminance of a direction's colour


@dataclass(frozen=True)
class Legend:
    """What the colours of units mean.

    Parameters
    ----------
    title
        The measure with its unit.
    limits
        The values at the two ends of the colour bar; ``None`` for categories.
    entries
        Name and hexadecimal colour of each category.
    missing
        How many units have no value; they are grey.
    missing_name
        What they are called.
    beyond
        Whether there are values below the lower and above the upper limit, which have the colours of the
        limits.
    cyclic
        Whether the two ends of the colour bar mean the same.
    """

    title: str
    limits: tuple[float, float] | None
    entries: tuple[tuple[str, str], ...]
    missing: int
    missing_name: str = "no value"
    beyond: tuple[bool, bool] = (False, False)
    cyclic: bool = False


def measure_colors(measure: Measure) -> tuple[RGBA, Legend]:
    """Return a colour for each unit, float32 [units, 4], and the legend that explains them.

    Continuous measures run between their limits, if they have some, else over the 1st to 99th percentile
    of the finite values, so that one extreme unit does not flatten all others; cyclic ones run once around
    the colours of directions. Categories have the colours of the measure, if it has some.
    """
    values = measure.values
    known = np.isfinite(values)
    colors = np.empty((len(values), 4), np.float32)
    colors[:] = MISSING
    missing = (int(np.count_nonzero(~known)), measure.missing)
    if measure.labels:
        own = measure.colors or tuple(map(category_color, range(len(measure.labels))))
        palette = np.array(list(map(hex_rgba, own)), np.float32)
        colors[known] = palette[values[known].astype(int)]
        entries = tuple(zip(measure.labels, own, strict=True))
        return colors, Legend(measure.name, None, entries, *missing)
    if not known.any():
        return colors, Legend(measure.name, None, (), *missing)
    if measure.period is not None:
        colors[known] = cyclic_colors(values[known] / measure.period)
        return colors, Legend(measure.name, (0.0, measure.period), (), *missing, cyclic=True)
    if measure.limits is not None:
        low, high = measure.limits
    else:
        whole = bool((values[known] % 1 == 0).all())  # counts are limited by a count
        low, high = np.percentile(values[known], (1, 99), method="nearest" if whole else "linear")
    if not high > low:
        low, high = float(low) - 0.5, float(low) + 0.5
    colors[known] = colormap((values[known] - low) / (high - low))
    beyond = (bool(values[known].min() < low), bool(values[known].max() > high))
    return colors, Legend(measure.name, (float(low), float(high)), (), *missing, beyond)


def highlight(colors: RGBA, selected: npt.NDArray[np.bool_]) -> RGBA:
    """Dim every unit that is not selected; with nothing selected all keep their colours."""
    if not selected.any():
        return np.array(colors, np.float32)
    # of many units a choice is several times as fast as an assignment to those that are not selected
    dimmed: RGBA = np.where(selected[:, None], np.asarray(colors, np.float32), np.array(DIMMED, np.float32))
    return dimmed


def colormap(fractions: npt.NDArray[np.float64]) -> RGBA:
    """Return the colours of the default colour map, float32 [values, 4], for fractions of 0 to 1."""
    from matplotlib import colormaps

    table: RGBA = np.asarray(colormaps[COLORMAP](np.linspace(0, 1, 256)), np.float32)
    return np.take(table, np.clip(np.asarray(fractions) * 255, 0, 255).astype(int), axis=0)


def cyclic_colors(turns: npt.NDArray[np.float64]) -> RGBA:
    """Return the colours of `direction_color`, float32 [values, 4], for parts of a full turn."""
    table = np.array([(*direction_color(float(angle)), 255) for angle in range(360)], np.float32) / 255
    colors: RGBA = table[np.round(np.asarray(turns, np.float64) * 360).astype(int) % 360]
    return colors


def category_color(index: int) -> str:
    """Return the hexadecimal colour of a category; they repeat after `DISTINCT`."""
    tone, place = divmod(index % DISTINCT, len(CATEGORIES))
    amount, end = abs(TONES[tone]), 255 if TONES[tone] > 0 else 0
    parts = (int(CATEGORIES[place][i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + amount * (end - part)):02X}" for part in parts)


def direction_color(direction: float) -> tuple[int, int, int]:
    """Return the colour (red, green, blue; 0 to 255) of a movement direction in degrees.

    Directions are cyclic and so are the colours; their lightness stays in a middle range so that they
    read on dark and on light backgrounds.
    """
    import colorsys

    from_blue = (direction / 360.0 + 0.57) % 1.0
    lightness = 0.53 + 0.07 * np.sin(2 * np.deg2rad(direction))
    red, green, blue = colorsys.hls_to_rgb(from_blue, float(lightness), 0.72)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    darker = 255 * min(1.0, BRIGHTEST / luminance)  # yellow would vanish on white
    return round(darker * red), round(darker * green), round(darker * blue)


def hex_rgba(text: str) -> tuple[float, float, float, float]:
    """Return red, green, blue and alpha (0 to 1) of ``#rrggbb``.

    Examples
    --------
    >>> hex_rgba("#ff0000")
    (1.0, 0.0, 0.0, 1.0)
    """
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, 1.0
