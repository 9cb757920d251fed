"""Which three coordinates of a manifold are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from napari_twinscope.rig.encoding_cloud import FIRST_AXES, with_axis
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session

TURNED = (
    "The coordinates turned to their principal axes, as in the papers, which call this MDS:\n"
    "the same cloud in another orientation. Nothing is reflected."
)


class AxisChoice(QWidget):
    """Shows and edits the session's axes; hidden while no manifold is shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.boxes = [QSpinBox() for _ in range(3)]
        self.turned = QCheckBox("turned")
        self.turned.setToolTip(TURNED)
        numbers = QHBoxLayout(self)
        numbers.setContentsMargins(0, 0, 0, 0)
        numbers.addWidget(QLabel("Coordinates"))
        for place, box in enumerate(self.boxes):
            box.setAccessibleName(f"Coordinate on axis {place + 1}")
            box.setMinimum(1)
            box.setKeyboardTracking(False)
            box.valueChanged.connect(lambda value, place=place: self._choose(place, value))
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
        for box, axis in zip(self.boxes, self._session.axes, strict=True):
            with QSignalBlocker(box):
                box.setMaximum(max(shown.shape[1], *self._session.axes))
                box.setValue(axis)
            box.setToolTip(f"One of {shown.shape[1]} coordinates")
        with QSignalBlocker(self.turned):
            self.turned.setChecked(self._session.turned)
