"""Simulated cells respond as their labels say, to the package's own gratings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from simulated_cells import SCREEN, SETTLED, Preparation, prepare

from napari_twinscope.stimuli import DriftingGrating
from napari_twinscope.twins.simulated import draw_cells
from napari_twinscope.twins.simulated.cells import COMPLEX, DIRECTION_SELECTIVE, UNORIENTED
from napari_twinscope.twins.simulated.model import CorticalModel

TURNS = np.arange(0, 360, 45)


@pytest.fixture(scope="module")
def cortex() -> Preparation:
    return prepare(40)


@pytest.fixture(scope="module")
def oriented(cortex: Preparation) -> np.ndarray:
    return np.flatnonzero(~cortex.cells.of_type(*UNORIENTED))


@pytest.fixture(scope="module")
def tuning(cortex: Preparation, oriented: np.ndarray) -> np.ndarray:
    """Evoked rates to eight directions, beginning with the preferred one, [oriented cells, 8]."""
    return np.array([[cortex.evoked(cortex.gratings(u, t), u).mean() for t in TURNS] for u in oriented])


def test_the_preferred_direction_beats_the_others(
    cortex: Preparation, oriented: np.ndarray, tuning: np.ndarray
) -> None:
    directed = cortex.cells.of_type(*DIRECTION_SELECTIVE)[oriented]
    assert (tuning[directed].argmax(1) == 0).all()
    assert np.isin(tuning[~directed].argmax(1), (0, 4)).all()


def test_direction_selective_cells_prefer_their_labelled_direction(
    cortex: Preparation, oriented: np.ndarray, tuning: np.ndarray
) -> None:
    directed = cortex.cells.of_type(*DIRECTION_SELECTIVE)[oriented]
    sums = (tuning[directed] * np.exp(1j * np.radians(TURNS))).sum(1)
    assert (np.abs(np.degrees(np.angle(sums))) < 22.5).all()
    assert np.median(np.abs(sums) / tuning[directed].sum(1)) > 0.4


def test_cells_selective_for_orientation_alone_respond_equally_to_opposite_directions(
    cortex: Preparation, oriented: np.ndarray, tuning: np.ndarray
) -> None:
    both = tuning[~cortex.cells.of_type(*DIRECTION_SELECTIVE)[oriented]]
    assert (np.abs(both[:, 0] - both[:, 4]) < 0.05 * (both[:, 0] + both[:, 4])).all()


def test_oriented_cells_are_selective_for_orientation_and_on_and_off_cells_are_not(
    cortex: Preparation, tuning: np.ndarray
) -> None:
    def selectivity(rates: np.ndarray) -> np.ndarray:
        return np.abs((rates * np.exp(2j * np.radians(TURNS))).sum(1)) / rates.sum(1)

    assert (selectivity(tuning) > 0.2).all()
    round_cells = np.flatnonzero(cortex.cells.of_type(*UNORIENTED))
    rates = [[cortex.evoked(cortex.gratings(u, t), u).mean() for t in TURNS] for u in round_cells]
    assert (selectivity(np.array(rates)) < 0.15).all()


@pytest.mark.parametrize("direction", TURNS)
@pytest.mark.parametrize("kind", ["simple-DS", "complex-DS"])
def test_a_label_is_the_direction_of_the_package_s_own_grating(kind: str, direction: float) -> None:
    drawn = draw_cells(10, 0, SCREEN)
    cells = replace(drawn, direction=np.where(drawn.cell_type == kind, float(direction), drawn.direction))
    preparation = Preparation(cells, CorticalModel(cells, SCREEN))
    unit = int(np.flatnonzero(cells.cell_type == kind)[0])
    gratings = [
        DriftingGrating(
            "grating",
            spatial_frequency=cells.spatial_frequency[unit],
            temporal_frequency=cells.temporal_frequency[unit],
        ).render(shown, 0, 37, SCREEN, 0)
        for shown in TURNS
    ]
    assert TURNS[preparation.evoked(np.stack(gratings), unit).argmax()] == direction


@pytest.mark.parametrize(("which", "factor"), [("spatial", 1.8), ("temporal", 2.0)])
def test_the_preferred_frequency_beats_lower_and_higher_ones(
    cortex: Preparation, oriented: np.ndarray, which: str, factor: float
) -> None:
    rates = np.array(
        [
            [
                cortex.evoked(cortex.gratings(unit, **{which: change}), unit).mean()
                for change in (1 / factor, 1, factor)
            ]
            for unit in oriented
        ]
    )
    # Normalisation moves the peak of a few broadly tuned cells a little.
    assert (rates.argmax(1) == 1).mean() > 0.9
    assert (rates[:, 1] > 0.9 * rates.max(1)).all()


def test_on_and_off_cells_are_driven_most_by_their_labelled_frequency(cortex: Preparation) -> None:
    for unit in np.flatnonzero(cortex.cells.of_type(*UNORIENTED)):
        drives = [cortex.show(cortex.gratings(unit, spatial=f)).drive[..., unit].mean() for f in (0.5, 1, 2)]
        assert np.argmax(drives) == 1


def test_complex_cells_do_not_mind_the_phase_and_simple_cells_follow_it(
    cortex: Preparation, oriented: np.ndarray
) -> None:
    """F1/F0 of the response to a drifting grating (Skottun et al. 1991, 10.1016/0042-6989(91)90033-2)."""
    modulation = np.empty(len(oriented))
    for place, unit in enumerate(oriented):
        period = round(SCREEN.frame_rate / cortex.cells.temporal_frequency[unit])
        temporal = SCREEN.frame_rate / period / cortex.cells.temporal_frequency[unit]
        frames = 30 + 2 * period
        movie = cortex.gratings(unit, temporal=temporal, frames=frames)[:1]
        rate = cortex.show(movie).rate[0, -2 * period :, unit].double().numpy()
        spectrum = np.abs(np.fft.rfft(rate - cortex.cells.spontaneous[unit]))
        modulation[place] = 2 * spectrum[2] / spectrum[0]
    is_complex = cortex.cells.of_type(*COMPLEX)[oriented]
    assert modulation[is_complex].max() < 0.5
    assert modulation[~is_complex].min() > 1.3


def test_on_cells_prefer_light_and_off_cells_dark(cortex: Preparation) -> None:
    cells = cortex.cells
    y, x = np.mgrid[: SCREEN.height, : SCREEN.width]
    for unit in np.flatnonzero(cells.of_type(*UNORIENTED)):
        distance = np.hypot(y - cells.y[unit], x - cells.x[unit]) * SCREEN.degrees_per_pixel
        disc = np.where(distance < 1.5 * cells.size[unit], 1, 0)
        flashes = np.stack([np.repeat((128 + sign * disc)[None], 24, 0) for sign in (100, -100)])
        light, dark = cortex.show(flashes.astype(np.uint8)).rate[:, :, unit].sum(1)
        assert (light > 2 * dark) if cells.cell_type[unit] == "ON" else (dark > 2 * light)


def test_the_response_saturates_with_contrast(cortex: Preparation, oriented: np.ndarray) -> None:
    contrasts = (0.05, 0.1, 0.4, 0.8)
    rates = np.array(
        [
            [cortex.evoked(cortex.gratings(unit, contrast=c), unit).mean() for c in contrasts]
            for unit in oriented[::2]
        ]
    )
    assert (np.diff(rates, axis=1) > 0).all()
    assert (rates[:, 1] / rates[:, 0] > rates[:, 3] / rates[:, 2]).all()
    assert np.median(rates[:, 3] / rates[:, 2]) < 1.3


def test_normalisation_suppresses_the_response_to_a_grating_beneath_another(
    cortex: Preparation, oriented: np.ndarray
) -> None:
    suppressed = []
    for unit in oriented[::2]:
        alone = cortex.gratings(unit, contrast=0.4)
        mask = cortex.gratings(unit, turn=90, contrast=0.5)
        both = (alone.astype(int) + mask - 127).astype(np.uint8)
        suppressed.append(cortex.evoked(both, unit).mean() < cortex.evoked(alone, unit).mean())
    assert np.mean(suppressed) > 0.9


def test_the_drive_grows_in_proportion_to_contrast(cortex: Preparation, oriented: np.ndarray) -> None:
    unit = int(oriented[0])
    weak, strong = (
        cortex.show(cortex.gratings(unit, contrast=c)).drive[:, SETTLED:, unit].mean() for c in (0.4, 0.8)
    )
    torch.testing.assert_close(strong / weak, torch.tensor(2.0), rtol=0.02, atol=0)
