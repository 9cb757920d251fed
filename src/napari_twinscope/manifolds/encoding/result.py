"""An encoding manifold and all that is known of its units, labelled as they were recorded."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.manifolds.encoding.graph_steps import kernel_of
from napari_twinscope.manifolds.encoding.left_out import APART, ISOLATED, KEPT, REASONS
from napari_twinscope.manifolds.encoding.report import report_of
from napari_twinscope.manifolds.encoding.response_steps import FREQUENCIES
from napari_twinscope.manifolds.graph.purity import MapPurity

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse
    import xarray as xr
    from numpy.typing import NDArray

    from napari_twinscope.manifolds.encoding.chain import Chain
    from napari_twinscope.manifolds.factorization.rank import RankChoice
    from napari_twinscope.recording import Recording

_GRAPH_MEASURES = {
    "cluster": "Cluster along the neighbourhood graph; none for noise.",
    "local_dimension": "Dimension of the manifold around the unit.",
    "degree": "Number of neighbours on the graph.",
    "weighted_degree": "Sum of the kernel's weights to all other units.",
    "same_map_edges": "Number of neighbours in the unit's own feature map.",
}
_GRAPH = "Dyballa & Zucker 2023, doi 10.1162/neco_a_01566"
_FACTORS = "Dyballa et al. 2024, doi 10.1073/pnas.2317773121"
_PAPERS = "arXiv 2601.21508 and its public code"
_SOURCES = {
    "channel": "the recording",
    "cluster": "Campello et al. 2013, doi 10.1007/978-3-642-37456-2_14; on the graph, arXiv 2601.21508",
    "local_dimension": _GRAPH,
    "degree": _GRAPH,
    "weighted_degree": f"{_PAPERS}; the kernel, {_GRAPH}",
    "same_map_edges": "after arXiv 2601.21508 and its public code, which counts weights of the kernel",
    "spatial_frequency": _PAPERS,
}


class EncodingManifold:
    """Units of one stage on their manifold; made by `encoding_manifold`.

    All that is said of units follows the order of the recording, ``recording.units(stage)``, and has an
    entry for each of them: not a number where a unit has no place on the manifold, and `dropped` says why.

    Parameters
    ----------
    recording
        What was recorded.
    chain
        The results of all steps.

    Attributes
    ----------
    stage, options, preset
        Of what, and how it was made.
    units
        The unit table of the stage.
    results
        The result of each step as it is kept, by kind. There the units are those of the tensor.
    computed
        Kinds of the results that were made for this one; the others were found in the recording.
    notices
        What the user should know, such as that the results could not be stored.
    """

    def __init__(self, recording: Recording, chain: Chain) -> None:
        self.stage = chain.stage
        self.options = chain.options
        self.preset = chain.options.preset
        self.units: pd.DataFrame = recording.units(chain.stage)
        self.results = chain
        self.computed = tuple(chain.made)
        self.notices = tuple(chain.notices)
        self._place: NDArray[np.int64] = chain["units"]["place"].values

    def __repr__(self) -> str:
        return (
            f"<EncodingManifold of {self.stage}: {self.on_map.sum()} of {len(self.units)} units, "
            f"rank {self.rank}, {self.preset}>"
        )

    @property
    def rank(self) -> int:
        """Number of components of the factorisation."""
        return int(self.results["factorization"].attrs["rank"])

    @property
    def error_percent(self) -> float:
        """Squared misfit of the factorisation, in percent of the tensor's squared norm."""
        return float(self.results["factorization"].attrs["error_percent"])

    @cached_property
    def restarts(self) -> pd.DataFrame:
        """One row for each restart of the factorisation, as in `PermutedFactorization`."""
        import pandas as pd

        found = self.results["factorization"]
        columns = {
            str(name).removeprefix("restart_"): values.values
            for name, values in found.items()
            if values.dims == ("restart",)
        }
        return pd.DataFrame(columns).rename_axis("restart")

    @cached_property
    def rank_choice(self) -> RankChoice | None:
        """How the rank was chosen; ``None`` where it was given."""
        from napari_twinscope.manifolds.factorization.rank import RankChoice

        if "rank" not in self.results:
            return None
        found = self.results["rank"]
        curves: dict[str, Any] = {str(name): values.values for name, values in found.items()}
        return RankChoice(**curves, rank=int(found.attrs["proposed"]))

    @cached_property
    def factors(self) -> xr.Dataset:
        """The factors: ``unit``, ``stimulus`` and ``response`` by component, ``weights`` and ``shifts``."""
        import xarray as xr

        found, unit = self.results["factorization"], self._unit_coords
        made = xr.Dataset(
            {
                "unit_factors": (("unit", "component"), self._spread(found["unit_factors"].values)),
                "stimulus_factors": found["stimulus_factors"].variable,
                "response_factors": found["response_factors"].variable,
                "weights": found["weights"].variable,
                "shifts": (("unit", "stimulus"), self._spread(found["shifts"].values)),
            },
            coords=unit | {"stimulus": list(self.results["units"].attrs["stimuli"])},
            attrs=self._attrs,
        )
        return made.assign_coords(direction=self.results["units"]["angle"].values)

    @cached_property
    def coordinates(self) -> xr.DataArray:
        """Diffusion coordinates (unit, component)."""
        return self._labelled(self.results["map"]["coordinates"].values)

    @cached_property
    def rotated(self) -> xr.DataArray:
        """The coordinates as the papers show them: those in which clusters are sought, turned to their axes.

        Of the first p diffusion coordinates, p being the number of principal components of the neural
        matrix, these are the principal components: the same cloud, turned.
        """
        from napari_twinscope.manifolds.decoding.principal import principal_components

        coordinates = self.results["map"]["coordinates"].values
        taken = coordinates[:, : self.results["clusters"].attrs["coordinates"]]
        there = np.isfinite(taken).all(axis=1)
        turned = np.full(taken.shape, np.nan)
        turned[there] = principal_components(taken[there], taken.shape[1]).coordinates
        return self._labelled(turned)

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Of the diffusion map, shape (component,), descending, without the trivial one."""
        values: NDArray[np.float64] = self.results["map"]["eigenvalues"].values
        return values

    @property
    def edges(self) -> NDArray[np.int64]:
        """The neighbourhood graph: pairs of units, shape (edge, 2), i < j, ascending."""
        pairs = np.sort(self._place[self.results["neighborhoods"]["edges"].values], axis=1)
        ordered: NDArray[np.int64] = pairs[np.lexsort(pairs.T[::-1])]
        return ordered

    @cached_property
    def kernel(self) -> scipy.sparse.csr_array:
        """The kernel between all units, shape (unit, unit); empty rows for those outside the graph."""
        import scipy.sparse

        graph = self.results["neighborhoods"]
        inside = kernel_of(self.results["neural_matrix"], graph).tocoo()
        used = self._place[graph["status"].values == KEPT]
        count = len(self.units)
        return scipy.sparse.csr_array(
            (inside.data, (used[inside.row], used[inside.col])), shape=(count, count)
        )

    @property
    def scales(self) -> NDArray[np.float64]:
        """Scale of each unit's neighbourhood, in the units of the neural matrix; 0 for isolated units."""
        return self._spread(self.results["neighborhoods"]["scales"].values)

    @property
    def isolated(self) -> NDArray[np.int64]:
        """Units that lost all their neighbours as the graph was pruned, in that order."""
        places: NDArray[np.int64] = self._place[self.results["neighborhoods"]["isolated"].values]
        return places

    @property
    def local_dimension(self) -> NDArray[np.float64]:
        """Dimension of the manifold around each unit."""
        return self._spread(self.results["dimension"]["dimension"].values)

    @property
    def clusters(self) -> NDArray[np.int64]:
        """Cluster of each unit from 0; -1 for noise and for units without a place on the manifold."""
        labels = self._spread(self.results["clusters"]["cluster"].values)
        return np.where(np.isnan(labels), -1, labels).astype(np.int64)

    @cached_property
    def purity(self) -> MapPurity:
        """How far clusters and neighbours stay within one feature map."""
        found = self.results["graph_statistics"]
        names = (
            "weighted_purity",
            "pure_share",
            "mutual_information",
            "rand_index",
            "edge_share",
            "chance_share",
        )
        return MapPurity(
            cluster_purity=found["cluster_purity"].values,
            cluster_size=found["cluster_size"].values,
            null=found["null_purity"].values,
            **{name: float(found.attrs.get(name, np.nan)) for name in names},
        )

    @cached_property
    def on_map(self) -> NDArray[np.bool_]:
        """Which units have coordinates, shape (unit,)."""
        there: NDArray[np.bool_] = np.isfinite(self.coordinates.values).all(axis=1)
        return there

    @cached_property
    def dropped(self) -> pd.DataFrame:
        """The units without coordinates: ``unit_id``, ``reason``, and of which unit it is a ``duplicate_of``.

        The index is the unit's place in the recording.
        """
        import pandas as pd

        status = self.results["units"]["status"].values.copy()
        graph = self.results["neighborhoods"]
        status[self._place] = graph["status"].values
        status[self.isolated] = ISOLATED
        status[(status == KEPT) & ~self.on_map] = APART
        ids = self.units["unit_id"].to_numpy(dtype=object)
        twin = np.full(len(status), "", dtype=object)
        copies = graph["duplicate_of"].values
        twin[self._place[copies >= 0]] = ids[self._place[copies[copies >= 0]]]
        places = np.flatnonzero(~self.on_map)
        return pd.DataFrame(
            {
                "unit_id": ids[places],
                "reason": [REASONS[code] for code in status[places]],
                "duplicate_of": twin[places],
            },
            index=pd.Index(places, name="unit"),
        )

    def unit_measures(self) -> pd.DataFrame:
        """Return everything that units can be coloured by: one row a unit, in the order of the recording.

        Feature map (``channel``), ``cluster``, ``local_dimension``, ``degree``, ``weighted_degree``,
        ``same_map_edges``, the loadings on the components of the factorisation (``factor_1``...), the
        ``spatial_frequency`` whose classes were taken, and the measures of `population.unit_measures` of
        the responses as they were prepared, such as preferred class and direction, OSI, DSI, mean activity
        and temporal variance. ``attrs["descriptions"]`` says in a sentence what each is, and
        ``attrs["sources"]`` where its definition is from.
        """
        import pandas as pd

        made, units = self.results["graph_statistics"], self.results["units"]
        columns: dict[str, Any] = {
            "unit_id": self.units["unit_id"].to_numpy(),
            "channel": self.units["channel"].to_numpy(),
        }
        columns["cluster"] = pd.array(self.clusters, dtype="Int64")
        columns["cluster"][self.clusters < 0] = pd.NA
        columns["local_dimension"] = self.local_dimension
        columns |= {
            name: self._spread(made[name].values) for name in ("degree", "weighted_degree", "same_map_edges")
        }
        descriptions = {"channel": "The feature map to which the unit belongs."} | _GRAPH_MEASURES
        sources = dict(_SOURCES)
        if self.preset != "corrected":
            sources |= dict.fromkeys(("degree", "same_map_edges"), _PAPERS)
            descriptions["degree"] = "Number of positive weights of the kernel, as in the public code."
            descriptions["same_map_edges"] = (
                "Positive weights of the kernel within the unit's own feature map."
            )
        if "spatial_frequency" in units:
            codes = self._spread(units["spatial_frequency"].values)
            columns["spatial_frequency"] = _named(codes, list(FREQUENCIES))
            descriptions["spatial_frequency"] = (
                "Which of the papers' two sets of classes the unit answers to more."
            )
        for name in units.attrs["measures"]:
            values, names = self._spread(units[name].values), units[name].attrs.get("names")
            columns[name] = values if names is None else _named(values, list(names))
            descriptions[name] = str(units[name].attrs.get("description", ""))
            sources[name] = str(units[name].attrs.get("source", _PAPERS))
        loadings = self.factors["unit_factors"].values.T
        for number, loading in enumerate(loadings, start=1):
            columns[f"factor_{number}"] = loading
            descriptions[f"factor_{number}"] = f"Loading on component {number} of the factorisation."
            sources[f"factor_{number}"] = _FACTORS
        table = pd.DataFrame(columns).rename_axis("unit")
        table.attrs |= {"descriptions": descriptions, "sources": {n: sources[n] for n in descriptions}}
        return table

    def table(self) -> pd.DataFrame:
        """Return the unit table with the reason why a unit was dropped, its coordinates and its measures."""
        import pandas as pd

        reasons = np.full(len(self.units), "", dtype=object)
        reasons[self.dropped.index] = self.dropped["reason"]
        shown = pd.DataFrame(
            self.coordinates.values,
            columns=[f"coordinate_{number + 1}" for number in range(self.coordinates.shape[1])],
            index=self.units.index,
        )
        measures = self.unit_measures().drop(columns=["unit_id", "channel"])
        return pd.concat([self.units.assign(dropped=reasons), shown, measures], axis=1)

    def report(self) -> str:
        """Return what was done to which units, with which outcome, and how long it took, as text."""
        return report_of(self)

    @property
    def _attrs(self) -> dict[str, Any]:
        return {"stage": self.stage, "preset": self.preset, "options": self.options.to_json()}

    @property
    def _unit_coords(self) -> dict[str, Any]:
        return {
            "unit_id": ("unit", self.units["unit_id"].to_numpy(dtype=object)),
            "channel": ("unit", self.units["channel"].to_numpy()),
        }

    def _labelled(self, values: NDArray[np.float64]) -> xr.DataArray:
        import xarray as xr

        return xr.DataArray(
            self._spread(values), dims=("unit", "component"), coords=self._unit_coords, attrs=self._attrs
        )

    def _spread(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return values of the tensor's units among all that were recorded, not a number elsewhere."""
        spread = np.full((len(self.units), *values.shape[1:]), np.nan)
        spread[self._place] = values
        return spread


def _named(codes: NDArray[np.float64], names: list[str]) -> NDArray[np.object_]:
    """Return the names that codes stand for, empty where there is none."""
    there = codes >= 0
    named = np.full(len(codes), "", dtype=object)
    named[there] = np.array(names, dtype=object)[codes[there].astype(np.int64)]
    return named
