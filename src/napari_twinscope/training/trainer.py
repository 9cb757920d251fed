"""The training loop: AdamW on batches of clips, which can be stopped and goes on to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_twinscope.training.objective import poisson_loss, unit_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.nn import Parameter

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
        self._optimiser = torch.optim.AdamW(
            [
                {"params": list(self._parameters(decays)), "weight_decay": recipe.weight_decay * decays}
                for decays in (True, False)
            ]
            + [{"params": list(network.readout.feature.parameters()), "weight_decay": recipe.weight_decay}],
            lr=recipe.learning_rate,
            betas=_BETAS,
        )

    def step(self) -> float:
        """Make one step and return the weighted loss of its batch."""
        recipe, network = self.recipe, self.network
        *groups, features = self._optimiser.param_groups
        for group in groups:
            group["lr"] = recipe.learning_rate_at(self.done)
        features["lr"] = recipe.learning_rate_at(self.done) * recipe.readout_rate
        rng = np.random.Generator(np.random.PCG64([recipe.seed, self.done]))
        frames, rates = self.clips.batch(rng.choice(recipe.clips, recipe.batch, replace=False))
        # one random stream a batch, as published
        stream = int(rng.integers(recipe.config.streams))
        logits = network(frames, stream=stream)[:, :, 0]
        loss = poisson_loss(logits, torch.from_numpy(rates).to(logits), self._weights)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
        self._optimiser.step()
        self.done += 1
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs: steps made, network and optimiser."""
        return {
            "done": self.done,
            "network": self.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.done = int(state["done"])

    def _parameters(self, decays: bool) -> Iterator[Parameter]:
        """Return trained parameters other than the readout's features: weights of layers, or the rest."""
        for name, parameter in self.network.named_parameters():
            feature = name.startswith("readout.feature")
            if parameter.requires_grad and not feature and (".weights." in name) == decays:
                yield parameter
