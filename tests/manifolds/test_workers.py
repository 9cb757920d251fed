"""Restarts on several cores at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from napari_twinscope.manifolds import permuted_factorization
from napari_twinscope.manifolds.factorization.workers import on_each_core


@pytest.fixture(params=[1, 3])
def cores(request: pytest.FixtureRequest) -> int:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_results_come_in_order_each_from_a_single_core(cores: int) -> None:
    waiting = threading.Barrier(cores, timeout=10)

    def work(piece: int) -> tuple[int, int]:
        waiting.wait()  # so many run at once
        return piece, torch.get_num_threads()

    assert list(on_each_core(work, range(6))) == [(piece, 1) for piece in range(6)]
    assert torch.get_num_threads() == cores


def test_after_a_failure_no_new_piece_is_begun(cores: int) -> None:
    begun = []

    def work(piece: int) -> None:
        begun.append(piece)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        list(on_each_core(work, range(1000)))
    assert len(begun) < 1000
    assert torch.get_num_threads() == cores


def test_a_factorisation_does_not_depend_on_how_many_cores_there_are() -> None:
    tensor = np.random.default_rng(0).random((20, 3, 4, 6))
    before = torch.get_num_threads()
    found = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        found.append(permuted_factorization(tensor, 3, restarts=4))
    torch.set_num_threads(before)
    np.testing.assert_array_equal(found[0].factors.unit, found[1].factors.unit)
    np.testing.assert_array_equal(found[0].restarts, found[1].restarts)
