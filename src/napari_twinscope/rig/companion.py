"""A second look at the recording of a session: another stage, the same selection and manifolds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_twinscope.rig.session import PREFERRED_STAGES, Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_twinscope.rig.encoding import Look
    from napari_twinscope.rig.measures import Measure


class Companion:
    """Keeps a session of its own on the recording of a main one.

    Selection and groups are the very same objects, and what becomes known of a stage is known in both;
    stage, colouring, axes, size and opacity are its own.

    Parameters
    ----------
    main
        The session that is followed.

    Attributes
    ----------
    session
        The second session.
    """

    def __init__(self, main: Session) -> None:
        self._main = main
        self.session = Session(selection=main.selection, recordings=main.recordings)
        self._links = (
            (main.events.stage, self._follow),
            (main.events.looks, self._take_looks),
            (self.session.events.looks, self._give_looks),
        )
        for signal, slot in self._links:
            signal.connect(slot)
        self._follow()

    def release(self) -> None:
        """Follow no longer."""
        for signal, slot in self._links:
            signal.disconnect(slot)

    def look(self, stage: str, look: Look, recorded: Mapping[str, Measure]) -> None:
        """Look at a stage, with what was measured of its responses."""
        self.session.show_look(stage, look)
        self.session.add_measures(stage, recorded)

    def _follow(self) -> None:
        """Look at the recording of the main session, at another stage of it if there is one."""
        main, session = self._main, self.session
        if main.recording is session.recording or not main.stage or main.recording is None:
            return
        names = [name for name in main.recording.stages if name != main.stage]
        preferred = [name for name in PREFERRED_STAGES if name in names]
        session.share(main.recording, (preferred or names or [main.stage])[0], main.looks)

    def _take_looks(self) -> None:
        if not self._main.stage:
            return  # it is about to open another recording
        if self._main.recording is self.session.recording and self.session.looks != self._main.looks:
            self.session.looks = dict(self._main.looks)
            self.session.events.measure.emit(self.session.measure, self.session.measure)

    def _give_looks(self) -> None:
        if self._main.recording is self.session.recording and self.session.looks != self._main.looks:
            self._main.looks = dict(self.session.looks)
            self._main.events.measure.emit(self._main.measure, self._main.measure)
