"""A list of the recorded stages that shows and edits the session's stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt

from napari_twinscope.views.combo import Combo
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from napari_twinscope.rig import Session


class StageChoice(Combo):
    """The stages of the recording that is looked at."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName("Stage")
        self.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.links = Links()
        self.links.connect(session.events.stage, self._show)
        self.destroyed.connect(self.links.release)
        self.activated.connect(self._choose)
        self._show()

    def _show(self) -> None:
        with QSignalBlocker(self):
            self.clear()
            recording = self._session.recording
            for name in recording.stages if recording is not None else ():
                info = recording.stage_info(name)
                self.addItem(f"{info['label']} ({info['paper_name']})", name)
                self.setItemData(self.count() - 1, str(info["description"]), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self.findData(self._session.stage))
        self.setEnabled(self.count() > 0)

    def _choose(self, index: int) -> None:
        self._session.show_stage(self.itemData(index))
