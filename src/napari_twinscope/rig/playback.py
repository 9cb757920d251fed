"""Playing, pausing and stepping of all that moves in time, at multiples of real time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_twinscope.errors import InvalidInput

if TYPE_CHECKING:
    from napari_twinscope.rig.session import Session

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Multiples of real time that are offered."""


class Playback:
    """Moves a session's frame in time; whatever shows time follows the session.

    It keeps to the clock: where drawing takes longer than a frame lasts, frames are left out and the speed
    stays true. It knows no timer: `tick` is called with the time, as often as is wished.

    Parameters
    ----------
    session
        Whose frame is moved.

    Attributes
    ----------
    changed
        Emitted after playing, speed or loop changed.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._playing, self._loop, self._speed = False, True, 1.0
        self._began: tuple[float, int] | None = None
        self._set = -1

    @property
    def playing(self) -> bool:
        """Whether time runs."""
        return self._playing

    @property
    def loop(self) -> bool:
        """Whether the movie begins anew after its last frame."""
        return self._loop

    @property
    def speed(self) -> float:
        """How much faster than in reality time runs."""
        return self._speed

    @property
    def frames(self) -> int:
        """How many frames each movie has; zero without a recording."""
        recording = self._session.recording
        return 0 if recording is None else int(recording.protocol.frames)

    @property
    def frame_rate(self) -> float:
        """Frames per second as recorded; zero without a recording."""
        recording = self._session.recording
        return 0.0 if recording is None else float(recording.protocol.screen.frame_rate)

    def set_loop(self, on: bool) -> None:
        """Begin anew after the last frame, or stop there."""
        self._loop = on
        self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play at another multiple of real time, from the present frame.

        Raises
        ------
        InvalidInput
            If it is not a positive number.
        """
        if not (math.isfinite(speed) and speed > 0):
            raise InvalidInput("There is no such speed.", given=speed, needed="a positive number")
        self._speed, self._began = speed, None
        self.changed.emit()

    def play(self) -> None:
        """Let time run, from the start if the last frame is shown and there is no loop."""
        if self._playing or not self.frames:
            return
        if not self._loop and self._session.frame >= self.frames - 1:
            self._session.frame = 0
        self._playing, self._began = True, None
        self.changed.emit()

    def pause(self) -> None:
        """Stop at the present frame."""
        if self._playing:
            self._playing, self._began = False, None
            self.changed.emit()

    def toggle(self) -> None:
        """Play, or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int) -> None:
        """Pause and go some frames on or back; at the ends around in a loop, or else stop."""
        self.pause()
        if self.frames:
            self._session.frame = self._within(self._session.frame + frames)

    def rewind(self) -> None:
        """Go to the first frame; if time runs it goes on from there."""
        if self.frames:
            self._session.frame, self._began = 0, None

    def tick(self, now: float) -> None:
        """Show the frame of a moment.

        Parameters
        ----------
        now
            Seconds on any clock that goes steadily.
        """
        if not self._playing:
            return
        if not self.frames:
            self.pause()
            return
        if self._began is None or self._session.frame != self._set:  # someone else moved it
            self._began, self._set = (now, self._session.frame), self._session.frame
            return
        since, first = self._began
        # the smallest part of a frame, so that whole frames on the clock are not missed by rounding
        target = first + math.floor((now - since) * self.frame_rate * self._speed + 1e-9)
        self._set = self._within(target)
        self._session.frame = self._set
        if not self._loop and target >= self.frames - 1:
            self.pause()

    def _within(self, frame: int) -> int:
        if self._loop:
            return frame % self.frames
        return min(max(frame, 0), self.frames - 1)
