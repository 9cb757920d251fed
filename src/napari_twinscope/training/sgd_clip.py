"""The optimiser of the published network: momentum with adaptive clipping, and its learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from napari_twinscope.errors import InvalidInput
from napari_twinscope.specification import Specification

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch.nn import Parameter


@dataclass(frozen=True)
class SgdClipOptions(Specification):
    """How large the steps of `SgdClip` are. The defaults are the published values.

    Parameters
    ----------
    learning_rate
        At the end of the warm-up.
    decay
        Weight decay per unit of learning rate, of the tensors that decay.
    momentum
        Share of the last step that is kept, 0 to below 1.
    nesterov
        Whether the gradient is added to the momentum once more.
    clip
        Largest norm of a slice's gradient, relative to the norm of the slice.
    epsilon
        The same for slices near zero, relative to the root of the tensor's number of entries.

    Raises
    ------
    InvalidInput
        If a value is out of range.
    """

    learning_rate: float = 0.1
    decay: float = 1e-4
    momentum: float = 0.9
    nesterov: bool = True
    clip: float = 0.01
    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        for name in ("learning_rate", "clip", "epsilon"):
            _check(self, name, 0 < getattr(self, name) < math.inf, "more than 0")
        _check(self, "decay", 0 <= self.decay < math.inf, "0 or more")
        _check(self, "momentum", 0 <= self.momentum < 1, "0 to below 1")


@dataclass(frozen=True)
class Schedule(Specification):
    """The learning rate of each epoch: a linear warm-up, then half a cosine. Defaults as published.

    Parameters
    ----------
    epochs
        Epochs of a cycle.
    warmup_epochs
        Epochs of the warm-up; a tenth of the cycle if None.
    warmup_cycles
        Number of cycles that begin with a warm-up.
    cycles
        Number of cycles.

    Raises
    ------
    InvalidInput
        If a number is out of range.

    Examples
    --------
    >>> schedule = Schedule()
    >>> [round(schedule.factor(epoch), 3) for epoch in (0, 9, 10, 55, 99)]
    [0.05, 0.95, 1.0, 0.5, 0.0]
    """

    epochs: int = 100
    warmup_epochs: int | None = None
    warmup_cycles: int = 1
    cycles: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "cycles"):
            _check(self, name, getattr(self, name) >= 1, "at least 1")
        _check(self, "warmup_cycles", self.warmup_cycles >= 0, "0 or more")
        _check(self, "warmup_epochs", 0 <= self.warmup < self.epochs, "0 to below the epochs of a cycle")

    @property
    def warmup(self) -> int:
        """Epochs of the warm-up."""
        return self.epochs // 10 if self.warmup_epochs is None else self.warmup_epochs

    def factor(self, epoch: int, cycle: int = 0) -> float:
        """Return the learning rate of an epoch, 0 to ``epochs - 1``, relative to the optimiser's."""
        warmup = self.warmup if cycle < self.warmup_cycles else 0
        if epoch < warmup:
            return (epoch + 0.5) / warmup
        return (math.cos(math.pi * (epoch - warmup) / (self.epochs - warmup)) + 1) / 2

    def seed(self, seed: int, epoch: int, cycle: int = 0) -> int:
        """Return the seed of an epoch's training half, and of its validation half."""
        return seed + epoch + self.epochs * cycle


class StepRule(NamedTuple):
    """How one tensor is treated by `SgdClip`.

    Attributes
    ----------
    axes
        Over which the norms of a slice are taken; all if None.
    scale
        Factor of the gradient.
    decays
        Whether the weights decay.
    """

    axes: tuple[int, ...] | None
    scale: float
    decays: bool


def step_rule(name: str, dimensions: int, units: int) -> StepRule:
    """Return the published rule for a parameter of a `VisualNetwork`.

    Parameters
    ----------
    name
        Its name in the state dict.
    dimensions
        Its number of axes.
    units
        Number of units of the readout: the gradients of its parameters are multiplied by it, which
        undoes the mean over units in the loss.
    """
    part, *rest = name.split(".")
    if part == "readout":
        axes = {"feature": (2,), "biases": (0,)}.get(rest[0])
        return StepRule(axes, units, rest[0] == "feature")
    kind = rest[-2]
    if kind == "weights":
        # a convolution has five axes, a mixing of groups four: [to, from, outputs, inputs]
        return StepRule((1, 2, 3, 4) if dimensions == 5 else (1, 3), 1, True)
    return StepRule((1,) if kind in ("gains", "biases", "scales") else None, 1, False)


class SgdClip(torch.optim.Optimizer):
    r"""Gradient descent with momentum, whose gradients are clipped relative to what they change.

    For each tensor p with gradient g, learning rate eta and the rule of `step_rule`, norms per slice,

    .. math::
        g \leftarrow s \, g, \quad
        l = \max(\kappa \|p\|, \epsilon \sqrt{\mathrm{numel}(p)}), \quad
        g \leftarrow g \, l / \max(\|g\|, l)

        b \leftarrow m \, b + g \;(\textrm{at first } g), \quad
        g \leftarrow g + m \, b \;(\textrm{Nesterov}) \textrm{ or } b, \quad
        g \leftarrow g + d \, p \;(\textrm{if it decays}), \quad
        p \leftarrow p - \eta \, g.

    A tensor without a gradient, such as those of a stream that took no part, stays as it is.

    Parameters
    ----------
    parameters
        Names and parameters of a `VisualNetwork`.
    units
        Its number of units.
    options
        Sizes of the steps.

    References
    ----------
    The optimiser of Wang et al. (2025), doi 10.1038/s41586-025-08829-y. Clipping relative to the weights
    follows Brock et al. (2021), doi 10.48550/arXiv.2102.06171.
    """

    def __init__(
        self, parameters: Iterable[tuple[str, Parameter]], units: int, options: SgdClipOptions
    ) -> None:
        self.options = options
        groups: list[dict[str, Any]] = [
            {"params": [parameter], "rule": step_rule(name, parameter.dim(), units)}
            for name, parameter in parameters
        ]
        super().__init__(groups, {"lr": options.learning_rate})

    def set_factor(self, factor: float) -> None:
        """Set the learning rate, relative to that of the options."""
        for group in self.param_groups:
            group["lr"] = self.options.learning_rate * factor

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Change every parameter that has a gradient.

        Parameters
        ----------
        closure
            Not used.
        """
        del closure
        options = self.options
        for group in self.param_groups:
            rule: StepRule = group["rule"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                change = clipped(rule.scale * parameter.grad, parameter, rule.axes, options)
                if options.momentum > 0:
                    state = self.state[parameter]
                    if "momentum" in state:
                        state["momentum"] = options.momentum * state["momentum"] + change
                    else:
                        state["momentum"] = change.clone()
                    momentum = state["momentum"]
                    change = change + options.momentum * momentum if options.nesterov else momentum
                if rule.decays:
                    change = change + options.decay * parameter
                parameter.sub_(group["lr"] * change)


def clipped(
    gradient: Tensor, parameter: Tensor, axes: tuple[int, ...] | None, options: SgdClipOptions
) -> Tensor:
    """Shrink the slices of a gradient whose norm exceeds the limit that the parameter sets."""
    over = tuple(range(parameter.dim())) if axes is None else axes

    def norm(values: Tensor) -> Tensor:
        return values.square().sum(over, keepdim=True).sqrt()

    limit = (options.clip * norm(parameter)).clamp_min(options.epsilon * math.sqrt(parameter.numel()))
    return gradient * (limit / norm(gradient).maximum(limit))


def _check(options: Specification, name: str, fits: bool, needed: str) -> None:
    if not fits:
        raise InvalidInput(
            f"The {name.replace('_', ' ')} is out of range.", given=getattr(options, name), needed=needed
        )
