"""How long a live view of a selection takes: 500 units, 6 x 8 movies, 37 frames.

The limit is 100 ms on two cores, for a view that follows the selection. Printed are the best and the median
of several runs, and the processor time of the best, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import time
from functools import partial

import numpy as np
import xarray as xr

from napari_twinscope.manifolds import decoding_manifold, decoding_trajectories


def selection(units: int, seed: int = 0) -> xr.DataArray:
    return xr.DataArray(
        np.random.default_rng(seed).gamma(1.0, size=(units, 6, 8, 37)),
        dims=("unit", "stimulus", "direction", "time"),
        coords={
            "stimulus": [f"class {number}" for number in range(6)],
            "direction": np.arange(8) * 45.0,
            "time": np.arange(37) / 30,
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    responses = selection(arguments.units)
    print(f"{'of ' + str(arguments.units) + ' units':<28} {'best':>8} {'median':>8} {'processor':>10}")
    for name, measure in (
        ("decoding manifold", decoding_manifold),
        ("the same, diffusion", partial(decoding_manifold, method="diffusion")),
        ("trajectories", decoding_trajectories),
    ):
        walls, processors = [], []
        for _ in range(arguments.runs + 1):
            wall, processor = time.perf_counter(), time.process_time()
            measure(responses)
            walls.append(time.perf_counter() - wall)
            processors.append(time.process_time() - processor)
        walls, processors = walls[1:], processors[1:]  # the first run imports
        best, median, work = (1e3 * value for value in (min(walls), np.median(walls), min(processors)))
        print(f"{name:<28} {best:>5.0f} ms {median:>5.0f} ms {work:>7.0f} ms")


if __name__ == "__main__":
    main()
