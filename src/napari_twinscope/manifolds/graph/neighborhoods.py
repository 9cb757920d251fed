"""Adaptive neighbourhoods: a graph whose edges fit its own scales, and the kernel they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds.graph.coverage import STATISTICS, TOLERANCE, Tuned, tune_coverage
from napari_twinscope.manifolds.graph.distances import squared_distances_of
from napari_twinscope.manifolds.graph.edges import checked_edges
from napari_twinscope.manifolds.graph.kernel import volume_ratios
from napari_twinscope.manifolds.graph.outliers import HIGHEST_OF_KERNEL, METHODS, outlier_threshold
from napari_twinscope.manifolds.graph.pairs import AllPairs, NearestPairs, Pairs
from napari_twinscope.manifolds.graph.pruning import PrunedGraph, flagged_points, prune, served
from napari_twinscope.manifolds.graph.scales import GreedyScales, LinearScales, Scales
from napari_twinscope.progress import Progress, SilentProgress, raise_if_canceled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import scipy.sparse
    from numpy.typing import ArrayLike, NDArray

_RULES: dict[str, type[Scales]] = {"l1": LinearScales, "greedy": GreedyScales}


@dataclass(frozen=True)
class Iteration:
    """One round of tuning and pruning.

    Attributes
    ----------
    coverage
        How far the scales cover the edges: ``s_i * s_j >= (coverage * length) ** 2``.
    median_ratio
        Median of the positive volume ratios.
    threshold
        Ratio above which a point was flagged.
    scale_sum
        Sum of all scales, in the caller's units.
    removed
        Edges removed, in that order, each as (i, j) with i < j.
    """

    coverage: float
    median_ratio: float
    threshold: float
    scale_sum: float
    removed: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Neighborhoods:
    """A neighbourhood graph, its scales and its kernel.

    Attributes
    ----------
    edges
        Shape (edge, 2), i < j, in ascending order.
    kernel
        Sparse, shape (point, point), symmetric, 1 on the diagonal.
    scales
        Scale of each point in the caller's units; 0 for isolated points.
    isolated
        Points that lost all their edges, in that order.
    isolated_scales, isolated_neighbors
        The last scale and the last neighbour that each of them had (0 and -1 for points declared
        disconnected by the caller).
    history
        What was done in each iteration; the last of a converged run removes nothing.
    converged
        Whether pruning ended by itself.
    initial_edges
        The edges before pruning.
    initial_coverage, coverage
        Coverage before the first search, and that of the kernel.
    graph_scales, graph_ratios
        Scales (caller's units) and volume ratios of the last iteration, before the kernel was tuned.
    kernel_ratios
        Volume ratios with the kernel.
    """

    edges: NDArray[np.int64]
    kernel: scipy.sparse.csr_array
    scales: NDArray[np.float64]
    isolated: NDArray[np.int64]
    isolated_scales: NDArray[np.float64]
    isolated_neighbors: NDArray[np.int64]
    history: tuple[Iteration, ...]
    converged: bool
    initial_edges: NDArray[np.int64]
    initial_coverage: float
    coverage: float
    graph_scales: NDArray[np.float64]
    graph_ratios: NDArray[np.float64]
    kernel_ratios: NDArray[np.float64]


def adaptive_neighborhoods(
    points: ArrayLike | None = None,
    *,
    squared_distances: ArrayLike | None = None,
    objective: str = "l1",
    n_stds: float = 4.5,
    max_prune: float | None = 0.1,
    stdev_method: str = "C3",
    initial_edges: ArrayLike | Literal["mutual"] | None = None,
    max_iterations: int | None = None,
    kernel_statistic: str | None = "median",
    stop_on_kernel: bool = False,
    coverage: float | None = None,
    disconnected: Sequence[int] = (),
    nearest: int | None = None,
    progress: Progress | None = None,
) -> Neighborhoods:
    """Infer a neighbourhood graph and a kernel whose scales follow the data.

    The Gabriel graph of the points is pruned until no neighbourhood is too full: each iteration finds
    the scales that cover all edges, compares each point's Gaussian volume with its cell of the graph,
    and takes the longest edge from the points that stand out most.

    Parameters
    ----------
    points
        Coordinates, shape (point, coordinate).
    squared_distances
        Squared distances instead, shape (point, point).
    objective
        How scales are found: ``l1``, the smallest by a linear programme, or ``greedy``, one fast pass.
    n_stds
        How many dispersions above the centre a volume ratio stands out.
    max_prune
        How many of the flagged points are served in an iteration: a fraction below 1 (at least one
        point), a whole number, or ``None`` for all.
    stdev_method
        Dispersion of the ratios: ``C3``, ``modC2``, ``std``, ``MAD``, ``normalMAD`` or ``IQR``.
    initial_edges
        Edges to begin with instead of the Gabriel graph, shape (edge, 2); or with `nearest` ``"mutual"``, for
        points that are among the nearest of each other and a minimum spanning tree.
    max_iterations
        Stop pruning after so many iterations.
    kernel_statistic
        Statistic by which the coverage is tuned once more for the kernel: ``median``, ``mean``, or
        ``None`` to keep the scales of the last iteration.
    stop_on_kernel
        Stop also as soon as no volume ratio computed with the kernel stands out.
    coverage
        A fixed coverage above 0 and up to 1, instead of a search.
    disconnected
        Points that get no edges.
    nearest
        Look at pairs only of which one is among so many nearest points of the other, for more points than
        all distances of which fit into memory. An approximation: edges to farther points are missing,
        distant points part no edge, and the kernel holds these pairs alone.
    progress
        Told how many edges have been removed.

    Returns
    -------
    Neighborhoods
        Components that pruning has parted stay in one result; `diffusion_map` chooses the largest.

    Raises
    ------
    InvalidInput
        If points coincide, are fewer than three or not finite, or an option does not fit.
    Canceled
        If the user stops the job.

    References
    ----------
    Dyballa & Zucker (2023), IAN: Iterated Adaptive Neighborhoods, Neural Computation 35, 453,
    doi:10.1162/neco_a_01566.

    Examples
    --------
    >>> found = adaptive_neighborhoods([[0.0], [1.0], [2.1], [3.0]])
    >>> found.edges.tolist()
    [[0, 1], [1, 2], [2, 3]]
    """
    _check_options(objective, n_stds, max_prune, stdev_method, max_iterations, kernel_statistic, coverage)
    pairs = _pairs(points, squared_distances, nearest)
    unit = pairs.unit
    first = _first_edges(initial_edges, pairs)
    cut = _members(disconnected, pairs.count)
    first = first[~np.isin(first, cut).any(axis=1)]
    if not len(first):
        raise InvalidInput("The neighbourhood graph has no edge to begin with.")
    graph = PrunedGraph(first, pairs.lengths(first), pairs.count)
    rule = _RULES[objective]()
    start = graph.initial_coverage()
    progress = progress or SilentProgress()

    def tuned(at: float, *, move_first: bool, statistic: str = "median", kernel: bool = False) -> Tuned:
        def ratios_of(scales: NDArray[np.float64]) -> NDArray[np.float64]:
            if kernel:
                return _kernel_ratios(pairs, scales, graph)
            return volume_ratios(pairs.masses(scales), graph.degrees)

        return tune_coverage(
            lambda factor: rule(graph, factor),
            ratios_of,
            at,
            statistic=statistic,
            search=coverage is None,
            move_first=move_first,
        )

    history: list[Iteration] = []
    isolated: list[tuple[int, float, int]] = [(point, 0.0, -1) for point in cut.tolist()]
    current = start if coverage is None else coverage
    converged = False
    progress.begin(len(first), "Pruning the neighbourhood graph")
    while True:
        raise_if_canceled(progress)
        now = tuned(current, move_first=bool(history) or objective != "l1")
        current = now.coverage
        positive = now.ratios[now.ratios > 0]
        threshold = outlier_threshold(positive, now.center, n_stds, stdev_method)
        flagged = flagged_points(now.ratios, threshold, now.center, TOLERANCE)
        if stop_on_kernel and len(flagged):
            ratios = _kernel_ratios(pairs, now.scales, graph)
            bar = outlier_threshold(ratios[ratios > 0], now.center, n_stds, stdev_method, HIGHEST_OF_KERNEL)
            flagged = flagged if (ratios > bar).any() else flagged[:0]
        removed = prune(graph, served(flagged, max_prune))
        total = float(now.scales.sum()) * unit
        history.append(Iteration(current, now.center, threshold, total, tuple(removed)))
        isolated += _newly_isolated(graph, removed, now.scales * unit)
        progress.advance(len(removed))
        converged = len(removed) == 0
        if converged or not graph.alive.any() or len(history) == max_iterations:
            break
    progress.end()
    last = now
    if graph.alive.any() and (kernel_statistic is not None or not converged):
        statistic = kernel_statistic or "median"
        now = tuned(current, move_first=True, statistic=statistic, kernel=True)
    scales = np.where(graph.degrees > 0, now.scales, 0.0)
    return Neighborhoods(
        edges=graph.remaining,
        kernel=pairs.kernel(scales),
        scales=scales * unit,
        isolated=np.array([point for point, _, _ in isolated], dtype=np.int64),
        isolated_scales=np.array([scale for _, scale, _ in isolated], dtype=np.float64),
        isolated_neighbors=np.array([other for _, _, other in isolated], dtype=np.int64),
        history=tuple(history),
        converged=converged,
        initial_edges=first,
        initial_coverage=start,
        coverage=now.coverage,
        graph_scales=last.scales * unit,
        graph_ratios=last.ratios,
        kernel_ratios=_kernel_ratios(pairs, scales, graph),
    )


def _pairs(points: ArrayLike | None, squared: ArrayLike | None, nearest: int | None) -> Pairs:
    if nearest is None:
        return AllPairs(squared_distances_of(points, squared))
    if points is None or squared is not None:
        raise InvalidInput("Nearest points can only be sought among points, not in squared distances.")
    return NearestPairs(points, nearest)


def _first_edges(given: ArrayLike | Literal["mutual"] | None, pairs: Pairs) -> NDArray[np.int64]:
    if given is None:
        return pairs.gabriel_graph()
    if not isinstance(given, str):
        return checked_edges(given, pairs.count)
    if given != "mutual" or not isinstance(pairs, NearestPairs):
        raise InvalidInput(
            "There is no such start of the neighbourhood graph.",
            given=repr(given),
            needed='edges, or "mutual" together with nearest',
        )
    return pairs.mutual_edges()


def _kernel_ratios(pairs: Pairs, scales: NDArray[np.float64], graph: PrunedGraph) -> NDArray[np.float64]:
    return volume_ratios(pairs.kernel(scales).sum(axis=1), graph.degrees)


def _newly_isolated(
    graph: PrunedGraph, removed: list[tuple[int, int]], scales: NDArray[np.float64]
) -> list[tuple[int, float, int]]:
    """Return each point that has just lost its last edge, with its last scale and neighbour."""
    ends = [pair for i, j in removed for pair in ((i, j), (j, i))]
    return [(point, float(scales[point]), other) for point, other in ends if graph.degrees[point] == 0]


def _members(points: Sequence[int], count: int) -> NDArray[np.int64]:
    members = np.asarray(points, dtype=np.int64)
    if (members < 0).any() or (members >= count).any():
        raise InvalidInput("A disconnected point does not exist.", needed=f"indices from 0 to {count - 1}")
    return members


def _check_options(
    objective: str,
    n_stds: float,
    max_prune: float | None,
    stdev_method: str,
    max_iterations: int | None,
    kernel_statistic: str | None,
    coverage: float | None,
) -> None:
    for name, value, choices in (
        ("objective", objective, tuple(_RULES)),
        ("stdev_method", stdev_method, METHODS),
        ("kernel_statistic", kernel_statistic, (*STATISTICS, None)),
    ):
        if value not in choices:
            raise InvalidInput(
                f"Unknown {name}.", given=repr(value), needed="one of " + ", ".join(map(repr, choices))
            )
    if not (np.isfinite(n_stds) and n_stds > 0):
        raise InvalidInput("n_stds must be a positive number.", given=n_stds)
    if max_prune is not None:
        whole = isinstance(max_prune, int) and not isinstance(max_prune, bool)
        if not (max_prune >= 1 if whole else 0 < max_prune < 1):
            raise InvalidInput(
                "max_prune does not fit.",
                given=max_prune,
                needed="a fraction between 0 and 1, a whole number from 1, or None",
            )
    if max_iterations is not None and max_iterations < 1:
        raise InvalidInput("max_iterations must be at least 1.", given=max_iterations)
    if coverage is not None and not 0 < coverage <= 1:
        raise InvalidInput("coverage must lie above 0 and not above 1.", given=coverage)
