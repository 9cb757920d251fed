"""The state that all views share: open recordings and what of them is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from psygnal import SignalGroupDescriptor

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import measure_colors
from napari_twinscope.rig.layers import stimulus_labels
from napari_twinscope.rig.maps import MapChoice, MapStyle, map_style
from napari_twinscope.rig.measures import measure
from napari_twinscope.rig.selection import Selection, UnitKey
from napari_twinscope.twins import stages_on_offer

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.colors import RGBA, Legend

PREFERRED_STAGES = ("recurrent_out", "readout", "output", "recurrent")


@dataclass(frozen=True)
class Opened:
    """A recording with what is looked at first: the responses and units of one stage."""

    recording: Recording
    stage: str
    responses: xr.DataArray
    units: pd.DataFrame


@dataclass
class Session:
    """One session at the rig; every assignment of a field is announced by ``events``.

    Parameters
    ----------
    recording
        The recording that is looked at, ``None`` before the first.
    stage
        The stage whose units and maps are shown.
    channel
        The feature map shown.
    show_map
        Whether the activation map lies over the movie.
    in_stimulus_coordinates
        Whether maps and units are placed where they look in the stimulus (the twin's own perspective);
        otherwise on the plain grid.
    measure
        What units are coloured by, one of `measures.MEASURE_NAMES`.
    condition
        Stimulus and direction under the slider, as positions in the protocol.
    frame
        The frame under the slider.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    recording: Recording | None = None
    stage: str = ""
    channel: int = 0
    show_map: bool = True
    in_stimulus_coordinates: bool = True
    measure: str = "mean activity"
    condition: tuple[int, int] = (0, 0)
    frame: int = 0
    selection: Selection = field(default_factory=Selection, compare=False)
    recordings: list[Any] = field(default_factory=list, compare=False)
    _read: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def read(self, recording: Recording, stage: str | None = None) -> Opened:
        """Read all that is needed to look at a recording, and change nothing.

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
        return Opened(recording, stage, recording.responses(stage).load(), recording.units(stage))

    def open(self, recording: Recording | Opened, stage: str | None = None) -> None:
        """Look at a recording, and at one of its stages; where that fails the last one stays.

        Raises
        ------
        InvalidInput, Exception
            As `read`.
        """
        opened = recording if isinstance(recording, Opened) else self.read(recording, stage)
        recording = opened.recording
        self.selection.forget()
        self.stage = ""
        self._read = {
            ("responses", opened.stage): opened.responses,
            ("units", opened.stage): opened.units,
        }
        if not any(recording is other for other in self.recordings):
            self.recordings.append(recording)
        self.condition, self.frame = (0, 0), 0
        self.recording = recording
        self.show_stage(opened.stage)

    def show_stage(self, stage: str) -> None:
        """Look at another stage of the recording, at its first recorded feature map."""
        recording = self.require_recording()
        if stage == self.stage:
            return
        if stage not in self.selection.stages:
            self.selection.register(stage, recording.units(stage)["unit_id"].to_numpy().astype(str))
        self.channel = self._first_channel(stage)
        self.stage = stage

    def responses(self) -> xr.DataArray:
        """Return the responses of the stage that is looked at, read from disk once."""
        key = ("responses", self.stage)
        if key not in self._read:
            self._read[key] = self.require_recording().responses(self.stage).load()
        responses: xr.DataArray = self._read[key]
        return responses

    def units(self) -> pd.DataFrame:
        """Return the unit table of the stage that is looked at, read from disk once."""
        key = ("units", self.stage)
        if key not in self._read:
            self._read[key] = self.require_recording().units(self.stage)
        units: pd.DataFrame = self._read[key]
        return units

    def colors(self) -> tuple[RGBA, Legend]:
        """Return the colour of each unit of the stage, before any highlighting, and their legend."""
        key = ("colors", self.stage, self.measure)
        if key not in self._read:
            labels = stimulus_labels(self.require_recording().protocol)
            self._read[key] = measure_colors(measure(self.measure, self.responses(), self.units(), labels))
        colors: tuple[RGBA, Legend] = self._read[key]
        return colors

    def require_recording(self) -> Recording:
        """Return the recording that is looked at.

        Raises
        ------
        InvalidInput
            If there is none yet.
        """
        if self.recording is None:
            raise InvalidInput(
                "There is no recording to look at yet.",
                remedy="record the twin, or open a recording or the sample",
            )
        return self.recording

    def picked_unit(self) -> UnitKey | None:
        """Return the unit picked last, if it belongs to the stage that is looked at."""
        key = self.selection.last_picked
        return key if key is not None and key.stage == self.stage else None

    def follow_picked_unit(self) -> None:
        """Show the feature map to which the unit picked last belongs."""
        key = self.picked_unit()
        if key is None or self.stage_kind(key.stage) == "units":
            return
        index = self.selection.index(key)
        if index is not None:
            self.channel = int(self.require_recording().units(key.stage)["channel"].iloc[index])

    def map_choice(self) -> MapChoice | None:
        """Return the feature map to show; ``None`` where the stage has no spatial map."""
        if self.recording is None or not self.stage or self.stage_kind(self.stage) == "units":
            return None
        return MapChoice(self.stage, channel=self.channel)

    def readout_choice(self) -> MapChoice | None:
        """Return the readout map of the unit picked last, if that unit is read out from the core."""
        key = self.picked_unit()
        if self.recording is None or key is None or not self._reads_core(key.stage):
            return None
        index = self.selection.index(key)
        if index is None:
            return None
        row = int(self.recording.units(key.stage)["row"].iloc[index])
        return MapChoice("recurrent_out", unit=row)

    def map_style(self, choice: MapChoice) -> MapStyle | None:
        """Return how a map is shown, by what was recorded; ``None`` if that does not tell.

        The limits of an activation map are the largest absolute value recorded in its stage, over all
        units, conditions and frames. Those of a readout map are the largest absolute logarithm of the
        picked unit's recorded responses, where the response is what was recorded of it.
        """
        if choice.unit is None:
            key = ("style", choice.stage)
            if key not in self._read:
                rule = f"largest absolute value recorded in {choice.stage}"
                self._read[key] = map_style(self.responses(), rule)
            style: MapStyle = self._read[key]
            return style
        picked = self.picked_unit()
        index = None if picked is None or picked.stage != "output" else self.selection.index(picked)
        if index is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithms = np.log(self.responses().isel(unit=index).values)
        return map_style(logarithms, "largest absolute logarithm of the unit's recorded responses", True)

    def stage_kind(self, stage: str) -> str:
        """Return ``map`` for stages with spatial maps and ``units`` for read-out units."""
        return str(self.require_recording().stage_info(stage)["kind"])

    def _reads_core(self, stage: str) -> bool:
        """Return whether units of a stage are read out from a core feature map of their twin."""
        recording = self.require_recording()
        names = {known.name for known in stages_on_offer(recording.plan.twin)}
        return self.stage_kind(stage) == "units" and "recurrent_out" in names

    def _first_channel(self, stage: str) -> int:
        units = self.require_recording().units(stage)
        return int(units["channel"].min()) if len(units) else 0
