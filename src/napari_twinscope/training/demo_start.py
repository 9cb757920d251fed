"""The demonstration network before training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_twinscope.stimuli import Screen
from napari_twinscope.training.first_filters import first_filters
from napari_twinscope.twins.geometry import Geometry
from napari_twinscope.twins.layers import Convolution
from napari_twinscope.twins.network import VisualNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.twins.simulated.cells import Cells

_LINEAR = 6.0  # logit of the retina's power: nearly 1
_OUTERMOST = 0.98
_FOCUS = 4.0


def initial_network(recipe: DemoRecipe, cells: Cells, rates: NDArray[np.floating]) -> VisualNetwork:
    """Build the network that training starts with.

    Its initial values are those of the published one, except that

    - each unit looks at the centre of its cell's receptive field, and its bias is the logarithm of the
      cell's mean rate (a network that has to find the positions itself needs many times longer);
    - neither the monitor nor the positions tremble during training;
    - the retina is linear in luminance and answers with both signs, since the first layers keep only a
      small part of the published retina's, which is positive throughout;
    - the filters of the first layer are those of `first_filters`;
    - the gains of the recurrent part and the scales of its attention are larger.

    Parameters
    ----------
    recipe
        Sizes, seed and factors.
    cells
        Whom the units stand for.
    rates
        Their responses to the training clips, [..., units].
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = VisualNetwork(recipe.config, len(cells))
    mean = np.asarray(rates).reshape(-1, len(cells)).mean(0, dtype=np.float64)
    with torch.no_grad():
        pixel = network.perspective.retina_pixel
        pixel.logit.fill_(_LINEAR)
        pixel.scale.fill_(2 * recipe.contrast)
        pixel.offset.fill_(-recipe.contrast)
        monitor = network.perspective.monitor
        for spread in (monitor.center_std, monitor.angle_std, network.readout.position.sigma):
            spread.zero_()
        first = network.core.feedforward.inputs[0]
        assert isinstance(first, Convolution)
        for weights in first.weights:
            weights.copy_(_filters(weights, recipe.config.feedforward.block_groups[0]))
        for name, parameter in network.core.recurrent.named_parameters():
            if ".gains." in name:
                parameter.mul_(recipe.liveliness)
            elif name.startswith("scales."):
                parameter.fill_(_FOCUS)
        network.readout.position.mu.copy_(torch.from_numpy(_positions(network, cells)))
        for bias in network.readout.biases:
            bias.copy_(torch.from_numpy(np.log(mean))[:, None])
    network.perspective.requires_grad_(False)
    network.readout.position.sigma.requires_grad_(False)
    return network.eval()


def _filters(weights: Tensor, groups: int) -> Tensor:
    """Return the first layer's filters, dealt out to the groups of channels that read them."""
    filters = first_filters(len(weights), weights.shape[-1])
    pairs = np.arange(len(filters)) // 2
    order = np.argsort(pairs % groups, kind="stable")
    return torch.from_numpy(filters[order]).view_as(weights)


def _positions(network: VisualNetwork, cells: Cells) -> NDArray[np.float64]:
    """Return where units look at their cells' centres, before the tanh, [units, 2]."""
    screen = Screen()
    geometry = Geometry.of(network, (screen.height, screen.width))
    retina = geometry.to_retina(np.stack((cells.y, cells.x), axis=-1))
    centred = 2 * (retina + 0.5) / np.array(geometry.retina_shape) - 1
    positions: NDArray[np.float64] = np.arctanh(np.clip(centred[:, ::-1], -_OUTERMOST, _OUTERMOST))
    return positions
