"""Further looks at the recording of a session: other stages, the same selection and manifolds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakSet

from napari_twinscope.rig.encoding import Look
from napari_twinscope.rig.opened import PREFERRED_STAGES
from napari_twinscope.rig.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableSet

    from napari_twinscope.rig.measures import Measure


class Companion:
    """Keeps a session of its own on the recording of a main one.

    Selection and groups are the very same objects, what becomes known of a stage is known in both, and
    stimulus and frame are the same; stage, colouring, axes, size and opacity are its own, and so is the
    manifold of a stage once it was chosen with `choose`.

    Parameters
    ----------
    main
        The session that is followed.
    others
        Those of the same session. It is one of them until it is released.

    Attributes
    ----------
    session
        The session of its own.
    """

    def __init__(self, main: Session, others: MutableSet[Companion] | None = None) -> None:
        self._main = main
        self._others = WeakSet() if others is None else others
        self._own: set[str] = set()
        self.session = Session(selection=main.selection, recordings=main.recordings)
        self._links = (
            (main.events.stage, self._follow),
            (main.events.condition, self._follow_time),
            (main.events.frame, self._follow_time),
            (main.events.looks, self._take_looks),
            (self.session.events.looks, self._give_looks),
        )
        for signal, slot in self._links:
            signal.connect(slot)
        self._follow()
        self._others.add(self)

    def release(self) -> None:
        """Follow no longer."""
        for signal, slot in self._links:
            signal.disconnect(slot)
        self._others.discard(self)

    def look(self, stage: str, look: Look, recorded: Mapping[str, Measure]) -> None:
        """Look at a stage, with what was measured of its responses."""
        self.session.show_look(stage, look)
        self.session.add_measures(stage, recorded)

    def choose(self, stage: str, look: Look, recorded: Mapping[str, Measure]) -> None:
        """Look at a stage in a way of its own, until it is the way in which the main session does."""
        self._own.add(stage)
        self.look(stage, look, recorded)
        self._take_looks()

    @property
    def has_own_look(self) -> bool:
        """Whether the stage shows another manifold than in the main session, by choice."""
        return self.session.stage in self._own

    def _follow(self) -> None:
        """Look at the recording of the main session, at a stage that nobody else shows if there is one."""
        main, session = self._main, self.session
        if main.recording is session.recording or not main.stage or main.recording is None:
            return
        beside = [other.session for other in self._others if other is not self]
        shown = {each.stage for each in beside if each.recording is main.recording}
        other = [name for name in main.recording.stages if name != main.stage]
        names = [name for name in other if name not in shown] or other or [main.stage]
        preferred = [name for name in PREFERRED_STAGES if name in names]
        self._own.clear()
        session.share(main.recording, (preferred or names)[0], main.looks)
        self._follow_time()

    def _follow_time(self) -> None:
        self.session.condition, self.session.frame = self._main.condition, self._main.frame

    def _take_looks(self) -> None:
        main, session = self._main, self.session
        if not main.stage or main.recording is not session.recording:
            return  # another recording is about to be opened
        looks = dict(main.looks)
        for stage in tuple(self._own):
            own, theirs = session.looks[stage], looks.get(stage) or Look()
            if theirs.is_ready and theirs.shown == own.shown:
                self._own.discard(stage)
            else:
                looks[stage] = _beside(own, theirs) if theirs.is_ready else own
        if session.looks != looks:
            session.looks = looks
            session.events.measure.emit(session.measure, session.measure)

    def _give_looks(self) -> None:
        main, session = self._main, self.session
        if main.recording is not session.recording:
            return
        given = {stage: look for stage, look in session.looks.items() if stage not in self._own}
        looks = {stage: look for stage, look in main.looks.items() if stage in self._own} | given
        if looks != main.looks:
            main.looks = looks
            main.events.measure.emit(main.measure, main.measure)


def _beside(own: Look, theirs: Look) -> Look:
    """Return a look of its own with what else became known of the stage."""
    known = replace(
        own,
        stored=theirs.stored,
        unstored=theirs.unstored,
        recorded=theirs.recorded or own.recorded,
        own=theirs.own or own.own,
    )
    shared = ("stored", "unstored", "recorded", "own")
    same = all(getattr(own, name) is getattr(known, name) for name in shared)
    return own if same else known
