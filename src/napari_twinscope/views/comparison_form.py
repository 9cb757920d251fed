"""What the dock "Compare stages" lets the user choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_twinscope.rig.comparison_view import PART_NAMES, ComparisonDraft, ImportedPopulation
from napari_twinscope.rig.json_fields import unfit
from napari_twinscope.views.checklist import CheckList
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.population_list import PopulationList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_twinscope.recording import Recording
    from napari_twinscope.rig.json_fields import Fields

PRESETS = {
    "corrected": "Without the errors of the public code",
    "published-2025": "As the public code of 2025, errors included",
    "published-2026": "As the public code of 2026, errors included",
}
QUICK = "Few draws, so that intervals are rough, and every sixth frame of decoding"


class ComparisonForm(QWidget):
    """Stages, parts, preset and thoroughness.

    Attributes
    ----------
    changed
        Emitted when something else was chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stages = CheckList("Stages")
        self.others = QCheckBox("and the other open recordings")
        self.others.setToolTip("The same stages of the other recordings that are open in this session")
        self.populations = PopulationList()
        self.parts = {name: QCheckBox(title) for name, (title, _) in PART_NAMES.items()}
        self.preset = Combo()
        self.preset.setAccessibleName("Preset")
        for name, tip in PRESETS.items():
            self.preset.addItem(name, name)
            self.preset.setItemData(self.preset.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.preset.setToolTip("After which code")
        self.quick = QCheckBox("quick first look")
        self.quick.setToolTip(QUICK)
        right, below = QGridLayout(), QHBoxLayout()
        right.setVerticalSpacing(2)
        for place, (name, box) in enumerate(self.parts.items()):
            box.setToolTip(PART_NAMES[name][1])
            right.addWidget(box, place, 0)
        below.addWidget(QLabel("Preset"))
        below.addWidget(self.preset, 1)
        below.addWidget(self.quick)
        top = QHBoxLayout()
        left = QVBoxLayout()
        left.addWidget(self.stages)
        left.addWidget(self.others)
        left.addWidget(self.populations)
        left.addStretch(1)
        top.addLayout(left, 1)
        top.addLayout(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(below)
        self.show_draft(ComparisonDraft())
        self.stages.changed.connect(self.changed)
        for box in (*self.parts.values(), self.quick, self.others):
            box.toggled.connect(self.changed)
        self.preset.currentIndexChanged.connect(self.changed)

    @property
    def draft(self) -> ComparisonDraft:
        """What is chosen."""
        return ComparisonDraft(
            self.stages.checked(),
            tuple(name for name, box in self.parts.items() if box.isChecked()),
            self.preset.currentData(),
            self.quick.isChecked(),
            self.others.isChecked() and not self.others.isHidden(),
            self.populations.populations,
        )

    def suit(self, recording: Recording | None, several: bool, chosen: Iterable[str] = ()) -> None:
        """Offer the stages of a recording.

        Parameters
        ----------
        recording
            The recording that is looked at.
        several
            Whether there are others.
        chosen
            Which stages are taken; by default all.
        """
        items = []
        for name in () if recording is None else recording.stages:
            info = recording.stage_info(name)
            items.append((name, f"{info['label']} ({info['paper_name']})", str(info["description"])))
        wanted = tuple(chosen) or tuple(name for name, _, _ in items)
        self.stages.set_items(items, wanted)
        self.populations.suit(recording)
        self.others.setVisible(several)

    def show_draft(self, draft: ComparisonDraft) -> None:
        """Show another choice, but for the stages; emits nothing."""
        checks = {box: name in draft.parts for name, box in self.parts.items()}
        checks |= {self.quick: draft.quick, self.others: draft.others}
        for box, on in checks.items():
            with QSignalBlocker(box):
                box.setChecked(on)
        with QSignalBlocker(self.preset):
            self.preset.setCurrentIndex(self.preset.findData(draft.preset))
        self.populations.show_populations(draft.populations)


def draft_from_fields(fields: Fields) -> ComparisonDraft:
    """Return the choice that a session saved; what is lacking is as in a new one.

    Raises
    ------
    InvalidInput
        If a field does not fit.
    """
    plain = ComparisonDraft()
    parts = fields.texts("parts", plain.parts)
    if not set(parts) <= set(PART_NAMES):
        raise unfit(fields.path("parts"), parts, "some of " + ", ".join(PART_NAMES))
    return ComparisonDraft(
        fields.texts("stages", ()),
        tuple(name for name in PART_NAMES if name in parts),
        fields.text("preset", plain.preset, among=tuple(PRESETS)),
        fields.boolean("quick", plain.quick),
        fields.boolean("others", plain.others),
        tuple(
            ImportedPopulation(each.text("name"), each.text("path"), each.text("said", ""))
            for each in fields.parts("populations")
        ),
    )
