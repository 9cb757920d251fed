"""How fast the permuted factorisation is, beside SciPy's L-BFGS-B run restart by restart.

    python benchmarks/factorization.py                                   # 2000 x 6 x 8 x 37, rank 14
    python benchmarks/factorization.py --units 300 --restarts 6 --scipy-restarts 6
    python benchmarks/factorization.py --scipy-restarts 30               # nothing extrapolated

Both begin from the same factors and stop at the same projected gradient. By default SciPy runs two of the
restarts, and its time for all of them is extrapolated. CPU time is given beside wall time, since other
programs may slow a run. The responses are invented: noisy mixtures of more kinds of response than the
factorisation has components, smoothed, and turned at random for each unit and stimulus.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from napari_twinscope.manifolds import permuted_factorization
from napari_twinscope.manifolds.factorization.start import random_start

sys.path.insert(0, str(Path(__file__).parent))

from straightforward_factorization import fit


def population(
    units: int, stimuli: int = 6, directions: int = 8, times: int = 37, kinds: int = 24, noise: float = 0.6
) -> np.ndarray:
    """Return responses of invented units, each of unit norm times its relative strength."""
    random = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(directions)[:, None] / directions
    time_ = np.arange(times)
    profiles = []
    for _ in range(kinds):
        tuning = np.exp(random.uniform(0, 3) * (np.cos(2 * angle) - 1))
        tuning = tuning * (1 + random.uniform(0, 1) * np.cos(angle))
        since = np.clip(time_ - random.uniform(0, 10), 0, None)
        course = (1 - np.exp(-since / random.uniform(1, 4))) * np.exp(-since / random.uniform(2, 40))
        phase = 2 * np.pi * random.choice([0, 0.1, 0.2, 0.3]) * time_ + random.integers(0, 2) * angle
        profiles.append(tuning * course * (1 + random.uniform(0, 1) * np.cos(phase + random.uniform(0, 6))))
    profile = np.stack(profiles, axis=-1)
    profile /= np.sqrt((profile**2).sum(axis=(0, 1)))
    stimulus = random.gamma(0.5, 1, (stimuli, kinds))
    unit = random.gamma(0.3, 1, (units, kinds))
    responses = np.einsum("ur,sr,dtr->usdt", unit, stimulus, profile, optimize=True)
    spread = responses.std(axis=(2, 3), keepdims=True)
    responses += noise * spread * gaussian_filter1d(random.normal(size=responses.shape), 1.0, axis=3)
    responses = responses.clip(min=0)
    turns = random.integers(0, directions, (units, stimuli, 1, 1))
    source = (np.arange(directions)[:, None] - turns) % directions
    responses = np.take_along_axis(responses, source, axis=2)
    strength = responses.mean(axis=(2, 3), keepdims=True)
    norm = np.sqrt((responses**2).sum(axis=(2, 3), keepdims=True))
    return responses / norm * strength / strength.max(axis=1, keepdims=True)


class Stopwatch:
    """Wall and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> np.ndarray:
        """Return both."""
        return np.array([time.perf_counter() - self._wall, time.process_time() - self._cpu])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (
        *(("units", 2000), ("stimuli", 6), ("directions", 8), ("times", 37)),
        *(("rank", 14), ("restarts", 30), ("scipy-restarts", 2)),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help="default: %(default)s")
    options = parser.parse_args()
    tensor = population(options.units, options.stimuli, options.directions, options.times)
    print(f"{' x '.join(map(str, tensor.shape))}, rank {options.rank}, {options.restarts} restarts")
    warm = population(20, options.stimuli, options.directions, options.times)
    permuted_factorization(warm, 2, restarts=1, device="cpu")
    plain = []
    watch = Stopwatch()
    for number in range(options.scipy_restarts):
        start = random_start(tensor.shape, options.rank, 0, number)
        flat = (*start[:2], start.response.reshape(-1, options.rank))
        plain.append(fit(tensor, flat))
        print(f"  scipy restart {number}: {plain[-1]}", flush=True)
    scipy_seconds = watch.read() / options.scipy_restarts * options.restarts
    watch = Stopwatch()
    found = permuted_factorization(tensor, options.rank, restarts=options.restarts, device="cpu")
    our_seconds = watch.read()
    print(found.restarts.to_string())
    lowest = min(each.error_percent for each in plain)
    same = found.restarts["error_percent"][: options.scipy_restarts]
    print(f"best error: {found.error_percent:.5f} % beside {lowest:.5f} % of SciPy's {len(plain)} restarts")
    print(f"  of the same {len(plain)} starts: {same.min():.5f} %")
    if options.scipy_restarts < options.restarts:
        print(f"SciPy's times are extrapolated from {len(plain)} to {options.restarts} restarts")
    for kind, ours, theirs in zip(("wall", "CPU"), our_seconds, scipy_seconds, strict=True):
        print(f"{kind:>5}: {ours:8.1f} s beside {theirs:8.1f} s, ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
