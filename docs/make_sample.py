"""Make the small recording that comes with the package: ``python docs/make_sample.py``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from napari_twinscope.recording import RecordingPlan, Sampling, record
from napari_twinscope.rig.plan import part_of
from napari_twinscope.stimuli import protocol

TARGET = Path(__file__).parents[1] / "src/napari_twinscope/data/sample.twinscope.zarr.zip"
STIMULI = (0, 1, 5)  # two gratings and a flow of dots
FRAMES = 20


def make_sample(target: Path = TARGET) -> Path:
    """Record the demonstration twin and zip the result."""
    whole = protocol("paper-6")
    names = tuple(whole.names[i] for i in STIMULI)
    chosen = part_of(whole, stimuli=names, instances=1, frames=FRAMES)
    plan = RecordingPlan(
        protocol=chosen,
        stages=("recurrent_out", "output"),
        sampling=Sampling("uniform", maps=10, units_per_map=18),
        device="cpu",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.twinscope.zarr"
        record(plan, path)
        target.parent.mkdir(exist_ok=True)
        shutil.make_archive(str(target.with_suffix("")), "zip", path)
    return target


if __name__ == "__main__":
    made = make_sample()
    print(f"{made}: {made.stat().st_size / 1024:.0f} KiB")
