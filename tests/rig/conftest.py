"""A small made-up recording in memory, for the parts of the rig that need no twin."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr


class RecordingInMemory:
    """Two stages: maps of 2 channels on a 3 x 4 grid, and 5 read-out units."""

    status = ""

    def __init__(self, name="made-up"):
        self.path = self.name = name
        self.stages = ("recurrent_out", "output")
        self.plan = SimpleNamespace(twin="demo")
        self.protocol = SimpleNamespace(
            shape=(2, 4, 1),
            frames=6,
            directions=(0.0, 90.0, 180.0, 270.0),
            stimuli=(
                SimpleNamespace(name="grating", label="Grating", directional=True),
                SimpleNamespace(name="flash", label="Flash", directional=False),
            ),
            screen=SimpleNamespace(frame_rate=30.0, height=36, width=64),
        )

    def units(self, stage):
        if stage == "output":
            channel, row, column = np.zeros(5, int), np.arange(5), np.zeros(5, int)
        else:
            channel, row, column = (a.ravel() for a in np.indices((2, 3, 4)))
        ids = [f"{stage}:{c}:{r}:{k}" for c, r, k in zip(channel, row, column, strict=True)]
        return pd.DataFrame(
            {
                "unit_id": ids,
                "channel": channel,
                "row": row,
                "column": column,
                "y": row * 10.0,
                "x": column * 5.0,
            }
        )

    def responses(self, stage):
        units = len(self.units(stage))
        values = np.random.default_rng(0).normal(size=(units, 2, 4, 6)).astype(np.float32)
        return xr.DataArray(
            values,
            dims=("unit", "stimulus", "direction", "time"),
            coords={"stimulus": ["grating", "flash"], "direction": [0.0, 90.0, 180.0, 270.0]},
        )

    def stage_info(self, stage):
        return {
            "kind": "units" if stage == "output" else "map",
            "label": stage,
            "paper_name": "paper",
            "channels": 2,
            "rows": 3,
            "columns": 4,
        }


@pytest.fixture
def recording():
    return RecordingInMemory()


@pytest.fixture
def other_recording():
    return RecordingInMemory("another")
