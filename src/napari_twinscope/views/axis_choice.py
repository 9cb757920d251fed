"""Which three coordinates of a manifold are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from napari_twinscope.rig.encoding_cloud import FIRST_AXES, axis_name, with_axis
from napari_twinscope.views.captions import Caption
from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session

ARROWS = ("first", "second", "third")
TURNED = (
    "The coordinates turned to their principal axes, as in the papers, which call this MDS:\n"
    "the same cloud in another orientation. Nothing is reflected."
)


class AxisChoice(QWidget):
    """Shows and edits the session's axes; hidden while no manifold is shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.boxes = [Combo() for _ in range(3)]
        self.turned = QCheckBox("principal")
        self.turned.setToolTip(TURNED)
        numbers = QHBoxLayout(self)
        numbers.setContentsMargins(0, 0, 0, 0)
        numbers.addWidget(Caption("Axes"))
        for place, box in enumerate(self.boxes):
            box.setAccessibleName(f"Coordinate along the {ARROWS[place]} arrow")
            box.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(4)
            box.activated.connect(lambda index, place=place: self._choose(place, index + 1))
            numbers.addWidget(box, 1)
        numbers.addWidget(self.turned)
        self.turned.toggled.connect(self._turn)
        self.links = Links()
        for signal in (
            session.events.axes,
            session.events.turned,
            session.events.looks,
            session.events.stage,
        ):
            self.links.connect(signal, self._show)
        self._show()

    def _choose(self, place: int, value: int) -> None:
        self._session.axes = with_axis(self._session.axes, place, value)

    def _turn(self, on: bool) -> None:
        manifold = self._session.look.manifold
        if on and manifold is not None and max(self._session.axes) > manifold.rotated.shape[1]:
            self._session.axes = FIRST_AXES
        self._session.turned = on

    def _show(self) -> None:
        manifold = self._session.look.manifold
        self.setVisible(manifold is not None)
        if manifold is None:
            return
        shown = manifold.rotated if self._session.turned else manifold.coordinates
        for place, (box, axis) in enumerate(zip(self.boxes, self._session.axes, strict=True)):
            last = max(shown.shape[1], *self._session.axes)
            names = [axis_name(number, self._session.turned) for number in range(1, last + 1)]
            with QSignalBlocker(box):
                if names != [box.itemText(at) for at in range(box.count())]:
                    box.clear()
                    box.addItems(names)
                box.setCurrentIndex(axis - 1)
            box.setToolTip(f"Which of {shown.shape[1]} coordinates the {ARROWS[place]} arrow stands for")
        with QSignalBlocker(self.turned):
            self.turned.setChecked(self._session.turned)
