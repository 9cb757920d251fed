"""One sweep of block coordinate descent through the factors of several models at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from napari_twinscope.manifolds.factorization.alignment import Alignment

_TINY = 1e-30


class Point(NamedTuple):
    """Factors of several models, with the component before the rows.

    Attributes
    ----------
    unit, stimulus, profiles
        Shapes (model, component, unit), (model, component, stimulus) and (model, component, direction x
        time).
    """

    unit: torch.Tensor
    stimulus: torch.Tensor
    profiles: torch.Tensor

    @property
    def loadings(self) -> torch.Tensor:
        """Unit times stimulus, (model, component, unit x stimulus)."""
        return (self.unit[..., None] * self.stimulus[:, :, None]).flatten(2)

    def balanced(self) -> Point:
        """Give the three factors of each component the same norm, their product unchanged."""
        norms = torch.stack([factor.norm(dim=2, keepdim=True) for factor in self])
        scales = norms.prod(0) ** (1 / 3) / norms.clamp(min=_TINY)
        return Point(*(factor * scale for factor, scale in zip(self, scales, strict=True)))

    def ahead(self, previous: Point, by: torch.Tensor) -> Point:
        """Go on from a previous point through this one by a fraction of the way for each model."""
        by = by.to(self.unit.dtype)[:, None, None]
        pairs = zip(self, previous, strict=True)
        return Point(*((now + by * (now - before)).clamp_(min=0) for now, before in pairs))

    def where(self, chosen: torch.Tensor, other: Point) -> Point:
        """Return these factors for the chosen models and the other ones for the rest."""
        pairs = zip(self, other, strict=True)
        return Point(*(torch.where(chosen[:, None, None], mine, yours) for mine, yours in pairs))

    def of(self, models: torch.Tensor) -> Point:
        """Return some of the models."""
        return Point(*(factor[models] for factor in self))


def sweep(
    alignment: Alignment,
    at: Point,
    overlaps: torch.Tensor | None = None,
    *,
    pull: float = 0.0,
    passes: int = 2,
) -> tuple[Point, torch.Tensor]:
    """Improve the unit, the stimulus and the response factors in turn, with the shifts as they are.

    Parameters
    ----------
    alignment
        The responses at their shifts.
    at
        Where to begin.
    overlaps
        Those of the responses with these profiles, where they are known.
    pull
        How strongly factors are held near where they were, in multiples of the steepest curvature.
    passes
        How often to go through the components; the products with the responses take longer.

    Returns
    -------
    point
        The improved factors.
    value
        Their objective less half the squared norm of the responses, float64 (model,).
    """
    unit, stimulus, profiles = at
    overlaps = alignment.overlaps(profiles) if overlaps is None else overlaps
    overlaps = torch.unflatten(overlaps, 2, (unit.shape[2], -1))
    of_profiles = profiles @ profiles.mT
    for _ in range(passes):
        met = (overlaps * stimulus[:, :, None]).sum(3)
        unit = improved(unit, met, (stimulus @ stimulus.mT) * of_profiles, pull)
        of_unit = unit @ unit.mT
        met = (overlaps * unit[..., None]).sum(2)
        stimulus = improved(stimulus, met, of_unit * of_profiles, pull)
    curvature = of_unit * (stimulus @ stimulus.mT)
    met = alignment.weighted_sums(Point(unit, stimulus, profiles).loadings)
    for _ in range(passes):
        profiles = improved(profiles, met, curvature, pull)
    return Point(unit, stimulus, profiles), _value(profiles, met, curvature)


def improved(
    factor: torch.Tensor, met: torch.Tensor, curvature: torch.Tensor, pull: float = 0.0
) -> torch.Tensor:
    """Make each component of a factor in turn the best one beside the others.

    Lowers ``sum(x * (curvature @ x)) / 2 - sum(x * met)`` over x >= 0, to which a pull adds ``pull *
    steepest * sum((x - factor) ** 2) / 2``.

    Parameters
    ----------
    factor, met
        Shape (model, component, row).
    curvature
        Shape (model, component, component), not negative.
    pull
        Multiple of the largest row sum of the curvature, which bounds its largest eigenvalue.
    """
    hold = pull * curvature.sum(2, keepdim=True).amax(1, keepdim=True)
    own = curvature.diagonal(dim1=1, dim2=2)[..., None]
    scale = 1 / (own + hold).clamp(min=_TINY)
    rows, aim, stay = curvature * scale, (met + hold * factor) * scale, own * scale
    found = factor.clone()
    for component in range(factor.shape[1]):
        one = slice(component, component + 1)
        step = torch.baddbmm(aim[:, one], rows[:, one], found, alpha=-1)
        found[:, one] = step.add_(found[:, one] * stay[:, one]).clamp_(min=0)
    return found


def steepness(alignment: Alignment, at: Point) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how far models are from a minimum, with the shifts as they are.

    Returns
    -------
    gradient
        The largest entry of the projected gradient where the factors of each component have equal
        norms, (model,).
    value
        The objective less half the squared norm of the responses, float64 (model,).
    """
    at = at.balanced()
    unit, stimulus, profiles = at
    overlaps = torch.unflatten(alignment.overlaps(profiles), 2, (unit.shape[2], -1))
    of_unit, of_stimulus, of_profiles = (factor @ factor.mT for factor in at)
    met = alignment.weighted_sums(at.loadings)
    gradients = (
        (of_stimulus * of_profiles) @ unit - (overlaps * stimulus[:, :, None]).sum(3),
        (of_unit * of_profiles) @ stimulus - (overlaps * unit[..., None]).sum(2),
        (of_unit * of_stimulus) @ profiles - met,
    )
    steepest = [
        torch.where(factor > 0, gradient, gradient.clamp(max=0)).abs().amax((1, 2))
        for factor, gradient in zip(at, gradients, strict=True)
    ]
    return torch.stack(steepest).amax(0), _value(profiles, met, of_unit * of_stimulus)


def _value(profiles: torch.Tensor, met: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
    profiles = profiles.double()
    return 0.5 * (curvature * (profiles @ profiles.mT)).sum((1, 2)) - (met * profiles).sum((1, 2))
