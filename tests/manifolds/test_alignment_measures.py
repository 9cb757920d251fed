"""Each measure of alignment is that of the papers, and knows a rotated copy from a stranger."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.spatial import procrustes as reference_procrustes

from napari_twinscope.errors import InvalidInput
from napari_twinscope.manifolds import (
    cca,
    dynamical_distance,
    gromov_wasserstein,
    laplacian_spectrum,
    linear_cka,
    one_step_operator,
    path_distances,
    procrustes,
    rsa,
    spectral_distance,
)
from napari_twinscope.manifolds.comparison.prediction import encoding, published_encoding

GOLDEN = Path(__file__).parents[1] / "golden" / "paper"
MEDIUM = [0, 2, 5, 6, 9, 10]
FOLD = np.tile(np.arange(8), 6)


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def by_time(values: np.ndarray) -> np.ndarray:
    """Bring (unit, stimulus, direction, time) to (time, condition, unit)."""
    return values.transpose(3, 1, 2, 0).reshape(values.shape[3], -1, len(values))


def network(stimuli: list[int] | slice = MEDIUM) -> np.ndarray:
    return by_time(golden("tensor")["counts"][:, stimuli] / 10000)


def biology() -> np.ndarray:
    return golden("alignment")["bio_resampled_37_f32"].astype(np.float64).transpose(2, 0, 1)


def noise(seed: int, units: int = 30, shape: tuple[int, ...] = (48,)) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(*shape, units))


def rotation(size: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


def test_the_published_scores_are_those_of_the_papers() -> None:
    x, y, expected = network(), biology(), golden("alignment")
    np.testing.assert_allclose(rsa(x, y), expected["rsa_t"], atol=1e-5)
    np.testing.assert_allclose(cca(x, y), expected["cca_closed_t"].mean(1), atol=1e-6)
    np.testing.assert_allclose(cca(x, y), expected["cca_t"], atol=1e-6)
    shuffles = expected["shuffles"].astype(np.int64)
    np.testing.assert_allclose(published_encoding(x, y, shuffles), expected["encoding_t"], atol=1e-6)
    mean = [side.mean(0) for side in (x, y)]
    assert rsa(*mean) == pytest.approx(float(expected["rsa_tavg"]), abs=1e-6)
    assert cca(*mean) == pytest.approx(float(expected["cca_tavg"]), abs=1e-6)
    one = published_encoding(*(side[None] for side in mean), shuffles[:1])
    assert one[0] == pytest.approx(float(expected["encoding_tavg_shuffle0"]), abs=1e-6)


def test_pairing_other_stimuli_gives_the_score_that_the_papers_publish() -> None:
    found = rsa(network(slice(6)), biology())
    assert found.mean() == pytest.approx(float(golden("alignment")["rsa_mismatched_first6"]), abs=1e-5)


def test_a_population_is_itself_and_its_rotated_and_scaled_copy() -> None:
    x = network()[[5, 20]]
    for copy in (x, 3 * x @ rotation(60), x @ np.eye(60)[::-1]):
        np.testing.assert_allclose(linear_cka(x, copy), 1)
        np.testing.assert_allclose(procrustes(x, copy), 0, atol=1e-9)
        np.testing.assert_allclose(cca(x, copy), 1)
        assert (cca(x, copy, fold=FOLD) > 0.95).all()
    np.testing.assert_allclose(rsa(x, x[..., ::-1]), 1)


def test_procrustes_is_that_of_scipy() -> None:
    x, y = noise(0), noise(1)
    assert procrustes(x, y) == pytest.approx(reference_procrustes(x, y)[2])
    assert procrustes(y[:, :5], x) == pytest.approx(procrustes(x, y[:, :5]))


def test_strangers_correlate_only_where_the_directions_were_not_left_out() -> None:
    strangers = [(noise(seed), noise(seed + 100)) for seed in range(40)]
    fitted = np.mean([cca(x, y) for x, y in strangers])
    held_out = np.mean([cca(x, y, fold=FOLD) for x, y in strangers])
    assert fitted == pytest.approx(0.21, abs=0.03)
    assert abs(held_out) < 0.06


def test_clipping_makes_the_published_prediction_of_noise_better_than_none() -> None:
    x, y = noise(0, shape=(6, 48)), noise(1, shape=(6, 48))
    random = np.random.default_rng(0)
    shuffles = np.array([[random.permutation(48) for _ in range(10)] for _ in range(6)])
    tests = [np.flatnonzero(one == FOLD) for one in range(8)]
    assert published_encoding(x, y, shuffles).mean() > 0
    assert encoding(x, y, tests).mean() < 0
    linear = x @ np.random.default_rng(2).normal(size=(30, 30))
    assert encoding(x[..., :8], linear[..., :1] * 0 + x[..., :1], tests).min() > 0.5


def test_frames_are_measured_one_by_one() -> None:
    x, y = network()[::9], biology()[::9]
    for measure in (rsa, linear_cka, procrustes, cca, lambda a, b: cca(a, b, 3, FOLD)):
        np.testing.assert_allclose(measure(x, y), [measure(a, b) for a, b in zip(x, y, strict=True)])


def test_what_is_not_defined_is_not_a_number() -> None:
    x, silent = noise(0), np.zeros((48, 5))
    constant = np.tile(np.arange(5.0), (48, 1))
    for y in (silent, constant):
        assert np.isnan([linear_cka(x, y), procrustes(x, y), cca(x, y), cca(x, y, fold=FOLD)]).all()
        assert np.isnan(rsa(x, y))
    one_flat = noise(1)
    one_flat[3] = 2.0
    assert np.isnan(rsa(x, one_flat))


def moving(seed: int = 0) -> np.ndarray:
    """Return paths of a system of four damped, turning states, (condition, time, state)."""
    random = np.random.default_rng(seed)
    turn = np.kron(np.diag([0.95, 0.8]), [[0.9, -0.4], [0.4, 0.9]])
    states = [random.normal(size=(40, 4))]
    for _ in range(15):
        states.append(states[-1] @ turn.T)
    return np.stack(states, axis=1)


def test_the_operator_of_a_linear_system_is_found_up_to_its_basis() -> None:
    turn = np.kron(np.diag([0.95, 0.8]), [[0.9, -0.4], [0.4, 0.9]])
    found = np.linalg.eigvals(one_step_operator(moving()))
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(np.linalg.eigvals(turn)), atol=1e-6)


def test_a_turned_system_moves_alike_and_one_with_shuffled_frames_does_not() -> None:
    paths = moving()
    operator = one_step_operator(paths)
    for seed in range(3):
        turned = one_step_operator(paths @ rotation(4, seed))
        assert dynamical_distance(operator, turned) < 1e-3
        basis = rotation(4, seed)
        assert dynamical_distance(operator, basis @ operator @ basis.T) < 1e-3
    shuffled = paths[:, np.random.default_rng(0).permutation(16)]
    assert dynamical_distance(operator, one_step_operator(shuffled)) > 0.3
    assert dynamical_distance(operator, -operator) > 0.3


def test_the_best_basis_of_two_states_is_that_of_a_search_through_all() -> None:
    random = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 3601)
    turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
    every = np.concatenate([turns, turns @ np.diag([1.0, -1.0])])
    for _ in range(5):
        a, b = random.normal(size=(2, 2, 2))
        traces = np.einsum("ij,nik,kl,njl->n", a, every, b, every)
        expected = np.arccos(traces.max() / (np.linalg.norm(a) * np.linalg.norm(b)))
        assert dynamical_distance(a, b) == pytest.approx(expected, abs=1e-5)


def test_the_angle_of_many_states_hardly_falls_with_more_starts() -> None:
    random = np.random.default_rng(1)
    for size in (5, 10):
        a, b = random.normal(size=(2, size, size))
        assert dynamical_distance(a, b) <= 1.01 * dynamical_distance(a, b, starts=25, seed=3)


def test_the_angle_does_not_depend_on_the_bases_that_operators_come_in() -> None:
    a, b = (np.eye(8) + 0.1 * np.random.default_rng(seed).normal(size=(8, 8)) for seed in (0, 1))
    expected = dynamical_distance(a, b)
    for seed in range(3):
        one, other = rotation(8, seed), rotation(8, seed + 10)
        found = dynamical_distance(one @ a @ one.T, other @ b @ other.T)
        assert found == pytest.approx(expected, rel=0.01)


def test_a_smaller_system_is_filled_with_zeros() -> None:
    assert dynamical_distance(np.eye(2), np.eye(4)) == pytest.approx(np.arccos(2 / np.sqrt(8)))


def test_transport_between_manifolds_is_that_of_the_papers() -> None:
    cases = golden("gromov")
    one, other = cases["C1"], cases["C2"]
    found = gromov_wasserstein(one, other)
    assert found.cost <= 1.05 * cases["gw_exact_pot"]
    assert found.distance == pytest.approx(np.sqrt(found.cost))
    assert found.independent == pytest.approx(float(cases["gw_cost_independent"]), abs=1e-8)
    np.testing.assert_allclose(found.plan.sum(1), 1 / 20)
    assert gromov_wasserstein(one, cases["C3_isometric_of_C1"]).cost < 1e-6
    for entropy, cost in zip(cases["entropic_eps"], cases["entropic"], strict=True):
        assert gromov_wasserstein(one, other, entropy=float(entropy)).cost == pytest.approx(cost, rel=0.02)
    for alpha, cost in zip(cases["fgw_alpha"], cases["fgw"], strict=True):
        fused = gromov_wasserstein(one, other, features=cases["feature_cost"], alpha=float(alpha))
        assert fused.cost <= 1.05 * cost
    alone = gromov_wasserstein(one, other, features=cases["feature_cost"], alpha=0.0)
    assert alone.cost == pytest.approx(float(cases["emd_feature"]), abs=1e-8)


def test_the_spectrum_and_the_paths_of_a_kernel_are_those_of_the_papers() -> None:
    cases, kernel = golden("gromov"), np.zeros((150, 150))
    kernel[np.triu_indices(150)] = golden("graph")["kernel_f64"]
    kernel = np.maximum(kernel, kernel.T)
    np.testing.assert_allclose(laplacian_spectrum(kernel), cases["laplacian_eigs_2_to_51"], atol=1e-8)
    paths = path_distances(kernel)
    np.testing.assert_allclose((paths / paths.max())[:10], cases["shortest_path_first10"], atol=1e-8)
    assert spectral_distance(kernel, kernel) == 0
    assert spectral_distance(kernel, kernel[:40, :40]) > 0.1


def test_points_without_a_path_are_twice_as_far_as_any_others() -> None:
    kernel = np.eye(4)
    kernel[0, 1] = kernel[1, 0] = np.exp(-1.0)
    kernel[2, 3] = kernel[3, 2] = np.exp(-3.0)
    np.testing.assert_allclose(path_distances(kernel)[0], [0, 1, 6, 6])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rsa(noise(0), noise(1)[:40]), "same conditions"),
        (lambda: linear_cka(noise(0)[:2], noise(1)[:2]), "three conditions"),
        (lambda: cca(noise(0), noise(1), 0), "number of components"),
        (lambda: cca(noise(0), noise(1), fold=FOLD[:40]), "folds do not fit"),
        (lambda: cca(noise(0), noise(1), fold=0 * FOLD), "two folds"),
        (
            lambda: published_encoding(noise(0, shape=(1, 9)), noise(1, shape=(1, 9)), np.zeros((1, 1, 9))),
            "Too few conditions for the published prediction",
        ),
        (lambda: one_step_operator(moving()[:, :1]), "One frame does not move"),
        (lambda: one_step_operator(0 * moving()), "stay at the origin"),
        (lambda: one_step_operator(np.nan * moving()), "not finite numbers"),
        (lambda: one_step_operator(moving()[:0]), "One frame does not move"),
        (lambda: dynamical_distance(np.eye(3), np.ones((2, 3))), "square matrices"),
        (lambda: dynamical_distance(np.eye(3), np.nan * np.eye(3)), "not finite numbers"),
        (lambda: gromov_wasserstein(np.zeros((3, 3)), np.ones((3, 3)) - np.eye(3)), "coincide"),
        (lambda: gromov_wasserstein(np.ones((2, 3)), np.ones((3, 3))), "no distances"),
        (lambda: gromov_wasserstein(np.triu(np.ones((3, 3)), 1), np.ones((3, 3))), "symmetric"),
        (lambda: path_distances(2 * np.ones((3, 3))), "weights from 0 to 1"),
        (lambda: path_distances(np.triu(np.ones((3, 3)))), "A kernel is symmetric"),
        (lambda: laplacian_spectrum(-np.ones((3, 3))), "no kernel"),
        (lambda: laplacian_spectrum(np.triu(np.ones((3, 3)))), "A kernel is symmetric"),
        (lambda: laplacian_spectrum(np.ones((3, 3)), 0), "number of eigenvalues"),
        (lambda: spectral_distance(np.zeros((3, 3)), np.ones((3, 3))), "no weight"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()


TESTS = [np.arange(48)[fold::8] for fold in range(8)]
MEASURES = {
    "rsa": rsa,
    "linear_cka": linear_cka,
    "procrustes": procrustes,
    "cca": cca,
    "cca of directions left out": lambda x, y: cca(x, y, fold=FOLD),
    "encoding": lambda x, y: encoding(x, y, TESTS),
    "published_encoding": lambda x, y: published_encoding(x, y, np.arange(48)[None, None]),
}


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x[:7], "same conditions"),
        (lambda x: x[:, 0], "same conditions"),
        (lambda x: x[:, :0], "one unit or more"),
        (lambda x: np.where(np.eye(48, 30) > 0, np.nan, x), "missing or infinite"),
        (lambda x: np.where(np.eye(48, 30) > 0, np.inf, x), "missing or infinite"),
        (lambda x: x.astype(str), "no real numbers"),
        (lambda x: x.astype(complex), "no real numbers"),
        (lambda x: [None] * len(x), "no real numbers"),
    ],
)
def test_no_measure_takes_responses_that_do_not_fit(name: str, change, message: str) -> None:
    shape = (1, 48) if name == "published_encoding" else (48,)
    x, y = noise(0, shape=shape), change(noise(1))
    if name == "published_encoding":
        y = np.asarray(y)[None]
    for one, other in ((x, y), (y, x)):
        with pytest.raises(InvalidInput, match=message):
            MEASURES[name](one, other)


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "published_encoding"])
def test_lists_labelled_arrays_and_other_numbers_are_measured_alike(name: str) -> None:
    x, y = noise(0).round(1), noise(1).round(1)
    expected = MEASURES[name](x, y)
    for given in (x.tolist(), xr.DataArray(x)):
        assert MEASURES[name](given, y) == expected
    assert MEASURES[name]((10 * x).round().astype(np.int64), y) == pytest.approx(
        float(MEASURES[name](10 * x, y)), abs=1e-9
    )
