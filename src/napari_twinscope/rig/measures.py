"""What a unit can be coloured by: one number or one category for each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MeasureName = Literal["mean activity", "feature map", "preferred stimulus"]
MEASURE_NAMES: tuple[MeasureName, ...] = get_args(MeasureName)
EXPLANATIONS: dict[MeasureName, str] = {
    "mean activity": "The unit's response averaged over all stimuli, directions and times (signed, a.u.).",
    "feature map": "The channel of the network stage to which the unit belongs.",
    "preferred stimulus": "The stimulus class with the largest mean response at its best direction.",
}


@dataclass(frozen=True)
class Measure:
    """One value for each unit.

    Parameters
    ----------
    name
        What is measured, with its unit where it has one.
    values
        float64 [units]; NaN where the measure is undefined. For categories the index into `labels`.
    labels
        The names of the categories; empty if the measure is a continuous number.
    """

    name: str
    values: npt.NDArray[np.float64]
    labels: tuple[str, ...] = ()


def measure(
    name: str, responses: xr.DataArray, units: pd.DataFrame, stimulus_labels: tuple[str, ...] = ()
) -> Measure:
    """Measure every unit of a stage.

    Parameters
    ----------
    name
        One of `MEASURE_NAMES`.
    responses
        Dims (unit, stimulus, direction, time).
    units
        The unit table of the same stage, with a ``channel`` column.
    stimulus_labels
        What the stimuli are called; their names if not given.

    Raises
    ------
    InvalidInput
        If the measure is unknown.
    """
    if name == "mean activity":
        values = responses.mean(("stimulus", "direction", "time"), skipna=False).values
        return Measure("mean activity (a.u.)", _finite(values))
    if name == "preferred stimulus":
        strength = responses.mean("time", skipna=False).max("direction", skipna=False)
        table = strength.transpose("unit", "stimulus").values.astype(np.float64)
        known = np.isfinite(table).all(axis=1)
        best = np.where(known, np.argmax(np.where(np.isfinite(table), table, -np.inf), axis=1), np.nan)
        return Measure(name, best, stimulus_labels or tuple(map(str, responses.stimulus.values)))
    if name == "feature map":
        channels = units["channel"].to_numpy()
        present, index = np.unique(channels, return_inverse=True)
        if len(present) <= 8:
            return Measure(name, index.astype(np.float64), tuple(f"map {channel}" for channel in present))
        return Measure("feature map (channel)", channels.astype(np.float64))
    raise InvalidInput("This measure is unknown.", given=name, needed=", ".join(MEASURE_NAMES))


def _finite(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    values = np.asarray(values, np.float64)
    return np.where(np.isfinite(values), values, np.nan)
