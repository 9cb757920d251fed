"""A recording that is killed, at any moment, is resumed and ends bit-identical."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_twinscope.errors import StoreError
from napari_twinscope.recording import open_recording
from store_contents import contents

COMMAND = [
    *(sys.executable, "-m", "napari_twinscope", "record", "--twin", "demo", "--protocol", "paper-6"),
    *("--direction", "0", "--direction", "90", "--instances", "2", "--batch", "4", "--seed", "3"),
    *("--stage", "recurrent", "--stage", "output", "--maps", "5", "--units", "4", "--device", "cpu"),
]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


def completed(path: Path) -> int:
    """Return how many completion records there are, of either phase."""
    return sum(1 for phase in ("survey", "recording") for _ in (path / "tasks" / phase).glob("c/*"))


def kill_after(path: Path, records: int) -> bool:
    """Start the recording, kill it once there are `records` completion records; whether it was killed."""
    process = subprocess.Popen(
        [*COMMAND, "--out", str(path)], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        if completed(path) >= records:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.002)
    return process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_recording_resumes_bit_identical(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.twinscope.zarr", tmp_path / "parts.twinscope.zarr"
    subprocess.run([*COMMAND, "--out", str(whole)], env=ENVIRONMENT, check=True, capture_output=True)
    kills = 0
    for records in (0, 2, 5, 8):  # before anything, in the survey, after it, in the recording
        kills += kill_after(parts, records)
        if parts.exists():
            with pytest.raises(StoreError, match="not finished"):
                open_recording(parts)
    assert kills == 4
    subprocess.run([*COMMAND, "--out", str(parts)], env=ENVIRONMENT, check=True, capture_output=True)
    assert contents(parts) == contents(whole)
    assert open_recording(parts).stages == ("recurrent", "output")
