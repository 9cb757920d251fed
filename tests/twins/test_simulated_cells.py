"""Who the simulated cells are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_cells import SCREEN, prepare

from napari_twinscope.errors import InvalidInput
from napari_twinscope.stimuli import Screen
from napari_twinscope.twins.simulated import draw_cells
from napari_twinscope.twins.simulated.cells import (
    CELL_TYPES,
    COMPLEX,
    DIRECTION_SELECTIVE,
    UNORIENTED,
    visual_angles,
)
from napari_twinscope.twins.simulated.filters import spatial_filters, temporal_kernels


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 500))
def test_a_population_covers_the_documented_ranges(seed: int, units: int) -> None:
    cells = draw_cells(units, seed)
    assert cells.of_type(*CELL_TYPES).all()
    assert ((cells.spatial_frequency >= 0.019) & (cells.spatial_frequency <= 0.3)).all()
    if units >= 200:
        assert (cells.spatial_frequency > 0.12).mean() >= 0.25
    assert ((cells.temporal_frequency >= 1) & (cells.temporal_frequency <= 6)).all()
    assert ((cells.size >= 2.5) & (cells.size <= 12)).all()
    assert ((cells.y > 0) & (cells.y < 143) & (cells.x > 0) & (cells.x < 255)).all()
    assert (np.isnan(cells.direction) == cells.of_type(*UNORIENTED)).all()
    assert ((cells.direction_selectivity > 0) == cells.of_type(*DIRECTION_SELECTIVE)).all()
    assert (np.isnan(cells.phase) == cells.of_type(*COMPLEX)).all()


def test_receptive_fields_and_directions_are_spread_evenly() -> None:
    cells = draw_cells(400)
    counts, *_ = np.histogram2d(cells.y, cells.x, bins=(4, 6), range=((0, 144), (0, 256)))
    assert counts.min() > 5
    directions = cells.direction[cells.of_type("complex-DS")]
    assert (np.histogram(directions, bins=8, range=(0, 360))[0] == len(directions) // 8).all()


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_cells(seed: int) -> None:
    assert draw_cells(30, seed).table().equals(draw_cells(30, seed).table())
    assert draw_cells(30, seed).checksum == draw_cells(30, seed).checksum
    assert draw_cells(30, seed).checksum != draw_cells(30, seed + 1).checksum


def test_the_default_population_is_the_same_on_every_machine() -> None:
    assert draw_cells().checksum == "544e58eea572f430"


@pytest.mark.parametrize(("units", "seed"), [(0, 0), (10, -1)])
def test_an_impossible_population_is_refused(units: int, seed: int) -> None:
    with pytest.raises(InvalidInput):
        draw_cells(units, seed)


def test_a_receptive_field_lies_where_its_label_says() -> None:
    cells = draw_cells(40, 3, SCREEN)
    weight = np.square(spatial_filters(cells, SCREEN)).sum(1)
    rows, columns = weight.sum(2), weight.sum(1)
    y = rows @ np.arange(SCREEN.height) / rows.sum(1)
    x = columns @ np.arange(SCREEN.width) / columns.sum(1)
    distance = np.hypot(y - cells.y, x - cells.x)
    assert np.median(distance) < 0.1
    assert (distance < SCREEN.pixels(1) * cells.size).all()  # near the border a part is cut off


def test_oriented_cells_do_not_see_uniform_light() -> None:
    cells = draw_cells(40, 3)
    total = np.abs(spatial_filters(cells, Screen()).sum((2, 3))).max(1)
    inside = np.minimum(cells.y, cells.x) > 3 * Screen().pixels(1) * cells.size
    inside &= np.minimum(143 - cells.y, 255 - cells.x) > 3 * Screen().pixels(1) * cells.size
    assert total[inside & ~cells.of_type(*UNORIENTED)].max() < 0.01
    assert total[inside & cells.of_type(*UNORIENTED)].min() > 0.1


def test_the_grating_of_its_own_kind_drives_a_filter_with_its_contrast() -> None:
    cortex = prepare(40, 3)
    for unit in np.flatnonzero(~cortex.cells.of_type(*UNORIENTED)):
        amplitude = np.hypot(*cortex.show(cortex.gratings(unit)[:1]).linear[0, :, unit].numpy().T)
        assert 0.5 < amplitude.mean() < 1


def test_a_kernel_passes_its_own_frequency_best() -> None:
    cells = draw_cells(40)
    even, odd = temporal_kernels(cells, 30.0).swapaxes(0, 1)
    kernel = (even + 1j * odd)[:, ::-1]
    frequencies = np.arange(0.25, 15, 0.05)
    gain = np.abs(kernel @ np.exp(-2j * np.pi * np.arange(24)[:, None] / 30 * frequencies))
    np.testing.assert_allclose(frequencies[gain.argmax(1)], cells.temporal_frequency, atol=0.1)
    np.testing.assert_allclose(gain.max(1), 1, atol=0.01)


def test_kernels_are_biphasic_and_a_lasting_step_has_the_sign_of_the_first_lobe() -> None:
    even = temporal_kernels(draw_cells(40), 30.0)[:, 0, ::-1]
    first = even[:, :2].sum(1)
    assert (first > 0).all()
    assert (even.min(1) < 0).all()
    assert (even.sum(1) > 0).all()


def test_visual_angles_are_upwards_and_rightwards() -> None:
    screen = Screen()
    corners = np.array([[71.5, 127.5], [0.0, 127.5], [71.5, 255.0]])
    middle, up, right = visual_angles(corners, screen)
    np.testing.assert_allclose(middle, 0, atol=1e-12)
    assert up[0] > 45
    assert right[1] > 60
    np.testing.assert_allclose([up[1], right[0]], 0, atol=1e-12)
    step = visual_angles(np.array([71.5, 128.5]), screen)
    np.testing.assert_allclose(step[1], screen.degrees_per_pixel)


def test_the_table_labels_every_cell() -> None:
    table = draw_cells(20).table()
    assert list(table.columns[:5]) == ["cell_type", "y", "x", "direction", "direction_selectivity"]
    assert table.index.name == "unit"
    assert list(table["cell_type"].cat.categories) == list(CELL_TYPES)
