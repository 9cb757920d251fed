"""One bench for each viewer: the session its docks share, its layers and its running jobs."""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import TYPE_CHECKING

from psygnal import Signal
from qtpy.QtCore import QTimer

from napari_twinscope.rig import Job, Session
from napari_twinscope.rig.companion import Companion
from napari_twinscope.rig.map_source import MapSource
from napari_twinscope.rig.maps import MapChoice
from napari_twinscope.rig.measures import measures_of_responses
from napari_twinscope.rig.opened import Opened
from napari_twinscope.rig.playback import Playback
from napari_twinscope.rig.session_maps import shown_map, shown_readout, style_of_map
from napari_twinscope.views import canvas
from napari_twinscope.views.background import Background
from napari_twinscope.views.dialogs import show_error
from napari_twinscope.views.dock_keys import bind_canvas
from napari_twinscope.views.kept_fit import KeptFit
from napari_twinscope.views.layer_changes import LayerChanges
from napari_twinscope.views.map_layer import MapLayer
from napari_twinscope.views.preview import hide_preview, show_preview
from napari_twinscope.views.roles import find_layer, recorded_in
from napari_twinscope.views.session_file import SessionFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from qtpy.QtWidgets import QWidget

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.stimuli import StimulusProtocol
    from napari_twinscope.twins import Twin

_BENCHES: weakref.WeakKeyDictionary[object, Bench] = weakref.WeakKeyDictionary()


@lru_cache(maxsize=2)
def load_twin(spec: str) -> Twin:
    """Load a twin once; a worker calls this, since it imports torch."""
    from napari_twinscope.twins import load_twin as load

    return load(spec)


def bench_of(viewer: object) -> Bench:
    """Return the bench of a viewer, made at the first call."""
    viewer = getattr(viewer, "__wrapped__", viewer)
    if viewer not in _BENCHES:
        _BENCHES[viewer] = Bench(viewer)
    return _BENCHES[viewer]


def existing_bench(viewer: object) -> Bench | None:
    """Return the bench of a viewer if a dock has made one."""
    return _BENCHES.get(getattr(viewer, "__wrapped__", viewer))


def _detach(bench: weakref.ref[Bench], dock: weakref.ref[QWidget]) -> None:
    known = bench()
    if known is not None:
        known.detach(dock())


class Bench:
    """Keeps the main canvas in step with the session.

    Parameters
    ----------
    viewer
        The napari viewer; only a weak reference is kept.

    Attributes
    ----------
    maps_changed
        Emitted when maps arrived, or cannot be had.
    """

    maps_changed = Signal()

    def __init__(self, viewer: object) -> None:
        self._viewer = weakref.ref(viewer)
        self.session = Session()
        self.playback = Playback(self.session)
        self.source: MapSource | None = None
        self.maps = MapLayer("map")
        self.readout = MapLayer("readout")
        self.background = Background()
        self.file = SessionFile(self)
        self._companions: weakref.WeakSet[Companion] = weakref.WeakSet()
        self._docks: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._filling = False
        self._previewed: StimulusProtocol | None = None
        self._failed: dict[MapChoice, BaseException] = {}
        self._asked: weakref.WeakKeyDictionary[QWidget, str] = weakref.WeakKeyDictionary()
        self._measuring: tuple[object, str] | None = None
        events = self.session.events
        events.stage.connect(self._show_stage)
        events.frame.connect(self._move_slider)
        events.measure.connect(self._highlight)
        events.in_stimulus_coordinates.connect(self._place)
        for signal in (events.channel, events.show_map, events.condition):
            signal.connect(self._show_maps)
        for signal in (events.condition, events.frame):
            signal.connect(self._show_condition)
        self.session.selection.picked.connect(self._show_picked)
        self.session.selection.updated.connect(self._highlight)
        self.canvas_fit = KeptFit(viewer, self._fit_movie, later=True)
        self._changes = LayerChanges(viewer.layers, self._follow_slider)
        viewer.dims.events.current_step.connect(self._follow_slider)
        bind_canvas(viewer)
        self.adopt()

    @property
    def viewer(self) -> object:
        """The viewer, ``None`` once it is gone."""
        return self._viewer()

    @property
    def docks(self) -> int:
        """How many of our docks are open."""
        return len(self._docks)

    def companion(self) -> Companion:
        """Return one more look at the recording, at a stage that no other look shows."""
        return Companion(self.session, self._companions)

    def attach(self, dock: QWidget) -> None:
        """Count a dock in; when the last one goes, all jobs are stopped."""
        self._docks.add(dock)
        # closing the window destroys its docks without closing them
        this, gone = weakref.ref(self), weakref.ref(dock)
        dock.destroyed.connect(lambda: _detach(this, gone))
        if self._failed:
            self._failed.clear()
        if self.session.recording is None:
            self.adopt()

    def detach(self, dock: QWidget | None) -> None:
        """Count a dock out."""
        if dock is not None:
            self._docks.discard(dock)
            self._asked.pop(dock, None)
        if not self._docks:
            self.playback.pause()
            self.background.stop()
            self._filling = False
            self._measuring = None

    def open(
        self,
        recording: Recording | Opened,
        stage: str | None = None,
        looks: Mapping[str, Look] | None = None,
    ) -> None:
        """Show a recording: movie, units and maps; where it cannot be read the last one stays.

        Parameters
        ----------
        recording, stage, looks
            As of `Session.open`.

        Raises
        ------
        InvalidInput, Exception
            As `Session.read`.
        """
        viewer = self.viewer
        opened = recording if isinstance(recording, Opened) else self.session.read(recording, stage)
        recording = opened.recording
        self._previewed = None
        hide_preview(viewer)
        self._failed.clear()
        for layer in (self.maps, self.readout):
            layer.forget()
            layer.hide(viewer)
        canvas.show_movie(viewer, recording)  # which moves the sliders over the last recording
        self.source = MapSource(recording, load_twin)
        self.session.open(opened, looks=looks)
        self._follow_slider()
        self._show_condition()
        # docks that open beside the canvas make it smaller
        QTimer.singleShot(50, self.fit)

    def fit(self) -> None:
        """Look at the whole movie, until somebody moves the camera."""
        if self.viewer is not None:
            self.canvas_fit.apply()

    def _fit_movie(self) -> None:
        recording = self.session.recording
        protocol = self._previewed or (None if recording is None else recording.protocol)
        if protocol is not None:
            canvas.fit_movie(self.viewer, protocol.screen.height, protocol.screen.width)

    def adopt(self) -> None:
        """Take over the layers that a reader put there, if there are any."""
        movie = find_layer(self.viewer, "movie")
        path, stage = (None, None) if movie is None else recorded_in(movie)
        if path is None:
            return
        from napari_twinscope.recording import open_recording

        recording = getattr(movie.data, "recording", None)
        try:
            self.open(open_recording(path) if recording is None else recording, stage)
        except Exception as error:  # the dock opens even so
            show_error("Opening the recording", error)

    def measure_units(self) -> None:
        """Measure the responses of the stage that is looked at in the background, once for each stage."""
        session = self.session
        recording, stage = session.recording, session.stage
        asked = (recording, stage)
        if recording is None or not stage or session.look.recorded or asked == self._measuring:
            return
        responses, self._measuring = session.responses(), asked

        def done(outcome: object) -> None:
            if outcome.error is not None:
                show_error("Measuring the units", outcome.error)
            elif session.recording is recording:
                session.add_measures(stage, outcome.value)

        self.background.start(Job("Measures", lambda _: measures_of_responses(responses)), done)

    def _show_stage(self) -> None:
        if self.session.stage:
            canvas.show_units(self.viewer, self.session)
            self._show_maps()

    def _place(self) -> None:
        if self.session.stage:
            canvas.show_units(self.viewer, self.session)
            self._show_maps()

    def _highlight(self) -> None:
        if self.session.stage:
            canvas.highlight_units(self.viewer, self.session)

    def _show_picked(self) -> None:
        if self.session.recording is None or not self.session.stage:
            return
        shown = self.session.channel
        self.session.follow_picked_unit()
        if self.session.channel == shown:  # else the maps have followed it already
            self._show_maps()

    def _follow_slider(self) -> None:
        viewer, recording = self.viewer, self.session.recording
        if viewer is None or viewer.dims.ndim < 5:
            return
        if self._changes.under_way:
            self._changes.wait()
            return
        if recording is not None:
            self.session.condition, self.session.frame = self._under_slider(recording.protocol)
        if self._previewed is not None:
            self._show_condition()

    def _move_slider(self) -> None:
        viewer, recording = self.viewer, self.session.recording
        if viewer is None or recording is None or not self.session.stage or viewer.dims.ndim < 5:
            return
        looked_at = (self.session.condition, self.session.frame)
        if self._under_slider(recording.protocol) != looked_at:
            self.show_frame(*looked_at)

    def _under_slider(self, protocol: StimulusProtocol) -> tuple[tuple[int, int], int]:
        # the place and not the step, which counts from wherever the layers of the user begin
        places = (max(round(float(place)), 0) for place in self.viewer.dims.point[-5:-2])
        stimulus, direction, frame = places
        stimulus = min(stimulus, len(protocol.stimuli) - 1)
        direction = min(direction, len(protocol.directions) - 1)
        return (stimulus, direction), min(frame, protocol.frames - 1)

    def preview(self, protocol: StimulusProtocol, movie: np.ndarray) -> None:
        """Show stimuli that are not recorded yet."""
        self._previewed = protocol
        show_preview(self.viewer, protocol, movie)
        self.fit()
        self._show_condition()

    def show_frame(self, condition: tuple[int, int], frame: int) -> None:
        """Move the sliders of the main canvas."""
        viewer = self.viewer
        axes = range(viewer.dims.ndim - 5, viewer.dims.ndim - 2)
        viewer.dims.set_point(tuple(axes), (*condition, frame))

    def _show_condition(self) -> None:
        viewer, recording = self.viewer, self.session.recording
        if viewer is None:
            return
        if self._previewed is not None:
            canvas.show_condition(viewer, self._previewed, *self._under_slider(self._previewed), "(preview)")
        elif recording is not None:
            remark = "computing the map …" if self._filling else ""
            if recording.status:
                remark = f"({recording.status} twin)   {remark}".rstrip()
            condition, frame = self.session.condition, self.session.frame
            canvas.show_condition(viewer, recording.protocol, condition, frame, remark)

    def _wanted(self) -> list[tuple[MapLayer, MapChoice | None]]:
        shown = self.session.show_map
        return [
            (self.maps, shown_map(self.session) if shown else None),
            (self.readout, shown_readout(self.session) if shown else None),
        ]

    def _show_maps(self) -> None:
        viewer, source = self.viewer, self.source
        if viewer is None or source is None or self.session.recording is None:
            return
        warped, condition = self.session.in_stimulus_coordinates, self.session.condition
        for layer, choice in self._wanted():
            if choice is None or choice in self._failed:
                layer.hide(viewer)
                continue
            layer.show(viewer, source, choice, condition, warped, style_of_map(self.session, choice))
        self._fill_lacking()

    def ask_for_maps(self, dock: QWidget, stage: str | None) -> None:
        """Have the maps of a stage ready for a dock, at whatever is looked at; ``None`` for no longer."""
        if stage is None:
            self._asked.pop(dock, None)
        elif self._asked.get(dock) != stage:
            self._asked[dock] = stage
            self._fill_lacking()

    def why_no_maps(self, stage: str) -> BaseException | None:
        """Return what kept the maps of a stage from being computed, ``None`` if nothing did."""
        return next((error for choice, error in self._failed.items() if choice.stage == stage), None)

    def _fill_lacking(self) -> None:
        source, session = self.source, self.session
        if source is None or session.recording is None or self._filling or not self._docks:
            return
        wanted = [(choice, session.in_stimulus_coordinates) for _, choice in self._wanted()]
        asked = {stage for stage in self._asked.values() if stage == session.stage}
        wanted += [(MapChoice(stage, channel=0), False) for stage in asked]
        for choice, warped in wanted:
            known = choice is None or choice in self._failed
            if not known and source.lacks(choice, session.condition, warped):
                self._fill(source, choice, warped)
                return

    def _fill(self, source: MapSource, choice: MapChoice, warped: bool) -> None:
        """Compute what is lacking; one job at a time, and always for what is looked at then."""
        condition = self.session.condition
        self._filling = True
        self._show_condition()
        job = Job("Activation map", lambda _: source.compute(choice, condition, warped))

        def done(outcome: object) -> None:
            self._filling = False
            if source is not self.source:  # of the last recording
                self._show_maps()
                return
            if outcome.error is not None and warped and source.is_stored(choice):
                # the maps are there, only their way into the stimulus is not
                why = getattr(outcome.error, "problem", outcome.error)
                self.viewer.status = f"Shown on the plain grid. {why}"
                self.session.in_stimulus_coordinates = False
            elif outcome.error is not None:
                if not self._failed:  # the others will fail alike
                    show_error("Showing the activation map", outcome.error)
                self._failed[choice] = outcome.error
            else:
                source.keep(outcome.value)
            self._show_condition()
            self._show_maps()
            self.maps_changed.emit()

        self.background.start(job, done)
