"""What the dock "Sub-populations" lets the user choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.subpopulations import SubpopulationOptions
from napari_twinscope.views.space_form import PRESETS, STIMULI, choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_twinscope.rig.json_fields import Fields
    from napari_twinscope.rig.measures import Measure
    from napari_twinscope.views.combo import Combo

FIRST = "OSI"
"""What units are ranked by until the user chooses, where it is known."""
PERCENT = 20
SETS = (10, 1000)
OF = "of all units of the stage; those without a value are never taken. Shift adds, Alt or Ctrl subtracts."


class SubpopulationForm(QWidget):
    """Measure, share of the units and how they are scored.

    Attributes
    ----------
    asked
        Emitted when other scores are wanted.
    ranked
        Emitted when units are to be ranked by another measure.
    taken
        Emitted when the highest (true) or lowest units are to be selected.
    """

    asked = Signal()
    ranked = Signal()
    taken = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._wanted = ""
        plain = SubpopulationOptions()
        self.measure = choice("Measure that ranks the units", {})
        self.percent = QSpinBox()
        self.percent.setAccessibleName("Percent of the units")
        self.percent.setRange(1, 100)
        self.percent.setValue(PERCENT)
        self.percent.setSuffix(" %")
        self.percent.setToolTip("How much of the stage the buttons beside it select")
        self.highest, self.lowest = QPushButton("Select highest"), QPushButton("Select lowest")
        for button, end in ((self.highest, "highest"), (self.lowest, "lowest")):
            button.setToolTip(f"Select the units with the {end} values: this percentage {OF}")
        self.preset, self.stimuli = choice("Preset", {}), choice("Stimuli", STIMULI)
        for name, tip in PRESETS.items():
            self.preset.addItem(name, name)
            self.preset.setItemData(self.preset.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.draws = QSpinBox()
        self.draws.setAccessibleName("Number of random sets")
        self.draws.setRange(*SETS)
        self.draws.setValue(plain.draws)
        self.draws.setKeyboardTracking(False)
        self.draws.setToolTip("Random sets of units behind each interval; more take longer")
        self.rectify = QCheckBox("negative responses count as zero")
        self.rectify.setToolTip("As in the papers")
        self.rectify.setChecked(plain.rectify)
        self.button = QToolButton()
        self.button.setText("Options")
        self.button.setToolTip("Preset, stimuli, number of random sets, and how responses are taken")
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.options_page = QWidget()
        self._lay_out()
        self.measure.activated.connect(self._choose_measure)
        self.highest.clicked.connect(lambda: self.taken.emit(True))
        self.lowest.clicked.connect(lambda: self.taken.emit(False))
        for box in (self.preset, self.stimuli):
            box.currentIndexChanged.connect(self.asked)
        self.draws.valueChanged.connect(self.asked)
        self.rectify.toggled.connect(self.asked)
        self.button.toggled.connect(self._unfold)
        self._unfold(False)

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.addWidget(QLabel("Measure"), 0, 0)
        top.addWidget(self.measure, 0, 1, 1, 2)
        top.addWidget(self.button, 0, 3)
        top.addWidget(QLabel("Share"), 1, 0)
        for place, widget in enumerate((self.percent, self.highest, self.lowest), start=1):
            top.addWidget(widget, 1, place)
        top.setColumnStretch(2, 1)
        inside = QFormLayout(self.options_page)
        inside.setContentsMargins(12, 0, 0, 0)
        inside.addRow("Preset", self.preset)
        inside.addRow("Stimuli", self.stimuli)
        inside.addRow("Random sets", self.draws)
        inside.addRow(self.rectify)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.options_page)

    def _unfold(self, on: bool) -> None:
        self.options_page.setVisible(on)
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    # -- what is offered and chosen

    def show_measures(self, measures: Mapping[str, Measure]) -> None:
        """Offer measures by name; the one that was chosen last stays, where the stage has it."""
        names = [self.measure.itemData(row) for row in range(self.measure.count())]
        with QSignalBlocker(self.measure):
            if names != list(measures):
                self.measure.clear()
                for name, found in measures.items():
                    self.measure.addItem(name, name)
                    tip = f"<p>{found.explained}</p>"
                    self.measure.setItemData(self.measure.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
            places = [self.measure.findData(name) for name in (self._wanted, FIRST) if name]
            self.measure.setCurrentIndex(next((place for place in places if place >= 0), 0))
        self._explain()
        for widget in (self.measure, self.highest, self.lowest):
            widget.setEnabled(bool(measures))

    def _choose_measure(self) -> None:
        self._wanted = self.chosen
        self._explain()
        self.ranked.emit()

    def _explain(self) -> None:
        tip = self.measure.itemData(self.measure.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        self.measure.setToolTip(tip or "Measure that ranks the units")

    @property
    def chosen(self) -> str:
        """The measure that ranks, empty where there is none."""
        return self.measure.currentData() or ""

    def options(self) -> tuple[SubpopulationOptions | None, InvalidInput | None]:
        """Return how units are scored, or why they cannot be."""
        try:
            return SubpopulationOptions(
                self.preset.currentData(),
                self.stimuli.currentData() or None,
                self.rectify.isChecked(),
                draws=self.draws.value(),
            ), None
        except InvalidInput as error:
            return None, error

    # -- in the file of a session

    def state(self) -> dict[str, Any]:
        """Return all choices as plain JSON values."""
        return {
            "measure": self._wanted,
            "percent": self.percent.value(),
            "preset": self.preset.currentData(),
            "stimuli": self.stimuli.currentData(),
            "draws": self.draws.value(),
            "rectify": self.rectify.isChecked(),
            "options_open": self.button.isChecked(),
        }

    def restore(self, fields: Fields) -> None:
        """Choose it again; emits nothing.

        Raises
        ------
        InvalidInput
            If a field does not fit.
        """
        plain = SubpopulationOptions()
        wanted = fields.text("measure", "")
        percent = fields.integer("percent", PERCENT, 1, 100)
        preset = fields.text("preset", plain.preset, among=tuple(PRESETS))
        stimuli = fields.text("stimuli", "", among=tuple(STIMULI))
        draws = fields.integer("draws", plain.draws, *SETS)
        rectify, opened = fields.boolean("rectify", plain.rectify), fields.boolean("options_open", False)
        self._wanted = wanted
        for box, value in ((self.measure, wanted), (self.preset, preset), (self.stimuli, stimuli)):
            with QSignalBlocker(box):
                _show(box, value)
        for spin, number in ((self.percent, percent), (self.draws, draws)):
            with QSignalBlocker(spin):
                spin.setValue(number)
        with QSignalBlocker(self.rectify):
            self.rectify.setChecked(rectify)
        self.button.setChecked(opened)


def _show(box: Combo, value: str) -> None:
    place = box.findData(value)
    if place >= 0:
        box.setCurrentIndex(place)
