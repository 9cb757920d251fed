"""What is measured of one population, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.errors import TwinscopeError
from napari_twinscope.manifolds.comparison.classification import classification_over_time
from napari_twinscope.manifolds.decoding.conditions import conditions, varying
from napari_twinscope.manifolds.decoding.dimensionality import activity_dimension
from napari_twinscope.manifolds.decoding.manifold import decoding_manifold
from napari_twinscope.manifolds.decoding.trajectories import decoding_trajectories
from napari_twinscope.manifolds.encoding.manifold import open_encoding_manifold, stored_encoding_manifolds
from napari_twinscope.manifolds.tubes.measures import tubularity
from napari_twinscope.population.measured_units import unit_measures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_twinscope.manifolds.stages.options import ComparisonOptions
    from napari_twinscope.manifolds.stages.populations import Population
    from napari_twinscope.progress import Progress

    Rows = dict[str, tuple[float, float, float, float]]

MEDIANS = (
    "osi",
    "dsi",
    "osi_two_point",
    "dsi_two_point",
    "mean_activity",
    "temporal_variance",
    "speed",
    "stability",
    "curvature",
    "classifiability",
)
COLUMNS = ("value", "lower", "upper", "chance")
"""What is said of a measure."""

COURSE = ("accuracy", "lower", "upper")
"""What is said of the classification at each time."""

_LEVEL = 0.95
_COMPONENTS = 3
_NONE = float("nan")


def measure_part(
    part: str, population: Population, options: ComparisonOptions, progress: Progress
) -> xr.Dataset:
    """Measure one part of a population.

    Parameters
    ----------
    part
        One of `options.PARTS` but the alignment.
    population, options
        Of what, and how.
    progress
        Told of the steps; may cancel.

    Returns
    -------
    xarray.Dataset
        ``rows`` (measure, column), float64: the measures whose names are the attribute ``measures``, with
        `COLUMNS`. Beside it whatever else the part keeps for its figures. The attribute ``left_out`` says
        what the recording does not allow.
    """
    stimuli = options.stimuli_for(
        part, population.stage, papers=population.shows_papers, imported=population.imported
    )
    return _PARTS[part](population, options, stimuli, progress)


def _units(
    population: Population, options: ComparisonOptions, stimuli: str | None, progress: Progress
) -> xr.Dataset:
    del progress
    frames = conditions(population.responses, options.preset, stimuli, rectify=options.rectify)
    responsive = varying(frames.values.reshape(frames.sizes["unit"], -1))
    measured = unit_measures(frames, preset=options.preset, rectify=options.rectify)
    rows: Rows = {
        "units": (float(len(responsive)), _NONE, _NONE, _NONE),
        "responsive_share": (float(responsive.mean()), _NONE, _NONE, _NONE),
    }
    for number, name in enumerate(MEDIANS):
        if name in measured:
            rows[f"median_{name}"] = _over_units(measured[name].values, np.median, options, number)
    if "preferred_direction" in measured:
        angles = np.radians(measured["preferred_direction"].values)
        rows["direction_spread"] = _over_units(angles, _circular_variance, options, len(MEDIANS))
    return _dataset(rows, left_out=list(measured.attrs["left_out"]))


def _over_units(
    values: NDArray[np.float64],
    statistic: Callable[..., Any],
    options: ComparisonOptions,
    number: int,
) -> tuple[float, float, float, float]:
    """Return a statistic over the units that have a value, with its interval over units drawn again."""
    known = values[np.isfinite(values)]
    if not len(known):
        return _NONE, _NONE, _NONE, _NONE
    lower = upper = _NONE
    if options.unit_bootstraps:
        random = np.random.default_rng([options.seed, number])
        draws = random.integers(len(known), size=(options.unit_bootstraps, len(known)))
        lower, upper = _interval(statistic(known[draws], axis=1))
    return float(statistic(known, axis=0)), lower, upper, _NONE


def _interval(drawn: NDArray[np.float64]) -> tuple[float, float]:
    lower, upper = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(lower), float(upper)


def _circular_variance(angles: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = 1 - np.abs(np.exp(1j * angles).mean(axis))
    return spread


def _trajectories(
    population: Population, options: ComparisonOptions, stimuli: str | None, progress: Progress
) -> xr.Dataset:
    progress.begin(3, "Explained variance")
    how: dict[str, Any] = {"preset": options.preset, "stimuli": stimuli, "rectify": options.rectify}
    movies = decoding_manifold(population.responses, n_components=_COMPONENTS, seed=options.seed, **how)
    progress.advance()
    moved = decoding_trajectories(population.responses, n_components=_COMPONENTS, seed=options.seed, **how)
    progress.advance()
    dimension = activity_dimension(population.responses, **how)
    progress.advance()
    ratios = moved["explained_variance_ratio"].values
    values = {
        "decoding_explained": movies["explained_variance_ratio"].values.sum(),
        "trajectory_explained": ratios.sum(),
        "trajectory_explained_first": ratios[0],
        "participation_ratio": dimension["participation_ratio"],
        "components_90": dimension["components"],
    }
    rows: Rows = {name: (float(value), _NONE, _NONE, _NONE) for name, value in values.items()}
    made = _dataset(rows)
    return made.assign(variance=("component", dimension["variance"].values))


def _classification(
    population: Population, options: ComparisonOptions, stimuli: str | None, progress: Progress
) -> xr.Dataset:
    rows: Rows = {}
    courses: dict[str, Any] = {}
    attrs: dict[str, Any] = {}
    for classifier in options.classifiers:
        how = options.classification(classifier, stimuli)
        found = classification_over_time(population.responses, how, progress=progress)
        chance = float(found.attrs["chance"])
        growing = found.sel(window="growing")
        whole = found.sel(window="shrinking").isel(time=0)  # from the first frame to the last
        best = growing.isel(time=int(growing["accuracy"].argmax("time")))
        for when, at in (("final", whole), ("peak", best)):
            accuracy, lower, upper = (float(at[name]) for name in COURSE)
            rows[f"{classifier}_{when}"] = (accuracy, lower, upper, chance)
        rows[f"{classifier}_peak_time"] = (float(best["time"]), _NONE, _NONE, _NONE)
        course = np.stack([found[name].values for name in COURSE])
        courses[classifier] = (("course", "window", "frame"), course)
        attrs = {
            "windows": [str(name) for name in found["window"].values],
            "chance": chance,
            "chance_upper": float(found.attrs["chance_upper"]),
            "stimuli": [str(name) for name in found["stimulus"].values],
        }
        courses["time"] = ("frame", np.asarray(found["time"].values, dtype=np.float64))
    return _dataset(rows, **attrs).assign(courses)


def _tubularity(
    population: Population, options: ComparisonOptions, stimuli: str | None, progress: Progress
) -> xr.Dataset:
    found = tubularity(population.responses, options.tubularity(stimuli), progress=progress)
    rows: Rows = {}
    for name in found["measure"].values:
        one = found.sel(measure=name)
        value, lower, upper = float(one["score"]), _NONE, _NONE
        if options.bootstraps:
            lower, upper = (float(bound) for bound in one["interval"])
        if options.bootstraps and options.preset != "corrected":  # as their figures show it
            value, bar = float(one["bootstrap_mean"]), float(one["error_bar"])
            lower, upper = value - bar, value + bar
        rows[str(name)] = (value, lower, upper, _NONE)
    still = [str(name) for name in found["bundle"].values[found["bundle_score"].isnull().all("measure")]]
    made = _dataset(
        rows,
        left_out=[f"tubularity: {', '.join(still)} left out, of which no movie moves"] if still else [],
        stimuli=[str(name) for name in found["stimulus"].values],
        bundles=[str(name) for name in found["bundle"].values],
        options=found.attrs["options"],
        constant_units=list(found.attrs["constant_units"]),
    )
    made = made.assign(
        score=("measure", found["score"].values),
        bundle_score=(("bundle", "measure"), found["bundle_score"].values),
    )
    if options.bootstraps:
        made = made.assign(bootstrap_score=(("bootstrap", "measure"), found["bootstrap_score"].values))
    return made


def _encoding(
    population: Population, options: ComparisonOptions, stimuli: str | None, progress: Progress
) -> xr.Dataset:
    """Take what is known of the latest manifold of the same preset that the recording holds."""
    del stimuli, progress
    recording = population.source
    if recording is None:
        return _dataset({}, bare=0)  # an imported population has none
    try:
        stored = stored_encoding_manifolds(recording, population.stage)
        chosen = [one for one in stored if one.preset == options.preset]
        if not chosen:
            return _dataset({}, bare=1)
        manifold = open_encoding_manifold(recording, population.stage, chosen[-1])
        purity = manifold.purity
        there, labels = manifold.on_map, manifold.clusters
        shuffled = purity.null[np.isfinite(purity.null)]
        rows: Rows = {
            "manifold_units": (float(there.sum()), _NONE, _NONE, _NONE),
            "manifold_rank": (float(manifold.rank), _NONE, _NONE, _NONE),
            "local_dimension": _over_units(manifold.local_dimension, np.median, options, len(MEDIANS) + 1),
            "clusters": (float(labels.max(initial=-1) + 1), _NONE, _NONE, _NONE),
            "clustered_share": (float((labels[there] >= 0).mean()), _NONE, _NONE, _NONE),
            "cluster_purity": (
                float(purity.weighted_purity),
                _NONE,
                _NONE,
                float(shuffled.mean()) if len(shuffled) else _NONE,
            ),
            "same_map_edges": (float(purity.edge_share), _NONE, _NONE, float(purity.chance_share)),
        }
    except TwinscopeError as error:  # made by a later version, or damaged
        return _dataset({}, left_out=[f"encoding manifold: {error.problem}"], bare=0)
    return _dataset(rows, manifold=chosen[-1].hash, manifolds=len(stored), bare=0)


def _dataset(rows: Rows, **attrs: Any) -> xr.Dataset:
    values = np.array(list(rows.values()), dtype=np.float64).reshape(len(rows), len(COLUMNS))
    return xr.Dataset(
        {"rows": (("measure", "column"), values)}, attrs={"left_out": []} | attrs | {"measures": list(rows)}
    )


_PARTS = {
    "units": _units,
    "trajectories": _trajectories,
    "classification": _classification,
    "tubularity": _tubularity,
    "encoding": _encoding,
}
