"""The chain from a recording to its encoding manifold."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import zarr

from encoding_recordings import STAGE, on_a_line, permuted, write_recording
from napari_twinscope.errors import Canceled, InvalidInput, StoreError
from napari_twinscope.manifolds import (
    EncodingManifold,
    EncodingOptions,
    diffusion_map,
    encoding_manifold,
    open_encoding_manifold,
    stored_encoding_manifolds,
)
from napari_twinscope.manifolds.encoding import chain as chain_module
from napari_twinscope.population import TensorOptions
from napari_twinscope.progress import SilentProgress
from napari_twinscope.recording import Recording, read_analysis, stored_analyses
from store_contents import contents

OPTIONS = EncodingOptions(
    tensor=TensorOptions(stimuli="all"), rank=3, restarts=2, cluster_size=5, n_components=3
)
STEPS = (
    "tensor",
    "factorization",
    "neural_matrix",
    "neighborhoods",
    "map",
    "dimension",
    "clusters",
    "graph_statistics",
    "units",
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, EncodingManifold, Path]:
    """Return a recording on a line, its manifold, and a copy of the folder to be changed by tests."""
    place = tmp_path_factory.mktemp("line") / "x.twinscope.zarr"
    recording = write_recording(place, on_a_line())
    return recording, encoding_manifold(recording, STAGE, OPTIONS, device="cpu"), place


@pytest.fixture
def copied(shared: tuple[Recording, EncodingManifold, Path], tmp_path: Path) -> Recording:
    from napari_twinscope.recording import open_recording

    place = tmp_path / "copy.twinscope.zarr"
    shutil.copytree(shared[2], place)
    return open_recording(place)


def made(recording: Recording, options: EncodingOptions = OPTIONS) -> EncodingManifold:
    return encoding_manifold(recording, STAGE, options, device="cpu")


def test_units_on_a_line_are_mapped_in_their_order(
    shared: tuple[Recording, EncodingManifold, Path],
) -> None:
    manifold = shared[1]
    first = manifold.coordinates.values[:, 0]
    assert manifold.coordinates.dims == ("unit", "component")
    assert abs(np.corrcoef(np.argsort(np.argsort(first)), np.arange(40))[0, 1]) > 0.99
    assert np.nanmedian(manifold.local_dimension) < 1.5
    assert list(manifold.coordinates.unit_id.values) == list(manifold.units["unit_id"])
    assert manifold.error_percent < 1
    assert manifold.dropped.empty


def test_every_part_of_the_result_fits_the_recorded_units(
    shared: tuple[Recording, EncodingManifold, Path],
) -> None:
    recording, manifold, _ = shared
    assert manifold.kernel.shape == (40, 40)
    assert scipy.sparse.issparse(manifold.kernel)
    np.testing.assert_allclose(manifold.kernel.diagonal(), 1)
    again = diffusion_map(manifold.kernel, 3)
    np.testing.assert_allclose(again.coordinates, manifold.coordinates.values, atol=1e-9)
    np.testing.assert_allclose(again.eigenvalues, manifold.eigenvalues, atol=1e-9)
    assert (manifold.edges[:, 0] < manifold.edges[:, 1]).all()
    assert manifold.scales.shape == manifold.clusters.shape == (40,)
    assert manifold.factors["response_factors"].dims == ("direction", "time", "component")
    assert list(manifold.factors.stimulus.values) == ["grating", "flow", "bar"]
    assert len(manifold.restarts) == 2
    assert manifold.restarts["error_percent"].min() == pytest.approx(manifold.error_percent, rel=1e-6)
    assert manifold.coordinates.attrs["preset"] == "corrected"
    assert EncodingOptions.from_json(manifold.coordinates.attrs["options"]) == OPTIONS
    assert manifold.purity.edge_share > manifold.purity.chance_share
    assert len(recording.units(STAGE)) == len(manifold.unit_measures())


def test_the_rotated_coordinates_are_the_same_cloud(
    shared: tuple[Recording, EncodingManifold, Path],
) -> None:
    from scipy.spatial.distance import pdist

    manifold = shared[1]
    taken = manifold.coordinates.values[:, : manifold.rotated.shape[1]]
    np.testing.assert_allclose(pdist(manifold.rotated.values), pdist(taken), rtol=1e-9)
    spread = manifold.rotated.values.std(axis=0)
    assert (np.diff(spread) <= 0).all()


def test_units_can_be_coloured_by_everything_that_is_known_of_them(
    shared: tuple[Recording, EncodingManifold, Path],
) -> None:
    manifold = shared[1]
    measures = manifold.unit_measures()
    wanted = {
        *("channel", "cluster", "factor_1", "factor_3", "preferred_class", "preferred_direction", "osi"),
        *("dsi", "mean_activity", "temporal_variance", "degree", "local_dimension", "same_map_edges"),
    }
    assert wanted <= set(measures.columns)
    assert set(measures.columns) - {"unit_id"} == set(measures.attrs["descriptions"])
    assert all(measures.attrs["descriptions"].values())
    assert measures.attrs["sources"].keys() == measures.attrs["descriptions"].keys()
    assert all(measures.attrs["sources"].values())
    assert "Dyballa & Zucker 2023" in measures.attrs["sources"]["local_dimension"]
    assert (measures["preferred_class"].iloc[[0, 20, 39]] == ["grating", "flow", "bar"]).all()
    counted = np.bincount(manifold.edges.ravel(), minlength=40)
    np.testing.assert_array_equal(measures["degree"], counted)
    table = manifold.table()
    np.testing.assert_array_equal(table["coordinate_1"], manifold.coordinates.values[:, 0])
    assert list(table["row"]) == list(range(40))


def test_the_report_says_what_was_done(shared: tuple[Recording, EncodingManifold, Path]) -> None:
    manifold = shared[1]
    report = manifold.report()
    assert "40 on the map, of 40 recorded" in report
    assert "3, as given" in report
    assert f"{manifold.error_percent:.4f} %" in report
    assert f"{len(manifold.edges)} after" in report
    assert "0 isolated units" in report
    coverage = manifold.results["neighborhoods"].attrs["kernel_coverage"]
    assert f"cover {coverage:.3f} of each edge" in report
    for kind in STEPS:
        assert f"time of {kind.replace('_', ' ')}" in report


def test_each_step_is_stored_with_options_version_and_preset(
    shared: tuple[Recording, EncodingManifold, Path],
) -> None:
    path = shared[2]
    stored = stored_analyses(path)
    assert set(stored) == {*STEPS, "encoding"}
    for kind in STEPS:
        (key,) = stored[kind]
        attributes = read_analysis(path, kind, key).attrs
        assert attributes["preset"] == "corrected"
        assert attributes["stage"] == STAGE
        assert attributes["versions"]["napari-twinscope"]
    graph = read_analysis(path, "neighborhoods", stored["neighborhoods"][0])
    assert graph.attrs["options"]["n_stds"] == 4.5
    assert graph.attrs["made_from"] == {"neural_matrix": stored["neural_matrix"][0]}


def test_what_is_stored_is_found_and_not_computed(copied: Recording) -> None:
    before = contents(copied.path)
    first, second = made(copied), open_encoding_manifold(copied, STAGE)
    assert first.computed == second.computed == ()
    assert contents(copied.path) == before
    np.testing.assert_array_equal(first.coordinates, second.coordinates)
    assert second.options == OPTIONS
    assert "found in the recording" in second.report()


@pytest.mark.parametrize(
    ("change", "recomputed"),
    [
        ({"cluster_size": 6}, {"clusters", "graph_statistics"}),
        ({"dimension_order": 3}, {"dimension"}),
        ({"alpha": 0.5}, {"map", "clusters", "graph_statistics"}),
        ({"n_stds": 4.0}, set(STEPS[3:-1])),
        ({"variance": None}, set(STEPS[2:-1])),
        ({"rank": 2}, set(STEPS[1:-1])),
        ({"tensor": TensorOptions(stimuli="all", smoothing=1.0)}, set(STEPS)),
    ],
)
def test_a_changed_option_makes_new_only_what_depends_on_it(
    copied: Recording, change: dict[str, object], recomputed: set[str]
) -> None:
    manifold = made(copied, replace(OPTIONS, **change))  # type: ignore[arg-type]
    assert set(manifold.computed) == recomputed
    assert len(stored_encoding_manifolds(copied, STAGE)) == 2
    assert open_encoding_manifold(copied, STAGE).options == manifold.options
    assert open_encoding_manifold(copied, STAGE, OPTIONS).options == OPTIONS


def test_the_graph_can_be_made_of_near_pairs_alone(copied: Recording) -> None:
    manifold = made(copied, replace(OPTIONS, nearest=6))
    assert set(manifold.computed) == set(STEPS[3:-1])
    assert np.diff(manifold.kernel.indptr).max() < 40
    again = diffusion_map(manifold.kernel, 3)
    np.testing.assert_allclose(again.eigenvalues, manifold.eigenvalues, atol=1e-9)


def test_what_was_not_computed_cannot_be_opened(copied: Recording) -> None:
    with pytest.raises(StoreError, match="not in the recording"):
        open_encoding_manifold(copied, STAGE, replace(OPTIONS, seed=9))
    shutil.rmtree(copied.path / "analysis")
    with pytest.raises(StoreError, match="holds no encoding manifold"):
        open_encoding_manifold(copied, STAGE)


def test_a_stage_that_was_not_recorded_is_refused(copied: Recording) -> None:
    with pytest.raises(StoreError, match="liver"):
        encoding_manifold(copied, "liver", OPTIONS)


@pytest.mark.parametrize("kind", ["tensor", "factorization", "clusters"])
def test_a_damaged_result_is_made_again_and_said_to_be(copied: Recording, kind: str) -> None:
    expected = open_encoding_manifold(copied, STAGE)
    (key,) = stored_analyses(copied.path)[kind]
    name = {"tensor": "normalized", "factorization": "weights", "clusters": "cluster"}[kind]
    array = zarr.open_array(copied.path / "analysis" / kind / key / name, mode="r+")
    array[...] = 77
    manifold = made(copied, replace(OPTIONS, rank=2) if kind == "tensor" else OPTIONS)
    assert kind in manifold.computed
    assert f"The stored {kind} was damaged" in manifold.report()
    again = made(copied)
    assert again.notices == ()
    np.testing.assert_array_equal(again.coordinates, expected.coordinates)


def test_a_folder_that_cannot_be_written_gives_the_result_and_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: tuple[Recording, EncodingManifold, Path]
) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line())
    before = contents(recording.path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(chain_module, "write_analysis", refuse)
    manifold = made(recording)
    assert manifold.computed == STEPS
    (notice,) = manifold.notices
    assert "were not stored" in notice
    assert "Permission denied" in notice
    assert notice in manifold.report()
    assert contents(recording.path) == before
    np.testing.assert_array_equal(manifold.coordinates, shared[1].coordinates)


class StopsAt(SilentProgress):
    """Cancels when a phase of some description begins."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word
        self.told: list[str] = []

    def begin(self, total: int, description: str) -> None:
        assert total > 0
        self.told.append(description)
        if self.word in description:
            self.cancel()


@pytest.mark.parametrize(
    ("word", "finished"),
    [
        ("Preparing", {"tensor"}),
        ("Factorising", {"tensor"}),  # within the step
        ("Fitting each unit", {"tensor", "factorization", "neural_matrix"}),
        ("Pruning", {"tensor", "factorization", "neural_matrix"}),  # within the step
    ],
)
def test_a_canceled_run_keeps_what_is_finished_and_goes_on(
    tmp_path: Path, word: str, finished: set[str], shared: tuple[Recording, EncodingManifold, Path]
) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line())
    with pytest.raises(Canceled):
        encoding_manifold(recording, STAGE, OPTIONS, device="cpu", progress=StopsAt(word))
    assert set(stored_analyses(recording.path)) == finished
    resumed = made(recording)
    assert set(resumed.computed) == set(STEPS) - finished
    np.testing.assert_array_equal(resumed.coordinates, shared[1].coordinates)


def test_the_steps_are_told_with_their_numbers(copied: Recording) -> None:
    progress = StopsAt("nothing")
    encoding_manifold(copied, STAGE, replace(OPTIONS, cluster_size=7), device="cpu", progress=progress)
    assert progress.told == ["7 of 9: Clustering the units", "8 of 9: Comparing clusters and feature maps"]


def test_the_order_of_the_units_in_the_store_permutes_the_result_and_nothing_else(
    tmp_path: Path, shared: tuple[Recording, EncodingManifold, Path]
) -> None:
    recording, expected, _ = shared
    order = np.random.default_rng(3).permutation(40)
    found = made(permuted(recording, order, tmp_path / "p.twinscope.zarr"))
    assert found.computed == STEPS
    np.testing.assert_array_equal(found.coordinates.values, expected.coordinates.values[order])
    np.testing.assert_array_equal(found.clusters, expected.clusters[order])
    place = np.argsort(order)
    edges = np.sort(place[expected.edges], axis=1)
    assert set(map(tuple, found.edges)) == set(map(tuple, edges))
    np.testing.assert_array_equal(found.kernel.toarray(), expected.kernel.toarray()[np.ix_(order, order)])
    for name, values in expected.unit_measures().items():
        np.testing.assert_array_equal(
            found.unit_measures()[name].to_numpy(dtype=object, na_value=None),
            values.to_numpy(dtype=object, na_value=None)[order],
        )


def test_units_without_a_response_and_with_missing_ones_are_left_out_by_name(tmp_path: Path) -> None:
    responses = on_a_line()
    responses[5] = 0
    responses[7] = -1  # always below zero, and so zero once rectified
    responses[11, 1, 2, 3] = np.nan
    responses[12, 0, 0, 0] = np.inf
    manifold = made(write_recording(tmp_path / "x.twinscope.zarr", responses))
    dropped = manifold.dropped["reason"]
    assert list(dropped.index) == [5, 7, 11, 12]
    assert list(dropped) == ["no response to any class"] * 2 + ["a response is missing or infinite"] * 2
    assert manifold.units["unit_id"][5] in manifold.report()
    assert np.isnan(manifold.coordinates.values[[5, 7, 11, 12]]).all()
    assert np.isfinite(manifold.coordinates.values).all(axis=1).sum() == 36
    assert manifold.clusters[5] == -1
    assert not manifold.kernel[[5]].nnz
    table = manifold.table()
    assert table["dropped"][5] == "no response to any class"
    assert table["dropped"][6] == ""


def test_of_duplicates_the_first_stays_and_the_others_are_named(tmp_path: Path) -> None:
    responses = on_a_line()
    responses[[9, 30]] = responses[20]
    manifold = made(write_recording(tmp_path / "x.twinscope.zarr", responses))
    ids = manifold.units["unit_id"]
    assert list(manifold.dropped.index) == [20, 30]
    assert list(manifold.dropped["duplicate_of"]) == [ids[9]] * 2
    assert f"{ids[20]} (as {ids[9]})" in manifold.report()


def test_a_class_that_no_unit_answers_to_is_no_obstacle(tmp_path: Path) -> None:
    responses = on_a_line()
    responses[:, 1] = 0
    responses = responses[responses.any(axis=(1, 2, 3))]
    manifold = made(write_recording(tmp_path / "x.twinscope.zarr", responses), replace(OPTIONS, rank=2))
    assert manifold.on_map.sum() + len(manifold.dropped) == len(responses)
    assert np.isfinite(manifold.error_percent)


def test_a_class_of_the_papers_that_was_not_recorded_is_asked_for(copied: Recording) -> None:
    with pytest.raises(InvalidInput, match="Stimuli of the papers are missing"):
        made(copied, EncodingOptions(rank=3))


def test_fewer_units_than_components_are_refused_before_the_factorisation(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line(4))
    with pytest.raises(InvalidInput, match="fewer units than components") as refused:
        made(recording, replace(OPTIONS, rank=5))
    assert "rank 5" in str(refused.value)
    assert "factorization" not in stored_analyses(recording.path)


def test_a_rank_that_is_not_given_is_chosen_and_shared_with_one_that_is(copied: Recording) -> None:
    chosen = made(copied, replace(OPTIONS, rank=None, ranks=(2, 5), rank_restarts=1))
    assert chosen.computed[0] == "rank"
    assert chosen.rank_choice is not None
    assert chosen.rank_choice.ranks.tolist() == [2, 3, 4, 5]
    assert chosen.rank == chosen.rank_choice.rank
    assert "chosen among 2 to 5" in chosen.report()
    given = made(copied, replace(OPTIONS, rank=chosen.rank))
    assert given.computed == ()
    assert given.rank_choice is None
    np.testing.assert_array_equal(given.coordinates, chosen.coordinates)
    assert open_encoding_manifold(copied, STAGE, chosen.options).computed == ()


def test_too_few_units_to_choose_a_rank_are_refused(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line(3))
    with pytest.raises(InvalidInput, match="too few units to choose a rank"):
        made(recording, replace(OPTIONS, rank=None))


@pytest.mark.parametrize("units", [1, 2])
def test_one_or_two_units_have_no_manifold(tmp_path: Path, units: int) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line(units))
    with pytest.raises(InvalidInput, match="Too few units"):
        made(recording, replace(OPTIONS, rank=1))


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_units_that_never_respond_have_no_manifold(tmp_path: Path, value: float) -> None:
    responses = np.full((6, 3, 8, 12), value, dtype=np.float32)
    responses[..., 0] = 0
    recording = write_recording(tmp_path / "x.twinscope.zarr", responses)
    with pytest.raises(InvalidInput, match="No unit"):
        made(recording)


def test_a_few_units_are_mapped_in_as_many_coordinates_as_there_can_be(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line(6))
    manifold = made(recording, replace(OPTIONS, rank=2, n_components=20))
    assert manifold.coordinates.sizes["component"] == len(manifold.eigenvalues)
    assert len(manifold.eigenvalues) < 6
    assert (manifold.clusters == -1).all() or manifold.clusters.max() >= 0
    assert "clusters" in manifold.report()


def test_a_published_preset_counts_degrees_on_the_kernel_and_leaves_out_outliers(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "x.twinscope.zarr", on_a_line())
    options = replace(
        EncodingOptions.published_2026(rank=3, restarts=2, cluster_size=5, n_components=3),
        tensor=TensorOptions("published-2026", stimuli="all"),
    )
    manifold = made(recording, options)
    reasons = manifold.dropped["reason"].str[:24].value_counts()
    assert reasons["outlier: among the farth"] == 2
    assert reasons["outlier: among the close"] == 5
    counted = np.diff(manifold.kernel.indptr) - 1
    measures = manifold.unit_measures()
    on_graph = measures["degree"].notna()
    np.testing.assert_array_equal(measures["degree"][on_graph], counted[on_graph])
    assert "kernel" in measures.attrs["descriptions"]["degree"]
    assert "public code" in measures.attrs["sources"]["degree"]
    assert manifold.preset == "published-2026"
