"""The training loop on batches of clips, which can be stopped and goes on to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope.training.muon import Muon
from napari_twinscope.training.objective import poisson_loss, unit_weights
from napari_twinscope.training.shares import Shares
from napari_twinscope.twins.layers import Convolution, InterGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor
    from torch.nn import Module

    from napari_twinscope.training.clips import Clips
    from napari_twinscope.training.recipe import DemoRecipe
    from napari_twinscope.twins.network import VisualNetwork

_BETAS = 0.9, 0.99


class Trainer:
    """Trains a network on clips.

    Every step depends on the recipe, the number of the step, and the state: a run that goes on from a
    state ends, on the same machine with as many threads, with the same bits as one that was not stopped.

    Parameters
    ----------
    network
        From `initial_network`, on the device that is to compute. Parameters that need no gradient stay.
    clips
        What it is shown, and the responses that it should give.
    recipe
        Steps, rates and the seed.

    Attributes
    ----------
    done
        Number of steps made.
    """

    def __init__(self, network: VisualNetwork, clips: Clips, recipe: DemoRecipe) -> None:
        self.network = network
        self.clips = clips
        self.recipe = recipe
        self.done = 0
        self._weights = torch.from_numpy(unit_weights(clips.rates)).to(network.readout.position.mu)
        self._trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._shares = Shares(recipe.shares if network.readout.position.mu.device.type == "cpu" else 1)
        matrices = list(_matrices(network.core))
        features = list(network.readout.feature.parameters())
        apart = {id(parameter) for group in matrices for parameter in group["params"]}
        apart |= {id(parameter) for parameter in features}
        others = [parameter for parameter in self._trained if id(parameter) not in apart]
        decay = recipe.weight_decay
        self._optimisers = [  # with factors of the learning rate
            (recipe.matrix_rate, Muon(matrices, weight_decay=decay)),
            (1.0, torch.optim.AdamW(others, betas=_BETAS, weight_decay=0)),
            (recipe.readout_rate, torch.optim.AdamW(features, betas=_BETAS, weight_decay=decay)),
        ]

    def step(self) -> float:
        """Make one step and return the weighted loss of its batch."""
        recipe, network = self.recipe, self.network
        rng = np.random.Generator(np.random.PCG64([recipe.seed, self.done]))
        frames, rates = self.clips.batch(rng.choice(recipe.clips, recipe.batch, replace=False))
        # one random stream a batch, as published
        stream = int(rng.integers(recipe.config.streams))

        def loss(clips: slice) -> Tensor:
            logits = network(frames[:, clips], stream=stream)[:, :, 0]
            return poisson_loss(logits, torch.from_numpy(rates[:, clips]).to(logits), self._weights)

        found = self._shares.gradient(loss, recipe.batch, self._trained)
        torch.nn.utils.clip_grad_norm_(self._trained, recipe.clip_norm)
        rate = recipe.learning_rate_at(self.done)
        for factor, optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = factor * rate
            optimiser.step()
        self.done += 1
        return found

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs: steps made, network and optimisers."""
        return {
            "done": self.done,
            "network": self.network.state_dict(),
            "optimisers": [optimiser.state_dict() for _, optimiser in self._optimisers],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.network.load_state_dict(state["network"])
        for (_, optimiser), saved in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.done = int(state["done"])


def _matrices(core: Module) -> Iterator[dict[str, Any]]:
    """Return the weights of the core's layers as `Muon` wants them, those of each group apart."""
    for layer in core.modules():
        if isinstance(layer, Convolution):
            for weights in layer.weights:
                yield {"params": [weights], "shape": (layer.groups, len(weights) // layer.groups, -1)}
        elif isinstance(layer, InterGroup):
            for weights in layer.weights:
                yield {"params": [weights], "shape": (-1, *weights.shape[2:])}
