"""Showing gratings to simulated cells, on a quarter of the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from napari_twinscope.stimuli import DriftingGrating, Screen
from napari_twinscope.twins.simulated import Cells, draw_cells
from napari_twinscope.twins.simulated.model import Activity, CorticalModel

SCREEN = Screen(height=72, width=128, distance=1.0)  # pixels of the same size as the whole screen's
SETTLED = 12
"""Frames after which the first transient is over."""


@dataclass
class Preparation:
    cells: Cells
    model: CorticalModel

    def show(self, movies: np.ndarray) -> Activity:
        """Show movies [N, T, H, W]."""
        movies = np.asarray(movies)
        with torch.no_grad():
            activity, _ = self.model(torch.from_numpy(movies), self.model.rest(len(movies)))
        return activity

    def evoked(self, movies: np.ndarray, unit: int) -> np.ndarray:
        """Return a cell's mean rate above the spontaneous one, [N]."""
        rate = self.show(movies).rate[:, SETTLED:, unit].mean(1).double().numpy()
        return rate - self.cells.spontaneous[unit]

    def gratings(
        self,
        unit: int,
        turn: float = 0.0,
        spatial: float = 1.0,
        temporal: float = 1.0,
        contrast: float = 0.9,
        frames: int = 37,
    ) -> np.ndarray:
        """Return gratings in four phases that differ from the preferred one by an angle and factors."""
        cells = self.cells
        return np.stack(
            [
                DriftingGrating(
                    "grating",
                    spatial_frequency=cells.spatial_frequency[unit] * spatial,
                    temporal_frequency=cells.temporal_frequency[unit] * temporal,
                    contrast=contrast,
                    phase=phase,
                ).render(np.nan_to_num(cells.direction[unit]) + turn, 0, frames, SCREEN, 0)
                for phase in (0, 90, 180, 270)
            ]
        )


def prepare(units: int, seed: int = 0) -> Preparation:
    cells = draw_cells(units, seed, SCREEN)
    return Preparation(cells, CorticalModel(cells, SCREEN))
