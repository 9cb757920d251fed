"""Momentum made orthogonal: the optimiser of the layers' weights."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

# a quintic whose iteration takes every singular value from (0, 1] into about 0.7 to 1.2 (Jordan et al. 2024)
_QUINTIC = 3.4445, -4.7750, 2.0315
_ITERATIONS = 5
_ADAM = 0.2  # what Adam's steps usually measure, as a root mean square (Liu et al. 2025, section 2.2)


class Muon(torch.optim.Optimizer):
    """Steps along the momentum's nearest orthogonal matrix, which treat strong and weak directions alike.

    PyTorch's own takes plain matrices only; here one parameter may hold several, such as the groups of a
    grouped convolution.

    Parameters
    ----------
    params
        Groups of parameters, each with the ``"shape"`` in which its parameters are seen: [matrices,
        outputs, inputs].
    lr
        Learning rate. Steps have the size that Adam's usually have, so that the same rates suit both.
    momentum
        Share of the earlier gradients' mean that is kept, 0 to below 1.
    weight_decay
        Per unit of learning rate.

    References
    ----------
    Jordan et al. (2024), Muon, https://kellerjordan.github.io/posts/muon; Liu et al. (2025), Muon is
    scalable for LLM training, arXiv:2502.16982.
    """

    def __init__(
        self,
        params: Iterable[dict[str, Any]],
        lr: float = 1e-3,
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        """Make one step with the parameters' gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                mean = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                ahead = parameter.grad.lerp(mean, group["momentum"])  # Nesterov's
                matrices = ahead.reshape(group["shape"])
                step = orthogonalised(matrices).view_as(parameter)
                size = _ADAM * sqrt(max(matrices.shape[1:]))
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(step, alpha=-group["lr"] * size)


def orthogonalised(matrices: Tensor) -> Tensor:
    """Return matrices with the same singular vectors, whose singular values are all near 1.

    Parameters
    ----------
    matrices
        [matrices, rows, columns], each of full rank: what vanishes stays so.
    """
    a, b, c = _QUINTIC
    tall = matrices.shape[-2] > matrices.shape[-1]
    x: Tensor = matrices.mT if tall else matrices
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp_min(1e-20)
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
