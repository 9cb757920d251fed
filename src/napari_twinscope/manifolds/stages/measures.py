"""The measures of a comparison: what each is, where it is from, and what its interval and chance mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PAPER = "Bertram et al. 2026, arXiv 2601.21508, public code"
BOTH = "arXiv 2601.21508 and arXiv 2512.07869, public code"
VECTOR = "Ringach et al. 2002, doi 10.1523/JNEUROSCI.22-13-05639.2002"
GAO = "Gao et al. 2017, doi 10.1101/214262"
HERE = "this package"

OVER_UNITS = "95 % of the medians of units drawn again with replacement"
OVER_DIRECTIONS = (
    "95 % of the mean over directions (Student's t); in the published presets one standard error over runs"
)
OVER_BOOTSTRAPS = (
    "95 % of the scores of units drawn again with replacement; in the published presets the error bar of "
    "their figures"
)


@dataclass(frozen=True)
class StageMeasure:
    """What a column of the table is.

    Attributes
    ----------
    name
        As in the table.
    part
        One of `options.PARTS`.
    long_name
        As on the axis of a figure.
    description
        One sentence.
    source
        Where the definition is from.
    units
        ``"1"`` for a pure number, empty for the unit of the responses.
    interval, chance
        What ``lower`` and ``upper``, and ``chance``, mean; empty where there is none.
    """

    name: str
    part: str
    long_name: str
    description: str
    source: str
    units: str = "1"
    interval: str = ""
    chance: str = ""


def _median(of: str, long_name: str, description: str, source: str, units: str = "1") -> StageMeasure:
    return StageMeasure(
        f"median_{of}", "units", f"median {long_name}", description, source, units, OVER_UNITS
    )


_ALL = (
    StageMeasure("units", "units", "number of units", "How many units were recorded.", HERE),
    StageMeasure(
        "responsive_share",
        "units",
        "share of responsive units",
        "Units whose response is not the same at all times of all movies.",
        HERE,
    ),
    _median("osi", "orientation selectivity", "Vector index in the preferred class.", VECTOR),
    _median("dsi", "direction selectivity", "Vector index in the preferred class.", VECTOR),
    _median("osi_two_point", "orientation selectivity, two-point", "Best against orthogonal.", PAPER),
    _median("dsi_two_point", "direction selectivity, two-point", "Best against opposite.", PAPER),
    StageMeasure(
        "direction_spread",
        "units",
        "spread of preferred directions",
        "Circular variance of the units' preferred directions: 0 all alike, 1 evenly spread.",
        "Mardia & Jupp 2000, Directional Statistics",
        interval="95 % of the spreads of units drawn again with replacement",
    ),
    _median("mean_activity", "mean activity", "Response over all stimuli, directions and times.", PAPER, ""),
    _median(
        "temporal_variance",
        "temporal variance (log)",
        "Logarithm of the variance in time, averaged over stimuli and directions.",
        PAPER,
        "log of squared response",
    ),
    _median("speed", "speed", "Mean absolute change per frame in the first third.", PAPER, ""),
    _median(
        "stability",
        "stability (high is restless)",
        "The same in the last third: high means restless.",
        PAPER,
        "",
    ),
    _median("curvature", "curvature", "Distance of the smoothed response from a line in time.", PAPER, ""),
    _median(
        "classifiability",
        "classifiability",
        "Variance over stimuli of the response in the last ten frames.",
        PAPER,
        "squared response",
    ),
    StageMeasure(
        "decoding_explained",
        "trajectories",
        "variance in three components, movies",
        "Share of the variance between movies (mean responses) in three principal components.",
        PAPER,
    ),
    StageMeasure(
        "trajectory_explained",
        "trajectories",
        "variance in three components, frames",
        "Share of the variance over all frames in three principal components.",
        PAPER,
    ),
    StageMeasure(
        "trajectory_explained_first",
        "trajectories",
        "variance in the first component, frames",
        "Share of the variance over all frames in the first principal component.",
        PAPER,
    ),
    StageMeasure(
        "participation_ratio",
        "trajectories",
        "participation ratio",
        "Effective number of dimensions of the activity over all frames; it grows with the number of units.",
        GAO,
    ),
    StageMeasure(
        "components_90",
        "trajectories",
        "components for 90 % of the variance",
        "Fewest principal components that hold 90 % of the variance over all frames.",
        HERE,
    ),
    *(
        StageMeasure(
            f"{classifier}_{when}",
            "classification",
            f"{title}, {what}",
            text,
            PAPER,
            units,
            "" if when == "peak_time" else OVER_DIRECTIONS,
            "" if when == "peak_time" else "one over the number of stimuli",
        )
        for classifier, title in (("logistic", "logistic regression"), ("neighbors", "nearest neighbours"))
        for when, what, text, units in (
            ("final", "whole trial", "Share of movies named right from their mean response.", "1"),
            (
                "peak",
                "best growing window",
                "The highest share over windows from the first frame on; the best of many, so too high.",
                "1",
            ),
            ("peak_time", "end of that window", "When the best growing window ends.", "s"),
        )
    ),
    StageMeasure(
        "s_tight",
        "tubularity",
        "tubularity S_tight (low is tight)",
        "Mean radius of the bundles of trajectories over their length: lower is tighter.",
        BOTH,
        interval=OVER_BOOTSTRAPS,
    ),
    StageMeasure(
        "s_cross",
        "tubularity",
        "crossing S_cross, per length",
        "Published crossing of bundles; it shrinks as units are added: compare populations of like size.",
        BOTH,
        "1 / length",
        OVER_BOOTSTRAPS,
    ),
    StageMeasure(
        "crossing",
        "tubularity",
        "crossing, without dimension",
        "The same without the division by a length, so that sizes of populations matter less.",
        f"{HERE}, after {BOTH}",
        interval=OVER_BOOTSTRAPS,
    ),
    StageMeasure(
        "manifold_units", "encoding", "units on the encoding manifold", "Units with coordinates.", HERE
    ),
    StageMeasure(
        "manifold_rank", "encoding", "rank of the encoding manifold", "Components factorised.", HERE
    ),
    StageMeasure(
        "local_dimension",
        "encoding",
        "local dimension of the encoding manifold",
        "Median over units of the dimension of the manifold around each.",
        "Dyballa & Zucker 2023, doi 10.1162/neco_a_01566",
        interval=OVER_UNITS,
    ),
    StageMeasure(
        "clusters", "encoding", "clusters of the encoding manifold", "By HDBSCAN along its graph.", PAPER
    ),
    StageMeasure(
        "clustered_share",
        "encoding",
        "share of clustered units",
        "Units on the manifold in any cluster.",
        HERE,
    ),
    StageMeasure(
        "cluster_purity",
        "encoding",
        "purity of clusters",
        "Share of each cluster that is of one feature map, weighted by size.",
        HERE,
        chance="the mean with feature maps shuffled",
    ),
    StageMeasure(
        "same_map_edges",
        "encoding",
        "neighbours in one feature map",
        "Share of the graph's edges that join units of one feature map.",
        HERE,
        chance="the share over all pairs of units",
    ),
)

MEASURES: dict[str, StageMeasure] = {measure.name: measure for measure in _ALL}
"""All measures by name, in the order of the table."""


def in_table_order(names: Iterable[str]) -> list[str]:
    """Return names of measures in the order of the table.

    Examples
    --------
    >>> in_table_order({"s_tight", "units"})
    ['units', 's_tight']
    """
    there = set(names)
    return [name for name in MEASURES if name in there]
