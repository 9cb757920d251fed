"""The rules of the house, enforced."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import napari_twinscope

PACKAGE = Path(napari_twinscope.__file__).parent
ROOMS = ("stimuli", "twins", "recording", "population", "training", "manifolds", "rig", "views")
FOUNDATION = ("errors", "progress", "specification", "lazy", "virtual_display")
HEAVY = ("torch", "sklearn", "scipy", "xarray", "pandas", "zarr", "matplotlib", "napari", "qtpy", "PIL")
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(napari_twinscope.__path__, "napari_twinscope.")
)


def imports_of(path: Path) -> set[str]:
    """Return every module a file imports anywhere, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "napari_twinscope" and len(parts) > 1 else None


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_above_it(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] in ROOMS:
        allowed = {*FOUNDATION, *ROOMS[: ROOMS.index(parts[0]) + 1], "__version__"}
    elif parts[0] in FOUNDATION:
        allowed = set(FOUNDATION)
    else:  # the doors of the house: __init__, __main__, cli, demo
        return
    used = {room for name in imports_of(path) if (room := room_of(name))}
    assert used <= allowed, f"{path} reaches down into {used - allowed}"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_views_know_of_windows(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] == "views":
        return
    tops = {name.split(".")[0] for name in imports_of(path)}
    assert not tops & {"napari", "vispy", "qtpy", "PySide6", "PyQt6", "pyqtgraph", "superqt"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("views/*.py")), ids=lambda p: p.name)
def test_timers_are_started_in_a_way_that_every_binding_of_qt_knows(path: Path) -> None:
    """PyQt, which napari installs unless asked for another, lets no object own a single shot."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    shots = [node for node in calls if getattr(node.func, "attr", "") == "singleShot"]
    assert all(len(node.args) == 2 for node in shots)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("views/*.py")), ids=lambda p: p.name)
def test_links_have_a_colour_that_can_be_read_on_dark(path: Path) -> None:
    assert path.name == "theme.py" or "<a href" not in path.read_text()


@pytest.mark.parametrize(
    "door",
    ["", ".stimuli", ".twins", ".recording", ".population", ".training", ".manifolds", ".rig", ".cli"],
)
def test_a_door_opens_without_heavy_imports(door: str) -> None:
    code = f"import sys, napari_twinscope{door}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & set(HEAVY)


def test_every_room_that_exists_is_named() -> None:
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(ROOMS)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    if name.endswith("__main__"):
        return
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize(
    "room", ["stimuli", "twins", "recording", "population", "training", "manifolds", "rig"]
)
def test_every_public_name_of_a_room_is_there(room: str) -> None:
    module = importlib.import_module(f"napari_twinscope.{room}")
    for name in module.__all__:
        assert getattr(module, name) is not None
