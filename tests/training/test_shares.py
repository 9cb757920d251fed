"""Shares of a batch add up to the gradient of the whole, in the same order each time."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import Parameter

from napari_twinscope.training.shares import Shares

INPUTS = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))


def gradient(shares: int, size: int) -> tuple[float, torch.Tensor]:
    weights, unused = Parameter(torch.ones(3)), Parameter(torch.ones(1))

    def loss(clips: slice) -> torch.Tensor:
        return (INPUTS[:size][clips] @ weights).square().mean()

    found = Shares(shares).gradient(loss, size, [weights, unused])
    assert weights.grad is not None
    assert unused.grad is None
    return found, weights.grad


@given(shares=st.integers(1, 9), size=st.integers(1, 7))
def test_the_gradient_is_that_of_the_whole_batch(shares: int, size: int) -> None:
    whole, expected = gradient(1, size)
    found, parts = gradient(shares, size)
    assert found == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(parts, expected)


def test_the_same_shares_give_the_same_bits() -> None:
    assert torch.equal(gradient(3, 7)[1], gradient(3, 7)[1])


def test_an_error_in_a_share_is_not_lost() -> None:
    def fails(clips: slice) -> torch.Tensor:
        raise RuntimeError(f"clips {clips.start} to {clips.stop}")

    with pytest.raises(RuntimeError, match="clips 0 to 3"):
        Shares(2).gradient(fails, 7, [Parameter(torch.ones(3))])


def test_pytorch_has_its_threads_afterwards() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        gradient(2, 7)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
