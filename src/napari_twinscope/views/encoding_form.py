"""The options of an encoding manifold, to be edited in the Manifold dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from napari_twinscope.rig.encoding_draft import PROPOSED, missing_stimuli, problems
from napari_twinscope.views.combo import Combo

if TYPE_CHECKING:
    from napari_twinscope.rig.encoding_draft import EncodingDraft

PRESETS = {
    "corrected": ("corrected", "The papers' analysis with its verified errors corrected"),
    "published-2025": ("published 2025", "As in the public code of 2025, with 13 outliers and 50 restarts"),
    "published-2026": ("published 2026", "As in the public code of 2026, with 7 outliers and 50 restarts"),
}
STIMULI = {
    "per-unit": ("six for each unit", "For each unit the papers' six classes of the better frequencies"),
    "medium": ("six, medium frequency", "The papers' six classes of medium spatial frequency"),
    "high": ("six, high frequency", "The papers' six classes of high spatial frequency"),
    "all": ("all that was recorded", "Every recorded stimulus as it is"),
}
OBJECTIVES = {
    "l1": ("l1 (as in the papers)", "Scales of neighbourhoods by a linear programme"),
    "greedy": ("greedy (faster)", "Scales of neighbourhoods one edge after another"),
}
RANK = (
    "Number of components of the factorisation. The papers' own ranks differ; compare two or three.\n"
    "The lowest value, 'proposed', factorises at every rank of a range and chooses: this takes much longer."
)
HIGHEST_RANK = 99


class EncodingForm(QWidget):
    """Widgets for every field of an `EncodingDraft`; the draft is the truth."""

    def __init__(self, draft: EncodingDraft) -> None:
        super().__init__()
        self.draft = draft
        self._names: tuple[str, ...] = ()
        self._units = 0
        self.preset, self.stimuli, self.objective = _combo(PRESETS), _combo(STIMULI), _combo(OBJECTIVES)
        self.rank = _spin(PROPOSED, HIGHEST_RANK, RANK)
        self.rank.setSpecialValueText("proposed")
        self.restarts = _spin(1, 1000, "Random starts of the factorisation, of which the best counts")
        self.seed = _spin(0, 2**31 - 1, "What the random starts are drawn from")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 0, 0, 4)
        grid.setVerticalSpacing(4)
        self.said: dict[str, QLabel] = {}
        for place, name in enumerate(("preset", "stimuli", "rank", "restarts", "seed", "objective")):
            field = getattr(self, name)
            field.setAccessibleName(name)
            row, column = divmod(place, 2)
            grid.addWidget(QLabel(name.capitalize()), row, 2 * column, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._with_problem(name, field), row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        self.preset.activated.connect(lambda _: self.draft.take_preset(self.preset.currentData()))
        for name in ("stimuli", "objective"):
            combo = getattr(self, name)
            combo.activated.connect(lambda _, n=name, c=combo: setattr(self.draft, n, c.currentData()))
        for name in ("rank", "restarts", "seed"):
            spin = getattr(self, name)
            spin.valueChanged.connect(lambda value, n=name: setattr(self.draft, n, value))
        self.draft.events.connect(self._show)
        self._show()

    def _with_problem(self, name: str, field: QWidget) -> QWidget:
        said = QLabel()
        said.setWordWrap(True)
        said.hide()
        self.said[name] = said
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(field)
        layout.addWidget(said)
        return both

    def suit(self, names: tuple[str, ...], units: int, anew: bool) -> None:
        """Check against the stimuli and units of a stage; begin anew with what suits another recording."""
        self._names, self._units = names, units
        for row in range(self.stimuli.count()):
            lacking = missing_stimuli(self.stimuli.itemData(row), names)
            self.stimuli.model().item(row).setEnabled(not lacking)
            tip = STIMULI[self.stimuli.itemData(row)][1] + (" (not recorded)" if lacking else "")
            self.stimuli.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        if anew:
            self.draft.suit(names, units)
        self._show()

    def release(self) -> None:
        """Let go of the draft."""
        self.draft.events.disconnect(self._show)

    def _show(self, *_: object) -> None:
        for name in ("preset", "stimuli", "objective"):
            combo = getattr(self, name)
            combo.setCurrentIndex(combo.findData(getattr(self.draft, name)))
        for name in ("rank", "restarts", "seed"):
            spin = getattr(self, name)
            with QSignalBlocker(spin):
                spin.setValue(getattr(self.draft, name))
        found = problems(self.draft, self._names, self._units) if self._units else {}
        for name, label in self.said.items():
            label.setText(f"⚠ {found[name]}" if name in found else "")
            label.setVisible(name in found)


def _combo(entries: dict[str, tuple[str, str]]) -> Combo:
    combo = Combo()
    for name, (label, tip) in entries.items():
        combo.addItem(label, name)
        combo.setItemData(combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
    combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)
    return combo


def _spin(low: int, high: int, tip: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setToolTip(tip)
    spin.setMinimumWidth(72)
    return spin
