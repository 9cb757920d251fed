from __future__ import annotations

from dataclasses import replace

from fake_twin import FakeTwin
from napari_twinscope.recording import RecordingPlan, Sampling, estimate


def test_an_estimate_counts_movies_passes_and_bytes(plan: RecordingPlan) -> None:
    cost = estimate(plan, FakeTwin())
    assert cost.sequences == 2 + 4 + 1
    assert cost.passes == 1
    movie = 3 * 2 * 2 * 12 * 144 * 256
    responses = (64 + 5) * 3 * 2 * 12 * 4
    assert cost.disk_bytes == movie + responses
    assert cost.seconds > 0
    assert cost.memory_bytes > 3 * 12 * 144 * 256
    assert "7 movies of 12 frames in one pass" in str(cost)


def test_a_draw_by_activity_needs_a_second_pass(plan: RecordingPlan) -> None:
    drawn = replace(plan, sampling=Sampling("corrected"))
    assert estimate(drawn, FakeTwin()).passes == 2
    assert "two passes" in str(estimate(drawn, FakeTwin()))


def test_stored_maps_and_half_precision_change_the_space_on_disk(plan: RecordingPlan) -> None:
    plain, twin = estimate(plan, FakeTwin()).disk_bytes, FakeTwin()
    half = estimate(replace(plan, dtype="float16"), twin).disk_bytes
    maps = estimate(replace(plan, store_maps=("pixels",)), twin).disk_bytes
    assert plain - half == (64 + 5) * 72 * 2
    assert maps - plain == 64 * 72 * 2
