"""A task is self-contained: plan, row and path are all that a worker in another process needs."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from napari_twinscope.recording import (
    RecordingPlan,
    Sampling,
    advance,
    open_recording,
    prepare,
    record,
    run_task,
)
from napari_twinscope.twins import load_twin


def test_tasks_run_in_other_processes_in_any_order(plan: RecordingPlan, tmp_path: Path) -> None:
    plan = replace(plan, twin="demo", stages=("output",), sampling=Sampling("uniform"))
    apart, inline = tmp_path / "apart.twinscope.zarr", tmp_path / "inline.twinscope.zarr"
    twin = load_twin("demo")
    store = prepare(plan, apart, twin)
    rows = [task.row for task in plan.tasks()]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(run_task, plan, row, apart) for row in reversed(rows)]
        assert [future.result() for future in futures] == rows[::-1]
    assert advance(store, plan, twin) == "complete"
    record(plan, inline)
    responses = [open_recording(path).responses("output").to_numpy() for path in (apart, inline)]
    np.testing.assert_allclose(responses[0], responses[1], atol=2e-6)
