"""The first jobs of a process begin at once, and import what they need."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import importlib, sys, threading

from qtpy.QtWidgets import QApplication

from napari_twinscope.rig import Job
from napari_twinscope.views.background import Background

importers = set()


class Noted:
    def find_spec(name, *_):
        if name.split(".")[0] in ("scipy", "sklearn"):
            importers.add(threading.get_ident())


sys.meta_path.insert(0, Noted)
sys.setswitchinterval(1e-4)
application, background, outcomes = QApplication([]), Background(), []
wanted = ("scipy.linalg", "scipy.spatial", "sklearn.cluster", "sklearn.linear_model", "sklearn.metrics")
for name in wanted:
    background.start(Job(name, lambda _, name=name: importlib.import_module(name)), outcomes.append)
while len(outcomes) < len(wanted):
    application.processEvents()
print([repr(outcome.error) for outcome in outcomes if outcome.error is not None], len(importers))
"""


def test_libraries_are_imported_by_one_thread_at_a_time(tmp_path):
    """Else one of them fails: "cannot import name ... from partially initialized module"."""
    env = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "napari.yaml"), "QT_API": "pyside6"}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=env, timeout=600, check=False
    )
    assert ended.stdout.splitlines() == ["[] 1"], ended.stdout + ended.stderr
