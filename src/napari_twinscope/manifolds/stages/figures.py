"""The figures of a comparison, drawn without a window, in colours safe for colour-blind eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.comparison.alignment_options import DISTANCES
from napari_twinscope.manifolds.stages.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from napari_twinscope.manifolds.stages.result import StageComparison

# Of Okabe & Ito's colours, which are told apart with any colour vision.
_BLUE, _RED = "#0072B2", "#D55E00"
_CLASSIFIER_COLORS = {"logistic": _BLUE, "neighbors": _RED}
_CLASSIFIER_TITLES = {"logistic": "logistic regression", "neighbors": "nearest neighbours"}
_WINDOW_LINES = {"growing": "-", "shrinking": "--", "frame": ":"}
_PANELS = 4  # side by side
_LOGARITHMIC = ("s_cross", "crossing")  # stages differ by orders of magnitude

TITLES = {
    "units": "Units and their tuning",
    "dimension": "Variance and dimension",
    "encoding": "Encoding manifolds",
    "decoding": "Decoding over time",
    "tubularity": "Tubularity",
    "alignment": "Alignment between populations",
}

_BY_PART = {
    "units": (
        "responsive_share",
        "median_osi",
        "median_dsi",
        "direction_spread",
        "median_temporal_variance",
        "median_speed",
        "median_stability",
        "median_curvature",
    ),
    "dimension": (
        "decoding_explained",
        "trajectory_explained",
        "participation_ratio",
        "components_90",
    ),
    "encoding": ("local_dimension", "clusters", "cluster_purity", "same_map_edges"),
    "tubularity": ("s_tight", "crossing", "s_cross"),
}


def available_figures(comparison: StageComparison) -> tuple[str, ...]:
    """Return the names of the figures that a comparison can be drawn as, of those in `TITLES`."""
    there = set(comparison.measures)
    drawn = [name for name, measures in _BY_PART.items() if there & set(measures)]
    drawn += ["decoding"] if len(comparison.decoding) else []
    drawn += ["alignment"] if comparison.alignment is not None else []
    return tuple(name for name in TITLES if name in drawn)


def plot_comparison(comparison: StageComparison, name: str, *, width: float = 9.0) -> Figure:
    """Draw one figure of a comparison.

    Parameters
    ----------
    comparison
        From `stage_comparison`.
    name
        One of `available_figures`.
    width
        In inches; the height follows.

    Raises
    ------
    InvalidInput
        If the comparison has no such figure.
    """
    if name not in available_figures(comparison):
        raise InvalidInput(
            "The comparison has no such figure.",
            given=name,
            needed=", ".join(available_figures(comparison)) or "parts that can be drawn",
        )
    draw: Callable[[StageComparison, float], Figure]
    draw = {"decoding": plot_decoding, "alignment": plot_alignment}.get(name) or (
        lambda comparison, width: plot_measures(comparison, _BY_PART[name], width)
    )
    return draw(comparison, width)


def plot_measures(comparison: StageComparison, measures: Sequence[str], width: float = 9.0) -> Figure:
    """Draw measures by population, each in a panel, with intervals and chance levels.

    Parameters
    ----------
    comparison
        From `stage_comparison`.
    measures
        Names; those that no population has are left out.
    width
        In inches.
    """
    shown = [name for name in measures if name in comparison.measures]
    columns = min(_PANELS, len(shown))
    rows = -(-len(shown) // columns)
    names = comparison.names
    height = rows * (1.9 + 0.07 * max(map(len, names)))
    figure = _figure(width, height)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    places = np.arange(len(names))
    for panel, name in zip(panels, shown, strict=False):
        table = comparison.table[comparison.table["measure"] == name].set_index("population")
        table = table.reindex(list(names))
        value, lower, upper, chance = (
            table[column].to_numpy(dtype=float) for column in ("value", "lower", "upper", "chance")
        )
        _joined(panel, comparison, value)
        panel.vlines(places, lower, upper, color=_BLUE, linewidth=1.6)
        panel.plot(places, value, "o", color=_BLUE, markersize=4.5)
        if np.isfinite(chance).any():
            panel.plot(places, chance, "_", color="0.5", markersize=10)
        _named_axis(panel, names)
        panel.set_title(_wrapped(MEASURES[name].long_name), fontsize=9)
        units = MEASURES[name].units
        panel.set_ylabel("" if units == "1" else units or "a.u.", fontsize=8)
        panel.tick_params(axis="y", labelsize=8)
        panel.margins(x=0.06)
        if name.endswith("_share"):
            panel.set_ylim(0, 1.03)
        if name in _LOGARITHMIC and np.fmax.reduce(value) > 0:
            panel.set_yscale("log", nonpositive="mask")
    for panel in panels[len(shown) :]:
        panel.remove()
    for panel in panels[max(0, len(shown) - columns) : len(shown)]:
        panel.tick_params(axis="x", labelbottom=True)
    return figure


def plot_decoding(comparison: StageComparison, width: float = 9.0) -> Figure:
    """Draw the accuracy of classification over time, one panel a population: colour is the classifier."""
    table, names = comparison.decoding, comparison.names
    columns = min(_PANELS, len(names))
    rows = -(-len(names) // columns)
    figure = _figure(width, 1.75 * rows + 0.7)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True, sharex=True).ravel()
    for panel, name in zip(panels, names, strict=False):
        of_one = table[table["population"] == name]
        for (classifier, window), course in of_one.groupby(["classifier", "window"], sort=False):
            classifier, window = str(classifier), str(window)
            color, line = _CLASSIFIER_COLORS[classifier], _WINDOW_LINES[window]
            panel.fill_between(
                course["time"], course["lower"], course["upper"], color=color, alpha=0.12, linewidth=0
            )
            label = f"{_CLASSIFIER_TITLES[classifier]}, {window} window"
            panel.plot(course["time"], course["accuracy"], line, color=color, linewidth=1.3, label=label)
        panel.axhline(
            of_one["chance"].iloc[0], color="0.4", linestyle=(0, (1, 2)), linewidth=1.2, label="chance"
        )
        panel.set_title(name, fontsize=9)
        panel.set_ylim(0, 1.03)
        panel.tick_params(labelsize=8)
    for panel in panels[len(names) :]:
        panel.remove()
    for panel in panels[max(0, len(names) - columns) : len(names)]:
        panel.tick_params(axis="x", labelbottom=True)
    figure.supylabel("share of movies named right", fontsize=9)
    figure.supxlabel("end of a growing, begin of a shrinking window (s)", fontsize=9)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    return figure


def plot_alignment(comparison: StageComparison, width: float = 9.0) -> Figure:
    """Draw the matrix of each measure of alignment, dark where two populations are alike."""
    found = comparison.alignment
    if found is None:
        raise InvalidInput("No alignment was measured.", needed="two populations or more, and this part")
    names, measures = comparison.names, [str(name) for name in found["alignment"].values]
    columns = min(3, len(measures))
    rows = -(-len(measures) // columns)
    longest = 0.075 * max(map(len, names))
    side = (width - longest) / columns - 0.75  # beside its colour bar
    figure = _figure(width, rows * (side + 0.5) + longest)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, measure in zip(panels, measures, strict=False):
        scores = found["score"].sel(alignment=measure).values
        distance = measure in DISTANCES
        map_name = "cividis" if distance else "cividis_r"
        image = panel.imshow(scores, cmap=map_name, interpolation="nearest")
        panel.set_facecolor("0.9")  # where it is not defined
        bar = figure.colorbar(image, ax=panel, pad=0.02)
        bar.ax.tick_params(labelsize=7)
        panel.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        panel.set_yticks(range(len(names)), names, fontsize=8)
        alike = "low" if distance else "high"
        panel.set_title(f"{_ALIGNMENT_TITLES[measure]}\n{alike} is alike", fontsize=9)
        if len(names) <= 12:
            _write_numbers(panel, scores, image)
    for panel in panels[len(measures) :]:
        panel.remove()
    for panel in panels[max(0, len(measures) - columns) : len(measures)]:
        panel.tick_params(axis="x", labelbottom=True)
    return figure


_ALIGNMENT_TITLES = {
    "rsa": "RSA",
    "cka": "linear CKA",
    "cca": "CCA",
    "procrustes": "Procrustes disparity",
    "dsa": "DSA (radians)",
    "gromov_wasserstein": "Gromov-Wasserstein",
}


def _write_numbers(panel: Axes, scores: Any, image: Any) -> None:
    size = 7 if len(scores) <= 8 else 5.5
    for i, j in np.ndindex(scores.shape):
        if not np.isfinite(scores[i, j]):
            panel.text(j, i, "–", ha="center", va="center", fontsize=size, color="0.3")
        else:
            red, green, blue, _ = image.cmap(image.norm(scores[i, j]))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            text = (
                f"{scores[i, j]:.2f}".replace("0.", ".", 1)
                if abs(scores[i, j]) < 1
                else f"{scores[i, j]:.2g}"
            )
            panel.text(
                j, i, text, ha="center", va="center", fontsize=size, color="white" if dark else "black"
            )


def _joined(panel: Axes, comparison: StageComparison, values: Any) -> None:
    """Join the stages of a recording by a line, which imported populations have none of."""
    recordings = [one.recording for one in comparison.populations]
    for name in dict.fromkeys(recordings):
        places = [place for place, recording in enumerate(recordings) if recording == name and name]
        if len(places) > 1:
            panel.plot(places, values[places], "-", color=_BLUE, alpha=0.35, linewidth=1)


def _named_axis(panel: Axes, names: Sequence[str]) -> None:
    panel.set_xticks(range(len(names)), names, rotation=90, fontsize=8)


def _wrapped(text: str, longest: int = 28) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, longest))


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
