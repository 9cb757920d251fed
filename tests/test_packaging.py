"""The manifest stands at the top of the repository and works however the package is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "napari.yaml"
PROBE = """
import json, npe2
manager = npe2.PluginManager.instance()
manager.discover()
manifest = manager.get_manifest("napari-twinscope")
for command in manifest.contributions.commands:
    command.python_name and npe2.manifest.utils.import_python_name(command.python_name)
print(json.dumps(sorted(w.display_name for w in manifest.contributions.widgets)))
"""


def run(*words: object, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what a clone holds, so that a build leaves nothing in this one."""
    copy = tmp_path_factory.mktemp("source") / "napari-twinscope"
    hidden = shutil.ignore_patterns(".git", ".venv", ".tox", "*_cache", "__pycache__", "demo-output")
    shutil.copytree(ROOT, copy, ignore=hidden)
    return copy


@pytest.fixture(scope="module")
def wheels(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a wheel built from the sources and one built from the sdist."""
    built = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation")
    run(*build, "--wheel", "--outdir", built / "direct", source)
    run(*build, "--outdir", built / "sdist", source)  # the sdist, and the wheel made from it
    return {name: next((built / name).glob("*.whl")) for name in ("direct", "sdist")}


def python_with(folder: Path, *install: object) -> Path:
    """Return the python of a new environment that borrows this one's packages and installs one more."""
    venv.create(folder, with_pip=False, symlinks=True)
    purelib = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    Path(purelib, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip = (python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation")
    run(*pip, "--ignore-installed", *install, cwd=folder)
    return python


@pytest.mark.parametrize("way", ["editable", "direct", "sdist"])
def test_napari_finds_the_widgets(way: str, source: Path, wheels: dict[str, Path], tmp_path: Path) -> None:
    package = ("--editable", source) if way == "editable" else (wheels[way],)
    python = python_with(tmp_path / "env", *package)
    where = run(python, "-c", "import napari_twinscope; print(napari_twinscope.__file__)", cwd=tmp_path)
    assert str(source if way == "editable" else tmp_path) in where
    run(python, "-m", "npe2", "validate", "napari-twinscope", cwd=tmp_path)
    assert {"Rig", "Manifold"} <= set(json.loads(run(python, "-c", PROBE, cwd=tmp_path)))


def test_the_installed_manifest_is_that_of_the_repository() -> None:
    assert (files("_napari_twinscope_manifest") / "napari.yaml").read_text() == MANIFEST.read_text()


def test_no_qt_binding_is_required() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = " ".join(project["dependencies"]).lower()
    assert "pyside" not in required
    assert "pyqt" not in required.replace("pyqtgraph", "")
    assert not any(
        name.startswith("torch") and ("<" in name or "==" in name) for name in project["dependencies"]
    )
