"""A recording that was read as far as is needed to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.read_once import read_once

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from napari_twinscope.recording import Recording

PREFERRED_STAGES = ("recurrent_out", "readout", "output", "recurrent")


@dataclass(frozen=True)
class Opened:
    """A recording with what is looked at first: the responses and units of one stage."""

    recording: Recording
    stage: str
    responses: xr.DataArray
    units: pd.DataFrame


def read_recording(recording: Recording, stage: str | None = None) -> Opened:
    """Read all that is needed to look at a recording, at its most telling stage where none is named.

    Raises
    ------
    InvalidInput
        If the recording holds no stage, or not the one asked for.
    Exception
        Whatever reading a damaged recording raises.
    """
    names = tuple(recording.stages)
    if not names:
        raise InvalidInput("The recording holds no stage.", given=recording.path)
    if stage is None:
        stage = next((name for name in PREFERRED_STAGES if name in names), names[0])
    if stage not in names:
        raise InvalidInput("The recording has no such stage.", given=stage, needed=", ".join(names))
    responses = read_once(recording, "responses", stage, lambda: recording.responses(stage).load())
    units = read_once(recording, "units", stage, lambda: recording.units(stage))
    return Opened(recording, stage, responses, units)
