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
    courses
        Orthonormal time courses, (time, course), to which the responses are reduced: products then cost
        less, and are those of the responses' projection.
    """

    def __init__(self, responses: torch.Tensor, models: int, courses: torch.Tensor | None = None) -> None:
        self._courses = courses
        self._directions = responses.shape[2]
        self._maps = (responses if courses is None else responses @ courses).flatten(0, 1)
        self._flat = self._maps.flatten(1)
        self._shifts = torch.zeros(models, len(self._flat), dtype=torch.long, device=responses.device)
        self._aligned = self._flat.repeat(models, 1, 1)
        steps = torch.arange(self._directions, device=responses.device)
        self._sources = (steps - steps[:, None]) % self._directions  # [shift, direction]

    def search(self, loadings: torch.Tensor, profiles: torch.Tensor) -> torch.Tensor:
        """Shift each response to where it overlaps most with its model, and return those `overlaps`."""
        models, rank, _ = profiles.shape
        each = torch.unflatten(self._reduced(profiles), 2, (self._directions, -1))
        # moving a response by k is moving the profiles by -k
        moved = torch.stack([each.roll(-k, dims=2) for k in range(self._directions)], dim=1)
        overlaps = (moved.reshape(-1, self._flat.shape[1]) @ self._flat.T).view(
            models, self._directions, rank, -1
        )
        shifts = (overlaps * loadings[:, None]).sum(2).argmax(1)
        model, row = (shifts != self._shifts).nonzero(as_tuple=True)
        turned = self._maps[row[:, None], self._sources[shifts[model, row]]]
        self._aligned[model, row] = turned.flatten(1)
        self._shifts = shifts
        return overlaps.take_along_dim(shifts[:, None, None], dim=1)[:, 0]

    def overlaps(self, profiles: torch.Tensor) -> torch.Tensor:
        """Return the inner products of shifted responses and profiles, (model, component, response)."""
        return self._reduced(profiles) @ self._aligned.mT

    def weighted_sums(self, loadings: torch.Tensor) -> torch.Tensor:
        """Return the sums of shifted responses times loadings, (model, component, direction x time)."""
        sums = loadings @ self._aligned
        if self._courses is None:
            return sums
        sums = torch.unflatten(sums, 2, (self._directions, -1))
        return (sums @ self._courses.T).flatten(2)

    def keep(self, models: torch.Tensor) -> None:
        """Go on with some of the models."""
        self._shifts, self._aligned = self._shifts[models], self._aligned[models]

    def _reduced(self, profiles: torch.Tensor) -> torch.Tensor:
        if self._courses is None:
            return profiles
        profiles = torch.unflatten(profiles, 2, (self._directions, -1))
        return (profiles @ self._courses).flatten(2)


def leading_courses(responses: torch.Tensor, lost: float) -> torch.Tensor | None:
    """Return the fewest orthonormal time courses that lose no more than a share of the squared norm.

    Smooth responses need few; where more than two thirds are needed, nothing would be gained: ``None``.
    """
    times = responses.shape[-1]
    flat = responses.reshape(-1, times)
    squares, courses = torch.linalg.eigh(flat.T @ flat)  # ascending
    left_out = int((squares.cumsum(0) <= lost * squares.sum()).sum())
    return courses[:, left_out:].contiguous() if left_out > times / 3 else None
