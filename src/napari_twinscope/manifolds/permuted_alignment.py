"""Responses on a device, turned over directions to where several models meet them best."""

from __future__ import annotations

import torch


class Alignment:
    """One tensor of responses, and for each of several models a copy with each response at its shift.

    Models are kept with the component first, so that each product below reads the responses once:
    loadings (model, component, response), profiles (model, component, direction x time).

    Parameters
    ----------
    responses
        Shape (unit, stimulus, direction, time).
    models
        How many models there are; they begin without shifts.
    """

    def __init__(self, responses: torch.Tensor, models: int) -> None:
        units, stimuli, self._directions, times = responses.shape
        self._maps = responses.reshape(units * stimuli, self._directions, times)
        self._flat = self._maps.flatten(1)
        self._shifts = torch.zeros(models, len(self._flat), dtype=torch.long, device=responses.device)
        self._aligned = self._flat.repeat(models, 1, 1)
        steps = torch.arange(self._directions, device=responses.device)
        self._sources = (steps - steps[:, None]) % self._directions  # [shift, direction]

    def search(self, loadings: torch.Tensor, profiles: torch.Tensor) -> None:
        """Shift each response to where it overlaps most with its model."""
        models, rank, _ = profiles.shape
        each = profiles.unflatten(2, (self._directions, -1))
        # moving a response by k is moving the profiles by -k
        moved = torch.stack([each.roll(-k, dims=2) for k in range(self._directions)], dim=1)
        overlaps = (moved.reshape(-1, self._flat.shape[1]) @ self._flat.T).view(
            models, self._directions, rank, -1
        )
        shifts = overlaps.mul_(loadings[:, None]).sum(2).argmax(1)
        model, row = (shifts != self._shifts).nonzero(as_tuple=True)
        turned = self._maps[row[:, None], self._sources[shifts[model, row]]]
        self._aligned[model, row] = turned.flatten(1)
        self._shifts = shifts

    def overlaps(self, profiles: torch.Tensor) -> torch.Tensor:
        """Return the inner products of shifted responses and profiles, (model, component, response)."""
        return profiles @ self._aligned.mT

    def weighted_sums(self, loadings: torch.Tensor) -> torch.Tensor:
        """Return the sums of shifted responses times loadings, (model, component, direction x time)."""
        return loadings @ self._aligned

    def keep(self, models: torch.Tensor) -> None:
        """Go on with some of the models."""
        self._shifts, self._aligned = self._shifts[models], self._aligned[models]
