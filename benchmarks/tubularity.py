"""How long the tubularity of one stage takes: 2000 units, 6 x 8 movies, 37 frames, 30 bootstraps.

The limit is 20 s on two cores. Printed are the time that passed and the processor time, which does not depend
on what else the machine does.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import xarray as xr

from napari_twinscope.manifolds import TubularityOptions, tubularity


def stage(units: int, latents: int = 20, seed: int = 0) -> xr.DataArray:
    """Draw units that mix a few courses through time, with noise."""
    random = np.random.default_rng(seed)
    courses = random.normal(size=(latents, 6, 8, 37)).cumsum(axis=-1)
    values = np.tensordot(random.normal(size=(units, latents)), courses, 1)
    return xr.DataArray(
        values + 2 * random.normal(size=values.shape) + 200,
        dims=("unit", "stimulus", "direction", "time"),
        coords={
            "stimulus": [f"class {number}" for number in range(6)],
            "direction": np.arange(8) * 45.0,
            "time": np.arange(37) / 30,
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--bootstraps", type=int, default=30)
    arguments = parser.parse_args()
    responses = stage(arguments.units)
    print(f"{arguments.units} units, {arguments.bootstraps} bootstraps")
    for bundles in ("stimulus", "hdbscan"):
        options = TubularityOptions(bundles=bundles, bootstraps=arguments.bootstraps)
        wall, processor = time.perf_counter(), time.process_time()
        tubularity(responses, options)
        passed, worked = time.perf_counter() - wall, time.process_time() - processor
        print(f"bundles by {bundles:<10} {passed:>6.1f} s, processor {worked:>6.1f} s")


if __name__ == "__main__":
    main()
