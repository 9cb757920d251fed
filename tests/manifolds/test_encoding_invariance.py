"""The encoding manifold does not know a unit's gain, its preferred direction, or its place in the store."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoding_recordings import STAGE, on_a_line, permuted, write_recording
from napari_twinscope.manifolds import EncodingManifold, EncodingOptions, encoding_manifold
from napari_twinscope.population import TensorOptions

UNITS = 40
OPTIONS = EncodingOptions(
    tensor=TensorOptions(stimuli="all"), rank=3, restarts=1, objective="greedy", n_components=3
)
few = settings(max_examples=3, deadline=None, derandomize=True)


def manifold_of(responses: np.ndarray, order: np.ndarray | None = None) -> EncodingManifold:
    with tempfile.TemporaryDirectory() as folder:
        recording = write_recording(Path(folder) / "x.twinscope.zarr", responses)
        if order is not None:
            recording = permuted(recording, order, Path(folder) / "y.twinscope.zarr")
        made = encoding_manifold(recording, STAGE, OPTIONS, device="cpu")
        assert made.on_map.all()
        return made


@pytest.fixture(scope="module")
def expected() -> EncodingManifold:
    return manifold_of(on_a_line())


def assert_same(found: EncodingManifold, expected: EncodingManifold) -> None:
    np.testing.assert_array_equal(found.edges, expected.edges)
    np.testing.assert_allclose(found.eigenvalues, expected.eigenvalues, atol=1e-4)
    np.testing.assert_allclose(
        found.coordinates, expected.coordinates, atol=1e-3 * np.abs(expected.coordinates).max().item()
    )
    assert found.error_percent == pytest.approx(expected.error_percent, rel=1e-4)


@few
@given(seed=st.integers(0, 2**32 - 1))
def test_scaling_each_unit_by_a_gain_of_its_own_changes_nothing(
    expected: EncodingManifold, seed: int
) -> None:
    gains = np.exp(np.random.default_rng(seed).uniform(-5, 5, (UNITS, 1, 1, 1)))
    assert_same(manifold_of((on_a_line() * gains).astype(np.float32)), expected)


@few
@given(seed=st.integers(0, 2**32 - 1))
def test_turning_the_directions_of_each_unit_changes_nothing(expected: EncodingManifold, seed: int) -> None:
    turns = np.random.default_rng(seed).integers(0, 8, UNITS)
    turned = [np.roll(unit, turn, axis=1) for unit, turn in zip(on_a_line(), turns, strict=True)]
    assert_same(manifold_of(np.array(turned)), expected)


@few
@given(seed=st.integers(0, 2**32 - 1))
def test_storing_the_units_in_another_order_changes_nothing(expected: EncodingManifold, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(UNITS)
    found = manifold_of(on_a_line(), order)
    np.testing.assert_array_equal(found.coordinates, expected.coordinates.values[order])
    np.testing.assert_array_equal(found.kernel.toarray(), expected.kernel.toarray()[np.ix_(order, order)])
