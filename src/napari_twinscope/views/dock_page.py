"""What our docks have in common: a bench, links to the session, and a proper end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QWidget

from napari_twinscope.views.bench import bench_of
from napari_twinscope.views.dock_keys import bind_page, first_stop
from napari_twinscope.views.dock_titles import short_name, shorten_title
from napari_twinscope.views.links import Links
from napari_twinscope.views.pinned import dock_around

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qtpy.QtCore import QObject
    from qtpy.QtGui import QCloseEvent
    from qtpy.QtWidgets import QDockWidget

STYLE = """
QComboBox {{ combobox-popup: 0; }}
QPushButton:focus, QToolButton:focus {{ border: 1px solid {color}; padding: 3px; }}
QComboBox:focus, QListWidget:focus, QTreeWidget:focus, QTableView:focus {{ border: 1px solid {color}; }}
QCheckBox:focus {{ text-decoration: underline; }}
"""


class DockPage(QWidget):
    """A widget inside a dock.

    napari does not close a widget whose dock is removed, it only takes away its parent. Such a page ends
    as if it had been closed: it lets go of everything outside, and is deleted.

    Qt takes a dock that lies behind another one for visible. Such a page is hidden within its dock, so that
    ``isVisible`` says whether it can be seen, and it is shown when its tab is: pages do no work while they
    are hidden, and catch up in ``showEvent``.

    A page may put what it shows beyond the shared session into the file of a session: see `view_state`
    and `restore_view`.
    """

    def __init__(self, viewer: object) -> None:
        super().__init__()
        self.bench = bench_of(viewer)
        self.session = self.bench.session
        self.links = Links()
        self._docked = False
        self._dock: QDockWidget | None = None
        self._left = False
        self._wants_focus = False
        bind_page(self)
        self.bench.attach(self)
        self.links.connect(self.bench.viewer.events.theme, self._dress)
        self._dress()

    @property
    def name(self) -> str:
        """What the dock is called, in its title and in the file of a session; empty outside a dock."""
        dock = dock_around(self)
        return "" if dock is None else short_name(dock.objectName())

    def _dress(self) -> None:
        """Frame what the keyboard acts on, which napari's themes do not, and let lists be below their box."""
        text = get_theme(self.bench.viewer.theme).text.as_hex()
        self.setStyleSheet(STYLE.format(color=text))

    def take_focus(self) -> None:
        """Let the keyboard act on this page, as soon as it can be seen."""
        self._wants_focus = not self.isVisible()
        if not self._wants_focus:
            self.window().activateWindow()
            first_stop(self).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def view_state(self) -> dict[str, Any]:
        """Return what this dock shows beyond the session, as plain JSON values; subclasses say what.

        A mapping with a ``name`` and an absolute ``path`` names a file that is read: see `rig.saved_files`.
        """
        return {}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Show what `view_state` returned, in this version or another one.

        Called when the session is restored and the dock is open, and once more when the window has found
        its size. The values come from a file: `rig.json_fields.Fields` reads them, with a default for what
        is lacking. What needs a result that is still computed, the dock keeps until then.

        Raises
        ------
        InvalidInput
            If a value does not fit; it is shown to the user, and the rest of the session is as it was.
        """

    def leave(self) -> None:
        """Let go of everything outside this widget; subclasses add what is theirs."""
        self.links.release()
        self.bench.detach(self)

    def event(self, event: QEvent) -> bool:
        """Notice that the page was put into a dock, and that the dock was removed."""
        if event.type() == QEvent.Type.Show and self._dock is None:
            self._dock = dock_around(self)
            if self._dock is not None:
                policy = self.sizePolicy()
                policy.setRetainSizeWhenHidden(True)
                self.setSizePolicy(policy)
                self._dock.installEventFilter(self)
                shorten_title(self._dock)
        elif event.type() == QEvent.Type.ParentChange:
            if self.parent() is not None:
                self._docked = True
            elif self._docked:
                self._leave_once()
                self.deleteLater()
        done = super().event(event)
        if event.type() == QEvent.Type.Show and self._wants_focus:
            self.take_focus()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the dock behind another one and back: Qt keeps it off the window meanwhile."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Show) and watched is self._dock:
            behind = not watched.isFloating() and watched.geometry().right() < 0
            if behind != self.isHidden():
                self.setVisible(not behind)
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave."""
        self._leave_once()
        super().closeEvent(event)

    def _leave_once(self) -> None:
        if not self._left:
            self._left = True
            self.leave()
