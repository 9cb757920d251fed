"""The filters of the first layer before training."""

from __future__ import annotations

import numpy as np
import pytest

from napari_twinscope.training.first_filters import first_filters


@pytest.mark.parametrize(("count", "size"), [(24, 8), (16, 8), (4, 6), (1, 4)])
def test_there_are_as_many_filters_as_channels(count: int, size: int) -> None:
    filters = first_filters(count, size)
    assert filters.shape == (count, size, size)
    assert np.isfinite(filters).all()


def test_blobs_pass_uniform_light_and_gabor_functions_do_not() -> None:
    light = first_filters(24, 8).sum((1, 2))
    assert (light[:6] > 0.5).all()
    np.testing.assert_allclose(light[6:], 0, atol=1e-5)


def test_a_pair_differs_by_a_quarter_of_a_cycle_and_pairs_by_orientation() -> None:
    gabors = first_filters(24, 8)[6:].reshape(9, 2, -1)
    alike = np.einsum("pk,pk->p", *gabors.swapaxes(0, 1)) / np.linalg.norm(gabors, axis=2).prod(1)
    assert np.abs(alike).max() < 1e-6
    energy = np.abs(np.fft.fft2(gabors[:, 0].reshape(9, 8, 8), (32, 32)))
    assert len({int(spectrum.argmax()) for spectrum in energy}) == 9
