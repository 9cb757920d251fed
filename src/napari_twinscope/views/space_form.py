"""What the dock "Stimuli in activity space" lets the user choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.errors import InvalidInput
from napari_twinscope.rig.activity_space import PICTURES, SpaceOptions
from napari_twinscope.rig.space_choice import SpaceChoice
from napari_twinscope.rig.space_style import COLOURED_BY
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.combo import Combo

if TYPE_CHECKING:
    from napari_twinscope.rig.json_fields import Fields

PICTURE_NAMES = {
    "manifold": ("Manifold (PCA)", "One point for each movie: principal components of mean responses"),
    "diffusion": ("Manifold (diffusion map)", "One point for each movie: diffusion coordinates"),
    "trajectories": (
        "Trajectories (PCA)",
        "One path for each movie, from the small dot on; a ring is where it is at the frame on the screen",
    ),
}
UNITS = {
    "selected": ("selected units", "The units selected in this stage, recomputed with every selection"),
    "all": ("all units", "All recorded units of this stage"),
}
PRESETS = {
    "corrected": "Stimuli by name, exact components",
    "published-2025": "As the public code of 2025: six of eleven stimuli cut by position",
    "published-2026": "As the public code of 2026: six of eleven stimuli cut by position",
}
STIMULI = {
    "": ("as the preset takes", "The medium set of the papers' eleven stimuli, or all of any others"),
    "all": ("all recorded", ""),
    "medium": ("medium set", "Six of the papers' eleven stimuli, with the medium spatial frequency"),
    "high": ("high set", "Six of the papers' eleven stimuli, with the high spatial frequency"),
    "first-six": ("first six", "As published for inputs0, inputs2 and blocks2; a published preset is needed"),
    "first-and-last-five": (
        "first and last five",
        "As published for the other stages; a published preset is needed",
    ),
}
STEADY = (
    "The signs of components are arbitrary, and so is the order of like ones. Turned and mirrored as a rigid "
    "body, the picture of selected units lies as closely as it can on that of all units, so that it does not "
    "jump; its axes are then no single components. Otherwise only the signs are matched. The size is always "
    "brought to the same spread."
)


class SpaceForm(QWidget):
    """Choices beside the canvas.

    Attributes
    ----------
    asked
        Emitted when something else is to be computed.
    restyled
        Emitted when the same is to be drawn in another way.
    """

    asked = Signal()
    restyled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.picture = choice("What is shown", PICTURE_NAMES)
        self.units = choice("Which units", UNITS)
        self.colour = choice("Colour by", {name: (name, "") for name in COLOURED_BY})
        self.preset = choice("Preset", {name: (name, tip) for name, tip in PRESETS.items()})
        self.stimuli = choice("Stimuli", STIMULI)
        self.steady = QCheckBox("turn the picture of selected units onto that of all")
        self.steady.setToolTip(f"<p>{STEADY}</p>")
        self.steady.setChecked(True)
        self.rectify = QCheckBox("negative responses count as zero")
        self.rectify.setToolTip("As in the papers")
        self.rectify.setChecked(True)
        self.halve = QCheckBox("halve the third axis of trajectories")
        self.halve.setToolTip("As the published figures do without saying so; here the axis says it")
        self.button = QToolButton()
        self.button.setText("Options")
        self.button.setToolTip("Preset, stimuli and how responses are taken")
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.options_page = QWidget()
        self._lay_out()
        for box in (self.picture, self.units, self.preset, self.stimuli):
            box.currentIndexChanged.connect(self.asked)
        for check in (self.steady, self.rectify):
            check.toggled.connect(self.asked)
        self.colour.currentIndexChanged.connect(self.restyled)
        self.halve.toggled.connect(self.restyled)
        self.button.toggled.connect(self._unfold)
        self._unfold(False)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(Caption("Shown"))
        first.addWidget(self.picture, 3)
        first.addWidget(QLabel("Of"))
        first.addWidget(self.units, 2)
        second.addWidget(Caption("Colour by"))
        second.addWidget(self.colour)
        second.addStretch(1)
        second.addWidget(self.button)
        inside = QFormLayout(self.options_page)
        inside.setContentsMargins(12, 0, 0, 0)
        inside.addRow("Preset", self.preset)
        inside.addRow("Stimuli", self.stimuli)
        inside.addRow(self.steady)
        inside.addRow(self.rectify)
        inside.addRow(self.halve)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self.options_page)

    def _unfold(self, on: bool) -> None:
        self.options_page.setVisible(on)
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    # -- what is chosen

    @property
    def follows(self) -> bool:
        """Whether the picture is of the selected units."""
        return self.units.currentData() == "selected"

    @property
    def turns(self) -> bool:
        """Whether the picture is turned onto that of all units."""
        return self.steady.isChecked()

    @property
    def coloured_by(self) -> str:
        """One of `COLOURED_BY`."""
        return self.colour.currentData()

    @property
    def halves(self) -> bool:
        """Whether the third axis of trajectories is halved."""
        return self.halve.isChecked()

    def options(self) -> tuple[SpaceOptions | None, InvalidInput | None]:
        """Return what is to be computed, or why that cannot be."""
        try:
            return SpaceOptions(
                self.picture.currentData(),
                self.preset.currentData(),
                self.stimuli.currentData() or None,
                self.rectify.isChecked(),
            ), None
        except InvalidInput as error:
            return None, error

    def choice(self) -> SpaceChoice:
        """Return all that is chosen.

        Raises
        ------
        InvalidInput
            If the options do not fit together.
        """
        options, problem = self.options()
        if problem is not None:
            raise problem
        return SpaceChoice(options, self.follows, self.turns, self.coloured_by, self.halves)

    # -- in the file of a session

    def state(self) -> dict[str, Any]:
        """Return all choices as plain JSON values."""
        return {
            "picture": self.picture.currentData(),
            "units": self.units.currentData(),
            "colour_by": self.coloured_by,
            "preset": self.preset.currentData(),
            "stimuli": self.stimuli.currentData(),
            "steady": self.turns,
            "rectify": self.rectify.isChecked(),
            "halve_third": self.halves,
            "options_open": self.button.isChecked(),
        }

    def restore(self, fields: Fields) -> None:
        """Choose it again; emits nothing.

        Raises
        ------
        InvalidInput
            If a field does not fit.
        """
        chosen = (
            (self.picture, fields.text("picture", "manifold", among=PICTURES)),
            (self.units, fields.text("units", "selected", among=tuple(UNITS))),
            (self.colour, fields.text("colour_by", "stimulus", among=COLOURED_BY)),
            (self.preset, fields.text("preset", "corrected", among=tuple(PRESETS))),
            (self.stimuli, fields.text("stimuli", "", among=tuple(STIMULI))),
        )
        checked = (
            (self.steady, fields.boolean("steady", True)),
            (self.rectify, fields.boolean("rectify", True)),
            (self.halve, fields.boolean("halve_third", False)),
        )
        for box, value in chosen:
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(value))
        for check, on in checked:
            with QSignalBlocker(check):
                check.setChecked(on)
        self.button.setChecked(fields.boolean("options_open", False))


def choice(name: str, entries: dict[str, tuple[str, str]]) -> Combo:
    """Return a list of values, each with its text and tooltip."""
    box = Combo()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for value, (text, tip) in entries.items():
        box.addItem(text, value)
        if tip:
            box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
    box.setToolTip(name)
    return box
