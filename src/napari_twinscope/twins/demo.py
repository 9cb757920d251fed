"""A small twin that needs no download: the published architecture, trained on simulated cells."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from napari_twinscope.twins.config import (
    FeedforwardConfig,
    ModulationConfig,
    NetworkConfig,
    PerspectiveConfig,
    RecurrentConfig,
)

if TYPE_CHECKING:
    from napari_twinscope.twins.network_twin import NetworkTwin
    from napari_twinscope.twins.simulated.cells import Cells

WEIGHTS = "demo.safetensors"
UNITS = 300
EXTENT = 0.28
"""Share of the screen's width and height, about its middle, in which the simulated cells look."""

CONFIG = NetworkConfig(
    feedforward=FeedforwardConfig(
        input_spatial=10,
        input_stride=4,
        block_channels=(32, 48, 64),
        block_groups=(2, 4, 4),
        block_pools=(2, 1, 1),
        out_channels=64,
    ),
    recurrent=RecurrentConfig(
        in_channels=64, out_channels=128, hidden_channels=128, common_channels=128, groups=4
    ),
    perspective=PerspectiveConfig(height=96, width=144, degrees=34.0),
    modulation=ModulationConfig(lstm_features=4),
    streams=1,
)


def demo_cells() -> Cells:
    """Return the simulated cells whose responses the demonstration twin was trained to predict.

    Unit u of the twin stands for cell u.
    """
    from napari_twinscope.twins.simulated.cells import draw_cells

    return draw_cells(UNITS, 0, extent=EXTENT)


def demo_twin() -> NetworkTwin:
    """Return the demonstration twin, which ``twinscope train-demo`` made."""
    from napari_twinscope.twins.network_twin import NetworkTwin
    from napari_twinscope.twins.weights import load_network

    with as_file(files("napari_twinscope") / "data") as data:
        network = load_network([data / WEIGHTS])
    return NetworkTwin(
        network,
        id="demo",
        title="Demonstration network (simulated cells)",
        description=(
            "A small network of the published architecture, trained to predict 300 simulated cells with "
            "known parameters. It is no model of any mouse."
        ),
        trained=True,
        status="simulated",
    )


def untrained_twin(seed: int = 0) -> NetworkTwin:
    """Return the same network with the initial values of the published one: a control.

    Its readout is drawn at random, since the published one begins with zeros.

    Parameters
    ----------
    seed
        Of the values.
    """
    import torch

    from napari_twinscope.twins.network import VisualNetwork
    from napari_twinscope.twins.network_twin import NetworkTwin

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = VisualNetwork(CONFIG, UNITS)
        with torch.no_grad():
            for weights in network.readout.feature.parameters():
                weights.normal_()
            network.readout.position.mu.uniform_(-1.5, 1.5)
    return NetworkTwin(
        network,
        id="untrained",
        title="Untrained network",
        description="The demonstration network before any training: a control.",
        trained=False,
    )
