from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from napari_twinscope.errors import DeviceError
from napari_twinscope.recording import RecordingPlan, record, resolve_device
from napari_twinscope.twins.perspective import Perspective


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_picks_cuda_then_mps_then_cpu(
    cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto") == chosen


def test_a_missing_gpu_is_an_error_that_names_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="one of cpu"):
        resolve_device("cuda")


@pytest.mark.parametrize("allowed", [True, False])
def test_tf32_is_allowed_during_a_recording_only_and_only_on_request(
    allowed: bool, plan: RecordingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()

    def look(*_: object, **__: object) -> None:
        seen.add((torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32))
        raise KeyboardInterrupt

    monkeypatch.setattr(Perspective, "forward", look)
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    plan = replace(plan, twin="demo", stages=("output",), allow_tf32=allowed)
    with pytest.raises(KeyboardInterrupt):
        record(plan, tmp_path / "x.twinscope.zarr")
    assert seen == {(allowed, allowed)}
    assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == before
