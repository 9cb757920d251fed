"""Numbers: how well the twin's units respond as the cells do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.population import (
    agreement,
    circular_difference,
    correlation,
    direction_tuning,
    preferred,
    preferred_class,
    selectivity,
)
from napari_twinscope.population.comparison import PREFERRED
from napari_twinscope.twins.simulated.cells import CELL_TYPES, DIRECTION_SELECTIVE, UNORIENTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from demo_twin.recordings import Pair
    from napari_twinscope.stimuli import Screen
    from napari_twinscope.twins import Twin
    from napari_twinscope.twins.simulated import Cells

NEAR = 22.5
"""Largest difference of preferred directions in degrees that counts as found."""
BANDS = {"below 0.06": (0.0, 0.06), "0.06 to 0.12": (0.06, 0.12), "above 0.12": (0.12, np.inf)}
"""Ranges of preferred spatial frequency, cycles/deg."""
KINDS = {"simple": ("simple", "simple-DS"), "complex": ("complex", "complex-DS"), "ON and OFF": UNORIENTED}
SELECTIVE = 0.2
"""Smallest true index at which a cell has a preferred direction, or orientation, in a class."""


@dataclass(frozen=True)
class Tuning:
    """Tuning of the twin and of the cells to one protocol.

    Attributes
    ----------
    twin, truth
        Tuning curves (unit, stimulus, direction).
    twin_selectivity, truth_selectivity
        From `selectivity`.
    classes
        The class that each cell prefers.
    table
        From `agreement`.
    """

    twin: xr.DataArray
    truth: xr.DataArray
    twin_selectivity: xr.Dataset
    truth_selectivity: xr.Dataset
    classes: xr.DataArray
    table: Any


def correlations(pair: Pair, skip: float) -> NDArray[np.float64]:
    """Correlate twin and cell over all movies and the frames after `skip` seconds, [units]."""
    late = pair.truth.time.values >= skip
    sides = (side.isel(time=late) for side in (pair.twin, pair.truth))
    return correlation(*sides, ("stimulus", "direction", "time")).values


def correlation_scores(r: NDArray[np.float64], cells: Cells) -> dict[str, Any]:
    """Summarise correlations: number of cells, median, quartiles, and the medians by type."""
    known = r[np.isfinite(r)]
    return {
        "n": len(known),
        "undefined": len(r) - len(known),
        "median": float(np.median(known)),
        "quartiles": np.quantile(known, (0.25, 0.75)).tolist(),
        "share_below_0.7": float((known < 0.7).mean()),
        "median_by_type": {
            kind: float(np.nanmedian(r[cells.of_type(kind)]))
            for kind in CELL_TYPES
            if cells.of_type(kind).any()
        },
        "median_by_frequency": {
            name: {kind: _median(r[_chosen(cells, types, band)]) for kind, types in KINDS.items()}
            for name, band in BANDS.items()
        },
    }


def _median(values: NDArray[np.float64]) -> float:
    return float(np.nanmedian(values)) if len(values) else math.nan


def _chosen(cells: Cells, types: tuple[str, ...], band: tuple[float, float]) -> NDArray[np.intp]:
    frequency = cells.spatial_frequency
    return np.flatnonzero(cells.of_type(*types) & (frequency >= band[0]) & (frequency < band[1]))


def reliability(tuning: Tuning, again: xr.DataArray, skip: float) -> dict[str, dict[str, float]]:
    """Correlate the selectivity of the cells in two sets of instances.

    Parameters
    ----------
    tuning
        Of one set.
    again
        Responses of the cells to another one, dims (unit, stimulus, direction, time).
    skip
        Seconds after the onset that are left out.

    Returns
    -------
    dict
        For each class, and the preferred one: ``osi`` and ``dsi``.
    """
    nobody = xr.zeros_like(tuning.classes, dtype=bool)
    table = agreement(
        selectivity(direction_tuning(again, skip=skip)),
        tuning.truth_selectivity,
        classes=tuning.classes,
        direction_selective=nobody,
        orientation_selective=nobody,
    )
    return {
        str(name): {index: float(row[f"{index}_pearson"]) for index in ("osi", "dsi")}
        for name, row in table.iterrows()
    }


def fine_osi(tuning: Tuning, cells: Cells) -> dict[str, dict[str, float]]:
    """Return the median OSI of twin and cells among those that prefer fine detail, for each class."""
    fine = _chosen(cells, tuple(t for t in CELL_TYPES if t not in UNORIENTED), BANDS["above 0.12"])
    sides = {"twin": tuning.twin_selectivity, "cells": tuning.truth_selectivity}
    return {
        str(name): {side: float(found.osi.sel(stimulus=name)[fine].median()) for side, found in sides.items()}
        for name in tuning.truth.stimulus.values
    }


def compare_tuning(pair: Pair, cells: Cells, skip: float) -> Tuning:
    """Measure the tuning of both, and how well they agree."""
    twin, truth = (direction_tuning(side, skip=skip) for side in (pair.twin, pair.truth))
    found, right = selectivity(twin), selectivity(truth)
    classes = preferred_class(truth)
    directed = xr.DataArray(cells.of_type(*DIRECTION_SELECTIVE), dims="unit")
    oriented = xr.DataArray(~cells.of_type(*UNORIENTED), dims="unit")
    table = agreement(
        found,
        right,
        classes=classes,
        direction_selective=directed & (right.dsi >= SELECTIVE),
        orientation_selective=oriented & (right.osi >= SELECTIVE),
        within=NEAR,
    )
    return Tuning(twin, truth, found, right, classes, table)


def direction_errors(tuning: Tuning, cells: Cells) -> NDArray[np.float64]:
    """Return the signed error of each direction-selective cell in its preferred class, degrees."""
    directed = cells.of_type(*DIRECTION_SELECTIVE)
    found, right = (
        preferred(side.preferred_direction, tuning.classes).values[directed]
        for side in (tuning.twin_selectivity, tuning.truth_selectivity)
    )
    return circular_difference(found, right)


def label_errors(tuning: Tuning, cells: Cells) -> NDArray[np.float64]:
    """Return the same against the cells' labels: what an analysis of the twin would report."""
    directed = cells.of_type(*DIRECTION_SELECTIVE)
    found = preferred(tuning.twin_selectivity.preferred_direction, tuning.classes).values[directed]
    return circular_difference(found, cells.direction[directed])


def tuning_scores(tuning: Tuning, cells: Cells) -> dict[str, Any]:
    """Summarise the tuning to one protocol."""
    scores: dict[str, Any] = {"classes": tuning.table.to_dict(orient="index")}
    for name, errors in (
        ("direction", direction_errors(tuning, cells)),
        ("label", label_errors(tuning, cells)),
    ):
        known = np.abs(errors[np.isfinite(errors)])
        scores[f"{name}_error_of_all_selective_cells"] = {
            "n": len(known),
            "undefined": len(errors) - len(known),
            "median": float(np.median(known)),
            "within": float((known <= NEAR).mean()),
        }
    scores["cells_preferring"] = {
        str(name): int((tuning.classes == name).sum()) for name in tuning.truth.stimulus.values
    }
    return scores


def curve_correlations(tuning: Tuning) -> NDArray[np.float64]:
    """Correlate the tuning curves of each cell in its preferred class, [units]."""
    sides = (preferred(side, tuning.classes) for side in (tuning.twin, tuning.truth))
    return correlation(*sides, "direction").values


def position_errors(twin: Twin, cells: Cells, screen: Screen) -> NDArray[np.float64]:
    """Return (upwards, rightwards) from each cell's centre to where its unit reads, degrees, [units, 2]."""
    found = twin.stimulus_positions("output")[:, 0]
    off = (found - np.stack((cells.y, cells.x), axis=-1)) * screen.degrees_per_pixel
    return off * [-1, 1]


def position_scores(errors: NDArray[np.float64]) -> dict[str, Any]:
    """Summarise the errors of position."""
    distance = np.hypot(*errors.T)
    return {
        "n": len(distance),
        "median": float(np.median(distance)),
        "90th_percentile": float(np.quantile(distance, 0.9)),
    }


def lowest(tuning: dict[str, Any], column: str) -> float:
    """Return the lowest value of a column over the classes, the preferred one left out."""
    return min(row[column] for name, row in tuning["classes"].items() if name != PREFERRED)
