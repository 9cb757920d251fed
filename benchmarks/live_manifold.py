"""How long the decoding manifold of a new selection takes in the window, beside painting alone.

    python benchmarks/live_manifold.py                     # 500 of 2000 units, 6 x 8 movies, 37 frames
    python benchmarks/live_manifold.py --units 500 --repeats 15

Made-up units are opened in napari with the dock "Stimuli in activity space" beside the main canvas, and
units are selected as the end of a drag selects them. Printed are the median and the best on the clock, and
the main thread's processor time, from there until

* the points have their new places (limit: 100 ms on two cores), and
* the window has painted them.

Beside it the same selection with the dock closed: what it takes to recolour the units on the movie and to
paint the window. The ratio is that of both.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from linked_selection import Painted, spin, wait_for
from made_up_recording import STAGE, made_up_recording
from napari_twinscope.virtual_display import virtual_display

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 100.0  # milliseconds
NAME = "Stimuli in activity space"


def measure(recording: Any, units: int, repeats: int) -> None:
    """Open the window, select again and again, and print."""
    import napari

    from napari_twinscope.views.arrangement import close_dock, open_dock
    from napari_twinscope.views.bench import bench_of

    viewer = napari.Viewer()
    viewer.window.resize(1600, 950)
    bench = bench_of(viewer)
    session = bench.session
    session.in_stimulus_coordinates = False  # the made-up stage is no twin's
    open_dock(viewer, "Rig")
    bench.open(recording)
    dock = open_dock(viewer, NAME)
    wait_for(lambda: dock.space is not None and not bench.background.busy)
    spin(500)
    random, total = np.random.default_rng(0), len(session.units())
    sets = [np.sort(random.choice(total, units, replace=False)) for _ in range(repeats + 1)]
    shown: list[float] = []
    drawn = dock.canvas.show_paths

    def noted(*arguments: Any) -> None:
        drawn(*arguments)
        shown.append(time.perf_counter())

    dock.canvas.show_paths = noted
    window = dock.window()
    print(f"{units} of {total} units selected, {session.responses().shape[1:]}")

    def one(chosen: np.ndarray, awaited: Callable[[], bool]) -> list[float]:
        shown.clear()
        begun, worked = time.perf_counter(), time.thread_time()
        painted = Painted(window)
        last = painted.until_quiet(lambda: session.selection.apply(STAGE, chosen))
        painted.stop()
        wait_for(awaited)
        points = 1e3 * (shown[0] - begun) if shown else np.nan
        return [points, last, 1e3 * (time.thread_time() - worked)]

    with_dock = np.array([one(chosen, lambda: bool(shown)) for chosen in sets])[1:]
    close_dock(viewer, NAME)
    spin(500)
    without = np.array([one(chosen, lambda: True) for chosen in sets])[1:]
    for name, values, limit in (
        ("until the points are placed", with_dock[:, 0], f", limit {LIMIT:.0f}"),
        ("until they are painted", with_dock[:, 1], ""),
        ("main thread's processor time", with_dock[:, 2], ""),
        ("painted, without the dock", without[:, 1], ""),
        ("processor time without it", without[:, 2], ""),
    ):
        print(f"  {name:30} {np.median(values):7.1f} ms, best {values.min():.1f} ms{limit}")
    ratios = np.median(with_dock, axis=0)[1:] / np.median(without, axis=0)[1:]
    print(f"  ratio, painted {ratios[0]:.2f}, processor time {ratios[1]:.2f}")
    viewer.close()
    spin(200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--total", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=11)
    arguments = parser.parse_args()
    with virtual_display(), tempfile.TemporaryDirectory() as scratch:
        os.environ["NAPARI_CONFIG"] = str(Path(scratch) / "napari.yaml")
        from napari_twinscope.views.launch import share_contexts

        share_contexts()
        recording = made_up_recording(Path(scratch) / "made-up.twinscope.zarr", arguments.total)
        measure(recording, arguments.units, arguments.repeats)


if __name__ == "__main__":
    main()
