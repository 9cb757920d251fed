from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_array

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import diffusion_map
from napari_twinscope.manifolds.graph import diffusion
from napari_twinscope.manifolds.graph.distances import squared_distances_of


def gaussian(points: np.ndarray, width: float) -> np.ndarray:
    return np.exp(-squared_distances_of(points) / width**2)


@pytest.fixture
def kernel():
    return gaussian(np.random.default_rng(0).normal(size=(50, 3)), 1.5)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_coordinates_are_eigenvectors_of_the_random_walk(kernel, alpha):
    found = diffusion_map(kernel, n_components=4, alpha=alpha)
    density = kernel.sum(axis=1) ** alpha
    divided = kernel / density / density[:, None]
    walk = divided / divided.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(walk @ found.coordinates, found.coordinates * found.eigenvalues, atol=1e-12)
    norm = divided.sum(axis=1) @ found.coordinates**2
    np.testing.assert_allclose(norm, found.eigenvalues**2)


def test_eigenvalues_fall_from_below_one(kernel):
    values = diffusion_map(kernel, n_components=10).eigenvalues
    assert (np.diff(values) <= 0).all()
    assert values[0] < 1


def test_a_curve_is_put_in_order_by_the_first_coordinate():
    t = np.sort(np.random.default_rng(1).uniform(0, 5, size=80))
    first = diffusion_map(gaussian(np.stack([np.cos(t), np.sin(t)], axis=1), 0.4)).coordinates[:, 0]
    assert (np.diff(first) > 0).all() or (np.diff(first) < 0).all()


def unevenness(coordinates: np.ndarray) -> float:
    radius = np.hypot(*coordinates.T)
    return float(np.ptp(radius) / radius.mean())


def test_a_circle_is_a_circle_however_densely_it_is_sampled():
    angle = 2 * np.pi * np.linspace(0, 1, 200, endpoint=False) ** 1.3
    kernel = gaussian(np.stack([np.cos(angle), np.sin(angle)], axis=1), 0.3)
    by_shape = unevenness(diffusion_map(kernel, n_components=2, alpha=1.0).coordinates)
    by_density = unevenness(diffusion_map(kernel, n_components=2, alpha=0.0).coordinates)
    assert by_shape < 0.1 < by_density


def test_time_powers_the_eigenvalues_in_the_coordinates_only(kernel):
    still, walked = diffusion_map(kernel, time=0), diffusion_map(kernel, time=3)
    np.testing.assert_allclose(walked.coordinates, still.coordinates * still.eigenvalues**3)
    np.testing.assert_array_equal(walked.eigenvalues, still.eigenvalues)


def test_the_largest_entry_of_each_coordinate_is_positive(kernel):
    coordinates = diffusion_map(kernel, n_components=6).coordinates
    largest = np.argmax(np.abs(coordinates), axis=0)
    assert (coordinates[largest, np.arange(6)] > 0).all()


def test_where_symmetry_makes_two_entries_largest_the_first_is_positive():
    path = np.eye(7) + np.eye(7, k=1) + np.eye(7, k=-1)
    antisymmetric = diffusion_map(path, n_components=3).coordinates[:, [0, 2]]
    for coordinate in antisymmetric.T:
        largest = np.flatnonzero(np.abs(coordinate) > (1 - 1e-6) * np.abs(coordinate).max())
        assert len(largest) == 2
        assert coordinate[largest[0]] > 0


def test_sparse_and_dense_kernels_give_the_same(kernel):
    dense, sparse = diffusion_map(kernel), diffusion_map(csr_array(kernel))
    np.testing.assert_array_equal(dense.coordinates, sparse.coordinates)


def test_large_kernels_are_mapped_alike(kernel, monkeypatch):
    small = diffusion_map(kernel)
    monkeypatch.setattr(diffusion, "_DENSE_UP_TO", 10)
    large = diffusion_map(kernel)
    np.testing.assert_allclose(large.eigenvalues, small.eigenvalues, atol=1e-10)
    np.testing.assert_allclose(large.coordinates, small.coordinates, atol=1e-8)
    np.testing.assert_array_equal(diffusion_map(kernel).coordinates, large.coordinates)


def test_points_keep_their_coordinates_when_their_order_changes(kernel):
    order = np.random.default_rng(3).permutation(50)
    shuffled = diffusion_map(kernel[np.ix_(order, order)]).coordinates
    np.testing.assert_allclose(shuffled, diffusion_map(kernel).coordinates[order], atol=1e-10)


def test_only_the_largest_component_is_mapped(kernel):
    parted = block_diag([kernel[:10, :10], kernel, np.eye(1)]).toarray()
    found = diffusion_map(parted)
    assert found.components == 3
    assert found.rows.tolist() == list(range(10, 60))
    np.testing.assert_allclose(found.coordinates[10:60], diffusion_map(kernel).coordinates, atol=1e-12)
    assert np.isnan(np.delete(found.coordinates, found.rows, axis=0)).all()


def changed(kernel: np.ndarray, place: tuple[int, int], value: float) -> np.ndarray:
    kernel = kernel.copy()
    kernel[place] = value
    return kernel


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kernel: kernel[:4], "square"),
        (lambda kernel: changed(kernel, (0, 1), np.nan), "not finite"),
        (lambda kernel: changed(kernel, (0, 1), -0.1), "negative"),
        (lambda kernel: changed(kernel, (3, 3), 0), "diagonal"),
        (lambda kernel: changed(kernel, (0, 1), 0.9), "symmetric"),
        (lambda kernel: kernel[:3, :3], "Too few connected points"),
        (lambda kernel: np.eye(len(kernel)), "Too few connected points"),
        (lambda _: [["a"]], "matrix of numbers"),
    ],
)
def test_a_wrong_kernel_is_refused_in_words(kernel, change, message):
    with pytest.raises(InvalidInput, match=message):
        diffusion_map(change(kernel))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"n_components": 0}, "components"), ({"alpha": np.inf}, "alpha"), ({"time": -1}, "time")],
)
def test_a_wrong_option_is_refused_in_words(kernel, wrong, message):
    with pytest.raises(InvalidInput, match=message):
        diffusion_map(kernel, **wrong)
