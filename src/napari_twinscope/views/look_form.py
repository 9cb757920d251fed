"""The part of the Rig dock that says what of a recording is on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QCheckBox, QFormLayout, QLabel, QSpinBox, QWidget

from napari_twinscope.rig.session_maps import shown_readout
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links
from napari_twinscope.views.stage_choice import StageChoice

if TYPE_CHECKING:
    from napari_twinscope.rig import Session


class LookForm(QWidget):
    """Stage, feature map and coordinates of what lies over the movie."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.stage = StageChoice(session)
        self.channel = QSpinBox()
        self.channel.setToolTip("Feature map of the stage; picking a unit shows the map it belongs to")
        self.show_map = QCheckBox("over the movie")
        self.place = Combo()
        self.place.addItem("stimulus coordinates", True)
        self.place.addItem("plain grid", False)
        self.place.setToolTip(
            "Where maps and units lie: at the place in the stimulus that they see, through the twin's own\n"
            "perspective geometry, or on the network's grid stretched over the movie"
        )
        self.note = QLabel()
        self.note.setWordWrap(True)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Stage", self.stage)
        form.addRow("Feature map", self.channel)
        form.addRow("Activation map", self.show_map)
        form.addRow("Placed in", self.place)
        form.addRow(self.note)
        self.links = Links()
        events = session.events
        for signal in (events.stage, events.channel, events.show_map, events.in_stimulus_coordinates):
            self.links.connect(signal, self._show)
        self.links.connect(session.selection.picked, self._show_note)
        self.channel.valueChanged.connect(lambda value: setattr(session, "channel", value))
        self.show_map.toggled.connect(lambda on: setattr(session, "show_map", on))
        self.place.activated.connect(self._choose_place)
        self._show()

    def release(self) -> None:
        """Let go of the session."""
        self.links.release()
        self.stage.links.release()

    def _choose_place(self) -> None:
        self.session.in_stimulus_coordinates = self.place.currentData()

    def _show(self) -> None:
        recording, stage = self.session.recording, self.session.stage
        self.setEnabled(recording is not None)
        if recording is None or not stage:
            self._show_note()
            return
        info, units = recording.stage_info(stage), self.session.stage_kind(stage) == "units"
        with QSignalBlocker(self.channel), QSignalBlocker(self.show_map), QSignalBlocker(self.place):
            self.channel.setRange(0, int(info["channels"]) - 1)
            self.channel.setValue(self.session.channel)
            self.channel.setEnabled(not units)
            self.show_map.setChecked(self.session.show_map)
            self.place.setCurrentIndex(0 if self.session.in_stimulus_coordinates else 1)
        self._show_note()

    def _show_note(self) -> None:
        """Say what the stage is, and of read-out units what is shown of the one picked last."""
        recording, stage = self.session.recording, self.session.stage
        if recording is None or not stage:
            self.note.setText("Nothing recorded or opened yet.")
        else:
            self.note.setText(self._what(str(recording.stage_info(stage)["description"])))

    def _what(self, description: str) -> str:
        if self.session.stage_kind(self.session.stage) != "units":
            return description
        choice = shown_readout(self.session)
        if choice is None:
            return f"{description} Pick a unit to see its readout at every place."
        return f"{description} Shown: what unit {choice.unit} would respond if it looked at each place."
