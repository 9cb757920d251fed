"""A comparison of stages: its tables, and where all of it is from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from napari_twinscope.manifolds.stages.measures import MEASURES, in_table_order
from napari_twinscope.manifolds.stages.parts import COLUMNS, COURSE
from napari_twinscope.manifolds.tubes.bootstrap import compare_tubularity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from napari_twinscope.manifolds.stages.options import ComparisonOptions
    from napari_twinscope.manifolds.stages.populations import Population

PACKAGES = ("napari-twinscope", "numpy", "scipy", "scikit-learn", "xarray", "pandas", "torch")


@dataclass(frozen=True, eq=False)
class StageComparison:
    """Stages and other populations beside one another; made by `stage_comparison`.

    Attributes
    ----------
    populations
        What was compared, in order.
    options
        How.
    measured
        What was measured of each, by name and part; see `measure_part`.
    alignment
        Scores of all pairs, (alignment, population, other): ``score``, ``lower``, ``upper``, ``chance``,
        ``chance_lower``, ``chance_upper``, ``z``, as of `alignment`; ``None`` where none were asked for.
        Of a pair the former population is the first.
    notices
        What the user should know, one sentence each.
    """

    populations: tuple[Population, ...]
    options: ComparisonOptions
    measured: Mapping[str, Mapping[str, xr.Dataset]]
    alignment: xr.Dataset | None = None
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<StageComparison of {', '.join(self.names)}: {self.options.preset}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the populations."""
        return tuple(one.name for one in self.populations)

    @property
    def measures(self) -> list[str]:
        """Names of the measures that any population has, in the order of the table."""
        return in_table_order(
            name
            for found in self.measured.values()
            for part in found.values()
            for name in part.attrs["measures"]
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each measure of each population.

        Columns ``population``, ``recording``, ``stage``, ``part``, ``measure``, ``value``, ``lower``,
        ``upper``, ``chance``. What interval and chance are is said in `MEASURES`; they are not numbers
        where there are none.
        """
        import pandas as pd

        rows = []
        for population in self.populations:
            values = {
                name: row
                for found in self.measured[population.name].values()
                for name, row in zip(found.attrs["measures"], found["rows"].values.tolist(), strict=True)
            }
            rows += [
                (
                    population.name,
                    population.recording,
                    population.stage,
                    MEASURES[name].part,
                    name,
                    *values[name],
                )
                for name in in_table_order(values)
            ]
        names = ["population", "recording", "stage", "part", "measure", *COLUMNS]
        return pd.DataFrame(rows, columns=names)

    @cached_property
    def wide(self) -> pd.DataFrame:
        """The values alone: one row a population, one column a measure."""
        made = self.table.pivot(index="population", columns="measure", values="value")
        return made.reindex(index=list(self.names), columns=self.measures)

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The table as xarray: ``value``, ``lower``, ``upper``, ``chance`` (population, measure)."""
        indexed = self.table.set_index(["population", "measure"])[list(COLUMNS)]
        made = indexed.to_xarray().reindex(population=list(self.names), measure=self.measures)
        texts = {
            "long_name": [MEASURES[name].long_name for name in self.measures],
            "units": [MEASURES[name].units for name in self.measures],
        }
        made = made.assign_coords({name: ("measure", text) for name, text in texts.items()})
        return made.assign_attrs(preset=self.options.preset, options=self.options.to_json())

    @cached_property
    def decoding(self) -> pd.DataFrame:
        """Accuracy of classification over time.

        Columns ``population``, ``classifier``, ``window``, ``time`` (seconds, or frames where the
        population has none), ``accuracy``, ``lower``, ``upper``, ``chance``, ``chance_upper``.
        """
        import pandas as pd

        pieces = []
        for name in self.names:
            found = self.measured[name].get("classification")
            if found is None:
                continue
            for classifier in self.options.classifiers:
                for place, window in enumerate(found.attrs["windows"]):
                    course = dict(zip(COURSE, found[classifier].values[:, place], strict=True))
                    pieces.append(
                        pd.DataFrame(
                            {
                                "population": name,
                                "classifier": classifier,
                                "window": window,
                                "time": found["time"].values,
                                **course,
                                "chance": found.attrs["chance"],
                                "chance_upper": found.attrs["chance_upper"],
                            }
                        )
                    )
        return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()

    @cached_property
    def tubularity_differences(self) -> pd.DataFrame:
        """How much any two populations differ in tubularity, as of `compare_tubularity`.

        Columns ``population``, ``other``, ``measure`` and, in the corrected preset, ``difference``,
        ``lower``, ``upper``, ``differs``; else the published test's ``statistic`` and ``p_value``.
        """
        import pandas as pd

        results = {
            name: made
            for name in self.names
            if (made := _bootstrapped(self.measured[name].get("tubularity"))) is not None
        }
        rows = []
        for one, other in combinations(results, 2):
            if self.options.preset == "corrected" and not _alike(results[one], results[other]):
                continue
            found = compare_tubularity(results[one], results[other])
            for measure in found["measure"].values:
                at = found.sel(measure=measure)
                row: dict[str, Any] = {"population": one, "other": other, "measure": str(measure)}
                if self.options.preset == "corrected":
                    lower, upper = (float(bound) for bound in at["interval"])
                    row |= {"difference": float(at["difference"]), "lower": lower, "upper": upper}
                    row |= {"differs": bool(at["differs"])}
                else:
                    row |= {"statistic": float(at["statistic"]), "p_value": float(at["p_value"])}
                rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def alignment_table(self) -> pd.DataFrame:
        """The alignment of each pair, one row a pair and measure; empty where none was asked for."""
        import pandas as pd

        if self.alignment is None:
            return pd.DataFrame()
        rows = []
        for one, other in combinations(self.names, 2):
            pair = self.alignment.sel(population=one, other=other)
            for name in self.options.alignments:
                scores = {str(key): float(value) for key, value in pair.sel(alignment=name).items()}
                rows.append({"population": one, "other": other, "alignment": name, **scores})
        return pd.DataFrame(rows)

    @cached_property
    def seconds(self) -> pd.DataFrame:
        """How long each part of each population took, and whether it was found in the recording."""
        import pandas as pd

        rows = [
            (name, part, float(found.attrs.get("seconds", np.nan)), bool(found.attrs.get("found", 0)))
            for name, parts in self.measured.items()
            for part, found in parts.items()
        ]
        return pd.DataFrame(rows, columns=["population", "part", "seconds", "found"])

    def provenance(self) -> dict[str, Any]:
        """Return packages, options and the source of every population, as plain JSON values."""
        return {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {name: version(name) for name in PACKAGES},
            "preset": self.options.preset,
            "seed": self.options.seed,
            "options_hash": self.options.hash,
            "populations": [one.provenance() for one in self.populations],
        }


def _bootstrapped(found: xr.Dataset | None) -> xr.Dataset | None:
    """Return the result of `tubularity` as far as differences are concerned."""
    if found is None or "bootstrap_score" not in found:
        return None
    return xr.Dataset(
        {
            "score": ("measure", found["score"].values),
            "bootstrap_score": (("bootstrap", "measure"), found["bootstrap_score"].values),
        },
        coords={"measure": list(found.attrs["measures"]), "stimulus": list(found.attrs["stimuli"])},
        attrs={"options": found.attrs["options"]},
    )


def _alike(one: xr.Dataset, other: xr.Dataset) -> bool:
    return sorted(map(str, one["stimulus"].values)) == sorted(map(str, other["stimulus"].values))
