"""What the size and the opacity of units show: two lists of measures, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_twinscope.rig.point_style import can_scale
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session
    from napari_twinscope.rig.point_style import ScaleLegend

FIELDS = {"Size": "size_by", "Opacity": "opacity_by"}
ALIKE = "all alike"
SMALL, LARGE = 8, 17  # letters in pixels, about as the diameters are


class StyleChoice(QWidget):
    """Shows and edits what the session shows by size and opacity.

    Attributes
    ----------
    meaning
        The legend of both, to be put where legends are; hidden while all units are alike.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.lists = {title: Combo() for title in FIELDS}
        self.meaning = QLabel()
        self.meaning.setWordWrap(True)
        self.meaning.setTextFormat(Qt.TextFormat.RichText)
        self.meaning.setAccessibleName("What size and opacity mean")
        row = QHBoxLayout()
        for title, choice in self.lists.items():
            choice.setAccessibleName(f"{title} by")
            choice.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.setMinimumContentsLength(10)
            choice.setToolTip(
                f"{title} grows with this measure between its 1st and 99th percentile;\n"
                "units without a value are rings"
            )
            choice.activated.connect(lambda _, title=title: self._choose(title))
            row.addWidget(Caption(title) if title == "Size" else QLabel(title))
            row.addWidget(choice, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        self.links = Links()
        events = session.events
        for signal in (events.stage, events.measure, events.size_by, events.opacity_by):
            self.links.connect(signal, self._show)
        self._show()

    def _choose(self, title: str) -> None:
        setattr(self._session, FIELDS[title], self.lists[title].currentData())

    def _show(self) -> None:
        session = self._session
        there = session.recording is not None and bool(session.stage)
        measures = session.measures() if there else {}
        offered = [name for name, found in measures.items() if can_scale(found)]
        for title, choice in self.lists.items():
            chosen = getattr(session, FIELDS[title])
            names = ["", *offered, *([chosen] if chosen and chosen not in offered else [])]
            with QSignalBlocker(choice):
                if names != [choice.itemData(place) for place in range(choice.count())]:
                    choice.clear()
                    for name in names:
                        choice.addItem(name or ALIKE, name)
                        if name in measures:
                            choice.setItemData(
                                choice.count() - 1, measures[name].explained, Qt.ItemDataRole.ToolTipRole
                            )
                choice.setCurrentIndex(names.index(chosen))
            choice.setEnabled(there)
        self._show_meaning(there)

    def _show_meaning(self, there: bool) -> None:
        style = self._session.point_style() if there else None
        parts = []
        if style is not None and style.size_legend is not None:
            parts.append(_words("Size", style.size_legend, (SMALL, LARGE), (1.0, 1.0)))
        if style is not None and style.opacity_legend is not None:
            parts.append(_words("Opacity", style.opacity_legend, (LARGE, LARGE), (0.35, 1.0)))
        self.meaning.setText("<br>".join(parts))
        self.meaning.setVisible(bool(parts))


def _words(title: str, legend: ScaleLegend, sizes: tuple[int, int], strength: tuple[float, float]) -> str:
    text = f"<b>{title}</b> {legend.title}: "
    if legend.limits is not None:
        dots = [
            f'<span style="font-size:{size}px; color:rgba(140,140,140,{alpha})">●</span> {end}'
            for size, alpha, end in zip(sizes, strength, legend.ends, strict=True)
        ]
        text += " &nbsp; ".join(dots)
    if legend.missing:
        text += f" &nbsp; ○ no value ({legend.missing})"
    return text
