from __future__ import annotations

import pytest
import torch

from napari_twinscope.errors import DeviceError
from napari_twinscope.recording import resolve_device
from napari_twinscope.recording.device import tf32_allowed


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
def test_the_tf32_setting_is_put_back(allowed: bool) -> None:
    before = torch.backends.cuda.matmul.allow_tf32
    with tf32_allowed(allowed):
        assert torch.backends.cuda.matmul.allow_tf32 is allowed
        assert torch.backends.cudnn.allow_tf32 is allowed
    assert torch.backends.cuda.matmul.allow_tf32 == before
