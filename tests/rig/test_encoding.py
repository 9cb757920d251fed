"""An encoding manifold as the rig sees it: what is opened, coloured, and kept apart."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from encoding_recordings import STAGE, on_a_line, write_recording
from napari_twinscope.errors import StoreError
from napari_twinscope.manifolds import EncodingOptions, stored_encoding_manifolds
from napari_twinscope.population import TensorOptions
from napari_twinscope.progress import SilentProgress
from napari_twinscope.recording import Recording, open_recording
from napari_twinscope.rig import Session
from napari_twinscope.rig.colors import MISSING, measure_colors
from napari_twinscope.rig.encoding import (
    Look,
    choice_labels,
    components_look,
    computed_look,
    first_look,
    stored_look,
)
from napari_twinscope.rig.encoding_cloud import NOT_COMPUTED, NOT_SHOWN, cloud_of, with_axis
from napari_twinscope.rig.measures import PLACED, PREPARED, measure, measures_of_responses

OPTIONS = EncodingOptions(
    tensor=TensorOptions(stimuli="all"), rank=3, restarts=2, cluster_size=5, n_components=6
)
SILENT, BROKEN = 7, 21


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty units on a line, one of them silent and one with a missing response."""
    responses = on_a_line()
    responses[SILENT] = 0
    responses[BROKEN, 0, 0, 0] = np.nan
    path = tmp_path_factory.mktemp("line") / "x.twinscope.zarr"
    write_recording(path, responses)
    return path


@pytest.fixture(scope="module")
def recording(place: Path) -> Recording:
    return open_recording(place)


@pytest.fixture(scope="module")
def before(recording: Recording) -> Look:
    return first_look(recording, STAGE, recording.responses(STAGE).load())


@pytest.fixture(scope="module")
def look(recording: Recording, before: Look) -> Look:
    return computed_look(recording, STAGE, OPTIONS, SilentProgress()).after(before)


@pytest.fixture
def session(recording: Recording, look: Look) -> Session:
    made = Session()
    made.open(recording)
    made.show_look(STAGE, look)
    return made


def test_a_recording_without_a_manifold_shows_components_and_says_so(before: Look) -> None:
    cloud = cloud_of(before)
    assert cloud is not None
    assert cloud.warning == NOT_COMPUTED
    assert cloud.labels == ("PC 1", "PC 2", "PC 3")
    assert np.isnan(cloud.points[BROKEN]).all()
    assert "1 of 40 units are not shown" in cloud.left_out


def test_a_stored_manifold_is_opened_and_not_computed_again(look: Look, recording: Recording) -> None:
    opened = first_look(recording, STAGE, recording.responses(STAGE).load())
    assert opened.manifold is not None
    assert opened.manifold.computed == ()
    assert opened.choices == (OPTIONS,)
    assert look.manifold is not None
    np.testing.assert_array_equal(opened.manifold.coordinates, look.manifold.coordinates)


def test_the_points_are_the_coordinates_that_were_asked_for(look: Look) -> None:
    assert look.manifold is not None
    cloud = cloud_of(look, (4, 1, 2))
    assert cloud is not None
    np.testing.assert_array_equal(cloud.points, look.manifold.coordinates.values[:, [3, 0, 1]])
    assert cloud.labels == ("axis 4", "axis 1", "axis 2")
    assert cloud.warning == ""
    assert "Rank 3" in cloud.numbers
    assert cloud.coordinates.shape == (40, 6)


def test_turned_points_are_the_papers_and_an_axis_that_is_not_there_is_flat(look: Look) -> None:
    assert look.manifold is not None
    rotated = look.manifold.rotated.values
    cloud = cloud_of(look, (1, 2, 6), turned=True)
    assert cloud is not None
    assert rotated.shape[1] < 6
    np.testing.assert_array_equal(cloud.points[:, :2], rotated[:, :2])
    assert set(cloud.points[look.manifold.on_map, 2]) == {0.0}
    assert cloud.labels[2] == "none"


def test_units_without_a_place_are_counted_with_their_reasons(look: Look) -> None:
    cloud = cloud_of(look)
    assert cloud is not None
    assert np.isnan(cloud.points[[SILENT, BROKEN]]).all()
    assert "2 of 40 units are not shown" in cloud.left_out
    assert "1: no response to any class" in cloud.left_out
    assert "1: a response is missing or infinite" in cloud.left_out


def test_two_axes_are_never_the_same() -> None:
    assert with_axis((1, 2, 3), 2, 1) == (3, 2, 1)


def test_components_beside_stored_manifolds_do_not_claim_that_there_is_none(
    recording: Recording, look: Look
) -> None:
    chosen = components_look(recording.responses(STAGE).load(), look.stored).after(look)
    cloud = cloud_of(chosen)
    assert cloud is not None
    assert cloud.warning == NOT_SHOWN
    assert chosen.choices == (OPTIONS,)


def test_everything_that_a_manifold_measures_can_be_a_colour(session: Session, look: Look) -> None:
    assert look.manifold is not None
    table = look.manifold.unit_measures()
    measures = session.measures()
    assert len(look.placed) == len(table.columns) - 2  # but for the identity, and the map that was there
    wanted = {
        *("feature map", "cluster", "factor loading 1", "factor loading 3", "local dimension", "degree"),
        *("preferred class (prepared)", "preferred direction (prepared)", "OSI (prepared)", "DSI (prepared)"),
        *("mean activity (prepared)", "temporal variance (prepared)", "same-map edges", "weighted degree"),
    }
    assert wanted <= set(measures)
    for name, found in measures.items():
        session.measure = name
        colors, legend = session.colors()
        assert found.description.endswith("."), name
        assert any(word in found.source for word in ("doi ", "arXiv ", "this package", "recording")), name
        assert found.explained.endswith(f"Source: {found.source}."), name
        assert len(found.values) == len(colors) == 40
        assert legend.missing == np.count_nonzero(~np.isfinite(found.values))
        np.testing.assert_allclose(colors[~np.isfinite(found.values)], np.tile(MISSING, (legend.missing, 1)))
    np.testing.assert_array_equal(measures["degree"].values, table["degree"])
    np.testing.assert_array_equal(measures["factor loading 2"].values, table["factor_2"])
    assert measures["degree"].section == PLACED
    assert measures["OSI (prepared)"].section == PREPARED


def test_categories_directions_and_numbers_have_their_own_legends(session: Session, look: Look) -> None:
    session.measure = "preferred class (prepared)"
    legend = session.colors()[1]
    assert [name for name, _ in legend.entries] == ["grating", "flow", "bar"]  # as they were shown
    assert legend.missing == 2
    session.measure = "preferred stimulus"
    assert session.colors()[1].entries == legend.entries
    session.measure = "degree"
    assert all(limit % 1 == 0 for limit in session.colors()[1].limits or (0.5,))
    session.measure = "preferred direction (prepared)"
    assert session.colors()[1].cyclic
    assert session.colors()[1].limits == (0.0, 360.0)
    session.measure = "cluster"
    assert look.manifold is not None
    clusters = look.manifold.clusters
    assert len(session.colors()[1].entries) == clusters.max() + 1
    assert session.colors()[1].missing == np.count_nonzero(clusters < 0)
    assert session.colors()[1].missing_name == "in no cluster"


def test_each_feature_map_is_a_category_however_many_there_are() -> None:
    few = pd.DataFrame({"channel": np.repeat(np.arange(40) * 3, 2)})
    found = measure("feature map", xr.DataArray(0), few)
    assert found.labels[:2] == ("map 0", "map 3")
    _, legend = measure_colors(found)
    assert len({color for _, color in legend.entries}) == 40
    many = measure("feature map", xr.DataArray(0), pd.DataFrame({"channel": np.arange(100)}))
    assert len(many.labels) == 100
    assert many.name == "feature map (100, colours repeat)"


def test_measures_of_the_responses_are_there_before_the_manifold(recording: Recording) -> None:
    session = Session()
    session.open(recording)
    session.add_measures(STAGE, measures_of_responses(session.responses()))
    assert {"OSI", "DSI", "preferred direction", "temporal variance", "feature map"} <= set(
        session.measures()
    )
    session.measure = "OSI"
    assert np.isfinite(session.measured().values).sum() == 38


def test_a_measure_of_a_manifold_that_is_not_there_is_grey_and_says_so(recording: Recording) -> None:
    session = Session()
    session.open(recording)
    session.measure = "cluster"
    colors, legend = session.colors()
    np.testing.assert_allclose(colors, np.tile(MISSING, (40, 1)))
    assert (legend.missing, legend.missing_name) == (40, "not known of this stage")


def test_a_manifold_that_arrives_recolours_the_units(recording: Recording, look: Look) -> None:
    session = Session()
    session.open(recording)
    session.measure = "local dimension"
    assert session.colors()[1].missing == 40
    heard = []
    session.events.measure.connect(lambda: heard.append(session.colors()[1].missing))
    session.show_look(STAGE, look)
    assert heard == [2]
    session.show_look("another stage", look)
    assert heard == [2]


def test_the_points_and_the_measure_stay_the_same_objects_until_they_change(session: Session) -> None:
    assert session.cloud() is session.cloud()
    assert session.measured() is session.measured()
    first = session.cloud()
    session.axes = (2, 1, 3)
    assert session.cloud() is not first


def test_clusters_are_the_categories_even_if_another_measure_is_shown(session: Session, look: Look) -> None:
    session.measure = "degree"
    assert session.categories() is look.placed["cluster"]
    session.show_look(STAGE, dataclasses.replace(look, manifold=None, placed={}))
    assert session.categories() is None
    session.measure = "feature map"
    assert session.categories() is session.measured()


def test_another_recording_knows_nothing_of_the_last_ones_manifolds(
    session: Session, recording: Recording
) -> None:
    assert session.look.manifold is not None
    session.open(recording)
    assert session.look.manifold is None


def test_a_manifold_that_was_not_stored_stays_among_the_choices(look: Look, before: Look) -> None:
    lost = dataclasses.replace(look, stored=()).after(before)
    assert lost.choices == (OPTIONS,)
    again = before.after(lost)
    assert again.choices == (OPTIONS,)
    assert again.unstored == (look.manifold,)


def test_a_manifold_that_cannot_be_opened_leaves_the_components_with_the_reason(
    recording: Recording, look: Look
) -> None:
    other = dataclasses.replace(OPTIONS, seed=5)
    missing = stored_look(recording, STAGE, other)
    assert isinstance(missing.problem, StoreError)
    assert missing.after(look).components is look.components
    assert stored_encoding_manifolds(recording, STAGE) == (OPTIONS,)


def test_manifolds_are_told_apart_by_what_differs() -> None:
    several = [OPTIONS, dataclasses.replace(OPTIONS, rank=4), dataclasses.replace(OPTIONS, seed=2)]
    assert choice_labels(several) == (
        "rank 3 · corrected · seed 0",
        "rank 4 · corrected · seed 0",
        "rank 3 · corrected · seed 2",
    )
    assert choice_labels([OPTIONS]) == ("rank 3 · corrected",)
    assert choice_labels([]) == ()
