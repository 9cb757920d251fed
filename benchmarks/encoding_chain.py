"""How long each step of an encoding manifold takes, and how it grows with the number of units.

The demonstration twin is recorded with more and more units of one stage, and each recording goes through the
whole chain with a fixed rank. Printed are seconds of wall time for each step, their sum, the exponent of the
growth between the fewest and the most units (1: twice the units take twice the time), and the time to
find everything in the recording again. Recordings are kept in the folder that is given, and so are the
results: remove it to measure again.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path


def recorded(folder: Path, stage: str, units: int, maps: int) -> Path:
    from napari_twinscope.recording import RecordingPlan, Sampling, record

    path = folder / f"{stage}-{units}.twinscope.zarr"
    plan = RecordingPlan(
        stages=(stage,), sampling=Sampling(maps=maps, units_per_map=math.ceil(units / maps)), device="cpu"
    )
    record(plan, path).close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stage", default="recurrent")
    parser.add_argument("--units", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--maps", type=int, default=40)
    parser.add_argument("--rank", type=int, default=14)
    parser.add_argument("--restarts", type=int, default=30)
    parser.add_argument("--objective", default="l1", choices=("l1", "greedy"))
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()

    import torch

    from napari_twinscope.manifolds import EncodingOptions, encoding_manifold
    from napari_twinscope.recording import open_recording

    print(
        f"{torch.get_num_threads()} threads, rank {given.rank}, {given.restarts} restarts, {given.objective}"
    )
    times: dict[str, list[float]] = {}
    counts = []
    for units in given.units:
        recording = open_recording(recorded(given.folder, given.stage, units, given.maps))
        options = EncodingOptions.for_stimuli(
            recording.protocol.names, rank=given.rank, restarts=given.restarts, objective=given.objective
        )
        begun = time.perf_counter()
        manifold = encoding_manifold(recording, given.stage, options, device=given.device)
        whole = time.perf_counter() - begun
        counts.append(len(manifold.units))
        for kind in manifold.results:
            times.setdefault(kind, []).append(manifold.results.seconds(kind))
        begun = time.perf_counter()
        encoding_manifold(recording, given.stage, options)
        times.setdefault("whole, with storing", []).append(whole)
        times.setdefault("found again", []).append(time.perf_counter() - begun)
        recording.close()
        if set(manifold.computed) != set(manifold.results):
            print(f"{units} units: found in the folder, not measured now: the last two rows do not count")
        print(manifold.report(), end="\n\n", flush=True)

    print(f"{'seconds':<22}" + "".join(f"{count:>9}" for count in counts) + f"{'exponent':>10}")
    for kind, seconds in times.items():
        steps = math.log(counts[-1] / counts[0]) if len(counts) > 1 else math.nan
        exponent = math.log(max(seconds[-1], 1e-3) / max(seconds[0], 1e-3)) / steps
        print(f"{kind:<22}" + "".join(f"{value:>9.2f}" for value in seconds) + f"{exponent:>10.2f}")


if __name__ == "__main__":
    main()
