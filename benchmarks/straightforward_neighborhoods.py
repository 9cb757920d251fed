"""Adaptive neighbourhoods as their description reads: every step anew in every iteration.

A reference for speed and for graphs, after Dyballa & Zucker (2023), doi:10.1162/neco_a_01566, with the
default options. The programme of the scales is set up from all its rows and solved from scratch each
time, the greedy scales are found in one loop over all edges, and all volume ratios are computed anew.
"""

from __future__ import annotations

from math import ceil, floor, log, pi, sqrt
from statistics import NormalDist

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

TOLERANCE = 0.1


def gabriel(squared: np.ndarray) -> list[tuple[int, int]]:
    edges = []
    for i in range(len(squared)):
        for j in range(i + 1, len(squared)):
            sums = squared[i] + squared[j]
            sums[[i, j]] = np.inf
            if sums.min() > squared[i, j] * (1 + 1e-12) + 1e-6:
                edges.append((i, j))
    return edges


def reach_of(edges: list[tuple[int, int]], distances: np.ndarray) -> np.ndarray:
    reach = np.zeros(len(distances))
    for i, j in edges:
        reach[i] = max(reach[i], distances[i, j])
        reach[j] = max(reach[j], distances[i, j])
    return reach


def linear_scales(edges: list[tuple[int, int]], distances: np.ndarray, coverage: float) -> np.ndarray:
    reach = reach_of(edges, distances)
    unit = reach[reach > 0].mean()
    rows, columns, values, bounds = [], [], [], []
    for i, j in edges:
        width = coverage * distances[i, j]
        for p, q in ((i, j), (j, i)):
            rows += [len(bounds), len(bounds)]
            columns += [q, p]
            values += [-1.0, -width / reach[p]]
            bounds.append(-width * (1 + width / reach[p]) / unit)
    answer = linprog(
        np.ones(len(reach)),
        A_ub=csr_array((values, (rows, columns)), shape=(len(bounds), len(reach))),
        b_ub=bounds,
        bounds=[(0, one / unit) for one in reach],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
    )
    return np.clip(answer.x * unit, 0, reach)


def greedy_scales(edges: list[tuple[int, int]], distances: np.ndarray, coverage: float) -> np.ndarray:
    reach = reach_of(edges, distances)
    scales = np.zeros(len(reach))
    for i, j in edges:
        length = distances[i, j]
        if scales[i] == 0 and scales[j] == 0:
            scales[i] = scales[j] = length
            continue
        if scales[i] > 0 and scales[j] > 0:
            if scales[i] * scales[j] < length**2 - 10 * np.finfo(np.float32).eps:
                growth = length / sqrt(scales[i] * scales[j])
                scales[i] *= growth
                scales[j] *= growth
        elif scales[i] == 0:
            scales[i] = length**2 / scales[j]
        else:
            scales[j] = length**2 / scales[i]
        product = scales[i] * scales[j]
        if scales[i] > reach[i] + 1e-8:
            scales[i], scales[j] = reach[i], product / reach[i]
        elif scales[j] > reach[j] + 1e-8:
            scales[i], scales[j] = product / reach[j], reach[j]
    return coverage * scales


def ratios_of(masses: np.ndarray, edges: list[tuple[int, int]]) -> np.ndarray:
    degrees = np.bincount(np.array(edges).ravel(), minlength=len(masses))
    size = np.maximum(degrees, 2)
    return np.where(degrees > 0, masses / size / (sqrt(pi) / 2) ** np.log2(size), 0.0)


def masses_of(squared: np.ndarray, scales: np.ndarray) -> np.ndarray:
    masses = np.zeros(len(scales))
    for i in np.flatnonzero(scales > 0):
        exponents = squared[i] / scales[i] ** 2
        masses[i] = np.exp(-exponents[exponents <= -log(2 * np.finfo(float).eps)]).sum()
    return masses


def kernel_of(squared: np.ndarray, scales: np.ndarray) -> np.ndarray:
    scales = np.where(scales > 1e-8, scales, 1.0)
    kernel = np.exp(-squared / (scales[:, None] * scales))
    return np.where(kernel < 1e-8, 0.0, kernel)


def straightforward_neighborhoods(points: np.ndarray, objective: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of the final graph and the scales of its kernel."""
    squared = ((points[:, None] - points) ** 2).sum(axis=2)
    unit = sqrt(squared[~np.eye(len(squared), dtype=bool)].min())
    squared /= unit**2
    distances = np.sqrt(squared)
    edges = gabriel(squared)
    find = linear_scales if objective == "l1" else greedy_scales
    coverage = initial_coverage(edges, distances)
    first = objective == "l1"
    while True:
        coverage, scales, ratios, median = tuned(edges, distances, squared, coverage, find, first)
        first = False
        doomed = flagged(ratios, median)
        if not len(doomed):
            break
        edges = pruned(edges, distances, doomed[: max(1, floor(0.1 * len(doomed)))])
    coverage, scales, _, _ = tuned(edges, distances, squared, coverage, find, False, kernel=True)
    return np.array(edges), scales * unit


def initial_coverage(edges: list[tuple[int, int]], distances: np.ndarray) -> float:
    near: list[list[float]] = [[] for _ in distances]
    for i, j in edges:
        near[i].append(distances[i, j])
        near[j].append(distances[i, j])
    ratios = [
        sorted(one)[min(len(one) - 1, max(1, ceil(len(one) / 2) - 1))] / max(one) for one in near if one
    ]
    return min(max(0.55, float(np.median(ratios))), 0.95)


def tuned(edges, distances, squared, coverage, find, first, kernel=False):
    low, high = min(coverage, 0.5), max(coverage, 1.0)
    for _ in range(20 if first else 21):
        scales = find(edges, distances, coverage)
        masses = kernel_of(squared, scales).sum(axis=1) if kernel else masses_of(squared, scales)
        ratios = ratios_of(masses, edges)
        median = float(np.median(ratios[ratios > 0]))
        at_floor = median - 1 > TOLERANCE and np.isclose(coverage, low)
        at_ceiling = median - 1 < -TOLERANCE and np.isclose(coverage, high)
        if abs(median - 1) <= TOLERANCE or at_floor or at_ceiling:
            break
        trial = coverage
        low, high = (low, trial) if median > 1 else (trial, high)
        coverage = (low + high) / 2
    else:
        coverage = trial
    return coverage, scales, ratios, median


def flagged(ratios: np.ndarray, median: float) -> np.ndarray:
    values = ratios[ratios > 0]
    n = len(values)
    q1, q2, q3 = np.percentile(values, [25, 50, 75])
    spread = (q3 - q1) / (2 * NormalDist().inv_cdf((0.75 * n - 0.125) / (n + 0.25)))
    threshold = max(2.75, 0.333 * (q1 + q2 + q3) + 4.5 * spread)
    if values.max() <= threshold and 5 - (median - 1) < threshold:
        threshold = 5 - (median - 1)
    order = np.argsort(-ratios, kind="stable")
    found = order[ratios[order] > threshold]
    if median - 1 > TOLERANCE:
        crowd = n - 2 * int((values < 1 + TOLERANCE).sum())
        if crowd > len(found):
            found = order[:crowd]
    return found


def pruned(edges: list[tuple[int, int]], distances: np.ndarray, doomed: np.ndarray) -> list[tuple[int, int]]:
    touched: set[int] = set()
    for i in doomed.tolist():
        near = [b if a == i else a for a, b in edges if i in (a, b)]
        j = max(near, key=lambda other: (distances[i, other], other))
        if i in touched or j in touched:
            continue
        edges = [edge for edge in edges if edge not in ((i, j), (j, i))]
        touched.update((i, j))
    return edges
