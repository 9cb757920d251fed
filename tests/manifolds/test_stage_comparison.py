"""A comparison holds what the single functions return, whatever the order on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.manifolds import (
    ComparisonOptions,
    EncodingOptions,
    StageComparison,
    activity_dimension,
    alignment,
    classification_over_time,
    compare_tubularity,
    decoding_manifold,
    decoding_trajectories,
    encoding_manifold,
    stage_comparison,
    tubularity,
)
from napari_twinscope.manifolds.stages.measures import MEASURES
from napari_twinscope.manifolds.stages.parts import MEDIANS
from napari_twinscope.population import unit_measures
from napari_twinscope.progress import SilentProgress
from napari_twinscope.recording import Recording, stored_analyses
from napari_twinscope.specification import Specification
from stage_recordings import stage_responses, write_stages

STAGES = {"early": stage_responses(0), "late": stage_responses(1)}
FEW = ComparisonOptions(step=4, bootstraps=5, alignment_bootstraps=4, shuffles=4, unit_bootstraps=50, seed=3)
UNITS = replace(FEW, parts=("units",))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write_stages(tmp_path_factory.mktemp("stages") / "x.twinscope.zarr", STAGES)


@pytest.fixture(scope="module")
def comparison(recording: Recording) -> StageComparison:
    return stage_comparison(recording, options=FEW)


def values(comparison: StageComparison, population: str) -> pd.DataFrame:
    table = comparison.table
    return table[table["population"] == population].set_index("measure")


@pytest.mark.parametrize("stage", ["early", "late"])
def test_the_table_holds_what_the_single_functions_return(
    comparison: StageComparison, recording: Recording, stage: str
) -> None:
    table, responses = values(comparison, stage), recording.responses(stage)
    measured = unit_measures(responses)
    for name in MEDIANS:
        assert table.loc[f"median_{name}", "value"] == pytest.approx(np.nanmedian(measured[name]), rel=1e-9)
    assert table.loc["units", "value"] == 24
    angles = np.radians(measured["preferred_direction"].values)
    assert table.loc["direction_spread", "value"] == pytest.approx(1 - abs(np.exp(1j * angles).mean()))

    moved, dimension = decoding_trajectories(responses), activity_dimension(responses)
    explained = decoding_manifold(responses)["explained_variance_ratio"].sum()
    assert table.loc["decoding_explained", "value"] == pytest.approx(float(explained))
    ratios = moved["explained_variance_ratio"].values
    assert table.loc["trajectory_explained", "value"] == pytest.approx(ratios.sum())
    assert table.loc["participation_ratio", "value"] == pytest.approx(float(dimension["participation_ratio"]))
    assert table.loc["components_90", "value"] == int(dimension["components"])

    for classifier in ("logistic", "neighbors"):
        found = classification_over_time(responses, FEW.classification(classifier, "all"))
        growing = found.sel(window="growing")
        best = int(growing["accuracy"].values.argmax())
        row = table.loc[f"{classifier}_peak"]
        assert row["value"] == float(growing["accuracy"][best])
        assert (row["lower"], row["upper"]) == (float(growing["lower"][best]), float(growing["upper"][best]))
        assert table.loc[f"{classifier}_peak_time", "value"] == pytest.approx(float(found["time"][best]))
        whole = found["accuracy"].sel(window="shrinking")[0]
        assert table.loc[f"{classifier}_final", "value"] == float(whole)
        assert row["chance"] == pytest.approx(1 / 3)

    tubes = tubularity(responses, FEW.tubularity(None))
    for name in ("s_tight", "s_cross", "crossing"):
        one, row = tubes.sel(measure=name), table.loc[name]
        expected = [float(one["score"]), *one["interval"].values]
        np.testing.assert_allclose(row[["value", "lower", "upper"]].astype(float), expected, rtol=1e-12)


def test_the_courses_of_decoding_are_those_of_the_classification(
    comparison: StageComparison, recording: Recording
) -> None:
    found = classification_over_time(recording.responses("late"), FEW.classification("logistic", "all"))
    course = comparison.decoding.query("population == 'late' and classifier == 'logistic'")
    for window in ("growing", "shrinking"):
        of_one = course[course["window"] == window]
        np.testing.assert_array_equal(of_one["accuracy"], found["accuracy"].sel(window=window))
        np.testing.assert_allclose(of_one["time"], found["time"])


def test_the_alignment_is_that_of_the_pair_and_one_with_itself(
    comparison: StageComparison, recording: Recording
) -> None:
    one, other = (recording.responses(stage) for stage in ("early", "late"))
    found = alignment(one, other, FEW.alignment(None))
    assert comparison.alignment is not None
    pair = comparison.alignment.sel(population="early", other="late")
    for name in ("score", "lower", "upper", "chance", "z"):
        np.testing.assert_allclose(pair[name], found[name], rtol=1e-9)
        matrix = comparison.alignment[name].values
        np.testing.assert_array_equal(matrix, np.swapaxes(matrix, 1, 2))
    itself = comparison.alignment["score"].sel(population="early", other="early")
    np.testing.assert_allclose(itself, [1, 1, 0], atol=1e-9)
    row = comparison.alignment_table.set_index("alignment").loc["cka"]
    assert row["score"] == float(pair["score"].sel(alignment="cka"))


def test_differences_of_tubularity_have_an_interval(
    comparison: StageComparison, recording: Recording
) -> None:
    one, other = (tubularity(recording.responses(stage), FEW.tubularity(None)) for stage in STAGES)
    expected = compare_tubularity(one, other)
    found = comparison.tubularity_differences.set_index("measure")
    for name in ("s_tight", "crossing"):
        at = expected.sel(measure=name)
        assert found.loc[name, "difference"] == pytest.approx(float(at["difference"]))
        assert found.loc[name, "lower"] == pytest.approx(float(at["interval"][0]))
        assert bool(found.loc[name, "differs"]) == bool(at["differs"])


def test_table_and_array_are_the_same(comparison: StageComparison) -> None:
    dataset = comparison.dataset
    for row in comparison.table.itertuples():
        at = dataset.sel(population=row.population, measure=row.measure)
        np.testing.assert_equal(float(at["value"]), row.value)
        np.testing.assert_equal(float(at["upper"]), row.upper)
    assert set(dataset["measure"].values) <= set(MEASURES)
    assert comparison.wide.loc["late", "s_tight"] == values(comparison, "late").loc["s_tight", "value"]


def test_the_order_in_which_stimuli_and_directions_are_stored_changes_nothing(
    comparison: StageComparison, tmp_path: Path
) -> None:
    permuted = write_stages(
        tmp_path / "p.twinscope.zarr",
        STAGES,
        stimulus_order=[2, 0, 1],
        direction_order=[3, 1, 7, 0, 5, 2, 6, 4],
    )
    again = stage_comparison(permuted, options=FEW)
    pd.testing.assert_frame_equal(
        again.table.drop(columns="recording"), comparison.table.drop(columns="recording"), check_exact=True
    )
    pd.testing.assert_frame_equal(again.alignment_table, comparison.alignment_table, check_exact=True)
    pd.testing.assert_frame_equal(again.decoding, comparison.decoding, check_exact=True)


def test_what_was_measured_before_is_found_and_only_what_depends_on_an_option_is_made_anew(
    comparison: StageComparison, recording: Recording
) -> None:
    again = stage_comparison(recording, options=replace(FEW, bootstraps=6))
    found = again.seconds.set_index(["population", "part"])["found"]
    assert all(found["late", part] for part in ("units", "trajectories", "classification"))
    assert not found["late", "tubularity"]
    changed = again.table["part"] == "tubularity"
    pd.testing.assert_frame_equal(again.table[~changed], comparison.table[~changed], check_exact=True)
    kept = stored_analyses(recording.path)
    assert len(kept["comparison_tubularity"]) == 4
    assert len(kept["comparison_alignment"]) == 1


def test_what_was_finished_before_a_comparison_was_stopped_is_kept(tmp_path: Path) -> None:
    class Impatient(SilentProgress):
        def begin(self, total: int, description: str) -> None:
            del total
            if description.startswith("2 of 2"):
                self.cancel()

    recording = write_stages(tmp_path / "x.twinscope.zarr", STAGES)
    with pytest.raises(Canceled):
        stage_comparison(recording, options=UNITS, progress=Impatient())
    again = stage_comparison(recording, options=UNITS)
    assert again.seconds["found"].tolist() == [True, False]


def test_each_step_of_the_bar_is_told_once(recording: Recording, comparison: StageComparison) -> None:
    del comparison  # so that all but one part is found

    class Counting(SilentProgress):
        def __init__(self) -> None:
            super().__init__()
            self.phases: list[list[int]] = []

        def begin(self, total: int, description: str) -> None:
            del description
            self.phases.append([total, 0])

        def advance(self, steps: int = 1) -> None:
            self.phases[-1][1] += steps

    progress = Counting()
    stage_comparison(recording, options=replace(FEW, bootstraps=7), progress=progress)
    assert len(progress.phases) == 3
    assert all(total == told for total, told in progress.phases)


def test_without_a_place_to_keep_results_all_is_measured_and_said(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, comparison: StageComparison
) -> None:
    from napari_twinscope.manifolds.stages import kept

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(kept, "write_analysis", refuse)
    again = stage_comparison(recording, options=replace(UNITS, seed=99))
    assert any("Read-only file system" in notice for notice in again.notices)
    assert values(again, "early").loc["median_osi", "value"] == pytest.approx(
        values(comparison, "early").loc["median_osi", "value"]
    )


def test_a_stored_encoding_manifold_has_its_place_in_the_table(tmp_path: Path) -> None:
    recording = write_stages(tmp_path / "x.twinscope.zarr", STAGES)
    options = EncodingOptions.for_stimuli(recording.protocol.names, rank=3, restarts=2)
    manifold = encoding_manifold(recording, "late", options, device="cpu")
    found = stage_comparison(recording, options=replace(FEW, parts=("encoding",)))
    table = values(found, "late")
    assert table.loc["manifold_units", "value"] == manifold.on_map.sum()
    assert table.loc["manifold_rank", "value"] == 3
    assert table.loc["local_dimension", "value"] == pytest.approx(np.nanmedian(manifold.local_dimension))
    assert table.loc["clusters", "value"] == manifold.clusters.max() + 1
    np.testing.assert_equal(table.loc["cluster_purity", "value"], manifold.purity.weighted_purity)
    assert table.loc["same_map_edges", "chance"] == pytest.approx(manifold.purity.chance_share)
    assert len(values(found, "early")) == 0
    assert "local_dimension" in found.wide


def test_two_recordings_stand_beside_one_another(recording: Recording, tmp_path: Path) -> None:
    other = write_stages(tmp_path / "y.twinscope.zarr", {"late": STAGES["late"]})
    found = stage_comparison([recording, other], stages=["late"], options=UNITS)
    assert found.names == ("x: late", "y: late")
    assert found.table["recording"].unique().tolist() == ["x", "y"]
    pd.testing.assert_series_equal(
        values(found, "x: late")["value"], values(found, "y: late")["value"], check_exact=True
    )


def tensor(stimuli: list[str], seed: int = 5) -> xr.DataArray:
    responses = stage_responses(seed, units=10, stimuli=len(stimuli))
    return xr.DataArray(
        responses,
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": stimuli, "direction": np.arange(8) * 45.0, "time": np.arange(12) / 30},
    )


def test_a_biological_population_takes_part_as_an_array_or_a_file(
    recording: Recording, tmp_path: Path
) -> None:
    neurons = tensor(["flow", "bar", "grating"])
    file = tmp_path / "v1.npz"
    np.savez(file, responses=neurons.values, **{dim: neurons[dim].values for dim in neurons.dims[1:]})
    options = replace(FEW, parts=("units", "alignment"))
    found = stage_comparison(
        recording, stages=["late"], populations={"array": neurons, "file": file}, options=options
    )
    assert found.names == ("late", "array", "file")
    pd.testing.assert_series_equal(values(found, "array")["value"], values(found, "file")["value"])
    assert found.alignment is not None
    late = recording.responses("late")
    expected = alignment(late, neurons, FEW.alignment(None))
    pair = found.alignment.sel(population="late", other="array")
    np.testing.assert_allclose(pair["score"], expected["score"], rtol=1e-6)
    np.testing.assert_allclose(
        found.alignment["score"].sel(population="array", other="file"), [1, 1, 0], atol=1e-9
    )
    assert any("10 to 24 units" in notice for notice in found.notices)


def test_a_classification_of_fewer_stimuli_is_told_of(recording: Recording) -> None:
    options = replace(FEW, parts=("classification",), classifiers=("neighbors",))
    neurons = {"v1": tensor(["flow", "bar"])}
    found = stage_comparison(recording, stages=["late"], populations=neurons, options=options)
    assert any("tells 2 and 3 stimuli apart" in notice for notice in found.notices)
    alone = stage_comparison(recording, stages=["late"], options=options)
    assert not alone.notices


def test_populations_that_saw_other_stimuli_are_not_aligned(recording: Recording) -> None:
    neurons = {"v1": tensor(["flow", "bar", "sky"])}
    with pytest.raises(InvalidInput, match="not shown the same stimuli"):
        stage_comparison(recording, populations=neurons, options=FEW)
    found = stage_comparison(recording, populations=neurons, options=UNITS)
    assert any("do not compare" in notice for notice in found.notices)


def test_one_class_only_is_refused_by_name_before_any_work(tmp_path: Path) -> None:
    one = write_stages(tmp_path / "x.twinscope.zarr", {"late": stage_responses(0, stimuli=1)})
    with pytest.raises(InvalidInput, match="late: too little was shown to measure classification"):
        stage_comparison(one, options=FEW)
    without = replace(FEW, parts=("units", "trajectories", "encoding"))
    assert "participation_ratio" in stage_comparison(one, options=without).measures


def test_two_frames_are_too_few_for_trajectories(tmp_path: Path) -> None:
    short = write_stages(tmp_path / "x.twinscope.zarr", {"late": stage_responses(0, frames=2)})
    with pytest.raises(InvalidInput, match="late: too little was shown to measure trajectories"):
        stage_comparison(short, options=FEW)
    found = stage_comparison(short, options=replace(FEW, parts=("units", "classification")))
    assert "median_speed" not in found.measures
    assert any("late: dynamics" in notice for notice in found.notices)


def test_missing_and_constant_responses_are_refused_by_name(recording: Recording) -> None:
    gap, still = tensor(["flow", "bar", "grating"]), tensor(["flow", "bar", "grating"])
    gap[3, 0, 0, 1] = np.nan
    with pytest.raises(InvalidInput, match="v1: Responses are missing") as error:
        stage_comparison(recording, populations={"v1": gap}, options=FEW)
    assert "in 1 of 10 units" in str(error.value)
    with pytest.raises(InvalidInput, match="v1: No unit responds differently"):
        stage_comparison(recording, populations={"v1": still * 0 + 1}, options=FEW)
    some = still.copy()
    some[:4] = 2
    found = stage_comparison(recording, stages=["late"], populations={"v1": some}, options=UNITS)
    assert values(found, "v1").loc["responsive_share", "value"] == 0.6


@pytest.mark.parametrize(
    ("stages", "populations", "message"),
    [
        (["liver"], None, "No recording holds this stage"),
        (["late"], {"late": tensor(["flow", "bar", "grating"])}, "Two populations have one name"),
        ([], None, "nothing to compare"),
        (["late"], {"v1": Path("absent.npz")}, "no responses to read"),
    ],
)
def test_what_cannot_be_compared_is_explained(
    recording: Recording, stages: list[str], populations: dict[str, xr.DataArray] | None, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        stage_comparison(recording, stages=stages, populations=populations, options=UNITS)


def test_one_population_is_not_aligned(recording: Recording) -> None:
    with pytest.raises(InvalidInput, match="cannot be aligned with itself"):
        stage_comparison(recording, stages=["late"], options=replace(FEW, parts=("alignment",)))
    found = stage_comparison(recording, stages=["late"], options=replace(FEW, parts=("units", "alignment")))
    assert found.alignment is None
    assert found.alignment_table.empty


def test_the_published_presets_cut_the_stimuli_of_stages_differently(tmp_path: Path) -> None:
    stages = {name: stage_responses(place, stimuli=11) for place, name in enumerate(("inputs0", "readout"))}
    recording = write_stages(tmp_path / "x.twinscope.zarr", stages, papers=True)
    options = ComparisonOptions.quick(
        "published-2025", parts=("trajectories", "classification", "tubularity"), classifiers=("neighbors",)
    )
    found = stage_comparison(recording, options=options)
    table, responses = values(found, "readout"), recording.responses("readout")
    tubes = tubularity(responses, replace(options.tubularity("first-six"), seed=options.seed))
    at = tubes.sel(measure="s_tight")
    assert table.loc["s_tight", "value"] == pytest.approx(float(at["bootstrap_mean"]))
    bar = table.loc["s_tight", "upper"] - table.loc["s_tight", "value"]
    assert bar == pytest.approx(float(at["error_bar"]))
    moved = decoding_trajectories(responses, preset="published-2025", stimuli="first-and-last-five", seed=0)
    expected = moved["explained_variance_ratio"].values.sum()
    assert table.loc["trajectory_explained", "value"] == pytest.approx(expected)
    assert table.loc["neighbors_final", "chance"] == pytest.approx(1 / 11)
    assert any("different stimuli under one name" in notice for notice in found.notices)
    assert "p_value" in found.tubularity_differences


def test_the_corrected_preset_takes_the_medium_set_of_the_papers_eleven(tmp_path: Path) -> None:
    recording = write_stages(
        tmp_path / "x.twinscope.zarr", {"late": stage_responses(4, stimuli=11)}, papers=True
    )
    found = stage_comparison(recording, options=replace(FEW, parts=("units", "tubularity")))
    assert values(found, "late").loc["s_tight", "value"] == pytest.approx(
        float(tubularity(recording.responses("late"), FEW.tubularity("medium"))["score"][0])
    )
    osi = unit_measures(recording.responses("late").isel(stimulus=[0, 2, 5, 6, 9, 10]))["osi"]
    assert values(found, "late").loc["median_osi", "value"] == pytest.approx(float(osi.median()))


def test_options_survive_a_file_and_refuse_what_does_not_exist() -> None:
    options = ComparisonOptions.quick("published-2026", stimuli="high", bundles="hdbscan")
    assert Specification.from_json(options.to_json()) == options
    assert options.hash != ComparisonOptions("published-2026", stimuli="high", bundles="hdbscan").hash
    assert options.tubularity("high").preset == "published-2026"
    assert options.classification("neighbors", None).preset == "published-2026"
    assert options.alignment(None).preset == "published-2026"
    for changes in (
        {"preset": "wished"},
        {"stimuli": "first-six"},
        {"parts": ()},
        {"parts": ("units", "units")},
        {"alignments": ("encoding",)},
        {"windows": ("growing",)},
        {"bootstraps": -1},
        {"step": 0},
        {"seed": True},
    ):
        with pytest.raises(InvalidInput):
            ComparisonOptions(**changes)


def test_the_participation_ratio_counts_equal_directions_of_variance() -> None:
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(24, 24)))[0][:, :5]
    axes -= axes.mean(0)
    axes = np.linalg.qr(axes)[0]
    units = np.linalg.qr(random.normal(size=(9, 9)))[0][:5]
    made = xr.DataArray(
        (axes @ units).T.reshape(9, 1, 8, 3),
        dims=("unit", "stimulus", "direction", "time"),
        coords={"stimulus": ["one"], "direction": np.arange(8) * 45.0},
    )
    found = activity_dimension(made, rectify=False)
    assert float(found["participation_ratio"]) == pytest.approx(5)
    assert int(found["components"]) == 5
    assert found["variance"].values[5:] == pytest.approx(0, abs=1e-12)
