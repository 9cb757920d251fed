"""The window is closed, and Python ends, while a job is at work in its thread."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import threading, time

import napari
from qtpy.QtWidgets import QApplication

from napari_twinscope.rig import Job
from napari_twinscope.views.bench import bench_of

viewer, begun = napari.Viewer(show=False), threading.Event()


def work(progress):
    begun.set()
    while not progress.canceled:
        time.sleep(0.01)
    time.sleep(1.5)  # it needs a while to stop
    print("stopped")


bench_of(viewer).background.start(Job("long", work), print)
while not begun.wait(0.01):
    QApplication.processEvents()
bench_of(viewer).background.stop()
viewer.close()
del viewer
print("closed")
"""


def test_a_job_that_is_still_at_work_then_ends_in_silence(tmp_path):
    env = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "napari.yaml"), "QT_API": "pyside6"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=env, timeout=600, check=False
    )
    assert (ended.returncode, ended.stdout.split()) == (0, ["closed", "stopped"])
    for complaint in ("deleted", "Traceback"):
        assert complaint not in ended.stderr, ended.stderr
