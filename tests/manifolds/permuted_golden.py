"""The golden permuted factorisations, made of invented responses."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "golden" / "manifold"


def golden(case: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{case}.npz") as file:
        return dict(file)


def unflattened(flat: np.ndarray, directions: int) -> np.ndarray:
    """Split a last axis along which the direction is fastest into direction and time."""
    return flat.reshape(*flat.shape[:-1], -1, directions).swapaxes(-1, -2)


def tensor_and_factors(arrays: dict[str, np.ndarray], names: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return a golden tensor and the factors of such names, with direction and time apart."""
    directions = int(arrays.get("n_dirs", 8))
    unit, stimulus, response = (arrays[f"{names}{mode}"] for mode in range(3))
    response = np.moveaxis(unflattened(response.T, directions), 0, -1)
    return unflattened(arrays["Z"], directions), [unit, stimulus, response]


def planted(*, units: int, rank: int, seed: int = 0) -> np.ndarray:
    """Return responses that are exactly of a rank but for random turns over eight directions."""
    random = np.random.default_rng(seed)
    unit, stimulus = random.gamma(0.5, size=(units, rank)), random.gamma(0.5, size=(4, rank))
    direction, time = random.gamma(0.5, size=(8, rank)), random.gamma(0.5, size=(6, rank))
    responses = np.einsum("ur,sr,dr,tr->usdt", unit, stimulus, direction, time)
    turns = random.integers(0, 8, (units, 4, 1, 1))
    return np.take_along_axis(responses, (np.arange(8)[:, None] - turns) % 8, axis=2)
