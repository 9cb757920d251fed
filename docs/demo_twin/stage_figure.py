"""The figure that compares the stages of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from demo_twin.decoding import DECODERS, FEATURES
from demo_twin.figures import figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

# Colour (Okabe & Ito), marker, name, and how far beside its stage each is drawn.
WHO = {
    "untrained": ("#E69F00", "s", "untrained network", -0.12),
    "trained": ("#0072B2", "o", "the twin", 0.0),
    "cells": ("#000000", "D", "simulated cells", 0.12),
}


def stage_figure(
    path: Path,
    scores: Mapping[str, Mapping[str, Any]],
    stages: Sequence[str],
    labels: Mapping[str, str],
    chance: float,
) -> None:
    """Draw how well each stage tells the conditions apart: a column a feature, a row a decoder.

    Parameters
    ----------
    path
        Where to.
    scores
        ``trained``, ``untrained`` and ``cells``: each from `decoding.stage_scores`.
    stages, labels
        The network's stages in order, and what they are called.
    chance
        Share that guessing tells right.
    """
    names = [*(labels[stage] for stage in stages), "cells"]
    with figure(path, 5.0, 10.5) as drawn:
        grid = drawn.subplots(len(DECODERS), len(FEATURES), sharex=True, sharey=True)
        for column, feature in enumerate(FEATURES):
            for row, decoder in enumerate(DECODERS):
                axes = grid[row, column]
                axes.axhline(chance, color="#777777", linewidth=0.7, linestyle=":")
                for name in WHO:
                    _draw(axes, name, scores[name][feature][decoder], stages)
                axes.set_ylim(0, 1.03)
            grid[0, column].set_title(feature)
            grid[-1, column].set_xticks(
                range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor"
            )
        for row, decoder in enumerate(DECODERS):
            grid[row, 0].set_ylabel(f"share told right\n({decoder})")
        grid[0, 0].text(len(names) - 0.7, chance + 0.015, "chance", color="#777777", fontsize=7, ha="right")
        # all three are drawn where every position counts
        handles, titles = grid[0, -1].get_legend_handles_labels()
        drawn.legend(handles, titles, loc="outside lower center", ncols=len(WHO))


def _draw(axes: Axes, name: str, found: Mapping[str, Any], stages: Sequence[str]) -> None:
    color, marker, title, aside = WHO[name]
    places = {"output": len(stages)} if name == "cells" else {s: place for place, s in enumerate(stages)}
    known = [(place, found[s]) for s, place in places.items() if found.get(s) is not None]
    if not known:
        return
    x = np.array([place for place, _ in known]) + aside
    y, low, high = np.array([[s["accuracy"], s["low"], s["high"]] for _, s in known]).T
    error = np.maximum((y - low, high - y), 0)  # a last bit below zero where all are right
    axes.errorbar(x, y, error, fmt=marker + "-", color=color, label=title, markersize=3.5, linewidth=0.9)
