"""How long the whole comparison of eleven stages takes, of 2000 units each, with its report.

The limit is ten minutes on two cores. The demonstration twin is recorded as `twinscope record` does; stages
that have fewer units are filled up with mixtures of two of theirs. Printed are the time that passed and the
processor time, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

from napari_twinscope.manifolds import stage_comparison, write_report
from napari_twinscope.recording import Recording, RecordingPlan, open_recording, record
from napari_twinscope.stimuli import protocol


def filled(responses: xr.DataArray, units: int, random: np.random.Generator) -> xr.DataArray:
    """Return so many units: those that there are, and mixtures of two of them."""
    there = responses.transpose("unit", "stimulus", "direction", "time")
    values = there.values.astype(np.float64)[:units]
    lacking = units - len(values)
    one, other = random.integers(len(values), size=(2, lacking))
    share = random.uniform(0.2, 0.8, size=(lacking, 1, 1, 1))
    more = share * values[one] + (1 - share) * values[other]
    coords = {name: there[name] for name in ("stimulus", "direction", "time")}
    return xr.DataArray(np.concatenate([values, more]), dims=there.dims, coords=coords)


def opened(path: Path | None, folder: Path) -> Recording:
    if path is not None:
        return open_recording(path)
    plan = RecordingPlan(twin="demo", protocol=protocol("paper-6-medium"), device="cpu")
    return record(plan, folder / "demo.twinscope.zarr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, help="of any twin (default: the demonstration twin)")
    parser.add_argument("--units", type=int, default=2000)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="twinscope-") as folder:
        recording = opened(arguments.recording, Path(folder))
        populations = {
            f"{name}, filled": filled(recording.responses(name), arguments.units, random)
            for name in recording.stages
        }
        recording.close()
        print(f"{len(populations)} stages of {arguments.units} units")
        wall, processor = time.perf_counter(), time.process_time()
        compared = stage_comparison([], populations=populations)
        passed, worked = time.perf_counter() - wall, time.process_time() - processor
        print(f"comparison  {passed:>6.0f} s, processor {worked:>6.0f} s")
        write_report(compared, Path(folder) / "report")
        passed, worked = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"with report {passed:>6.0f} s, processor {worked:>6.0f} s, peak memory {peak:.1f} GB")


if __name__ == "__main__":
    main()
