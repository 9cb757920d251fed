"""The state that all views share: open recordings and what of them is looked at."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import numpy as np
from psygnal import SignalGroupDescriptor

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.colors import measure_colors
from napari_twinscope.rig.encoding import Look
from napari_twinscope.rig.encoding_cloud import FIRST_AXES, Axes, cloud_of
from napari_twinscope.rig.frame_activity import FRAME_MEASURES, activity_limits, frame_activity
from napari_twinscope.rig.group_measure import BY_GROUP, group_measure
from napari_twinscope.rig.layers import stimulus_labels
from napari_twinscope.rig.measures import MEASURE_NAMES, measure, unknown_measure, with_stimulus_labels
from napari_twinscope.rig.opened import Opened, read_recording
from napari_twinscope.rig.point_style import point_style
from napari_twinscope.rig.read_once import read_once
from napari_twinscope.rig.selection import Selection, UnitKey
from napari_twinscope.rig.unit_index import INDEX, index_measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    import xarray as xr

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.colors import RGBA, Legend
    from napari_twinscope.rig.encoding_cloud import Cloud
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.rig.point_style import PointStyle
    from napari_twinscope.rig.unit_set import Indices

T = TypeVar("T")


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
        What units are coloured by, the name of one of `colorings`; also announced when more becomes known
        of the units, or their groups change.
    size_by, opacity_by
        What the size and the opacity of units in manifolds show, names of `measures`; empty for nothing.
    looks
        What is known of each stage by now, its encoding manifold above all; changed by `show_look`.
    axes, turned
        Which coordinates of manifolds are shown, and whether turned to their principal axes; see
        `encoding_cloud.cloud_of`.
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
    size_by: str = ""
    opacity_by: str = ""
    looks: Mapping[str, Look] = field(default_factory=dict, compare=False)
    axes: Axes = FIRST_AXES
    turned: bool = False
    condition: tuple[int, int] = (0, 0)
    frame: int = 0
    selection: Selection = field(default_factory=Selection, compare=False)
    recordings: list[Any] = field(default_factory=list, compare=False)
    _read: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for signal in (self.events.condition, self.events.frame):
            signal.connect(self._follow_frame)
        self.selection.groups.changed.connect(self._follow_groups)

    def read(self, recording: Recording, stage: str | None = None) -> Opened:
        """Read all that is needed to look at a recording, and change nothing; see `read_recording`."""
        return read_recording(recording, stage)

    def open(
        self,
        recording: Recording | Opened,
        stage: str | None = None,
        looks: Mapping[str, Look] | None = None,
    ) -> None:
        """Look at a recording, and at one of its stages; where that fails the last one stays.

        Parameters
        ----------
        recording, stage
            As `read`, or what that returned.
        looks
            How stages of it are looked at, if that is known.

        Raises
        ------
        InvalidInput, Exception
            As `read`.
        """
        opened = recording if isinstance(recording, Opened) else self.read(recording, stage)
        recording = opened.recording
        self.stage = ""  # first: nothing of the last recording is asked of this one
        self.selection.forget()
        self.selection.source = Path(recording.path).name
        self._read = {
            ("responses", opened.stage): opened.responses,
            ("units", opened.stage): opened.units,
        }
        self.recordings[:] = [other for other in self.recordings if other.path != recording.path]
        self.recordings.append(recording)
        self.condition, self.frame = (0, 0), 0
        self.looks = {} if looks is None else dict(looks)
        self.recording = recording
        self.show_stage(opened.stage)

    def share(self, recording: Recording, stage: str, looks: Mapping[str, Look]) -> None:
        """Look at a stage of a recording that another session opened; the shared selection stays."""
        self.stage = ""
        self._read = {}
        self.looks = dict(looks)
        self.recording = recording
        self.show_stage(stage)

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
            recording, stage = self.require_recording(), self.stage
            self._read[key] = read_once(recording, *key, lambda: recording.responses(stage).load())
        responses: xr.DataArray = self._read[key]
        return responses

    def units(self) -> pd.DataFrame:
        """Return the unit table of the stage that is looked at, read from disk once."""
        key = ("units", self.stage)
        if key not in self._read:
            recording, stage = self.require_recording(), self.stage
            self._read[key] = read_once(recording, *key, lambda: recording.units(stage))
        units: pd.DataFrame = self._read[key]
        return units

    def units_of_maps(self) -> Mapping[int, Indices]:
        """Return the positions, within the stage that is looked at, of the units on each recorded map."""

        def by_channel() -> dict[int, Indices]:
            channel = units["channel"].to_numpy()
            numbers, counts = np.unique(channel, return_counts=True)
            parts = np.split(np.argsort(channel, kind="stable"), np.cumsum(counts)[:-1])
            return {int(number): part for number, part in zip(numbers, parts, strict=True)}

        units = self.units()
        return self.kept(("units of maps", self.stage), (units,), by_channel)

    @property
    def look(self) -> Look:
        """What is known of the stage that is looked at."""
        return self.looks.get(self.stage) or Look()

    def show_look(self, stage: str, look: Look) -> None:
        """Look at a stage in another way: at a manifold, or at the principal components."""
        self.looks = {**self.looks, stage: look.after(self.looks.get(stage) or Look())}
        self._announce_measures(stage)

    def add_measures(self, stage: str, recorded: Mapping[str, Measure]) -> None:
        """Take measures of a stage's responses, by name."""
        self.looks = {**self.looks, stage: replace(self.looks.get(stage) or Look(), recorded=recorded)}
        self._announce_measures(stage)

    def add_own_measures(self, stage: str, own: Mapping[str, Measure]) -> None:
        """Take measures of the user, by name, beside those known; see `own_measures.own_measure`."""
        look = self.looks.get(stage) or Look()
        self.looks = {**self.looks, stage: replace(look, own={**look.own, **own})}
        self._announce_measures(stage)

    def cloud(self) -> Cloud | None:
        """Return the units of the stage that is looked at as points; ``None`` while there are none."""
        look = self.look
        how = (look.manifold, look.components, bool(look.choices), self.axes, self.turned)
        return self.kept(("cloud", self.stage), how, lambda: cloud_of(look, self.axes, self.turned))

    def measures(self) -> Mapping[str, Measure]:
        """Return what was measured of the units of the stage that is looked at, by name."""

        def seen_at_once() -> dict[str, Measure]:
            labels = stimulus_labels(self.require_recording().protocol)
            return {name: measure(name, self.responses(), self.units(), labels) for name in MEASURE_NAMES}

        def on_the_manifold() -> dict[str, Measure]:
            protocol = self.require_recording().protocol
            called = stimulus_labels(protocol)
            return {
                name: with_stimulus_labels(found, protocol, called)
                for name, found in self.look.placed.items()
            }

        quick = self.kept(("measures", self.stage), (), seen_at_once)
        placed = self.kept(("placed", self.stage), (self.look.placed,), on_the_manifold)
        return {**quick, **self.look.recorded, **placed, **self.look.own}

    def frame_measures(self) -> Mapping[str, Measure]:
        """Return what changes with the frame on the screen and units can be coloured by, by name."""
        limits = self.kept(("limits", self.stage), (), lambda: activity_limits(self.responses()))

        def at_this_frame() -> dict[str, Measure]:
            shown = (self.responses(), self.condition, self.frame, limits)
            return {name: frame_activity(name, *shown) for name in FRAME_MEASURES}

        return self.kept(("frame", self.stage), (self.condition, self.frame), at_this_frame)

    def group_measure(self) -> Measure:
        """Return the named groups of the stage that is looked at as something to colour units by."""
        groups, ids = self.selection.groups, self.selection.known(self.stage)
        how = (groups.state(), ids)
        return self.kept(("groups", self.stage), how, lambda: group_measure(groups, self.stage, ids))

    def colorings(self) -> Mapping[str, Measure]:
        """Return all that units of the stage that is looked at can be coloured by, by name."""
        own = {INDEX: self._index(), BY_GROUP: self.group_measure()}
        return {**self.measures(), **own, **self.frame_measures()}

    def measured(self) -> Measure:
        """Return what units are coloured by; of no unit anything where the stage has no such measure."""
        if self.measure in FRAME_MEASURES:
            return self.frame_measures()[self.measure]
        if self.measure == BY_GROUP:
            return self.group_measure()
        if self.measure == INDEX:
            return self._index()
        return cast("Measure", self._named(self.measure))

    def categories(self) -> Measure | None:
        """Return the clusters of the manifold shown, or else what units are coloured by if it has names."""
        for found in (self.look.placed.get("cluster"), self.measured() if self.stage else None):
            if found is not None and found.labels:
                return found
        return None

    def colors(self) -> tuple[RGBA, Legend]:
        """Return the colour of each unit of the stage, before any highlighting, and their legend."""
        found = self.measured()
        return self.kept(("colors", self.stage), (found,), lambda: measure_colors(found))

    def point_style(self) -> PointStyle:
        """Return how large and opaque the units of the stage are drawn in a manifold."""
        count = len(self.units())
        chosen = [self._named(name) for name in (self.size_by, self.opacity_by)]
        how = (count, *chosen)
        return self.kept(("point style", self.stage), how, lambda: point_style(count, *chosen))

    def _index(self) -> Measure:
        units = self.units()
        return self.kept(("index", self.stage), (units,), lambda: index_measure(len(units)))

    def _named(self, name: str) -> Measure | None:
        """Return a measure by its name, which may be empty; of no unit anything where there is none."""
        if not name:
            return None
        found = self.measures().get(name)
        return found or self.kept(
            ("unknown", self.stage, name), (name,), lambda: unknown_measure(name, len(self.units()))
        )

    def kept(self, key: tuple[str, ...], made_from: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what was made last under a key if it was made from the same, else make it.

        Parameters
        ----------
        key
            What it is, and of which stage. Forgotten with the recording.
        made_from
            Compared by identity.
        make
            Makes it.
        """
        last, made = self._read.get(key, (None, None))
        if last is None or len(last) != len(made_from) or any(map(operator.is_not, last, made_from)):
            made = make()
            self._read[key] = (made_from, made)
        return cast(T, made)

    def _follow_frame(self) -> None:
        if self.measure in FRAME_MEASURES and self.recording is not None and self.stage:
            self._announce_measures(self.stage)

    def _follow_groups(self) -> None:
        if self.measure == BY_GROUP and self.recording is not None and self.stage:
            self._announce_measures(self.stage)

    def _announce_measures(self, stage: str) -> None:
        if stage == self.stage:
            self.events.measure.emit(self.measure, self.measure)

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
        """Show the feature map of the unit picked last.

        A map with selected units stays where nobody pointed at that unit, as in the middle of a box: then
        the selections that are made one after another can be compared on it.
        """
        key = self.picked_unit()
        if key is None or self.stage_kind(key.stage) == "units":
            return
        index, here = self.selection.index(key), self.units_of_maps().get(self.channel)
        stays = here is not None and self.selection.mask(self.stage)[here].any()
        if index is not None and (key == self.selection.pointed or not stays):
            self.channel = int(self.units()["channel"].iloc[index])

    def stage_kind(self, stage: str) -> str:
        """Return ``map`` for stages with spatial maps and ``units`` for read-out units."""
        recording = self.require_recording()
        return self.kept(("kind", stage), (recording,), lambda: str(recording.stage_info(stage)["kind"]))

    def _first_channel(self, stage: str) -> int:
        units = self.require_recording().units(stage)
        return int(units["channel"].min()) if len(units) else 0
