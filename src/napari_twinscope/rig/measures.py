"""What a unit can be coloured by: one number or one category for each unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import DISTINCT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import xarray as xr

    from napari_twinscope.manifolds.encoding.result import EncodingManifold
    from napari_twinscope.stimuli import StimulusProtocol

MeasureName = Literal["mean activity", "feature map", "preferred stimulus"]
MEASURE_NAMES: tuple[MeasureName, ...] = get_args(MeasureName)
"""Measures that need nothing but a look at the responses."""
EXPLANATIONS: dict[str, str] = {
    "mean activity": "The unit's response averaged over all stimuli, directions and times (signed, a.u.).",
    "feature map": "The channel of the network stage to which the unit belongs.",
    "preferred stimulus": "The stimulus class with the largest mean response at its best direction (signed; "
    "the preferred class of OSI and DSI counts negative responses as zero, and may be another).",
}
SOURCES: dict[str, str] = {
    "mean activity": "as in arXiv 2601.21508, where negative responses count as zero",
    "feature map": "the twin and its recording; arXiv 2601.21508 colours by it too",
    "preferred stimulus": "this package; arXiv 2601.21508 averages over directions too",
}
RECORDED, PLACED, PREPARED = "As recorded", "On the encoding manifold", "As prepared for the manifold"
SECTIONS = (RECORDED, PLACED, PREPARED)
_OF = {
    RECORDED: " Of the responses as recorded, negative ones counted as zero.",
    PLACED: "",
    PREPARED: " Of the responses as prepared for the manifold: rectified, smoothed and scaled.",
}
_PLACED = ("cluster", "local_dimension", "degree", "weighted_degree", "same_map_edges", "spatial_frequency")
_FACTOR = "factor_"
_TITLES = {
    "osi": "OSI",
    "dsi": "DSI",
    "osi_two_point": "OSI, two-point",
    "dsi_two_point": "DSI, two-point",
    "same_map_edges": "same-map edges",
    "contribution": "contribution to PC 1",
    **{f"loading_{number}": f"loading on PC {number}" for number in (1, 2, 3)},
}
_UNITS = {"preferred_direction": "degrees", "preferred_orientation": "degrees", "temporal_variance": "log"}
_PERIODS = {"preferred_direction": 360.0, "preferred_orientation": 180.0}


@dataclass(frozen=True, eq=False)
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
    description
        One sentence that says what it is, and of which responses.
    source
        Where its definition is from: a paper with its DOI or arXiv number, or this package.
    section
        Where it is listed, one of `SECTIONS`.
    period
        After how much a cyclic number, as a direction, is the same again; ``None`` for others.
    missing
        What units without a value are called.
    limits
        The values at the two ends of the colours; ``None`` takes them from the values.
    colors
        The colours of the categories, ``#rrggbb`` each; empty for those that tell most categories apart.
    """

    name: str
    values: npt.NDArray[np.float64]
    labels: tuple[str, ...] = ()
    description: str = ""
    section: str = RECORDED
    period: float | None = None
    missing: str = "no value"
    limits: tuple[float, float] | None = None
    colors: tuple[str, ...] = ()
    source: str = ""

    @property
    def explained(self) -> str:
        """What a tooltip says: what it is, and where its definition is from."""
        return explained(self.description, self.source)


def explained(description: str, source: str) -> str:
    """Return a description and, if there is one, the source of a definition as one text."""
    return f"{description} Source: {source}." if source else description


def measure(
    name: str, responses: xr.DataArray, units: pd.DataFrame, stimulus_labels: tuple[str, ...] = ()
) -> Measure:
    """Measure every unit of a stage by what can be seen at once.

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
        return Measure("mean activity (a.u.)", _finite(values), **_said(name))
    if name == "preferred stimulus":
        strength = responses.mean("time", skipna=False).max("direction", skipna=False)
        table = strength.transpose("unit", "stimulus").values.astype(np.float64)
        known = np.isfinite(table).all(axis=1)
        best = np.where(known, np.argmax(np.where(np.isfinite(table), table, -np.inf), axis=1), np.nan)
        labels = stimulus_labels or tuple(map(str, responses.stimulus.values))
        return Measure(name, best, labels, **_said(name))
    if name == "feature map":
        channels = units["channel"].to_numpy()
        present, index = np.unique(channels, return_inverse=True)
        labels = tuple(f"map {channel}" for channel in present)
        repeated = f" ({len(present)}, colours repeat)" if len(present) > DISTINCT else ""
        return Measure(name + repeated, index.astype(np.float64), labels, **_said(name))
    raise InvalidInput("This measure is unknown.", given=name, needed=", ".join(MEASURE_NAMES))


def measures_of_responses(responses: xr.DataArray) -> dict[str, Measure]:
    """Measure selectivity, preferences and dynamics of every unit of a stage, by name; this takes a while.

    Parameters
    ----------
    responses
        As recorded, dims (unit, stimulus, direction, time).

    Raises
    ------
    InvalidInput
        If the responses do not allow it.
    """
    from napari_twinscope.population.measured_units import unit_measures

    found = unit_measures(responses)
    return {
        _title(str(name)): _listed(
            str(name), values.values, str(values.attrs["description"]), str(values.attrs["source"]), RECORDED
        )
        for name, values in found.data_vars.items()
        if name not in ("mean_activity", "preferred_class")  # `measure` has them, signed
    }


def measures_of_manifold(manifold: EncodingManifold) -> dict[str, Measure]:
    """Return all that an encoding manifold says of its units, by name.

    Units without a place on the manifold have no value, but for what is known of their responses. Measures
    of the responses that were prepared for the manifold have a name of their own, ``"OSI (prepared)"``,
    since they differ from those of the responses as recorded.

    Parameters
    ----------
    manifold
        From `encoding_manifold`.
    """
    table = manifold.unit_measures()
    descriptions, sources = table.attrs["descriptions"], table.attrs["sources"]
    factors = [name for name in table.columns if name.startswith(_FACTOR)]
    first = [name for name in _PLACED if name in table.columns] + factors
    rest = [name for name in table.columns if name not in (*first, "unit_id", "channel")]
    columns = {name: table[name].to_numpy() for name in (*first, *rest) if name != "cluster"}
    if "cluster" in first:
        columns["cluster"] = table["cluster"].to_numpy(dtype=np.float64, na_value=np.nan)
    placed = {_title(n): _listed(n, columns[n], descriptions[n], sources[n], PLACED) for n in first}
    prepared = {
        f"{_title(n)} (prepared)": _listed(n, columns[n], descriptions[n], sources[n], PREPARED) for n in rest
    }
    return placed | prepared


def with_stimulus_labels(found: Measure, protocol: StimulusProtocol, called: Sequence[str]) -> Measure:
    """Return a measure whose categories are stimuli with all of the protocol's in its order, as labelled.

    Parameters
    ----------
    found
        Any measure; one whose categories are not names of these stimuli stays as it is.
    protocol
        What was recorded.
    called
        What its stimuli are called.
    """
    if not found.labels or not set(found.labels) <= set(protocol.names):
        return found
    places = np.array([protocol.names.index(label) for label in found.labels], np.float64)
    known = np.isfinite(found.values)
    values = np.full(len(known), np.nan)
    values[known] = places[found.values[known].astype(int)]
    return replace(found, values=values, labels=tuple(called))


def unknown_measure(name: str, count: int) -> Measure:
    """Return a measure that says of no unit anything, as for one of a manifold that is not there."""
    return Measure(name, np.full(count, np.nan), missing="not known of this stage")


def _said(name: str) -> dict[str, Any]:
    return {"description": EXPLANATIONS[name], "source": SOURCES[name]}


def _listed(name: str, values: npt.NDArray[Any], description: str, source: str, section: str) -> Measure:
    remarks = ["prepared"] if section == PREPARED else []
    remarks += [_UNITS[name]] if name in _UNITS else []
    title = _title(name) + (f" ({', '.join(remarks)})" if remarks else "")
    said = description + _OF[section]
    if name == "cluster":
        count = int(values[np.isfinite(values)].max(initial=-1)) + 1
        labels = tuple(f"cluster {number}" for number in range(count))
        return Measure(title, _finite(values), labels, said, section, missing="in no cluster", source=source)
    if values.dtype.kind in "OUT":
        names = [str(value) for value in values]
        labels = tuple(sorted(set(names) - {"", "nan"}))
        places = {label: float(place) for place, label in enumerate(labels)}
        codes = np.array([places.get(n, np.nan) for n in names])
        return Measure(title, codes, labels, said, section, source=source)
    return Measure(title, _finite(values), (), said, section, _PERIODS.get(name), source=source)


def _title(name: str) -> str:
    """Return what the column of a table is called in words."""
    if name.startswith(_FACTOR):
        return f"factor loading {name.removeprefix(_FACTOR)}"
    return _TITLES.get(name, name.replace("_", " "))


def _finite(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    values = np.asarray(values, np.float64)
    return np.where(np.isfinite(values), values, np.nan)
