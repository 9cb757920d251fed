"""The first steps of a newcomer: three actions, each ticked off once it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from napari_twinscope.rig.ranges import extreme
from napari_twinscope.views.fold import Fold
from napari_twinscope.views.links import Links
from napari_twinscope.views.settings import change_setting

if TYPE_CHECKING:
    from napari_twinscope.rig import Session

STEPS = (
    ("Get responses", "Record the demonstration twin, which takes seconds, or open a finished recording."),
    ("Open the docks", "Movie and maps on the canvas, units in the Manifold dock, responses below."),
    ("Select units", "Begin with the most active ones, or drag a box in the manifold (B): all views follow."),
)
MOST_ACTIVE = 10  # percent of the units
DONE, TO_DO = "✓", ("1", "2", "3")


class Welcome(QWidget):
    """Three steps with buttons; folds itself away once all are done, and can be unfolded again.

    Parameters
    ----------
    session
        What has been done is read off it.

    Attributes
    ----------
    record_wanted, sample_wanted, docks_wanted
        Emitted when the user presses the button of a step.
    """

    record_wanted = Signal()
    sample_wanted = Signal()
    docks_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._docks_open = self._all_done = False
        self.record_button = _button(
            "Record the demo twin", "Six stimuli, eight directions, a few hundred units"
        )
        self.sample_button = _button(
            "Open the sample", "A small finished recording that comes with the package"
        )
        self.docks_button = _button("Open the docks", "Open the Manifold and Responses docks")
        self.select_button = _button(
            "Select the most active tenth",
            f"The {MOST_ACTIVE} % of units with the largest mean response",
        )
        self.ticks = [QLabel() for _ in STEPS]
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(4, 0, 0, 4)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        buttons = ((self.record_button, self.sample_button), (self.docks_button,), (self.select_button,))
        for step, ((title, text), beside) in enumerate(zip(STEPS, buttons, strict=True)):
            said, line = QLabel(f"<b>{title}.</b> {text}"), QHBoxLayout()
            said.setWordWrap(True)
            for button in beside:
                line.addWidget(button)
            line.addStretch(1)
            grid.addWidget(self.ticks[step], 2 * step, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, 2 * step, 1)
            grid.addLayout(line, 2 * step + 1, 1)
        self.fold = Fold("First steps", content, "first_steps")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.fold)
        self.record_button.clicked.connect(self.record_wanted)
        self.sample_button.clicked.connect(self.sample_wanted)
        self.docks_button.clicked.connect(self.docks_wanted)
        self.select_button.clicked.connect(self.select)
        self.links = Links()
        self.links.connect(session.events.stage, self._show)
        self.links.connect(session.selection.changed, self._show)
        self._show()

    @property
    def done(self) -> tuple[bool, bool, bool]:
        """Which of the steps have been done."""
        recorded = self.session.recording is not None and bool(self.session.stage)
        return recorded, self._docks_open, recorded and self.session.selection.count(self.session.stage) > 0

    def know_docks(self, are_open: bool) -> None:
        """Take note whether the docks that show a recording are open."""
        self._docks_open = are_open
        self._show()

    def select(self) -> None:
        """Select the most active units of the stage that is looked at."""
        values = self.session.measures()["mean activity"].values
        units = extreme(values, MOST_ACTIVE, top=True)
        self.session.selection.apply(
            self.session.stage,
            units,
            picked=int(units[np.argmax(values[units])]) if len(units) else None,
            tool="top",
            parameters=(("measure", "mean activity"), ("percent", float(MOST_ACTIVE))),
        )

    def _show(self) -> None:
        done = self.done
        for label, ticked, number in zip(self.ticks, done, TO_DO, strict=True):
            label.setText(f"<b>{DONE if ticked else number}</b>")
            label.setAccessibleName("done" if ticked else f"step {number}")
        self.docks_button.setEnabled(not done[1])
        self.select_button.setEnabled(done[0])
        if all(done) and not self._all_done:
            self.fold.set_open(False)
            change_setting("sections", "first_steps", False)
        self._all_done = all(done)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
