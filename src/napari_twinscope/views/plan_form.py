"""The part of the Rig dock that edits what is to be recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from napari_twinscope.rig.layers import arrow, stimulus_labels
from napari_twinscope.rig.own_movie import LONGEST
from napari_twinscope.views.checklist import CheckList
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.settings import recordings_folder, setting

if TYPE_CHECKING:
    from napari_twinscope.rig import PlanDraft
    from napari_twinscope.stimuli import StimulusProtocol

RULES = {
    "corrected": (
        "by activity, border left out",
        "The papers' draw by activity, with the border cropped on all sides",
    ),
    "published": (
        "by activity, as published",
        "The papers' draw by activity, with the crop of their public code",
    ),
    "uniform": ("uniform", "All units of a stage are equally likely"),
    "all": ("every unit", "Every unit of every map: large for the early stages"),
}
DEVICES = {
    "auto": "automatic (CUDA, then MPS, then CPU)",
    "cpu": "CPU",
    "cuda": "CUDA",
    "mps": "MPS (Apple)",
}
MAPS_TO_KEEP = {
    "none": "none (recomputed when looked at)",
    "core": "core (recurrent_out)",
    "all": "all chosen stages",
}
DIRECTIONS_PER_ROW = 4
OWN = "own movie"


class PlanForm(QWidget):
    """Widgets for every field of a `PlanDraft`; the draft is the truth."""

    def __init__(self, draft: PlanDraft) -> None:
        super().__init__()
        self.draft = draft
        self.direction_buttons: list[QPushButton] = []
        self._build()
        self._offer_twins()
        self._offer_stages()
        self._offer_protocols()
        self._connect()
        self._choose_protocol()

    def _build(self) -> None:
        self.twin = Combo()
        self.twin.setAccessibleName("Twin")
        self.twin_file = _tool("File …", "Use a weight file: a merged state dict, or a core and a scan file")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.stages = CheckList("Stages")
        self.protocol = Combo()
        self.protocol.setAccessibleName("Protocol")
        self.movie = _tool("Movie …", "Show a movie file, or a napari Image layer (time, y, x)")
        self.stimuli = CheckList("Stimuli")
        self.directions = QWidget()
        self._direction_grid = QGridLayout(self.directions)
        self._direction_grid.setContentsMargins(0, 0, 0, 0)
        self._direction_grid.setSpacing(3)
        self.instances = _spin(1, 100, "Repetitions of each stimulus with other random elements")
        self.frames = _spin(1, LONGEST, "Length of each movie in frames")
        self.duration = QLabel()
        self.rule = Combo()
        for name, (label, tip) in RULES.items():
            self.rule.addItem(label, name)
            self.rule.setItemData(self.rule.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.maps = _spin(1, 4096, "At most so many feature maps of each stage")
        self.units_per_map = _spin(1, 100_000, "At most so many units of each feature map")
        self.seed = _spin(0, 2**31 - 1, "Which units are drawn: another seed draws others")
        self.device = Combo()
        for name, label in DEVICES.items():
            self.device.addItem(label, name)
        self.keep = Combo()
        for name, label in MAPS_TO_KEEP.items():
            self.keep.addItem(label, name)
        self.keep.setToolTip("Whole activation maps to store on disk beside the recorded units (float16)")
        self.path = QLineEdit()
        self.path.setPlaceholderText("NAME.twinscope.zarr")
        self.browse = _tool("…", "Choose where the recording is saved")
        for widget, name in (
            (self.frames, "Frames"),
            (self.maps, "Feature maps of each stage"),
            (self.units_per_map, "Units of each feature map"),
            (self.path, "Save to"),
            (self.browse, "Choose a place"),
        ):
            widget.setAccessibleName(name)

        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Twin", _row((self.twin, 1), (self.twin_file, 0)))
        form.addRow("", self.status)
        form.addRow(self.stages)
        form.addRow("Protocol", _row((self.protocol, 1), (self.movie, 0)))
        form.addRow(self.stimuli)
        form.addRow("Directions", self.directions)
        form.addRow("Instances", self.instances)
        form.addRow("Frames", _row((self.frames, 1), (self.duration, 0)))
        form.addRow("Sampling", self.rule)
        self._counts = _row(
            (self.maps, 1), (QLabel("maps ×"), 0), (self.units_per_map, 1), (QLabel("units"), 0)
        )
        form.addRow("", self._counts)
        form.addRow("Seed", self.seed)
        form.addRow("Keep maps", self.keep)
        form.addRow("Device", self.device)
        form.addRow("Save to", _row((self.path, 1), (self.browse, 0)))
        for combo in (self.twin, self.protocol, self.rule, self.device, self.keep):
            combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(10)

    # -- what is on offer

    def _offer_twins(self) -> None:
        from napari_twinscope.twins import list_twins

        with QSignalBlocker(self.twin):
            for entry in list_twins():
                self.twin.addItem(entry.title, (entry.id, entry.status))
                row = self.twin.count() - 1
                tip = entry.description if entry.available else f"Not available: {entry.reason}"
                self.twin.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
                self.twin.model().item(row).setEnabled(entry.available)
        self._show_status()

    def _offer_stages(self) -> None:
        from napari_twinscope.twins import stages_on_offer

        stages = stages_on_offer(self.draft.twin)
        names = tuple(stage.name for stage in stages)
        self.stages.set_items([(s.name, f"{s.paper_name}   {s.label}", s.description) for s in stages], names)
        self.draft.stages = names

    def _offer_protocols(self) -> None:
        from napari_twinscope.stimuli import protocol_names

        for name in protocol_names():
            self.protocol.addItem(name, name)
        wanted = self.protocol.findData(self.draft.protocol)
        self.protocol.setCurrentIndex(wanted if wanted >= 0 else self.protocol.findData("paper-6-medium"))

    def _connect(self) -> None:
        draft = self.draft
        self.twin.currentIndexChanged.connect(self._choose_twin)
        self.twin_file.clicked.connect(self._choose_file)
        self.stages.changed.connect(self._choose_stages)
        self.protocol.currentIndexChanged.connect(self._choose_protocol)
        self.stimuli.changed.connect(lambda: setattr(draft, "stimuli", self.stimuli.checked()))
        self.instances.valueChanged.connect(lambda value: setattr(draft, "instances", value))
        self.frames.valueChanged.connect(self._choose_frames)
        self.rule.currentIndexChanged.connect(self._choose_rule)
        self.maps.valueChanged.connect(lambda value: setattr(draft, "maps", value))
        self.units_per_map.valueChanged.connect(lambda value: setattr(draft, "units_per_map", value))
        self.seed.valueChanged.connect(lambda value: setattr(draft, "seed", value))
        self.device.currentIndexChanged.connect(lambda _: setattr(draft, "device", self.device.currentData()))
        self.keep.currentIndexChanged.connect(self._choose_maps_to_keep)
        self.path.textChanged.connect(lambda text: setattr(draft, "path", text))
        self.browse.clicked.connect(self._choose_path)
        self.maps.setValue(draft.maps)
        self.units_per_map.setValue(draft.units_per_map)
        self.seed.setValue(draft.seed)
        self.device.setCurrentIndex(max(self.device.findData(setting("recording", "device")), 0))
        self.path.setText(draft.path or str(unused(recordings_folder() / "recording.twinscope.zarr")))

    # -- another draft

    def show_draft(self, wanted: PlanDraft) -> None:
        """Show another draft, as far as what it names is on offer here; this form's own draft follows."""
        self._show_twin(wanted.twin)
        _check_only(self.stages, wanted.stages)
        self._show_protocol(wanted)
        _check_only(self.stimuli, wanted.stimuli)
        for button in self.direction_buttons:
            button.setChecked(button.property("direction") in wanted.directions)
        for name in ("instances", "frames", "maps", "units_per_map", "seed"):
            getattr(self, name).setValue(getattr(wanted, name))
        self.rule.setCurrentIndex(max(self.rule.findData(wanted.rule), 0))
        self.device.setCurrentIndex(max(self.device.findData(wanted.device), 0))
        kept = {(): "none", ("recurrent_out",): "core"}.get(wanted.store_maps, "all")
        self.keep.setCurrentIndex(self.keep.findData(kept))
        self.path.setText(wanted.path)

    def _show_twin(self, spec: str) -> None:
        known = [self.twin.itemData(row)[0] for row in range(self.twin.count())]
        if spec in known:
            self.twin.setCurrentIndex(known.index(spec))
        elif spec.startswith("file:"):
            self.use_files(spec.removeprefix("file:").split(","))

    def _show_protocol(self, wanted: PlanDraft) -> None:
        if wanted.own is not None and wanted.own.name == wanted.protocol:
            self.use_protocol(wanted.own)
        elif self.protocol.findData(wanted.protocol) >= 0:
            self.protocol.setCurrentIndex(self.protocol.findData(wanted.protocol))

    # -- what the user does

    def _choose_twin(self) -> None:
        self.draft.twin = self.twin.currentData()[0]
        self._offer_stages()
        self._show_status()

    def _choose_file(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, "Weight files of a twin", "", "Weights (*.pt *.pth *.safetensors)"
        )
        if names:
            self.use_files(names)

    def use_files(self, names: list[str]) -> None:
        """Use the twin in one or two weight files."""
        spec = "file:" + ",".join(names)
        self.twin.addItem(" + ".join(Path(name).name for name in names), (spec, ""))
        self.twin.setCurrentIndex(self.twin.count() - 1)

    def _show_status(self) -> None:
        from napari_twinscope.twins import caution

        _, status = self.twin.currentData()
        self.status.setText(f"⚠ {caution(status)}.")
        self.status.setVisible(bool(status))

    def _choose_stages(self) -> None:
        self.draft.stages = self.stages.checked()
        self._choose_maps_to_keep()

    def use_protocol(self, own: StimulusProtocol) -> None:
        """Offer and choose a protocol made of one's own movie, in place of an earlier one."""
        with QSignalBlocker(self.protocol):
            earlier = self.protocol.findData(OWN)
            if earlier >= 0:
                self.protocol.removeItem(earlier)
            self.protocol.addItem(f"own movie: {own.labels[0]}", OWN)
            self.protocol.setCurrentIndex(self.protocol.count() - 1)
        self.draft.own = own
        self._choose_protocol()

    def _choose_protocol(self) -> None:
        from napari_twinscope.stimuli import protocol

        name = self.protocol.currentData()
        chosen = self.draft.own if name == OWN else protocol(name)
        self.protocol.setToolTip(f"{len(chosen.stimuli)} stimuli, {chosen.duration:.2g} s each")
        labels = stimulus_labels(chosen)
        self.stimuli.set_items(list(zip(chosen.names, labels, chosen.names, strict=True)), chosen.names)
        self._offer_directions(chosen.directions)
        self.draft.protocol = chosen.name
        self.draft.stimuli = chosen.names
        self.draft.directions = chosen.directions
        self.instances.setValue(chosen.instances)
        self.frames.setValue(chosen.frames)
        self._choose_frames()

    def _offer_directions(self, directions: tuple[float, ...]) -> None:
        for button in self.direction_buttons:
            self._direction_grid.removeWidget(button)
            button.deleteLater()
        self.direction_buttons = []
        for i, direction in enumerate(directions):
            button = QPushButton(f"{arrow(direction)} {direction:g}°")
            button.setToolTip("Direction of motion; 0° is rightwards, 90° upwards")
            button.setAccessibleName(f"Direction {direction:g}°")
            button.setCheckable(True)
            button.setChecked(True)
            button.setMinimumWidth(52)
            button.setProperty("direction", direction)
            button.toggled.connect(self._choose_directions)
            self.direction_buttons.append(button)
            self._direction_grid.addWidget(button, *divmod(i, DIRECTIONS_PER_ROW))

    def _choose_directions(self) -> None:
        self.draft.directions = tuple(
            b.property("direction") for b in self.direction_buttons if b.isChecked()
        )

    def _choose_frames(self) -> None:
        self.draft.frames = self.frames.value()
        self.duration.setText(f"at 30 Hz: {self.frames.value() / 30:.2f} s")

    def _choose_rule(self) -> None:
        self.draft.rule = self.rule.currentData()
        for widget in (self._counts, self.seed):
            widget.setEnabled(self.draft.rule != "all")

    def _choose_maps_to_keep(self) -> None:
        stages = {"none": (), "core": ("recurrent_out",), "all": self.draft.stages}
        self.draft.store_maps = stages[self.keep.currentData()]

    def _choose_path(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save the recording as", self.path.text(), "Recordings (*.twinscope.zarr)"
        )
        if name:
            self.path.setText(name)


def _check_only(checks: CheckList, names: tuple[str, ...]) -> None:
    offered = checks.names()
    if set(names) <= set(offered):
        for name in offered:
            checks.check(name, name in names)


def _row(*widgets: tuple[QWidget, int]) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget, stretch in widgets:
        layout.addWidget(widget, stretch)
    return row


def _spin(low: int, high: int, tip: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setToolTip(tip)
    spin.setMinimumWidth(72)
    return spin


def _tool(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    return button


def unused(path: Path) -> Path:
    """Return the path, numbered if there is something already."""
    stem, number, found = path.name.split(".")[0], 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{stem}-{number}.twinscope.zarr")
    return found
