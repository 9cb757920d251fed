"""How several models at once descend to where a permuted factorisation cannot be improved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from napari_twinscope.manifolds.factorization.alignment import Alignment, leading_courses
from napari_twinscope.manifolds.factorization.sweep import Point, steepness, sweep

if TYPE_CHECKING:
    from collections.abc import Callable

# From random factors, full steps would tie each unit to whatever shift and component chance offers
# first. Steps that are held back let components grow together with the shifts, as a gradient flow does.
_GENTLE_ITERATIONS = 50
_FIRST_PULL, _LAST_PULL = 3.0, 0.1

_CHECK_EVERY = 10  # iterations; shifts hardly change any more
_ROUNDING = 1e-8  # of the squared norm: gains between checks that single precision cannot tell

# A first part of the way goes with responses reduced to few time courses, of which it keeps 99 %.
_LOST = 0.01
_COARSE_TOLERANCE, _COARSE_STALLED = 1e-2, 1e-5


class Ended(NamedTuple):
    """Where the descent of one model ended.

    Attributes
    ----------
    point
        Factors of a single model, in double precision.
    value
        Its objective.
    gradient
        The largest entry of its projected gradient.
    iterations
        How many sweeps it took.
    """

    point: Point
    value: float
    gradient: float
    iterations: int


def descend(
    responses: torch.Tensor,
    start: Point,
    *,
    tolerance: float,
    max_iterations: int,
    tick: Callable[[], None],
) -> list[Ended]:
    """Descend from random factors, coarsely, then in single and at the end in double precision.

    Parameters
    ----------
    responses
        Float64 (unit, stimulus, direction, time), on the device that shall compute.
    start
        Where each model begins, float64 on the same device.
    tolerance
        A model has converged when no entry of its projected gradient is larger.
    max_iterations
        How many sweeps at most, at each of the three stages.
    tick
        Called before each sweep.
    """
    single = responses.float()
    coarse = _Descent(single, _joined([start], torch.float32), leading_courses(single, _LOST))
    coarse.approach(tick)
    first = coarse.settle(_COARSE_TOLERANCE, max_iterations, tick, stalled=_COARSE_STALLED)
    del coarse
    rough = _Descent(single, _joined([each.point for each in first], torch.float32))
    second = rough.settle(tolerance, max_iterations, tick, stalled=_ROUNDING)
    del rough
    exact = _Descent(responses, _joined([each.point for each in second], torch.float64))
    third = exact.settle(tolerance, max_iterations, tick)
    return [
        stages[-1]._replace(iterations=sum(stage.iterations for stage in stages))
        for stages in zip(first, second, third, strict=True)
    ]


def _joined(points: list[Point], dtype: torch.dtype) -> Point:
    return Point(*(torch.cat(factors).to(dtype) for factors in zip(*points, strict=True)))


class _Descent:
    """Models on their way; those that have arrived are taken out."""

    def __init__(self, responses: torch.Tensor, start: Point, courses: torch.Tensor | None = None) -> None:
        self.alignment = Alignment(responses, len(start.unit), courses)
        self.norm = responses.double().square().sum()
        self.point = start
        self.iterations = 0

    def approach(self, tick: Callable[[], None]) -> None:
        """Take gentle steps, with every response free to turn at each."""
        for step in range(_GENTLE_ITERATIONS):
            tick()
            pull = _FIRST_PULL * (_LAST_PULL / _FIRST_PULL) ** (step / _GENTLE_ITERATIONS)
            at = self.point.balanced()
            overlaps = self.alignment.search(at.loadings, at.profiles)
            self.point, _ = sweep(self.alignment, at, overlaps, pull=pull, passes=1)
        self.iterations += _GENTLE_ITERATIONS

    def settle(
        self, tolerance: float, max_iterations: int, tick: Callable[[], None], stalled: float = -torch.inf
    ) -> list[Ended]:
        """Sweep with momentum until each model has converged, or gains less than `stalled`."""
        ended: dict[int, Ended] = {}
        numbers = torch.arange(len(self.point.unit), device=self.norm.device)
        previous, momentum = self.point, torch.zeros_like(numbers)
        last = torch.full_like(self.norm, torch.inf).expand(len(numbers))
        while True:
            self.alignment.search(self.point.loadings, self.point.profiles)
            gradient, value = steepness(self.alignment, self.point)
            stop = (gradient <= tolerance) | (last - value < stalled * self.norm)
            if self.iterations >= max_iterations:
                stop = torch.ones_like(stop)
            for row in stop.nonzero():
                misfit, steepest = float(value[row] + self.norm / 2), float(gradient[row])
                ended[int(numbers[row])] = Ended(self.point.of(row), misfit, steepest, self.iterations)
            if stop.all():
                return [ended[number] for number in sorted(ended)]
            if stop.any():
                rest = (~stop).nonzero()[:, 0]
                self.alignment.keep(rest)
                self.point, previous = self.point.of(rest), previous.of(rest)
                numbers, value, momentum = numbers[rest], value[rest], momentum[rest]
            last = value
            for _ in range(_CHECK_EVERY):
                tick()
                ahead = self.point.ahead(previous, momentum / (momentum + 3))
                found, reached = sweep(self.alignment, ahead)
                # a step that led uphill is taken back, and the next one goes without momentum
                good = (reached <= value) | (momentum == 0)
                previous, self.point = self.point, found.where(good, self.point)
                value = torch.where(good, reached, value)
                momentum = torch.where(good, momentum + 1, 0)
            self.iterations += _CHECK_EVERY
