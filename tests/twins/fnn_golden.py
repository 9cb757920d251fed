"""The rules by which the golden networks and videos of tests/golden/fnn are made."""

from __future__ import annotations

import json
import zlib
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_twinscope.twins.config import NetworkConfig
from napari_twinscope.twins.network import VisualNetwork

FOLDER = Path(__file__).parents[1] / "golden" / "fnn"
FRAME_SHAPES = {"tiny": (36, 64), "full": (144, 256)}


def draw(key: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(key.encode())))


@cache
def check_file(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"fill_check_{name}.json").read_text())


@cache
def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{name}.npz") as file:
        return dict(file)


@cache
def manifest() -> dict[str, Any]:
    return json.loads((FOLDER / "manifest.json").read_text())


def config(name: str) -> NetworkConfig:
    return NetworkConfig.from_dict(check_file(name)["config"])


def filled(name: str) -> VisualNetwork:
    """Return the golden network: built, filled by the rule, in evaluation mode."""
    sizes = config(name)
    network = VisualNetwork(sizes, check_file(name)["config"]["U"])
    for parameter, tensor in network.named_parameters():
        value = _fill(parameter, tuple(tensor.shape), sizes)
        tensor.data = torch.from_numpy(np.asarray(value, dtype=np.float32))
    return network.eval()


def _fill(name: str, shape: tuple[int, ...], sizes: NetworkConfig) -> np.ndarray:
    z = draw(name).standard_normal(shape)
    last = f"perspective.mlp.linears.{sizes.perspective.mlp_layers}"
    recurrent = name.startswith("core.recurrent.")
    match name.split("."):
        case ["perspective", "monitor", "center"]:
            return np.array([0, 0, 0.5]) + 0.05 * z
        case ["perspective", "monitor", "angle"]:
            return 0.1 * z
        case ["perspective", "monitor", _]:
            return np.full(shape, 0.05)
        case ["perspective", "retina_pixel", kind]:
            return {"logit": 0.5 * z, "scale": 1 + 0.1 * z, "offset": 0.1 * z}[kind]
        case ["readout", "position", "mu"]:
            return 1.6 * z
        case ["readout", "position", "sigma"]:
            return 0.4 * np.eye(2) + 0.05 * z
        case ["readout", "feature", "weights", _]:
            return z / np.sqrt(sizes.recurrent.out_channels)
        case ["core", "recurrent", "scales", _]:
            return 12 + z
        case [*_, "gains", _] if name.startswith(last):
            return 0.15 + 0.02 * z
        case [*_, "biases", _] if name.startswith(last):
            return 0.05 * z
        case [*_, "gains", _]:
            return 2 + 0.2 * z if recurrent else 1 + 0.1 * z
        case [*_, "biases", _]:
            return 0.5 * z if recurrent else 0.1 * z
    fan = prod(shape[1:]) if len(shape) == 5 else shape[1] * shape[3]
    raw = ("perspective.mlp.linears.0.", "modulation.mlp.linears.0.", "core.feedforward.inputs.0.")
    return z / np.sqrt(fan) if name.startswith(raw) else (0.05 * z + 0.02) / np.sqrt(fan)


def frames(case: str, count: int) -> np.ndarray:
    """Return the golden video [count, rows, columns] of a case such as "tiny-A"."""
    height, width = FRAME_SHAPES[case.split("-")[0]]
    coarse = draw(f"input.coarse:{case}").integers(0, 256, size=(count, -(-height // 12), -(-width // 16)))
    fine = draw(f"input.fine:{case}").integers(0, 256, size=(count, height, width))
    blown_up = coarse.repeat(12, axis=1).repeat(16, axis=2)[:, :height, :width]
    frame = (3 * blown_up + fine) // 4
    frame[:, : height // 6] = 0
    frame[:, height - height // 6 :] = 255
    return frame.astype(np.uint8)


def behaviour(case: str, count: int) -> dict[str, np.ndarray]:
    return {
        f"{kind}s": draw(f"input.{kind}:{case}").standard_normal((count, 2)).astype(np.float32)
        for kind in ("perspective", "modulation")
    }


def batch(cases: list[str], count: int) -> dict[str, np.ndarray]:
    """Return inputs of several cases side by side: frames [T, N, H, W, 1], behaviour [T, N, 2]."""
    movies = np.stack([frames(case, count) for case in cases], axis=1)[..., None]
    each = [behaviour(case, count) for case in cases]
    return {"frames": movies} | {key: np.stack([one[key] for one in each], axis=1) for key in each[0]}


def tolerance(name: str) -> float:
    """Return the largest absolute difference that the golden README accepts."""
    part, *rest = name.split(".")
    if part == "perspective":
        return {"sampled": 5e-4, "out": 5e-4, "sample_grid": 2e-5}.get(rest[0], 1e-5)
    by_part = {"modulation": 1e-5, "feedforward": 3e-4, "recurrent": 1e-4, "core": 1e-4}
    return by_part.get(part, 1e-4 if name == "readout.sampled" else 2e-5)
