"""How fast the visual network runs, beside a straightforward implementation of its description.

    python benchmarks/network_speed.py                 # batches of 1, 8 and 48, on the CPU
    python benchmarks/network_speed.py --ensemble      # and 88 sequences of 37 frames, all stages

Both run in turns within one process, so that whatever else the machine does slows both; medians are
compared. Peak memory is measured in a process of its own for each. Random weights, published sizes.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope.twins import NetworkConfig, NetworkTwin, VisualNetwork

sys.path.insert(0, str(Path(__file__).parent))

from straightforward_network import StraightforwardNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

GIGAFLOPS_PER_FRAME = 8.2  # 4.1e9 multiplications and additions per frame and sequence


def make_network(units: int) -> VisualNetwork:
    torch.manual_seed(1)
    network = VisualNetwork(NetworkConfig.published(), units).eval()
    with torch.no_grad():
        network.readout.position.mu.normal_()
        for weight in network.readout.feature.weights:
            weight.normal_(std=weight.shape[-1] ** -0.5)
    return network


def make_movie(frames: int, batch: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (frames, batch, 144, 256), np.uint8)


def runners(units: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    network = make_network(units)
    plain = StraightforwardNetwork(network.config, network.state_dict())
    return {
        "ours": lambda movie: network.predict(movie[..., None]),
        "straightforward": lambda movie: plain.predict(torch.from_numpy(movie)).numpy(),
    }


def seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def matrix_product_speed(repeats: int = 5) -> float:
    a = torch.randn(1024, 1024)
    out = torch.empty_like(a)
    times = [seconds(lambda: torch.mm(a, a, out=out)) for _ in range(repeats + 1)][1:]
    return 2 * 1024**3 / statistics.median(times) / 1e9


def compare(batch: int, frames: int, repeats: int, units: int) -> dict[str, Any]:
    run = runners(units)
    movie = make_movie(frames, batch)
    outputs = {name: function(movie[:2]) for name, function in run.items()}  # warm up
    times: dict[str, list[float]] = {name: [] for name in run}
    for _ in range(repeats):
        for name, function in run.items():
            start = time.perf_counter()
            outputs[name] = function(movie)
            times[name].append((time.perf_counter() - start) / (frames * batch))
    difference = float(np.abs(outputs["ours"] - outputs["straightforward"]).max())
    return {"times": {n: statistics.median(t) for n, t in times.items()}, "difference": difference}


def peak_memory(name: str, batch: int, frames: int, units: int) -> float:
    """Return the peak memory in MB of one run in a process of its own."""
    arguments = [sys.executable, __file__, "--memory-of", name, "--units", str(units)]
    arguments += ["--batches", str(batch), "--frames", str(frames)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def measure_memory(name: str, batch: int, frames: int, units: int) -> None:
    runners(units)[name](make_movie(frames, batch))
    print(json.dumps(peak_resident_megabytes()))


def peak_resident_megabytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # on Linux ru_maxrss of a young process is still that of its parent
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def ensemble(units: int, batch: int = 8) -> None:
    """Time 88 sequences of 37 frames with all stages recorded."""
    twin = NetworkTwin(make_network(units), id="speed", title="", description="", trained=False)
    movies = np.moveaxis(make_movie(37, 88), 1, 0)
    names = [stage.name for stage in twin.stages]
    received = dict.fromkeys(names, 0)

    def sink(stage: str, _first: int, values: torch.Tensor) -> None:
        received[stage] += values.numel()

    start = time.perf_counter()
    for first in range(0, len(movies), batch):
        twin.record(movies[first : first + batch], names, sink)
        print(f"  {first + batch:3d} of 88 sequences, {time.perf_counter() - start:6.1f} s", flush=True)
    total = time.perf_counter() - start
    print(f"ensemble: 88 x 37 frames, all {len(names)} stages, {units} units: {total:.1f} s")
    print(
        f"  {sum(received.values()) * 4 / 1e9:.0f} GB of values handed on, "
        f"peak memory {peak_resident_megabytes():.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 48])
    parser.add_argument("--frames", type=int, help="frames per run (default: 16, fewer for large batches)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--ensemble", action="store_true")
    parser.add_argument("--memory-of", choices=["ours", "straightforward"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        measure_memory(options.memory_of, options.batches[0], options.frames, options.units)
        return
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {options.units} units")
    print(f"matrix product: {matrix_product_speed():.0f} GFLOP/s")
    head = ("batch", "frames", "", "s/frame/seq", "frames/s", "GFLOP/s", "ratio", "max diff", "peak MB")
    print("{:>5} {:>6} {:<16} {:>11} {:>8} {:>8} {:>6} {:>9} {:>8}".format(*head))
    for batch in options.batches:
        frames = options.frames or max(4, min(16, 64 // batch))
        result = compare(batch, frames, options.repeats, options.units)
        for name, each in result["times"].items():
            ratio = result["times"]["straightforward"] / each
            memory = peak_memory(name, batch, frames, options.units)
            print(
                f"{batch:5d} {frames:6d} {name:<16} {each:11.4f} {1 / each:8.1f} "
                f"{GIGAFLOPS_PER_FRAME / each:8.0f} {ratio:6.2f} {result['difference']:9.1e} {memory:8.0f}",
                flush=True,
            )
    if options.ensemble:
        ensemble(options.units)


if __name__ == "__main__":
    main()
