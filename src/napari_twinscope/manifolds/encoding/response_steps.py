"""The steps from the responses of units to what they share: tensor, components, neural matrix, measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.encoding.left_out import KEPT, MISSING, SILENT
from napari_twinscope.manifolds.graph.distances import FEWEST_POINTS
from napari_twinscope.population.measured_units import unit_measures
from napari_twinscope.population.tensor import DIMS, response_tensor

if TYPE_CHECKING:
    from napari_twinscope.manifolds.encoding.step import Results, Run

FREQUENCIES = ("medium", "high")
FEWEST_RANKS = 3
"""Fewer make no curve to choose from."""


def make_tensor(results: Results, run: Run) -> xr.Dataset:
    """Return the response tensor of the units that respond, and the status of the others."""
    responses = results["responses"]["responses"]
    options = run.options.tensor
    values = responses.values
    usable = ~(np.isinf(values) if options.preset == "published-2026" else ~np.isfinite(values)).any(
        (1, 2, 3)
    )
    if not usable.any():
        raise InvalidInput(
            "No unit has all its responses.", given=f"{len(values)} units with missing or infinite responses"
        )
    made = response_tensor(responses.isel(unit=np.flatnonzero(usable)), options)
    numbers = np.isfinite(made["normalized"].values).all((1, 2, 3))  # silent units of the published presets
    made = made.isel(unit=np.flatnonzero(numbers))
    if not numbers.any():
        raise InvalidInput("No unit is left for the tensor.", given="units that never respond")
    place = np.asarray(made["unit_id"].values, dtype=np.int64)
    status = np.full(len(values), SILENT, dtype=np.int64)
    recorded = np.asarray(responses["unit_id"].values, dtype=np.int64)
    status[recorded[~usable]] = MISSING
    status[place] = KEPT
    result = {
        name: (made[name].dims, made[name].values)
        for name in ("normalized", "significant", "strength", "relative_strength")
    }
    result |= {
        "place": (("unit",), place),
        "channel": (("unit",), np.asarray(made["channel"].values, dtype=np.int64)),
        "status": (("recorded",), status),
        "angle": (("direction",), made["direction"].values),
    }
    if "spatial_frequency" in made.coords:
        high = made["spatial_frequency"].values == FREQUENCIES[1]
        result["spatial_frequency"] = (("unit",), high.astype(np.int64))
    return xr.Dataset(result, attrs={"stimuli": [str(name) for name in made["stimulus"].values]})


def _zeroed(tensor: xr.Dataset) -> xr.DataArray:
    """Return what is factorised: the responses with the classes that do not count set to zero."""
    return tensor["normalized"].where(tensor["significant"], 0.0)


def try_ranks(results: Results, run: Run) -> xr.Dataset:
    """Return the variance curve over ranks and the rank that it proposes."""
    from napari_twinscope.manifolds.factorization.rank import choose_rank

    tensor, (lowest, highest) = _zeroed(results["tensor"]), run.options.ranks
    check_enough(tensor.sizes["unit"])
    ranks = range(lowest, min(highest, tensor.sizes["unit"]) + 1)
    if len(ranks) < FEWEST_RANKS:
        raise InvalidInput(
            "There are too few units to choose a rank.",
            given=f"{tensor.sizes['unit']} units that respond",
            needed=f"at least {lowest + FEWEST_RANKS - 1}",
            remedy="give the rank",
        )
    found = choose_rank(
        tensor,
        ranks,
        restarts=run.options.rank_restarts,
        seed=run.options.seed,
        device=run.device,
        progress=run.progress,
    )
    return xr.Dataset(
        {
            "ranks": (("rank",), found.ranks),
            "variance": (("rank",), found.variance),
            "deviation": (("rank",), found.deviation),
            "slope": (("step",), found.slope),
            "error_percent": (("rank",), found.error_percent),
        },
        attrs={"proposed": found.rank},
    )


def check_enough(units: int) -> None:
    """Refuse fewer units than make a graph."""
    if units < FEWEST_POINTS:
        raise InvalidInput(
            "Too few units for a manifold.",
            given=f"{units} units that respond, each in its own way",
            needed=f"at least {FEWEST_POINTS}",
            remedy="record more units, or leave out fewer",
        )


def factorize(results: Results, run: Run) -> xr.Dataset:
    """Return the best factorisation of several restarts."""
    from napari_twinscope.manifolds.factorization.fit import permuted_factorization

    tensor, options = _zeroed(results["tensor"]), run.options
    rank = options.rank
    assert rank is not None  # the chain takes the proposed one
    check_enough(tensor.sizes["unit"])
    if rank > tensor.sizes["unit"]:
        raise InvalidInput(
            "There are fewer units than components.",
            given=f"{tensor.sizes['unit']} units that respond, rank {rank}",
            needed=f"a rank of at most {tensor.sizes['unit']}",
            remedy="lower the rank, or record more units",
        )
    found = permuted_factorization(
        tensor,
        rank,
        restarts=options.restarts,
        seed=options.seed,
        device=run.device,
        progress=run.progress,
    )
    table = {f"restart_{name}": (("restart",), values.to_numpy()) for name, values in found.restarts.items()}
    return xr.Dataset(
        {
            "unit_factors": (("unit", "component"), found.factors.unit),
            "stimulus_factors": (("stimulus", "component"), found.factors.stimulus),
            "response_factors": (("direction", "time", "component"), found.factors.response),
            "weights": (("component",), found.weights),
            "shifts": (("unit", "stimulus"), found.shifts),
            **table,
        },
        attrs={"rank": rank, "error_percent": found.error_percent, "best": int(found.best)},
    )


def fit_units(results: Results, run: Run) -> xr.Dataset:
    """Return the neural matrix and the points between which units are compared."""
    from napari_twinscope.manifolds.factorization.neural_fit import leading_components, neural_matrix

    tensor, factors = results["tensor"], results["factorization"]
    equal = run.options.tensor.scale == "norm"  # on all other scales strengths are in the responses
    found = neural_matrix(
        tensor["normalized"],
        [factors[f"{of}_factors"].values for of in ("unit", "stimulus", "response")],
        factors["weights"].values,
        significant=tensor["significant"],
        relative_strength=tensor["relative_strength"] if equal else None,
    )
    variance = run.options.variance
    points = found.values if variance is None else leading_components(found.values, variance)
    return xr.Dataset(
        {
            "matrix": (("unit", "used_component"), found.values),
            "components": (("used_component",), found.components),
            "shifts": (("unit", "stimulus"), found.shifts),
            "points": (("unit", "coordinate"), points),
        }
    )


def measure_units(results: Results, run: Run) -> xr.Dataset:
    """Return who the units of the tensor are, and what each prefers."""
    tensor = results["tensor"]
    responses = tensor["normalized"]
    if run.options.tensor.scale == "norm":  # else the classes of a unit could not be compared
        responses = responses * tensor["relative_strength"]
    labelled = responses.transpose(*DIMS).assign_coords(
        stimulus=list(tensor.attrs["stimuli"]), direction=tensor["angle"].values
    )
    found = unit_measures(labelled, preset=run.options.preset)
    measures = {str(name): _as_numbers(values) for name, values in found.data_vars.items()}
    attrs = {"measures": list(measures), "stimuli": tensor.attrs["stimuli"]}
    who = {"place", "channel", "status", "angle", "spatial_frequency"} & set(tensor.variables)
    return xr.Dataset(measures | {name: tensor[name].variable for name in sorted(who)}, attrs=attrs)


def _as_numbers(values: xr.DataArray) -> xr.Variable:
    """Return names as their places in a list of names, -1 for none; numbers as they are."""
    attrs: dict[str, Any] = {str(name): str(text) for name, text in values.attrs.items()}
    if values.dtype.kind not in "OUT":
        return xr.Variable(("unit",), values.values, attrs)
    known = sorted({str(name) for name in values.values} - {""})
    places = [known.index(str(name)) if str(name) else -1 for name in values.values]
    return xr.Variable(("unit",), np.array(places, dtype=np.int64), attrs | {"names": known})
