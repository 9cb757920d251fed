"""A slim bar that plays, pauses and steps stimulus, maps and the cursor of responses together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, QTimer
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from napari_twinscope.rig.playback import SPEEDS
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links
from napari_twinscope.views.steady_line import SteadyLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_twinscope.rig import Session
    from napari_twinscope.rig.playback import Playback

FASTEST, SLOWEST = 15, 200  # milliseconds between two looks at the clock


class TimeBar(QWidget):
    """Drives a `Playback`; the slider of napari and every view follow the session.

    Parameters
    ----------
    playback, session
        What is played.
    hosts
        Widgets in which Space plays and pauses, and the arrow keys step. In the bar itself arrow keys step
        too, and Space presses the button that the keyboard is on.
    """

    def __init__(self, playback: Playback, session: Session, hosts: tuple[QWidget, ...] = ()) -> None:
        super().__init__()
        self.playback, self.session = playback, session
        self.start_button = _button("|◀", "Go to the first frame (Home)", playback.rewind)
        self.back_button = _button("◀", "One frame back (Left)", lambda: playback.step(-1))
        self.play_button = _button("▶", "Play (Space)", playback.toggle)
        self.on_button = _button("▶|", "One frame on (Right)", lambda: playback.step(1))
        self.loop_button = QPushButton("Loop")
        self.loop_button.setToolTip("Begin anew after the last frame")
        self.loop_button.setCheckable(True)
        self.loop_button.clicked.connect(playback.set_loop)
        self.speed = Combo()
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("Speed as a multiple of real time; what cannot be drawn in time is left out")
        for value in SPEEDS:
            self.speed.addItem(f"{value:g} ×", value)
        self.speed.activated.connect(lambda _: playback.set_speed(self.speed.currentData()))
        self.where = SteadyLine()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        buttons = (self.start_button, self.back_button, self.play_button, self.on_button, self.loop_button)
        for widget in (*buttons, self.speed):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self.where, 1)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: playback.tick(time.monotonic()))
        _keys(self, playback, space=False)
        for host in hosts:
            _keys(host, playback)
        self.links = Links()
        for signal in (session.events.frame, session.events.stage):
            self.links.connect(signal, self._show_frame)
        self.links.connect(playback.changed, self._show_state)
        self.destroyed.connect(self.links.release)
        self._show_state()
        self._show_frame()

    def _show_state(self) -> None:
        playing = self.playback.playing
        self.play_button.setText("❚❚" if playing else "▶")
        self.play_button.setToolTip("Pause (Space)" if playing else "Play (Space)")
        self.play_button.setAccessibleName("Pause" if playing else "Play")
        self.loop_button.setChecked(self.playback.loop)
        with QSignalBlocker(self.speed):
            self.speed.setCurrentIndex(self.speed.findData(self.playback.speed))
        if playing:
            frame = 1000 / (self.playback.frame_rate * self.playback.speed)
            self._timer.start(round(min(max(frame / 2, FASTEST), SLOWEST)))
        else:
            self._timer.stop()

    def _show_frame(self) -> None:
        frames, rate = self.playback.frames, self.playback.frame_rate
        self.setEnabled(frames > 0)
        if not frames:
            self.where.clear()
            return
        frame = self.session.frame
        self.where.setText(f"{frame / rate:.2f} s · {frame + 1} of {frames}")
        self.where.setToolTip(f"Time, and frame {frame + 1} of {frames} at {rate:g} frames per second")

    def release(self) -> None:
        """Stop, and let go of the session."""
        self.playback.pause()
        self.links.release()
        self._timer.stop()


def _button(text: str, tip: str, do: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip.split(" (")[0])
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(lambda _: do())
    return button


def _keys(host: QWidget, playback: Playback, space: bool = True) -> None:
    for key, do in (
        *([("Space", playback.toggle)] if space else []),
        ("Left", lambda: playback.step(-1)),
        ("Right", lambda: playback.step(1)),
        ("Home", playback.rewind),
    ):
        shortcut = QShortcut(QKeySequence(key), host)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(do)
