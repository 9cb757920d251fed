"""Steps of Muon are orthogonal, as large as Adam's, and those of each matrix apart."""

from __future__ import annotations

import pytest
import torch

from napari_twinscope.training.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(6, 6), (4, 20), (20, 4)])
def test_singular_values_become_nearly_one_and_vectors_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    found = orthogonalised(matrix)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.5
    assert values.max() < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    turned = u.mT @ found @ v.mT
    off = turned - torch.diag_embed(turned.diagonal(dim1=-2, dim2=-1))
    assert off.abs().max() < 1e-4


def test_no_gradient_direction_is_neglected() -> None:
    weights = torch.nn.Parameter(torch.zeros(2, 2))
    optimiser = Muon([{"params": [weights], "shape": (1, 2, 2)}], lr=1.0, weight_decay=0)
    weights.grad = torch.diag(torch.tensor([1.0, 0.01]))
    optimiser.step()
    strong, weak = -weights.detach().diagonal()
    assert 0.5 < weak / strong < 2


def test_matrices_of_one_parameter_are_trained_apart() -> None:
    gradient = torch.randn(8, 3, 1, 2, 2, generator=torch.Generator().manual_seed(1))

    def trained(gradient: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
        weights = torch.nn.Parameter(torch.zeros_like(gradient))
        optimiser = Muon([{"params": [weights], "shape": shape}], lr=0.1)
        for _ in range(3):
            weights.grad = gradient.clone()
            optimiser.step()
        return weights.detach()

    both = trained(gradient, (2, 4, -1))
    torch.testing.assert_close(both[:4], trained(gradient[:4], (1, 4, -1)))
    torch.testing.assert_close(both[4:], trained(gradient[4:], (1, 4, -1)))


def test_steps_measure_what_those_of_adam_do() -> None:
    gradient = torch.randn(1, 32, 200, generator=torch.Generator().manual_seed(2))
    weights = torch.nn.Parameter(torch.zeros(32, 200))
    weights.grad = gradient[0]
    Muon([{"params": [weights], "shape": (1, 32, 200)}], lr=0.01, weight_decay=0).step()
    assert weights.detach().square().mean().sqrt() == pytest.approx(0.2 * 0.01, rel=0.2)


def test_a_parameter_without_a_gradient_stays() -> None:
    weights = torch.nn.Parameter(torch.ones(2, 2))
    Muon([{"params": [weights], "shape": (1, 2, 2)}]).step()
    assert torch.equal(weights.detach(), torch.ones(2, 2))
