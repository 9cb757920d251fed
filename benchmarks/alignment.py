"""How long it takes to measure, classify and align stages of so many units, in seconds of one core.

The responses are simulated tuning curves with transients, so that no recording is needed. Printed is what one
stage costs, and eleven: a whole comparison with one reference population.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import xarray as xr

from napari_twinscope.manifolds import (
    AlignmentOptions,
    ClassificationOptions,
    alignment,
    classification_over_time,
    subpopulation_scores,
)
from napari_twinscope.manifolds.comparison.alignment_options import MEASURES
from napari_twinscope.population import unit_measures

STAGES = 11


def simulated(units: int, seed: int) -> xr.DataArray:
    random = np.random.default_rng(seed)
    angles, times = np.arange(8) * 45.0, np.arange(37) / 30
    best = random.uniform(0, 360, (units, 1, 1, 1))
    tuned = np.exp(np.cos(np.radians(angles[:, None] - best)))
    gain = random.gamma(1.0, size=(units, 6, 1, 1))
    course = 1 - np.exp(-times / random.uniform(0.05, 0.5, (units, 1, 1, 1)))
    values = gain * tuned * course + random.gamma(0.05, size=(units, 6, 8, 37))
    coords = {"stimulus": [f"class {place}" for place in range(6)], "direction": angles, "time": times}
    return xr.DataArray(values, dims=("unit", "stimulus", "direction", "time"), coords=coords)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--bootstraps", type=int, default=200)
    given = parser.parse_args()
    stage, reference = simulated(given.units, 0), simulated(given.units, 1)
    # What an import costs is not of interest here.
    alignment(stage.isel(unit=slice(20)), stage.isel(unit=slice(20)), AlignmentOptions(bootstraps=0))
    chosen = np.arange(given.units // 4)
    neighbors = ClassificationOptions(classifier="neighbors")
    jobs = {
        "unit measures": lambda: unit_measures(stage),
        "logistic regression over time": lambda: classification_over_time(stage),
        "nearest neighbours over time": lambda: classification_over_time(stage, neighbors),
        "a quarter of the units against all": lambda: subpopulation_scores(stage, chosen),
        **{
            f"{name}, {given.bootstraps} bootstraps": lambda name=name: alignment(
                stage, reference, AlignmentOptions(measures=(name,), bootstraps=given.bootstraps)
            )
            for name in MEASURES
        },
    }
    total = 0.0
    print(f"{given.units} units {'one stage':>36} {f'{STAGES} stages':>10}")
    for name, job in jobs.items():
        start = time.process_time()
        job()
        spent = time.process_time() - start
        total += spent
        print(f"{name:<38} {spent:>8.2f} s {STAGES * spent:>8.1f} s", flush=True)
    print(f"{'all':<38} {total:>8.2f} s {STAGES * total:>8.1f} s")


if __name__ == "__main__":
    main()
