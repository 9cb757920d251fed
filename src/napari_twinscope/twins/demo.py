"""A small twin that needs no download: untrained, but of the full architecture."""

from __future__ import annotations

import zlib
from math import prod, sqrt
from typing import TYPE_CHECKING

import numpy as np

from napari_twinscope.twins.config import (
    FeedforwardConfig,
    ModulationConfig,
    NetworkConfig,
    PerspectiveConfig,
    RecurrentConfig,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_twinscope.twins.twin import NetworkTwin

UNITS = 300
CONFIG = NetworkConfig(
    feedforward=FeedforwardConfig(block_channels=(8, 16, 32), block_groups=(1, 2, 4), out_channels=32),
    recurrent=RecurrentConfig(
        in_channels=32, out_channels=32, hidden_channels=32, common_channels=64, groups=4
    ),
    perspective=PerspectiveConfig(height=64, width=96),
    modulation=ModulationConfig(lstm_features=4),
    streams=1,
)


def demo_twin(seed: int = 0) -> NetworkTwin:
    """Return the demonstration twin: random weights that depend on nothing but `seed`."""
    import torch

    from napari_twinscope.twins.network import VisualNetwork
    from napari_twinscope.twins.twin import NetworkTwin

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for the parameters that keep their initial values
        network = VisualNetwork(CONFIG, UNITS)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            value = _value(name, tuple(parameter.shape), seed)
            if value is not None:
                parameter.copy_(torch.from_numpy(value))
    return NetworkTwin(
        network,
        id="demo",
        title="Demonstration network (untrained)",
        description=(
            "A small network of the published architecture with random weights. It was not trained and "
            "is no model of any mouse: it shows what the program does, not what cortex does."
        ),
        trained=False,
    )


def _value(name: str, shape: tuple[int, ...], seed: int) -> NDArray[np.float64] | None:
    """Return the value of a parameter, or None to keep its initial one.

    Uniform draws, because they are the same to the last bit on every machine.
    """
    rng = np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode())]))
    z = rng.uniform(-sqrt(3), sqrt(3), shape)
    value: NDArray[np.float64] | None = None
    if name == "readout.position.mu":  # within the monitor
        value = rng.uniform((-0.95, -0.85), (0.95, 0.85), shape)
    elif name.startswith("readout.feature.weights"):
        value = z / sqrt(CONFIG.recurrent.out_channels)
    elif name.startswith("readout.biases"):
        value = 0.2 * z
    elif name.startswith("core.feedforward.inputs.0.weights"):
        value = 2 * (z - z.mean(axis=(2, 3, 4), keepdims=True)) / sqrt(prod(shape[1:]))
    elif name.startswith("core.recurrent.scales"):
        value = np.full(shape, 8.0)
    # a random network damps what it passes on: filters with a mean of zero see a smooth image
    elif name.startswith("core.recurrent") and ".gains." in name:
        value = np.full(shape, 3.0)
    elif name.startswith("core.feedforward") and ".gains." in name:
        value = np.full(shape, 1.4)
    elif name.startswith("core.") and ".weights." in name:
        value = z / sqrt(prod(shape[1:]) if len(shape) == 5 else shape[1] * shape[3])
    return value
