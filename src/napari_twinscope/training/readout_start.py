"""Where the fit of a readout starts: the frozen core, and units placed by a search."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.feature_search import search_features
from napari_twinscope.training.position_search import STRIDE, sample_core, search_positions
from napari_twinscope.twins import NetworkTwin, VisualNetwork
from napari_twinscope.twins.geometry import Geometry, grid_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_twinscope.progress import Progress
    from napari_twinscope.training.fit_options import FitOptions
    from napari_twinscope.training.trials import TrialSet, Window

FROZEN = ("core.", "modulation.lstm.")
SPREADS = ("perspective.monitor.center_std", "perspective.monitor.angle_std")
SEARCHED_SPREAD = 0.05
"""Initial spread of a position that was searched; the published one, 0.4, is for those that were not."""

OUTERMOST = 0.999
"""Largest coordinate of a position to begin with: the edge of the map lies at infinity."""


def core_of(twin: object) -> VisualNetwork:
    """Return the network of a twin.

    Raises
    ------
    InvalidInput
        If it is not made of one.
    """
    network = twin.network if isinstance(twin, NetworkTwin) else twin
    if not isinstance(network, VisualNetwork):
        raise InvalidInput(
            "The twin has no core to read out.",
            given=getattr(twin, "id", type(twin).__name__),
            needed="a twin made of the visual network, such as demo or a weight file",
        )
    return network


def new_readout(source: VisualNetwork, units: int, options: FitOptions) -> VisualNetwork:
    """Return a network with the core of another and an untrained readout; only what is trained has gradients.

    Parameters
    ----------
    source
        Where the core comes from.
    units
        Number of units.
    options
        What else is taken from the source, and the seed of the rest.
    """
    with random_state(options.seed, "cpu"):
        network = VisualNetwork(source.config, units)
    kept = FROZEN if options.perspective == "published" else (*FROZEN, "perspective.", "modulation.")
    state = network.state_dict()
    state |= {name: value for name, value in source.state_dict().items() if name.startswith(kept)}
    network.load_state_dict(state)
    frozen = (*FROZEN, "perspective.", "modulation.") if options.perspective == "fixed" else FROZEN
    if options.perspective == "twin":
        frozen = (*frozen, *SPREADS)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(frozen))
    restart_spreads(network, options)
    return network.eval()


@torch.no_grad()
def restart_spreads(network: VisualNetwork, options: FitOptions) -> None:
    """Set the random spreads of positions and monitor to where a cycle of training starts.

    Parameters
    ----------
    network
        Is changed.
    options
        How it is trained.
    """
    spread = SEARCHED_SPREAD if options.positions == "search" else 0.4
    sigma = network.readout.position.sigma
    sigma.copy_(spread * torch.eye(2).expand_as(sigma))
    for value in (network.perspective.monitor.center_std, network.perspective.monitor.angle_std):
        value.fill_(0.05 if options.perspective == "published" else 0.0)


@torch.no_grad()
def search_start(network: VisualNetwork, trials: TrialSet, options: FitOptions, progress: Progress) -> None:
    """Start each unit where the core predicts it best, with the features that do.

    Parameters
    ----------
    network
        Of `new_readout`; its readout is changed.
    trials
        The recording, of which some of the training trials are used.
    options
        How it is trained.
    progress
        Told of every part.

    Raises
    ------
    Canceled
        If the user asked to stop.
    """
    sample = sample_core(network, _spread_windows(trials, options), options.burnin_frames, progress)
    found = search_positions(sample, _cells_on_screen(network, trials.frame_shape), progress)
    positions = found.positions.clamp(-OUTERMOST, OUTERMOST)
    readout, streams = network.readout, network.config.streams
    readout.position.mu.copy_(positions.atanh())
    width = network.config.recurrent.out_channels
    # the published objective asks each stream to predict on its own
    apart = options.sample_stream
    starts = [
        search_features(sample, channels, positions, progress)
        for channels in (
            [slice(s * width, (s + 1) * width) for s in range(streams)] if apart else [slice(None)]
        )
    ]
    for stream in range(streams):
        start = starts[stream if apart else 0]
        part = slice(None) if apart else slice(stream * width, (stream + 1) * width)
        readout.feature.weights[stream].copy_(start.weights[:, None, part] * (1 if apart else streams))
        readout.biases[stream].copy_(start.biases[:, None])


def _cells_on_screen(network: VisualNetwork, frame_shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which cells of the core feature map look at the screen; all if none does."""
    geometry, shape = Geometry.of(network, frame_shape), network.config.core_shape
    looks_at = geometry.to_stimulus(geometry.cells_to_retina(grid_cells(shape), shape))
    with np.errstate(invalid="ignore"):
        within = (looks_at >= -0.5) & (looks_at <= np.array(frame_shape) - 0.5)
    inside = np.logical_and.reduce(within, axis=-1)
    return inside if inside.any() else np.ones_like(inside)


def _spread_windows(trials: TrialSet, options: FitOptions) -> list[Window]:
    """Return windows that lie evenly over the training trials, enough for the search."""
    length = options.sample_size
    each = -(-(length - options.burnin_frames) // STRIDE)
    places = [
        (trial, first) for trial in trials.training for first in range(0, len(trial) - length + 1, length)
    ]
    count = max(2, min(len(places), -(-options.search_frames // each)))
    chosen = [places[index] for index in np.linspace(0, len(places) - 1, count).round().astype(int)]
    return [trials.statistics.window(trial, slice(first, first + length)) for trial, first in chosen]


@contextmanager
def random_state(seed: int, device: str) -> Iterator[None]:
    """Draw from a seed of one's own and leave the user's random state alone.

    Parameters
    ----------
    seed, device
        What to start from, and where besides the CPU random numbers are drawn.
    """
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
