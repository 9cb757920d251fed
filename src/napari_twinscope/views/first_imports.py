"""Libraries that are imported for the first time while other threads are at work.

Two threads that import different parts of SciPy or scikit-learn, which import one another, wait for each
other; Python notices, and lets one of them fail. And SciPy asks of arrays whether they are a ``torch.Tensor``
once there is a module called torch, which fails while that is being imported: napari's 3D camera asks too.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

_lock = threading.Lock()


def import_in_turn() -> None:
    """Let one thread import what two must not import at once; every job calls this before its work."""
    with _lock, suppress(Exception):  # whatever is wrong with a library, the job meets it again, and tells
        if "torch" not in sys.modules and not any(isinstance(one, _Finder) for one in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
        import scipy.stats  # noqa: F401  with nearly all other parts
        import sklearn.base
        import sklearn.cluster
        import sklearn.decomposition
        import sklearn.linear_model
        import sklearn.metrics
        import sklearn.model_selection  # noqa: F401


class _NoTensor:
    """Stands for ``torch.Tensor`` until there is one: no array is an instance of it."""


class _Loader(SourceFileLoader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = ModuleType(spec.name)
        module.Tensor = _NoTensor
        return module


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "torch":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec
