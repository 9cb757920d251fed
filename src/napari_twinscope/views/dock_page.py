"""What our docks have in common: a bench, links to the session, and a proper end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QWidget

from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.links import Links

if TYPE_CHECKING:
    from qtpy.QtGui import QCloseEvent


class DockPage(QWidget):
    """A widget inside a dock.

    napari does not close a widget whose dock is removed, it only takes away its parent. Such a page ends
    as if it had been closed: it lets go of everything outside, and is deleted.
    """

    def __init__(self, viewer: object) -> None:
        super().__init__()
        self.bench = bench_of(viewer)
        self.session = self.bench.session
        self.links = Links()
        self._docked = False
        self._left = False
        self.bench.attach(self)

    def leave(self) -> None:
        """Let go of everything outside this widget; subclasses add what is theirs."""
        self.links.release()
        self.bench.detach(self)

    def event(self, event: QEvent) -> bool:
        """Notice that the dock was removed."""
        if event.type() == QEvent.Type.ParentChange:
            if self.parent() is not None:
                self._docked = True
            elif self._docked:
                self._leave_once()
                self.deleteLater()
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave."""
        self._leave_once()
        super().closeEvent(event)

    def _leave_once(self) -> None:
        if not self._left:
            self._left = True
            self.leave()
