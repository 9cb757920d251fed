"""The first jobs of a process begin at once, and import what they need."""

from __future__ import annotations

import os
import subprocess
import sys

BEGIN = """
import importlib, sys, threading

from qtpy.QtWidgets import QApplication

from napari_twinscope.rig import Job
from napari_twinscope.views.background import Background

sys.setswitchinterval(1e-4)
application, background, outcomes = QApplication([]), Background(), []


def start(*names):
    for name in names:
        background.start(Job(name, lambda _, name=name: importlib.import_module(name)), outcomes.append)
"""

PARTS = """
importers = set()


class Noted:
    def find_spec(name, *_):
        if name.split(".")[0] in ("scipy", "sklearn"):
            importers.add(threading.get_ident())


sys.meta_path.insert(0, Noted)
start("scipy.linalg", "scipy.spatial", "sklearn.cluster", "sklearn.linear_model", "sklearn.metrics")
while len(outcomes) < 5:
    application.processEvents()
print([repr(outcome.error) for outcome in outcomes if outcome.error is not None], len(importers))
"""

TORCH = """
from scipy.spatial.transform import Rotation

start("torch")
while not outcomes:
    application.processEvents()
    if "torch" in sys.modules:
        Rotation.from_quat([0, 0, 0, 1])  # as napari's camera does in 3D
torch = outcomes[0].value
print(outcomes[0].error, isinstance(torch.ones(2), torch.Tensor))
"""


def said_by(script, tmp_path):
    """Run a script in a Python of its own, and return what it prints."""
    env = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "napari.yaml"), "QT_API": "pyside6"}
    command = [sys.executable, "-c", BEGIN + script]
    ended = subprocess.run(command, capture_output=True, text=True, env=env, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_libraries_whose_parts_import_one_another_are_imported_by_one_thread(tmp_path):
    """Else one of them fails: "cannot import name ... from partially initialized module"."""
    assert said_by(PARTS, tmp_path) == ["[] 1"]


def test_the_window_can_be_drawn_while_torch_is_being_imported(tmp_path):
    """Else SciPy fails: "partially initialized module 'torch' has no attribute 'Tensor'"."""
    assert said_by(TORCH, tmp_path) == ["None True"]
