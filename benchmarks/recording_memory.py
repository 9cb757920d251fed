"""Peak resident memory of a recording does not grow with the number of sequences.

Each recording runs in a process of its own, whose peak is read from the operating system. Printed are the
peaks for 8, 32 and 128 movies and their ratio to the first.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

DIRECTIONS_AND_INSTANCES = ((2, 4), (8, 4), (32, 4))


def measure(directions: int, instances: int) -> None:
    from napari_twinscope.recording import RecordingPlan, record
    from napari_twinscope.stimuli import StimulusProtocol
    from napari_twinscope.stimuli.flow import DotFlow

    protocol = StimulusProtocol(
        "flow",
        (DotFlow("flow"),),
        directions=tuple(360.0 * i / directions for i in range(directions)),
        instances=instances,
    )
    with tempfile.TemporaryDirectory() as folder:
        record(RecordingPlan(protocol=protocol, device="cpu", batch=8), Path(folder) / "a.twinscope.zarr")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    child = parser.parse_args().child
    if child:
        measure(*child)
        return
    first = None
    print(f"{'movies':>7} {'peak MB':>8} {'ratio':>6}")
    for directions, instances in DIRECTIONS_AND_INSTANCES:
        command = [sys.executable, __file__, "--child", str(directions), str(instances)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peak = float(done.stdout.split()[-1])
        first = first or peak
        print(f"{directions * instances:>7} {peak:>8.0f} {peak / first:>6.2f}")


if __name__ == "__main__":
    main()
