"""Everything that fixes how the demonstration network is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification
from napari_twinscope.twins.demo import CONFIG, EXTENT, UNITS

if TYPE_CHECKING:
    from napari_twinscope.twins.config import NetworkConfig


@dataclass(frozen=True)
class DemoRecipe(Specification):
    """How the demonstration network is trained; the defaults made the weights that are shipped.

    Parameters
    ----------
    config
        Sizes of the network.
    units, population, extent
        Number of simulated cells, the seed that draws them, and the share of the screen that they cover;
        see `draw_cells`.
    seed
        Of the movies, of the network's initial values, and of the choice of clips.
    clips, frames
        How many movies are drawn, and their length.
    steps, batch
        Steps of the optimisers, and clips in each.
    shares
        Parts of a batch that are computed at once on a CPU, each in a thread.
    learning_rate
        Of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) at its highest: it rises over `warmup` steps
        and falls with a cosine to zero.
    matrix_rate
        Factor of the learning rate for the weights of the core's layers, which `Muon` trains.
    readout_rate
        Factor of the learning rate for the readout's features, which are many times larger than other
        weights.
    warmup
        Steps over which the learning rate rises.
    weight_decay
        Of the core's layers and of readout features.
    clip_norm
        Largest norm of the gradient.
    contrast
        What the retina makes of the lightest pixel; of the darkest, its negative.
    liveliness
        Factor of the recurrent part's initial gains: with gains of 1 it nearly silences its input.
    check_every, save_every
        Steps between two lines of the learning curve, and between two checkpoints.

    Raises
    ------
    InvalidInput
        If a value is out of range.
    """

    config: NetworkConfig = CONFIG
    units: int = UNITS
    population: int = 0
    extent: float = EXTENT
    seed: int = 0
    clips: int = 8000
    frames: int = 36
    steps: int = 8000
    batch: int = 4
    shares: int = 2
    learning_rate: float = 1e-3
    matrix_rate: float = 2.0
    readout_rate: float = 10.0
    warmup: int = 30
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    contrast: float = 2.0
    liveliness: float = 1.5
    check_every: int = 500
    save_every: int = 100

    def __post_init__(self) -> None:
        for name in ("units", "clips", "frames", "steps", "batch", "shares", "check_every", "save_every"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        for name in ("population", "seed", "warmup", "weight_decay"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        for name in ("learning_rate", "matrix_rate", "readout_rate", "clip_norm", "contrast", "liveliness"):
            value = getattr(self, name)
            self._require(name, math.isfinite(value) and value > 0, "more than 0")
        self._require("batch", self.batch <= self.clips, f"at most the {self.clips} clips")

    def _require(self, name: str, met: bool, needed: str) -> None:
        if not met:
            raise InvalidInput(
                f"The {name} of the recipe is out of range.", given=getattr(self, name), needed=needed
            )

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        rising = min(1.0, (step + 1) / max(self.warmup, 1))
        return self.learning_rate * rising * 0.5 * (1 + math.cos(math.pi * step / self.steps))
