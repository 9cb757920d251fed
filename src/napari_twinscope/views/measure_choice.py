"""A list of what units can be coloured by, in sections, that shows and edits the session's measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt

from napari_twinscope.rig.measures import EXPLANATIONS, SECTIONS, SOURCES, explained
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session

UNKNOWN = "Not known of this stage, maybe for want of its encoding manifold; all units are grey."


class MeasureChoice(Combo):
    """The measures of the stage that is looked at."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName("Colour by")
        self.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(14)
        self._offered: tuple[str, ...] = ()
        self.links = Links()
        for signal in (session.events.stage, session.events.measure):
            self.links.connect(signal, self._show)
        self.currentIndexChanged.connect(self._choose)
        self._show()

    def _choose(self, index: int) -> None:
        name = self.itemData(index)
        if name is not None:
            self._session.measure = name

    def _show(self) -> None:
        session = self._session
        there = session.recording is not None and bool(session.stage)
        measures = session.colorings() if there else {}
        said = {name: (m.section, m.explained) for name, m in measures.items()}
        said = said or {n: (SECTIONS[0], explained(text, SOURCES[n])) for n, text in EXPLANATIONS.items()}
        if session.measure not in said:
            said[session.measure] = ("Not known here", UNKNOWN)
        with QSignalBlocker(self):
            if tuple(said) != self._offered:
                self._fill(said)
            self.setCurrentIndex(self.findData(session.measure))
        self.setToolTip(said[session.measure][1])

    def _fill(self, said: dict[str, tuple[str, str]]) -> None:
        self.clear()
        self._offered = tuple(said)
        for section in dict.fromkeys((*SECTIONS, *(section for section, _ in said.values()))):
            names = [name for name, (other, _) in said.items() if other == section]
            if not names:
                continue
            self.addItem(section)
            heading = self.model().item(self.count() - 1)
            heading.setEnabled(False)
            font = heading.font()
            font.setBold(True)
            heading.setFont(font)
            for name in names:
                self.addItem(name, name)
                self.setItemData(self.count() - 1, said[name][1], Qt.ItemDataRole.ToolTipRole)
