"""How fast adaptive neighbourhoods are found, beside a straightforward implementation of the same rules.

    python benchmarks/neighborhoods.py                                  # 1000 points, both objectives
    python benchmarks/neighborhoods.py --size 2000 --objectives l1 --alone
    python benchmarks/neighborhoods.py --size 10000 --objectives greedy --alone
    python benchmarks/neighborhoods.py --size 10000 --nearest 100 --alone

Points in seven dimensions are drawn by a rule that resembles the loadings of retinal ganglion cells: units
that shade into one another, each with few of sixteen components, turned to their principal axes. Both
implementations run in one process, and processor time is compared, which counts whatever else the machine
does least; of what takes less than ten seconds, the median of three runs is given.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.manifolds import adaptive_neighborhoods

sys.path.insert(0, str(Path(__file__).parent))

from straightforward_neighborhoods import straightforward_neighborhoods

if TYPE_CHECKING:
    from collections.abc import Callable

COMPONENTS, AXES, LATENT = 16, 7, 3


def draw_points(size: int, seed: int = 0) -> np.ndarray:
    """Return points (point, axis) of units that lie in a low-dimensional space of response types."""
    random = np.random.default_rng(seed)
    centers = np.random.default_rng(16).uniform(size=(COMPONENTS, LATENT))  # the same for every seed
    types = random.uniform(size=(size, LATENT))
    away = ((types[:, None] - centers) ** 2).sum(axis=2)
    loadings = np.linspace(1.2, 0.5, COMPONENTS) * np.exp(-away / (2 * 0.25**2))
    loadings *= random.gamma(8, 1 / 8, size=loadings.shape)
    loadings = np.sqrt(np.where(loadings > 0.05, loadings, 0.0)) + 0.02 * random.normal(size=loadings.shape)
    centered = loadings - loadings.mean(axis=0)
    left, singular, _ = np.linalg.svd(centered, full_matrices=False)
    return (left * singular)[:, :AXES]


def measured(function: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return the result, and the processor and wall-clock seconds it took: the median of three short runs."""
    seconds = []
    while len(seconds) < 3 and sum(wall for _, wall in seconds) < 10:
        wall, cpu = time.perf_counter(), time.process_time()
        result = function()
        seconds.append((time.process_time() - cpu, time.perf_counter() - wall))
    return result, *sorted(seconds)[len(seconds) // 2]


def peak_memory() -> float:
    """Return the peak memory of this process so far, in GB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def report(points: np.ndarray, objective: str, nearest: int | None, alone: bool) -> None:
    options = {} if nearest is None else {"nearest": nearest}
    ours, cpu, wall = measured(lambda: adaptive_neighborhoods(points, objective=objective, **options))
    size, begun, left = len(points), len(ours.initial_edges), len(ours.edges)
    print(f"{objective}: {size} points, {begun} edges, {left} left after {len(ours.history)} iterations")
    print(
        f"  ours            {cpu:8.2f} s CPU {wall:8.2f} s wall, peak {peak_memory():.1f} GB so far",
        flush=True,
    )
    if alone:
        return
    (edges, scales), plain_cpu, plain_wall = measured(
        lambda: straightforward_neighborhoods(points, objective)
    )
    same = np.array_equal(edges, ours.edges)
    apart = float(np.abs(scales - ours.scales).max() / ours.scales.max())
    print(
        f"  straightforward {plain_cpu:8.2f} s CPU {plain_wall:8.2f} s wall, {plain_cpu / cpu:.1f} times ours"
    )
    print(f"  {'the same' if same else 'ANOTHER'} graph, scales {apart:.1e} apart", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, nargs="+", default=[1000])
    parser.add_argument("--objectives", nargs="+", default=["greedy", "l1"], choices=["greedy", "l1"])
    parser.add_argument("--points", type=Path, help="an .npy file of points instead of drawn ones")
    parser.add_argument("--nearest", type=int, help="look at so many nearest points of each only")
    parser.add_argument("--alone", action="store_true", help="without the straightforward implementation")
    options = parser.parse_args()
    adaptive_neighborhoods(draw_points(50))  # import what is imported lazily
    for size in options.size:
        points = draw_points(size) if options.points is None else np.load(options.points)[:size]
        for objective in options.objectives:
            report(points, objective, options.nearest, options.alone or options.nearest is not None)


if __name__ == "__main__":
    main()
